"""The pages about the documentation and about time: claims, contradictions, and what changed between versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import msgspec

from portolan.conformance.judging.claims import Claim
from portolan.conformance.judging.contradictions import Contradiction
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.history import NOT_KNOWN, Line, Point, Story, history, when
from portolan.reports.html.matrix import FAMILIES, Column
from portolan.reports.html.scenarios import browsers
from portolan.reports.knowledge.claims import ClaimRow, ClaimVerdict, claim_rows, count_line, speaks_of
from portolan.reports.knowledge.contradictions import contradiction_rows
from portolan.reports.load import JudgedRun

Door = Callable[[str, int], str]
"""Where the trace of a scenario in a column is, as an address in the document; empty where there is none."""

CLAIM_SIGNS: Mapping[str, tuple[str, str]] = {
    "holds": ("✓", "pass"),
    "does not hold": ("✗", "fail"),
    "holds in part": ("◐", "mixed"),
    "not applicable": ("n/a", "not-applicable"),
    "not judged": ("·", "missing"),
}
"""How each verdict on a claim is shown: its sign, and the class of its cell."""


class ClaimBox(msgspec.Struct, frozen=True):
    """What one run says of one claim, or ``width`` runs next to each other by the same trace.

    ``aside``: the claim is not said of this browser.
    """

    word: str
    sign: str
    kind: str
    door: str
    aside: bool
    refuted: bool
    width: int = 1


class ClaimLine(msgspec.Struct, frozen=True):
    """One claim in all runs, and the scenarios that test it: name and address."""

    claim: Claim
    boxes: tuple[ClaimBox, ...]
    scenarios: tuple[tuple[str, str], ...]


class ClaimPage(msgspec.Struct, frozen=True):
    """All claims by the page that makes them, and how many there are."""

    sources: tuple[tuple[str, tuple[ClaimLine, ...]], ...]
    count: str


def claim_page(
    claims: Mapping[str, Claim],
    scenarios: Mapping[str, Scenario],
    runs: Sequence[JudgedRun],
    columns: Sequence[Column],
    door: Door,
) -> tuple[ClaimPage, Mapping[str, ClaimRow]]:
    """The page of the claims, and its rows by id."""
    rows = claim_rows(claims, scenarios, runs)
    lines = [_claim_line(row, runs, columns, door) for row in rows]
    sources = tuple(
        (title, tuple(each)) for title, each in groupby(lines, key=lambda line: _page_title(line.claim.source))
    )
    return ClaimPage(sources, count_line(rows)), {row.claim.id: row for row in rows}


def _page_title(source: str) -> str:
    address = source.partition("#")[0].rstrip("/")
    return plain(address.partition("WebExtensions/")[2] or address.removeprefix("https://"), 200)


def _claim_line(row: ClaimRow, runs: Sequence[JudgedRun], columns: Sequence[Column], door: Door) -> ClaimLine:
    boxes = (
        (column.group, _claim_box(row, run, row.verdicts[run.label], column, door))
        for run, column in zip(runs, columns, strict=True)
    )
    joined = tuple(msgspec.structs.replace(box, width=len(list(same))) for (_, box), same in groupby(boxes))
    scenarios = tuple((plain(name), door(name, -1)) for name in row.scenarios)
    return ClaimLine(row.claim, joined, scenarios)


def _claim_box(row: ClaimRow, run: JudgedRun, verdict: ClaimVerdict, column: Column, door: Door) -> ClaimBox:
    sign, kind = CLAIM_SIGNS[verdict.word]
    proving = [*verdict.failing, *verdict.holding]
    aside = not speaks_of(row.claim.browsers, run.label)
    refuted = verdict.word == "does not hold" and not aside
    address = next((found for name in proving if (found := door(name, column.index))), "")
    return ClaimBox(verdict.word, sign, kind, address, aside and verdict.word != "not judged", refuted)


# ---- contradictions


class AnswerLine(msgspec.Struct, frozen=True):
    """Browsers that give the same answer by the same evidence."""

    answer: str
    browsers: str
    evidence: tuple[tuple[str, str], ...]


class ContradictionPart(msgspec.Struct, frozen=True):
    """One contradiction and who is on which side."""

    contradiction: Contradiction
    answers: tuple[AnswerLine, ...]


def contradiction_page(
    contradictions: Mapping[str, Contradiction],
    rows: Mapping[str, ClaimRow],
    runs: Sequence[JudgedRun],
    columns: Sequence[Column],
    door: Door,
) -> tuple[ContradictionPart, ...]:
    """Every contradiction with its answers, the same ones together."""
    parts = []
    for row in contradiction_rows(contradictions, rows, runs):
        groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for run, column in zip(runs, columns, strict=True):
            answer = row.answers[run.label]
            groups.setdefault((str(answer), answer.evidence), []).append(column.index)
        answers = tuple(
            AnswerLine(answer, browsers(columns, who), tuple(_evidence(text, who[0], door) for text in evidence))
            for (answer, evidence), who in groups.items()
        )
        parts.append(ContradictionPart(row.contradiction, answers))
    return tuple(parts)


def _evidence(text: str, column: int, door: Door) -> tuple[str, str]:
    """A piece of evidence, and where it can be looked at."""
    name, colon, _ = text.partition(": ")
    claim = text.partition(" ")[0]
    return plain(text, 400), (door(name, column) if colon else f"claim/{claim}")


# ---- history


class Span(msgspec.Struct, frozen=True):
    """Versions next to each other that do the same, or of which nothing is known for the same reason."""

    width: int
    text: str
    known: bool
    letter: str
    door: str


class StoryLine(msgspec.Struct, frozen=True):
    """One scenario over the versions of a line."""

    name: str
    anchor: str
    spans: tuple[Span, ...]
    changes: tuple[str, ...]


class HistoryPart(msgspec.Struct, frozen=True):
    """One family and manifest version: what changed, how much did not, and where nothing is known."""

    label: str
    versions: tuple[str, ...]
    changed: tuple[StoryLine, ...]
    steady: int
    gaps: tuple[tuple[str, str, tuple[str, ...]], ...]


def history_page(runs: Sequence[JudgedRun], columns: Sequence[Column], door: Door) -> tuple[HistoryPart, ...]:
    """The history of each family and manifest version."""
    return tuple(_part(line, columns, door) for line in history(runs))


def _part(line: Line, columns: Sequence[Column], door: Door) -> HistoryPart:
    indexes = [
        column.index for column in columns if (column.family, str(column.manifest)) == (line.family, str(line.manifest))
    ]
    places = dict(zip(line.versions, indexes, strict=False)) if len(indexes) == len(line.versions) else {}
    changed = tuple(_story(story, places, door) for story in line.changed)
    gaps = tuple((version, plain(why), tuple(names)) for (version, why), names in line.gaps.items())
    family = FAMILIES.get(line.family, plain(line.family))
    label = f"{family} MV{plain(str(line.manifest))}"
    return HistoryPart(label, line.versions, changed, len(line.stories) - len(changed), gaps)


def _story(story: Story, places: Mapping[str, int], door: Door) -> StoryLine:
    letters: dict[str, str] = {}
    spans = []
    for (known, text), points in groupby(story.points, key=_said):
        each = list(points)
        letter = letters.setdefault(text, chr(ord("a") + len(letters) % 5)) if known else ""
        spans.append(Span(len(each), text, known, letter, door(story.scenario, places.get(each[0].version, -1))))
    changes = tuple(f"{when(change)}: {change.before} → {change.now}" for change in story.changes)
    return StoryLine(story.scenario, door(story.scenario, -1), tuple(spans), changes)


def _said(point: Point) -> tuple[bool, str]:
    return point.known, point.behaviour if point.known else f"{NOT_KNOWN}: {plain(point.why_not)}"
