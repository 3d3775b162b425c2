"""Who is reached by whom: claims C2, C4, C6, C10, C11, C21, P38, P41, P69, P70."""

from portolan import (
    Play,
    all_of,
    scenario,
)


@scenario(claims=["P38", "P70", "TC2", "CS2", "TC7"])
def background_connects_to_the_content_scripts_of_a_tab(play: Play) -> None:
    """tabs.connect hands a port to every listening frame of the tab, and to no other tab."""
    background, page, other = play.background(), play.page(frames=["same-site", "cross-site"]), play.page("other")
    heard = [document.listen() for document in (page, *page.frames)]
    elsewhere = other.listen()
    port = background.connect_tab(page)
    port.post("to all")
    play.settle()

    play.expect(all_of(*(listening.fired() for listening in heard)), claims=["P38", "P70", "TC2", "CS2"])
    play.expect(all_of(*(listening.port.received("to all") for listening in heard)), claims=["P70", "TC7"])
    play.expect(elsewhere.silent())
    play.expect(port.stayed_open())


@scenario(claims=["P38", "TC4"])
def background_connects_to_one_frame_of_a_tab(play: Play) -> None:
    """tabs.connect with a frameId reaches that frame only."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    top, heard, silent = page.listen(), first.listen(), second.listen()
    port = background.connect_tab(page, frame=first)
    port.post("to one")
    play.settle()

    play.expect(all_of(heard.fired(), heard.port.received("to one")), claims=["P38", "TC4"])
    play.expect(all_of(top.silent(), silent.silent()), claims="TC4")


@scenario(claims=["C4"])
def background_does_not_reach_content_scripts_by_runtime_connect(play: Play) -> None:
    """runtime.connect from the background leaves the extension's own content scripts alone."""
    background, page = play.background(), play.page(frames=1)
    top, frame = page.listen(), page.frames[0].listen()
    port = background.connect()
    play.settle()

    play.expect(all_of(top.silent(), frame.silent()), claims="C4")
    play.expect(port.disconnected(error="something"))


@scenario(claims=["C2", "P69"])
def background_connects_to_several_extension_pages(play: Play) -> None:
    """runtime.connect from the background hands a port to each extension page that listens."""
    background = play.background()
    own = background.listen()
    page, options = play.extension_page(), play.options_page()
    heard = [page.listen(), options.listen()]
    port = background.connect()
    port.post("to all pages")
    play.settle()

    play.expect(all_of(*(listening.fired() for listening in heard)), claims=["C2", "P69"])
    play.expect(all_of(*(listening.port.received("to all pages") for listening in heard)), claims="P69")
    play.expect(own.silent(), because="a context never hears its own connect")
    play.expect(port.stayed_open())


@scenario(claims=["C2", "P69"])
def content_script_connects_to_background_and_options_page(play: Play) -> None:
    """runtime.connect from a content script hands a port to the background and to the options page."""
    background, options, page = play.background(), play.options_page(), play.page()
    heard = [background.listen(), options.listen()]
    port = page.connect()
    port.post("to all of you")
    play.settle()

    play.expect(all_of(*(listening.fired() for listening in heard)), claims=["C2", "P69"])
    play.expect(all_of(*(listening.port.received("to all of you") for listening in heard)))


@scenario(claims=["C3", "C6", "C10", "P37", "P41", "OX1", "OX2", "OX3"])
def background_connects_to_another_extension(play: Play) -> None:
    """runtime.connect with the other extension's id arrives in its onConnectExternal, and only there."""
    background, peer = play.background(), play.peer()
    external, internal = peer.listen("onConnectExternal"), peer.listen()
    own = background.listen()
    port = background.connect(to="peer", name="to the peer")
    port.post("hello, stranger")
    play.settle()
    external.port.post("hello yourself")
    play.settle()

    play.expect(external.fired(), claims=["C3", "C6", "C10", "P41", "OX1", "OX2"])
    play.expect(all_of(internal.silent(), own.silent()), claims="C10")
    play.expect(
        all_of(external.port.received("hello, stranger"), port.received("hello yourself")), claims=["C3", "P37", "OX3"]
    )


@scenario(claims=["C21"])
def connecting_to_an_extension_that_does_not_exist(play: Play) -> None:
    """connect() with an unknown id returns a port, whose onDisconnect fires."""
    background = play.background()
    port = background.connect("abcdefghijklmnopabcdefghijklmnop")
    play.settle()

    play.expect(all_of(port.call().returned(), port.has("name", "string")), claims="C21")
    play.expect(port.disconnected(error="something"), claims="C21")


@scenario(claims=["C8", "C11", "EC4"])
def a_web_page_connects(play: Play) -> None:
    """A web page that externally_connectable names connects: onConnectExternal fires."""
    background, page = play.background(), play.page()
    external, internal = background.listen("onConnectExternal"), background.listen()
    play.require_api(page.script, "runtime.connect")
    port = page.script.connect(to="subject", name="from the web")
    port.post("hello from the web")
    play.settle()
    external.port.post("hello web")
    play.settle()

    play.expect(external.fired(), claims=["C8", "C11", "EC4"])
    play.expect(internal.silent())
    play.expect(all_of(external.port.received("hello from the web"), port.received("hello web")), claims="C8")


@scenario(claims=["P68"])
def nobody_listens(play: Play) -> None:
    """A port that nobody listens for is returned, and then disconnected with an error."""
    play.background()
    page = play.page()
    port = page.connect(name="is anybody there?")
    play.settle()
    late = port.post("hello?")
    play.settle()

    play.expect(port.call().returned())
    play.expect(port.disconnected(error="something"), claims="P68")
    play.expect(late.threw())


@scenario(claims=["C10", "P65", "OX1"])
def another_extensions_content_script_connects(play: Play) -> None:
    """A content script of another extension connects by id: onConnectExternal fires, and says who it was and where."""
    background, page = play.background(), play.page()
    external, internal = background.listen("onConnectExternal"), background.listen()
    port = page.peer.connect(to="subject", name="from the peer's content script")
    port.post("hello from next door")
    play.settle()

    play.expect(all_of(external.fired(), internal.silent()), claims=["C10", "OX1"])
    play.expect(
        all_of(external.port.has("sender.id", "not-empty"), external.port.has("sender.tab.id", "integer")), claims="P65"
    )
    play.expect(external.port.received("hello from next door"))
