"""A play that is held in its middle, with ports open: a page of its stage is not served until the latch is released."""

from __future__ import annotations

import threading

from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play
from portolan.runners.session.server import page

LATE = "late"
HOLD_SECONDS = 120.0


@scenario()
def held(play: Play) -> None:
    """A page and a native application with children, which outstays its port, have ports open while another page loads."""
    background, first, application = play.background(), play.page(), play.application(ignores_eof=True)
    heard = background.listen()
    native = background.connect_native(application)
    port = first.connect()
    play.settle()
    children = [application.start_child(), application.start_child("broken_away", breaks_away=True)]
    play.settle()
    play.page(LATE)
    play.settle()
    asked = port.post("still there?")
    for child in children:
        child.ask()
    play.settle()

    play.expect(asked.returned())
    play.expect(heard.port.received("still there?"))
    play.expect(native.stayed_open())
    for child in children:
        play.expect(child.answered())


@scenario()
def crashed_and_held(play: Play) -> None:
    """The process of all extensions crashes, as the play asks for, and then another page loads."""
    background, first = play.background(), play.page()
    background.listen()
    port = first.connect()
    play.settle()
    background.crash()
    play.settle()
    play.page(LATE)
    play.settle()

    play.expect(port.disconnected())


HELD = build(held)
CRASHED_AND_HELD = build(crashed_and_held)
FACTOR = 5.0
"""Deadlines are this much longer, so that a play waits for its late page for as long as a test needs."""


class Latch:
    """Serves the stage's pages; the late one only once it is released."""

    def __init__(self) -> None:
        self._asked, self._released = threading.Event(), threading.Event()

    def __call__(self, query: dict[str, str]) -> str:
        if query.get("document") == LATE:
            self._asked.set()
            self._released.wait()
        return page(query)

    def wait_until_held(self) -> None:
        """Wait until a play has come to its middle."""
        assert self._asked.wait(HOLD_SECONDS), "the play never asked for its late page"

    def release(self) -> None:
        """Let the plays go on, this one and all that come."""
        self._released.set()
