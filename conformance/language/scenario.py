"""A scenario as data: what is played, what must hold, and what it says about the documentation's claims."""

from __future__ import annotations

import hashlib
import re
import traceback
import types
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from portolan.conformance.checks.checks import AnyCheck
from portolan.conformance.errors import ScenarioError
from portolan.conformance.trace.steps import (
    AddFrame,
    AnyStep,
    AwaitIdleStop,
    Cast,
    CrashExtensions,
    Navigate,
    NavigateFrame,
    Need,
    OpenPage,
    ReadConsole,
    RewriteDocument,
    Task,
)
from portolan.conformance.trace.values import plain

if TYPE_CHECKING:
    from portolan.conformance.language.play import Play


class Requirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check that must hold, and the claims that it judges."""

    check: AnyCheck
    claims: tuple[str, ...] = ()
    because: str = ""


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One named answer to an open point."""

    name: str
    check: AnyCheck
    claims: tuple[str, ...] = ()


class OpenPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where browsers may differ: one of the variants must be seen."""

    topic: str
    variants: tuple[Variant, ...]


class Scenario(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """One scenario, built. ``digest`` names its cast and steps: traces of another digest cannot be judged by it."""

    name: str
    title: str
    topic: str
    claims: tuple[str, ...]
    cast: Cast
    steps: tuple[AnyStep, ...]
    expectations: tuple[Requirement, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()
    bug: str = ""
    idle: bool = False
    description: str = ""

    @property
    def waits(self) -> bool:
        """Whether most of its time goes by waiting for a clock of the browser's: idle time, or the time it gives to applications."""
        return self.idle or any(application.on_eof == "stay" for application in self.cast.applications)

    @property
    def crashes_extensions(self) -> bool:
        """Whether it ends a process that extensions may share, and so perhaps the browser's use for other scenarios."""
        return any(isinstance(step, CrashExtensions) for step in self.steps)

    @cached_property
    def digest(self) -> str:
        """A short hash of what is played."""
        encoded = msgspec.json.encode((self.cast, self.steps))
        return hashlib.sha256(encoded).hexdigest()[:16]

    @cached_property
    def actors(self) -> frozenset[str]:
        """Everyone a step is for, and every document."""
        actors: set[str] = set()
        for step in self.steps:
            match step:
                case Task() | Need() | ReadConsole():
                    actors.add(step.actor)
                case OpenPage():
                    actors |= {step.document, *(frame.document for frame in step.frames)}
                case AddFrame():
                    actors.add(step.frame.document)
                case RewriteDocument():
                    actors.add(f"{step.document}.script")
                case NavigateFrame():
                    actors.add(step.to.document)
                case Navigate():
                    actors.add(step.to)
        return frozenset(actors)


Builder = Callable[["Play"], None]

REGISTRY = "__portolan_scenario__"

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""What a scenario may be called: it becomes part of file names, command lines and addresses."""


def scenario(
    *, claims: list[str] | tuple[str, ...] = (), bug: str = "", name: str = ""
) -> Callable[[Builder], Builder]:
    """Mark a function as a scenario. Its docstring's first line is the title; its module's name is the topic.

    ``claims`` are the numbers of the claims it is about; ``bug`` is the address of the bug it shows.
    Raises ScenarioError where an earlier scenario of the same module would be lost behind the function's name.
    """

    def mark(function: Builder) -> Builder:
        earlier = getattr(function, "__globals__", {}).get(function.__name__)
        if hasattr(earlier, REGISTRY) and line_of(earlier) != line_of(function):
            raise ScenarioError(
                f"two scenarios of one module are called {function.__name__}, "
                f"in line {line_of(earlier)} and line {line_of(function)}; give one of them another name"
            )
        setattr(function, REGISTRY, {"claims": tuple(claims), "bug": bug, "name": name})
        return function

    return mark


def generated(
    module: dict[str, Any],
    name: str,
    title: str,
    function: Builder,
    *,
    claims: list[str] | tuple[str, ...] = (),
    bug: str = "",
) -> None:
    """Make ``function`` a scenario of a module, whose ``globals()`` are given: one of a family made from a table.

    Raises ScenarioError where the module has something of that name already.
    """
    if name in module:
        raise ScenarioError(f"two things of one module are called {name}; give one of them another name")
    if not isinstance(function, types.FunctionType):
        raise ScenarioError(f"{name} is made of {type(function).__name__}; accepted: a function")
    own = types.FunctionType(function.__code__, function.__globals__, name, function.__defaults__, function.__closure__)
    own.__kwdefaults__, own.__module__, own.__doc__ = function.__kwdefaults__, module["__name__"], title
    module[name] = scenario(claims=claims, bug=bug)(own)


def line_of(function: Any) -> int:
    """The line in which a function begins."""
    return int(function.__code__.co_firstlineno)


def place_in(error: BaseException, filename: str) -> str:
    """Where in a file something went wrong, as ``, line 12``, if it was in that file."""
    if isinstance(error, SyntaxError) and error.filename == filename:
        return f", line {error.lineno}" if error.lineno else ""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    return f", line {lines[-1]}" if lines else ""


def sentence_of(error: BaseException) -> str:
    """An error on one line, for people."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return plain(f"{type(error).__name__}: {' '.join(said.split())}" if said.strip() else type(error).__name__)


def build(function: Builder, topic: str = "") -> Scenario:
    """Build one scenario. Raises ScenarioError where the function builds nonsense."""
    from portolan.conformance.language.play import Play

    marks: dict[str, Any] = getattr(function, REGISTRY)
    name = marks["name"] or function.__name__
    title, _, description = (function.__doc__ or name.replace("_", " ")).strip().partition("\n")
    if not NAME.fullmatch(name):
        raise ScenarioError(f"no scenario can be called {plain(name)!r}; accepted: letters, digits, “_”, “-” and “.”")
    play = Play(name)
    try:
        function(play)
    except ScenarioError:
        raise
    except Exception as error:
        filename = function.__code__.co_filename
        where = f"{filename}{place_in(error, filename)}: "
        raise ScenarioError(f"{where}the scenario {name} cannot be built: {sentence_of(error)}") from error
    cast, steps, expectations, open_points = play.finish()
    said = [claim for each in expectations for claim in each.claims]
    said += [claim for point in open_points for variant in point.variants for claim in variant.claims]
    if strange := sorted(set(said) - set(marks["claims"])):
        raise ScenarioError(
            f"the scenario {name} has checks for {', '.join(strange)}, which its list of claims does not name"
        )
    if silent := sorted(set(marks["claims"]) - set(said)):
        raise ScenarioError(f"the scenario {name} names {', '.join(silent)}, which none of its checks judges")
    idle = any(isinstance(step, AwaitIdleStop) for step in steps)
    return Scenario(
        name,
        title,
        topic or function.__module__.rpartition(".")[2],
        marks["claims"],
        cast,
        steps,
        tuple(expectations),
        tuple(open_points),
        marks["bug"],
        idle,
        " ".join(description.split()),
    )
