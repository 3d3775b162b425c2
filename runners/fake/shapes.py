"""What the API's objects consist of, in each family: what ``describe`` notes."""

from __future__ import annotations

from portolan.conformance.trace.values import Json
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.interface import Model
from portolan.runners.fake.state import PortEnd

METHODS = {
    "firefox": {"addListener": 1, "removeListener": 1, "hasListener": 1},
    "chromium": {"addListener": 0, "removeListener": 0, "hasListener": 0, "hasListeners": 0, "dispatch": 0},
}


def _property(type: str, *, writable: bool = True, **more: Json) -> dict[str, Json]:
    return {"own": True, "writable": writable, "enumerable": writable, "configurable": True, "type": type, **more}


def _object(network: Model, properties: dict[str, Json]) -> Json:
    if Bug.NOTHING_INSIDE in network.bugs:
        properties = {}
    if Bug.FROZEN_OBJECTS in network.bugs:
        properties = {
            key: {**each, "own": False, "writable": False, "enumerable": False, "length": 7}
            for key, each in properties.items()
        }
    return {
        "type": "object",
        "keys": [key for key, each in properties.items() if each["enumerable"]],
        "properties": properties,
    }


def port(network: Model, end: PortEnd) -> Json:
    """A Port."""
    firefox = network.rule(network.family.name == "firefox", Bug.OTHER_SHAPES)
    sender = _property("undefined" if end.sender == {"$": "undefined"} else "object")
    events = {"onMessage": _property("object"), "onDisconnect": _property("object")}
    methods = {"postMessage": _property("function", length=0), "disconnect": _property("function", length=0)}
    if firefox:
        return _object(
            network, {"name": _property("string"), "sender": sender, "error": _property("object"), **events, **methods}
        )
    return _object(network, {"sender": sender, **events, "name": _property("string"), **methods})


def event(network: Model, *, of_port: bool) -> Json:
    """An event object: one of a port's, or such as ``runtime.onConnect``."""
    firefox = network.rule(network.family.name == "firefox", Bug.OTHER_SHAPES)
    lengths = METHODS["firefox" if firefox else "chromium"]
    made: dict[str, Json] = {name: _property("function", length=length) for name, length in lengths.items()}
    if firefox and of_port:
        made["setUserInput"] = _property("boolean")
    elif firefox:
        made["addListener"]["length"] = 2
    return _object(network, made)


def function() -> Json:
    """A function of the API."""
    hidden = {key: _property(type, writable=False) for key, type in (("length", "number"), ("name", "string"))}
    return {"type": "function", "keys": [], "properties": hidden}
