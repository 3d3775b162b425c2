"""The table where there are many runs: it fits, tells columns apart, and explains its letters."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from portolan.reports.text.compact_table import compact, explanation, heads, is_wide, letters_of
from portolan.reports.text.table import Cell, Row, Table

SEVEN = ("firefox 115.14.0", "firefox 140.15.0", "firefox 153.7.0", "firefox 159.0", "chromium 120.0.1",
         "chromium 150.0.2", "chromium 156.0.3")  # fmt: skip
COLUMNS = tuple(f"{name} mv{manifest}" for name in SEVEN for manifest in (2, 3))


def a_table(*answers: Cell, columns: tuple[str, ...] = COLUMNS, name: str = "one_of_two_receiving_frames_is") -> Table:
    cells = (*answers, *[Cell("pass", "expected")] * (len(columns) - len(answers)))
    return Table(columns, {"broadcast": (Row(name, cells),)})


def shown(table: Table, width: int = 120) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width, markup=False, highlight=False, emoji=False).print(compact(table, width))
    return file.getvalue().splitlines()


def test_words_in_cells_where_there_is_room() -> None:
    assert is_wide(a_table(), 120)
    assert not is_wide(a_table(columns=COLUMNS[:3]), 120)
    assert is_wide(a_table(columns=COLUMNS[:4]), 80)


def test_fourteen_columns_fit_into_a_terminal_of_120() -> None:
    name = "a_scenario_of_a_name_that_is_longer_than_any_that_there_is"
    answer = Cell("is there for as long as anybody, however unlikely that is, listens", "unexpected")
    lines = shown(a_table(answer, Cell("fail", "unexpected"), name=name))
    assert max(map(len, lines)) <= 120
    assert not any("…" in line for line in lines)
    row = next(line for line in lines if "a_scenario" in line)
    assert row.split()[1:] == ["✗A", "✗fail", *["pass"] * 12]
    text = " ".join(" ".join(lines).split())
    assert "A is there for as long as" in text


def test_heads_are_short_and_tell_columns_apart() -> None:
    assert list(heads(COLUMNS))[:2] == ["Fx\n115\nmv2", "Fx\n115\nmv3"]
    found = list(
        heads(["chromium 156.0.3 mv3", "chromium 156.0.4 mv3", "servo 1.2 mv3", "firefox 9.0 mv2 (2) CUT OFF"])
    )
    assert found == ["Cr\n156.0.3\nmv3", "Cr\n156.0.4\nmv3", "servo\n1\nmv3", "Fx\n9\nmv2\n(2)\nCUT\nOFF"]
    assert list(heads(["something else"])) == ["something else"]


def test_each_row_explains_its_letters() -> None:
    row = a_table(
        Cell("dies", "expected"), Cell("lives", "expected"), Cell("dies", "expected"), Cell("timeout", "incomplete"),
        Cell("not-applicable", "expected"), Cell("–", "missing"), Cell("fail (known)", "expected"),
    )  # fmt: skip
    assert letters_of(row.rows[0]) == {"dies": "A", "lives": "B"}
    lines = shown(row)
    told = next(line for line in lines if "one_of" in line).split()[1:8]
    assert told == ["A", "B", "A", "?", "n/a", "–", "fail"]
    assert any(line.strip() == "A dies" for line in lines)
    assert explanation(row) == (
        "Fx firefox   Cr chromium   n/a the version lacks it   fail without ✗ is known   letters are explained in their row"
    )
    assert explanation(a_table(columns=("servo 1.2 mv3",))) == ""


@pytest.mark.parametrize("hostile", ["[red]x[/red]", "宽" * 40, "x" * 300])
def test_nothing_is_markup_and_nothing_overflows(hostile: str) -> None:
    lines = shown(a_table(Cell(hostile, "expected"), name=hostile))
    assert max(map(cell_len, lines)) <= 120
    assert hostile[:8] in "".join(lines)
