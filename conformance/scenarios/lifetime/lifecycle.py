"""Ports and the lives of their contexts: bfcache, stopped and idle backgrounds, reloads."""

from portolan import (
    Play,
    all_of,
    scenario,
    variant,
)

BFCACHE = "https://github.com/w3c/webextensions/issues/474"


@scenario(claims=["P68"], bug=BFCACHE)
def a_page_with_an_open_port_is_navigated_away_and_comes_back(play: Play) -> None:
    """The page goes into the bfcache with an open port, is sent a message there, comes back, and posts."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()

    other = page.navigate("other")
    play.settle()
    away = play.settle()
    sent = heard.port.post("while you were away")
    play.settle()
    back = other.go_back(page)
    play.settle()
    port.post("I am back")
    play.settle()

    ended = heard.port.disconnected(before=away)
    play.expect_one_of(
        "a port whose page is in the bfcache",
        variant(
            "ends-with-an-error-unseen-by-the-page",
            all_of(ended, heard.port.disconnected(error="something"), port.stayed_open(), page.acted_in(1, after=back)),
            claims="P68",
            title="ends with an error, of which the page sees nothing",
        ),
        variant(
            "ends-unseen-by-the-page",
            all_of(ended, heard.port.disconnected(error=None), port.stayed_open(), page.acted_in(1, after=back)),
            claims="P68",
            title="ends without an error, and the page sees nothing of it",
        ),
        variant(
            "ends-as-the-page-is-not-kept",
            all_of(ended, page.acted_in(2, after=back)),
            claims="P68",
            title="ends, as the page is not kept",
        ),
        variant(
            "stays-open-until-something-is-sent",
            all_of(
                heard.port.stayed_open(before=sent),
                heard.port.disconnected(error=None, after=sent),
                page.acted_in(2, after=back),
            ),
            title="stays open until something is sent, which ends it and the page",
        ),
        variant(
            "stays-open-and-loses-messages",
            all_of(
                heard.port.stayed_open(before=back),
                port.received(),
                heard.port.received("I am back"),
                page.acted_in(1, after=back),
            ),
            title="stays open; what is sent meanwhile is lost",
        ),
    )


@scenario(claims=["P36", "CS5", "BG4"])
def a_background_is_stopped_with_a_port_open(play: Play) -> None:
    """The event page or service worker is stopped: the content script's onDisconnect fires; connecting starts it again."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    heard = background.listen()
    port = page.connect()
    play.settle()
    stop = background.stop()
    play.settle()
    again = page.connect(name="wake up")
    again.post("good morning")
    play.settle()

    play.expect(port.disconnected(error=None, after=stop), claims=["P36", "CS5"])
    play.expect(
        all_of(heard.fired(2), again.stayed_open()), because="a connect starts a stopped background", claims="BG4"
    )


@scenario(claims=["P36"])
def a_background_is_stopped_that_opened_a_port(play: Play) -> None:
    """The event page or service worker that opened a port is stopped: the content script's onDisconnect fires."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    heard = page.listen()
    background.connect_tab(page)
    play.settle()
    stop = background.stop()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=stop), claims="P36")


@scenario(claims=["P36", "BG1", "BG2"])
def an_idle_background_is_stopped_in_spite_of_an_open_port(play: Play) -> None:
    """Nothing is said on an open port: the event page or service worker is stopped for being idle, and the port ends."""
    background, page = play.background(), play.page()
    background.require_stoppable()
    background.listen()
    port = page.connect()
    play.settle()
    idle = background.wait_for_idle_stop()
    play.settle()

    play.expect(port.disconnected(error=None), claims="P36")
    play.expect_one_of(
        "an idle background with an open port",
        variant(
            "is-stopped-which-ends-the-port",
            port.disconnected(error=None, after=idle),
            claims="BG2",
            title="is stopped, which ends the port",
        ),
        variant(
            "is-stopped-after-the-port-ended",
            port.disconnected(error=None, before=idle),
            claims="BG1",
            title="is stopped after the port has ended",
        ),
    )


@scenario()
def the_extension_is_reloaded_with_a_port_open(play: Play) -> None:
    """The extension is reloaded: what its content script of before still sees of its port."""
    background, page = play.background(), play.page()
    background.listen()
    port = page.connect()
    play.settle()
    reload = background.reload()
    play.settle()

    play.expect_one_of(
        "what a content script sees of its extension's reload",
        variant("its-on-disconnect-fires", port.disconnected(error=None, after=reload), title="its onDisconnect fires"),
        variant("nothing-as-it-is-gone", port.stayed_open(), title="nothing: it no longer exists itself"),
    )


@scenario(claims=["P36"])
def another_extension_is_reloaded_with_a_port_open(play: Play) -> None:
    """The peer is reloaded: the opener's onDisconnect fires, without an error."""
    background, peer = play.background(), play.peer()
    peer.listen("onConnectExternal")
    port = background.connect(to="peer")
    play.settle()
    reload = peer.reload()
    play.settle()

    play.expect(port.disconnected(error=None, after=reload), claims="P36")
