"""Whatever is killed in the middle of a play: the outcome says so, the next browser plays, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import pytest

from portolan.conformance.judging.judge import PASS, judge
from portolan.runners.session.cleanup import sweep
from portolan.runners.session.extensions import Family
from portolan.runners.session.session import Session
from portolan.runners.sources import Kind, Tool

from . import a_runner
from .holding import HELD, Latch
from .rooted import seen_inside
from .stages import SECONDS, Place, Stage, belonging, elsewhere, until


def the_browser(session: Session) -> int:
    assert session.process
    return session.process.pid


def the_driver(session: Session) -> int:
    assert session.guard
    path = seen_inside(session.driver)  # below what enters its root, if it has one
    for process in session.guard.children(recursive=True):
        with suppress(psutil.Error):  # another one may be about to end
            if process.cmdline()[:1] == [path]:
                return process.pid
    raise AssertionError(f"{path} does not run")


def the_host(session: Session) -> int:
    assert session.stage.observer
    return int(session.stage.observer.hello["pid"])


def the_guard(session: Session) -> int:
    assert session.guard
    return session.guard.pid


VICTIMS = [
    pytest.param(the_browser, "crash", "the browser ended", id="the-browser"),
    pytest.param(the_driver, "crash", "ended", id="the-driver"),
    pytest.param(
        the_host, "harness-error", "the observer's native host ended, and the browser did not", id="the-observers-host"
    ),
    pytest.param(the_guard, "harness-error", "the driver's guard ended (SIGKILL)", id="the-guard"),
]


@pytest.mark.parametrize(("victim", "outcome", "reason"), VICTIMS)
def test_killed_in_the_middle_of_a_play(
    stage: Stage, place: Place, latch: Latch, victim: Callable[[Session], int], outcome: str, reason: str
) -> None:
    session = stage.session()
    with stage.playing(HELD) as playing:
        latch.wait_until_held()
        there = {process.pid for process in belonging(session.id)}
        assert {the_browser(session), the_driver(session), the_host(session), the_guard(session)} <= there, (
            "what is looked for can be found"
        )
        os.kill(victim(session), signal.SIGKILL)
        play = playing.result(SECONDS)

    assert play.outcome == outcome
    assert reason in play.reason
    assert session.broken
    stage.close()
    place.assert_nothing_left(session.id)

    latch.release()
    after = stage.session().play(HELD)
    assert (after.outcome, judge(HELD, after).verdict) == ("ok", PASS), after.reason


def test_nothing_is_left_of_a_session_that_ends_in_good_order(stage: Stage, place: Place, latch: Latch) -> None:
    latch.release()
    session = stage.session()
    assert session.play(HELD).outcome == "ok"
    stage.close()
    place.assert_nothing_left(session.id)


def test_a_session_is_closed_in_the_middle_of_a_play(stage: Stage, place: Place, latch: Latch) -> None:
    session = stage.session()
    with stage.playing(HELD) as playing:
        latch.wait_until_held()
        stage.close()
        assert playing.exception(SECONDS), "a play that was given up has no outcome"
    place.assert_nothing_left(session.id)


CHILD = "--child"
"""On the command line of a native application's child."""

LONG = "a folder so far down that no socket may have its path/" * 2


class Runner:
    """A runner in a process of its own."""

    def __init__(self, family: Family, tools: dict[Kind, Tool], sessions: Path) -> None:
        self.sessions = sessions
        orders = msgspec.json.encode(a_runner.Orders(family, tools, str(sessions))).decode()
        self.process = subprocess.Popen(
            [sys.executable, "-m", a_runner.__name__, orders],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def held(self) -> str:
        """Wait until its play is held in the middle; the session's id."""
        assert self.process.stdout
        with ThreadPoolExecutor(1) as pool:
            line = pool.submit(self.process.stdout.readline).result(SECONDS * 2)
        return str(msgspec.json.decode(line)["held"])

    def starting(self) -> str:
        """Wait until it has started a browser's driver; the session's id."""
        until(
            lambda: [process for session in self._sessions() for process in belonging(session)],
            lambda: "no driver was started",
        )
        return self._sessions()[0]

    def _sessions(self) -> list[str]:
        return [path.parent.name for path in self.sessions.glob("*/owner")]

    def end(self) -> tuple[int, str]:
        """Wait for its end: its exit code, and what it complained of."""
        _, complaints = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, complaints


@pytest.fixture
def runner(family: Family, tools: dict[Kind, Tool], place: Place, stage: Stage) -> Iterator[Runner]:
    stage.close()  # one browser at a time
    runner = Runner(family, tools, place.sessions / LONG)
    yield runner
    runner.process.kill()
    runner.end()


def test_the_runner_is_killed(runner: Runner, place: Place) -> None:
    session = runner.held()
    assert elsewhere(session).is_dir()
    runner.process.kill()
    runner.end()
    place.assert_nothing_left(session)


def freeze_children(session: str) -> None:
    """Stop the children of the session's native application, so that they cannot end by themselves."""
    children = [process for process in belonging(session) if CHILD in process.cmdline()]
    assert {os.getsid(process.pid) == process.pid for process in children} == {False, True}, "one has broken away"
    for process in children:
        process.suspend()


def test_the_runner_is_killed_and_a_native_application_has_children(runner: Runner, place: Place) -> None:
    session = runner.held()
    freeze_children(session)
    runner.process.kill()
    runner.end()
    place.assert_nothing_left(session)


def test_the_runner_is_interrupted(runner: Runner, place: Place) -> None:
    session = runner.held()
    runner.process.send_signal(signal.SIGINT)
    assert runner.end() == (130, "")
    assert place.leftovers(session) == []


def test_the_runner_is_interrupted_while_the_browser_starts(runner: Runner, place: Place) -> None:
    session = runner.starting()
    runner.process.send_signal(signal.SIGINT)
    assert runner.end() == (130, "")
    assert place.leftovers(session) == []


def test_the_next_start_removes_what_a_runner_left_that_was_killed_with_its_guard(runner: Runner, place: Place) -> None:
    session = runner.held()
    assert sweep(runner.sessions) == [], "its runner lives"
    guard = next(
        process
        for process in psutil.Process(runner.process.pid).children()
        if "reaper.py" in " ".join(process.cmdline())
    )
    freeze_children(session)
    guard.suspend()  # so that the runner's end does not reach it
    runner.process.kill()
    guard.kill()
    runner.end()
    assert belonging(session)
    assert sweep(runner.sessions) == [session]
    place.assert_nothing_left(session)
