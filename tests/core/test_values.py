"""The tagged encoding: what goes in, what is the same, and what a terminal is shown."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import HOSTILE, integers, lone_surrogates, primitives, recorded, texts

from portolan.conformance.trace import values
from portolan.conformance.trace.values import (
    Json,
    bigint,
    date,
    encode,
    js_map,
    js_set,
    plain,
    same,
    show,
    sound,
    tag,
    text_of,
)

VALUES_JS = Path(__file__).parents[2] / "fixtures-extensions" / "shared" / "values.js"


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.0, 1),
        (1.5, 1.5),
        (-0.0, {"$": "number", "value": "-0"}),
        (math.nan, {"$": "number", "value": "NaN"}),
        (math.inf, {"$": "number", "value": "Infinity"}),
        (-math.inf, {"$": "number", "value": "-Infinity"}),
        (2**53 - 1, 2**53 - 1),
        (2**53, {"$": "bigint", "value": "9007199254740992"}),
        ("ä€🧭", "ä€🧭"),
        ("a\ud800", {"$": "string", "utf16": "0061d800"}),
        ("\ud83e\udded", "🧭"),
        ((1, [2]), [1, [2]]),
        ({"a": {1: -0.0}}, {"a": {"1": {"$": "number", "value": "-0"}}}),
        ({"__proto__": 1}, {"$": "object", "entries": [["__proto__", 1]]}),
        ({"\ud800": 1, "b": 2}, {"$": "object", "entries": [[{"$": "string", "utf16": "d800"}, 1], ["b", 2]]}),
        (tag("undefined"), {"$": "undefined"}),
    ],
)
def test_encode(value: Any, encoded: Json) -> None:
    assert encode(value) == encoded
    assert type(encode(value)) is type(encoded)


def test_what_has_no_counterpart_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no counterpart in a message; accepted: None, bool"):
        encode([b"bytes"])


def test_dates_mean_the_same_everywhere() -> None:
    assert date("2026-11-21") == date("2026-11-21T01:00:00+01:00") == tag("date", value="2026-11-21T00:00:00.000Z")
    assert date("invalid") == tag("date", value="invalid")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0),
        (False, None),
        (0, tag("number", value="-0")),
        ("1", 1),
        ([], {}),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 1, "b": 2}),
        (tag("undefined"), tag("absent")),
        (tag("undefined"), None),
        (js_map((1, 2), (3, 4)), js_map((3, 4), (1, 2))),
        (js_set(1, 2), js_set(2, 1)),
        (bigint(1), 1),
        (text_of(5000), text_of(5001)),
        (text_of(5000), text_of(5000, "y")),
        (tag("object", entries=[["$", 1]]), tag("object", entries=[["$", 2]])),
        (tag("object", entries=[["a", 1]]), tag("map", entries=[["a", 1]])),
    ],
)
def test_not_the_same(left: Json, right: Json) -> None:
    assert not same(left, right)
    assert not same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (37256525597517650, 37256525597517648.0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (tag("object", entries=[["$", 1], ["b", 2]]), tag("object", entries=[["b", 2], ["$", 1]])),
        (text_of(3), "xxx"),
        (text_of(4096), "x" * 4096),
        (text_of(5000), "x" * 5000),
        (["x" * 5000], [{"$": "text", "length": 5000, "hash": "c7e5049271672", "start": "x" * 64}]),
        ("🧭" * 3000, text_of(3000, "🧭")),
    ],
)
def test_the_same(left: Json, right: Json) -> None:
    assert same(left, right)
    assert same(right, left)


@given(recorded)
def test_a_value_is_the_same_as_itself_read_back(value: Json) -> None:
    assert same(value, value)
    assert same(value, json.loads(json.dumps(value)))


@given(recorded | lone_surrogates | st.dictionaries(lone_surrogates, lone_surrogates))
def test_sound_values_can_be_written(value: Json) -> None:
    json.dumps(sound(value), ensure_ascii=False).encode()


@given(recorded)
def test_sound_values_stay_what_they_are(value: Json) -> None:
    assert same(sound(value), value)


# ---- what people are shown


def harmless(text: str) -> bool:
    """Whether a terminal can be given this."""
    text.encode()
    return text.isprintable()


@given(recorded | lone_surrogates | st.dictionaries(lone_surrogates, lone_surrogates), st.integers(1, 200))
def test_what_is_shown_is_harmless_and_bounded(value: Json, width: int) -> None:
    shown = show(value, width)
    assert harmless(shown)
    assert len(shown) <= width


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_are_harmless(text: str) -> None:
    for value in (
        text,
        {text: text},
        [text],
        tag(text),
        tag("error", name=text, message=text),
        tag("number", value=text),
        tag("string", utf16=text),
    ):
        assert harmless(show(value))
    assert harmless(plain(text))


def test_huge_values_are_shown_at_once() -> None:
    wide: Json = "x" * 1000
    for _ in range(12):
        wide = [wide] * 20
    assert len(show(wide, 1000)) <= 1000
    deep: Json = []
    for _ in range(800):
        deep = [deep]
    assert show(deep) == "[[[[[[[…]]]]]]]"
    assert plain("x" * 1_000_000) == "x" * 300 + "… (1000000 characters)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ('say "hi"', '"say \\"hi\\""'),
        ([1, {"a": None}], "[1, {a: null}]"),
        (tag("undefined"), "undefined"),
        (values.NAN, "NaN"),
        (bigint(12), "12n"),
        (tag("error", name="TypeError", message="no"), 'TypeError("no")'),
        (tag("port", port="port1"), '<port port: "port1">'),
        (tag("cycle"), "<cycle>"),
        (tag("string", utf16="0061d800"), '"a\\ud800"'),
        (tag("string", utf16="nonsense"), '<string utf16: "nonsense">'),
        (list(range(30)), "[" + ", ".join(map(str, range(20))) + ", …]"),
    ],
)
def test_shown(value: Json, shown: str) -> None:
    assert show(value, 200) == shown


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (tag("error", name="Error", message="no"), "no"),
        ({"message": "no"}, "no"),
        (tag("instance", **{"class": "Object"}, properties={"message": "no"}), "no"),
        (tag("error", name="Error", message=tag("string", utf16="0061d800")), "a\ud800"),
        (tag("error", name="Error", message=tag("text", length=5000, hash="", start="xx")), "xx…"),
        (tag("instance", **{"class": "Object"}), None),
        (tag("unreadable", message="Error: no"), None),
        ({"message": 1}, None),
        ({}, None),
        (None, None),
        ("no", None),
    ],
)
def test_the_message_of_an_error(value: Json, message: str | None) -> None:
    assert values.message_of(value) == message


# ---- the browser's half says the same

NODE_PROGRAM = """
const { readFileSync } = require("node:fs");
require("node:vm").runInThisContext(readFileSync(process.argv[1], "utf8"));
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(JSON.stringify(portolan.encode(portolan.decode(JSON.parse(line)))));
});
"""

moments = st.datetimes(
    datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])
)
sendable = st.recursive(
    st.one_of(
        primitives.filter(lambda value: not isinstance(value, dict) or value["$"] not in ("absent", "port")),
        (texts | lone_surrogates | st.text(min_size=4000, max_size=4200)).map(encode),
        moments.map(lambda moment: date(moment.isoformat())),
        st.builds(text_of, st.integers(0, 9000), st.sampled_from("xä")),
        st.just(values.cycle()),
        st.just(tag("regexp", source="a+", flags="gi")),
        st.binary(max_size=9).map(lambda data: tag("view", kind="Uint8Array", bytes=data.hex())),
    ),
    lambda inner: st.one_of(
        st.lists(inner | st.just(tag("hole")), max_size=4),
        st.dictionaries(texts.filter(lambda key: key != "$"), inner, max_size=4).map(encode),
        st.dictionaries(integers, inner, max_size=3).map(lambda entries: js_map(*entries.items())),
        st.lists(st.text(max_size=5), max_size=3, unique=True).map(lambda items: js_set(*items)),
        st.dictionaries(st.sampled_from(["$", "a"]), inner).map(
            lambda entries: tag("object", entries=[list(each) for each in entries.items()])
        ),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Callable[[Json], Json]]:
    """What a value is recorded as after values.js has made it."""
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node")
    with subprocess.Popen(
        [node, "-e", NODE_PROGRAM, str(VALUES_JS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def record(value: Json) -> Json:
            stdin.write(json.dumps(value) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield record
        stdin.close()


@given(value=sendable)
def test_the_browser_records_what_was_meant(browser: Callable[[Json], Json], value: Json) -> None:
    assert same(browser(value), value)


@pytest.mark.parametrize(
    ("meant", "seen"),
    [
        (values.nested(1), []),
        (values.nested(2), [[]]),
        *((values.nested(depth), values.nested(depth)) for depth in (64, 65, 66, 67, 10_000)),
        ({"a": values.getter(7)}, {"a": 7}),
        ({"a": values.getter(throws="no")}, tag("unreadable", message="Error: no")),
        (values.function(returns=1), tag("function", name="")),
        (values.instance("Point", x=1), tag("instance", **{"class": "Object", "properties": {"x": 1}})),
    ],
)
def test_what_is_made_and_recorded_otherwise(browser: Callable[[Json], Json], meant: Json, seen: Json) -> None:
    assert same(browser(meant), seen)


def test_long_strings_have_the_browsers_hash(browser: Callable[[Json], Json]) -> None:
    for text in ("x" * 5000, "y" * 63 + "🧭" * 4000, "\ud800" * 4097, "aä€🧭" * 2000, "x" * 2**20, "ab" * 2**20):
        assert browser(encode(text)) == values.as_recorded(encode(text))
