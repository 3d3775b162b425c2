"""What arrives of each kind of value: over a port, and over a native port. Claims P58 to P60, P62.

Each kind is posted by a content script, and one plain message after it: a port lives on after a value
that it cannot send. Firefox clones values (the structured clone algorithm), Chromium writes JSON.
"""

from dataclasses import dataclass
from typing import Any

from portolan import (
    NAN,
    UNDEFINED,
    AnyCheck,
    Call,
    Play,
    PortEnd,
    all_of,
    bigint,
    cycle,
    date,
    function,
    getter,
    instance,
    js_map,
    js_set,
    nested,
    scenario,
    tag,
    text_of,
    variant,
)
from portolan.conformance.checks.checks import Field

REFUSED = "refused"
LAST = "and a plain message"
MEBIBYTE = 1024 * 1024
MINUS_ZERO, INFINITY, LESS = (tag("number", value=each) for each in ("-0", "Infinity", "-Infinity"))
SYMBOL = tag("symbol", description="s")
LONG_BEFORE = date("2020-01-02T03:04:05.678")


@dataclass(frozen=True)
class Kind:
    """Values of one kind, what JSON makes of each, and what a clone of each is where that is not the same again."""

    sent: list[Any]
    as_json: list[Any]
    cloned: list[Any] | None = None


def bytes_of(kind: str, hexadecimal: str) -> Any:
    """A typed array, or a DataView."""
    return tag("view", kind=kind, bytes=hexadecimal)


def error(name: str) -> Any:
    """An Error of this name."""
    return tag("error", name=name, message="m")


KINDS = {
    "undefined": Kind([UNDEFINED, {"a": UNDEFINED}, [UNDEFINED]], [None, {}, [None]]),
    "numbers_that_JSON_lacks": Kind([NAN, INFINITY, LESS, MINUS_ZERO, [NAN]], [None, None, None, 0, [None]]),
    "dates": Kind([LONG_BEFORE, date("invalid")], ["2020-01-02T03:04:05.678Z", None]),
    "maps_and_sets": Kind([js_map((1, 2), ("a", js_set(1))), js_set(1, "a"), js_map()], [{}, {}, {}]),
    "bigints": Kind([bigint(2**70), {"n": bigint(7)}], [REFUSED, REFUSED]),
    "typed_arrays": Kind(
        [bytes_of("Uint8Array", "0102ff"), bytes_of("Float64Array", "000000000000f03f"), bytes_of("DataView", "0102")],
        [{"0": 1, "1": 2, "2": 255}, {"0": 1}, {}],
    ),
    "arrays_of_bigints": Kind([bytes_of("BigInt64Array", "0100000000000000")], [REFUSED]),
    "array_buffers": Kind([tag("arraybuffer", length=3, bytes="0102ff")], [{}]),
    "blobs": Kind([tag("blob", size=3, type="text/plain")], [{}]),
    "regular_expressions": Kind([tag("regexp", source="a+", flags="gi")], [{}]),
    "errors": Kind(
        [error("Error"), error("TypeError"), error("Custom")],
        [{}, {"name": "TypeError"}, {"name": "Custom"}],
        [error("Error"), error("TypeError"), error("Error")],
    ),
    "functions": Kind([function(), {"f": function(), "a": 1}, [function()]], [REFUSED, {"a": 1}, [None]], [REFUSED] * 3),
    "symbols": Kind([SYMBOL, {"s": SYMBOL, "a": 1}, [SYMBOL]], [REFUSED, {"a": 1}, [None]], [REFUSED] * 3),
    "cycles": Kind([cycle()], [REFUSED]),
    "the_same_object_twice": Kind([{"a": {"x": 1}, "b": tag("ref", to="/a")}], [{"a": {"x": 1}, "b": {"x": 1}}]),
    "arrays_with_holes": Kind([[1, tag("hole"), 3]], [[1, None, 3]]),
    "objects_with_toJSON": Kind([{"toJSON": function(returns="as JSON"), "a": 1}], ["as JSON"], [REFUSED]),
    "deep_arrays": Kind([nested(100), nested(1000), nested(10_000)], [nested(100), nested(1000), REFUSED]),
}  # fmt: skip
"""What differs between the two algorithms."""

