"""The JSON Schema of a run file's lines, for other people's programs."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from portolan.conformance.trace.recording import FORMAT, Line

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
