"""The extension's sidebar (Firefox) or side panel (Chromium): who reaches it, whom it reaches, and what its end does. Claims C2, C3, P36, P37, P68."""

from portolan import (
    Play,
    all_of,
    scenario,
)


@scenario(claims=["C2"])
def a_content_script_reaches_background_and_sidebar(play: Play) -> None:
    """runtime.connect from a content script hands a port to the background and to the open sidebar."""
    background, page = play.background(), play.page()
    sidebar = play.sidebar()
    heard = [background.listen(), sidebar.listen()]
    port = page.connect()
    port.post("to both")
    play.settle()

    play.expect(all_of(*(each.fired() for each in heard)), claims="C2")
    play.expect(all_of(*(each.port.received("to both") for each in heard)))


@scenario(claims=["C3"])
def a_sidebar_opens_ports(play: Play) -> None:
    """A sidebar connects to its background, to a content script by tabs.connect, and to another extension."""
    background, peer, page = play.background(), play.peer(), play.page()
    sidebar = play.sidebar()
    own, script, other = background.listen(), page.listen(), peer.listen("onConnectExternal")
    ports = [sidebar.connect(), sidebar.connect_tab(page), sidebar.connect(to="peer")]
    play.settle()

    play.expect(all_of(own.fired(), script.fired(), *(port.stayed_open() for port in ports)))
    play.expect(other.fired(), claims="C3")
    play.expect(own.port.has("sender.tab", "absent"), because="a sidebar is in no tab")


@scenario(claims=["P36", "P68"])
def a_sidebar_with_a_port_is_closed(play: Play) -> None:
    """The sidebar that opened a port closes: the background's onDisconnect fires, without an error."""
    background, sidebar = play.background(), play.sidebar()
    heard = background.listen()
    sidebar.connect()
    play.settle()
    closing = sidebar.close()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=closing), claims=["P36", "P68"])


@scenario(claims=["P36"])
def a_sidebar_that_received_a_port_is_closed(play: Play) -> None:
    """The only receiver of a port is a sidebar, which closes: the opener's onDisconnect fires, without an error."""
    background, sidebar = play.background(), play.sidebar()
    sidebar.listen()
    port = background.connect()
    play.settle()
    closing = sidebar.close()
    play.settle()

    play.expect(port.disconnected(error=None, after=closing), claims="P36")
