"""The table where there are too many runs for words in each cell: short answers, and letters that each row explains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable
from rich.text import Text

from portolan.reports.text.table import INDENT, LEAST_CELL, LEAST_NAME, STYLES, Cell, Row, Table, in_words
from portolan.reports.text.wrapping import folded, wrapped

CELL = 5
"""Columns of the terminal for an answer: a sign and four letters."""

EDGES = 2
"""Columns of the terminal that the box takes at both sides."""

LEAST = 24
"""Columns of the terminal for a scenario's name, at least."""

SHORT: Mapping[str, str] = {
    "pass": "pass",
    "fail": "fail",
    "fail (known)": "fail",
    "not-applicable": "n/a",
    "inconclusive": "open",
    "inconclusive (known)": "open",
    "–": "–",
}
"""Answers that are known by a short word; any other gets a letter in its row."""

FAMILIES: Mapping[str, str] = {"firefox": "Fx", "chromium": "Cr"}
SIGNS: Mapping[str, str] = {"unexpected": "✗", "incomplete": "?"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LABEL = re.compile(r"(?P<family>\S+) (?P<version>\S+) mv(?P<manifest>\d+)(?: \((?P<number>\d+)\))?(?P<cut> CUT OFF)?")


def is_wide(table: Table, width: int) -> bool:
    """Whether a terminal of this width has no room for words in every cell."""
    return width < LEAST_NAME + INDENT + LEAST_CELL * len(table.columns)


def compact(table: Table, width: int = 80) -> RichTable:
    """The table for rich's console, with a narrow column a run; nothing in it is read as markup."""
    room = max(width - (CELL + 1) * len(table.columns) - EDGES, LEAST)
    shown = RichTable(box=SIMPLE_HEAD, padding=0)
    shown.add_column("scenario", no_wrap=True, width=room)
    for head in heads(table.columns):
        shown.add_column(Text(head), overflow="fold", width=CELL, vertical="top")
    for topic, rows in table.topics.items():
        shown.add_row(Text(topic, style="bold"))
        for row in rows:
            letters = letters_of(row)
            shown.add_row(_name(row, letters, room), *(_cell(cell, letters) for cell in row.cells))
        shown.add_section()
    return shown


def explanation(table: Table) -> str:
    """What the short words and heads mean, of those that are there."""
    families = [label["family"] for column in table.columns if (label := _LABEL.fullmatch(column))]
    said = [f"{FAMILIES[family]} {family}" for family in dict.fromkeys(families) if family in FAMILIES]
    answers = {cell.answer for row in table.rows for cell in row.cells}
    said += ["n/a the version lacks it"] if "not-applicable" in answers else []
    said += ["open inconclusive"] if any(answer.startswith("inconclusive") for answer in answers) else []
    said += ["fail without ✗ is known"] if "fail (known)" in answers else []
    said += ["letters are explained in their row"] if any(map(letters_of, table.rows)) else []
    return "   ".join(said)


def heads(columns: Sequence[str]) -> Iterator[str]:
    """A short head a column, in lines: the family, the version (its major part, where that is enough), the manifest."""
    found = [_LABEL.fullmatch(column) for column in columns]
    majors = [(label["family"], label["version"].split(".")[0], label["version"]) for label in found if label]
    for column, label in zip(columns, found, strict=True):
        if label is None:
            yield column
            continue
        family, version = label["family"], label["version"]
        major = version.split(".")[0]
        alone = {each for each in majors if each[:2] == (family, major)} == {(family, major, version)}
        lines = [FAMILIES.get(family, family), major if alone else version, f"mv{label['manifest']}"]
        lines += [f"({label['number']})"] if label["number"] else []
        lines += ["CUT", "OFF"] if label["cut"] else []
        yield "\n".join(lines)


def letters_of(row: Row) -> dict[str, str]:
    """The letters of a row's longer answers, in the order in which they come."""
    longer = dict.fromkeys(cell.answer for cell in row.cells if cell.answer not in SHORT and cell.mood != "incomplete")
    return {answer: LETTERS[number % len(LETTERS)] for number, answer in enumerate(longer)}


def _cell(cell: Cell, letters: Mapping[str, str]) -> Text:
    word = letters.get(cell.answer) or SHORT.get(cell.answer, "")
    return Text(SIGNS.get(cell.mood, "") + word, style=STYLES[cell.mood])


def _name(row: Row, letters: Mapping[str, str], room: int) -> Text:
    """The scenario's name, and below it what its letters mean."""
    indent = " " * INDENT
    text = Text(indent + f"\n{indent}  ".join(folded(row.scenario, room - INDENT)))
    for answer, letter in letters.items():
        first, *rest = wrapped(in_words(answer), room - INDENT - 4)
        lines = [f"{indent}  {letter} {first}", *(f"{indent}    {line}" for line in rest)]
        text.append("\n" + "\n".join(lines), style="dim")
    return text
