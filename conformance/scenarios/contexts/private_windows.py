"""Pages in a private window, in which the extensions are allowed: who reaches them, whom they reach, and what their end does.

No page of the documentation speaks of it; the extension is of the kind ``spanning``: one background serves both kinds of window.
"""

from portolan import (
    Play,
    all_of,
    scenario,
)


@scenario()
def a_content_script_in_a_private_window_connects(play: Play) -> None:
    """runtime.connect from a private window reaches the background and an extension page in an ordinary one."""
    background, public, private = play.background(), play.extension_page(), play.page("private", window="private")
    heard = [background.listen(), public.listen()]
    port = private.connect()
    port.post("from a private window")
    play.settle()

    play.expect(all_of(*(each.fired() for each in heard)))
    play.expect(all_of(*(each.port.received("from a private window") for each in heard)))
    play.expect(heard[0].port.has("sender.tab.incognito", "same", True), because="the tab is in a private window")
    play.expect(port.stayed_open())


@scenario()
def a_background_connects_into_a_private_window(play: Play) -> None:
    """tabs.connect into a private window's tab reaches the content script there, and that of no other tab."""
    background, page, private = play.background(), play.page(), play.page("private", window="private")
    elsewhere, heard = page.listen(), private.listen(then=lambda port: port.post("from a private window"))
    port = background.connect_tab(private)
    play.settle()

    play.expect(all_of(heard.fired(), elsewhere.silent()))
    play.expect(port.received("from a private window"))


@scenario()
def a_private_window_with_a_port_is_closed(play: Play) -> None:
    """The window of the content script that opened a port closes: the background's onDisconnect fires, without an error."""
    background, private = play.background(), play.page("private", window="private")
    heard = background.listen()
    private.connect()
    play.settle()
    closing = private.close_window()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=closing))


@scenario()
def a_private_window_that_received_a_port_is_closed(play: Play) -> None:
    """The only receiver of a port is in a private window, which closes: the opener's onDisconnect fires."""
    background, private = play.background(), play.page("private", window="private")
    private.listen()
    port = background.connect_tab(private)
    play.settle()
    closing = private.close_window()
    play.settle()

    play.expect(port.disconnected(error=None, after=closing))
