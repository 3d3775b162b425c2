"""Players that do what a test tells them, and scenario files to play."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Outcome, Recording
from portolan.pytest_plugin.running_browsers import Turn, unplayed

GREETING = '''
from portolan.conformance.language.building import scenario


@scenario(claims=["C26"])
def {name}(play):
    """A content script greets the background."""
    heard = play.background().listen()
    port = play.page().connect()
    play.settle()
    port.post("hello")
    play.settle()
    play.expect(heard.port.received("hello"), claims="C26")
'''
"""A scenario that plays everywhere; it fails with the bug ``loses-last-message``."""

IDLE = '''

@scenario()
def {name}(play):
    """Nothing happens until the background is stopped."""
    background = play.background()
    background.require_stoppable()
    heard = background.listen()
    play.page().connect()
    play.settle()
    background.wait_for_idle_stop()
    play.settle()
    play.expect(heard.fired())
'''
"""An idle-time scenario, for a file that begins with another one."""

CRASHING = '''
from portolan.conformance.language.building import scenario


@scenario()
def {name}(play):
    """The process of all extensions crashes with a port open."""
    background = play.background()
    background.listen()
    port = play.page().connect()
    play.settle()
    crash = background.crash()
    play.settle()
    play.expect(port.disconnected(error=None, after=crash))
'''
"""A scenario after which a browser may have to be started anew."""


class BrowserDidNotStart(PortolanError):
    """As a session says it."""


class StandIn:
    """A player that notes what it is told to do, and gives the outcomes that it was made with, the last one for ever."""

    def __init__(
        self, notes: list[str], outcomes: Sequence[Outcome | BaseException] = ("ok",), starts: bool = True
    ) -> None:
        self.notes, self.outcomes, self.starts = notes, list(outcomes), starts
        self.broken: str | None = None

    def start(self) -> Browser:
        self.notes.append("start")
        if not self.starts:
            raise BrowserDidNotStart("firefox did not start: no display\n  | last line")
        return Browser("firefox", "153.7.0")

    def prepare(self, plays: Sequence[Turn]) -> None:
        self.notes.append("prepare " + " ".join(f"{scenario.name}/{repeat}" for scenario, repeat in plays))

    def play(self, scenario: Scenario, repeat: int = 1) -> Recording:
        self.notes.append(f"play {scenario.name}/{repeat}")
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome in ("crash", "harness-error"):
            self.broken = f"a {outcome}"
        return unplayed((scenario, repeat), outcome, "" if outcome == "ok" else f"a {outcome}")

    def close(self) -> None:
        self.notes.append("close")


Opener = Callable[..., StandIn]
