"""From an author's function to a scenario: the decorator that marks it, and the building that finds every mistake."""

from __future__ import annotations

import inspect
import traceback
import types
from collections.abc import Callable, Sequence
from typing import Any, overload

from portolan.conformance.checks.checks import AllOf, AnyCheck, AnyOf
from portolan.conformance.checks.patterns import Pattern
from portolan.conformance.checks.usage import Place, Usage, watching
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.arguments import did_you_mean, with_article
from portolan.conformance.language.play import Play
from portolan.conformance.language.scenario import NAME, Scenario, Variant
from portolan.conformance.language.script import Script
from portolan.conformance.language.validation import validate
from portolan.conformance.trace.steps import AwaitIdleStop, Cast, Settle
from portolan.conformance.trace.values import plain

Builder = Callable[[Play], object]

REGISTRY = "__portolan_scenario__"


@overload
def scenario(function: Builder, /) -> Builder: ...


@overload
def scenario(
    *, claims: Sequence[str] = (), bug: str = "", name: str = "", observation: bool = False
) -> Callable[[Builder], Builder]: ...


def scenario(
    function: Builder | None = None,
    /,
    *,
    claims: Sequence[str] = (),
    bug: str = "",
    name: str = "",
    observation: bool = False,
) -> Builder | Callable[[Builder], Builder]:
    """Mark a function as a scenario.

    The first line of the function's docstring is the scenario's title; the name of its module is the topic.

    Args:
        function: the function, where the decorator is used without parentheses.
        claims: the numbers of the claims that its checks judge.
        bug: the address of the bug that it shows.
        name: the scenario's name, if it is not the function's.
        observation: it has no checks; it is played and recorded, and browsers are compared by its traces.

    Raises:
        ScenarioError: an earlier scenario of the same module has the function's name, or this is no function of a play.
    """

    def mark(function: Builder) -> Builder:
        _check_function(function)
        earlier = getattr(function, "__globals__", {}).get(function.__name__)
        if hasattr(earlier, REGISTRY) and line_of(earlier) != line_of(function):
            raise ScenarioError(
                f"two scenarios of this module are called {function.__name__}, "
                f"in line {line_of(earlier)} and line {line_of(function)}; give one of them another name"
            )
        given = (claims,) if isinstance(claims, str) else tuple(claims)
        setattr(function, REGISTRY, {"claims": given, "bug": bug, "name": name, "observation": observation})
        return function

    return mark if function is None else mark(function)


def _check_function(function: object) -> None:
    if not isinstance(function, types.FunctionType):
        raise ScenarioError(
            f"@scenario marks {with_article(type(function).__name__)}; accepted: a function that takes a play, as in def NAME(play: Play)"
        )
    where = f"the scenario {function.__name__}, in line {line_of(function)},"
    if (
        inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    ):
        raise ScenarioError(
            f"{where} is async or a generator; accepted: a plain function, as it only writes steps and checks"
        )
    required = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    if len(required) != 1 or required[0].kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
        raise ScenarioError(
            f"{where} takes {len(required)} arguments; accepted: one, the play, as in def NAME(play: Play)"
        )


def generated(
    module: dict[str, Any],
    name: str,
    title: str,
    function: Builder,
    *,
    claims: Sequence[str] = (),
    bug: str = "",
) -> None:
    """Make ``function`` a scenario of a module, whose ``globals()`` are given: one of a group made from a table.

    Raises ScenarioError if the module has something of that name already.
    """
    if name in module:
        raise ScenarioError(f"two things of this module are called {name}; give one of them another name")
    if not isinstance(function, types.FunctionType):
        raise ScenarioError(f"{name} is made of a {type(function).__name__}; accepted: a function")
    own = types.FunctionType(function.__code__, function.__globals__, name, function.__defaults__, function.__closure__)
    own.__kwdefaults__, own.__module__, own.__doc__ = function.__kwdefaults__, module["__name__"], title
    module[name] = scenario(claims=claims, bug=bug)(own)


