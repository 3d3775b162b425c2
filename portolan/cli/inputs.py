"""What the user names on the command line: scenarios by name or glob, files of scenarios, folders for results."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

from portolan.conformance.errors import PortolanError, ScenarioError
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.judging.expectations import load as load_expectations
from portolan.conformance.language import discovery
from portolan.conformance.language.scenario import Scenario


class ResultsNotWritable(PortolanError):
    """The folder for results cannot be made or written."""


class TooFewRuns(PortolanError):
    """A comparison of fewer than two runs."""


Chosen = dict[Path, list[Scenario]]
"""Scenarios, by the file that they are in."""


def choose(arguments: Sequence[str]) -> Chosen:
    """The scenarios that the arguments mean: names and globs are of the suite's, a FILE.py means all of its own.

    Nothing given means the whole suite. Raises ScenarioError and UnknownScenario.
    """
    files = [Path(each) for each in arguments if is_file(each)]
    patterns = [each for each in arguments if not is_file(each)]
    chosen: Chosen = {}
    if patterns or not files:
        for scenario in discovery.select(load_suite(), patterns):
            chosen.setdefault(suite_file(scenario), []).append(scenario)
    for file in dict.fromkeys(path.absolute() for path in files):
        _check_path(file)
        chosen[file] = load_file(file)
    _check_names(chosen)
    return chosen


def _check_path(file: Path) -> None:
    """Refuse a path that pytest would not read as a path."""
    for mark in ("[", "::"):
        if mark in str(file):
            raise ScenarioError(
                f"{file}: the path of a scenario file cannot contain “{mark}”, which separates a file from a test in pytest; rename it"
            )


def is_file(argument: str) -> bool:
    """Whether an argument is a file of scenarios, not a name."""
    return argument.endswith(".py")


def load_suite() -> list[Scenario]:
    """The suite's scenarios."""
    return discovery.suite()


def suite_file(scenario: Scenario) -> Path:
    """The file that a scenario of the suite is in."""
    from portolan.pytest_plugin.collection import SUITE

    return next(SUITE.rglob(f"{scenario.topic}.py"))


def load_file(path: Path) -> list[Scenario]:
    """The scenarios of a user's file; what it prints goes to stderr, for stdout is for results."""
    with redirect_stdout(sys.stderr):
        return discovery.from_file(path)


def _check_names(chosen: Chosen) -> None:
    places: dict[str, Path] = {}
    for path, scenarios in chosen.items():
        for scenario in scenarios:
            if scenario.name in places:
                raise ScenarioError(
                    f"two scenarios are called {scenario.name}, in {places[scenario.name]} and in {path}; give one of them another name"
                )
            places[scenario.name] = path


def named(chosen: Chosen) -> dict[str, Scenario]:
    """The scenarios by name."""
    return {scenario.name: scenario for scenarios in chosen.values() for scenario in scenarios}


def judges(files: Iterable[Path] = ()) -> dict[str, Scenario]:
    """Everything that can judge a run: the suite's scenarios of today, and those of the given files before them."""
    known = {scenario.name: scenario for scenario in load_suite()}
    return known | {scenario.name: scenario for path in files for scenario in load_file(path)}


def expectations() -> Expectations:
    """What is known of the browsers. Raises ExpectationError, also for entries about no scenario."""
    return load_expectations(names=[scenario.name for scenario in load_suite()])


def check_writable(folder: Path) -> None:
    """Raise ResultsNotWritable for a folder that no results can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b" ")
    except OSError as error:
        raise ResultsNotWritable(
            f"the results folder {folder} cannot be written: {error.strerror or error}; give another one with --out DIR"
        ) from error
