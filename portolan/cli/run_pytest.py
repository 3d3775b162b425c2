"""``portolan run`` is pytest with our plugin, in this process: there is no second test runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from portolan.cli.inputs import Chosen
from portolan.pytest_plugin.collection import SUITE
from portolan.pytest_plugin.options import CHOSEN, TOOLS, option
from portolan.pytest_plugin.plugin import RECORDER
from portolan.pytest_plugin.progress import ShowProgress
from portolan.pytest_plugin.worker_input import ERRAND, pack
from portolan.selection.selection import Tools
from portolan.selection.settings import Settings

OURSELVES = (
    "-c", os.devnull, "--noconftest", "--assert=plain", "--capture=no",
    "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:faulthandler",
)  # fmt: skip
"""Options by which nothing of the user's own pytest takes part, and nothing is written but the results."""

FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


class Outcome(msgspec.Struct, frozen=True):
    """How it ended: the files that were written, what was left out, and what went wrong in the running itself."""

    paths: tuple[Path, ...]
    interrupted: bool
    incomplete: bool
    problem: str
    left_out: tuple[str, ...] = ()


class Director:
    """Tells the plugin what the command has found out already."""

    def __init__(self, chosen: Chosen, tools: Tools | None) -> None:
        self.chosen, self.tools = chosen, tools
        self.config: pytest.Config | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Before the plugin reads its options."""
        self.config = config
        config.stash[CHOSEN] = self.chosen
        if self.tools is not None:
            config.stash[TOOLS] = self.tools

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist the same, before it starts."""
        chosen = {path: [scenario.name for scenario in scenarios] for path, scenarios in self.chosen.items()}
        node.workerinput[ERRAND] = pack(chosen, self.tools)


def play(chosen: Chosen, settings: Settings, tools: Tools | None, console: Console, workers: int = 1) -> Outcome:
    """Play the chosen scenarios, show how it goes, keep the plays. Several workers play in a process each."""
    director = Director(chosen, tools)
    arguments = [*OURSELVES, f"--rootdir={Path.cwd()}", *options(settings), *map(str, chosen)]
    arguments += [f"--confcutdir={SUITE}"]  # else pytest looks into every folder beside those that lead there
    arguments += ["-p", "xdist.plugin", f"-n{workers}"] if workers > 1 else []
    with _alone(), redirect_stdout(sys.stderr), ShowProgress(console) as shown:
        code = pytest.main([*arguments, "-p", "portolan.pytest_plugin.plugin"], plugins=[director, shown])
    assert director.config is not None
    recorder = director.config.stash[RECORDER]
    failed = shown.crashed or (
        f"pytest ended with exit code {int(code)}"
        if code == pytest.ExitCode.USAGE_ERROR and not recorder.left_out
        else ""
    )
    return Outcome(
        paths=tuple(recorder.paths),
        interrupted=shown.interrupted,
        incomplete=recorder.incomplete or bool(failed),
        problem=recorder.problem or failed,
        left_out=tuple(recorder.left_out[target] for target in settings.targets if target in recorder.left_out),
    )


def options(settings: Settings) -> Sequence[str]:
    """The plugin's options, for these settings."""
    browsers = dict.fromkeys(target.browser for target in settings.targets)
    manifests = dict.fromkeys(target.manifest for target in settings.targets)
    given: list[tuple[str, object]] = [("browser", name) for name in browsers]
    given += [("manifest", manifest) for manifest in manifests]
    given += [("repeat", settings.repeat), ("retry", settings.retry), ("timeout-factor", settings.factor)]
    given += [("out", settings.out)]
    given += [("sources", ",".join(settings.sources))] if settings.sources else []
    given += [("fake-bug", bug) for bug in settings.bugs] if settings.fake else []
    switches = [name for name, is_on in (("headed", settings.headed), ("fake", settings.fake)) if is_on]
    return [*(f"{option(name)}={value}" for name, value in given), *(option(name) for name in switches)]


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the user's other plugins and options for pytest out of it."""
    before = dict(os.environ)
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in (*FOREIGN, "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]
