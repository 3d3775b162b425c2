"""The page of causes: by what an end of a port goes, and what the other end hears of it, in each browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.trace.values import plain
from portolan.reports.html.evidence import Door
from portolan.reports.html.matrix import SIGNS, Column, kind_of
from portolan.reports.html.scenarios import browsers
from portolan.reports.load import JudgedRun
from portolan.reports.text.table import cell_of, in_words

NAME = re.compile(r"end_by_(\w+)_at_the_(opener|receiver)")
SIDES = ("opener", "receiver")

ELSEWHERE: Mapping[str, str] = {
    "end_by_frame_of_another_site_removed_at_the_opener": "the_openers_frame_is_removed",
    "end_by_tab_closed_at_the_opener": "the_openers_tab_is_closed",
    "end_by_page_navigated_at_the_opener": "a_page_with_an_open_port_is_navigated_away_and_comes_back",
    "end_by_extension_reloaded_at_the_receiver": "another_extension_is_reloaded_with_a_port_open",
    "end_by_own_extension_reloaded_at_the_receiver": "the_extension_is_reloaded_with_a_port_open",
}
"""What has no scenario of this name, as another one shows it already, in words of its own."""


class CauseAnswer(msgspec.Struct, frozen=True):
    """What some browsers answered. ``browsers`` is empty where all that were asked say the same."""

    sign: str
    kind: str
    words: str
    browsers: str
    door: str
    unexpected: bool


class CauseLine(msgspec.Struct, frozen=True):
    """One cause, with the answers for each of SIDES; none where it was not played."""

    cause: str
    sides: tuple[tuple[CauseAnswer, ...], ...]


def cause_page(runs: Sequence[JudgedRun], columns: Sequence[Column], door: Door) -> tuple[CauseLine, ...]:
    """A line for each cause that was played, in the suite's order."""
    letters: dict[str, str] = {}
    return tuple(
        CauseLine(
            plain(cause.replace("_", " ")),
            tuple(tuple(_answers(_scenario(cause, side), runs, columns, letters, door)) for side in SIDES),
        )
        for cause in _causes(runs)
    )


def _causes(runs: Sequence[JudgedRun]) -> list[str]:
    played = dict.fromkeys(each.play.scenario for run in runs for each in run.plays)
    return list(dict.fromkeys(found[1] for name in played if (found := NAME.fullmatch(name))))


def _scenario(cause: str, side: str) -> str:
    name = f"end_by_{cause}_at_the_{side}"
    return ELSEWHERE.get(name, name)


def _answers(
    name: str, runs: Sequence[JudgedRun], columns: Sequence[Column], letters: dict[str, str], door: Door
) -> Iterator[CauseAnswer]:
    """The distinct answers, the commonest first. ``letters``: one for each variant of the whole page."""
    groups: dict[tuple[str, str, bool], list[int]] = {}
    asked = 0
    for run, column in zip(runs, columns, strict=True):
        cell = cell_of(run.of(name))
        if cell.mood != "missing":
            asked += 1
            key = kind_of(cell), in_words(cell.answer), cell.mood == "unexpected"
            groups.setdefault(key, []).append(column.index)
    for (kind, words, unexpected), who in sorted(groups.items(), key=lambda group: -len(group[1])):
        letter = letters.setdefault(words, chr(ord("a") + min(len(letters), 7))) if kind == "variant" else ""
        said = browsers(columns, who) if len(who) < asked or asked < len(columns) else ""
        looks = f"{kind} v{letter}" if letter else kind
        yield CauseAnswer(SIGNS[kind], looks, plain(words), said, door(name, who[0]), unexpected)
