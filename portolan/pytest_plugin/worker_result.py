"""What one item of pytest came to, in a form that travels from a worker to the process that writes the run files."""

from __future__ import annotations

import json

import msgspec
import pytest

from portolan.conformance.trace.recording import Browser, Recording
from portolan.selection.targets import Target

ATTRIBUTE = "portolan"
OMITTED = "portolan_omitted"
"""The names of the test report's attributes: JSON text, so that pytest-xdist carries it."""


class Played(msgspec.Struct, frozen=True):
    """One play: in which browser, the how-manieth scenario of the run, and what was made of it.

    ``of``: how many plays the run has in this target; 0 where nobody knows.
    """

    target: Target
    browser: Browser
    order: int
    play: Recording
    status: str
    answer: str
    sentence: str = ""
    of: int = 0


class Omitted(msgspec.Struct, frozen=True):
    """An item that was not played, since its browser does not load extensions of its manifest version."""

    target: Target
    sentence: str


def attach_omitted(report: pytest.TestReport, omitted: Omitted) -> None:
    """Put it on a report."""
    setattr(report, OMITTED, json.dumps(msgspec.to_builtins(omitted)))


def omitted_of(report: object) -> Omitted | None:
    """What a report says of an item that was left out, if it is one."""
    text = getattr(report, OMITTED, None)
    return msgspec.convert(json.loads(text), Omitted) if isinstance(text, str) else None


def attach(report: pytest.TestReport, played: Played) -> None:
    """Put it on a report. Lone surrogates survive: JSON escapes them."""
    setattr(report, ATTRIBUTE, json.dumps(msgspec.to_builtins(played)))


def played_of(report: object) -> Played | None:
    """What a report carries, if anything."""
    text = getattr(report, ATTRIBUTE, None)
    return msgspec.convert(json.loads(text), Played) if isinstance(text, str) else None
