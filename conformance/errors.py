"""What can be wrong with a scenario, an expectation or a run file: one class a reason."""

from __future__ import annotations


class PortolanError(Exception):
    """Bad input, or an environment that cannot serve: one clear sentence, exit code 2.

    The text says what is wrong, where, and what would have been accepted.
    """


class ScenarioError(PortolanError):
    """A scenario builds nonsense: an actor that is not there, a port never opened, a name used twice."""


class UnknownScenario(PortolanError):
    """A name or glob that no scenario has."""


class RunFileError(PortolanError):
    """A run file that is not one, or has a line that is wrong: file, line number, and what is wrong."""


class ExpectationError(PortolanError):
    """An expectations file that cannot be read, or names what does not exist."""


class ClaimError(PortolanError):
    """The table of claims is wrong, or a scenario or a person names a claim that is not in it."""


class ContradictionError(PortolanError):
    """The table of contradictions is wrong, names what is not there, or has no contradiction of that id."""


class BugError(PortolanError):
    """The table of known bugs is wrong, names what is not there, or has no bug of that id."""
