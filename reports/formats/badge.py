"""A badge, as SVG: how a run went, in a few words. :mod:`portolan.reports.formats.badge_json` is the same for shields.io."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree as Xml

from portolan.reports.formats import Given
from portolan.reports.load import EXPECTED, INCOMPLETE, exit_code

SUFFIX, ONE_RUN = ".svg", False

LABEL = "WebExtension ports"
COLORS = {"brightgreen": "#2f7d32", "red": "#b3261e", "lightgrey": "#5f6368"}
"""Of the names that shields.io knows, and as SVG: white text on each has a contrast of more than 4.5 to 1."""

HEIGHT, PADDING, SIZE, LETTER = 20, 6, 11, 6.6
"""Of the picture, in pixels: ``LETTER`` is a letter's width, on average; texts are fitted to it."""


class Badge(NamedTuple):
    """What a badge says: the color is a name that shields.io knows. Never only by color."""

    message: str
    color: str


def badge(given: Given) -> Badge:
    """What is said of these runs."""
    code = exit_code(given.runs)
    plays = sum(len(run.plays) for run in given.runs)
    if code == INCOMPLETE:
        return Badge("incomplete", "lightgrey")
    if code == EXPECTED:
        return Badge(f"{plays} as expected", "brightgreen")
    unexpected = sum(run.statuses["unexpected"] + len(run.unstable) for run in given.runs)
    return Badge(f"{unexpected} of {plays} unexpected", "red")


def render(given: Given) -> str:
    """The picture; a screen reader reads its title."""
    said = badge(given)
    left, right = (round(len(text) * LETTER + 2 * PADDING) for text in (LABEL, said.message))
    svg = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(left + right),
            "height": str(HEIGHT),
            "viewBox": f"0 0 {left + right} {HEIGHT}",
            "role": "img",
            "aria-label": f"{LABEL}: {said.message}",
        },
    )
    Xml.SubElement(svg, "title").text = f"{LABEL}: {said.message}"
    for x, width, color in ((0, left, "#444444"), (left, right, COLORS[said.color])):
        Xml.SubElement(svg, "rect", x=str(x), width=str(width), height=str(HEIGHT), fill=color)
    for x, width, text in ((0, left, LABEL), (left, right, said.message)):
        shown = Xml.SubElement(
            svg,
            "text",
            {
                "x": str(x + PADDING),
                "y": "14",
                "textLength": str(width - 2 * PADDING),
                "fill": "#ffffff",
                "font-family": "Verdana, DejaVu Sans, sans-serif",
                "font-size": str(SIZE),
            },
        )
        shown.text = text
    return Xml.tostring(svg, encoding="unicode") + "\n"
