"""Finding scenarios: the suite's own, those of a user's file, and the ones that a name or glob means."""

from __future__ import annotations

import ast
import difflib
import importlib
import pkgutil
import sys
import types
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from portolan.conformance.errors import ScenarioError, UnknownScenario
from portolan.conformance.language.building import REGISTRY, build, line_of, place_in, sentence_of
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain

PRIVATE = "_portolan_file_"


def suite() -> list[Scenario]:
    """Every scenario of the suite: modules in alphabetical order, functions in source order.

    Raises ScenarioError for a scenario that cannot be built, and for two of one name.
    """
    return list(_suite())


@cache
def _suite() -> tuple[Scenario, ...]:
    """They are built once a process: one command asks for them several times."""
    import portolan.conformance.scenarios as package

    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    names = sorted((each.name for each in found if not each.ispkg), key=lambda name: name.rpartition(".")[2])
    modules = [importlib.import_module(name) for name in names]
    built = (scenario for module in modules for scenario in _scenarios(module, module.__name__.rpartition(".")[2]))
    return tuple(unique(built))


def from_file(path: Path | str) -> list[Scenario]:
    """The scenarios of a user's file. The topic is the file's name; nothing is written beside it.

    Raises ScenarioError where it cannot be read or imported (with the line), or has no scenario.
    """
    path = Path(path)
    try:
        found = unique(_scenarios(_imported(path), path.stem))
    except ScenarioError as error:
        where = "" if str(error).startswith(str(path)) else f"{path}{place_in(error, str(path))}: "
        raise ScenarioError(f"{where}{error}") from error
    if not found:
        raise ScenarioError(f"{path}: there is no scenario in this file; accepted: functions marked with @scenario(…)")
    return found


def _imported(path: Path) -> types.ModuleType:
    if path.exists() and not path.is_file() and not path.is_dir():  # reading a pipe would wait for ever
        raise ScenarioError(f"{path}: this is no regular file; accepted: a Python file of scenarios")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{path}: the file cannot be read: {error.strerror or error}") from error
    _check_statements(path, source)
    module = types.ModuleType(PRIVATE + path.stem)
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
    except ScenarioError:
        raise
    except (Exception, SystemExit) as error:
        raise ScenarioError(
            f"{path}{place_in(error, str(path))}: the file cannot be imported: {sentence_of(error)}"
        ) from error
    return module


def _check_statements(path: Path, source: bytes) -> None:
    """Refuse statements of a scenario that do nothing: a method that is named and not called, a comparison."""
    try:
        tree = ast.parse(source, str(path))
    except (SyntaxError, ValueError):
        return  # compiling says more of it
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(_names_scenario(each) for each in function.decorator_list):
            for statement in ast.walk(function):
                if isinstance(statement, ast.Expr) and not _does_something(statement.value):
                    text = ast.unparse(statement.value)
                    hint = f"; write {text}()" if isinstance(statement.value, ast.Attribute | ast.Name) else ""
                    raise ScenarioError(
                        f"{path}, line {statement.lineno}: {function.name}: the statement “{text}” does nothing{hint}"
                    )


def _names_scenario(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(target, ast.Name | ast.Attribute) and ast.unparse(target).split(".")[-1] == "scenario"


def _does_something(value: ast.expr) -> bool:
    if isinstance(value, ast.Tuple | ast.List):
        return all(_does_something(each) for each in value.elts)
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) or value.value is ...
    return isinstance(
        value, ast.Call | ast.Await | ast.Yield | ast.YieldFrom | ast.ListComp | ast.NamedExpr | ast.IfExp
    )


def select(scenarios: Iterable[Scenario], patterns: Sequence[str]) -> list[Scenario]:
    """The scenarios that names or globs mean, in their own order; all of them where no pattern is given.

    Raises UnknownScenario for a pattern that means none, naming what comes close.
    """
    known = unique(scenarios)
    for pattern in patterns:
        if not any(fnmatchcase(each.name, pattern) for each in known):
            raise UnknownScenario(_unknown(pattern, [each.name for each in known]))
    return [each for each in known if not patterns or any(fnmatchcase(each.name, pattern) for pattern in patterns)]


def unique(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The scenarios as they are. Raises ScenarioError where two have the same name."""
    known: dict[str, Scenario] = {}
    for each in scenarios:
        if each.name in known:
            topics = f"in {known[each.name].topic} and in {each.topic}"
            raise ScenarioError(f"two scenarios are called {each.name}, {topics}; give one of them another name")
        known[each.name] = each
    return list(known.values())


def _scenarios(module: types.ModuleType, topic: str) -> list[Scenario]:
    own = {id(each): each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__}
    marked = [each for each in own.values() if isinstance(each, types.FunctionType) and hasattr(each, REGISTRY)]
    return [build(each, topic) for each in sorted(marked, key=line_of)]


def _unknown(pattern: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(pattern.strip("*?"), names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "“portolan scenarios” lists them"
    return f"no scenario is called {plain(pattern)!r}; {hint}"
