"""Scenarios written in a test, built without a registry."""

from __future__ import annotations

from collections.abc import Callable

from portolan.conformance.checks.checks import Pattern, never
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s

ANYONE = Pattern("note", "nothing-of-this-name")


def written(write: Callable[[Play], object]) -> Scenario:
    """The scenario that a function writes, with a check that asks for nothing if it names none."""

    def hand_made(play: Play) -> None:
        """A scenario of a test."""
        write(play)
        if not play._script.requirements and not play._script.open_points:
            play.expect(never(ANYONE))

    return build(scenario()(hand_made))


def steps_of(write: Callable[[Play], object]) -> tuple[s.AnyStep, ...]:
    """The steps that a function writes, without the last settle."""
    return written(write).steps[:-1]
