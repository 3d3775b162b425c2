"""What the calls take, and what they refuse. Claims C12, C13, C19, C21, P47, P59, TC5, TC6, WD4, WD5.

The texts of errors are in the trace, and nothing here depends on them.
"""

from typing import Any

from portolan import (
    UNDEFINED,
    Play,
    all_of,
    function,
    getter,
    scenario,
    tag,
    variant,
)

TAB = tag("tab-of", document="page")
HOST = tag("host-of", application="application")
DOCUMENT = tag("document-id-of", document="page")
UNKNOWN = 99_999_999

CONNECT_TAKES: list[list[Any]] = [
    [],
    [UNDEFINED],
    [None],
    [{}],
    [{"name": "a"}],
    [None, {"name": "b"}],
    [UNDEFINED, {"name": "c"}],
    ["", {"name": "d"}],
    [{"name": None}],
    [{"name": UNDEFINED}],
    [{"includeTlsChannelId": True}],
    [{"includeTlsChannelId": False}],
]
CONNECT_REFUSES: list[list[Any]] = [
    [42],
    [True],
    [[]],
    [function()],
    [{}, {}],
    [{"name": "x"}, "id"],
    ["id", {"name": "x"}, "more"],
    ["id", "no object"],
    [{"name": 3}],
    [{"unknown": 1}],
    [{"frameId": 0}],
    [{"includeTlsChannelId": "yes"}],
]
TABS_TAKES: list[list[Any]] = [
    [TAB],
    [TAB, None],
    [TAB, UNDEFINED],
    [TAB, {}],
    [TAB, {"name": "a"}],
    [TAB, {"frameId": 0}],
    [TAB, {"frameId": None}],
]
TABS_REFUSES: list[list[Any]] = [
    [],
    [None],
    ["1"],
    [1.5],
    [-1],
    [{"name": "x"}, TAB],
    [TAB, "no object"],
    [TAB, {}, 1],
    [TAB, {"name": 5}],
    [TAB, {"frameId": "0"}],
    [TAB, {"frameId": 1.5}],
    [TAB, {"frameId": -1}],
    [TAB, {"unknown": 1}],
    [TAB, {"includeTlsChannelId": True}],
]
USER_SCRIPTS_REFUSE: list[list[Any]] = [[{}, {}], [{"unknown": 1}], ["id"]]
WEB_PAGES_REFUSE: list[list[Any]] = [[], [""], [42], ["", 42], [{"name": "x"}]]
NATIVE_REFUSES: list[list[Any]] = [[], [None], [42], [{}], [HOST, {}], [HOST, UNDEFINED]]


@scenario(claims=["C12", "C13", "C19", "P59"])
def what_runtime_connect_takes(play: Play) -> None:
    """Nothing, undefined, null, an empty id, an object: each call returns a port to the extension itself, at once."""
    background, page = play.background(), play.page()
    heard = background.listen()
    ports = [page.connect(*arguments) for arguments in CONNECT_TAKES]
    sent = [port.post("one argument") for port in ports]
    play.settle()

    play.expect(all_of(*(port.call().returned() for port in ports), heard.fired(len(ports))), claims=["C12", "C13"])
    play.expect(all_of(*(port.call().returned() for port in ports[-2:])), claims="C19")
    play.expect(all_of(*(call.returned() for call in sent)), claims="P59")
    names = {2: "", 4: "a", 5: "b", 6: "c", 7: "d", 8: "", 9: ""}
    play.expect(all_of(*(ports[index].has_name(name) for index, name in names.items())))


@scenario()
def what_runtime_connect_refuses(play: Play) -> None:
    """Wrong types, both in the wrong order, too many, unknown properties: each call throws, and nobody hears of it."""
    background, page = play.background(), play.page()
    heard = background.listen()
    ports = [page.connect(*arguments, record=False) for arguments in CONNECT_REFUSES]
    play.settle()

    play.expect(all_of(*(port.call().threw() for port in ports)))
    play.expect(heard.silent())


