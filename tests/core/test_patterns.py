"""Which events a pattern means, what their fields hold, and how both are told."""

from __future__ import annotations

from typing import Any

import pytest

from portolan.conformance.checks.checks import bound, describe, field_of
from portolan.conformance.checks.patterns import TESTS, Pattern
from portolan.conformance.trace.recording import Event
from portolan.conformance.trace.values import ABSENT, UNDEFINED, Json, tag

from .traces import BORN, disconnected, event, message, play

ERROR = tag("error", name="Error", message="Could not establish connection.")
LAST_ERROR = tag("instance", **{"class": "Object"}, properties={"message": "Could not establish connection."})


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(),
        Pattern("fire", "onMessage"),
        Pattern(actor="background"),
        Pattern(incarnation=1),
        Pattern(port="port1"),
        Pattern(listener="port1.onMessage"),
        Pattern(value="hello"),
        Pattern(after=1),
        Pattern(before=2),
        Pattern(step=1),
        Pattern(error="nothing"),
    ],
)
def test_what_is_meant(pattern: Pattern) -> None:
    assert pattern.find(play(message("hello"))) == [message("hello")]


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern("call"),
        Pattern("fire", "onDisconnect"),
        Pattern(actor="page"),
        Pattern(incarnation=2),
        Pattern(port="port2"),
        Pattern(listener="port1.onMessage.again"),
        Pattern(value="goodbye"),
        Pattern(value=None),
        Pattern(like="hello"),
        Pattern(after=2),
        Pattern(before=1),
        Pattern(step=0),
        Pattern(error="something"),
    ],
)
def test_what_is_not_meant(pattern: Pattern) -> None:
    assert pattern.find(play(message("hello"))) == []


def test_an_event_without_a_value_has_no_value() -> None:
    assert not Pattern(value=None).matches(event("background: fire onConnect"))


@pytest.mark.parametrize(
    "came",
    [
        disconnected(error=ERROR),
        disconnected(last_error=LAST_ERROR),
        disconnected(last_error={"message": "Could not establish connection."}),
        disconnected(
            error=tag("error", name="Error", message=tag("text", length=9000, hash="", start="Could not establish"))
        ),
    ],
)
def test_an_error_in_any_of_its_forms(came: Event) -> None:
    assert Pattern(error="something").matches(came)
    assert not Pattern(error="nothing").matches(came)
    assert Pattern(like="^could not").matches(came)


@pytest.mark.parametrize("nothing", [None, UNDEFINED, ABSENT, tag("unreadable", message="Error: no")])
def test_no_error_in_any_of_its_forms(nothing: Json) -> None:
    assert Pattern(error="nothing").matches(disconnected(error=nothing, last_error=nothing))


def test_a_thrown_error_is_known_by_its_message() -> None:
    thrown = event(
        "background: throw postMessage on port1", value=tag("error", name="Error", message="disconnected port object")
    )
    assert Pattern("throw", like="disconnected port").matches(thrown)
    assert not Pattern("throw", like="no such extension").matches(thrown)


SNAPSHOT = {"name": "n", "sender": {"tab": {"id": 7}, "frames": [1, {"x": 2}]}, "error": ABSENT}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "n"),
        ("value.name", "n"),
        ("sender.tab.id", 7),
        ("sender.frames.1.x", 2),
        ("sender.frames.2", ABSENT),
        ("sender.url", ABSENT),
        ("name.length", ABSENT),
        ("error", ABSENT),
        ("value", SNAPSHOT),
        ("rest.0", ABSENT),
    ],
)
def test_fields_of_a_port_that_was_born(path: str, value: Json) -> None:
    assert field_of(event("background: return tabs.connect on port1", value=SNAPSHOT), path) == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("error.message", "Could not establish connection."),
        ("last_error.message", "Could not establish connection."),
        ("rest.0", 1),
        ("value", tag("port", port="port1")),
    ],
)
def test_fields_of_a_port_that_ended(path: str, value: Json) -> None:
    ended = disconnected(value=tag("port", port="port1"), rest=[1], error=ERROR, last_error=LAST_ERROR)
    assert field_of(ended, path) == value


