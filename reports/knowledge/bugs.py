"""Known bugs in the browsers of stored runs: present, absent, or not known, from what was seen of each bug."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.judging.bugs import Bug, Shown, State
from portolan.conformance.judging.judge import FAIL, PASS, VARIANT
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.knowledge.claims import is_real
from portolan.reports.load import JudgedPlay, JudgedRun
from portolan.reports.text.prose import check_phrase


class Sighting(msgspec.Struct, frozen=True):
    """Whether one browser has a bug, and what that was seen by: each scenario that showed it, with its verdict."""

    state: State
    evidence: tuple[str, ...] = ()


class BugRow(msgspec.Struct, frozen=True):
    """One bug, and what the runs say of it, by the runs' labels in their order."""

    bug: Bug
    sightings: dict[str, Sighting]


def bug_rows(bugs: Iterable[Bug], runs: Sequence[JudgedRun]) -> list[BugRow]:
    """Every bug with its state in each browser. Plays of a fake browser say nothing."""
    plays: dict[str, list[JudgedPlay]] = {}
    for run in runs:
        plays.setdefault(run.label, []).extend(run.plays if is_real(run) else ())
    return [BugRow(bug, {label: sighting(bug, of_one) for label, of_one in plays.items()}) for bug in bugs]


def sighting(bug: Bug, plays: Sequence[JudgedPlay]) -> Sighting:
    """What the plays of one browser say of a bug: absent only where none of them shows it, and each tells."""
    told = [(each, shown.state(verdict_of(each))) for each in plays if (shown := bug.by(each.play.scenario))]
    states = {state for _, state in told}
    state: State = "present" if "present" in states else "absent" if states == {"absent"} else "not known"
    wanted = [each for each, one in told if one == state]
    return Sighting(state, tuple(dict.fromkeys(f"{plain(each.play.scenario)}: {each.answer}" for each in wanted)))


def verdict_of(each: JudgedPlay) -> str | None:
    """The verdict of a play; None where there is none."""
    return each.judgement.verdict if each.judgement else None


def shown_by(scenario: Scenario, each: JudgedPlay) -> Shown:
    """What counts as reproduced for a scenario that shows no known bug: that a check fails, or what is known of the browser."""
    known = [each.expected.verdict] if each.expected and each.expected.verdict != PASS else []
    present = tuple(dict.fromkeys([FAIL, *known]))
    verdicts = [PASS, *(VARIANT + variant.id for point in scenario.open_points for variant in point.variants)]
    if (verdict := verdict_of(each)) and verdict.startswith(VARIANT):
        verdicts.append(verdict)
    return Shown(scenario.name, present, tuple(one for one in verdicts if one not in present))


def verdict_lines(verdicts: Iterable[str], scenario: Scenario) -> Iterator[str]:
    """Verdicts in words: of a variant its name, and what is seen where it is."""
    variants = {variant.id: variant for point in scenario.open_points for variant in point.variants}
    for verdict in verdicts:
        name = verdict.removeprefix(VARIANT)
        if verdict == PASS:
            yield "every check holds"
        elif verdict == FAIL:
            yield "a check does not hold"
        else:
            seen = [variants[id] for id in name.split(" + ") if id in variants]
            phrase = f" ({check_phrase(seen[0].check)})" if len(seen) == 1 else ""
            yield plain(" + ".join(variant.title for variant in seen) or name) + phrase


def bug_lines(row: BugRow) -> Iterator[str]:
    """One bug in words."""
    yield f"{row.bug.id}: {row.bug.says}"
    yield f"  {row.bug.address}"
    if not row.sightings:
        yield "  not known: no run is given, and portolan-results has none"
    for label, seen in row.sightings.items():
        proof = f" ({'; '.join(seen.evidence)})" if seen.evidence else ""
        yield f"  {label}: {seen.state}{proof}"


def bug_data(row: BugRow) -> Mapping[str, object]:
    """One bug as plain data."""
    return {
        **msgspec.to_builtins(row.bug),
        "states": {label: msgspec.to_builtins(seen) for label, seen in row.sightings.items()},
    }
