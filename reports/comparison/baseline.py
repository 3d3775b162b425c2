"""A run held against a baseline: only what is worse than the baseline counts, and stale parts of the baseline are named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.diff import change_words
from portolan.reports.comparison.regressions import GRADES, Side, appeared
from portolan.reports.comparison.run_pairs import Change, digests, match, pair, sides
from portolan.reports.load import EXPECTED, INCOMPLETE, UNEXPECTED, JudgedRun
from portolan.reports.text import markdown


class Held(msgspec.Struct, frozen=True):
    """What was found: by run and change. ``alone``: runs that the baseline has no counterpart of, in a sentence."""

    worse: tuple[tuple[str, Change], ...]
    better: tuple[tuple[str, Change], ...]
    stale: tuple[str, ...]
    alone: tuple[str, ...]


def hold_against(
    baseline: Sequence[JudgedRun],
    runs: Sequence[JudgedRun],
    scenarios: Mapping[str, Scenario],
    chosen: Collection[str],
) -> Held:
    """Hold runs of the chosen scenarios against a baseline.

    What the baseline has no counterpart of stands for itself: it is worse if it is not as expected.
    """
    found = match([_only(run, chosen) for run in baseline], runs)
    new = {id(run) for run in runs}
    alone = [run for run, _ in found.alone if id(run) in new]
    held = [(after.label, each) for before, after in found.pairs for each in _changes(before, after)]
    held += [(run.label, each) for run in alone for each in _new(run)]
    return Held(
        tuple(one for one in held if one[1].kind == "worse"),
        tuple(one for one in held if one[1].kind == "fixed"),
        tuple(_stale(baseline, scenarios, held)),
        tuple(f"the baseline has no run like {run.label}: it stands for itself" for run in alone),
    )


def _only(run: JudgedRun, chosen: Collection[str]) -> JudgedRun:
    return JudgedRun(run.run, tuple(each for each in run.plays if each.play.scenario in chosen))


def _changes(before: JudgedRun, after: JudgedRun) -> Iterator[Change]:
    """What became of each scenario; one whose steps are others now is excused by nothing in the baseline."""
    now = sides(after)
    for each in pair(before, after).changes:
        unlike = each.kind == "incomparable" and now[each.scenario].results and now[each.scenario].grade
        yield (
            msgspec.structs.replace(each, kind="worse", sentence=f"other steps, and {GRADES[unlike]}")
            if unlike
            else each
        )


def _new(run: JudgedRun) -> Iterator[Change]:
    """Every scenario as one that the baseline does not have."""
    for name, side in sides(run).items():
        kind, sentence = appeared(side)
        yield Change(name, kind, "outcome", "–", side.answer, sentence)


def _stale(
    baseline: Sequence[JudgedRun], scenarios: Mapping[str, Scenario], held: Sequence[tuple[str, Change]]
) -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = {}
    for run in baseline:
        for name, side in sides(run).items():
            if why := _outdated(side, scenarios.get(name)):
                found.setdefault((name, why), []).append(run.label)
    for label, each in held:
        if each.kind == "fixed" and each.before != "–":
            why = f"the baseline has {each.before}, it is {each.after} now"
            found.setdefault((each.scenario, why), []).append(label)
    for (name, why), places in found.items():
        yield f"{plain(name)} in {', '.join(places)}: {why}"


def _outdated(before: Side, today: Scenario | None) -> str:
    if today is None:
        return "there is no such scenario today"
    return "" if today.digest in digests(before) else "it has other steps today"


def held_code(held: Held, runs: Sequence[JudgedRun]) -> int:
    """What a program is told: 3 if a run did not come to its end, 1 if anything is worse than the baseline, else 0."""
    if not runs or any(not run.whole or not run.plays for run in runs):
        return INCOMPLETE
    return UNEXPECTED if held.worse else EXPECTED


# ---- forms


def held_lines(held: Held) -> Iterator[str]:
    """What was found, in words."""
    for title, found in (("Worse than the baseline:", held.worse), ("Better than the baseline:", held.better)):
        if found:
            yield title
            yield from (f"  - in {label}: {change_words(each)}" for label, each in found)
    if not held.worse:
        yield "Nothing is worse than the baseline."
    if held.stale:
        yield "Stale in the baseline (record it anew):"
        yield from (f"  - {sentence}" for sentence in held.stale)
    yield from held.alone


def held_markdown(held: Held) -> str:
    """What was found, in Markdown."""
    rows = [("worse", *one) for one in held.worse] + [("better", *one) for one in held.better]
    lines = ["### Against the baseline", ""]
    if rows:
        head = ["", "run", "scenario", "before", "after", "why"]
        lines += [*markdown.table(head, (_row(*one) for one in rows)), ""]
    else:
        lines += ["Nothing is worse, and nothing better.", ""]
    lines += [f"- stale: {markdown.escaped(sentence)}" for sentence in held.stale]
    lines += [f"- {markdown.escaped(sentence)}" for sentence in held.alone]
    return "\n".join(lines).rstrip() + "\n"


def _row(title: str, label: str, each: Change) -> tuple[str, ...]:
    said = (each.before, each.after, plain(each.sentence, 600))
    return title, markdown.escaped(label), markdown.code(plain(each.scenario)), *map(markdown.escaped, said)


def held_data(held: Held) -> dict[str, Any]:
    """What was found, as plain data."""
    return {
        "worse": [{"run": label, **msgspec.to_builtins(each)} for label, each in held.worse],
        "better": [{"run": label, **msgspec.to_builtins(each)} for label, each in held.better],
        "stale": list(held.stale),
        "alone": list(held.alone),
    }
