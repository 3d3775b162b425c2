"""The table of scenarios and runs, in its forms; and what differs between the runs."""

from __future__ import annotations

import io
from collections.abc import Callable

import msgspec
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording, Run
from portolan.reports.comparison.differences import difference_lines, differences
from portolan.reports.load import JudgedRun, judge_run
from portolan.reports.text.table import Cell, Row, Table, as_markdown, cell_of, for_terminal, legend, make_table
from portolan.reports.text.wrapping import folded, wrapped


def shown(table: Table, width: int = 80) -> str:
    file = io.StringIO()
    Console(file=file, width=width, markup=False, highlight=False, emoji=False).print(for_terminal(table, width))
    return file.getvalue()


@pytest.fixture
def table(judged: Callable[..., JudgedRun], scenarios: dict[str, Scenario]) -> Table:
    """Good runs, one with a bug, one with faults, one that is cut off and lacks a scenario."""
    runs = [
        judged("firefox"),
        judged("chromium"),
        judged("chromium", bugs=["loses-last-message"]),
        judged("firefox", bugs=["goes-silent"]),
        judged("firefox", names=["a_greeting"], cut_off=True),
    ]
    return make_table(runs, scenarios)


@pytest.mark.parametrize("width", [80, 140])
def test_it_looks_like_this(table: Table, width: int, snapshot: object) -> None:
    assert shown(table, width) == snapshot


def test_it_fits(table: Table) -> None:
    for width in (60, 80, 100, 200):
        assert max(map(len, shown(table, width).splitlines())) <= width


def test_columns_are_told_apart(table: Table) -> None:
    assert table.columns == (
        "firefox 153.7.0 mv3 (1)",
        "chromium 156.0 mv3 (1)",
        "chromium 156.0 mv3 (2)",
        "firefox 153.7.0 mv3 (2)",
        "firefox 153.7.0 mv3 (3) CUT OFF",
    )


def test_markdown_can_be_read_back(table: Table) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(as_markdown(table))
    cells = ["".join(part.content for part in token.children or ()) for token in tokens if token.type == "inline"]
    assert cells[: len(table.columns) + 1] == ["scenario", *table.columns]
    assert "a_greeting" in cells
    assert "".join(token.type for token in tokens).count("tr_open") == 1 + len(table.topics) + len(table.rows)


def test_signs_are_explained(table: Table) -> None:
    assert legend(table) == "✗ unexpected   ? not a result   – not in this run"
    assert legend(Table((), {})) == ""


def test_cells(judged: Callable[..., JudgedRun]) -> None:
    good, bad = judged().of("a_greeting"), judged(bugs=["loses-last-message"]).of("a_greeting")
    silent = judged(bugs=["goes-silent"]).of("a_greeting")
    assert str(cell_of(good * 3)) == "pass"
    assert str(cell_of(bad)) == "✗ fail"
    assert str(cell_of(silent)) == "? timeout"
    assert str(cell_of([])) == "–"
    assert str(cell_of([*good, *good, *bad])) == "✗ 2 × pass, 1 × fail"
    assert str(cell_of([*good, *silent])) == "? 1 × pass, 1 × timeout"
    known = msgspec.structs.replace(bad[0], status="expected")
    assert str(cell_of([known])) == "fail (known)"


def test_unknown_scenarios_come_last(
    played: Callable[..., Recording], make_run: Callable[..., Run], scenarios: dict[str, Scenario]
) -> None:
    play = msgspec.structs.replace(played("a_greeting"), scenario="of_yesterday")
    run = judge_run(make_run(play, played("a_lifetime")), scenarios, Expectations())
    table = make_table([run], scenarios)
    assert list(table.topics) == ["life times", "other scenarios"]
    assert str(table.rows[-1].cells[0]) == "? not judged"


def test_differences(table: Table, snapshot: object) -> None:
    assert "\n".join(difference_lines(differences(table), len(table.columns))) == snapshot


def table_of(*rows: tuple[str, ...]) -> Table:
    cells = [
        Row(name, tuple(Cell(answer, "missing" if answer == "–" else "expected") for answer in answers))
        for name, *answers in rows
    ]
    return Table(tuple("ABC"[: len(rows[0]) - 1]), {"topic": tuple(cells)})


def test_differences_are_grouped_by_who_says_what() -> None:
    found = differences(
        table_of(
            ("one", "x", "y", "x"),
            ("two", "pass", "pass", "pass"),
            ("three", "x", "y", "x"),
            ("four", "fail (known)", "fail", "x"),
        )
    )
    assert found.compared == 4
    assert found.scenarios == 3
    assert found.groups[0].scenarios == ("one", "three")
    assert found.groups[0].answers == {"x": ("A", "C"), "y": ("B",)}
    assert found.groups[1].answers == {"fail": ("A", "B"), "x": ("C",)}


def test_what_is_not_there_is_not_compared() -> None:
    found = differences(table_of(("one", "x", "–"), ("two", "–", "–")))
    assert list(difference_lines(found, 2)) == ["Nothing can be compared: no scenario has a result in two of the runs."]
    assert list(difference_lines(differences(table_of(("one", "x", "x"))), 2)) == [
        "No differences: 1 scenario the same everywhere."
    ]
    assert list(difference_lines(found, 1)) == []


def test_hostile_runs_are_harmless(
    played: Callable[..., Recording],
    make_run: Callable[..., Run],
    scenarios: dict[str, Scenario],
    hostile: str,
    harmless: Callable[[str], bool],
) -> None:
    plays = [
        msgspec.structs.replace(played("a_greeting"), scenario=hostile, outcome="crash", reason=hostile),
        msgspec.structs.replace(played("a_greeting"), scenario="x" * 1_000_000),
        msgspec.structs.replace(played("a_greeting"), lacking=hostile),
    ]
    runs = [
        judge_run(make_run(*plays, browser=Browser(hostile, hostile)), scenarios, Expectations()),
        judge_run(make_run(), scenarios, Expectations()),
    ]
    table = make_table(runs, scenarios)
    assert harmless(shown(table))
    assert harmless(as_markdown(table))
    assert len(as_markdown(table)) < 20_000
    html = MarkdownIt("commonmark").enable("table").render(as_markdown(table))
    assert "<b>" not in html
    assert "<a " not in html
    assert harmless("\n".join(difference_lines(differences(table), 2)))


def test_text_is_wrapped_by_cells() -> None:
    assert wrapped("世界 世界 abc", 6) == ["世界", "世界", "abc"]
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]
    assert wrapped("", 10) == [""]
    assert folded("one_of_two_receivers", 12) == ["one_of_two_", "receivers"]
    assert folded("short", 12) == ["short"]