@scenario(claims=["C21"])
def connecting_to_what_can_be_no_id(play: Play) -> None:
    """runtime.connect("nosuch@x"): an error at once, or a port that ends with one."""
    play.background()
    page = play.page()
    port = page.connect("nosuch@x")
    play.settle()

    play.expect_one_of(
        "an extension id of another form",
        variant("throws", port.call().threw()),
        variant(
            "gives-a-port-that-ends", all_of(port.call().returned(), port.disconnected(error="something")), claims="C21"
        ),
    )


@scenario()
def a_name_that_is_a_getter(play: Play) -> None:
    """The name is a getter of the object that is passed, in a content script: it is read, or passed over."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect({"name": getter("got")})
    play.settle()

    play.expect_one_of(
        "a getter in connectInfo",
        variant("is-read", all_of(port.has_name("got"), heard.port.has_name("got"))),
        variant("is-skipped", all_of(port.has_name(""), heard.port.has_name(""))),
    )


@scenario(claims=["TC6"])
def what_tabs_connect_takes(play: Play) -> None:
    """A tab's id, with or without an object: each call returns a port, and the tab hears of it."""
    background, page = play.background(), play.page()
    heard = page.listen()
    ports = [background.connect_tab(page, args=arguments) for arguments in TABS_TAKES]
    play.settle()

    play.expect(all_of(*(port.call().returned() for port in ports), heard.fired(len(ports))), claims="TC6")
    play.expect(all_of(ports[0].has_name(""), ports[4].has_name("a")))


@scenario()
def the_name_of_a_port_that_tabs_connect_made_without_one(play: Play) -> None:
    """tabs.connect(tab, {}) and with a frameId alone: the name is the empty string, or null, at both ends."""
    background, page = play.background(), play.page()
    heard = page.listen()
    ports = [background.connect_tab(page, args=[TAB, {}]), background.connect_tab(page, frame=page)]
    play.settle()

    ends = [*ports, heard.nth(1), heard.nth(2)]
    play.expect_one_of(
        "the name of a port that is given an object without one",
        variant("the-empty-string", all_of(*(end.has("name", wanted="") for end in ends))),
        variant("null", all_of(*(end.has("name", wanted=None) for end in ends))),
    )


@scenario(claims=["TC6"])
def what_tabs_connect_refuses(play: Play) -> None:
    """No tab, wrong types, negative numbers, unknown properties, too many: each call throws, and nobody hears of it."""
    background, page = play.background(), play.page()
    heard = page.listen()
    ports = [background.connect_tab(page, args=arguments) for arguments in TABS_REFUSES]
    play.settle()

    play.expect(all_of(*(port.call().threw() for port in ports)), claims="TC6")
    play.expect(heard.silent())


@scenario()
def connecting_to_a_tab_frame_or_document_that_is_not_there(play: Play) -> None:
    """tabs.connect to an unknown tab and an unknown frame: a port that ends with an error."""
    background, page = play.background(), play.page()
    heard = page.listen()
    ports = [background.connect_tab(page, args=arguments) for arguments in ([UNKNOWN], [TAB, {"frameId": UNKNOWN}])]
    play.settle()

    play.expect(all_of(*(port.call().returned() for port in ports)))
    play.expect(all_of(*(port.disconnected(error="something") for port in ports), heard.silent()))


@scenario(claims=["TC5", "WD5"])
def connecting_to_a_document(play: Play) -> None:
    """tabs.connect with a documentId: that document alone hears of it; an id that is none: a port that ends with an error."""
    background, page = play.background(), play.page(frames=1)
    heard, other = page.listen(), page.frames[0].listen()
    port = background.connect_tab(page, args=[TAB, {"documentId": DOCUMENT}])
    nobody = background.connect_tab(page, args=[TAB, {"documentId": "nonsense"}])
    play.settle()

    play.expect(
        all_of(port.call().returned(), heard.fired(), other.silent(), port.stayed_open()), claims=["TC5", "WD5"]
    )
    play.expect(nobody.disconnected(error="something"))


@scenario(claims=["WD4"])
def connecting_to_a_document_that_is_gone(play: Play) -> None:
    """tabs.connect with the documentId of a document that another one has replaced in its frame: nobody is reached."""
    background, page = play.background(), play.page(frames=1)
    gone = page.frames[0].name
    page.frames[0].listen()
    after = page.frames[0].navigate("after")
    heard = after.listen()
    play.settle()
    port = background.connect_tab(page, args=[TAB, {"documentId": tag("document-id-of", document=gone)}])
    play.settle()

    play.expect(all_of(heard.silent(), port.disconnected(error="something")), claims="WD4")


