"""The documentation's examples, as they are written and beyond. Claims C19, C30, P59, P81, OX6, TC1."""

from portolan import (
    Play,
    all_of,
    scenario,
    tag,
    variant,
)


def greeting(text: str) -> dict[str, str]:
    """What the documentation's examples post."""
    return {"greeting": text}


@scenario(claims=["C30"])
def the_example_of_connect_where_browser_and_browserAction_are(play: Play) -> None:
    """The example's two scripts, call by call: hello and hi; a click on the page, and one on the button, are later turns."""
    background, page = play.background(), play.page()
    for path in ("browser.runtime.onConnect", "browser.browserAction.onClicked"):
        play.require_api(background, path)
    heard = background.listen(then=lambda port: port.post(greeting("hi there content script!")))
    with page.one_turn():
        my_port = page.connect(name="port-from-cs")
        my_port.post(greeting("hello from content script"))
    play.settle()
    my_port.post(greeting("they clicked the page!"))
    play.settle()
    heard.port.post(greeting("they clicked the button!"))
    play.settle()

    play.expect(all_of(heard.fired(), heard.port.has_name("port-from-cs")), claims="C30")
    told = [greeting("hello from content script"), greeting("they clicked the page!")]
    play.expect(heard.port.received(*told), claims="C30")
    play.expect(
        my_port.received(greeting("hi there content script!"), greeting("they clicked the button!")), claims="C30"
    )


@scenario(claims=["C19"])
def asking_for_a_tls_channel_id(play: Play) -> None:
    """The option includeTlsChannelId is accepted, whatever it says; there is no TLS here, and no channel id is handed over."""
    background, peer = play.background(), play.peer()
    external = peer.listen("onConnectExternal")
    to = tag("id-of", extension="peer")
    ports = [background.connect(to, {"includeTlsChannelId": asked}) for asked in (True, False)]
    ports.append(background.connect(to, {}))
    play.settle()

    play.expect(all_of(*(port.call().returned() for port in ports)), claims="C19")
    play.expect(external.fired(3))
    play.expect(all_of(*(external.nth(n).has("sender.tlsChannelId", "absent") for n in (1, 2, 3))), claims="C19")


@scenario(claims=["P59"])
def only_the_first_argument_of_post_message_counts(play: Play) -> None:
    """postMessage() is called with two arguments and with three: the first is the message, the rest is nothing."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    port.post("first", "second")
    play.settle()
    heard.port.post({"a": 1}, [], 3)
    play.settle()

    play.expect(all_of(heard.port.received("first"), port.received({"a": 1})), claims="P59")


@scenario(claims=["P81"])
def posting_to_every_tab_of_which_one_was_closed(play: Play) -> None:
    """A loop posts to the ports of three tabs, one of which is gone: it is stopped by an error, or goes on."""
    background, pages = play.background(), [play.page(f"tab{number}") for number in (1, 2, 3)]
    heard = background.listen()
    ports = []
    for page in pages:
        ports.append(page.connect())
        play.settle()
    pages[1].close()
    play.settle()
    with background.one_turn():
        posts = [heard.nth(number).post("they clicked the button!") for number in (1, 2, 3)]
    play.settle()

    play.expect(all_of(posts[0].returned(), ports[0].received("they clicked the button!")))
    play.expect_one_of(
        "posting to the port of a closed tab",
        variant("throws-and-the-loop-stops", posts[1].threw("disconnected port"), title="throws, which stops the loop"),
        variant(
            "returns-and-the-loop-goes-on", posts[1].returned(), claims="P81", title="returns, and the loop goes on"
        ),
    )


@scenario(claims=["OX6"])
def a_stranger_is_ignored(play: Play) -> None:
    """An extension connects twice; the other answers one port and does nothing with the other, which stays open."""
    background, peer = play.background(), play.peer()
    external = peer.listen("onConnectExternal")
    friend = background.connect(to="peer", name="friend")
    play.settle()
    stranger = background.connect(to="peer", name="stranger")
    play.settle()
    friend.post("they clicked the button!")
    external.nth(1).post("thank you")
    stranger.post("hello?")
    play.settle()

    play.expect(
        all_of(external.nth(1).received("they clicked the button!"), friend.received("thank you")), claims="OX6"
    )
    play.expect(all_of(stranger.stayed_open(), external.nth(2).stayed_open()), claims="OX6")


@scenario(claims=["TC1", "TC7"])
def an_extension_page_connects_to_a_tab(play: Play) -> None:
    """tabs.connect() from a page of the extension: a port at once, and what is posted right away arrives."""
    play.background()
    page, tab = play.page(), play.extension_page()
    heard = page.listen()
    with tab.one_turn():
        port = tab.connect_tab(page, name="from a page")
        port.post("right away")
    play.settle()

    play.expect(all_of(port.call().returned(), port.has("name", "string")), claims="TC1")
    play.expect(heard.port.received("right away"), claims="TC7")
