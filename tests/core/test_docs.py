"""The pages on the trace and on scenarios say what is so: their examples work, and nothing is left out."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from portolan.conformance.judging.expectations import load
from portolan.conformance.judging.judge import judge
from portolan.conformance.language import actors, backgrounds, ports
from portolan.conformance.language import native as processes
from portolan.conformance.language.discovery import from_file
from portolan.conformance.language.play import Play
from portolan.conformance.scenarios.contexts import reach
from portolan.conformance.trace import recording as trace
from portolan.conformance.trace import steps, values
from portolan.conformance.trace.run_file import read_run, schema

DOCS = Path(__file__).parents[2] / "docs"
TRACE = (DOCS / "trace.md").read_text(encoding="utf-8")
SCENARIOS = (DOCS / "scenarios.md").read_text(encoding="utf-8")
NOT_FOR_AUTHORS = {"document", "names", "do", "turn", "reaction", "new_port", "finish", "name", "child"}
"""Methods of the language that its own modules use."""


def blocks(page: str, language: str) -> list[str]:
    """The code of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


# ---- the trace


def test_the_example_is_a_run_file(tmp_path: Path) -> None:
    (example,) = blocks(TRACE, "jsonl")
    validator = jsonschema.Draft202012Validator(schema())
    for line in example.splitlines():
        validator.validate(json.loads(line))
    path = tmp_path / "run.jsonl"
    path.write_text(example, encoding="utf-8")
    run = read_run(path)
    assert not run.cut_off
    (play,) = run.plays
    assert play.scenario in vars(reach)


RECORDS = [
    each
    for module in (trace, steps)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__module__ == module.__name__
]
"""Everything that a line can hold; Play and Run are made of lines."""


@pytest.mark.parametrize(
    "record",
    [each for each in RECORDS if each not in (trace.Recording, trace.Run, trace.EventKey, steps.Op, steps.Step)],
)
def test_every_record_and_field_is_there(record: type[msgspec.Struct]) -> None:
    tag = record.__struct_config__.tag
    assert tag is None or f"`{tag}`" in TRACE
    assert [field for field in record.__struct_fields__ if f"`{field}`" not in TRACE] == []


def test_every_kind_of_value_is_there() -> None:
    told = set(
        re.findall(
            r"`([a-z-]+)`", "".join(re.findall(r"^\| (`[^|]*) \|", TRACE.partition("## Values")[2], re.MULTILINE))
        )
    )
    source = Path(__file__).parents[2] / "fixtures-extensions" / "shared" / "values.js"
    recorded = set(re.findall(r"\$: \"([a-z]+)\"", source.read_text(encoding="utf-8")))
    assert told == recorded | values.SENDABLE | values.PLACEHOLDERS | {"absent", "port", "argument"}


# ---- scenarios


PAGES = [SCENARIOS, *((DOCS / page).read_text(encoding="utf-8") for page in ("tutorial.md", "../README.md"))]
"""The pages with examples of scenarios."""


@pytest.mark.parametrize("example", [example for page in PAGES for example in blocks(page, "python")])
def test_the_examples_are_scenarios(example: str, tmp_path: Path) -> None:
    path = tmp_path / "my_scenarios.py"
    path.write_text(example, encoding="utf-8")
    (made,) = from_file(path)
    not_played = trace.Recording(made.name, made.digest, made.cast, made.steps)
    assert judge(made, not_played).verdict == ("recorded" if made.observation else "fail")


def test_the_example_of_an_expectation_is_one(tmp_path: Path) -> None:
    (example,) = blocks(SCENARIOS, "toml")
    (tmp_path / "firefox.toml").write_text(example, encoding="utf-8")
    assert load(tmp_path).find("one_of_two_frames", "firefox", "153.7.0", 3)


def _public(owner: type) -> set[str]:
    return {name for name in vars(owner) if not name.startswith("_")} - NOT_FOR_AUTHORS


LANGUAGE = [Play, ports.PortEnd, ports.OpenedPort, ports.ConnectListener, actors.Actor]
LANGUAGE += [backgrounds.Background, actors.Document, processes.Application, processes.Child]


@pytest.mark.parametrize("owner", LANGUAGE)
def test_every_word_of_the_language_is_there(owner: type) -> None:
    assert inspect.isclass(owner)
    assert sorted(name for name in _public(owner) if not re.search(rf"\b{name}\b", SCENARIOS)) == []
