"""Finds what makes no sense in the checks of a scenario: what nothing could satisfy, or nothing could break."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from portolan.conformance.checks.checks import AllOf, AnyCheck, AnyOf, Compared, Field, InOrder, Times
from portolan.conformance.checks.patterns import ANYTHING, NOTHING, SOMETHING, TESTS, Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.arguments import did_you_mean
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.steps import Settle


class KnownNames(Protocol):
    """The ports and listeners of a scenario."""

    ports: set[str]
    listeners: set[str]

    def has_port(self, name: str) -> bool:
        """Whether the scenario has this port."""

    def has_listener(self, name: str) -> bool:
        """Whether the scenario has this listener."""


def validate_checks(scenario: Scenario, names: KnownNames, actors: Collection[str]) -> None:
    """Raise ScenarioError for the first check that makes no sense."""
    checks = [each.check for each in scenario.requirements]
    checks += [variant.check for point in scenario.open_points for variant in point.variants]
    if scenario.observation and checks:
        raise ScenarioError("an observation has checks; accepted: either checks or observation=True")
    if not scenario.observation and not checks and not scenario.open_points:
        raise ScenarioError(
            "the scenario checks nothing; give it play.expect(…) or play.expect_one_of(…), "
            "or mark it with @scenario(observation=True) to record it without a verdict"
        )
    for topic, ids in _open_points(scenario):
        _check_ids(topic, ids)
    for leaf in (leaf for check in checks for leaf in _leaves(check)):
        _check_leaf(leaf)
        for pattern in leaf.patterns:
            _check_pattern(scenario, pattern, names, actors)


def _open_points(scenario: Scenario) -> Iterator[tuple[str, list[str]]]:
    topics = [point.topic for point in scenario.open_points]
    if twice := [topic for topic in topics if topics.count(topic) > 1]:
        raise ScenarioError(f"two open points are called {twice[0]!r}; give one of them another topic")
    for point in scenario.open_points:
        yield point.topic, [variant.id for variant in point.variants]


def _check_ids(topic: str, ids: Sequence[str]) -> None:
    if not topic.strip():
        raise ScenarioError("an open point has no topic; accepted: what is open, in words")
    if not ids:
        raise ScenarioError(f"the open point {topic!r} has no variant; accepted: one variant(…) or more")
    if twice := [id for id in ids if ids.count(id) > 1]:
        raise ScenarioError(f"the open point {topic!r} has two variants called {twice[0]!r}; accepted: each id once")


def _leaves(check: AnyCheck) -> Iterator[AnyCheck]:
    if not isinstance(check, AllOf | AnyOf):
        yield check
        return
    if not check.parts:
        raise ScenarioError("an all_of(…) or any_of(…) is empty; accepted: one check or more")
    for part in check.parts:
        yield from _leaves(part)


def _check_leaf(check: AnyCheck) -> None:
    if isinstance(check, Field) and check.is_ == "like":
        check_expression("a check", check.wanted)
    elif isinstance(check, Field) and check.is_ not in (*TESTS, "same"):
        known = ["same", "like", *TESTS]
        raise ScenarioError(
            f"a check says that {check.path} is {check.is_!r}{did_you_mean(check.is_, known)}; accepted: {', '.join(known)}"
        )
    if isinstance(check, InOrder | Compared) and len(check.parts) < 2:
        raise ScenarioError("in_order(…), same_field(…) and different_fields(…) need two patterns or more")
    if isinstance(check, Times) and not 0 <= check.least <= (check.least if check.most is None else check.most):
        raise ScenarioError(f"nothing can happen {check.least} to {check.most} times; accepted: 0 <= least <= most")


def _check_pattern(scenario: Scenario, pattern: Pattern, names: KnownNames, actors: Collection[str]) -> None:
    if pattern.port and not names.has_port(pattern.port):
        raise ScenarioError(
            f"a check is about the port {pattern.port!r}, which is never opened; {there_are(names.ports, 'ports')}"
        )
    if pattern.listener and not names.has_listener(pattern.listener):
        raise ScenarioError(
            f"a check is about the listener {pattern.listener!r}, which is never added; "
            f"{there_are(names.listeners, 'listeners')}"
        )
    if pattern.actor and pattern.actor not in actors:
        raise ScenarioError(
            f"a check is about the actor {pattern.actor!r}, which never exists; {there_are(actors, 'actors')}"
        )
    if pattern.error not in (ANYTHING, NOTHING, SOMETHING):
        raise ScenarioError(
            f"a check is about the error {pattern.error!r}; accepted: {ANYTHING}, {NOTHING}, {SOMETHING}"
        )
    check_expression("a check", pattern.like)
    for index in (pattern.after, pattern.before):
        if index and not isinstance(scenario.steps[index - 1], Settle):
            raise ScenarioError(
                f"a check distinguishes before and after step {index + 1}, but effects of step {index} may arrive later; "
                "write play.settle() between the two"
            )


def check_expression(where: str, like: str | None) -> None:
    """Raise ScenarioError if this is not a regular expression."""
    try:
        re.compile(like or "")
    except re.error as error:
        raise ScenarioError(f"{where} looks for {like!r}, which is not a regular expression: {error}") from None


def there_are(names: Iterable[str], what: str) -> str:
    """The names that there are, for an error: ``there are page, background``."""
    return f"there are {', '.join(sorted(names)) or f'no {what}'}"
