"""Other programs' formats: one module each, a pure function of runs.

Each module has ``render``: of a :class:`Given` it makes the text of one file. A module with ``ONE_RUN`` makes a file
of one run only; ``SUFFIX`` is what its files are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

import msgspec

from portolan.conformance.language.scenario import Scenario
from portolan.reports.load import JudgedRun

MODULES: Mapping[str, str] = {
    "markdown": "markdown",
    "junit": "junit",
    "json": "json",
    "csv": "csv",
    "wptreport": "wptreport",
    "bcd": "bcd",
    "bcd-gaps": "bcd_gaps",
    "badge": "badge",
    "badge-json": "badge_json",
    "tap": "tap",
}
"""The formats, and the modules that make them."""


class Given(msgspec.Struct, frozen=True):
    """What is rendered: judged runs, and the scenarios of today by which they were judged."""

    runs: tuple[JudgedRun, ...]
    scenarios: Mapping[str, Scenario] = {}

    def topic(self, scenario: str) -> str:
        """The topic of a scenario; nothing for one that today's suite does not have."""
        return self.scenarios[scenario].topic if scenario in self.scenarios else ""


class Format(Protocol):
    """A module of this package."""

    SUFFIX: str
    ONE_RUN: bool
    render: Callable[[Given], str]


def format_named(name: str) -> Format:
    """The module of a format in ``MODULES``."""
    module: Format = import_module(f"portolan.reports.formats.{MODULES[name]}")
    return module
