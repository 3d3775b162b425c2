"""One table: a row a scenario, a column a run, grouped by topic. As text for a terminal, Markdown and plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.load import JudgedPlay, JudgedRun
from portolan.reports.text.markdown import code, escaped, row_of
from portolan.reports.text.wrapping import folded

Mood = Literal["expected", "unexpected", "incomplete", "missing"]

SIGNS: Mapping[str, str] = {"expected": "", "unexpected": "✗ ", "incomplete": "? ", "missing": ""}
STYLES: Mapping[str, str] = {"expected": "", "unexpected": "bold red", "incomplete": "yellow", "missing": "dim"}
INDENT, LEAST_NAME, LEAST_CELL = 2, 20, 17
"""Columns of the terminal: before a scenario's name, for the name, and for each answer."""

LEGEND: Mapping[str, str] = {
    "unexpected": "✗ unexpected",
    "incomplete": "? not a result",
    "missing": "– not in this run",
}
ELSEWHERE = "other scenarios"
"""The topic of what today's suite does not know."""


class Cell(msgspec.Struct, frozen=True):
    """What one run says of one scenario."""

    answer: str
    mood: Mood
    sentence: str = ""

    def __str__(self) -> str:
        return SIGNS[self.mood] + in_words(self.answer)


class Row(msgspec.Struct, frozen=True):
    """One scenario."""

    scenario: str
    cells: tuple[Cell, ...]


class Table(msgspec.Struct, frozen=True):
    """All of it: the runs' labels, and for each topic its rows."""

    columns: tuple[str, ...]
    topics: dict[str, tuple[Row, ...]]

    @property
    def rows(self) -> list[Row]:
        """The rows of all topics."""
        return [row for rows in self.topics.values() for row in rows]


def in_words(answer: str) -> str:
    """An answer as people read it; a column may be too narrow for the longest of our words in one piece."""
    for word in ("not-applicable", "harness-error", "not-run"):
        answer = answer.replace(word, word.replace("-", " "))
    return answer


MISSING = Cell("–", "missing")


def make_table(runs: Sequence[JudgedRun], scenarios: Mapping[str, Scenario]) -> Table:
    """Put runs side by side. Scenarios stand in the suite's order, unknown ones after them."""
    played = dict.fromkeys(each.play.scenario for run in runs for each in run.plays)
    order = [name for name in scenarios if name in played]
    order += [name for name in played if name not in scenarios]
    topics: dict[str, tuple[Row, ...]] = {}
    plays = [_by_scenario(run) for run in runs]
    for name in order:
        topic = topic_name(scenarios[name].topic) if name in scenarios else ELSEWHERE
        row = Row(plain(name), tuple(cell_of(each.get(name, [])) for each in plays))
        topics[topic] = (*topics.get(topic, ()), row)
    return Table(tuple(labels(runs)), topics)


def topic_name(topic: str) -> str:
    """A topic as people read it."""
    return plain(topic.replace("_", " "))


def _by_scenario(run: JudgedRun) -> dict[str, list[JudgedPlay]]:
    plays: dict[str, list[JudgedPlay]] = {}
    for each in run.plays:
        plays.setdefault(each.play.scenario, []).append(each)
    return plays


def labels(runs: Sequence[JudgedRun]) -> Iterable[str]:
    """The runs' names; runs of the same name get a number, and a cut-off run says so."""
    total, seen = Counter(run.label for run in runs), Counter[str]()
    for run in runs:
        seen[run.label] += 1
        number = f" ({seen[run.label]})" if total[run.label] > 1 else ""
        yield run.label + number + (" CUT OFF" if run.run.cut_off else "")


def cell_of(plays: Sequence[JudgedPlay]) -> Cell:
    """One cell, of all repeats of a scenario."""
    if not plays:
        return MISSING
    answers = Counter(_words(each) for each in plays)
    sentence = next((each.sentence for each in plays if each.status != "expected"), plays[0].sentence)
    if len(answers) == 1:
        return Cell(next(iter(answers)), plays[0].status, plain(sentence))
    said = ", ".join(f"{count} × {answer}" for answer, count in answers.most_common())
    moods = {each.status for each in plays}
    verdicts = {each.answer for each in plays if each.status != "incomplete"}
    mood: Mood = (
        "unexpected"
        if "unexpected" in moods or len(verdicts) > 1
        else "incomplete"
        if "incomplete" in moods
        else "expected"
    )
    return Cell(said, mood, plain(sentence))


def _words(each: JudgedPlay) -> str:
    answer = each.answer.removeprefix("variant:")
    known = each.status == "expected" and answer in ("fail", "inconclusive")
    return f"{answer} (known)" if known else answer


# ---- forms


def for_terminal(table: Table, width: int = 80) -> RichTable:
    """The table for rich's console, fitted to its width; nothing in it is read as markup."""
    names = max((cell_len(row.scenario) for row in table.rows), default=0)
    room = max(min(names, width - LEAST_CELL * len(table.columns) - INDENT), LEAST_NAME)
    shown = RichTable(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    shown.add_column("scenario", no_wrap=True)
    for column in table.columns:
        shown.add_column(Text(column), overflow="fold")
    for topic, rows in table.topics.items():
        shown.add_row(Text(topic, style="bold"))
        for row in rows:
            name = f"\n{' ' * INDENT}  ".join(folded(row.scenario, room))
            shown.add_row(Text(" " * INDENT + name), *(Text(str(cell), style=STYLES[cell.mood]) for cell in row.cells))
        shown.add_section()
    return shown


def legend(table: Table) -> str:
    """What the signs mean, of those that are there."""
    moods = {cell.mood for row in table.rows for cell in row.cells}
    return "   ".join(words for mood, words in LEGEND.items() if mood in moods)


def as_markdown(table: Table) -> str:
    """The table in Markdown, a row a scenario."""
    lines = [
        row_of(["scenario", *map(escaped, table.columns)]),
        row_of(["---"] * (len(table.columns) + 1)),
    ]
    for topic, rows in table.topics.items():
        lines.append(row_of([f"**{escaped(topic)}**", *("" for _ in table.columns)]))
        lines += [row_of([code(row.scenario), *(escaped(str(cell)) for cell in row.cells)]) for row in rows]
    return "\n".join(lines) + "\n"
