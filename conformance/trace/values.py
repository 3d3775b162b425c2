"""The tagged encoding: JavaScript values as JSON, with nothing lost that a check may ask for.

JSON's own values stand for themselves. Everything else is an object with a ``$`` key that names
its kind: ``{"$": "undefined"}``, ``{"$": "number", "value": "-0"}``, ``{"$": "map", "entries": […]}``.
A plain object that has a ``$`` key of its own becomes ``{"$": "object", "entries": […]}``.
The browser's half is ``fixtures-extensions/shared/values.js``; ``docs/trace.md`` lists every kind.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Json = Any
"""A value in the tagged encoding (JSON: None, bool, int, float, str, list, dict)."""

LARGEST_SAFE_INTEGER = 2**53 - 1

LONGEST_TEXT = 4096
"""Strings of more UTF-16 code units than this are recorded by length, hash and start, as ``{"$": "text", …}``."""

DEEPEST = 64
"""Values are recorded to this depth; what is deeper is ``{"$": "deeper"}``."""

MOST_HASHED = 2**20
"""Of longer strings the first and the last half of this many units are hashed."""

LONGEST_REPEAT = 2**28
"""The longest string that a step may mean by ``{"$": "repeat", …}``."""

SENDABLE = frozenset(
    {
        "undefined",
        "number",
        "bigint",
        "string",
        "repeat",
        "symbol",
        "function",
        "date",
        "regexp",
        "error",
        "arraybuffer",
        "view",
        "blob",
        "platform",
        "ref",
        "object",
        "map",
        "set",
        "hole",
        "nested",
        "getter",
        "instance",
    }
)
"""The kinds of tagged values that a step may hold: each side of the encoding can make them."""

PLACEHOLDERS = frozenset({"tab-of", "frame-of", "document-id-of", "id-of", "host-of"})
"""What a step may hold in place of a value that only the play can know."""


def tag(kind: str, /, **fields: Json) -> dict[str, Json]:
    """One tagged value, such as ``tag("undefined")``."""
    return {"$": kind, **fields}


UNDEFINED = tag("undefined")
NAN = tag("number", value="NaN")
ABSENT = tag("absent")
"""Recorded where a property was looked for and is not there (unlike one that is there and undefined)."""


def date(iso: str) -> Json:
    """A ``Date``, from ISO 8601 text (UTC where it names no zone); ``"invalid"`` for the invalid date."""
    if iso != "invalid":
        moment = datetime.fromisoformat(iso)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        iso = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return tag("date", value=iso)


def js_map(*entries: tuple[Any, Any]) -> Json:
    """A ``Map`` with these entries, in this order."""
    return tag("map", entries=[[encode(key), encode(value)] for key, value in entries])


def js_set(*values: Any) -> Json:
    """A ``Set`` with these values, in this order."""
    return tag("set", values=[encode(value) for value in values])


def bigint(value: int) -> Json:
    """A ``BigInt``."""
    return tag("bigint", value=str(value))


def function(**returns: Json) -> Json:
    """A function: no browser can send one. ``returns=value``: as ``toJSON`` it says what JSON makes of its object."""
    return tag("function", name="", **returns)


def getter(value: Json = None, *, throws: str | None = None) -> Json:
    """In an object, as a property's value: the property is a getter, which returns this, or throws an error."""
    return tag("getter", value=value) if throws is None else tag("getter", throws=throws)


def instance(name: str, **properties: Any) -> Json:
    """An object of a class of its own, which has a method and these properties."""
    return tag("instance", **{"class": name, "properties": {key: encode(item) for key, item in properties.items()}})


def nested(depth: int) -> Json:
    """An empty array in an array in an array: this many."""
    return tag("nested", depth=depth)


def cycle() -> Json:
    """An object whose property ``self`` is itself."""
    return {"self": tag("ref", to="")}


def text_of(length: int, unit: str = "x") -> Json:
    """A string of ``length`` UTF-16 code units, written short: ``unit`` (one unit long) again and again."""
    return tag("repeat", unit=unit, times=length)


def encode(value: Any) -> Json:
    """A Python value in the tagged encoding. Tagged values pass through unchanged.

    Raises TypeError for what has no JavaScript counterpart here.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _encode_text(value)
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_SAFE_INTEGER else bigint(value)
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return value if "$" in value else _object([(str(key), encode(item)) for key, item in value.items()])
    raise TypeError(
        f"{type(value).__name__} has no counterpart in a message; accepted: None, bool, int, float, str, list, dict"
    )


def _object(entries: list[tuple[str, Json]]) -> Json:
    """A plain object, as entries where JSON could not hold its keys without loss; as the browser's half does it."""
    encoded = [(_encode_text(key), item) for key, item in entries]
    if all(_is_plain_key(key) for key, _ in encoded):
        return dict(encoded)
    return tag("object", entries=[list(entry) for entry in encoded])


