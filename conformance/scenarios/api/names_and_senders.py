"""What a port says of itself: name and sender. Claims C16, C17, P42, P43, P63 to P67, MS6."""

from portolan import (
    Play,
    all_of,
    same_field,
    scenario,
    tag,
    text_of,
    variant,
)

NAMES = ["plain", "", "with spaces, ü and 😀", "chrome.runtime.sendMessage"]


@scenario(claims=["C16", "P42"])
def the_name_is_seen_on_both_ends(play: Play) -> None:
    """runtime.connect({name}): both ends have that name."""
    background, page = play.background(), play.page()
    heard = background.listen()
    ports = [page.connect(name=name) for name in NAMES]
    play.settle()

    for number, (port, name) in enumerate(zip(ports, NAMES, strict=True), 1):
        play.expect(port.has_name(name), claims="P42")
        play.expect(heard.nth(number).has_name(name), claims=["C16", "P42"])


@scenario(claims=["P42"])
def hostile_names(play: Play) -> None:
    """Names with terminal escapes, markup, a million characters: both ends see them as they were given."""
    background, page = play.background(), play.page()
    heard = background.listen()
    names = [
        "\x1b]0;title\x07\x1b[31mred",
        "</title><script>alert(1)</script>",
        "\u202egnp.exe\u2028\x00",
        text_of(1_000_000),
    ]
    ports = [page.connect({"name": name}) for name in names]
    play.settle()

    for number, (port, name) in enumerate(zip(ports, names, strict=True), 1):
        play.expect(all_of(port.has("name", wanted=name), heard.nth(number).has("name", wanted=name)), claims="P42")


@scenario()
def a_name_that_is_not_well_formed(play: Play) -> None:
    """A name with half a surrogate pair: it is kept as it is, or mended."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect(name="half a \ud83d pair")
    play.settle()

    play.expect(heard.fired())
    play.expect_one_of(
        "a name that is not well-formed UTF-16",
        variant("arrives-unchanged", heard.port.has("name", wanted="half a \ud83d pair")),
        variant("arrives-with-replacement-characters", heard.port.has("name", wanted="half a \ufffd\ufffd\ufffd pair")),
    )


@scenario(claims=["P43", "TC3"])
def the_name_of_a_port_made_by_tabs_connect(play: Play) -> None:
    """tabs.connect(tab, {name}): both ends have that name."""
    background, page = play.background(), play.page()
    heard = page.listen()
    port = background.connect_tab(page, name="made by tabs.connect")
    play.settle()

    play.expect(port.has_name("made by tabs.connect"), claims="P43")
    play.expect(heard.port.has_name("made by tabs.connect"), claims=["P43", "TC3"])


@scenario(claims=["C17"])
def a_port_without_a_name(play: Play) -> None:
    """connect() without a name makes a port all the same; both ends say what its name is then."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()

    play.expect(heard.fired(), claims="C17")
    play.expect(
        all_of(port.has_name(""), heard.port.has_name("")),
        because="no page says which; every browser says the empty string",
    )


@scenario(claims=["P63", "P64", "P67", "MS1"])
def the_sender_of_a_content_script(play: Play) -> None:
    """The receiver's port says who opened it; the opener's own port has no sender."""
    background, page = play.background(), play.page(frames=["cross-site"])
    heard = background.listen()
    port = page.connect()
    play.settle()
    page.frames[0].connect()
    play.settle()

    top, frame = heard.nth(1), heard.nth(2)
    play.expect(
        all_of(top.has("sender", "object"), top.has("sender.url", "string"), top.has("sender.id", "string")),
        claims=["P63", "P64", "MS1"],
    )
    play.expect(all_of(top.has("sender.tab.id", "integer"), top.has("sender.frameId", wanted=0)), claims="P63")
    play.expect(all_of(frame.has("sender.frameId", "integer"), frame.has("sender.tab.id", "integer")), claims="P63")
    play.expect(port.has("sender", "nothing"), claims="P67")


@scenario(claims=["P65", "P67", "OX4", "MS1"])
def the_sender_of_another_extension(play: Play) -> None:
    """A port of onConnectExternal says which extension opened it."""
    background, peer = play.background(), play.peer()
    external = peer.listen("onConnectExternal")
    port = background.connect(to="peer")
    play.settle()

    play.expect(external.port.has("sender.id", "not-empty"), claims=["P65", "OX4", "MS1"])
    play.expect(external.port.has("sender.tab", "absent"))
    play.expect(port.has("sender", "nothing"), claims="P67")


