"""From files to pytest's items: which files hold scenarios, and in which order they are played."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import pytest

import portolan.conformance.scenarios
from portolan.conformance.errors import PortolanError, ScenarioError
from portolan.conformance.language.discovery import from_file
from portolan.conformance.trace.values import plain
from portolan.pytest_plugin.items import ScenarioItem
from portolan.pytest_plugin.options import CHOSEN, SETTINGS

SUITE = Path(portolan.conformance.scenarios.__path__[0]).resolve()
"""The folder of the suite's scenarios, as they are installed or checked out."""

_MARKED = re.compile(r"^@(\w+\.)*scenario\b", re.MULTILINE)


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[ScenarioItem]:
        """One item for each scenario, target and repeat."""
        chosen = self.config.stash.get(CHOSEN, None)
        scenarios = from_file(self.path) if chosen is None else chosen.get(self.path, [])
        settings = self.config.stash[SETTINGS]
        for target in settings.targets:
            for scenario in scenarios:
                for repeat in range(1, settings.repeat + 1):
                    again = f"-repeat{repeat}" if repeat > 1 else ""
                    name = f"{scenario.name}[{target.label}{again}]"
                    nodeid = f"{self.nodeid}::{name}"  # given, so that newer versions of pytest see the brackets in it
                    yield ScenarioItem.from_parent(
                        self, name=name, nodeid=nodeid, target=target, scenario=scenario, repeat=repeat
                    )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Bad scenarios in one sentence."""
        if isinstance(excinfo.value, PortolanError):
            return plain(str(excinfo.value), 2000)
        return str(super().repr_failure(excinfo))


def make_file(path: Path, parent: pytest.Collector) -> ScenarioFile:
    """A collector for a file. A file outside pytest's root, as in an installed wheel, is named as in the checkout."""
    nodeid = None
    if not path.is_relative_to(parent.config.rootpath):
        nodeid = f"conformance/scenarios/{path.relative_to(SUITE)}" if path.is_relative_to(SUITE) else path.name
    return ScenarioFile.from_parent(parent, path=path, nodeid=nodeid)


def is_suite(folder: Path) -> bool:
    """Whether a folder is the suite's folder of scenarios, or one in it, wherever that is."""
    return any(each.name == "scenarios" and each.parent.name == "conformance" for each in (folder, *folder.parents))


def holds_scenarios(path: Path, config: pytest.Config, *, named: bool) -> bool:
    """Whether a file is one of scenarios: in the suite's folder, or named by the user with scenarios in it."""
    if path.suffix != ".py" or path.name.startswith("_"):
        return False
    if is_suite(path.parent):
        return True
    chosen = config.stash.get(CHOSEN, None)
    if chosen is not None:
        return path in chosen
    return (
        named
        and not _is_test(path, config)
        and _MARKED.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    )


def _is_test(path: Path, config: pytest.Config) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in config.getini("python_files"))


def find_suite(config: pytest.Config) -> None:
    """Let ``pytest conformance`` mean the installed suite where there is no such folder."""
    for index, arg in enumerate(config.args):
        path, *rest = arg.split("::")
        if Path(path).parts[:1] == ("conformance",) and not (config.invocation_params.dir / path).exists():
            installed = SUITE.parent.parent / path
            if installed.exists():
                config.args[index] = "::".join([str(installed), *rest])


def arrange(items: list[pytest.Item]) -> None:
    """Put the scenarios of one target together, in the targets' order; other tests stay before them.

    Scenarios that wait for a clock of the browser's come late in each target: they are begun with its first one, and waited
    for when the others are done. Last come those after which a browser may have to be started anew. Raises ScenarioError
    for two scenarios of one name.
    """
    ours = [item for item in items if isinstance(item, ScenarioItem)]
    if not ours:
        return
    number_items(ours)
    targets = list(dict.fromkeys(item.target for item in ours))
    rest = [item for item in items if not isinstance(item, ScenarioItem)]

    def place(item: ScenarioItem) -> tuple[int, bool, bool]:
        return targets.index(item.target), item.scenario.crashes_extensions, item.scenario.waits

    ours.sort(key=place)
    items[:] = [*rest, *ours]


def number_items(items: Sequence[ScenarioItem]) -> None:
    """Give each item the place of its scenario in the run, and the number of plays in its target."""
    plays = Counter(item.target for item in items)
    places: dict[str, tuple[int, Path]] = {}
    for item in items:
        order, path = places.setdefault(item.scenario.name, (len(places), item.path))
        if path != item.path:
            raise ScenarioError(
                f"Two scenarios are named {item.scenario.name}: in {path} and in {item.path}; give one of them another name."
            )
        item.order, item.of = order, plays[item.target]