def test_fields_of_values_that_are_written_as_entries() -> None:
    odd = message(tag("object", entries=[["$", 1], ["a", {"b": 2}], [tag("string", utf16="d800"), 3]]))
    assert field_of(odd, "a.b") == 2
    assert field_of(odd, "$") == 1
    assert field_of(odd, "entries") == ABSENT
    assert field_of(message(tag("object", entries="nonsense")), "a") == ABSENT


@pytest.mark.parametrize(
    ("test", "passes", "fails"),
    [
        ("absent", [ABSENT], [UNDEFINED, None, "", {}]),
        ("nothing", [ABSENT, UNDEFINED, None], ["", 0, False, {}]),
        (
            "string",
            ["", "x", tag("string", utf16="d800"), tag("text", length=9000, hash="", start="x")],
            [1, None, tag("error", name="", message="")],
        ),
        ("number", [0, 1.5, tag("number", value="NaN")], [True, "1", tag("bigint", value="1")]),
        ("integer", [0, -1], [1.5, True, "1", tag("number", value="NaN")]),
        ("object", [{}, tag("object", entries=[]), LAST_ERROR], [[], None, "x", tag("map", entries=[]), ERROR]),
        ("error", [ERROR, LAST_ERROR, {"message": "x"}], [{}, {"message": 1}, None, "x"]),
        ("not-empty", ["x", 1, [0], {"a": 1}], ["", [], {}, None, UNDEFINED, ABSENT]),
    ],
)
def test_tests_of_fields(test: str, passes: list[Json], fails: list[Json]) -> None:
    assert [value for value in passes if not TESTS[test](value)] == []
    assert [value for value in fails if TESTS[test](value)] == []


def test_placeholders_stand_for_what_the_play_says() -> None:
    came = play(bindings={"tab-of page": 7})
    page = tag("tab-of", document="page")
    assert bound({"a": [page, 1]}, came) == {"a": [7, 1]}
    assert bound(tag("tab-of", document="other"), came) == tag("tab-of", document="other")
    assert bound(tag("date", value="page"), came) == tag("date", value="page")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (Pattern("fire", "onMessage", port="port1", listener="port1.onMessage"), "port1.onMessage fires"),
        (Pattern("fire", "runtime.onConnect", listener="page.onConnect"), "page.onConnect fires"),
        (
            Pattern("note", "ended", actor="application", after=2, before=4),
            "application ends, after step 3 and before step 5",
        ),
        (
            Pattern("throw", "postMessage", port="port1", like="closed", step=3),
            "port1.postMessage() throws, with a message like “closed”, in step 4",
        ),
        (Pattern("fire", "onMessage", port="port1", value="\x1b[2J"), 'port1.onMessage fires, with "\\u001b[2J"'),
        (Pattern("fire", "onDisconnect", port="port1", error="nothing"), "port1.onDisconnect fires, without an error"),
        (Pattern("fire", "onDisconnect", port="port1", error="something"), "port1.onDisconnect fires, with an error"),
    ],
)
def test_a_pattern_in_words(pattern: Pattern, words: str) -> None:
    assert str(pattern) == words


@pytest.mark.parametrize(
    ("came", "words"),
    [
        (BORN, 'background.1: tabs.connect() for port1 returns, with {name: "", sender: undefined, error: absent}'),
        (message("hi", incarnation=2), 'background(2).2: port1.onMessage fires, with "hi"'),
        (
            disconnected(error=ERROR),
            'background.3: port1.onDisconnect fires, error: Error("Could not establish connection."), lastError: null',
        ),
        (event("page: note \x1b[2J"), "page.1: page records \\u001b[2J"),
    ],
)
def test_an_event_in_words(came: Event, words: str) -> None:
    assert describe(came) == words


def test_the_listener_is_not_guessed() -> None:
    more: dict[str, Any] = {"listener": None}
    assert not Pattern(listener="port1.onMessage").matches(message("hello", **more))
