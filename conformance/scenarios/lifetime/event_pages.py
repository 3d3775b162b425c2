"""Event pages and service workers: what they are told of their end, and what starts them. Claims BG3, BG5, BG6, BG8."""

from portolan import (
    Play,
    all_of,
    exactly_once,
    in_order,
    never,
    scenario,
    variant,
)


@scenario(claims=["BG3"])
def what_a_background_hears_of_its_own_ports_when_it_is_stopped(play: Play) -> None:
    """One port that it opened, one that it received: whether their onDisconnect fires in the background that goes."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    received = background.listen()
    page.listen()
    background.listen_for_suspend()
    opened = background.connect_tab(page)
    answered = page.connect()
    play.settle()
    stop = background.stop()
    play.settle()

    play.expect(answered.disconnected(error=None, after=stop), because="only a port that ends can be heard of")
    play.expect_one_of(
        "the ports of a background that is stopped, as it sees them itself",
        variant(
            "on-disconnect-fires",
            all_of(opened.disconnected(after=stop), received.port.disconnected(after=stop)),
            claims="BG3",
            title="onDisconnect fires",
        ),
        variant(
            "only-on-suspend-and-pagehide-fire",
            all_of(
                exactly_once(background.suspend_event("onSuspend")),
                exactly_once(background.suspend_event("pagehide")),
                opened.stayed_open(),
                received.port.stayed_open(),
            ),
            title="onDisconnect does not fire, though onSuspend and pagehide do",
        ),
        variant(
            "sees-nothing",
            all_of(never(background.suspend_event("onSuspend")), opened.stayed_open(), received.port.stayed_open()),
            title="it sees nothing",
        ),
    )


@scenario(claims=["BG6"])
def a_stopped_background_whose_listener_was_removed(play: Play) -> None:
    """It listens for ports, and is given one; its listener is removed, and it is stopped: what a connect does then."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    heard = background.listen()
    page.connect()
    play.settle()
    background.stop_listening(heard)
    play.settle()
    stop = background.stop()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(heard.fired(1, before=stop), because="it heard the first connect, before its listener was removed")
    play.expect_one_of(
        "a connect to a stopped background whose listener was removed",
        variant("starts-nothing", all_of(heard.silent(after=stop), late.disconnected(error="something")), claims="BG6"),
        variant(
            "starts-it-and-it-listens-again",
            all_of(heard.fired(1, after=stop), late.stayed_open()),
            title="starts it, and it listens again",
        ),
    )


@scenario(claims=["BG5"])
def an_event_comes_for_a_background_that_is_about_to_be_stopped(play: Play) -> None:
    """A page connects while the browser waits for onSuspend: onSuspendCanceled fires, and the event page lives on."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    heard = background.listen()
    background.listen_for_suspend(hold=True)
    play.settle()
    background.begin_stop()
    port = page.connect()
    play.settle()

    cancelled = background.suspend_event("onSuspendCanceled")
    play.expect(in_order(background.suspend_event("onSuspend"), cancelled), claims="BG5")
    play.expect(heard.fired(1), because="the event has come")
    play.expect(
        all_of(exactly_once(cancelled), never(background.suspend_event("pagehide")), port.stayed_open()), claims="BG5"
    )


@scenario(claims=["BG5"])
def a_background_that_does_nothing_is_stopped(play: Play) -> None:
    """No port is open, nothing is done: the event page or service worker is stopped, and a connect starts another life."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    heard = background.listen()
    background.probe("runtime.id")  # a life counts in which something was done
    play.settle()
    background.wait_for_idle_stop()
    play.settle()
    late = page.connect()
    play.settle()

    play.expect(all_of(heard.fired(1), late.stayed_open()), because="it is started again by what it listens to")
    play.expect(background.acted_in(2), claims="BG5")


@scenario(claims=["BG8"])
def a_manifest_that_lists_scripts_and_a_service_worker(play: Play) -> None:
    """The other extension is updated: its background is listed as scripts, and beside them as a service worker."""
    background, peer = play.background(), play.peer()
    heard = background.listen("onConnectExternal")
    peer.update(both_backgrounds=True)
    play.settle()
    port = peer.connect(to="subject")
    play.settle()

    play.expect(all_of(heard.fired(1), port.stayed_open()), claims="BG8", because="one of them is started")
    play.expect_one_of(
        "which of two backgrounds is started",
        variant(
            "scripts-in-a-page",
            heard.port.has("sender.url", "like", "_generated_background_page"),
            claims="BG8",
            title="the scripts, in a page",
        ),
        variant("the-service-worker", heard.port.has("sender.url", "like", r"worker\.js$")),
    )
