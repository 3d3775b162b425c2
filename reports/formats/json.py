"""JSON, for programs: every play with its verdict, and the scenarios. ``results.schema.json`` beside it is its schema."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from portolan.conformance.judging.judge import VARIANT, Standing
from portolan.conformance.trace.recording import Attempt, Browser, Outcome
from portolan.conformance.trace.values import LONGEST_TEXT, Json
from portolan.reports.formats import Given
from portolan.reports.load import JudgedPlay, JudgedRun, Status, exit_code

SUFFIX, ONE_RUN = ".json", False
SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


class ExpectedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was known of this browser beforehand: the verdict, why, and the bug's address."""

    verdict: str
    reason: str
    bug: str


class PlayEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One play. ``verdict`` is null if there is none; ``title`` says the verdict in words; ``duration`` is in ms.

    ``lacking`` names a missing feature. ``attempts``: how earlier attempts went, if it was played again.
    """

    scenario: str
    repeat: int
    digest: str
    outcome: Outcome
    reason: str
    verdict: str | None
    status: Status
    sentence: str
    lacking: str
    duration: float
    claims: dict[str, Standing]
    expected: ExpectedEntry | None
    attempts: tuple[Attempt, ...] = ()
    title: str = ""


class RunEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run: one browser build with one manifest version. ``started`` is ISO 8601, UTC."""

    label: str
    path: str
    browser: Browser
    manifest: int
    system: str
    started: str
    suite: str
    commit: str
    cut_off: bool
    ended: str
    unstable: list[str]
    plays: list[PlayEntry]


class ScenarioEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scenario, as it is today."""

    name: str
    title: str
    topic: str
    claims: list[str]
    bug: str
    digest: str


class Results(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. ``format`` is the version of this format; ``exit_code`` is that of ``portolan judge``: 0 all as expected, 1 something unexpected, 3 incomplete."""

    format: Literal[1]
    exit_code: Literal[0, 1, 3]
    runs: list[RunEntry]
    scenarios: list[ScenarioEntry]


def render(given: Given) -> str:
    """The document, in ASCII; it is read back by the schema's types before it is handed out."""
    data = _sound(msgspec.to_builtins(results(given)))
    msgspec.convert(data, Results)
    return json.dumps(data, indent=1) + "\n"


def _sound(value: Json) -> Json:
    """The same without lone surrogates, which many readers of JSON refuse, and with as much of a text as a trace keeps."""
    match value:
        case str():
            kept = value[:LONGEST_TEXT].encode(errors="backslashreplace").decode()
            return kept if len(value) <= LONGEST_TEXT else f"{kept}… ({len(value)} characters)"
        case list() | tuple():
            return [_sound(item) for item in value]
        case dict():
            return {_sound(key): _sound(item) for key, item in value.items()}
    return value


def results(given: Given) -> Results:
    """The document as records."""
    played = {each.play.scenario for run in given.runs for each in run.plays}
    scenarios = [
        ScenarioEntry(each.name, each.title, each.topic, list(each.claims), each.bug, each.digest)
        for each in given.scenarios.values()
        if each.name in played
    ]
    code: Any = exit_code(given.runs)
    return Results(1, code, [_run(run) for run in given.runs], scenarios)


def _run(run: JudgedRun) -> RunEntry:
    header = run.run.header
    return RunEntry(
        run.label,
        run.run.path,
        header.browser,
        header.manifest,
        header.system,
        header.started,
        header.suite,
        header.commit,
        run.run.cut_off,
        run.run.footer.ended if run.run.footer else "",
        run.unstable,
        [_play(each) for each in run.plays],
    )


def _play(each: JudgedPlay) -> PlayEntry:
    play, known = each.play, each.expected
    return PlayEntry(
        play.scenario,
        play.repeat,
        play.digest,
        play.outcome,
        play.reason,
        each.judgement.verdict if each.judgement else None,
        each.status,
        each.sentence,
        play.lacking,
        play.duration,
        dict(each.judgement.claims) if each.judgement else {},
        ExpectedEntry(known.verdict, known.reason, known.bug) if known else None,
        play.attempts,
        each.answer.removeprefix(VARIANT),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    return copy.deepcopy(_schema())


def write_schema() -> None:
    """Write the schema where the package keeps it: after every change of the records."""
    SCHEMA_FILE.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")


@cache
def _schema() -> dict[str, Any]:
    (whole,), records = msgspec.json.schema_components((Results,), ref_template="#/$defs/{name}")
    for record in records.values():
        record["description"] = " ".join(str(record.get("description", "")).split())
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Results of Portolan"}
    return {**about, **whole, "$defs": records}
