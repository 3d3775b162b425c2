"""The JSON Schema of a run file's lines: for other people's programs, and for saying what a line may hold."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from conformance.core.trace import FORMAT, Line
from conformance.core.values import plain

SCHEMA_FILE = Path(__file__).with_name("run.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of one line of a run file."""
    return copy.deepcopy(_schema())


def write_schema(path: Path | str = SCHEMA_FILE) -> None:
    """Write the schema where the package keeps it: after every change of the records."""
    Path(path).write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@cache
def _schema() -> dict[str, Any]:
    (line,), records = msgspec.json.schema_components((Line,), ref_template="#/$defs/{name}")
    for record in records.values():
        record["description"] = " ".join(str(record.get("description", "")).split())
    records["Header"]["properties"]["format"] = {"const": FORMAT}
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a Portolan run file",
        "description": "JSON Lines: a header; for each play a begin, its events and an end; a footer. See docs/trace.md.",
    }
    return {**about, **line, "$defs": records}


def explained(message: str, data: Any) -> tuple[str, str]:
    """Say what is wrong with a line and what is accepted there, from msgspec's message about it."""
    what, _, at = message.partition(" - at ")
    path = at.strip("`") or "$"
    where = f" at {path[2:]}" if path.startswith("$.") else ""
    return plain(f"{what[:1].lower()}{what[1:].replace('`', '')}{where}"), ", ".join(_accepted(_node_at(path, data)))


def _node_at(path: str, data: Any) -> dict[str, Any]:
    """The schema of what stands at a path of a line, as far as it can be followed."""
    node = _resolved(_schema(), data)
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if "discriminator" in node:
            break
        node = node.get("properties", {}).get(key, {}) if key else node.get("items", {})
        data = (
            data.get(key) if isinstance(data, dict) else data[int(index)] if index and isinstance(data, list) else None
        )
        node = _resolved(node, data)
    return node


def _resolved(node: dict[str, Any], data: Any) -> dict[str, Any]:
    if "discriminator" in node and isinstance(data, dict):
        name = str(data.get(node["discriminator"]["propertyName"]))
        node = {"$ref": node["discriminator"]["mapping"][name]} if name in node["discriminator"]["mapping"] else node
    found: dict[str, Any] = _schema()["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return found


def _accepted(node: dict[str, Any]) -> Iterator[str]:
    if "discriminator" in node:
        yield from node["discriminator"]["mapping"]
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _accepted(each)
    elif "properties" in node:
        yield from node["properties"]
    else:
        yield from map(str, node.get("enum") or [node.get("type", node.get("const", "any value"))])
