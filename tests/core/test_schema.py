"""The JSON Schema of a line: current, valid, and as strict as the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from portolan.conformance.trace.recording import FORMAT, lines_of
from portolan.conformance.trace.schema import SCHEMA_FILE, schema, write_schema

from .traces import BORN, HEADER, disconnected, play

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_the_packages_schema_is_current(tmp_path: Path) -> None:
    write_schema(tmp_path / "run.schema.json")
    assert SCHEMA_FILE.read_bytes() == (tmp_path / "run.schema.json").read_bytes(), (
        "a record has changed: python -c 'from portolan.conformance.trace.schema import write_schema; write_schema()'"
    )


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def test_what_a_caller_does_to_it_is_the_callers_own() -> None:
    schema()["$defs"].clear()
    assert schema()["$defs"]


@pytest.mark.parametrize("line", [HEADER, *lines_of(play(BORN, disconnected()))], ids=lambda line: type(line).__name__)
def test_lines_fit(line: Any) -> None:
    VALIDATOR.validate(json.loads(msgspec.json.encode(line)))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"record": "trailer"},
        {**msgspec.to_builtins(HEADER), "format": FORMAT + 1},
        {**msgspec.to_builtins(HEADER), "colour": "red"},
        {"record": "end", "scenario": "x", "outcome": "fine", "events": 0},
        {"record": "end", "scenario": "x", "outcome": "ok"},
        {"record": "begin", "scenario": "x", "digest": "", "cast": {}, "steps": [{"step": "dance"}]},
        {"record": "event", "event": {**msgspec.to_builtins(BORN), "colour": "red"}},
    ],
)
def test_wrong_lines_do_not(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(wrong)