_PLAIN = [
    "text",
    "ä€😀",
    "half \ud83d pair",
    "",
    0,
    -1.5,
    1e308,
    2**53 - 1,
    True,
    None,
    [],
    {},
    [1, [2]],
    {"a": {"b": {}}},
]
_KEYS = tag("object", entries=[["__proto__", 1], ["$", 2]])
ALIKE = Kind(
    [*_PLAIN, _KEYS, nested(60), {"g": getter(7)}, instance("Point", x=1, y=2)],
    [*_PLAIN, _KEYS, nested(60), {"g": 7}, {"x": 1, "y": 2}],
)
"""What both algorithms make the same of: JSON's own values, getters (read once), instances of classes (plain objects then)."""


def outcome(calls: list[Call], there: Any, wanted: list[Any]) -> AnyCheck:
    """Each value arrives as it should, and those that are refused make postMessage throw."""
    refused = [call.threw() for call, value in zip(calls, wanted, strict=True) if value == REFUSED]
    return all_of(there.received(*(value for value in wanted if value != REFUSED), LAST), *refused)


def over_a_port(name: str, kind: Kind) -> None:
    """Make the scenario of one kind."""

    @scenario(name=f"{name}_over_a_port", claims=["P60"])
    def posts(play: Play) -> None:
        background, page = play.background(), play.page()
        heard = background.listen()
        port = page.connect()
        calls = [port.post(value) for value in kind.sent]
        port.post(LAST)
        play.settle()

        play.expect_one_of(
            "what arrives of such values",
            variant(
                "structured-clone",
                outcome(calls, heard.port, kind.cloned or kind.sent),
                claims="P60",
                title="a structured clone",
            ),
            variant("json", outcome(calls, heard.port, kind.as_json), claims="P60", title="what JSON makes of them"),
        )

    posts.__doc__ = (
        f"{name.replace('_', ' ').capitalize()} over a port: each value is posted, and a plain message after them."
    )
    globals()[f"{name}_over_a_port"] = posts


for _name, _kind in KINDS.items():
    over_a_port(_name, _kind)


@scenario(claims=["P58", "P60"])
def values_that_are_alike_over_a_port(play: Play) -> None:
    """JSON's own values, half a surrogate pair, getters and instances of classes: the same comes in every browser."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    for value in ALIKE.sent:
        port.post(value)
    play.settle()

    play.expect(heard.port.received(*ALIKE.as_json), claims=["P58", "P60"])


@scenario()
def a_getter_that_throws_over_a_port(play: Play) -> None:
    """A value that cannot be read: postMessage throws, and the port lives on."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    called = port.post({"g": getter(throws="boo")})
    port.post(LAST)
    play.settle()

    play.expect(all_of(called.threw(), heard.port.received(LAST), port.stayed_open()))
    play.expect_one_of(
        "what is thrown",
        variant("the-getters-own-error", called.threw("^boo$"), title="the getter's own error"),
        variant("another-error", called.threw("serialize")),
    )


@scenario(claims=["P60"])
def an_object_of_the_page_over_a_port(play: Play) -> None:
    """The document's location: no clone of it can be made; JSON takes what is enumerable in it."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    called = port.post(tag("platform", name="location"))
    play.settle()

    play.expect_one_of(
        "what becomes of an object of the page",
        variant("is-refused", all_of(called.threw(), heard.port.received()), claims="P60", title="it is refused"),
        variant("a-plain-object", Field(heard.port.event("onMessage"), "value.href", "string"), claims="P60"),
    )


@scenario(claims=["CI2"])
def an_object_with_toJSON_of_the_page_over_a_port(play: Play) -> None:
    """The document's performance object, which has a toJSON of the browser's own: JSON uses it, and no clone can be made."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    called = port.post(tag("platform", name="performance"))
    play.settle()

    made = Field(heard.port.event("onMessage"), "value.timeOrigin", "number")
    play.expect_one_of(
        "what becomes of an object with a toJSON of the browser's own",
        variant("is-refused", all_of(called.threw(), heard.port.received()), claims="CI2", title="it is refused"),
        variant("to-json", all_of(called.returned(), made), claims="CI2", title="what its toJSON gives"),
    )


# ---- native ports: JSON in every browser

NO_JSON = ("undefined", "functions", "symbols", "deep_arrays")
JSON_KINDS = {name: kind for name, kind in KINDS.items() if name not in NO_JSON} | {"plain": Kind(_PLAIN, _PLAIN)}


