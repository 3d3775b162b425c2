"""What differs between browsers: scenarios with the same pattern of answers stand together."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from portolan.reports.text.table import Cell, Table, in_words


class Group(msgspec.Struct, frozen=True):
    """Scenarios that divide the runs in the same way: each answer with the runs that gave it."""

    answers: dict[str, tuple[str, ...]]
    scenarios: tuple[str, ...]


class Differences(msgspec.Struct, frozen=True):
    """All groups, the largest first, and how many scenarios were compared at all."""

    groups: tuple[Group, ...]
    compared: int

    @property
    def scenarios(self) -> int:
        """How many scenarios differ."""
        return sum(len(group.scenarios) for group in self.groups)


def differences(table: Table) -> Differences:
    """Compare the runs of a table. What is no result, or not in a run, is not compared."""
    grouped: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    compared = 0
    for row in table.rows:
        answers: dict[str, list[str]] = {}
        for column, cell in zip(table.columns, row.cells, strict=True):
            if _tells(cell):
                answers.setdefault(_plain_answer(cell), []).append(column)
        compared += sum(map(len, answers.values())) > 1
        if len(answers) > 1:
            pattern = tuple((answer, tuple(columns)) for answer, columns in answers.items())
            grouped.setdefault(pattern, []).append(row.scenario)
    groups = [Group(dict(pattern), tuple(names)) for pattern, names in grouped.items()]
    groups.sort(key=lambda group: -len(group.scenarios))
    return Differences(tuple(groups), compared)


def _tells(cell: Cell) -> bool:
    return cell.mood in ("expected", "unexpected")


def _plain_answer(cell: Cell) -> str:
    """The answer itself: that it was known beforehand makes no difference."""
    return cell.answer.removesuffix(" (known)")


def difference_lines(found: Differences, columns: int) -> Iterator[str]:
    """The differences in words."""
    if columns < 2:
        return
    if not found.compared:
        yield "Nothing can be compared: no scenario has a result in two of the runs."
        return
    if not found.groups:
        yield f"No differences: {_count(found.compared)} the same everywhere."
        return
    yield f"Differences: {found.scenarios} of {_count(found.compared)}"
    for group in found.groups:
        yield ""
        yield from (f"  {', '.join(columns)}: {in_words(answer)}" for answer, columns in group.answers.items())
        yield from (f"    - {name}" for name in group.scenarios)


def _count(scenarios: int) -> str:
    return "1 scenario" if scenarios == 1 else f"{scenarios} scenarios"
