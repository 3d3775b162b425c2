"""The children of the play's native application, without a browser: what they report, and that they end with their runner."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .hosting import TOKEN, Host
from .stages import until


class Child:
    """A child of an application, as the collector knows it."""

    def __init__(self, host: Host, *, breaks_away: bool) -> None:
        host.link.hear()
        self.host = host
        host.link.send({})
        host.link.send({"id": 1, "ops": [{"op": "app-child", "child": "a child", "breaks_away": breaks_away}]})
        self.link = host.accept()
        self.hello = self.link.hear()
        self.process = psutil.Process(self.hello["pid"])

    def heard(self, n: int, phase: str, operation: str) -> object:
        """The next frame is this event; its value."""
        (event,) = self.link.hear()["events"]
        assert (event["n"], event["phase"], event["operation"]) == (n, phase, operation)
        return event.get("value")

    def lives(self) -> bool:
        """Whether its process runs. Nobody may have asked for its exit code yet."""
        try:
            return bool(self.process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


@pytest.fixture
def child(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Child]:
    """In its application's process group, or broken away from it."""
    host = Host(tmp_path, "application.py")
    child = Child(host, breaks_away=request.param)
    yield child
    child.link.close()
    host.close()
    until(lambda: not child.lives(), lambda: "the child outlives its runner")


both = pytest.mark.parametrize("child", [False, True], ids=["in-the-group", "broken-away"], indirect=True)


@both
def test_says_who_it_is(child: Child, request: pytest.FixtureRequest) -> None:
    broken_away = request.node.callspec.params["child"]
    hello, application = child.hello, child.host.process.pid
    assert (hello["token"], hello["child"], hello["caller"]) == (TOKEN, "a child", ["a caller"])
    assert child.process.ppid() == application
    assert (os.getpgid(hello["pid"]) != os.getpgid(application)) is broken_away
    assert child.heard(1, "note", "started") == {"broken_away": broken_away}


@both
def test_answers_when_its_application_is_gone(child: Child) -> None:
    child.heard(1, "note", "started")
    child.host.process.kill()
    child.host.process.wait()
    child.link.send({"id": 2, "ops": [{"op": "app-answer"}]})
    child.heard(2, "note", "alive")
    assert child.link.hear() == {"kind": "answer", "re": 2, "counter": 2, "pending": False}


@both
def test_says_that_it_is_ended(child: Child) -> None:
    child.heard(1, "note", "started")
    os.kill(child.hello["pid"], signal.SIGTERM)
    child.heard(2, "fire", "SIGTERM")
    assert child.link.reads.read() == b"", "the collector sees its end"


@both
def test_ends_with_its_runner(child: Child) -> None:
    child.link.close()
    until(lambda: not child.lives(), lambda: "the child outlives its runner")
    assert child.host.process.poll() is None, "its application is another process"
