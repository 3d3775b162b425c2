"""Plays that run beside others, in troupes of their own, meddle with nothing of each other's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from portolan.conformance.judging.judge import PASS, judge
from portolan.conformance.language.discovery import suite
from portolan.runners.playing.incarnations import Incarnation
from portolan.runners.playing.stage import Stage as Known
from portolan.runners.playing.stage import Watching
from portolan.runners.sources import Kind, Tool

from .holding import HELD, Latch
from .stages import FAMILIES, SECONDS, Place, Stage

SUITE = {scenario.name: scenario for scenario in suite()}
STAYS = "the_extension_disconnects_an_application_that_stays"
NATIVE = (
    "a_native_application_answers",
    "a_native_application_crashes",
    STAYS,
)
"""Scenarios with a native application of the same name as the held play's, which lives on, ends by itself, or is ended."""


@pytest.fixture(scope="module", params=FAMILIES)
def stage(request: pytest.FixtureRequest, tools: dict[Kind, Tool], place: Place) -> Iterator[Stage]:
    """A browser of either family."""
    stage = Stage(request.param, tools, place)
    yield stage
    stage.close()


@pytest.mark.parametrize("name", NATIVE)
def test_native_applications_are_told_apart(stage: Stage, latch: Latch, name: str) -> None:
    session = stage.session()
    with stage.playing(HELD) as playing:
        latch.wait_until_held()
        beside = session._call(session._player(session._settings[1], SUITE[name], 1).play())
        latch.release()
        held = playing.result(SECONDS)
    assert [play.outcome for play in (beside, held)] == ["ok", "ok"], (beside.reason, held.reason)
    assert judge(HELD, held).verdict == PASS, judge(HELD, held).reasons
    alone = session.play(SUITE[name])
    assert judge(SUITE[name], beside).verdict == judge(SUITE[name], alone).verdict


def test_what_ends_every_extension_waits_for_those_beside(stage: Stage) -> None:
    session = stage.session()
    session.prepare([(SUITE[STAYS], 1)])
    crashed = session.play(SUITE["the_process_of_extensions_crashes_with_ports_open"])
    beside = session.play(SUITE[STAYS])
    assert [play.outcome for play in (crashed, beside)] == ["ok", "ok"], (crashed.reason, beside.reason)
    assert judge(SUITE[STAYS], beside).verdict.startswith("variant:")
    assert bool(session.broken) is not bool(crashed.lacking)  # where nothing has crashed it can go on


def test_a_play_that_ends_leaves_the_others_their_documents() -> None:
    known = Known()
    known.plays = {play: cast("Watching", None) for play in ("p1", "p2")}
    for id, play in (("ended", "p1"), ("cached", "p2"), ("left over", "p0")):
        known.incarnations[id] = Incarnation(id, "page", {}, play=play)
        known.incarnations[id].alive = False
    known.forget("p1")
    assert list(known.incarnations) == ["cached"]
