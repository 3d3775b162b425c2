"""Checking what an author passes to the words of the language, so that nothing wrong is dropped silently."""

from __future__ import annotations

import collections.abc
import difflib
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin

from portolan.conformance.errors import ScenarioError

_CALLABLE: Any = collections.abc.Callable

Owner = TypeVar("Owner", bound=type)


def with_article(noun: str) -> str:
    """The noun with its article: ``a Document``, ``an Actor``."""
    return f"{'an' if noun[0] in 'AEIOUaeiou' else 'a'} {noun}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to add to an error about an unknown name: ``; did you mean 'settle'?``, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def checked(owner: Owner) -> Owner:
    """Check the arguments of a class's public methods against their annotations. For the words of the language.

    The methods raise ScenarioError with what was passed and what is accepted.
    """
    for name, member in list(vars(owner).items()):
        if isinstance(member, types.FunctionType) and not name.startswith("_"):
            setattr(owner, name, checked_function(member, method=True))
    return owner


Function = TypeVar("Function", bound=Callable[..., Any])


def checked_function(function: Function, *, method: bool = False) -> Function:
    """Check the arguments of one function against its annotations."""
    signature = inspect.signature(function)
    hints: dict[str, Any] = {}

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not hints:
            hints.update(_hints(function))
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ScenarioError(_wrong_call(function.__name__, signature, kwargs, error, method)) from None
        for name, value in bound.arguments.items():
            if name in hints:
                _check(function.__name__, name, signature.parameters[name], value, hints[name])
        return function(*args, **kwargs)

    return typing.cast("Function", call)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    found = typing.get_type_hints(function)
    looked_at = {name: hint for name, hint in found.items() if name not in ("return", "check") and hint is not Any}
    return {"": None} | looked_at  # what is no check is told by the function itself, which knows more of it


def _wrong_call(name: str, signature: inspect.Signature, kwargs: dict[str, Any], error: TypeError, method: bool) -> str:
    parameters = [each for each in signature.parameters if not (method and each == "self")]
    if unknown := next((word for word in kwargs if word not in parameters), None):
        accepted = ", ".join(parameters) or "no arguments"
        return f"{name}() has no parameter {unknown!r}{did_you_mean(unknown, parameters)}; accepted: {accepted}"
    return f"{name}(): {error}; accepted: {', '.join(parameters) or 'no arguments'}"


def _check(function: str, name: str, parameter: inspect.Parameter, value: Any, hint: Any) -> None:
    many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
    for each in value if many else (value,):
        if not _fits(each, hint):
            if (item := _unfit_item(each, hint)) is not None:
                wrong, accepted = item
                raise ScenarioError(
                    f"{function}(): {name} has {_shown(wrong)}{_hint(wrong, accepted)}; accepted: {_accepted(accepted)}"
                )
            raise ScenarioError(
                f"{function}(): {name} is {_shown(each)}{_hint(each, hint)}; accepted: {_accepted(hint)}"
            )


def _hint(value: Any, hint: Any) -> str:
    words = [each for each in _literals(hint) if isinstance(each, str)]
    if isinstance(value, str) and words:
        return did_you_mean(value, words)
    if callable(value) and getattr(value, "__self__", None) is not None:
        return f", a method that was not called: write {value.__name__}()"
    return ""


def _fits(value: Any, hint: Any) -> bool:
    if hint is Any or isinstance(hint, TypeVar):
        return True
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if origin is Literal:
        return value in get_args(hint) and type(value) in {type(each) for each in get_args(hint)}
    if hint is None or hint is type(None):
        return value is None
    if origin is not None and isinstance(origin, type):
        if issubclass(origin, Sequence) and origin is not tuple:
            (item,) = get_args(hint) or (Any,)
            return (
                isinstance(value, Sequence) and not isinstance(value, str) and all(_fits(each, item) for each in value)
            )
        return callable(value) if origin is _CALLABLE else isinstance(value, origin)
    if typing.is_typeddict(hint):
        return isinstance(value, dict)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint) if isinstance(hint, type) else True


def _unfit_item(value: Any, hint: Any) -> tuple[Any, Any] | None:
    """The first item of a list that does not fit, and what would; None if the list itself is wrong."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    for option in (hint, *get_args(hint)):
        origin = get_origin(option)
        if isinstance(origin, type) and issubclass(origin, Sequence) and get_args(option):
            accepted = get_args(option)[0]
            return next(((item, accepted) for item in value if not _fits(item, accepted)), None)
    return None


def _literals(hint: Any) -> list[Any]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [word for each in get_args(hint) for word in _literals(each)]


def _accepted(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_accepted(each) for each in get_args(hint)))
    if origin is Literal:
        return ", ".join(repr(each) for each in get_args(hint))
    if hint is None or hint is type(None):
        return "None"
    if origin is not None and isinstance(origin, type):
        if issubclass(origin, Sequence):
            return f"a list of {_accepted((get_args(hint) or (Any,))[0])}"
        return "a function" if origin is _CALLABLE else getattr(origin, "__name__", str(origin))
    known = {str: "text", int: "a whole number", bool: "True or False", float: "a number"}
    if hint in known:
        return known[hint]
    return with_article(hint.__name__) if isinstance(hint, type) else "anything"


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float | bool | None):
        return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:59]}…"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'of an object')}"
    return with_article(type(value).__name__)
