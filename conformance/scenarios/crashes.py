"""The process in which all of Firefox's extensions run crashes: ports, and backgrounds. Claim BG7."""

from conformance.core.checks import all_of
from conformance.core.play import Play, variant
from conformance.core.scenario import scenario


@scenario(claims=["P36", "CS5"])
def the_process_of_extensions_crashes_with_ports_open(play: Play) -> None:
    """A content script has a port that it opened, and one that it received: both are told that the background is gone."""
    background, page = play.background(), play.page()
    background.listens()
    received = page.listens()
    opened = page.connect()
    background.connect_tab(page)
    play.settle()
    crash = background.crashes()
    play.settle()

    play.expect(opened.disconnected(error=None, after=crash), says=["P36", "CS5"])
    play.expect(received.port.disconnected(error=None, after=crash), says=["P36", "CS5"])


@scenario(claims=["P36"])
def one_process_of_two_extensions_crashes(play: Play) -> None:
    """Content scripts of two extensions have a port each: both ports end, for the two backgrounds shared their process."""
    background, peer, page = play.background(), play.peer(), play.page()
    background.listens()
    peer.listens()
    own, others = page.connect(), page.peer.connect()
    play.settle()
    crash = background.crashes()
    play.settle()

    play.expect(own.disconnected(error=None, after=crash), says="P36")
    play.expect(others.disconnected(error=None, after=crash), says="P36")


@scenario(claims=["BG7"])
def a_persistent_background_whose_process_crashes(play: Play) -> None:
    """The browser is looked at whether it has loaded the background again by itself; then a content script connects."""
    background, page = play.background(), play.page()
    background.needs_to_stay()
    heard = background.listens()
    page.connect()
    play.settle()
    crash = background.crashes()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(heard.fired(1, before=crash), because="it was there before the crash")
    play.expect_one_of(
        "a persistent background whose process has crashed",
        variant(
            "is loaded again at once",
            all_of(crash.loads_again(), heard.fired(1, after=crash), background.lived(2), late.open()),
            says="BG7",
        ),
        variant(
            "is loaded with its next event",
            all_of(crash.leaves_unloaded(), heard.fired(1, after=crash), background.lived(2), late.open()),
        ),
        variant(
            "stays away",
            all_of(crash.leaves_unloaded(), heard.silent(after=crash), late.disconnected(error="something")),
        ),
    )


@scenario(claims=["BG7"])
def an_event_page_whose_process_crashes(play: Play) -> None:
    """The browser is looked at whether it has loaded the event page again by itself; then a content script connects."""
    background, page = play.background(), play.page()
    background.needs_to_stop()
    heard = background.listens()
    page.connect()
    play.settle()
    crash = background.crashes()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(heard.fired(1, before=crash), because="it was there before the crash")
    play.expect_one_of(
        "an event page whose process has crashed",
        variant(
            "is loaded with its next event",
            all_of(crash.leaves_unloaded(), heard.fired(1, after=crash), background.lived(2), late.open()),
            says="BG7",
        ),
        variant(
            "is loaded again at once",
            all_of(crash.loads_again(), heard.fired(1, after=crash), background.lived(2), late.open()),
        ),
        variant(
            "stays away",
            all_of(crash.leaves_unloaded(), heard.silent(after=crash), late.disconnected(error="something")),
        ),
    )
