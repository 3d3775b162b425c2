"""The page of pairs: which kind of context reaches which, a matrix for each behaviour that browsers have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.trace.values import plain
from portolan.reports.html.evidence import Door
from portolan.reports.html.matrix import Column
from portolan.reports.html.scenarios import browsers
from portolan.reports.knowledge.reachability import (
    CONNECTS,
    NO_RESULT,
    NOBODY,
    NOT_APPLICABLE,
    PREFIX,
    REFUSED,
    Matrix,
    Pair,
    matrices,
)
from portolan.reports.load import JudgedRun

PAIR_SIGNS: Mapping[str, tuple[str, str]] = {
    CONNECTS: ("●", "pass"),
    NOBODY: ("○", "not-applicable"),
    REFUSED: ("✗", "fail"),
    NOT_APPLICABLE: ("n/a", "missing"),
    NO_RESULT: ("⚠", "trouble"),
}
"""How each answer is shown: its sign, and the class of its cell."""


class PairBox(msgspec.Struct, frozen=True):
    """One cell. ``differs``: another matrix has another answer there; an empty sign: there is no such pair."""

    sign: str
    kind: str
    words: str
    door: str
    differs: bool


class PairLine(msgspec.Struct, frozen=True):
    """One opener and what came of its calls at each receiver."""

    opener: str
    boxes: tuple[PairBox, ...]


class PairTable(msgspec.Struct, frozen=True):
    """The pairs of all browsers in which they are the same."""

    browsers: str
    receivers: tuple[str, ...]
    lines: tuple[PairLine, ...]


def pair_page(runs: Sequence[JudgedRun], columns: Sequence[Column], door: Door) -> tuple[PairTable, ...]:
    """A table for each distinct matrix."""
    by_label = {matrix.label: matrix for matrix in matrices(runs)}
    groups: dict[tuple[object, ...], list[int]] = {}
    found: dict[tuple[object, ...], Matrix] = {}
    for run, column in zip(runs, columns, strict=True):
        matrix = by_label.get(run.label)
        if matrix is not None:
            key = (matrix.openers, matrix.receivers, matrix.pairs)
            groups.setdefault(key, []).append(column.index)
            found[key] = matrix
    scenarios = _scenarios(runs)
    differing = set(_differing(list(found.values())))
    return tuple(
        PairTable(
            browsers(columns, who),
            tuple(map(plain, found[key].receivers)),
            tuple(_line(found[key], opener, who[0], scenarios, differing, door) for opener in found[key].openers),
        )
        for key, who in groups.items()
    )


def _scenarios(runs: Sequence[JudgedRun]) -> dict[str, str]:
    """For each opener the scenario in which it is one."""
    names: dict[str, str] = {}
    for run in runs:
        for each in run.plays:
            name = each.play.scenario
            if name.startswith(PREFIX) and name not in names.values():
                alone = JudgedRun(run.run, (each,))
                names |= {opener: name for matrix in matrices([alone]) for opener in matrix.openers}
    return names


def _differing(found: Sequence[Matrix]) -> Iterator[tuple[str, str]]:
    """The pairs that not all matrices say the same of; a play without a result says nothing."""
    said: dict[tuple[str, str], set[Pair]] = {}
    for matrix in found:
        for pair in matrix.pairs:
            if NO_RESULT in pair.answers:
                continue
            said.setdefault((pair.opener, pair.receiver), set()).add(pair)
    return (place for place, pairs in said.items() if len(pairs) > 1)


def _line(
    matrix: Matrix,
    opener: str,
    column: int,
    scenarios: Mapping[str, str],
    differing: set[tuple[str, str]],
    door: Door,
) -> PairLine:
    address = door(scenarios.get(opener, ""), column)
    pairs = {pair.receiver: pair for pair in matrix.pairs if pair.opener == opener}
    boxes = []
    for receiver in matrix.receivers:
        pair = pairs.get(receiver)
        if pair is None:
            boxes.append(PairBox("", "missing", "", "", False))
            continue
        sign, kind = PAIR_SIGNS.get(pair.answer, ("≈", "mixed"))
        differs = (opener, receiver) in differing and NO_RESULT not in pair.answers
        ways = f" by {', '.join(pair.ways)}" if pair.ways else ""
        boxes.append(PairBox(sign, kind, plain(pair.answer + ways), address, differs))
    return PairLine(plain(opener), tuple(boxes))
