"""A scenario as data: what is played, what must hold, and what it says about the documentation's claims."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from conformance.core.checks import AnyCheck
from conformance.core.errors import ScenarioError
from conformance.core.steps import AnyStep, Cast, OpenPage, Task

if TYPE_CHECKING:
    from conformance.core.play import Play


class Expectation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check that must hold, and the claims that it judges."""

    check: AnyCheck
    says: tuple[str, ...] = ()
    because: str = ""


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One named answer to an open point."""

    name: str
    check: AnyCheck
    says: tuple[str, ...] = ()


class OpenPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where browsers may differ: one of the variants must be seen."""

    topic: str
    variants: tuple[Variant, ...]


class Scenario(msgspec.Struct, frozen=True, omit_defaults=True):
    """One scenario, built. ``digest`` names its cast and steps: traces of another digest cannot be judged by it."""

    name: str
    title: str
    topic: str
    claims: tuple[str, ...]
    cast: Cast
    steps: tuple[AnyStep, ...]
    expectations: tuple[Expectation, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()
    bug: str = ""
    idle: bool = False
    description: str = ""

    @property
    def digest(self) -> str:
        """A short hash of what is played."""
        encoded = msgspec.json.encode((self.cast, self.steps))
        return hashlib.sha256(encoded).hexdigest()[:16]

    @property
    def actors(self) -> frozenset[str]:
        """Everyone a step is for, and every document."""
        tasks = {step.actor for step in self.steps if isinstance(step, Task)}
        needs = {step.actor for step in self.steps if not isinstance(step, Task) and hasattr(step, "actor")}
        pages = {step.document for step in self.steps if isinstance(step, OpenPage)}
        return frozenset(tasks | needs | pages)


Builder = Callable[["Play"], None]

REGISTRY = "__portolan_scenario__"


def scenario(*, claims: list[str] | tuple[str, ...] = (), bug: str = "", name: str = "") -> Callable[[Builder], Builder]:
    """Mark a function as a scenario. Its docstring's first line is the title; its module's name is the topic.

    ``claims`` are the numbers of the claims it is about; ``bug`` is the address of the bug it shows.
    """

    def mark(function: Builder) -> Builder:
        setattr(function, REGISTRY, {"claims": tuple(claims), "bug": bug, "name": name})
        return function

    return mark


def build(function: Builder, topic: str = "") -> Scenario:
    """Build one scenario. Raises ScenarioError where the function builds nonsense."""
    from conformance.core.play import Play

    marks: dict[str, Any] = getattr(function, REGISTRY)
    name = marks["name"] or function.__name__
    title, _, description = (function.__doc__ or name.replace("_", " ")).strip().partition("\n")
    play = Play(name)
    try:
        function(play)
    except ScenarioError:
        raise
    except Exception as error:
        raise ScenarioError(f"the scenario {name} cannot be built: {type(error).__name__}: {error}") from error
    cast, steps, expectations, open_points = play.finish()
    said = [claim for each in expectations for claim in each.says]
    said += [claim for point in open_points for variant in point.variants for claim in variant.says]
    if strange := sorted(set(said) - set(marks["claims"])):
        raise ScenarioError(f"the scenario {name} has checks for {', '.join(strange)}, which its list of claims does not name")
    if silent := sorted(set(marks["claims"]) - set(said)):
        raise ScenarioError(f"the scenario {name} names {', '.join(silent)}, which none of its checks judges")
    idle = any(type(step).__name__ == "AwaitIdleStop" for step in steps)
    return Scenario(
        name, title, topic or function.__module__.rpartition(".")[2], marks["claims"], cast, steps,
        tuple(expectations), tuple(open_points), marks["bug"], idle, " ".join(description.split()),
    )