@scenario(claims=["P66", "P67", "MS1", "OU1", "US2"])
def the_sender_of_a_user_script(play: Play) -> None:
    """A user script that may send messages connects: onUserScriptConnect fires, with a sender, and onConnect does not."""
    background, page = play.background(), play.page()
    heard, internal = background.listen("onUserScriptConnect"), background.listen()
    port = page.user_script.connect(name="from a user script")
    port.post("hello from a user script")
    play.settle()

    play.expect(
        all_of(heard.port.has("sender", "object"), heard.port.has("sender.url", "string")), claims=["P66", "MS1"]
    )
    play.expect(port.has("sender", "nothing"), claims="P67")
    play.expect(all_of(heard.port.received("hello from a user script"), internal.silent()), claims=["OU1", "US2"])


@scenario(claims=["P64", "P67"])
def the_sender_of_a_port_made_by_tabs_connect(play: Play) -> None:
    """The content script's port names the extension; the background's own has no sender."""
    background, page = play.background(), play.page()
    heard = page.listen()
    port = background.connect_tab(page)
    play.settle()

    play.expect(all_of(heard.port.has("sender", "object"), heard.port.has("sender.id", "not-empty")), claims="P64")
    play.expect(port.has("sender", "nothing"), claims="P67")


@scenario(claims=["P67"])
def the_sender_of_a_native_port(play: Play) -> None:
    """A port of connectNative has no sender."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()

    play.expect(port.has("sender", "nothing"), claims="P67")


@scenario(claims=["MS6"])
def the_origin_of_frames_without_an_address(play: Play) -> None:
    """Frames of about:blank and of srcdoc connect: their origin is their page's, which their url does not show."""
    background, page = play.background(), play.page(frames=["about:blank", "srcdoc"])
    heard = background.listen()
    for document in (page, *page.frames):
        document.connect()
        play.settle()

    top, *frames = [heard.nth(number) for number in (1, 2, 3)]
    play.expect(all_of(*(frame.has("sender.url", "like", "^about:") for frame in frames)))
    play.expect(top.has("sender.origin", "like", "^http://[^/]+$"), claims="MS6")
    play.expect(
        all_of(*(same_field("sender.origin", top.opened_event(), frame.opened_event()) for frame in frames)),
        claims="MS6",
    )


@scenario(claims=["MS6"])
def the_origin_of_a_sandboxed_frame(play: Play) -> None:
    """A sandboxed frame of the page's own site connects: its origin is an opaque one, "null", which its url does not show."""
    background, page = play.background(), play.page(frames=["same-site", "sandboxed"])
    heard = background.listen()
    for frame in page.frames:
        frame.connect()
        play.settle()

    plain, sandboxed = heard.nth(1), heard.nth(2)
    play.expect(all_of(*(end.has("sender.url", "like", "^http://") for end in (plain, sandboxed))))
    play.expect(plain.has("sender.origin", "like", "^http://"), claims="MS6")
    play.expect(sandboxed.has("sender.origin", wanted="null"), claims="MS6")


@scenario(claims=["P78", "P79", "CS4"])
def ports_of_several_tabs_side_by_side(play: Play) -> None:
    """Each tab's port is found by its tab's id, and a loop over them reaches each tab once."""
    background = play.background()
    pages = [play.page(f"tab{number}") for number in (1, 2, 3)]
    heard = background.listen()
    ports = []
    for page in pages:
        ports.append(page.connect())
        play.settle()
    for number in (1, 2, 3):
        heard.nth(number).post("they clicked the button!")
    play.settle()

    play.expect(
        all_of(*(heard.nth(number).has("sender.tab.id", "integer") for number in (1, 2, 3))), claims=["P78", "CS4"]
    )
    play.expect(all_of(*(port.received("they clicked the button!") for port in ports)), claims=["P79", "CS4"])


@scenario(claims=["P80"])
def two_frames_of_one_tab_share_a_tab_id(play: Play) -> None:
    """Two frames of one tab connect: the same tab id, two frame ids, and both ports live."""
    background, page = play.background(), play.page(frames=2)
    heard = background.listen()
    ports = []
    for frame in page.frames:
        ports.append(frame.connect())
        play.settle()
    heard.nth(1).post("first")
    heard.nth(2).post("second")
    play.settle()

    tab, first, second = (
        tag("tab-of", document="page"),
        tag("frame-of", document="page.frame1"),
        tag("frame-of", document="page.frame2"),
    )
    play.expect(all_of(*(heard.nth(n).has("sender.tab.id", wanted=tab) for n in (1, 2))), claims="P80")
    play.expect(
        all_of(heard.nth(1).has("sender.frameId", wanted=first), heard.nth(2).has("sender.frameId", wanted=second)),
        claims="P80",
    )
    play.expect(all_of(ports[0].received("first"), ports[1].received("second")), claims="P80")
