"""What the model does, beside what Chromium 156 and Firefox 153 did when the same was played in them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tracing import played, traced

from portolan.conformance.language.play import Play as Builder
from portolan.conformance.trace.values import UNDEFINED, function, tag
from portolan.runners.session.extensions import Family

FAMILIES: list[Family] = ["chromium", "firefox"]
NO_RECEIVER = "Could not establish connection. Receiving end does not exist."


def plain(event: Any) -> dict[str, Any]:
    """An event as it is written, without its place in time."""
    written = msgspec.to_builtins(event)
    return {
        key: value for key, value in written.items() if key not in ("actor", "counter", "incarnation", "step", "time")
    }


# ---- the form of events


def one_message_there(play: Builder) -> None:
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect(name="n")
    port.post("hello")
    play.settle()
    heard.port.disconnect()
    play.settle()
    port.post("too late")


@pytest.mark.parametrize(
    ("family", "error", "last_error", "text"),
    [
        ("chromium", tag("absent"), UNDEFINED, "Attempting to use a disconnected port object"),
        ("firefox", None, None, "Attempt to postMessage on disconnected port"),
    ],
)
def test_events_have_the_puppets_form(family: Family, error: Any, last_error: Any, text: str) -> None:
    events = played(one_message_there, family).events

    page = [plain(event) for event in events if event.actor == "page"]
    assert page == [
        {"phase": "call", "operation": "runtime.connect", "port": "port1", "value": [{"name": "n"}]},
        {"phase": "return", "operation": "runtime.connect", "port": "port1", "value": {"name": "n", "sender": UNDEFINED, "error": error}},
        {"phase": "call", "operation": "postMessage", "port": "port1", "value": ["hello"]},
        {"phase": "return", "operation": "postMessage", "port": "port1", "value": UNDEFINED},
        {
            "phase": "fire", "operation": "onDisconnect", "port": "port1", "listener": "port1.onDisconnect",
            "value": tag("port", port="port1"), "error": error, "last_error": last_error,
        },
        {"phase": "call", "operation": "postMessage", "port": "port1", "value": ["too late"]},
        {"phase": "throw", "operation": "postMessage", "port": "port1", "value": tag("error", name="Error", message=text)},
    ]  # fmt: skip
    background = [plain(event) for event in events if event.actor == "background"]
    there = "background.onConnect#1"
    sender = background[0]["value"].pop("sender")
    assert background[:2] == [
        {"phase": "fire", "operation": "runtime.onConnect", "port": there, "listener": "background.onConnect", "value": {"name": "n", "error": error}},
        {
            "phase": "fire", "operation": "onMessage", "port": there, "listener": f"{there}.onMessage",
            "value": "hello", "rest": [tag("port", port=there)],
        },
    ]  # fmt: skip
    firefox = {"contextId", "envType"}
    common = {"id", "url", "origin", "tab", "frameId", "documentId"}
    assert set(sender) == common | (firefox if family == "firefox" else {"documentLifecycle"})


@pytest.mark.parametrize("family", FAMILIES)
def test_an_error_at_on_disconnect(family: Family) -> None:
    def nobody_listens(play: Builder) -> None:
        play.background()
        play.page().connect()

    (end,) = [event for event in played(nobody_listens, family).events if event.operation == "onDisconnect"]
    if family == "firefox":
        assert (end.error, end.last_error) == (tag("error", name="Error", message=NO_RECEIVER), None)
    else:
        properties = {"class": "Object", "properties": {"message": NO_RECEIVER}}
        assert (end.error, end.last_error) == (tag("absent"), tag("instance", **properties))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_listener_that_knows_the_port_already_says_so(family: Family) -> None:
    def two_listeners(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.listen()
        background.listen(label="second")
        page.connect()

    fired = [
        (event.port, plain(event)["value"].get("same"))
        for event in played(two_listeners, family).events
        if event.phase == "fire"
    ]
    assert fired == [("background.onConnect#1", None), ("background.onConnect.second#1", "background.onConnect#1")]


# ---- values

CLONED = "could not be cloned"
NOT_SERIALIZED = "Could not serialize message."


@pytest.mark.parametrize(
    ("value", "chromium", "firefox"),
    [
        (UNDEFINED, None, UNDEFINED),
        (tag("number", value="NaN"), None, tag("number", value="NaN")),
        (tag("number", value="-0"), 0, tag("number", value="-0")),
        (tag("bigint", value="7"), NOT_SERIALIZED, tag("bigint", value="7")),
        (tag("date", value="2020-01-02T03:04:05.000Z"), "2020-01-02T03:04:05.000Z", tag("date", value="2020-01-02T03:04:05.000Z")),
        (tag("date", value="invalid"), None, tag("date", value="invalid")),
        (tag("map", entries=[[1, 2]]), {}, tag("map", entries=[[1, 2]])),
        (function(), NOT_SERIALIZED, CLONED),
        (tag("symbol", description="s"), NOT_SERIALIZED, "An exception was thrown"),
        (tag("platform", name="window"), NOT_SERIALIZED, CLONED),
        ({"self": tag("ref", to="")}, NOT_SERIALIZED, {"self": tag("ref", to="")}),
        ({"a": UNDEFINED, "n": tag("number", value="NaN")}, {"n": None}, {"a": UNDEFINED, "n": tag("number", value="NaN")}),
        ([UNDEFINED, tag("hole"), 1], [None, None, 1], [UNDEFINED, tag("hole"), 1]),
        (tag("error", name="TypeError", message="m"), {"name": "TypeError"}, tag("error", name="TypeError", message="m")),
        ({"toJSON": function()}, NOT_SERIALIZED, CLONED),
        (tag("view", kind="Uint8Array", bytes="0102"), {"0": 1, "1": 2}, tag("view", kind="Uint8Array", bytes="0102")),
        (tag("object", entries=[["$", 1], ["b", UNDEFINED]]), tag("object", entries=[["$", 1]]), tag("object", entries=[["$", 1], ["b", UNDEFINED]])),
        (tag("string", utf16="d800"), tag("string", utf16="d800"), tag("string", utf16="d800")),
    ],
)  # fmt: skip
def test_what_becomes_of_a_value(value: Any, chromium: Any, firefox: Any) -> None:
    def one_value(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.listen()
        port = page.connect()
        play.settle()
        port.post(value)

    for family, wanted in (("chromium", chromium), ("firefox", firefox)):
        *_, last = traced(one_value, family)  # type: ignore[arg-type]
        if last[1] == "throw":
            assert wanted in last[4]["message"]
        else:
            assert last[1:3] == ("fire", "onMessage")
            assert last[4] == wanted


def test_a_long_string_is_recorded_by_its_hash_as_the_real_puppet_does() -> None:
    def long_text(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.listen()
        page.connect().post(tag("repeat", unit="x", times=5000))

    *_, last = traced(long_text, "chromium", of="background")
    assert last[4] == tag("text", length=5000, hash="c7e5049271672", start="x" * 64)


# ---- arguments


@pytest.mark.parametrize(
    ("args", "chromium", "firefox"),
    [
        ([42], "No matching signature.", "Incorrect argument types for runtime.connect."),
        (["a", "b", "c"], "No matching signature.", "Incorrect argument types for runtime.connect."),
        ([{"name": 3}], "Error at property 'name': Invalid type: expected string, found integer.", "Error processing name: Expected string instead of 3"),
        ([{"bad": 1}], "Error at parameter 'connectInfo': Unexpected property: 'bad'.", 'Unexpected property "bad"'),
        (["nosuch@x"], "Invalid extension id: 'nosuch@x'", ""),
        ([None, {"name": "nn"}], "", ""),
        ([UNDEFINED], "", ""),
    ],
)  # fmt: skip
def test_what_connect_takes(args: list[Any], chromium: str, firefox: str) -> None:
    def one_call(play: Builder) -> None:
        play.background()
        play.page().connect(*args, record=False)

    for family, text in (("chromium", chromium), ("firefox", firefox)):
        phase, value = next((line[1], line[4]) for line in traced(one_call, family, of="page") if line[1] != "call")  # type: ignore[arg-type]
        assert phase == ("throw" if text else "return")
        assert not text or text in value["message"]


def test_what_is_not_there_cannot_be_called() -> None:
    def content_script_uses_tabs(play: Builder) -> None:
        play.background()
        page = play.page()
        page.connect_tab(page)

    lines = traced(content_script_uses_tabs, "chromium", of="page")
    assert lines[1][4]["message"] == "Cannot read properties of undefined (reading 'connect')"
    assert [line[1:4] for line in lines[2:]] == [("note", "no-port", "port1")] * 2


# ---- who is reached, and listeners

Write = Callable[[Builder], None]


def fired(write: Write, family: Family, operation: str = "runtime.onConnect") -> list[str]:
    return sorted(line[0] for line in traced(write, family) if line[2] == operation)


def test_only_firefox_reaches_the_opener_by_its_own_tabs_id() -> None:
    def own_tab(play: Builder) -> None:
        play.background()
        page = play.extension_page(frames=1)
        for document in (page, *page.frames):
            document.listen()
        page.connect_tab(page)

    assert fired(own_tab, "chromium") == ["extension_page.frame1"]
    assert fired(own_tab, "firefox") == ["extension_page", "extension_page.frame1"]


def test_only_chromium_takes_an_extension_page_in_a_web_page_for_an_extension_page() -> None:
    def embedded(play: Builder) -> None:
        background, page = play.background(), play.page(frames=["extension"])
        page.frames[0].listen()
        background.connect()

    assert fired(embedded, "chromium") == ["page.frame1"]
    assert fired(embedded, "firefox") == []


def test_only_chromium_gives_a_content_scripts_port_to_a_devtools_page() -> None:
    def from_a_content_script(play: Builder) -> None:
        page = play.page()
        play.devtools(page).listen()
        page.connect()

    def from_the_background(play: Builder) -> None:
        background, page = play.background(), play.page()
        play.devtools(page).listen()
        background.connect()

    assert fired(from_a_content_script, "chromium") == ["devtools"]
    assert fired(from_a_content_script, "firefox") == []
    assert fired(from_the_background, "chromium") == fired(from_the_background, "firefox") == ["devtools"]


def test_only_chromium_calls_a_listener_that_was_removed_in_the_middle_of_a_dispatch() -> None:
    def removed_meanwhile(play: Builder) -> None:
        background, page = play.background(), play.page()
        heard = background.listen()
        with page.one_turn():
            port = page.connect()
            port.add_message_listener("remover", lambda port: port.remove_listener("port1.onMessage.victim"))
            port.add_message_listener("victim")
        play.settle()
        heard.port.post(1)
        play.settle()
        heard.port.post(2)

    heard = {
        family: [event.listener for event in played(removed_meanwhile, family).events if event.operation == "onMessage"]
        for family in FAMILIES
    }
    first, remover, victim = "port1.onMessage", "port1.onMessage.remover", "port1.onMessage.victim"
    assert heard == {"chromium": [first, remover, victim, first, remover], "firefox": [first, remover, first, remover]}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_woken_background_has_its_listeners_and_does_what_every_listener_does(family: Family) -> None:
    def woken(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.require_stoppable()
        background.listen()
        page.connect(name="before")
        play.settle()
        background.stop()
        play.settle()
        page.connect(name="after").post("good morning")

    events = [event for event in played(woken, family).events if event.actor == "background"]
    assert [(event.incarnation, event.counter, event.operation) for event in events] == [
        (1, 1, "runtime.onConnect"),
        (2, 1, "runtime.onConnect"), (2, 2, "onMessage"),
    ]  # fmt: skip


def test_a_web_page_can_connect_in_chromium_only() -> None:
    def web_page(play: Builder) -> None:
        play.background().listen("onConnectExternal")
        script = play.page().script
        play.require_api(script, "runtime.connect")
        script.connect(to="subject")

    assert fired(web_page, "chromium", "runtime.onConnectExternal") == ["background"]
    assert played(web_page, "firefox").lacking == "runtime.connect in page.script"


def test_what_a_browser_lacks_ends_the_play_without_a_fault() -> None:
    def stops(play: Builder) -> None:
        play.background().require_stoppable()
        play.page().connect()

    persistent = played(stops, "firefox", manifest=2)
    assert (persistent.outcome, persistent.events) == ("ok", ())
    assert persistent.lacking.startswith("a background that can be stopped")
    assert not played(stops, "firefox").lacking
