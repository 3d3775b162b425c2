"""The popup of an extension's button: who reaches it, whom it reaches, and what its end does. Claims C1 to C3, P36, P68, P69."""

from portolan import (
    Play,
    all_of,
    scenario,
)


@scenario(claims=["C2", "P69"])
def a_content_script_reaches_background_and_popup(play: Play) -> None:
    """runtime.connect from a content script hands a port to the background and to the open popup."""
    background, page = play.background(), play.page()
    popup = play.popup()
    heard = [background.listen(), popup.listen()]
    port = page.connect()
    port.post("to both")
    play.settle()

    play.expect(all_of(*(each.fired() for each in heard)), claims=["C2", "P69"])
    play.expect(all_of(*(each.port.received("to both") for each in heard)))


@scenario(claims=["C3"])
def a_popup_opens_ports(play: Play) -> None:
    """A popup connects to its background, to a content script by tabs.connect, and to another extension."""
    background, peer, page = play.background(), play.peer(), play.page()
    popup = play.popup()
    own, script, other = background.listen(), page.listen(), peer.listen("onConnectExternal")
    ports = [popup.connect(), popup.connect_tab(page), popup.connect(to="peer")]
    play.settle()

    play.expect(all_of(own.fired(), script.fired(), *(port.stayed_open() for port in ports)))
    play.expect(other.fired(), claims="C3")
    play.expect(own.port.has("sender.tab", "absent"), because="a popup is in no tab")


@scenario(claims=["P36", "P68"])
def a_popup_with_a_port_is_closed(play: Play) -> None:
    """The popup that opened a port closes: the background's onDisconnect fires, without an error."""
    background, page = play.background(), play.page()
    popup = play.popup()
    heard = background.listen()
    page.listen()
    popup.connect()
    play.settle()
    closing = popup.close()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=closing), claims=["P36", "P68"])


@scenario(claims=["P36"])
def a_popup_that_received_a_port_is_closed(play: Play) -> None:
    """The only receiver of a port is a popup, which closes: the opener's onDisconnect fires, without an error."""
    background, popup = play.background(), play.popup()
    popup.listen()
    port = background.connect()
    play.settle()
    closing = popup.close()
    play.settle()

    play.expect(port.disconnected(error=None, after=closing), claims="P36")
