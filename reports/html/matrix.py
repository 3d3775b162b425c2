"""The matrix: scenarios by topic, and what each run says of them. Columns by family, manifest version and version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from portolan.conformance.language.scenario import NAME, Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.load import JudgedPlay, JudgedRun
from portolan.reports.text.table import ELSEWHERE, Cell, cell_of, in_words, make_table, topic_name
from portolan.reports.versions import short_versions, version_key

WIDE = 6
"""From so many columns on, cells have signs and letters only, and each row a key to its letters."""

SIGNS: Mapping[str, str] = {
    "pass": "✓",
    "fail": "✗",
    "variant": "",
    "not-applicable": "n/a",
    "inconclusive": "?",
    "mixed": "≈",
    "trouble": "⚠",
    "missing": "·",
}
WORDS: Mapping[str, str] = {
    "pass": "pass",
    "fail": "fail",
    "variant": "a variant: browsers may differ, and this is what was seen",
    "not-applicable": "not applicable: the browser lacks what the scenario needs",
    "inconclusive": "inconclusive: the trace cannot tell",
    "mixed": "repeats came to different verdicts",
    "trouble": "no result: the play itself went wrong; nothing is said about the browser",
    "missing": "not in this run",
}
FAMILIES: Mapping[str, str] = {"firefox": "Firefox", "chromium": "Chromium"}


class Column(msgspec.Struct, frozen=True):
    """One run. ``short`` is as much of its version as tells it from the family's others."""

    index: int
    family: str
    version: str
    short: str
    manifest: int
    label: str
    file: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def browser(self) -> str:
        """The family as people write it."""
        return FAMILIES.get(self.family, self.family)

    @property
    def group(self) -> str:
        """The family with the manifest version, as a heading over its versions."""
        return f"{self.browser} MV{self.manifest}"


class Box(msgspec.Struct, frozen=True):
    """One cell of the matrix: a kind (a key of SIGNS), what is written in it, and the trace behind it."""

    kind: str
    answer: str
    letter: str
    known: bool
    mood: str
    trace: int | None = None

    @property
    def sign(self) -> str:
        """What a narrow cell shows."""
        return self.letter or SIGNS[self.kind]


class MatrixRow(msgspec.Struct, frozen=True):
    """One scenario: ``anchor`` is where its own page is. ``letters`` is the key to its variants."""

    name: str
    anchor: str
    title: str
    boxes: tuple[Box, ...]
    letters: tuple[tuple[str, str], ...]


class Group(msgspec.Struct, frozen=True):
    """Columns that stand together: one family with one manifest version."""

    label: str
    family: str
    count: int


def sorted_runs(runs: Sequence[JudgedRun]) -> list[JudgedRun]:
    """The runs as columns: Firefox first, then by manifest version and version."""

    def rank(run: JudgedRun) -> tuple[object, ...]:
        browser = run.run.header.browser
        families = list(FAMILIES)
        family = families.index(browser.family) if browser.family in families else len(families)
        return family, browser.family, run.run.header.manifest, version_key(browser.version), run.run.path

    return sorted(runs, key=rank)


def columns_of(runs: Sequence[JudgedRun]) -> tuple[Column, ...]:
    """A column a run."""
    labels = make_table(runs, {}).columns
    versions: dict[str, set[str]] = {}
    for run in runs:
        versions.setdefault(run.run.header.browser.family, set()).add(run.run.header.browser.version)
    short = {family: short_versions(found) for family, found in versions.items()}
    return tuple(
        _column(index, run, label, short[run.run.header.browser.family][run.run.header.browser.version])
        for index, (run, label) in enumerate(zip(runs, labels, strict=True))
    )