@scenario(claims=["P62"])
def values_over_a_native_port(play: Play) -> None:
    """Every kind of value to a native application: what JSON makes of it, and an error where it makes nothing."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    sent = [value for kind in JSON_KINDS.values() for value in kind.sent]
    made = [value for kind in JSON_KINDS.values() for value in kind.as_json]
    calls = [port.post(value) for value in sent]
    play.settle()

    refused = [call.threw() for call, value in zip(calls, made, strict=True) if value == REFUSED]
    play.expect(application.received(*(value for value in made if value != REFUSED)), claims="P62")
    play.expect(all_of(*refused, port.stayed_open()))


@scenario()
def undefined_over_a_native_port(play: Play) -> None:
    """Undefined, which JSON has no text for, to a native application: null arrives, or a message without a body."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    called = port.post(UNDEFINED)
    play.settle()

    play.expect(all_of(called.returned(), port.stayed_open()))
    play.expect_one_of(
        "what an application gets for undefined",
        variant("null", application.received(None)),
        variant("a-message-of-no-bytes", application.received(tag("unreadable", bytes=""))),
    )


@scenario()
def a_function_over_a_native_port(play: Play) -> None:
    """A function and a symbol to a native application: postMessage throws, or a message without a body is sent."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    calls = [port.post(value) for value in (function(), SYMBOL)]
    play.settle()

    nothing = tag("unreadable", bytes="")
    play.expect_one_of(
        "what becomes of a value that JSON has no text for",
        variant("is-refused", all_of(*(call.threw() for call in calls), application.received()), title="it is refused"),
        variant(
            "a-message-of-no-bytes",
            all_of(*(call.returned() for call in calls), application.received(nothing, nothing)),
        ),
    )


# ---- sizes


def long(port: PortEnd, called: Call, length: int) -> Field:
    """After this call a text of this length arrived."""
    return Field(port.event("onMessage", after=called.step), "value.length", wanted=length)


@scenario(claims=["P58"])
def messages_of_a_byte_to_a_megabyte(play: Play) -> None:
    """One byte, a thousand, a million, there and back: each arrives whole."""
    background, page = play.background(), play.page()
    heard = background.listen(then=lambda port: port.echo())
    sizes = [text_of(length) for length in (1, 1000, 1_000_000)]
    port = page.connect()
    for text in sizes:
        port.post(text)
    play.settle()

    play.expect(all_of(heard.port.received(*sizes), port.received(*sizes)), claims="P58")


@scenario()
def a_message_of_64_mebibytes(play: Play) -> None:
    """A message whose JSON is 64 MiB long, to the byte, arrives."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    most = port.post(text_of(64 * MEBIBYTE - 2))
    play.settle()

    play.expect(all_of(most.returned(), long(heard.port, most, 64 * MEBIBYTE - 2)))


@scenario()
def a_message_of_more_than_64_mebibytes(play: Play) -> None:
    """One byte more: postMessage throws, or the message arrives; the port is as good as before."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    more = port.post(text_of(64 * MEBIBYTE - 1))
    play.settle()
    after = port.post(LAST)
    play.settle()

    play.expect(all_of(after.returned(), heard.port.stayed_open(), port.stayed_open()))
    play.expect_one_of(
        "a message of more than 64 MiB",
        variant("throws", all_of(more.threw(), heard.port.received(LAST))),
        variant("arrives", all_of(more.returned(), heard.port.received_count(2))),
    )


@scenario()
def a_message_of_more_than_a_mebibyte_to_a_native_application(play: Play) -> None:
    """The limit of 1 MiB is for what an application sends: it is sent more than that."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    port.post(text_of(MEBIBYTE + 1))
    play.settle()

    heard = application.received(tag("text", length=MEBIBYTE + 3, hash="", start=""))
    play.expect(all_of(heard, port.stayed_open()))


@scenario(claims=["NM9"])
def in_chromium_more_than_64_mebibytes_to_a_native_application(play: Play) -> None:
    """One byte more than 64 MiB to a native application. (In Firefox 153 it arrives, after 25 seconds: nobody waits for it here.)"""
    background, application = play.background(), play.application()
    play.require_api(background, "runtime.onRestartRequired")
    port = background.connect_native(application)
    play.settle()
    called = port.post(text_of(64 * MEBIBYTE - 1))
    play.settle()

    play.expect(port.stayed_open())
    play.expect_one_of(
        "a message of more than 64 MiB to a native application",
        variant("throws", all_of(called.threw(), application.received())),
        variant("is-taken", called.returned(), claims="NM9"),
    )
