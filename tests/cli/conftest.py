"""Pytest and the command, run on the fake browser from a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import portolan
import portolan.runners.sources
from cli.stand_ins import GREETING
from portolan.cli.main import cli
from portolan.runners.sources import installed, survey
from portolan.selection import targets

HOME = Path(portolan.__file__).parent.parent
"""Where the packages are: the checkout, or where they are installed."""

PLAYED = {"firefox": (2, 3), "chromium": (3,)}
"""The manifest versions that tests in this process play: one family with two, one with one."""

LOADED = any(point.value == "portolan.pytest_plugin.plugin" for point in entry_points(group="pytest11"))
"""Whether pytest finds the plugin by itself, as it does where Portolan is installed."""


def no_real_browsers(kinds: object, given: object = None, **_: object) -> None:
    """Look at paths that were given, and fetch nothing."""
    survey([], given=given)  # type: ignore[arg-type]
    raise AssertionError(f"a test asks for {kinds}")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the user's is read or written; every process finds the packages."""
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    monkeypatch.setenv("PORTOLAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the internet is out of reach
    monkeypatch.setattr(portolan.runners.sources, "resolve", no_real_browsers)
    monkeypatch.setattr(targets, "MANIFESTS", PLAYED)
    monkeypatch.setattr(installed, "PLACES", {})
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_AUTO_NUM_WORKERS", "PORTOLAN_BROWSERS", "PORTOLAN_SOURCES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plugin() -> list[str]:
    """Options by which pytest has our plugin."""
    others = ["-p", "no:hypothesispytest", "-p", "no:syrupy"]  # they cost more than the test
    return others if LOADED else [*others, "-p", "portolan.pytest_plugin.plugin"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the working folder."""
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def greeting(folder: Path) -> Path:
    """A user's file with one scenario, ``greets``."""
    path = folder / "my_scenarios.py"
    path.write_text(GREETING.format(name="greets"))
    return path


@pytest.fixture
def invoke(folder: Path) -> Callable[..., Result]:
    """Run the command in this process, in an empty folder."""

    def run(*arguments: Any) -> Result:
        result = CliRunner().invoke(cli, list(map(str, arguments)), prog_name="portolan")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def execute(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command as a program, in an empty folder."""

    def run(*arguments: Any, **more: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portolan", *map(str, arguments)]
        environment = {**os.environ, **more.pop("env", {})}
        return subprocess.run(
            command, capture_output=True, text=True, timeout=600, check=False, env=environment, **more
        )

    return run
