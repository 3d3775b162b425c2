"""What every benchmark starts with: the tools, a session, its inside, and the suite's scenarios."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import portolan.conformance.scenarios
from portolan.conformance.errors import PortolanError
from portolan.conformance.language.building import REGISTRY, build
from portolan.conformance.language.scenario import Scenario
from portolan.runners.playing.player import Setting
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.runners.session.launch import DRIVERS, kinds_for, launch, sessions_folder
from portolan.runners.session.session import Session
from portolan.runners.sources import Kind, RichProgress, Tool, resolve
from portolan.runners.sources.cache import Cache

T = TypeVar("T")

MANIFEST = 3
"""The manifest version that is measured: the only one that both families have."""


class NoSuchScenario(PortolanError):
    """A name or pattern that fits no scenario that can be measured."""


class NotMeasured(PortolanError):
    """A browser broke while it was measured; the text says how far it came."""


def families(names: Iterable[str]) -> list[Family]:
    """The families of these names; all where there is no name."""
    wanted = set(names) or set(MANIFESTS)
    return [family for family in MANIFESTS if family in wanted]


def tools_for(wanted: Iterable[Family], given: Mapping[Kind, Path]) -> dict[Kind, Tool]:
    """Browsers and drivers: those at the given paths, else what is there or can be had."""
    return resolve(kinds_for(wanted), given=given, progress=RichProgress())


def session_with(family: Family, tools: Mapping[Kind, Tool], manifest: int = MANIFEST) -> Session:
    """A session that is not started yet."""
    return launch(family, manifest, tools, sessions_folder=sessions_folder(Cache.from_environment()))


def session_of(family: str, manifest: int, browser: Path | None = None, driver: Path | None = None) -> Session:
    """A session that is not started yet, of a browser and a driver that may be given."""
    (known,) = families([family])
    paths: dict[Kind, Path | None] = {known: browser, DRIVERS[known]: driver}
    return session_with(known, tools_for([known], {kind: path for kind, path in paths.items() if path}), manifest)


class Inside:
    """The inside of a session that has started: what is measured below the level of whole plays."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stage = session.stage
        self.setting: Setting = session._settings[0]
        self.pages = self.setting.pages

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Do something in the session's event loop."""
        return self.session._call(coroutine)

    def check(self, done: str) -> None:
        """Raise NotMeasured if the browser is broken."""
        if self.session.broken:
            raise NotMeasured(f"{self.setting.family}: {self.session.broken} ({done})")


def suite(patterns: Sequence[str] = ()) -> list[Scenario]:
    """The suite's scenarios, but those that wait for an idle time; where there are patterns, those that fit one."""
    found = [scenario for scenario in every_scenario() if not scenario.idle]
    wanted = [one for one in found if not patterns or any(fnmatch.fnmatch(one.name, pattern) for pattern in patterns)]
    if not wanted:
        raise NoSuchScenario(
            f"No scenario without an idle time fits {', '.join(patterns)}; `portolan scenarios` lists them."
        )
    return wanted


def every_scenario() -> list[Scenario]:
    """All scenarios of the suite, in the order of their modules and of their lines."""
    built = []
    for module in pkgutil.walk_packages(portolan.conformance.scenarios.__path__, "portolan.conformance.scenarios."):
        functions = vars(importlib.import_module(module.name)).values()
        built += [build(function) for function in functions if hasattr(function, REGISTRY)]
    return built
