"""JavaScript values as the fake knows them: what a step's value becomes, what of it can be sent, and how it is recorded.

A *live* value is in the tagged encoding, with long strings in full. What is recorded is shortened as the real puppet does.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

from portolan.conformance.trace.values import Json, as_recorded, tag
from portolan.runners.fake.families import Family, JsError

LONGEST_TEXT = 4096
LONGEST_IN_FULL = 2**20
"""Longer texts are kept short, as ``{"$": "repeat", …}``: to hash them would take seconds."""
LARGEST = 64 * 1024 * 1024
"""What Chromium sends at most, as JSON."""
DEEPEST_JSON = 5000
"""Between what Chromium still makes JSON of (1,000 levels) and what it does not (10,000)."""
ERRORS = ("Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError")
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
            return str(value["unit"]) * int(value["times"]) if value["times"] <= LONGEST_IN_FULL else value
        case "nested" | "getter" | "function":
            return value
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
    if value.get("$") == "repeat":
        return tag("text", length=value["times"], hash="", start=str(value["unit"]) * 64)
    if value.get("$") == "nested":
        return as_recorded(value)
    if value.get("$") == "instance":
        return {**value, "class": "Object"}
    if value.get("$") == "function":
        return tag("function", name="")
    if any(isinstance(item, dict) and item.get("$") == "getter" for item in value.values()):
        return _shown_getters(value)
    if value.get("$") == "platform":
        return tag("instance", **{"class": str(value["name"]).capitalize(), "properties": {}})
    return {key: shown(item) for key, item in value.items()}


def _shown_getters(value: dict[str, Json]) -> Json:
    """An object with getters: each is read, and the first that throws makes the whole unreadable."""
    for item in value.values():
        if isinstance(item, dict) and item.get("$") == "getter" and "throws" in item:
            return tag("unreadable", message=f"Error: {item['throws']}")
    return {key: shown(_read(item)) for key, item in value.items()}


def _read(item: Json) -> Json:
    """A property's value; raises JsError for a getter that throws."""
    if isinstance(item, dict) and item.get("$") == "getter":
        if "throws" in item:
            raise JsError("Error", str(item["throws"]))
        return item["value"]
    return item


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
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if family.clones and native and isinstance(value, dict) and value.get("$") in ("undefined", "function", "symbol"):
        return tag("undefined")  # Firefox writes a message without a body for what JSON has no text for
    return cloned(value) if family.clones and not native else as_json(value)


# ---- the structured clone of Firefox


def cloned(value: Json) -> Json:
    """The value again; raises JsError for functions, symbols and what belongs to its context."""
    for item in walk(value):
        match item.get("$"):
            case "function":
                raise JsError("DataCloneError", "Function object could not be cloned.")
            case "symbol" if item is value:
                raise JsError("InvalidStateError", "An exception was thrown")
            case "symbol":
                raise JsError("DataCloneError", "unsupported type for structured data")
            case "platform":
                raise JsError("DataCloneError", f"{str(item['name']).capitalize()} object could not be cloned.")
    return _plain(value)


def _plain(value: Json) -> Json:
    """What is left of an object: getters are read, classes forgotten, and errors get a name of the language."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case "instance":
            return _plain(value["properties"])
        case "error" if value["name"] not in ERRORS:
            return {**value, "name": "Error"}
        case "view" | "nested" | "repeat" | "arraybuffer":
            return value
    return {key: _plain(_read(item)) for key, item in value.items()}


def walk(value: Json) -> list[dict[str, Any]]:
    """Every object in a value, tagged ones too."""
    if isinstance(value, list):
        return [found for item in value for found in walk(item)]
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in walk(item))]
    return []


# ---- the JSON of Chromium, and of native messaging


VIEW_BYTES = {
    "Uint16Array": 2,
    "Int16Array": 2,
    "Uint32Array": 4,
    "Int32Array": 4,
    "Float32Array": 4,
    "Float64Array": 8,
}


def _element(kind: str, item: str) -> Json:
    data = bytes.fromhex(item)
    if kind == "Float64Array":
        (number,) = struct.unpack("<d", data)
        return int(number) if number.is_integer() else number
    return int.from_bytes(data, "little", signed=kind.startswith("Int"))


class _Nothing:
    """What JSON.stringify leaves out."""


NOTHING = _Nothing()
NOT_SERIALIZED = ("Error", "Could not serialize message.")


def as_json(value: Json) -> Json:
    """What JSON makes of a value. ``undefined`` arrives as null."""
    if value == tag("undefined"):
        return None
    try:
        made = _jsoned(_unshared(value, value, frozenset({""}), ""), "", frozenset())
    except JsError as error:
        raise JsError(*NOT_SERIALIZED) from error
    if isinstance(made, dict) and made.get("$") == "repeat" and made["times"] + 2 > LARGEST:
        raise JsError("Error", "Message exceeded maximum allowed size of 64MiB.")
    if made is NOTHING:
        raise JsError(*NOT_SERIALIZED)
    return made


def _unshared(value: Json, root: Json, above: frozenset[str], path: str) -> Json:
    """The value with each object that was there before, but for cycles, written out again."""
    if isinstance(value, list):
        return [_unshared(item, root, above | {path}, f"{path}/{n}") for n, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.get("$") == "ref" and value["to"] not in above:
        for key in value["to"].split("/")[1:]:
            root = root[int(key)] if isinstance(root, list) else root[key]
        return root
    if "$" in value:
        return value
    return {key: _unshared(item, root, above | {path}, f"{path}/{key}") for key, item in value.items()}


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
    for key, item in entries:
        if key == "toJSON" and isinstance(item, dict) and item.get("$") == "function":
            return item.get("returns", NOTHING)
    made = {
        key: item
        for key, each in entries
        if (item := _jsoned(_read(each), f"{path}/{key}", above | {path})) is not NOTHING
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
        case "platform" if value["name"] == "performance":
            return {"timeOrigin": 1.5}
        case "platform" if value["name"] == "location":
            return {"href": "http://127.0.0.1:8000/page"}
        case "view" if value["kind"].startswith("Big"):
            raise JsError(*NOT_SERIALIZED)
        case "view" if value["kind"] == "DataView":
            return {}
        case "nested" if value["depth"] > DEEPEST_JSON:
            raise JsError(*NOT_SERIALIZED)
        case "instance":
            return _object(list(value["properties"].items()), path, above)
        case "number":
            return 0 if value["value"] == "-0" else None
        case "date":
            return None if value["value"] == "invalid" else value["value"]
        case "hole":
            return None
        case "string" | "text" | "repeat" | "nested":
            return value
        case "object":
            return _object(value["entries"], path, above)
        case "error":
            return {} if value["name"] == "Error" else {"name": value["name"]}
        case "view":
            size = VIEW_BYTES.get(value["kind"], 1)
            items = [value["bytes"][2 * at : 2 * (at + size)] for at in range(0, len(value["bytes"]) // 2, size)]
            return {str(n): _element(value["kind"], item) for n, item in enumerate(items)}
    return {}
