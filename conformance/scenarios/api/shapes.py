"""What ports and events consist of, and what listeners are given. Claims P45, P49, P52, P54, P56, P58, P59, OC2, OC3, OX5, OU5.

What nobody promised is compared all the same: which properties there are beside the documented ones, what becomes of listeners
that are added twice, that throw, and that are added or removed while an event is being told.
"""

from collections.abc import Callable

from portolan import (
    ConnectEventName,
    Pattern,
    Play,
    PortEnd,
    all_of,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import Field

PROPERTIES = {
    "name": "string",
    "onMessage": "object",
    "onDisconnect": "object",
    "postMessage": "function",
    "disconnect": "function",
}
METHODS = ("addListener", "removeListener", "hasListener")
ORDINARY = ("own", "writable", "enumerable", "configurable")
EVENTS = ("runtime.onConnect", "runtime.onConnectExternal")


@scenario(claims=["P45", "P49", "P54", "P56", "P59"])
def the_properties_of_a_port(play: Play) -> None:
    """Both ends: each documented property, its type, and that it is an ordinary property of the object itself."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    for end in (port, heard.port):
        end.describe()
    play.settle()

    claims = {"disconnect": "P45", "onDisconnect": "P49", "onMessage": "P56", "postMessage": "P59"}
    for end in (port, heard.port):
        for name, kind in PROPERTIES.items():
            says = claims.get(name, ())
            play.expect(end.described(f"properties.{name}.type", wanted=kind), claims=says)
            play.expect(all_of(*(end.described(f"properties.{name}.{word}", wanted=True) for word in ORDINARY)))
    play.expect(
        all_of(
            port.described("properties.sender.type", wanted="undefined"),
            heard.port.described("properties.sender.type", wanted="object"),
        )
    )
    play.expect_one_of(
        "the property error of a port without one",
        variant(
            "exists-and-is-null",
            all_of(*(end.described("properties.error.type", wanted="object") for end in (port, heard.port))),
            title="exists, and is null",
        ),
        variant(
            "does-not-exist",
            all_of(*(end.described("properties.error", "absent") for end in (port, heard.port))),
            claims="P54",
        ),
    )


@scenario(claims=["P49", "P56"])
def the_functions_of_a_ports_events(play: Play) -> None:
    """OnMessage and onDisconnect: addListener, removeListener and hasListener; what else there is differs."""
    background, page = play.background(), play.page()
    background.listen()
    port = page.connect()
    for event in ("onMessage", "onDisconnect"):
        port.describe(event)
    play.settle()

    def has(event: str, *names: str) -> list[Field]:
        return [port.described(f"properties.{name}.type", wanted="function", path=event) for name in names]

    play.expect(all_of(*has("onMessage", *METHODS)), claims="P56")
    play.expect(all_of(*has("onDisconnect", *METHODS)), claims="P49")
    play.expect_one_of(
        "what else an event of a port has",
        variant(
            "has-listeners-and-dispatch",
            all_of(*has("onMessage", "hasListeners", "dispatch")),
            title="hasListeners and dispatch",
        ),
        variant(
            "set-user-input",
            port.described("properties.setUserInput", "object", path="onMessage"),
            title="setUserInput",
        ),
    )


@scenario(claims=["OC2", "OX5"])
def the_functions_of_connect_events(play: Play) -> None:
    """runtime.onConnect and onConnectExternal: addListener, removeListener and hasListener; what else there is differs."""
    background = play.background()
    for event in EVENTS:
        background.describe(event)
    play.settle()

    for event, claim in zip(EVENTS, ("OC2", "OX5"), strict=True):
        play.expect(
            all_of(*(background.described(event, f"properties.{name}.type", wanted="function") for name in METHODS)),
            claims=claim,
        )
    more = [background.described(event, "properties.hasListeners.type", wanted="function") for event in EVENTS]
    none = [background.described(event, "properties.hasListeners", "absent") for event in EVENTS]
    play.expect_one_of(
        "what else an event for new ports has",
        variant("has-listeners-and-dispatch", all_of(*more), title="hasListeners and dispatch"),
        variant("nothing", all_of(*none)),
    )


@scenario()
def a_listener_added_twice(play: Play) -> None:
    """The same function added again is called once, and one removeListener removes it: of onConnect, onMessage, onDisconnect."""
    background, page = play.background(), play.page()
    first = background.listen()
    heard = background.listen(label="again")
    background.add_listener_again(heard)
    port = page.connect()
    message, end, removed = (
        port.add_message_listener("twice"),
        port.add_disconnect_listener("twice"),
        port.add_message_listener("removed"),
    )
    for listener in (message, end, removed):
        port.add_listener_again(listener)
    port.remove_listener(removed)
    play.settle()
    first.port.post("hello")
    play.settle()
    first.port.disconnect()
    play.settle()

    play.expect(all_of(first.fired(), heard.fired()))
    play.expect(
        all_of(
            port.listener_received(message, "hello"),
            port.disconnect_listener_called(end),
            port.listener_received(removed),
        )
    )


def come_and_go(event: ConnectEventName, claim: str, connects: Callable[[Play], object]) -> None:
    """Make the scenario of one event for new ports."""

    @scenario(name=f"listeners_of_{event}_come_and_go", claims=[claim])
    def removes(play: Play) -> None:
        background = play.background()
        first = background.listen(event)
        removed, kept = background.listen(event, label="removed"), background.listen(event, label="kept")
        for listening in (removed, kept):
            background.add_listener_again(listening)
        background.stop_listening(removed)
        play.settle()
        connects(play)
        play.settle()

        says = [
            Field(Pattern("note", "addListener", listener=each.name), "value", wanted=True) for each in (removed, kept)
        ]
        says.append(Field(Pattern("note", "removeListener", listener=removed.name), "value", wanted=False))
        play.expect(all_of(*says), claims=claim)
        play.expect(all_of(first.fired(), kept.fired(), removed.silent()), claims=claim)

    removes.__doc__ = (
        f"Of three listeners of {event} one is removed: it is not called; hasListener() tells which is there."
    )
    globals()[f"listeners_of_{event}_come_and_go"] = removes


come_and_go("onConnect", "OC2", lambda play: play.page().connect())
come_and_go("onConnectExternal", "OX5", lambda play: play.peer().connect(to="subject"))
come_and_go("onUserScriptConnect", "OU5", lambda play: play.page().user_script.connect())


@scenario()
def a_listener_removed_while_an_event_is_told(play: Play) -> None:
    """The first listener removes the last: for this message the last is still called, or not; for the next it is not."""
    background, page = play.background(), play.page()
    heard = background.listen()
    with page.one_turn():
        port = page.connect()
        port.add_message_listener("first", lambda port: port.remove_listener("port1.onMessage.last"))
        last = port.add_message_listener("last")
    play.settle()
    heard.port.post("this")
    play.settle()
    heard.port.post("next")
    play.settle()

    play.expect(port.received("this", "next"))
    play.expect_one_of(
        "a listener that is removed while an event is told",
        variant("is-still-called", port.listener_received(last, "this")),
        variant("is-not-called", port.listener_received(last)),
    )


@scenario()
def a_listener_added_while_an_event_is_told(play: Play) -> None:
    """A listener adds another: it is called from the next message on."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    added: list[str] = []
    port.add_message_listener("adding", lambda port: added.append(port.add_message_listener("added")))
    play.settle()
    heard.port.post("this")
    play.settle()

    play.expect(port.received("this"))
    play.expect_one_of(
        "a listener that is added while an event is told",
        variant("is-called", port.listener_received(added[0], "this"), title="is called for it"),
        variant("is-not-called", port.listener_received(added[0]), title="is not called for it"),
    )


@scenario()
def listeners_that_throw(play: Play) -> None:
    """A listener of onConnect, of onMessage, of onDisconnect throws: the others are called all the same, and the port lives."""
    background, page = play.background(), play.page()
    heard = background.listen()
    background.listen(label="throwing", then=lambda port: port.throw("onConnect"))
    third = background.listen(label="third")
    with page.one_turn():
        port = page.connect()
        port.add_message_listener("throwing", lambda port: port.throw("onMessage"))
        port.add_disconnect_listener("throwing", lambda port: port.throw("onDisconnect"))
        message, end = port.add_message_listener("third"), port.add_disconnect_listener("third")
    play.settle()
    heard.port.post("one")
    play.settle()
    third.port.post("two")
    play.settle()
    heard.port.disconnect()
    play.settle()

    play.expect(all_of(heard.fired(), third.fired()))
    play.expect(all_of(port.listener_received(message, "one", "two"), port.disconnect_listener_called(end)))


@scenario(claims=["OC3", "P52", "P58"])
def what_listeners_are_given(play: Play) -> None:
    """onMessage: the message and the port; onDisconnect: the port, and nothing more; it is the object that connect returned."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    port.post("there")
    play.settle()
    heard.port.post("back")
    play.settle()
    heard.port.disconnect()
    play.settle()

    def itself(end: PortEnd) -> dict[str, str]:
        return {"$": "port", "port": end.name}

    for end, message in ((heard.port, "there"), (port, "back")):
        play.expect(Field(end.event("onMessage"), "value", wanted=message), claims="P58")
        play.expect(Field(end.event("onMessage"), "rest.0", wanted=itself(end)))
        play.expect(Field(end.event("onMessage"), "rest.1", "absent"))
    play.expect(port.disconnect_saw("value", wanted=itself(port)), claims="P52")
    play.expect(port.disconnect_saw("rest.0", "absent"))
    play.expect(Field(heard.connect_event(), "rest.0", "absent"), claims="OC3")


@scenario()
def two_listeners_of_one_context_are_given_one_port(play: Play) -> None:
    """Two listeners of onConnect in one context: both are given the very same object."""
    background, page = play.background(), play.page()
    first, second = background.listen(), background.listen(label="second")
    page.connect()
    play.settle()

    play.expect(all_of(first.port.has("same", "absent"), second.port.has("same", wanted=first.port.name)))
