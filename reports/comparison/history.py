"""In which versions a scenario's behaviour changed. What was not played, or came to nothing, is a gap, never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from portolan.conformance.judging.judge import INCONCLUSIVE
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.regressions import Side
from portolan.reports.comparison.run_pairs import Key, alike, first_partings, lines, sides
from portolan.reports.comparison.traces import Parting
from portolan.reports.load import JudgedRun
from portolan.reports.text import markdown
from portolan.reports.text.table import in_words
from portolan.reports.versions import short_versions

NOT_KNOWN = "not known"


class Point(msgspec.Struct, frozen=True):
    """What one version does: its behaviour in words, or why it is not known."""

    version: str
    behaviour: str = ""
    why_not: str = ""

    @property
    def known(self) -> bool:
        """Whether anything can be said of this version."""
        return bool(self.behaviour)


class Change(msgspec.Struct, frozen=True):
    """A change between two versions that were played. ``gap``: those between them of which nothing is known."""

    after: str
    by: str
    before: str
    now: str
    gap: tuple[str, ...] = ()


class Story(msgspec.Struct, frozen=True):
    """One scenario in the versions of one line."""

    scenario: str
    points: tuple[Point, ...]
    changes: tuple[Change, ...]


class TraceChange(msgspec.Struct, frozen=True):
    """What traces began or ceased to show between two versions, in scenarios whose behaviour is the same in both.

    ``what`` is the difference in words, ``example`` where it is first seen: in the first of the scenarios.
    """

    after: str
    by: str
    gap: tuple[str, ...]
    what: str
    scenarios: tuple[str, ...]
    example: Parting


class Line(msgspec.Struct, frozen=True):
    """The versions of one browser family with one manifest version, the oldest first, and every scenario's story.

    ``traces`` are told where they were asked for.
    """

    family: str
    manifest: str
    versions: tuple[str, ...]
    stories: tuple[Story, ...]
    traces: tuple[TraceChange, ...] = ()

    @property
    def label(self) -> str:
        """Such as ``firefox mv3``."""
        return f"{plain(self.family)} mv{plain(self.manifest)}"

    @property
    def changed(self) -> list[Story]:
        """The stories in which anything changes."""
        return [story for story in self.stories if story.changes]

    @property
    def gaps(self) -> dict[tuple[str, str], list[str]]:
        """What is not known: version and reason, with the scenarios."""
        found: dict[tuple[str, str], list[str]] = {}
        for story in self.stories:
            for point in story.points:
                if not point.known:
                    found.setdefault((point.version, point.why_not), []).append(story.scenario)
        return found


def history(runs: Iterable[JudgedRun], *, traces: bool = False) -> tuple[Line, ...]:
    """The history of each family and manifest version, in the order of their names.

    ``traces``: look at the traces too, where the behaviour is the same.
    """
    return tuple(_line(key, found, traces) for key, found in sorted(lines(runs).items()))


def _line(key: Key, runs: Sequence[JudgedRun], traces: bool) -> Line:
    versions: dict[str, list[JudgedRun]] = {}
    for run in runs:
        versions.setdefault(run.run.header.browser.version, []).append(run)
    names = short_versions(versions)
    plays = {names[version]: [(run, sides(run)) for run in found] for version, found in versions.items()}
    scenarios = dict.fromkeys(name for run in runs for name in sides(run))
    stories = tuple(_story(name, plays) for name in scenarios)
    changes = tuple(_trace_changes(scenarios, plays)) if traces else ()
    family, manifest = key
    return Line(family, manifest, tuple(names[version] for version in versions), stories, changes)


Played = list[tuple[JudgedRun, dict[str, Side]]]


def _story(name: str, versions: dict[str, Played]) -> Story:
    points = tuple(_point(version, name, runs) for version, runs in versions.items())
    return Story(plain(name), points, tuple(_changes(points)))


def _point(version: str, name: str, runs: Played) -> Point:
    whole = [side[name] for run, side in runs if not run.run.cut_off and name in side]
    seen = {each.answer for side in whole for each in side.results if each.answer != INCONCLUSIVE}
    if seen:
        return Point(version, " or ".join(sorted(in_words(answer.removeprefix("variant:")) for answer in seen)))
    if whole:
        return Point(version, why_not=" or ".join(dict.fromkeys(side.answer for side in whole)))
    return Point(version, why_not="the run was cut off" if any(run.run.cut_off for run, _ in runs) else "not played")


def _changes(points: Sequence[Point]) -> Iterator[Change]:
    known = [index for index, point in enumerate(points) if point.known]
    for one, other in pairwise(known):
        before, now = points[one], points[other]
        if before.behaviour != now.behaviour:
            gap = tuple(point.version for point in points[one + 1 : other])
            yield Change(before.version, now.version, before.behaviour, now.behaviour, gap)


Found = tuple[list[str], Parting]
"""The scenarios whose traces part in one way, and where the first of them does."""


def _trace_changes(scenarios: Iterable[str], versions: dict[str, Played]) -> Iterator[TraceChange]:
    found: dict[tuple[str, str, tuple[str, ...], str], Found] = {}
    order = list(versions)
    for name in scenarios:
        known = [(version, side) for version in order if (side := _whole(name, versions[version])).results]
        for (after, one), (by, other) in pairwise(known):
            if one.answers == other.answers and not alike(one, other):
                gap = tuple(order[order.index(after) + 1 : order.index(by)])
                for parting in first_partings(one, other):
                    what = parting.words(after, by)
                    found.setdefault((after, by, gap, what), ([], parting))[0].append(plain(name))
    for (after, by, gap, what), (names, example) in sorted(found.items(), key=lambda each: order.index(each[0][1])):
        yield TraceChange(after, by, gap, what, tuple(names), example)


def _whole(name: str, runs: Played) -> Side:
    """The plays that have a result, in runs that were not cut off."""
    plays = (each for run, side in runs if not run.run.cut_off and name in side for each in side[name].results)
    return Side(tuple(plays))


# ---- forms


def when(change: Change | TraceChange) -> str:
    """When it changed: between the two versions that were played and differ."""
    gap = f" ({', '.join(change.gap)}: {NOT_KNOWN})" if change.gap else ""
    return f"after {change.after}, by {change.by}{gap}"


def history_lines(told: Sequence[Line], *, gaps: bool = True) -> Iterator[str]:
    """The changes in words, line by line. ``gaps``: say for which versions nothing is known."""
    for line in told:
        yield f"{line.label}: {', '.join(line.versions)}"
        yield from _line_lines(line, gaps)
        yield ""


def _line_lines(line: Line, gaps: bool) -> Iterator[str]:
    if len(line.versions) < 2:
        yield "  Only one version was played: nothing can have changed."
    elif not line.changed:
        yield "  No change is known."
    for words, scenarios in _grouped(line).items():
        yield f"  {words}"
        yield from (f"    - {name}" for name in scenarios)
    if line.traces:
        yield "  The same behaviour, other traces:"
    for each in line.traces:
        yield f"    {when(each)}: {each.what}"
        yield f"      {counted(each.scenarios)}"
    if gaps and line.gaps:
        yield f"  {NOT_KNOWN}:"
        for (version, why), scenarios in line.gaps.items():
            yield f"    {version}, {plain(why)}: {counted(scenarios)}"


def _grouped(line: Line) -> dict[str, list[str]]:
    """Scenarios that changed in the same way at the same time stand together."""
    groups: dict[str, list[str]] = {}
    for story in line.changed:
        for change in story.changes:
            groups.setdefault(f"{when(change)}: {change.before} → {change.now}", []).append(story.scenario)
    return groups


def counted(scenarios: Sequence[str], most: int = 3) -> str:
    """The first of some scenarios, and how many more there are."""
    if len(scenarios) <= most:
        return ", ".join(scenarios)
    return f"{', '.join(scenarios[:most])} and {len(scenarios) - most} more"


def history_markdown(told: Sequence[Line]) -> str:
    """A table of each line: a row a scenario that changed, a column a version."""
    return "\n".join(text for line in told for text in (*_markdown(line), "")) or "Nothing was played.\n"


def _markdown(line: Line) -> Iterator[str]:
    yield f"### {markdown.escaped(line.label)}: {markdown.escaped(', '.join(line.versions))}"
    yield ""
    if not line.changed:
        yield "No change is known." if len(line.versions) > 1 else "Only one version was played."
    else:
        head = ["scenario", *map(markdown.escaped, line.versions), "changed"]
        yield from markdown.table(head, (_markdown_row(story) for story in line.changed))
    if line.traces:
        yield ""
        head = ["the same behaviour, other traces", "when", "scenarios"]
        yield from markdown.table(head, (_trace_row(each) for each in line.traces))
    if line.gaps:
        yield ""
        yield from (
            f"- {NOT_KNOWN}: {markdown.escaped(version)}, {markdown.escaped(plain(why))}: {_codes(scenarios)}"
            for (version, why), scenarios in line.gaps.items()
        )


def _markdown_row(story: Story) -> Iterator[str]:
    yield markdown.code(story.scenario)
    for point in story.points:
        yield markdown.escaped(point.behaviour or f"({NOT_KNOWN}: {point.why_not})")
    yield "; ".join(markdown.escaped(when(change)) for change in story.changes)


def _trace_row(each: TraceChange) -> tuple[str, ...]:
    return markdown.escaped(each.what), markdown.escaped(when(each)), _codes(each.scenarios)


def _codes(scenarios: Sequence[str]) -> str:
    return ", ".join(map(markdown.code, scenarios))
