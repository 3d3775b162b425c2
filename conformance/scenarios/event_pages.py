"""Event pages and service workers: what they are told of their end, and what starts them. Claims BG3, BG6."""

from conformance.core.checks import all_of, exactly_once, never
from conformance.core.play import Play, variant
from conformance.core.scenario import scenario


@scenario(claims=["BG3"])
def what_a_background_hears_of_its_own_ports_when_it_is_stopped(play: Play) -> None:
    """One port that it opened, one that it received: whether their onDisconnect fires in the background that goes."""
    background, page = play.background(), play.page()
    background.needs_to_stop()
    received = background.listens()
    page.listens()
    background.hears_its_end()
    opened = background.connect_tab(page)
    answered = page.connect()
    play.settle()
    stop = background.is_stopped()
    play.settle()

    play.expect(answered.disconnected(error=None, after=stop), because="only a port that ends can be heard of")
    play.expect_one_of(
        "the ports of a background that is stopped, as it sees them itself",
        variant(
            "onDisconnect fires",
            all_of(opened.disconnected(after=stop), received.port.disconnected(after=stop)),
            says="BG3",
        ),
        variant(
            "onDisconnect does not fire, though onSuspend and pagehide do",
            all_of(
                exactly_once(background.is_told("onSuspend")),
                exactly_once(background.is_told("pagehide")),
                opened.open(),
                received.port.open(),
            ),
        ),
        variant(
            "it hears of nothing", all_of(never(background.is_told("onSuspend")), opened.open(), received.port.open())
        ),
    )


@scenario(claims=["BG6"])
def a_stopped_background_whose_listener_was_removed(play: Play) -> None:
    """It listens for ports, and is given one; its listener is removed, and it is stopped: what a connect does then."""
    background, page = play.background(), play.page()
    background.needs_to_stop()
    heard = background.listens()
    page.connect()
    play.settle()
    background.stops_listening(heard)
    play.settle()
    stop = background.is_stopped()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(heard.fired(1, before=stop), because="it heard the first connect, before its listener was removed")
    play.expect_one_of(
        "a connect to a stopped background whose listener was removed",
        variant("starts nothing", all_of(heard.silent(after=stop), late.disconnected(error="something")), says="BG6"),
        variant("starts it, and it listens again", all_of(heard.fired(1, after=stop), late.open())),
    )
