"""Two sides, before and after: what is new, worse, fixed, changed, gone, and what cannot be compared.

A side is one run or the runs of a folder; each run is held against its counterpart of the other side
(:func:`portolan.reports.comparison.run_pairs.match`). The engine is that of :mod:`portolan.reports.comparison.compare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.trace.values import plain
from portolan.reports.comparison.regressions import Kind
from portolan.reports.comparison.run_pairs import Change, Pair, match, pair
from portolan.reports.load import JudgedRun
from portolan.reports.text import markdown

TITLES: Mapping[Kind, str] = {
    "worse": "Worse",
    "fixed": "Fixed",
    "changed": "Changed",
    "new": "New",
    "gone": "Gone",
    "incomparable": "Cannot be compared",
}
"""What is told, in this order."""

NO_PAIRS = "Nothing can be compared: no run has a counterpart. To see browsers side by side: portolan compare."

MOST_PARTINGS = 3
"""How many places are told where the traces of one scenario part."""


class Diff(msgspec.Struct, frozen=True):
    """All pairs of runs, and the runs that have no counterpart, each with the reason in a sentence."""

    pairs: tuple[Pair, ...]
    alone: tuple[tuple[JudgedRun, str], ...]

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return any(each.worse for each in self.pairs)

    @property
    def compared(self) -> int:
        """How many scenarios could be compared, over all pairs."""
        kinds = ("worse", "fixed", "changed", "same")
        return sum(each.kind in kinds for one in self.pairs for each in one.changes)


def diff(before: Sequence[JudgedRun], after: Sequence[JudgedRun]) -> Diff:
    """Hold every run against its counterpart."""
    found = match(before, after)
    return Diff(tuple(pair(*each) for each in found.pairs), found.alone)


def counterpart(one: Pair) -> str:
    """The two runs of a pair, in words."""
    before, after = one.before.label, one.after.label
    return f"{after}, before and after" if before == after else f"{before} → {after}"


# ---- forms


def diff_lines(found: Diff) -> Iterator[str]:
    """The differences in words, line by line."""
    for one in found.pairs:
        yield f"{counterpart(one)}: {counts(one)}"
        for kind, title in TITLES.items():
            if changes := one.of(kind):
                yield f"  {title}:"
                yield from (f"    {line}" for each in changes for line in _change_lines(each))
        yield ""
    yield from (sentence for _, sentence in found.alone)
    if not found.pairs:
        yield NO_PAIRS


def counts(one: Pair) -> str:
    """How many of each kind."""
    said = [f"{len(found)} {kind}" for kind in (*TITLES, "same") if (found := one.of(kind))]
    return ", ".join(said).replace("incomparable", "not comparable") or "nothing was played"


def _change_lines(each: Change) -> Iterator[str]:
    yield f"- {change_words(each)}"
    for parting in each.partings[:MOST_PARTINGS]:
        yield f"    {parting.words('the older', 'the newer')} ({parting.actor}, by step {parting.step + 1})"
        yield f"      older: {parting.left}"
        yield f"      newer: {parting.right}"
    if len(each.partings) > MOST_PARTINGS:
        yield f"    and {len(each.partings) - MOST_PARTINGS} more places"


def change_words(each: Change) -> str:
    """What became of one scenario, on one line."""
    answers = each.before if each.before == each.after else f"{each.before} → {each.after}"
    trace = "another trace" if each.cause == "trace" else ""
    why = "; ".join(part for part in (trace, plain(each.sentence, 600)) if part)
    return f"{plain(each.scenario)}: {answers}{f' ({why})' if why else ''}"


def diff_markdown(found: Diff) -> str:
    """A table for each pair of runs."""
    lines = [line for one in found.pairs for line in (*_markdown(one), "")]
    lines += [f"- {markdown.escaped(sentence)}" for _, sentence in found.alone]
    lines += [] if found.pairs else ["", NO_PAIRS]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(one: Pair) -> Iterator[str]:
    yield f"### {markdown.escaped(counterpart(one))}"
    yield ""
    yield f"{counts(one)}"
    rows = [(title, each) for kind, title in TITLES.items() for each in one.of(kind)]
    if rows:
        yield ""
        yield from markdown.table(
            ["", "scenario", "before", "after", "why"], (_row(title, each) for title, each in rows)
        )


def _row(title: str, each: Change) -> tuple[str, ...]:
    parted = [parting.words("the older", "the newer") for parting in each.partings[:MOST_PARTINGS]]
    why = "; ".join(part for part in (plain(each.sentence, 600), *parted) if part)
    name = markdown.code(plain(each.scenario))
    return title, name, markdown.escaped(each.before), markdown.escaped(each.after), markdown.escaped(why)