def _column(index: int, run: JudgedRun, label: str, short: str) -> Column:
    header, footer = run.run.header, run.run.footer
    notes = ["cut off: what is here is not all of it"] if run.run.cut_off else []
    notes += [f"ended early: {plain(footer.ended)}"] if footer and footer.ended else []
    notes += [f"the verdict of {plain(name)} changes between repeats" for name in run.unstable]
    facts = {
        "build": header.browser.build,
        "got from": header.browser.source,
        "driver": header.browser.driver,
        "system": header.system,
        "suite": " ".join(filter(None, (header.suite, header.commit))),
        "begun": header.started,
        "plays": str(len(run.plays)),
    }
    told = tuple((name, plain(value)) for name, value in facts.items() if value)
    file = plain(run.run.path.rpartition("/")[2])
    family, version = plain(header.browser.family, 40), plain(header.browser.version, 40)
    return Column(index, family, version, short, header.manifest, label, file, tuple(notes), told)


def groups_of(columns: Sequence[Column]) -> tuple[Group, ...]:
    """The columns' first row of headings."""
    return tuple(
        Group(group, family, len(list(each)))
        for (group, family), each in groupby(columns, key=lambda column: (column.group, column.family))
    )


def matrix_of(
    runs: Sequence[JudgedRun], scenarios: Mapping[str, Scenario], traces: Mapping[str, Mapping[int, int]]
) -> dict[str, tuple[MatrixRow, ...]]:
    """The rows of each topic. ``traces``: for each scenario, the number of the trace of a column."""
    topics: dict[str, tuple[MatrixRow, ...]] = {}
    number = 0
    played = played_scenarios(runs, scenarios)
    plays = [_by_name(run) for run in runs]
    for topic, names in played.items():
        rows = []
        for name in names:
            number += 1
            cells = [cell_of(each.get(name, [])) for each in plays]
            rows.append(_row(name, number, cells, scenarios.get(name), traces.get(name, {})))
        topics[topic] = tuple(rows)
    return topics


def played_scenarios(runs: Sequence[JudgedRun], scenarios: Mapping[str, Scenario]) -> dict[str, list[str]]:
    """What was played, by topic, in the suite's order."""
    played = dict.fromkeys(each.play.scenario for run in runs for each in run.plays)
    topics: dict[str, list[str]] = {}
    for name in [*(name for name in scenarios if name in played), *(name for name in played if name not in scenarios)]:
        topic = topic_name(scenarios[name].topic) if name in scenarios else ELSEWHERE
        topics.setdefault(topic, []).append(name)
    return topics


def _by_name(run: JudgedRun) -> dict[str, list[JudgedPlay]]:
    plays: dict[str, list[JudgedPlay]] = {}
    for each in run.plays:
        plays.setdefault(each.play.scenario, []).append(each)
    return plays


def anchor_of(name: str, number: int) -> str:
    """Where a scenario's page is: its name, if it is one."""
    return f"scenario/{name}" if NAME.fullmatch(name) and len(name) <= 200 else f"scenario/-{number}"


def _row(
    name: str, number: int, cells: Sequence[Cell], scenario: Scenario | None, traces: Mapping[int, int]
) -> MatrixRow:
    letters: dict[str, str] = {}
    boxes = []
    for column, cell in enumerate(cells):
        kind = kind_of(cell)
        answer = in_words(cell.answer.removesuffix(" (known)"))
        letter = letters.setdefault(answer, _letter(len(letters))) if kind == "variant" else ""
        known = cell.answer.endswith(" (known)")
        boxes.append(Box(kind, plain(answer), letter, known, cell.mood, traces.get(column)))
    key = tuple((letter, plain(answer)) for answer, letter in letters.items())
    title = plain(scenario.title) if scenario else ""
    return MatrixRow(plain(name), anchor_of(name, number), title, tuple(boxes), key)


def _letter(index: int) -> str:
    """As many as the style sheet has; a key says what each one means in its row."""
    return chr(ord("a") + min(index, 7))


def kind_of(cell: Cell) -> str:
    """What kind of answer a cell has: a key of SIGNS."""
    answer = cell.answer.removesuffix(" (known)")
    if cell.mood == "missing":
        return "missing"
    if re.match(r"\d+ × ", answer):
        return "mixed"
    if answer in ("pass", "fail", "not-applicable", "inconclusive"):
        return answer
    return "trouble" if cell.mood == "incomplete" else "variant"
