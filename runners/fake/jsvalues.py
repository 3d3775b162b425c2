"""JavaScript values as the fake knows them: what a step's value becomes, what of it can be sent, and how it is recorded.

A *live* value is in the tagged encoding, with long strings in full. What is recorded is shortened as the real puppet does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from conformance.core.values import Json, tag
from runners.fake.families import Family, JsError

LONGEST_TEXT = 4096
UNSENDABLE = ("function", "symbol", "platform")
MASK = 0xFFFFFFFF


def live(value: Json, argument: Json = None) -> Json:
    """What a value of a step means: repeated text in full, the argument of the event in its place."""
    if isinstance(value, list):
        return [live(item, argument) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case "argument":
            return argument
        case "repeat":
            return str(value["unit"]) * int(value["times"])
        case "arraybuffer":
            return {**value, "length": len(value["bytes"]) // 2}
    return {key: live(item, argument) for key, item in value.items()}


def shown(value: Json) -> Json:
    """A live value as it is recorded."""
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, list):
        return [shown(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("$") == "platform":
        return tag("instance", **{"class": str(value["name"]).capitalize(), "properties": {}})
    return {key: shown(item) for key, item in value.items()}


def _shown_text(text: str) -> Json:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) // 2 <= LONGEST_TEXT:
        return text
    start = units[:128].decode("utf-16-le", "replace")
    return tag("text", length=len(units) // 2, hash=hash_of(text), start=start)


@lru_cache(maxsize=64)
def hash_of(text: str) -> str:
    """The puppet's hash of a long string (``fixtures-extensions/shared/values.js``)."""
    a, b = 0xDEADBEEF, 0x41C6CE57
    data = text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(data), 2):
        unit = data[at] | data[at + 1] << 8
        a = (a ^ unit) * 2654435761 & MASK
        b = (b ^ unit) * 1597334677 & MASK
    a = ((a ^ a >> 16) * 2246822507 & MASK) ^ ((b ^ b >> 13) * 3266489909 & MASK)
    b = ((b ^ b >> 16) * 2246822507 & MASK) ^ ((a ^ a >> 13) * 3266489909 & MASK)
    return f"{4294967296 * (2097151 & b) + a:x}"


def sent(value: Json, family: Family, *, native: bool) -> Json:
    """What arrives where a live value is posted. Raises JsError for what cannot be sent."""
    if family.clones and native and value == tag("undefined"):
        return value  # Firefox writes a message without a body
    return cloned(value) if family.clones and not native else as_json(value)


# ---- the structured clone of Firefox


def cloned(value: Json) -> Json:
    """The value again; raises JsError for functions, symbols and what belongs to its context."""
    for item in walk(value):
        match item.get("$"):
            case "function":
                raise JsError("DataCloneError", "Function object could not be cloned.")
            case "symbol":
                raise JsError("InvalidStateError", "An exception was thrown")
            case "platform":
                raise JsError("DataCloneError", f"{str(item['name']).capitalize()} object could not be cloned.")
    return value


def walk(value: Json) -> list[dict[str, Any]]:
    """Every object in a value, tagged ones too."""
    if isinstance(value, list):
        return [found for item in value for found in walk(item)]
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in walk(item))]
    return []


# ---- the JSON of Chromium, and of native messaging


class _Nothing:
    """What JSON.stringify leaves out."""


NOTHING = _Nothing()
NOT_SERIALIZED = ("Error", "Could not serialize message.")


def as_json(value: Json) -> Json:
    """What JSON makes of a value. ``undefined`` arrives as null."""
    if value == tag("undefined"):
        return None
    made = _jsoned(value, "", frozenset())
    if made is NOTHING:
        raise JsError(*NOT_SERIALIZED)
    return made


def _jsoned(value: Json, path: str, above: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [
            None if (item := _jsoned(each, f"{path}/{n}", above | {path})) is NOTHING else item
            for n, each in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if "$" in value:
        return _tagged(value, path, above)
    return _object(list(value.items()), path, above)


def _object(entries: list[Any], path: str, above: frozenset[str]) -> Any:
    if any(key == "toJSON" and isinstance(item, dict) and item.get("$") == "function" for key, item in entries):
        return NOTHING
    made = {
        key: item for key, each in entries if (item := _jsoned(each, f"{path}/{key}", above | {path})) is not NOTHING
    }
    return tag("object", entries=[[key, item] for key, item in made.items()]) if "$" in made else made


def _tagged(value: dict[str, Any], path: str, above: frozenset[str]) -> Any:
    match value["$"]:
        case "undefined" | "function" | "symbol":
            return NOTHING
        case "bigint":
            raise JsError(*NOT_SERIALIZED)
        case "ref" if value["to"] in above | {path}:
            raise JsError(*NOT_SERIALIZED)
        case "platform" if value["name"] == "window":
            raise JsError(*NOT_SERIALIZED)
        case "number":
            return 0 if value["value"] == "-0" else None
        case "date":
            return None if value["value"] == "invalid" else value["value"]
        case "hole":
            return None
        case "string" | "text":
            return value
        case "object":
            return _object(value["entries"], path, above)
        case "error":
            return {} if value["name"] == "Error" else {"name": value["name"]}
        case "view":
            return {str(n): int(value["bytes"][2 * n : 2 * n + 2], 16) for n in range(len(value["bytes"]) // 2)}
    return {}
