"""The proof that a check can fail: a bug of the fake, else a mutation of the good trace, that makes it not hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import msgspec

from portolan.conformance.checks.checks import AllOf, AnyCheck
from portolan.conformance.language.discovery import suite
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.values import tag
from portolan.runners.fake import Bug, FakeBrowser
from portolan.runners.fake.bugs import OUTCOMES
from portolan.runners.session.extensions import Family

BROWSERS: tuple[tuple[Family, int], ...] = (("chromium", 3), ("firefox", 3), ("firefox", 2))
BOTH: tuple[tuple[Family, int], ...] = BROWSERS[:2]
"""Where checks are proven: Firefox's two manifest versions differ in what can be stopped, and in the names of a few APIs."""

JUDGED = sorted(set(Bug) - OUTCOMES)
"""The bugs whose plays are judged."""

SCENARIOS = suite()
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@cache
def play(name: str, family: Family, manifest: int = 3, bug: Bug | None = None, *, eager: bool = False) -> Recording:
    """One play of a scenario of the suite."""
    return FakeBrowser(family, manifest, [bug] if bug else [], eager=eager).play(BY_NAME[name])


_proofs: Counter[Bug] = Counter()
_played: dict[str, set[Bug]] = {}


def likely_first(name: str) -> Iterator[Bug]:
    """Every judged bug: those that the scenario was played with already, then those that have proven most elsewhere.

    What is asked of them is whether there is one: which is found does not matter, only how many plays it takes.
    """
    played = _played.setdefault(name, set())
    for bug in sorted(JUDGED, key=lambda bug: (bug not in played, -_proofs[bug])):
        played.add(bug)
        yield bug


def proves(bug: Bug) -> None:
    """Keep that this bug was one: others will be tried with it soon."""
    _proofs[bug] += 1


def about(bug: Bug, scenarios: Iterable[Scenario] = SCENARIOS) -> list[Scenario]:
    """Every scenario, those first whose words are the bug's."""
    words = _words(f"{bug} {bug.meaning}")
    return sorted(scenarios, key=lambda each: -len(words & _words_of(each.name)))


@cache
def _words_of(name: str) -> frozenset[str]:
    each = BY_NAME[name]
    return _words(f"{name} {each.title} {each.topic}")


def _words(text: str) -> frozenset[str]:
    """The words of a text, without their endings."""
    return frozenset(word[:5] for word in re.findall(r"[a-z]{4,}", text.lower()))


@dataclass(frozen=True)
class Part:
    """One check of a scenario, or one part of it that must hold by itself. ``whole`` is the check that it belongs to."""

    scenario: str
    where: str
    check: AnyCheck
    whole: AnyCheck

    def __str__(self) -> str:
        return f"{self.scenario}: {self.where}"


def parts_of(scenario: Scenario) -> Iterator[Part]:
    """Every check of a scenario; of one that asks for several things at once, each of them."""
    for number, expectation in enumerate(scenario.requirements, 1):
        yield from _split(scenario.name, f"expectation {number}", expectation.check, expectation.check)
    for point in scenario.open_points:
        for variant in point.variants:
            yield from _split(scenario.name, f"variant “{variant.id}”", variant.check, variant.check)


def _split(scenario: str, where: str, check: AnyCheck, whole: AnyCheck) -> Iterator[Part]:
    if isinstance(check, AllOf):
        for number, part in enumerate(check.parts, 1):
            yield from _split(scenario, f"{where}, part {number}", part, whole)
    else:
        yield Part(scenario, where, check, whole)


def where(name: str) -> tuple[tuple[Family, int], ...]:
    """The browsers in which a scenario is proven: of the newest manifest version, if it applies to any of them."""
    return BOTH if any(not play(name, family, manifest).lacking for family, manifest in BOTH) else BROWSERS[2:]


def good_plays(part: Part) -> list[tuple[tuple[Family, int], Recording]]:
    """The plays without a bug in which the whole check holds, and the browsers."""
    plays = [(browser, play(part.scenario, *browser)) for browser in where(part.scenario)]
    return [(browser, each) for browser, each in plays if not each.lacking and part.whole.judge(each).holds]


def breaking_bugs(part: Part, browser: tuple[Family, int]) -> Iterator[Bug]:
    """The bugs that make it not hold, in plays that are judged."""
    for bug in likely_first(part.scenario):
        broken = play(part.scenario, *browser, bug)
        if broken.outcome == "ok" and not broken.lacking and part.check.judge(broken).holds is False:
            proves(bug)
            yield bug


def ways_to_hold(part: Part) -> Iterator[str]:
    """The plays in which the whole check holds, by browser and bug."""
    for family, manifest in where(part.scenario):
        for bug in (None, *likely_first(part.scenario)):
            each = play(part.scenario, family, manifest, bug)
            if each.outcome == "ok" and not each.lacking and part.whole.judge(each).holds:
                yield f"{family} with {bug or 'no bug'}"


# ---- mutations: what a trace could look like that no bug makes

STRANGE = tag("text", length=1, hash="0", start="something else")


def mutations(good: Recording) -> Iterator[tuple[str, Recording]]:
    """The good trace with one event dropped, doubled, changed, or moved to another step; each with its name."""
    for at, event in enumerate(good.events):
        yield f"without {event.key}", _with(good, at)
        yield f"{event.key} twice", _with(good, at, event, event)
        for name, changed in _changes(good, event):
            yield f"{event.key} {name}", _with(good, at, changed)


def breaking_mutations(part: Part, good: Recording) -> Iterator[str]:
    """The mutations of a good trace that make it not hold."""
    return (name for name, mutated in mutations(good) if part.check.judge(mutated).holds is False)


def _changes(good: Recording, event: Event) -> Iterator[tuple[str, Event]]:
    replace = msgspec.structs.replace
    yield "with another value", replace(event, value=STRANGE)
    yield "with an error", replace(event, error={"message": "error"}, last_error={"message": "error"})
    yield "without an error", replace(event, error=msgspec.UNSET, last_error=msgspec.UNSET)
    yield "in the first step", replace(event, step=0)
    yield "in the last step", replace(event, step=len(good.steps) - 1)


def _with(good: Recording, at: int, *events: Event) -> Recording:
    return msgspec.structs.replace(good, events=(*good.events[:at], *events, *good.events[at + 1 :]))