def _is_plain_key(key: Json) -> bool:
    return isinstance(key, str) and key not in ("$", "__proto__")


def sound(value: Json) -> Json:
    """A recorded value without lone surrogates, which no JSON file can hold: strings that have them are tagged."""
    if isinstance(value, str):
        return _encode_text(value)
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        entries = [(key, sound(item)) for key, item in value.items()]
        return dict(entries) if "$" in value else _object(entries)
    return value


def _units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _encode_text(text: str) -> Json:
    try:
        text.encode()
    except UnicodeEncodeError:
        units = _units(text)
        try:
            return units.decode("utf-16-be")  # the halves of a pair that Python had kept apart
        except UnicodeDecodeError:
            return tag("string", utf16=units.hex())
    return text


def as_recorded(value: Json) -> Json:
    """What a browser's trace has for this value itself: long strings are short, plain objects plain. Others unchanged."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT // 2 else _recorded_text(value)
    if isinstance(value, dict):
        if value.get("$") == "repeat" and _is_repeat(value):
            return _recorded_text(value["unit"] * value["times"])
        if value.get("$") == "nested" and isinstance(depth := value.get("depth"), int):
            return _recorded_nest(depth)
        if value.get("$") == "string" and (text := text_in(value)) is not None:
            return _recorded_text(text)
        if value.get("$") == "object":
            entries = entries_of(value)
            return dict(entries) if all(_is_plain_key(key) for key, _ in entries) else value
    return value


def _recorded_nest(depth: int) -> Json:
    """An array in an array: a trace has as many as ``values.js`` goes deep."""
    made: Json = [] if depth <= DEEPEST + 1 else [tag("deeper")]
    for _ in range(min(depth, DEEPEST + 1) - 1):
        made = [made]
    return made


def _is_repeat(value: dict[str, Json]) -> bool:
    unit, times = value.get("unit"), value.get("times")
    return isinstance(unit, str) and isinstance(times, int) and 0 <= times * len(unit) <= LONGEST_REPEAT


@lru_cache(maxsize=16)
def _recorded_text(text: str) -> Json:
    units = _units(text)
    length = len(units) // 2
    if length <= LONGEST_TEXT:
        return _encode_text(text)
    start = units[: 2 * 64].decode("utf-16-be", "surrogatepass")
    if length > MOST_HASHED:
        units = units[:MOST_HASHED] + units[-MOST_HASHED:]  # two bytes a unit: half as many units from each end
    return tag("text", length=length, hash=_hash_of(units), start=_encode_text(start))


def _hash_of(units: bytes) -> str:
    """The hash that ``values.js`` gives a long string: cyrb53's mixing, over UTF-16 code units."""
    codes = array("H", units)
    if sys.byteorder == "little":
        codes.byteswap()
    mask, a, b = 0xFFFFFFFF, 0xDEADBEEF, 0x41C6CE57
    for code in codes:
        a = ((a ^ code) * 2654435761) & mask
        b = ((b ^ code) * 1597334677) & mask
    a = (((a ^ (a >> 16)) * 2246822507) ^ ((b ^ (b >> 13)) * 3266489909)) & mask
    b = (((b ^ (b >> 16)) * 2246822507) ^ ((a ^ (a >> 13)) * 3266489909)) & mask
    return f"{((b & 0x1FFFFF) << 32) + a:x}"


def _encode_float(value: float) -> Json:
    if math.isnan(value):
        return NAN
    if math.isinf(value):
        return tag("number", value="Infinity" if value > 0 else "-Infinity")
    if value == 0 and math.copysign(1, value) < 0:
        return tag("number", value="-0")
    return int(value) if value.is_integer() and abs(value) <= LARGEST_SAFE_INTEGER else value


def is_nothing(value: Json) -> bool:
    """Whether a recorded value is null, undefined or was not there at all."""
    return value is None or (isinstance(value, dict) and value.get("$") in ("undefined", "absent"))


def text_in(value: Json) -> str | None:
    """The text of a recorded string, as much of it as was kept; None for what is no string."""
    if isinstance(value, str):
        return value
    kind = value.get("$") if isinstance(value, dict) else None
    if kind == "text":
        return f"{text_in(value.get('start'))}…"
    if kind != "string":
        return None
    try:
        return bytes.fromhex(value["utf16"]).decode("utf-16-be", "surrogatepass")
    except (KeyError, TypeError, ValueError):
        return None