def build(function: Builder, topic: str = "") -> Scenario:
    """Build one scenario. Raises ScenarioError, with file and line where they are known, for every mistake in it."""
    marks: dict[str, Any] = getattr(function, REGISTRY)
    name = marks["name"] or function.__name__
    title, _, description = (function.__doc__ or name.replace("_", " ")).strip().partition("\n")
    if not NAME.fullmatch(name):
        raise ScenarioError(f"no scenario can be called {plain(name)!r}; accepted: letters, digits, “_”, “-” and “.”")
    script = _written(function, name)
    if not isinstance(script.steps[-1] if script.steps else None, Settle):
        script.step(Settle())
    made = Scenario(
        name,
        title,
        topic or function.__module__.rpartition(".")[2],
        marks["claims"],
        Cast(tuple(script.backgrounds.values()), tuple(script.applications.values())),
        tuple(script.steps),
        tuple(script.requirements),
        tuple(script.open_points),
        marks["bug"],
        any(isinstance(step, AwaitIdleStop) for step in script.steps),
        " ".join(description.split()),
        marks["observation"],
    )
    try:
        validate(made)
        _check_claims(made)
    except ScenarioError as error:
        raise ScenarioError(f"{_where(function, line_of(function))}: {name}: {error}") from error
    return made


def _written(function: Builder, name: str) -> Script:
    """The script that the function writes."""
    script = Script(name)
    filename = function.__code__.co_filename
    with watching() as usage:
        try:
            returned = function(Play(script))
        except (Exception, SystemExit) as error:
            said = str(error) if isinstance(error, ScenarioError) else f"it cannot be built: {sentence_of(error)}"
            raise ScenarioError(f"{filename}{place_in(error, filename)}: {name}: {said}") from error
    if returned is not None:
        raise ScenarioError(
            f"{_where(function, line_of(function))}: {name}: the function returns {with_article(type(returned).__name__)}, which is "
            "never used; accepted: no return value, and checks in play.expect(…)"
        )
    _check_all_used(script, usage, name)
    return script


def _where(function: Builder, line: int) -> str:
    return f"{function.__code__.co_filename}, line {line}"


# ---- nothing is dropped silently


def _check_all_used(script: Script, usage: Usage, name: str) -> None:
    for requirement in script.requirements:
        _use(usage, requirement.check)
    for point in script.open_points:
        for variant in point.variants:
            usage.used(variant)
            _use(usage, variant.check)
    if unused := usage.unused():
        # the last one built contains the others: an unused all_of(…) is named, not its parts
        thing, place = next((each for each in reversed(unused) if each[1] == unused[0][1]), unused[0])
        raise ScenarioError(f"{place.filename}, line {place.line}: {name}: {_unused(thing)}")


def _use(usage: Usage, check: AnyCheck) -> None:
    usage.used(check)
    for part in check.parts if isinstance(check, AllOf | AnyOf) else ():
        _use(usage, part)
    for pattern in check.patterns:
        usage.used(pattern)


def _unused(thing: object) -> str:
    if isinstance(thing, Variant):
        return f"the variant {thing.id!r} is never used; pass it to play.expect_one_of(…)"
    if isinstance(thing, Pattern):
        return f"the pattern “{thing}” is never used; make a check of it: exactly_once(…), never(…), in_order(…)"
    return f"the check “{getattr(thing, 'accepted', type(thing).__name__)}” is never used; pass it to play.expect(…), or to a variant(…)"


def _check_claims(made: Scenario) -> None:
    judged = [claim for each in made.requirements for claim in each.claims]
    judged += [claim for point in made.open_points for variant in point.variants for claim in variant.claims]
    if unlisted := sorted(set(judged) - set(made.claims)):
        raise ScenarioError(
            f"its checks judge {', '.join(unlisted)}, which its own list of claims does not have; "
            f"accepted: @scenario(claims={sorted(set(judged) | set(made.claims))})"
        )
    if silent := sorted(set(made.claims) - set(judged)):
        raise ScenarioError(
            f"it lists the claims {', '.join(silent)}, which none of its checks judges; name them: claims=…"
        )


# ---- errors for people


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
    """An error on one line, for people, with a guess at what an unknown name was meant to be."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    guess = ""
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        said = f"{with_article(type(error.obj).__name__)} has no {error.name!r}"
        guess = did_you_mean(error.name, [name for name in dir(error.obj) if not name.startswith("_")])
    elif isinstance(error, NameError) and error.name:
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        known = {*frames[-1].f_locals, *frames[-1].f_globals} if frames else set()
        guess = did_you_mean(error.name, known)
    text = " ".join(said.split())
    return plain(f"{type(error).__name__}: {text}{guess}" if text.strip() else type(error).__name__)


__all__ = ["Builder", "Place", "build", "generated", "line_of", "place_in", "scenario", "sentence_of"]
