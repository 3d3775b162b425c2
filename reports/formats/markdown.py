"""Markdown, for people: the table, what is not as expected, what differs, what changed between versions.

Made for a CI's step summary too, which shows at most 1 MiB: a longer text is cut, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from portolan.conformance.trace.values import plain
from portolan.reports.comparison.differences import differences
from portolan.reports.comparison.history import history, history_markdown
from portolan.reports.formats import Given
from portolan.reports.load import JudgedRun, exit_code
from portolan.reports.text import markdown
from portolan.reports.text.table import Table, as_markdown, in_words, legend, make_table

SUFFIX, ONE_RUN = ".md", False

MOST_BYTES = 1_000_000
"""GitHub's limit for one step's summary is 1 MiB."""

CUT = "\n\n… and more: the summary was cut, as it would have been too long.\n"
HEADLINES = {
    0: "All as expected",
    1: "Something was unexpected",
    3: "Incomplete: this is no result",
}


def render(given: Given) -> str:
    """All of it, as one document."""
    text = "\n".join(_document(given)).rstrip() + "\n"
    encoded = text.encode()
    if len(encoded) <= MOST_BYTES:
        return text
    return encoded[:MOST_BYTES].decode(errors="ignore").rpartition("\n")[0] + CUT


def _document(given: Given) -> Iterator[str]:
    table = make_table(given.runs, given.scenarios)
    yield f"## WebExtension ports: {HEADLINES[exit_code(given.runs)].lower()}"
    yield ""
    yield from _runs(given.runs)
    yield from _troubles(given.runs)
    yield from _differences(table)
    for line in history(given.runs):
        if len(line.versions) > 1:
            yield history_markdown([line])
    yield "### All scenarios"
    yield ""
    yield as_markdown(table)
    yield markdown.escaped(legend(table))


def _runs(runs: tuple[JudgedRun, ...]) -> Iterator[str]:
    yield from markdown.table(
        ["run", "plays", "as expected", "unexpected", "not a result", ""],
        (
            [
                markdown.escaped(run.label),
                str(len(run.plays)),
                *(str(run.statuses[status]) for status in ("expected", "unexpected", "incomplete")),
                "**cut off**" if run.run.cut_off else "" if run.whole else "**ended early**",
            ]
            for run in runs
        ),
    )
    yield ""


def _troubles(runs: tuple[JudgedRun, ...]) -> Iterator[str]:
    rows = [
        (
            markdown.code(plain(each.play.scenario)),
            markdown.escaped(run.label),
            f"{'✗' if each.status == 'unexpected' else '?'} {markdown.escaped(in_words(each.answer))}",
            markdown.escaped(plain(each.sentence, 600)),
        )
        for run in runs
        for each in run.plays
        if each.status != "expected"
    ]
    if rows:
        yield from ("### Not as expected", "")
        yield from markdown.table(["scenario", "run", "answer", "why"], rows)
        yield ""


def _differences(table: Table) -> Iterator[str]:
    found = differences(table)
    if found.groups:
        yield from ("### What differs", "")
        for group in found.groups:
            for answer, columns in group.answers.items():
                yield f"- {markdown.escaped(', '.join(columns))}: **{markdown.escaped(in_words(answer))}**"
            yield f"  - {', '.join(map(markdown.code, group.scenarios))}"
            yield ""
