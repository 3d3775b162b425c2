"""The tagged encoding: JavaScript values as JSON, with nothing lost that a check may ask for.

JSON's own values stand for themselves. Everything else is an object with a ``$`` key that names
its kind: ``{"$": "undefined"}``, ``{"$": "number", "value": "-0"}``, ``{"$": "map", "entries": […]}``.
A plain object that has a ``$`` key of its own becomes ``{"$": "object", "entries": […]}``.
The browser's half is ``fixtures-extensions/shared/values.js``; ``docs/trace.md`` lists every kind.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

Json = Any
"""A value in the tagged encoding (JSON: None, bool, int, float, str, list, dict)."""

LARGEST_SAFE_INTEGER = 2**53 - 1


def tag(kind: str, **fields: Json) -> dict[str, Json]:
    """One tagged value, such as ``tag("undefined")``."""
    return {"$": kind, **fields}


UNDEFINED = tag("undefined")
NAN = tag("number", value="NaN")
ABSENT = tag("absent")
"""Recorded where a property was looked for and is not there (unlike one that is there and undefined)."""


def date(iso: str) -> Json:
    """A ``Date``, from ISO 8601 text; ``"invalid"`` for the invalid date."""
    if iso != "invalid":
        moment = datetime.fromisoformat(iso).astimezone(UTC)
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


def function() -> Json:
    """A function: no browser can send one."""
    return tag("function", name="")


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
    if value is None or isinstance(value, (bool, str)):
        return _encode_text(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_SAFE_INTEGER else bigint(value)
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return value if "$" in value else {str(key): encode(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no counterpart in a message; accepted: None, bool, int, float, str, list, dict")


def _encode_text(text: str) -> Json:
    try:
        text.encode()
    except UnicodeEncodeError:
        units = text.encode("utf-16-be", "surrogatepass").hex()
        return tag("string", utf16=units)
    return text


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


def message_of(value: Json) -> str | None:
    """The ``message`` of an error as recorded: an Error, or a plain object with a string ``message``."""
    if not isinstance(value, dict):
        return None
    message = value["properties"].get("message") if value.get("$") == "instance" else value.get("message")
    return message if isinstance(message, str) else None


def same(left: Json, right: Json) -> bool:
    """Whether two encoded values are the same: True is not 1, and the order of object keys does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right) or _same_number(left, right)


def _same_number(left: Json, right: Json) -> bool:
    return isinstance(left, (int, float)) and isinstance(right, (int, float)) and left == right


def show(value: Json, width: int = 60) -> str:
    """A recorded value for people, on one line, harmless on a terminal, at most ``width`` characters."""
    text = _show(value, 0)
    return text if len(text) <= width else text[: width - 1] + "…"


def _show(value: Json, depth: int) -> str:
    if depth > 6:
        return "…"
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, (bool, int, float)):
        return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, (int, float)) or isinstance(value, bool) else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_show(item, depth + 1) for item in value[:20]) + (", …" if len(value) > 20 else "") + "]"
    if isinstance(value, dict):
        return _show_tagged(value, depth) if "$" in value else _show_object(value, depth)
    return _quoted(str(value))


def _show_object(value: dict[str, Json], depth: int) -> str:
    inside = ", ".join(f"{plain(key)}: {_show(item, depth + 1)}" for key, item in list(value.items())[:20])
    return "{" + inside + (", …" if len(value) > 20 else "") + "}"


def _show_tagged(value: dict[str, Json], depth: int) -> str:
    kind = plain(str(value["$"]))
    if kind in ("undefined", "absent"):
        return kind
    if kind == "error":
        return f"{plain(str(value.get('name', 'Error')))}({_show(value.get('message', ''), depth + 1)})"
    if kind in ("number", "bigint"):
        return plain(str(value.get("value"))) + ("n" if kind == "bigint" else "")
    rest = {key: item for key, item in value.items() if key != "$"}
    return f"<{kind}>" if not rest else f"<{kind} {_show_object(rest, depth + 1)[1:-1]}>"


def _quoted(text: str) -> str:
    return '"' + plain(text).replace('"', '\\"') + '"'


def plain(text: str, limit: int = 300) -> str:
    """Text from a browser made harmless: no control or bidirectional characters, no lone surrogates, bounded."""
    cut = text[:limit]
    out = "".join(ch if ch.isprintable() and not 0xD800 <= ord(ch) <= 0xDFFF else f"\\u{ord(ch):04x}" for ch in cut)
    return out if len(text) <= limit else f"{out}… ({len(text)} characters)"
