"""A verb (an operation of an actor, or a step of a play) is complete, or this test lists the places that it lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from portolan.conformance.trace import steps
from portolan.conformance.trace.run_file import schema
from portolan.reports.text.prose import OP_CLAUSES, STEP_SENTENCES

ROOT = Path(__file__).parents[2]
OPS: tuple[type[steps.Op], ...] = get_args(steps.AnyOp)
STEPS: tuple[type[steps.Step], ...] = get_args(steps.AnyStep)

Verb = type[steps.Op] | type[steps.Step]
Place = tuple[str, Callable[[Verb], bool]]
"""A place of the code where a verb has to be, in words, and whether it is there."""


def tag_of(verb: Verb) -> str:
    """The name of the verb in run files, such as ``open-page``."""
    return str(verb.__struct_config__.tag)


def has(file: str, pattern: str) -> Callable[[Verb], bool]:
    """Whether a file (or a folder's Python files) has a pattern, with NAME, TAG, SNAKE and CAMEL filled in."""
    path = ROOT / file
    sources = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)

    def found(verb: Verb) -> bool:
        tag = tag_of(verb)
        camel = re.sub(r"-(.)", lambda match: match[1].upper(), tag)
        forms = {"NAME": verb.__name__, "TAG": tag, "SNAKE": tag.replace("-", "_"), "CAMEL": camel}
        filled = re.sub("NAME|TAG|SNAKE|CAMEL", lambda match: forms[match[0]], pattern)
        return re.search(filled, text) is not None

    return found


def in_schema(verb: Verb) -> bool:
    return json.dumps(tag_of(verb)) in json.dumps(schema())


EVERYWHERE: list[Place] = [
    ("conformance/trace/run.schema.json: its record", in_schema),
    ("docs/trace.md: a row of a table", has("docs/trace.md", r"\n\| .*`TAG`")),
]
OF_AN_OP: list[Place] = [
    ("conformance/trace/steps.py: a member of AnyOp", lambda verb: verb in OPS),
    ("reports/text/prose.py: a clause in OP_CLAUSES", lambda verb: verb in OP_CLAUSES),
    *EVERYWHERE,
]
OF_AN_EXTENSION: list[Place] = [
    *OF_AN_OP,
    (
        "fixtures-extensions/shared/puppet.js: a method op_CAMEL",
        has("fixtures-extensions/shared/puppet.js", r"\bop_CAMEL\("),
    ),
    ("runners/fake/puppet.py: a method _do_NAME", has("runners/fake/puppet.py", r"def _do_NAME\(")),
    ("reports/export/code.py: the JavaScript of a demo", has("reports/export/code.py", r"case s\.NAME\(\)")),
]
OF_AN_APPLICATION: list[Place] = [
    *OF_AN_OP,
    (
        "fixtures-extensions/native/application.py: a method op_SNAKE",
        has("fixtures-extensions/native/application.py", r"def op_SNAKE\(|[\"']TAG[\"']"),
    ),
    ("runners/fake: what the fake application does", has("runners/fake", r"s\.NAME\b")),
]
OF_A_STEP: list[Place] = [
    ("conformance/trace/steps.py: a member of AnyStep", lambda verb: verb in STEPS),
    ("conformance/language/validation.py: what it changes", has("conformance/language/validation.py", r"s\.NAME\(")),
    ("runners/playing: a handler _do_NAME", has("runners/playing", r"def _do_NAME\(")),
    ("runners/fake/player.py: a method _do_NAME", has("runners/fake/player.py", r"def _do_NAME\(")),
    ("reports/text/prose.py: a sentence in STEP_SENTENCES", lambda verb: verb in STEP_SENTENCES),
    (
        "reports/export/stage.py: what a demo does, or asks the person to do",
        has("reports/export/stage.py", r"s\.NAME\("),
    ),
    *EVERYWHERE,
]


def missing_places(verb: Verb) -> list[str]:
    """The places that a verb lacks."""
    if issubclass(verb, steps.Step):
        places = OF_A_STEP
    else:
        places = OF_AN_APPLICATION if verb in steps.NATIVE_OPS else OF_AN_EXTENSION
    return [place for place, is_there in places if not is_there(verb)]


@pytest.mark.parametrize("verb", [*OPS, *STEPS], ids=tag_of)
def test_a_verb_has_all_of_its_places(verb: Verb) -> None:
    assert missing_places(verb) == []


def test_what_only_applications_do_is_known() -> None:
    assert {op for op in OPS if tag_of(op).startswith("app-")} == set(steps.NATIVE_OPS)


class Whistle(steps.Op, frozen=True, tag="whistle-loudly"):
    """An operation that nobody knows."""


class Earthquake(steps.Step, frozen=True, tag="earth-quake"):
    """A step that nobody knows."""


def test_a_new_operation_is_told_every_place_that_it_lacks() -> None:
    assert missing_places(Whistle) == [place for place, _ in OF_AN_EXTENSION]


def test_a_new_step_is_told_every_place_that_it_lacks() -> None:
    assert missing_places(Earthquake) == [place for place, _ in OF_A_STEP]
