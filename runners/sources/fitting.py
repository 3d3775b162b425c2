"""Which driver drives which browser, and what to say if one does not."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from packaging.version import InvalidVersion, Version

from portolan.runners.sources.base import Kind, Tool

OLDEST: Mapping[Kind, str] = {"geckodriver": "0.36.0", "firefox": "115.0"}
"""The oldest version that serves: geckodriver has the switch for system access since this one, and drives no older Firefox."""


class Support(msgspec.Struct, frozen=True):
    """From this geckodriver on, until the next line of the table: the first and last major version of Firefox (0: all)."""

    geckodriver: str
    first: int
    last: int = 0


GECKODRIVERS: tuple[Support, ...] = (
    Support("0.34.0", 115),
    Support("0.32.0", 102, 120),
    Support("0.31.0", 91, 120),
    Support("0.30.0", 78, 90),
    Support("0.26.0", 60, 90),
    Support("0.25.0", 57, 90),
    Support("0.21.0", 57, 79),
)
"""Newest first. Source: Mozilla's "Supported platforms" (firefox-source-docs.mozilla.org/testing/geckodriver/Support.html)
and common/geckodriver/geckodriver-support.json in selenium's repository. The former asks for Firefox 128 from 0.36.0 on, the
latter for 115; with 0.37.1 sessions, add-ons and system access were seen to work in Firefox 115.14."""

FIRST_FIREFOX = GECKODRIVERS[0].first
"""The oldest Firefox that a geckodriver which serves can drive."""


def mismatch(browser: Tool, driver: Tool) -> str:
    """In half a sentence, what this driver drives and which one fits, if it does not drive this browser; "" if it does."""
    if driver.kind == "chromedriver":
        fits = browser.major == driver.major
        return "" if fits else f"it drives Chromium {driver.major} alone; give a chromedriver {browser.major}"
    line, major = _line(driver.version), _major(browser.version)
    if line is None or _drives(line, major):
        return ""
    drives = f"Firefox {line.first} {f'to {line.last}' if line.last else 'and newer'}"
    return f"it drives {drives}; {_fitting(major)}"


def too_old(kind: Kind, version: str) -> str:
    """In half a sentence, why a version is too old to serve; "" if it is not."""
    oldest = OLDEST.get(kind)
    if oldest is None or not older(version, oldest):
        return ""
    why = f": {_fitting(_major(version))}" if kind == "firefox" else ""
    return f"is version {version}, but {oldest} is the oldest that serves{why}"


def _fitting(major: int) -> str:
    """In half a sentence, which geckodriver drives a major version of Firefox."""
    oldest = OLDEST["geckodriver"]
    for newer, line in zip((None, *GECKODRIVERS), GECKODRIVERS, strict=False):
        if _drives(line, major) and newer is None:
            return f"give a geckodriver {oldest} or newer"
        if newer is not None and _drives(line, major):
            return f"Firefox {major} needs a geckodriver from {line.geckodriver} on that is older than {newer.geckodriver}, and {oldest} is the oldest that serves"
    return f"no geckodriver is known to drive Firefox {major}"


def older(version: str, than: str) -> bool:
    """Whether a version is older than another; what is no version is not."""
    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False


def _line(geckodriver: str) -> Support | None:
    return next((line for line in GECKODRIVERS if not older(geckodriver, line.geckodriver)), None)


def _drives(line: Support, major: int) -> bool:
    return line.first <= major and (not line.last or major <= line.last)


def _major(version: str) -> int:
    first = version.split(".")[0]
    return int(first) if first.isdigit() else 0
