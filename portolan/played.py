"""What one item of pytest came to, in a form that travels from a worker to the process that writes the run files."""

from __future__ import annotations

import json

import msgspec
import pytest

from conformance.core.trace import Browser, Play
from portolan.targets import Target

ATTRIBUTE = "portolan"
"""The name of the test report's attribute: JSON text, so that pytest-xdist carries it."""


class Played(msgspec.Struct, frozen=True):
    """One play: in which browser, the how-manieth scenario of the run, and what was made of it."""

    target: Target
    browser: Browser
    order: int
    play: Play
    status: str
    answer: str
    sentence: str = ""


def attach(report: pytest.TestReport, played: Played) -> None:
    """Put it on a report. Lone surrogates survive: JSON escapes them."""
    setattr(report, ATTRIBUTE, json.dumps(msgspec.to_builtins(played)))


def played_of(report: object) -> Played | None:
    """What a report carries, if anything."""
    text = getattr(report, ATTRIBUTE, None)
    return msgspec.convert(json.loads(text), Played) if isinstance(text, str) else None
