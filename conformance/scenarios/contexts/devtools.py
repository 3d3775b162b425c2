"""The extension's devtools page: it connects, its end, and what it changes for its extension. Claims C3, P36, P68.

Its manifest names it in these plays alone. Who reaches it and whom it reaches is in ``pairs.py``, its sender in ``senders.py``.
"""

from portolan import (
    Play,
    all_of,
    in_order,
    scenario,
    variant,
)


@scenario(claims=["C3"])
def a_devtools_page_and_its_background_connect(play: Play) -> None:
    """A devtools page connects to its background and to another extension, and its background to it; messages go both ways."""
    background, peer, page = play.background(), play.peer(), play.page()
    devtools = play.devtools(page)
    heard = [each.listen(then=lambda port: port.post("welcome")) for each in (background, devtools)]
    other = peer.listen("onConnectExternal")
    ports = [devtools.connect(), background.connect()]
    for port in ports:
        port.post("hello")
    outside = devtools.connect(to="peer")
    play.settle()

    play.expect(all_of(*(each.port.received("hello") for each in heard)))
    play.expect(
        all_of(*(port.received("welcome") for port in ports), *(port.stayed_open() for port in [*ports, outside]))
    )
    play.expect(other.fired(), claims="C3")


@scenario(claims=["P36", "P68"])
def a_devtools_page_with_a_port_is_closed(play: Play) -> None:
    """DevTools close, with the page that opened a port: the background hears its last message, then onDisconnect, without an error."""
    background, page = play.background(), play.page()
    devtools = play.devtools(page)
    heard = background.listen()
    port = devtools.connect()
    play.settle()
    port.post("the last")
    devtools.close()
    play.settle()

    end = heard.port
    play.expect(all_of(end.received("the last"), in_order(end.event("onMessage"), end.disconnect_event())))
    play.expect(end.disconnected(error=None), claims=["P36", "P68"])


@scenario(claims=["P36"])
def a_devtools_page_that_received_a_port_is_closed(play: Play) -> None:
    """The only receiver of a port is a devtools page, whose DevTools close: the opener's onDisconnect fires, without an error."""
    background, page = play.background(), play.page()
    devtools = play.devtools(page)
    devtools.listen()
    port = background.connect()
    play.settle()
    closing = devtools.close()
    play.settle()

    play.expect(port.disconnected(error=None, after=closing), claims="P36")


@scenario(claims=["P36", "P68"])
def the_tab_that_a_devtools_page_inspects_is_closed(play: Play) -> None:
    """DevTools go with the tab that they inspect: ports of the devtools page end, without an error."""
    background, page = play.background(), play.page()
    devtools = play.devtools(page)
    heard = background.listen()
    devtools.connect()
    play.settle()
    closing = page.close()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=closing), claims=["P36", "P68"])


@scenario()
def the_namespaces_of_an_extension_with_a_devtools_page(play: Play) -> None:
    """Whether there is a namespace browser beside chrome, in background, content script and devtools page."""
    background, page = play.background(), play.page()
    actors = [background, page, play.devtools(page)]
    for actor in actors:
        with actor.one_turn():
            actor.probe("browser.runtime.connect")
            actor.probe("chrome.runtime.connect")
    play.settle()

    play.expect(all_of(*(actor.found("chrome.runtime.connect") for actor in actors)))
    play.expect_one_of(
        "the namespaces of an extension with a devtools page",
        variant("chrome-alone", all_of(*(actor.found("browser.runtime.connect", "undefined") for actor in actors))),
        variant("chrome-and-browser", all_of(*(actor.found("browser.runtime.connect") for actor in actors))),
    )
