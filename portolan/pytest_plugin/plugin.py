"""The pytest plugin: ``pytest conformance --portolan-browser firefox`` plays the suite. See ``docs/command-line.md``."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.discovery import from_file
from portolan.pytest_plugin import options
from portolan.pytest_plugin.collection import SUITE, arrange, find_suite, holds_scenarios, is_suite, make_file
from portolan.pytest_plugin.items import PlayFault, ScenarioItem
from portolan.pytest_plugin.options import SETTINGS, TOOLS
from portolan.pytest_plugin.play_service import PLAY_SERVICE, PlayService
from portolan.pytest_plugin.recorder import Recorder
from portolan.pytest_plugin.worker_input import accept
from portolan.pytest_plugin.worker_result import Omitted, attach, attach_omitted

if TYPE_CHECKING:
    from portolan.pytest_plugin.scheduling import Shares

RECORDER = pytest.StashKey[Recorder]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, and keep records where this process is the one that hears of everything."""
    accept(config)
    try:
        config.stash[SETTINGS] = options.read(config)
    except PortolanError as problem:
        raise pytest.UsageError(str(problem)) from problem
    find_suite(config)
    config.stash[PLAY_SERVICE] = PlayService(
        config.stash[SETTINGS], config.stash.get(TOOLS, None), shared=_is_worker(config)
    )
    if not _is_worker(config):
        once = config.getoption("dist", "no") != "each"
        config.stash[RECORDER] = Recorder(config.stash[SETTINGS].out, config.stash[SETTINGS].targets, once=once)
        config.pluginmanager.register(config.stash[RECORDER], "portolan-recorder")


def _is_worker(config: pytest.Config) -> bool:
    """Whether this is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


# ---- collection


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Look into the suite's packages as plain folders: they are no packages of tests, and need no import."""
    if is_suite(path) or is_suite(path / "scenarios"):
        return pytest.Dir.from_parent(parent, path=path)
    return None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of scenarios that was found in a folder."""
    if not parent.session.isinitpath(file_path) and holds_scenarios(file_path, parent.config, named=False):
        return make_file(file_path, parent)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Collect a file of scenarios that the user named, which pytest would take for a module of tests."""
    if parent.session.isinitpath(module_path) and holds_scenarios(module_path, parent.config, named=True):
        return make_file(module_path, parent)
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the plays in order."""
    try:
        arrange(items)
    except PortolanError as problem:
        raise pytest.UsageError(str(problem)) from problem


# ---- playing


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Before the first play: get what is needed, and find what is wrong."""
    items = [item for item in session.items if isinstance(item, ScenarioItem)]
    if not items or session.config.option.collectonly:
        return
    try:
        session.config.stash[PLAY_SERVICE].get_ready(items, PlainProgress())
    except PortolanError as problem:
        raise pytest.UsageError(str(problem)) from problem


class PlainProgress:
    """Says on stderr what is fetched, in a line each; the command has a better one."""

    def started(self, what: str, origin: str, size: int | None) -> None:
        """Say what comes from where."""
        self.said(f"getting {what} from {origin}" + (f" ({size // 1_000_000} MB)" if size else ""))

    def advanced(self, done: int, total: int | None) -> None:
        """Show nothing."""

    def said(self, text: str) -> None:
        """Show a line."""
        print(f"portolan: {text}", file=sys.stderr, flush=True)

    def noted(self, text: str) -> None:
        """Show a line."""
        self.said(text)

    def finished(self, problem: str = "") -> None:
        """Say how it went."""
        self.said(problem or "ready")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the play travel on the report of the phase in which it was played."""
    report = yield
    if isinstance(item, ScenarioItem) and item.left_out and call.when == "setup":
        attach_omitted(report, Omitted(item.target, item.left_out))
    if isinstance(item, ScenarioItem) and item.played and call.when == "setup":
        attach(report, item.played)
        if call.excinfo and isinstance(call.excinfo.value, PlayFault):
            report.longrepr = str(call.excinfo.value)  # pytest asks items for their words of their own run only
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the browsers, also after Ctrl-C; and tell why results could not be written."""
    session.config.stash[PLAY_SERVICE].close()
    recorder = session.config.stash.get(RECORDER, None)
    if recorder and recorder.problem:
        print(f"\nportolan: {recorder.problem}", file=sys.stderr)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End what is left where the session never finished."""
    if hand := config.stash.get(PLAY_SERVICE, None):
        hand.close()


# ---- sharing the plays out


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share plays out in our own way, unless the user asked for another one."""
    if config.getoption("dist") != "load":
        return None
    from portolan.pytest_plugin.scheduling import PortolanScheduling

    return PortolanScheduling(config, log, lambda nodeids: _shares(config, nodeids))


def _shares(config: pytest.Config, nodeids: Sequence[str]) -> Shares:
    """The waiting plays of each target, and who begins them: workers tell ids only, so the files are asked."""
    from portolan.pytest_plugin.scheduling import Shares

    waiting: dict[str, set[str]] = {}
    units: dict[str, str] = {}
    first: dict[str, str] = {}
    for nodeid in nodeids:
        path, _, item = nodeid.partition("::")
        scenario, _, target = item.partition("[")
        unit = f"waiting {target.removesuffix(']').partition('-repeat')[0]}"
        first.setdefault(unit, nodeid)
        if target and path not in waiting:
            waiting[path] = _waiting_scenarios(config, path)
        if scenario in waiting.get(path, ()):
            units[nodeid] = unit
    return Shares(units, {first[unit]: unit for unit in units.values()})


def _waiting_scenarios(config: pytest.Config, path: str) -> set[str]:
    for file in (config.rootpath / path, SUITE.parent.parent / path, *(Path(arg) for arg in config.args)):
        if file.is_file() and file.name == Path(path).name and holds_scenarios(file, config, named=True):
            return {scenario.name for scenario in from_file(file) if scenario.waits}
    return set()
