"""What is wrong with data that is no such record, and what is accepted there: for the messages of every file we read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from portolan.conformance.trace.values import plain

Node = dict[str, Any]
"""A part of a JSON Schema."""


def explained(error: msgspec.ValidationError, data: Any, record: Any) -> tuple[str, str]:
    """Say in two parts why ``data`` is no ``record`` (a type of msgspec): what is wrong, and what is accepted there."""
    what, _, at = str(error).partition(" - at ")
    path = at.strip("`") or "$"
    where = f" at {path[2:]}" if path.startswith("$.") else ""
    accepted = ", ".join(_accepted(_node_at(path, data, _schema(record))))
    return plain(f"{what[:1].lower()}{what[1:].replace('`', '')}{where}"), accepted


@cache
def _schema(record: Any) -> Node:
    (node,), records = msgspec.json.schema_components((record,), ref_template="{name}")
    return {**node, "$defs": records}


def _node_at(path: str, data: Any, schema: Node) -> Node:
    """The schema of what stands at a path, as far as it can be followed."""
    node = _resolved(schema, data, schema)
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if "discriminator" in node:
            break
        node = node.get("properties", {}).get(key, {}) if key else node.get("items", {})
        data = _inside(data, key, index)
        node = _resolved(node, data, schema)
    return node


def _inside(data: Any, key: str, index: str) -> Any:
    if key:
        return data.get(key) if isinstance(data, dict) else None
    return data[int(index)] if isinstance(data, list) else None


def _resolved(node: Node, data: Any, schema: Node) -> Node:
    """The record that is meant: what a reference names, what a tag chooses."""
    if "discriminator" in node and isinstance(data, dict):
        names = node["discriminator"]["mapping"]
        tag = data.get(node["discriminator"]["propertyName"])
        node = {"$ref": names[tag]} if isinstance(tag, str) and tag in names else node
    found: Node = schema["$defs"][node["$ref"]] if "$ref" in node else node
    return found


def _accepted(node: Node) -> Iterator[str]:
    if "discriminator" in node:
        yield from node["discriminator"]["mapping"]
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _accepted(each)
    elif "properties" in node:
        yield from node["properties"]
    else:
        yield from map(str, node.get("enum") or [node.get("type", "any value")])