def entries_of(value: dict[str, Json]) -> list[tuple[Json, Json]]:
    """The entries of a tagged object, map or the like; none where they are not what they should be."""
    entries = value.get("entries")
    pairs = entries if isinstance(entries, list) else []
    return [(pair[0], pair[1]) for pair in pairs if isinstance(pair, list) and len(pair) == 2]


def message_of(value: Json) -> str | None:
    """The ``message`` of an error as recorded: an Error, or another object with a string ``message``."""
    if not isinstance(value, dict):
        return None
    kind = value.get("$", "error")
    if kind == "instance":
        value = value.get("properties")
    return text_in(value.get("message")) if kind in ("error", "instance") and isinstance(value, dict) else None


def same(left: Json, right: Json) -> bool:
    """Whether two encoded values are the same: True is not 1, and the order of object keys does not count."""
    left, right = as_recorded(left), as_recorded(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_object(left, right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or (_double(left) == _double(right) is not None)
    return type(left) is type(right) and bool(left == right)


def _double(number: int | float) -> float | None:
    """The number as JavaScript has it: JSON may show a double as an integer that only rounds to it."""
    try:
        return float(number)
    except OverflowError:
        return None


def _same_object(left: dict[str, Json], right: dict[str, Json]) -> bool:
    if left.get("$") == right.get("$") == "object":
        left, right = ({repr(key): item for key, item in entries_of(each)} for each in (left, right))
    return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)


# ---- for people

DEEPEST_SHOWN = 6
MOST_SHOWN = 20
LONGEST_SHOWN = 400


def show(value: Json, width: int = 60) -> str:
    """A recorded value for people, on one line, harmless on a terminal, at most ``width`` characters."""
    text = _show(value, 0)
    return text if len(text) <= width else text[: width - 1] + "…"


def _show(value: Json, depth: int) -> str:
    if depth > DEEPEST_SHOWN:
        return "…"
    match value:
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return str(value)
        case list():
            return "[" + _listed(_show(item, depth + 1) for item in value) + "]"
        case dict():
            return _show_tagged(value, depth) if "$" in value else "{" + _show_fields(value, depth) + "}"
    return _quoted(str(value))


def _listed(parts: Iterator[str]) -> str:
    """The parts with commas, cut where they grow long: nothing is shown only to be thrown away."""
    shown: list[str] = []
    length = 0
    for part in parts:
        if len(shown) >= MOST_SHOWN or length > LONGEST_SHOWN:
            return ", ".join([*shown, "…"])
        shown.append(part)
        length += len(part)
    return ", ".join(shown)


def _show_fields(value: dict[str, Json], depth: int) -> str:
    return _listed(f"{plain(key)}: {_show(item, depth + 1)}" for key, item in value.items())


IN_WORDS = {
    "tab-of": ("document", "the tab of {}"),
    "frame-of": ("document", "the frame of {}"),
    "document-id-of": ("document", "the document id of {}"),
    "id-of": ("extension", "the id of the {}"),
    "host-of": ("application", "the name of {}"),
}
"""Placeholders, in words."""


def _show_tagged(value: dict[str, Json], depth: int) -> str:
    if value["$"] in IN_WORDS:
        field, words = IN_WORDS[value["$"]]
        return words.format(plain(str(value.get(field, "?"))))
    kind = plain(str(value["$"]))
    if kind in ("undefined", "absent"):
        return kind
    if kind == "error":
        return f"{plain(str(value.get('name', 'Error')))}({_show(value.get('message', ''), depth + 1)})"
    if kind in ("number", "bigint"):
        return plain(str(value.get("value"))) + ("n" if kind == "bigint" else "")
    if kind == "string" and (text := text_in(value)) is not None:
        return _quoted(text)
    rest = _show_fields({key: item for key, item in value.items() if key != "$"}, depth + 1)
    return f"<{kind} {rest}>" if rest else f"<{kind}>"


def _quoted(text: str) -> str:
    return '"' + plain(text).replace('"', '\\"') + '"'


def plain(text: str, limit: int = 300) -> str:
    """Text from a browser made harmless: no control or bidirectional characters, no lone surrogates, bounded."""
    out = "".join(ch if ch.isprintable() else f"\\u{ord(ch):04x}" for ch in text[:limit])
    return out if len(text) <= limit else f"{out}… ({len(text)} characters)"
