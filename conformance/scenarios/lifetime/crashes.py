"""The process in which extensions run crashes: ports, and backgrounds. In Firefox that of all extensions (claim BG7), in Chromium that of one."""

from collections.abc import Callable
from dataclasses import dataclass

from portolan import (
    AnyCheck,
    Background,
    BackgroundCrash,
    ConnectListener,
    OpenedPort,
    Play,
    all_of,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import AllOf


@scenario(claims=["P36", "CS5"])
def the_process_of_extensions_crashes_with_ports_open(play: Play) -> None:
    """A content script has a port that it opened, and one that it received: both are told that the background is gone."""
    background, page = play.background(), play.page()
    background.listen()
    received = page.listen()
    opened = page.connect()
    background.connect_tab(page)
    play.settle()
    crash = background.crash()
    play.settle()

    play.expect(opened.disconnected(error=None, after=crash), claims=["P36", "CS5"])
    play.expect(received.port.disconnected(error=None, after=crash), claims=["P36", "CS5"])


@scenario(claims=["P36"])
def one_process_of_two_extensions_crashes(play: Play) -> None:
    """Content scripts of two extensions have a port each: both ports end, for the two backgrounds shared their process."""
    background, peer, page = play.background(), play.peer(), play.page()
    background.listen()
    peer.listen()
    own, others = page.connect(), page.peer.connect()
    play.settle()
    crash = background.crash()
    play.settle()

    play.expect(own.disconnected(error=None, after=crash), claims="P36")
    play.expect(others.disconnected(error=None, after=crash), claims="P36")


@dataclass(frozen=True)
class Crashed:
    """A background whose process has crashed after it had heard a connect; and a ``late`` connect, to which it listened."""

    background: Background
    heard: ConnectListener
    crash: BackgroundCrash
    late: OpenedPort

    def is_loaded_again(self) -> AllOf:
        """It was there before the late connect, and heard it."""
        return all_of(self.crash.loaded_again(), *self._hears())

    def is_loaded_with_its_next_event(self) -> AllOf:
        """It came with the late connect, and heard it."""
        return all_of(self.crash.stayed_unloaded(), *self._hears())

    def _hears(self) -> tuple[AnyCheck, ...]:
        return self.heard.fired(1, after=self.crash), self.background.acted_in(2), self.late.stayed_open()

    def stays_away(self) -> AllOf:
        """It never came again, and nobody listened to the late connect."""
        silent, ended = self.heard.silent(after=self.crash), self.late.disconnected(error="something")
        return all_of(self.crash.stayed_unloaded(), silent, ended)


def crash_between_connects(play: Play, needs: Callable[[Background], None]) -> Crashed:
    """A content script connects to such a background before a crash, and after it."""
    background, page = play.background(), play.page()
    needs(background)
    heard = background.listen()
    page.connect()
    play.settle()
    crash = background.crash()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(heard.fired(1, before=crash), because="it was there before the crash")
    return Crashed(background, heard, crash, late)


@scenario(claims=["BG7"])
def a_persistent_background_whose_process_crashes(play: Play) -> None:
    """The browser is looked at whether it has loaded the background again by itself; then a content script connects."""
    crashed = crash_between_connects(play, Background.require_persistent)

    play.expect_one_of(
        "a persistent background whose process has crashed",
        variant("is-loaded-again-at-once", crashed.is_loaded_again(), claims="BG7"),
        variant("is-loaded-with-its-next-event", crashed.is_loaded_with_its_next_event()),
        variant("does-not-come-back", crashed.stays_away()),
    )


@scenario(claims=["BG7"])
def an_event_page_whose_process_crashes(play: Play) -> None:
    """The browser is looked at whether it has loaded the event page again by itself; then a content script connects."""
    crashed = crash_between_connects(play, Background.require_stoppable)

    play.expect_one_of(
        "an event page whose process has crashed",
        variant("is-loaded-with-its-next-event", crashed.is_loaded_with_its_next_event(), claims="BG7"),
        variant("is-loaded-again-at-once", crashed.is_loaded_again()),
        variant("does-not-come-back", crashed.stays_away()),
    )


@scenario(claims=["P36"])
def an_extension_page_crashes_beside_its_background(play: Play) -> None:
    """A content script has a port to each, and opens another one afterwards: that tells whether the background goes with the page."""
    background, page, extension_page = play.background(), play.page(), play.extension_page()
    background.listen()
    of_background = page.connect()
    play.settle()
    of_page = page.listen().port
    extension_page.connect_tab(page)
    play.settle()
    crash = extension_page.crash()
    play.settle()
    late = page.connect()
    play.settle()

    ended = of_background.disconnected(error=None, after=crash)
    play.expect(of_page.disconnected(error=None, after=crash), claims="P36")
    play.expect_one_of(
        "the background of an extension whose page has crashed",
        variant("lives-on", all_of(of_background.stayed_open(), late.stayed_open())),
        variant(
            "ends-and-starts-with-the-next-event",
            all_of(ended, late.stayed_open(), background.acted_in(2)),
            title="ends, and starts again with its next event",
        ),
        variant(
            "ends-with-its-extension",
            all_of(ended, late.call().threw("invalidated")),
            title="ends, and its extension with it",
        ),
    )
