"""Values of steps as JavaScript source, as a person would write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from portolan.conformance.trace.values import Json, entries_of

IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def text(value: str) -> str:
    """A string in ASCII: no character can end a line, or hide in one."""
    return json.dumps(value)


def key(name: str) -> str:
    """A property's name in an object literal."""
    return name if IDENTIFIER.fullmatch(name) and name != "__proto__" else f"[{text(name)}]"


def of(root: str, name: str) -> str:
    """A property of an object."""
    return f"{root}.{name}" if IDENTIFIER.fullmatch(name) else f"{root}[{text(name)}]"


def literal(value: Json, itself: str = "") -> str:
    """An expression that makes this value. ``itself``: what stands for the outermost object within it."""
    match value:
        case None | bool() | int() | float() | str():
            return json.dumps(value)
        case list():
            return f"[{', '.join(literal(item, itself) for item in value)}]"
        case dict() if "$" not in value:
            if not itself and _refers(value):
                return _cyclic(value)
            return _object([(str(name), item) for name, item in value.items()], itself)
        case dict():
            return _tagged(value)
    return "undefined"


def _object(entries: list[tuple[str, Json]], itself: str) -> str:
    said = [_property(name, item, itself) for name, item in entries if not _is_ref(item)]
    return f"{{ {', '.join(said)} }}" if said else "{}"


def _property(name: str, item: Json, itself: str) -> str:
    if isinstance(item, dict) and item.get("$") == "getter":
        does = (
            f"throw new Error({text(str(item['throws']))})"
            if "throws" in item
            else f"return {literal(item.get('value'))}"
        )
        return f"get {key(name)}() {{ {does}; }}"
    return f"{key(name)}: {literal(item, itself)}"


def _is_ref(value: Json) -> bool:
    return isinstance(value, dict) and value.get("$") == "ref"


def _refers(value: Mapping[str, Json]) -> bool:
    return any(_is_ref(item) for item in value.values())


def _cyclic(value: dict[str, Json]) -> str:
    """An object of whose properties some are the object itself, or what another property is."""
    ties = " ".join(f"{of('it', name)} = {_place(str(item['to']))};" for name, item in _refs(value))
    return f"(() => {{ const it = {_object(list(value.items()), 'it')}; {ties} return it; }})()"


def _refs(value: Mapping[str, Json]) -> list[tuple[str, dict[str, Json]]]:
    return [(str(name), item) for name, item in value.items() if isinstance(item, dict) and _is_ref(item)]


def _place(path: str) -> str:
    """What is at a path of “it”, such as ``/a/b``."""
    place = "it"
    for name in filter(None, path.split("/")):
        place = of(place, name)
    return place


def _numbers(hexadecimal: Json) -> str:
    return f"new Uint8Array([{', '.join(map(str, bytes.fromhex(str(hexadecimal))))}])"


def _units(value: dict[str, Json]) -> str:
    units = re.findall("....", str(value.get("utf16", "")))
    return f'"{"".join(f"{chr(92)}u{unit}" for unit in units)}"'


def _error(value: dict[str, Json]) -> str:
    made = f"new Error({text(str(value.get('message', '')))})"
    return (
        made
        if value.get("name", "Error") == "Error"
        else f"Object.assign({made}, {{ name: {text(str(value['name']))} }})"
    )


def _entries(value: dict[str, Json]) -> str:
    return ", ".join(f"[{literal(one)}, {literal(other)}]" for one, other in entries_of(value))


def _date(value: dict[str, Json]) -> str:
    return "new Date(NaN)" if value.get("value") == "invalid" else f"new Date({text(str(value.get('value')))})"


def _function(value: dict[str, Json]) -> str:
    return f"() => {literal(value['returns'])}" if "returns" in value else "function () {}"


def _instance(value: dict[str, Json]) -> str:
    name = str(value.get("class", ""))
    made = f"new (class {name if IDENTIFIER.fullmatch(name) else ''} {{ method() {{}} }})()"
    return f"Object.assign({made}, {literal(value.get('properties', {}))})"


def _number(value: dict[str, Json]) -> str:
    number = str(value.get("value"))
    return number if re.fullmatch(r"NaN|-?Infinity|-0", number) else "NaN"


_MAKERS: Mapping[str, Callable[[dict[str, Json]], str]] = {
    "undefined": lambda _: "undefined",
    "number": _number,
    "bigint": lambda value: f"{int(str(value['value']))}n",
    "string": _units,
    "repeat": lambda value: f"{text(str(value['unit']))}.repeat({int(value['times'])})",
    "symbol": lambda value: f"Symbol({text(str(value.get('description') or ''))})",
    "function": _function,
    "date": _date,
    "regexp": lambda value: f"new RegExp({text(str(value['source']))}, {text(str(value['flags']))})",
    "error": _error,
    "arraybuffer": lambda value: f"{_numbers(value['bytes'])}.buffer",
    "view": lambda value: f"new globalThis[{text(str(value['kind']))}]({_numbers(value['bytes'])}.buffer)",
    "blob": lambda value: f"new Blob([new Uint8Array({int(value['size'])})], {{ type: {text(str(value['type']))} }})",
    "platform": lambda value: f"globalThis[{text(str(value['name']))}]",
    "object": lambda value: f"Object.fromEntries([{_entries(value)}])",
    "map": lambda value: f"new Map([{_entries(value)}])",
    "set": lambda value: f"new Set({literal(value.get('values', []))})",
    "hole": lambda _: "",
    "nested": lambda value: f"nested({int(value['depth'])})",
    "instance": _instance,
    "argument": lambda _: "message",
    "ref": lambda _: "undefined",
    "tab-of": lambda value: of("stage.tabs", str(value["document"])),
    "frame-of": lambda value: of("stage.frames", str(value["document"])),
    "document-id-of": lambda value: of("stage.documents", str(value["document"])),
    "id-of": lambda value: "api.runtime.id" if value.get("extension") == "subject" else "PEER",
    "host-of": lambda value: text(host(str(value["application"]))),
}


def _tagged(value: dict[str, Json]) -> str:
    maker = _MAKERS.get(str(value["$"]))
    return maker(value) if maker else "undefined"


def host(application: str) -> str:
    """What a native application is called by in the demo."""
    return "portolan.demo." + re.sub(r"\W", "_", application)
