"""Arrows of the house point one way: who may import whom."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ALLOWED = {
    "conformance.core": {"conformance.core", "conformance.scenarios", "msgspec", "packaging"},
    "conformance.scenarios": {"conformance.core"},
    "reports": {"reports", "conformance.core", "msgspec", "rich", "jinja2"},
    "runners": {
        "runners",
        "conformance.core",
        "geckodriver_autoinstaller",
        "msgspec",
        "packaging",
        "psutil",
        "rich",
        "selenium",
        "urllib3",
        "websocket",
    },
    "portolan": {
        "portolan",
        "runners",
        "reports",
        "conformance.core",
        "conformance.scenarios",
        "click",
        "msgspec",
        "pytest",
        "rich",
        "xdist",
    },
}
"""For each package what its modules may import, beside the standard library."""


def modules(package: str) -> list[Path]:
    """The package's own files, in the checkout or where it is installed."""
    folder = Path(importlib.import_module(package).__path__[0])
    return sorted(path for path in folder.rglob("*.py") if "fixtures-extensions" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Everything that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(name: str, package: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names or any(
        f"{name}.".startswith(f"{allowed}.") for allowed in ALLOWED[package]
    )


@pytest.mark.parametrize("package", ALLOWED)
def test_nobody_imports_what_is_not_theirs(package: str) -> None:
    files = modules(package)
    assert files
    wrong = {f"{path.name} imports {name}" for path in files for name in imports(path) if not is_allowed(name, package)}
    assert not wrong


def test_only_discovery_knows_the_scenarios() -> None:
    for path in modules("conformance.core"):
        knows = any(name.startswith("conformance.scenarios") for name in imports(path))
        assert not knows or path.name == "discovery.py", path


def test_the_rule_can_be_broken(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def later():\n    from runners.session import Session\n")
    assert [name for name in imports(broken) if not is_allowed(name, "reports")] == ["runners.session.Session"]


def test_what_browsers_start_needs_nothing() -> None:
    from runners.extensions import sources

    for path in sorted((sources() / "native").glob("*.py")):
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in imports(path)), path