@scenario()
def connecting_to_a_document_in_another_frame(play: Play) -> None:
    """tabs.connect with a documentId and the frameId of another frame: nobody is reached, or the document."""
    background, page = play.background(), play.page(frames=1)
    heard, other = page.listen(), page.frames[0].listen()
    frame = tag("frame-of", document=page.frames[0].name)
    port = background.connect_tab(page, args=[TAB, {"documentId": DOCUMENT, "frameId": frame}])
    play.settle()

    play.expect(other.silent())
    play.expect_one_of(
        "a documentId and a frameId that contradict each other",
        variant("reach-nobody", all_of(heard.silent(), port.disconnected(error="something"))),
        variant("reach-the-document", all_of(heard.fired(), port.stayed_open())),
    )


@scenario()
def what_connectNative_refuses(play: Play) -> None:
    """No name, no text, a second argument: each call throws, and nothing is started."""
    background, application = play.background(), play.application()
    ports = [background.connect_native(application, args=arguments) for arguments in NATIVE_REFUSES]
    play.settle()

    play.expect(all_of(*(port.call().threw() for port in ports), application.started(0)))


@scenario(claims=["P47"])
def a_native_application_with_an_impossible_name(play: Play) -> None:
    """ConnectNative with a name that no application can have: an error at once, or a port that ends with one."""
    background, application = play.background(), play.application()
    ports = [background.connect_native(application, args=[name]) for name in ("", "not a name!", "..dots")]
    play.settle()

    ended = [all_of(port.call().returned(), port.disconnected(error="something")) for port in ports]
    play.expect_one_of(
        "a name that no native application can have",
        variant("throws", all_of(*(port.call().threw() for port in ports))),
        variant("gives-a-port-that-ends", all_of(*ended), claims="P47"),
    )


@scenario()
def connectNative_in_a_content_script(play: Play) -> None:
    """A content script calls connectNative: there is no such function, or a port that ends with an error; nothing is started."""
    play.background()
    page, application = play.page(), play.application()
    port = page.connect_native(application)
    play.settle()

    ended = [port.call().returned(), port.disconnected(error="something"), application.started(0)]
    play.expect_one_of(
        "connectNative in a content script",
        variant("does-not-exist", port.call().threw("is not a function")),
        variant("gives-a-port-that-ends", all_of(*ended)),
    )


@scenario(claims=["P59"])
def what_postMessage_takes(play: Play) -> None:
    """A message; more arguments are passed over; without one it throws, or undefined arrives."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    more = [port.post("first", "second"), port.post("first", [])]
    play.settle()
    none = port.post()
    play.settle()

    play.expect(all_of(*(call.returned() for call in more), port.stayed_open()))
    play.expect_one_of(
        "postMessage()",
        variant("throws", all_of(none.threw(), heard.port.received("first", "first")), claims="P59"),
        variant("sends-undefined", all_of(none.returned(), heard.port.received("first", "first", UNDEFINED))),
    )


@scenario()
def a_user_script_names_an_extension(play: Play) -> None:
    """A user script may connect to its own extension only, and without its id: anything else throws."""
    background, page = play.background(), play.page()
    heard = background.listen("onUserScriptConnect")
    ports = [page.user_script.connect(*arguments, record=False) for arguments in USER_SCRIPTS_REFUSE]
    ports.append(page.user_script.connect(to="peer", record=False))
    play.settle()

    play.expect(all_of(*(port.call().threw() for port in ports), heard.silent()))


@scenario()
def a_web_page_names_no_extension(play: Play) -> None:
    """A web page that calls connect without an extension's id: it throws."""
    background, page = play.background(), play.page()
    heard = background.listen("onConnectExternal")
    play.require_api(page.script, "runtime.connect")
    ports = [page.script.connect(*arguments, record=False) for arguments in WEB_PAGES_REFUSE]
    play.settle()

    play.expect(all_of(*(port.call().threw() for port in ports), heard.silent()))
