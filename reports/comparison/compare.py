"""What differs between any number of runs, grouped by cause: verdicts, variants, traces; and what got worse.

Runs are compared scenario by scenario, where their steps are the same (digest). Of runs of one family and manifest
version, each is also held against the next older one: :mod:`portolan.reports.comparison.regressions` says what is worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from portolan.conformance.trace.values import plain
from portolan.reports.comparison.differences import Group
from portolan.reports.comparison.regressions import Side
from portolan.reports.comparison.run_pairs import (
    Change,
    Pair,
    alike,
    digests,
    first_partings,
    lines,
    pair,
    played,
    sides,
)
from portolan.reports.comparison.traces import Parting
from portolan.reports.load import JudgedRun
from portolan.reports.text import markdown
from portolan.reports.text.table import labels

ANSWER_CAUSES = ("verdict", "variant")


class TraceGroup(msgspec.Struct, frozen=True):
    """Scenarios with the same answer whose traces part in the same way, from the first run to the others.

    ``example`` is of the first scenario: where they part, as the first run has it and as the others have it.
    """

    cause: str
    first: str
    others: tuple[str, ...]
    scenarios: tuple[str, ...]
    example: Parting


class Comparison(msgspec.Struct, frozen=True):
    """Everything that was found. ``pairs``: each run with the next older one of its kind.

    ``not_compared`` says, by run and reason, for which scenarios nothing can be compared; ``alike`` counts those that
    are the same in all of at least two runs, traces and all.
    """

    columns: tuple[str, ...]
    verdicts: tuple[Group, ...]
    variants: tuple[Group, ...]
    traces: tuple[TraceGroup, ...]
    pairs: tuple[tuple[str, str, Pair], ...]
    not_compared: dict[tuple[str, str], tuple[str, ...]]
    compared: int
    alike: int

    @property
    def worse(self) -> bool:
        """Whether anything got worse than in an older run."""
        return any(each.worse for _, _, each in self.pairs)


def compare(runs: Sequence[JudgedRun]) -> Comparison:
    """Compare runs, however many, of whatever browsers."""
    columns = tuple(labels(runs))
    name_of = {id(run): column for run, column in zip(runs, columns, strict=True)}
    steps = [each for line in lines(runs).values() for each in pairwise(line)]
    found = _Found(columns, [sides(run) for run in runs])
    for name in dict.fromkeys(each.play.scenario for run in runs for each in run.plays):
        found.take(name)
    return Comparison(
        columns,
        found.groups("verdict"),
        found.groups("variant"),
        found.trace_groups(),
        tuple((name_of[id(old)], name_of[id(new)], pair(old, new)) for old, new in steps),
        {key: tuple(names) for key, names in found.not_compared.items()},
        found.compared,
        found.alike,
    )


Answers = tuple[tuple[str, tuple[str, ...]], ...]
TraceKey = tuple[str, str, tuple[str, ...]]


class _Found:
    """Collects what is found, scenario by scenario."""

    def __init__(self, columns: Sequence[str], runs: Sequence[Mapping[str, Side]]) -> None:
        self.columns, self.runs = columns, runs
        self.answers: dict[str, dict[Answers, list[str]]] = {cause: {} for cause in ANSWER_CAUSES}
        self.traces: dict[TraceKey, tuple[list[str], Parting]] = {}
        self.not_compared: dict[tuple[str, str], list[str]] = {}
        self.compared = self.alike = 0

    def take(self, name: str) -> None:
        """Compare one scenario in all runs."""
        there = self._comparable(name)
        if len(there) < 2:
            return
        self.compared += 1
        classes: dict[str, dict[str, Side]] = {}
        for column, each in there.items():
            classes.setdefault(each.answer if each.results else "", {})[column] = each
        if len(classes) > 1:
            variants = all(answer.startswith("variant:") for each in there.values() for answer in each.answers)
            pattern = tuple((answer, tuple(members)) for answer, members in classes.items())
            self.answers["variant" if variants else "verdict"].setdefault(pattern, []).append(plain(name))
        parted = [self._traces(name, members) for members in classes.values()]
        self.alike += len(classes) == 1 and not any(parted)

    def _comparable(self, name: str) -> dict[str, Side]:
        """The runs that have played the same steps to their end; why the others have not is noted."""
        there = {
            column: run[name] for column, run in zip(self.columns, self.runs, strict=True) if run.get(name) is not None
        }
        steps = Counter(digest for each in there.values() for digest in digests(each))
        usual = steps.most_common(1)[0][0]
        reasons = {column: _not_comparable(there.get(column), usual) for column in self.columns}
        judged = any(each.results for column, each in there.items() if not reasons[column])
        for column, each in there.items():
            if not reasons[column] and judged and not each.results:
                reasons[column] = "not judged"
        for column, reason in reasons.items():
            if reason:
                self.not_compared.setdefault((column, reason), []).append(plain(name))
        return {column: each for column, each in there.items() if not reasons[column]}

    def _traces(self, name: str, members: Mapping[str, Side]) -> bool:
        """Compare the traces of runs that gave the same answer with the first of them; whether any parts."""
        (first, reference), *others = members.items()
        parted: dict[str, tuple[list[str], Parting]] = {}
        for column, each in others:
            if not alike(reference, each):
                for parting in first_partings(reference, each):
                    cause = parting.words(first, "the others" if len(self.columns) > 2 else column)
                    parted.setdefault(cause, ([], parting))[0].append(column)
        for cause, (columns, parting) in parted.items():
            self.traces.setdefault((cause, first, tuple(columns)), ([], parting))[0].append(plain(name))
        return bool(parted)

    def groups(self, cause: str) -> tuple[Group, ...]:
        """The scenarios whose answers differ, the largest group first."""
        groups = [Group(dict(pattern), tuple(names)) for pattern, names in self.answers[cause].items()]
        return tuple(sorted(groups, key=lambda group: -len(group.scenarios)))

    def trace_groups(self) -> tuple[TraceGroup, ...]:
        """The scenarios whose traces part, the largest group first."""
        groups = [TraceGroup(*key, tuple(names), example) for key, (names, example) in self.traces.items()]
        return tuple(sorted(groups, key=lambda group: -len(group.scenarios)))


def _not_comparable(each: Side | None, usual: str) -> str:
    if each is None:
        return "not in this run"
    if usual not in digests(each):
        return "other steps than in the other runs"
    return "" if played(each) else each.answer


# ---- in words


def comparison_lines(found: Comparison, *, most: int = 6) -> Iterator[str]:
    """The comparison in words. ``most``: how many scenarios of one trace group are named."""
    yield from _progress_lines(found)
    for title, groups in (("Verdicts", found.verdicts), ("Variants", found.variants)):
        if groups:
            yield f"{title} differ: {_scenarios(sum(len(group.scenarios) for group in groups))}"
            for group in groups:
                yield ""
                yield from (f"  {', '.join(columns)}: {answer}" for answer, columns in group.answers.items())
                yield from (f"    - {name}" for name in group.scenarios)
            yield ""
    if found.traces:
        yield "The same answer, other traces:"
        for each in found.traces:
            yield ""
            yield from _trace_lines(each, len(found.columns), most)
        yield ""
    yield from _rest_lines(found)


def _progress_lines(found: Comparison) -> Iterator[str]:
    for old, new, each in found.pairs:
        for kind, title in (("worse", "Worse"), ("fixed", "Fixed")):
            changes = [change for change in each.changes if change.kind == kind]
            if changes:
                yield f"{title} in {new} than in {old}:" if kind == "worse" else f"{title} in {new}, since {old}:"
                for change in changes:
                    yield f"    - {plain(change.scenario)}: {change.before} → {change.after} ({change.sentence})"
                yield ""


def _trace_lines(group: TraceGroup, columns: int, most: int) -> Iterator[str]:
    others = "all others" if 1 < len(group.others) == columns - 1 else ", ".join(group.others)
    yield f"  {group.cause}{f' ({group.first} and {others})' if columns > 2 else ''}"
    names = [*group.scenarios[:most], *([f"and {len(group.scenarios) - most} more"] if group.scenarios[most:] else [])]
    yield from (f"    - {name}" for name in names)
    yield f"    {group.example.actor} in {group.scenarios[0]}, by step {group.example.step + 1}:"
    yield f"      {group.first}: {group.example.left}"
    yield f"      {group.others[0]}: {group.example.right}"


def _rest_lines(found: Comparison) -> Iterator[str]:
    if found.not_compared:
        yield "Not compared:"
        for (column, reason), names in found.not_compared.items():
            yield f"    {column}, {reason}: {', '.join(names[:5])}{f' and {len(names) - 5} more' if names[5:] else ''}"
        yield ""
    yield _last_line(found)


def _last_line(found: Comparison) -> str:
    return f"{_scenarios(found.compared)} compared, {found.alike} the same in every run that has them, traces and all"


def _scenarios(count: int) -> str:
    return "1 scenario" if count == 1 else f"{count} scenarios"


def comparison_markdown(found: Comparison) -> str:
    """The comparison in Markdown: a table for each cause."""
    return "\n".join(_markdown(found)).rstrip() + "\n"


def _markdown(found: Comparison) -> Iterator[str]:
    for old, new, each in found.pairs:
        changes = [change for change in each.changes if change.kind in ("worse", "fixed")]
        if changes:
            yield from (f"### {markdown.escaped(f'{old} → {new}')}", "")
            head = ["", "scenario", "before", "after", "why"]
            yield from markdown.table(head, map(_progress_row, changes))
            yield ""
    for title, groups in (("Verdicts differ", found.verdicts), ("Variants differ", found.variants)):
        if groups:
            yield from (f"### {title}", "")
            yield from markdown.table(["scenario", *map(markdown.escaped, found.columns)], _answer_rows(found, groups))
            yield ""
    if found.traces:
        yield from ("### The same answer, other traces", "")
        yield from markdown.table(["what", "from", "to", "scenarios"], map(_trace_row, found.traces))
        yield ""
    for (column, reason), names in found.not_compared.items():
        yield f"- not compared: {markdown.escaped(column)}, {markdown.escaped(reason)}: {', '.join(map(markdown.code, names))}"
    yield from ("", _last_line(found))


def _progress_row(change: Change) -> tuple[str, ...]:
    said = (change.before, change.after, change.sentence)
    return change.kind, markdown.code(plain(change.scenario)), *(markdown.escaped(plain(text)) for text in said)


def _answer_rows(found: Comparison, groups: Sequence[Group]) -> Iterator[Sequence[str]]:
    for group in groups:
        answer_of = {column: answer for answer, columns in group.answers.items() for column in columns}
        cells = [markdown.escaped(answer_of.get(column, "–")) for column in found.columns]
        yield from ([markdown.code(name), *cells] for name in group.scenarios)


def _trace_row(group: TraceGroup) -> tuple[str, ...]:
    others = ", ".join(group.others)
    names = ", ".join(map(markdown.code, group.scenarios))
    return markdown.escaped(group.cause), markdown.escaped(group.first), markdown.escaped(others), names
