"""A scenario that is nonsense is named before any browser starts: who, which step, what was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.core import steps as s
from conformance.core.checks import Pattern
from conformance.core.errors import ScenarioError

if TYPE_CHECKING:
    from conformance.core.play import Play

SCRIPTS = (".script", ".peer")


def validate(play: Play) -> None:
    """Raise ScenarioError for the first thing that makes no sense."""
    if not play.expectations and not play.open_points:
        raise ScenarioError(f"{play.name}: the scenario checks nothing; give it play.expect(…) or play.expect_one_of(…)")
    known = set(play.backgrounds) | set(play.applications)
    opened: set[str] = set()
    for number, step in enumerate(play.steps, 1):
        where = f"{play.name}: step {number}"
        match step:
            case s.OpenPage():
                known |= {step.document, *(frame.document for frame in step.frames)}
            case s.AddFrame() | s.NavigateFrame():
                known.add(step.frame.document if isinstance(step, s.AddFrame) else step.to.document)
            case s.Navigate():
                _someone(where, step.document, known)
                known.add(step.to)
            case s.GoBack():
                known.add(step.to)
            case s.Task():
                _someone(where, step.actor, known)
                _ports(where, play, step, opened)
            case s.Need() if step.path != "background.stops":
                _someone(where, step.actor, known)
        if isinstance(step, s.RemoveFrame | s.CloseTab):
            known.discard(step.document)
    _checks(play, opened)


def _someone(where: str, actor: str, known: set[str]) -> None:
    owner = actor
    for suffix in SCRIPTS:
        owner = owner.removesuffix(suffix)
    if owner not in known:
        raise ScenarioError(f"{where} is for {actor!r}, who is not there; there are {', '.join(sorted(known)) or 'no actors'}")


def _ports(where: str, play: Play, step: s.Task, opened: set[str]) -> None:
    for op in step.ops:
        if isinstance(op, s.Connect):
            opened.add(op.port)
        name = getattr(op, "port", None)
        if name and step.actor not in play.applications and not _known_port(play, name, opened):
            raise ScenarioError(f"{where} uses the port {name!r}, which was never opened; there are {', '.join(sorted(opened)) or 'no ports'}")


def _known_port(play: Play, name: str, opened: set[str]) -> bool:
    listener, _, number = name.rpartition("#")
    return name in opened or name == s.THIS_PORT or (listener in play.listeners and number.isdigit())


def _checks(play: Play, opened: set[str]) -> None:
    checks = [each.check for each in play.expectations]
    checks += [variant.check for point in play.open_points for variant in point.variants]
    for pattern in (pattern for check in checks for pattern in check.patterns):
        _pattern(play, pattern, opened)


def _pattern(play: Play, pattern: Pattern, opened: set[str]) -> None:
    if pattern.port and not _known_port(play, pattern.port, opened):
        raise ScenarioError(f"{play.name}: a check asks for the port {pattern.port!r}, which is never opened; there are {', '.join(sorted(opened)) or 'no ports'}")
    for index in (pattern.after, pattern.before):
        if index and not isinstance(play.steps[index - 1], s.Settle):
            raise ScenarioError(
                f"{play.name}: a check tells before from after step {index + 1}, but what step {index} set in motion "
                "may come after it; put play.settle() between them"
            )
