"""Two runs, the older and the newer one: of each scenario what became of it. ``diff``, ``compare`` and baselines use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from portolan.conformance.trace.recording import Recording
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.regressions import Kind, Side, appeared, change
from portolan.reports.comparison.traces import Parting, normal, partings
from portolan.reports.load import JudgedPlay, JudgedRun
from portolan.reports.versions import version_key

Cause = Literal["verdict", "variant", "trace", "outcome", ""]
"""In what two plays of a scenario differ; ``outcome``: only one of them has a result."""

KINDS: tuple[Kind, ...] = ("worse", "fixed", "changed", "new", "gone", "incomparable", "same")
VARIANT = "variant:"


class Change(msgspec.Struct, frozen=True):
    """What became of one scenario. ``partings``: where its traces part, if that is all that differs."""

    scenario: str
    kind: Kind
    cause: Cause
    before: str
    after: str
    sentence: str = ""
    partings: tuple[Parting, ...] = ()


class Pair(msgspec.Struct, frozen=True):
    """Two runs and what became of each scenario. ``ordered``: one is older and can get worse."""

    before: JudgedRun
    after: JudgedRun
    changes: tuple[Change, ...]
    ordered: bool = True

    def of(self, kind: Kind) -> list[Change]:
        """The changes of one kind."""
        return [each for each in self.changes if each.kind == kind]

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return any(each.kind == "worse" for each in self.changes)


def sides(run: JudgedRun) -> dict[str, Side]:
    """The plays of a run, by scenario."""
    plays: dict[str, list[JudgedPlay]] = {}
    for each in run.plays:
        plays.setdefault(each.play.scenario, []).append(each)
    return {name: Side(tuple(found)) for name, found in plays.items()}


def pair(before: JudgedRun, after: JudgedRun) -> Pair:
    """Compare a run with an older one."""
    return Pair(before, after, tuple(_changes(before, after)))


def _changes(before: JudgedRun, after: JudgedRun) -> Iterable[Change]:
    old, new = sides(before), sides(after)
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield _gone(name, old[name], after)
        elif name not in old:
            kind, sentence = appeared(new[name])
            yield Change(name, kind, "outcome", "–", new[name].answer, sentence)
        else:
            yield compare_sides(name, old[name], new[name])


def _gone(name: str, before: Side, after: JudgedRun) -> Change:
    if not after.whole and before.results:
        return Change(name, "worse", "outcome", before.answer, "–", "the run ended before it came to this scenario")
    return Change(name, "gone", "outcome", before.answer, "–")


def compare_sides(name: str, before: Side, after: Side) -> Change:
    """What became of a scenario that both runs have."""
    told = (before.answer, after.answer)
    if digests(before).isdisjoint(digests(after)):
        return Change(name, "incomparable", "", *told, "its steps are not the same in both runs")
    if unjudged := [each for each in (before, after) if each.unjudged]:
        return _by_traces_alone(name, before, after, unjudged[0])
    kind, sentence = change(before, after)
    if kind == "incomparable":
        return Change(name, kind, "", *told, sentence)
    if before.answers != after.answers:
        return Change(name, kind, cause_of(before, after), *told, sentence)
    found = () if alike(before, after) else first_partings(before, after)
    if kind == "same" and found:
        return Change(name, "changed", "trace", *told, partings=found)
    return Change(name, kind, "trace" if found else "" if kind == "same" else "outcome", *told, sentence, found)


def _by_traces_alone(name: str, before: Side, after: Side, unjudged: Side) -> Change:
    """Neither can be judged today; what was recorded can be compared."""
    why = unjudged.sentence
    if not (played(before) and played(after)):
        return Change(name, "incomparable", "", before.answer, after.answer, why)
    found = () if alike(before, after) else first_partings(before, after)
    kind: Kind = "changed" if found else "same"
    return Change(
        name, kind, "trace" if found else "", before.answer, after.answer, f"by the traces alone: {why}", found
    )


def digests(each: Side) -> set[str]:
    """Which steps were played."""
    return {one.play.digest for one in each.plays}


def played(each: Side) -> list[Recording]:
    """The plays that came to their end."""
    return [one.play for one in each.plays if one.play.outcome == "ok"]


def cause_of(before: Side, after: Side) -> Cause:
    """In what two sides with other answers differ."""
    if not (before.results and after.results):
        return "outcome"
    return "variant" if all(answer.startswith(VARIANT) for answer in before.answers | after.answers) else "verdict"


def alike(one: Side, other: Side) -> bool:
    """Whether a trace of the one is, in its normal form, a trace of the other: repeats of a run may differ."""
    forms = [normal(play) for play in played(one)]
    return any(normal(play) in forms for play in played(other))


def first_partings(one: Side, other: Side) -> tuple[Parting, ...]:
    """Where the first play of each part."""
    return tuple(partings(played(one)[0], played(other)[0]))


# ---- which runs belong together

Key = tuple[str, ...]
Keyed = Callable[[JudgedRun], Key]


class Matched(msgspec.Struct, frozen=True):
    """The runs of two sides, in pairs; and those of either side that have no counterpart, each with the reason."""

    pairs: tuple[tuple[JudgedRun, JudgedRun], ...]
    alone: tuple[tuple[JudgedRun, str], ...]


def match(before: Sequence[JudgedRun], after: Sequence[JudgedRun]) -> Matched:
    """Find each run's counterpart.

    It has the same family, version and manifest version; else the same family and manifest version, in the order of
    versions, where as many are left on both sides.
    """
    pairs: list[tuple[JudgedRun, JudgedRun]] = []
    left, right = list(before), list(after)
    for key in (_exact, line_of):
        left, right = _match_by(key, left, right, pairs)
    order = {id(run): index for index, run in enumerate(before)}
    pairs.sort(key=lambda each: order[id(each[0])])
    alone = [(run, f"{_called(run)} is only in the older runs") for run in left]
    alone += [(run, f"{_called(run)} is only in the newer runs") for run in right]
    return Matched(tuple(pairs), tuple(alone))


def _match_by(
    key: Keyed, left: Sequence[JudgedRun], right: Sequence[JudgedRun], pairs: list[tuple[JudgedRun, JudgedRun]]
) -> tuple[list[JudgedRun], list[JudgedRun]]:
    """Pair those that have the same key, and as many on both sides; give back the rest of each."""
    lefts, rights = _grouped(left, key), _grouped(right, key)
    for name in [name for name in lefts if name in rights]:
        if len(lefts[name]) == len(rights[name]):
            pairs += zip(lefts.pop(name), rights.pop(name), strict=True)
    return [run for runs in lefts.values() for run in runs], [run for runs in rights.values() for run in runs]


def _grouped(runs: Iterable[JudgedRun], key: Keyed) -> dict[Key, list[JudgedRun]]:
    groups: dict[Key, list[JudgedRun]] = {}
    for run in in_order(runs):
        groups.setdefault(key(run), []).append(run)
    return groups


def in_order(runs: Iterable[JudgedRun]) -> list[JudgedRun]:
    """The older before the newer, by version, then by when they began."""
    return sorted(runs, key=lambda run: (version_key(run.run.header.browser.version), run.run.header.started))


def line_of(run: JudgedRun) -> Key:
    """What runs must have in common to be older and newer: the family and the manifest version."""
    return run.run.header.browser.family, str(run.run.header.manifest)


def _exact(run: JudgedRun) -> Key:
    return (*line_of(run), run.run.header.browser.version)


def _called(run: JudgedRun) -> str:
    return f"{run.label} ({plain(run.run.path)})"


def lines(runs: Iterable[JudgedRun]) -> Mapping[Key, list[JudgedRun]]:
    """The runs of each family and manifest version, the older before the newer."""
    return _grouped(runs, line_of)
