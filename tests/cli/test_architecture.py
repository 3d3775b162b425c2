"""The architecture: which package may import which, and that no module takes part in an import circle."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import portolan

CORE = {
    "portolan.conformance.errors",
    "portolan.conformance.explain",
    "portolan.conformance.trace",
    "portolan.conformance.checks",
}
LANGUAGE = {*CORE, "portolan.conformance.language"}
CONFORMANCE = {*LANGUAGE, "portolan.conformance.judging"}

ALLOWED = {
    "portolan.conformance.trace": {
        "portolan.conformance.trace",
        "portolan.conformance.errors",
        "portolan.conformance.explain",
        "msgspec",
    },
    "portolan.conformance.checks": {*CORE, "msgspec"},
    "portolan.conformance.language": {*LANGUAGE, "portolan.conformance.scenarios", "msgspec"},
    "portolan.conformance.judging": {*CONFORMANCE, "msgspec", "packaging"},
    "portolan.conformance.scenarios": {*LANGUAGE, "portolan.conformance.scenarios"},
    "portolan.reports": {"portolan.reports", *CONFORMANCE, "msgspec", "rich", "jinja2"},
    "portolan.runners": {
        "portolan.runners",
        *CONFORMANCE,
        "geckodriver_autoinstaller",
        "msgspec",
        "packaging",
        "psutil",
        "rich",
        "selenium",
        "urllib3",
        "websocket",
    },
    "portolan.selection": {
        "portolan.selection",
        "portolan.runners",
        *CONFORMANCE,
        "msgspec",
    },
    "portolan.pytest_plugin": {
        "portolan.run_header",
        "portolan.pytest_plugin",
        "portolan.selection",
        "portolan.reports",
        "portolan.runners",
        *CONFORMANCE,
        "portolan.conformance.scenarios",
        "msgspec",
        "pytest",
        "rich",
        "xdist",
    },
    "portolan.cli": {"portolan", "click", "msgspec", "pytest", "rich"},
}
"""For each package, what its modules may import besides the standard library and ``portolan`` itself, the public API."""

PUBLIC = {"portolan", *(f"portolan.{name}" for name in portolan.__all__)}
"""The public API for authors of scenarios."""


def modules(package: str) -> dict[str, Path]:
    """The package's own modules and their files, in the checkout or where it is installed."""
    folder = Path(importlib.import_module(package).__path__[0])
    found = {}
    for path in sorted(Path(name) for name in _python_files(folder)):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join([package, *(part for part in parts if part != "__init__")])] = path
    return found


def _python_files(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.is_dir() and (path / "__init__.py").exists():
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield str(path)


def imports(path: Path) -> Iterator[str]:
    """Everything that a file imports, wherever in it the import is, also under ``TYPE_CHECKING``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(name: str, package: str) -> bool:
    """Whether a module of ``package`` may import ``name``."""
    if name.partition(".")[0] in sys.stdlib_module_names or name in PUBLIC:
        return True
    return any(f"{name}.".startswith(f"{allowed}.") for allowed in ALLOWED[package])


@pytest.mark.parametrize("package", ALLOWED)
def test_each_package_imports_only_what_it_may(package: str) -> None:
    files = modules(package)
    assert files
    wrong = {
        f"{module} imports {name}"
        for module, path in files.items()
        for name in imports(path)
        if not is_allowed(name, package)
    }
    assert not wrong


def test_only_discovery_imports_the_scenarios() -> None:
    for module, path in modules("portolan.conformance.language").items():
        knows = any(name.startswith("portolan.conformance.scenarios") for name in imports(path))
        assert not knows or module == "portolan.conformance.language.discovery", path


def circles(files: dict[str, Path]) -> set[str]:
    """The modules that can be reached from themselves by imports."""
    arrows = {}
    for module, path in files.items():
        wanted = {name if name in files else name.rpartition(".")[0] for name in imports(path)}
        arrows[module] = {name for name in wanted if name in files and name != module}
    found = set()
    for module in files:
        reached: set[str] = set()
        to_visit = list(arrows[module])
        while to_visit:
            if (name := to_visit.pop()) not in reached:
                reached.add(name)
                to_visit += arrows[name]
        if module in reached:
            found.add(module)
    return found


def test_no_module_takes_part_in_an_import_circle() -> None:
    assert circles(modules("portolan")) == set()


def test_a_circle_is_found(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("from package import two\n")
    two.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from package.one import thing\n")
    assert circles({"package.one": one, "package.two": two}) == {"package.one", "package.two"}


def test_the_rule_can_be_broken(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def later():\n    from portolan.runners.session.session import Session\n")
    assert [name for name in imports(broken) if not is_allowed(name, "portolan.reports")]


def test_what_browsers_start_imports_only_the_standard_library() -> None:
    from portolan.runners.session.extensions import sources

    for path in sorted((sources() / "native").glob("*.py")):
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in imports(path)), path
