"""The manifest's key externally_connectable: who may connect from outside. Claims C5 to C8, EC1 to EC6.

Each scenario but the first begins with an update of an extension to a manifest that has another such key. The other extension
has none otherwise; that of the extension under test lets everybody in.
"""

from portolan import (
    AnyCheck,
    ConnectListener,
    OpenedPort,
    Play,
    all_of,
    id_of,
    scenario,
    variant,
)

NOBODY = "abcdefghijklmnopabcdefghijklmnop"
"""An id that no extension has."""


def gets_through(port: OpenedPort, heard: ConnectListener) -> AnyCheck:
    """The extension is let in, and nobody else is."""
    return all_of(port.stayed_open(), heard.fired(), heard.port.has("sender.id", wanted=id_of("subject")))


def is_shut_out(port: OpenedPort, heard: ConnectListener) -> AnyCheck:
    """The extension is told that nobody is there, and the other hears nothing of it."""
    return all_of(port.disconnected(error="something"), heard.silent())


@scenario(claims=["C6", "EC1", "EC2"])
def without_the_key_extensions_connect_and_pages_do_not(play: Play) -> None:
    """The other extension has no externally_connectable; an extension and a web page connect to it."""
    background, page, peer = play.background(), play.page(), play.peer()
    heard = peer.listen("onConnectExternal")
    port = background.connect(to="peer")
    play.settle()
    page.script.connect(to="peer")
    play.settle()

    play.expect(gets_through(port, heard), claims=["C6", "EC1", "EC2"])


@scenario(claims=["EC1", "EC2", "EC3"])
def ids_of_everybody_let_extensions_in_and_pages_not(play: Play) -> None:
    """Ids of "*" alone: it is as without the key."""
    background, page, peer = play.background(), play.page(), play.peer()
    heard = peer.listen("onConnectExternal")
    peer.update(externally_connectable={"ids": ["*"]})
    play.settle()
    port = background.connect(to="peer")
    play.settle()
    page.script.connect(to="peer")
    play.settle()

    play.expect(gets_through(port, heard), claims=["EC1", "EC2", "EC3"])


@scenario(claims=["C5"])
def without_the_key_an_extension_connects_to_itself(play: Play) -> None:
    """The extension under test is updated to have no externally_connectable; its content script connects to its background."""
    background = play.background()
    heard = background.listen()
    background.update(externally_connectable={})
    play.settle()
    page = play.page()
    port = page.connect()
    play.settle()

    play.expect(all_of(port.stayed_open(), heard.fired()), claims="C5")


@scenario(claims=["EC1", "EC3"])
def ids_that_name_the_extension_let_it_in(play: Play) -> None:
    """Ids of the other extension that name the one under test, which connects."""
    background, peer = play.background(), play.peer()
    heard = peer.listen("onConnectExternal")
    peer.update(externally_connectable={"ids": ["subject"]})
    play.settle()
    port = background.connect(to="peer")
    play.settle()

    play.expect(gets_through(port, heard), claims=["EC1", "EC3"])


@scenario(claims=["C7", "EC1", "EC3"])
def ids_that_name_another_extension(play: Play) -> None:
    """Ids of the other extension that do not name the one under test, which connects: it is shut out, or let in."""
    background, peer = play.background(), play.peer()
    heard = peer.listen("onConnectExternal")
    peer.update(externally_connectable={"ids": [NOBODY]})
    play.settle()
    port = background.connect(to="peer")
    play.settle()

    play.expect_one_of(
        "an extension that ids do not name",
        variant("is-excluded", is_shut_out(port, heard), claims=["C7", "EC1", "EC3"]),
        variant("is-admitted", gets_through(port, heard)),
    )


@scenario(claims=["EC1", "EC5"])
def matches_without_ids(play: Play) -> None:
    """The other extension has matches, and no ids; an extension connects, and a web page that matches."""
    background, page, peer = play.background(), play.page(), play.peer()
    heard = peer.listen("onConnectExternal")
    peer.update(externally_connectable={"matches": ["same-site"]})
    play.settle()
    port = background.connect(to="peer")
    play.settle()
    page.script.connect(to="peer")
    play.settle()

    only_the_page = all_of(port.disconnected(error="something"), heard.fired(), heard.port.has("sender.id", "absent"))
    play.expect_one_of(
        "who is let in by matches without ids",
        variant("the-page-alone", only_the_page, claims=["EC1", "EC5"]),
        variant("the-extension-alone", gets_through(port, heard)),
    )


@scenario(claims=["EC6"])
def pages_that_match_can_connect_and_others_have_no_function_for_it(play: Play) -> None:
    """Matches of one site: its page has runtime.connect(); a page of another site has it not."""
    background = play.background()
    background.update(externally_connectable={"matches": ["same-site"]})
    play.settle()
    page, other = play.page(), play.page("other", site="cross-site")
    play.require_api(page.script, "chrome.runtime")
    page.script.probe("chrome.runtime.connect")
    other.script.probe("chrome.runtime.connect")
    play.settle()

    play.expect(page.script.found("chrome.runtime.connect"), claims=["EC6"])
    play.expect(other.script.found("chrome.runtime.connect", "undefined"), claims=["EC6"])
