"""Other programs' formats, each read back by its reader or its schema; and hostile runs in all of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import junitparser
import msgspec
import pytest
import xmlschema
from making import KNOWN, a_run, event, judged_play, with_text
from markdown_it import MarkdownIt
from tap.parser import Parser

from portolan.conformance.language.discovery import suite
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Attempt
from portolan.reports.formats import MODULES, Given, format_named
from portolan.reports.formats import csv as csv_format
from portolan.reports.formats import json as json_format
from portolan.reports.formats.bcd import FEATURES, user_agent
from portolan.reports.formats.bcd_gaps import GAPS
from portolan.reports.formats.markdown import CUT, MOST_BYTES
from portolan.reports.knowledge.compat import Answers
from portolan.reports.load import JudgedRun

SCHEMAS = Path(__file__).parent / "schemas"
ALL = tuple(MODULES)
SCENARIOS: dict[str, Scenario] = {}


def every_kind() -> JudgedRun:
    """A run with a play of every kind."""
    return a_run(
        judged_play("pass", scenario="passes", duration=1234.5, attempts=(Attempt("crash", "the browser ended"),)),
        judged_play("fail", scenario="fails"),
        judged_play("fail", scenario="fails_as_known", expected=KNOWN),
        judged_play("variant:dies", scenario="varies"),
        judged_play("not-applicable", scenario="lacks", lacking="runtime.connect in page.script"),
        judged_play("inconclusive", scenario="cannot_tell"),
        judged_play("timeout", scenario="silent"),
        judged_play("crash", scenario="dead"),
        judged_play("pass", scenario="twice"),
        judged_play("pass", scenario="twice", repeat=2),
    )


def render(name: str, *runs: JudgedRun, scenarios: dict[str, Scenario] | None = None) -> str:
    made = format_named(name)
    given = runs or (every_kind(),)
    return made.render(Given(given[:1] if made.ONE_RUN else given, scenarios or SCENARIOS))


def cut_off() -> JudgedRun:
    return a_run(one="pass", cut_off=True)


# ---- junit

XSD = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


def test_junit_is_valid_and_read() -> None:
    text = render("junit", every_kind(), a_run(one="pass", family="chromium"))
    XSD.validate(text)
    suites = list(junitparser.JUnitXml.fromstring(text.encode()))
    assert [suite.name for suite in suites] == ["firefox 153.0 mv3", "chromium 153.0 mv3"]
    (suite, _) = suites
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (10, 2, 2, 2)
    results = {case.name: [type(each).__name__ for each in case.result] for case in suite}
    assert results == {
        "passes": [],
        "fails": ["Failure"],
        "fails_as_known": ["Skipped"],
        "varies": [],
        "lacks": ["Skipped"],
        "cannot_tell": ["Failure"],
        "silent": ["Error"],
        "dead": ["Error"],
        "twice": [],
        "twice (repeat 2)": [],
    }
    assert "played again after crash: the browser ended" in next(iter(suite)).system_out
    assert next(iter(suite)).time == pytest.approx(1.234, abs=0.01)
    before = suite.tests, suite.failures, suite.errors, suite.skipped
    suite.update_statistics()
    assert before == (suite.tests, suite.failures, suite.errors, suite.skipped), "as the reader itself counts them"


def test_a_run_that_was_cut_off_is_no_green_suite() -> None:
    for run in (cut_off(), JudgedRun(msgspec.structs.replace(a_run().run, footer=None), ())):
        (suite,) = junitparser.JUnitXml.fromstring(render("junit", run).encode())
        assert suite.errors == 1
        XSD.validate(render("junit", run))


def test_the_schema_can_refuse() -> None:
    broken = render("junit").replace("<testcase name=", "<testcase nom=", 1)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        XSD.validate(broken)


# ---- json


def test_json_is_valid_by_its_published_schema() -> None:
    schema = json.loads(json_format.SCHEMA_FILE.read_text())
    assert schema == json.loads(json.dumps(json_format.schema())), (
        "write it anew: portolan.reports.formats.json.write_schema()"
    )
    data = json.loads(render("json", every_kind(), cut_off()))
    jsonschema.Draft202012Validator(schema).validate(data)
    assert data["exit_code"] == 3
    plays = {play["scenario"]: play for play in data["runs"][0]["plays"]}
    assert plays["fails_as_known"]["expected"] == {"verdict": "fail", "reason": "It is so.", "bug": ""}
    assert plays["silent"]["verdict"] is None
    assert plays["passes"]["attempts"] == [{"outcome": "crash", "reason": "the browser ended"}]
    assert "attempts" not in plays["varies"]
    assert data["runs"][1]["cut_off"] is True


@pytest.mark.parametrize("wrong", [{"format": 2}, {"runs": None}, {"more": 1}, {"exit_code": 7}])
def test_the_published_schema_can_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(render("json")) | wrong, json_format.schema())


def test_json_names_the_scenarios(judged: Callable[..., JudgedRun], scenarios: dict[str, Scenario]) -> None:
    data = json.loads(render("json", judged(), scenarios=scenarios))
    assert [each["topic"] for each in data["scenarios"]] == ["greetings", "life_times"]
    assert data["runs"][0]["plays"][0]["claims"] == {"C1": "holds", "C26": "holds"}
    jsonschema.validate(data, json_format.schema())


# ---- csv


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_play() -> None:
    found = rows(render("csv", every_kind(), a_run(one="pass", family="chromium")))
    assert len(found) == 11
    assert found[0]["scenario"] == "passes"
    assert (found[4]["verdict"], found[4]["lacking"]) == ("not-applicable", "runtime.connect in page.script")
    assert found[6]["verdict"] == ""
    assert found[10]["family"] == "chromium"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "|x", "%x", "\t=1", "\r=1", " =1", '"=1', "'=1", "＝1", "=HYPERLINK(\"http://x\")", "x;=1", 'x;"=1', "x\t=1", "x\n=1"],
)  # fmt: skip
def test_no_cell_is_a_formula(text: str) -> None:
    play = judged_play("pass", scenario=text)
    (row,) = rows(render("csv", a_run(msgspec.structs.replace(play, sentence=text), version=text)))
    for name in ("scenario", "sentence", "version"):
        for part in re.split(r"[;\t\r\n]", row[name]):
            assert not re.match(r"[\s\"]*[=+\-@|%＝]", part), (name, row[name])


def test_what_is_no_formula_stays() -> None:
    for text in ("", "pass", "dies with the first receiver", "a=b", "1-2", "x; y"):
        assert csv_format.safe(text) == text


# ---- tap


def tap_results(text: str) -> list[Any]:
    lines = list(Parser().parse_text(text))
    assert not [line for line in lines if line.category == "unknown"]
    (plan,) = [line for line in lines if line.category == "plan"]
    results = [line for line in lines if line.category == "test"]
    assert plan.expected_tests == len(results)
    return results


def test_tap_is_read() -> None:
    results = {each.description.rpartition(": ")[2]: each for each in tap_results(render("tap"))}
    assert {name for name, each in results.items() if each.ok} == {
        "passes",
        "varies",
        "lacks",
        "twice",
        "twice (repeat 2)",
    }
    assert [name for name, each in results.items() if each.skip] == ["lacks"]
    assert [name for name, each in results.items() if each.todo] == ["fails_as_known"]


def test_a_name_is_no_directive() -> None:
    hostile = ["x # SKIP", "x # TODO", "x \\# SKIP", "x\nok 2 - y", "x\nBail out!", "\n1..0"]
    found = tap_results(render("tap", a_run(*(judged_play("fail", scenario=name) for name in hostile))))
    assert len(found) == len(hostile)
    assert not any(each.ok or each.skip or each.todo for each in found)


def test_a_run_that_was_cut_off_is_no_green_stream() -> None:
    assert [each.ok for each in tap_results(render("tap", cut_off()))] == [True, False]


# ---- wptreport

TEST_STATUSES = {"PASS", "FAIL", "OK", "ERROR", "TIMEOUT", "CRASH", "ASSERT", "PRECONDITION_FAILED", "SKIP"}
SUBTEST_STATUSES = {"PASS", "FAIL", "ERROR", "TIMEOUT", "ASSERT", "PRECONDITION_FAILED", "NOTRUN", "SKIP"}
RUN_INFO: dict[str, Any] = {
    "product": str, "browser_version": str, "revision": str, "automation": bool, "debug": bool, "has_sandbox": bool,
    "headless": bool, "verify": bool, "wasm": bool, "os": str, "os_version": str, "version": str, "processor": str,
    "bits": int, "python_version": int,
}  # fmt: skip
"""What the reader ``wptreport`` (Rust, 0.0.13) asks for; wpt.fyi asks for product, browser_version, revision and os."""


def check_wptreport(text: str) -> dict[str, Any]:
    """The rules of the format's readers."""
    report: dict[str, Any] = json.loads(text)
    assert text.endswith("}\n")
    assert {"results", "run_info", "time_start", "time_end"} <= report.keys()
    assert all(type(report[name]) is int and report[name] >= 0 for name in ("time_start", "time_end"))
    for name, kind in RUN_INFO.items():
        assert type(report["run_info"][name]) is kind, name
    assert all(report["run_info"][name] for name in ("product", "browser_version", "revision", "os"))
    tests = [result["test"] for result in report["results"]]
    assert len(set(tests)) == len(tests)
    for result in report["results"]:
        assert result["test"].startswith("/")
        assert result["status"] in TEST_STATUSES
        assert type(result["duration"]) is int
        assert result["message"] is None or type(result["message"]) is str
        assert result.get("expected") != result["status"]
        names = [subtest["name"] for subtest in result["subtests"]]
        assert len(set(names)) == len(names)
        for subtest in result["subtests"]:
            assert subtest["status"] in SUBTEST_STATUSES
            assert subtest.get("expected") != subtest["status"]
    return report


def test_wptreport_keeps_the_rules() -> None:
    report = check_wptreport(render("wptreport"))
    statuses = {result["test"].rpartition("/")[2]: result["status"] for result in report["results"]}
    assert statuses == {
        "passes": "OK",
        "fails": "OK",
        "fails_as_known": "OK",
        "varies": "OK",
        "lacks": "PRECONDITION_FAILED",
        "cannot_tell": "OK",
        "silent": "TIMEOUT",
        "dead": "CRASH",
        "twice": "OK",
    }


def test_wptreport_has_a_subtest_a_check(judged: Callable[..., JudgedRun], scenarios: dict[str, Scenario]) -> None:
    report = check_wptreport(render("wptreport", judged(bugs=["loses-last-message"]), scenarios=scenarios))
    greeting, lifetime = report["results"]
    assert greeting["test"] == "/webextensions/ports/greetings/a_greeting"
    assert [(each["status"], each.get("expected")) for each in greeting["subtests"]] == [
        ("PASS", None),
        ("FAIL", "PASS"),
    ]
    (point,) = lifetime["subtests"]
    assert (point["name"], point["status"], point["message"]) == ("lifetime", "PASS", "dies")


def test_wptreport_of_repeats_that_differ() -> None:
    run = a_run(judged_play("pass"), judged_play("timeout", repeat=2))
    (result,) = check_wptreport(render("wptreport", run))["results"]
    assert (result["status"], result["expected"], result["known_intermittent"]) == ("TIMEOUT", "OK", ["OK"])


# ---- bcd

COLLECTOR = json.loads((SCHEMAS / "mdn-bcd-collector-report.schema.json").read_text())


def sender(**more: object) -> dict[str, object]:
    return {"name": "", "sender": {"id": "x", "tab": {}, **more}, "error": None}


def bcd(run: JudgedRun) -> dict[str, bool | None]:
    report = json.loads(render("bcd", run))
    jsonschema.Draft7Validator(COLLECTOR).validate(report)
    ((_, results),) = report["results"].items()
    assert len(results) == len(FEATURES)
    return {each["name"].removeprefix("webextensions.api.runtime."): each["result"] for each in results}


def test_bcd_of_traces() -> None:
    there = event(1, "runtime.onConnect", "fire", value=sender(documentId="x"))
    found = bcd(a_run(judged_play("pass", there, event(2, "runtime.connect", "return", value=sender()))))
    assert found["onConnect"] is True
    assert found["connect"] is True
    assert found["Port.error"] is True
    assert found["MessageSender.documentId"] is True
    assert found["MessageSender.documentLifecycle"] is False
    assert found["connectNative"] is None, "no play shows it"


def test_bcd_says_no_only_where_something_shows_it() -> None:
    absent = {**sender(), "error": {"$": "absent"}}
    assert bcd(a_run(judged_play("pass", event(1, "runtime.onConnect", value=absent))))["Port.error"] is False
    assert set(bcd(a_run(one="timeout")).values()) == {None}
    assert set(bcd(a_run()).values()) == {None}
    lacks = judged_play("not-applicable", scenario="a_web_page_connects", lacking="runtime.connect in page.script")
    assert bcd(a_run(lacks))["webextensions.manifest.externally_connectable"] is False
    assert bcd(a_run(a_web_page_connects="pass"))["webextensions.manifest.externally_connectable"] is True


def test_a_fault_of_ours_says_nothing_of_a_feature() -> None:
    seen = event(1, "runtime.connect", "return", value=sender())
    assert bcd(a_run(judged_play("crash", seen)))["connect"] is None


def test_a_feature_of_manifest_v3_is_not_missed_in_v2() -> None:
    lacks = judged_play("not-applicable", lacking="runtime.onUserScriptConnect in background")
    assert bcd(a_run(lacks, manifest=2))["onUserScriptConnect"] is None
    assert bcd(a_run(lacks, manifest=3))["onUserScriptConnect"] is False


def test_the_collectors_schema_can_refuse() -> None:
    report = json.loads(render("bcd"))
    for results in report["results"].values():
        for each in results:
            each.pop("message", None)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(COLLECTOR).validate(report)


def test_user_agents() -> None:
    assert "Firefox/153.0" in user_agent("firefox", "153.7.0")
    assert "Chrome/156.0.0.0" in user_agent("chromium", "156.0.8078.79")


def test_the_scenarios_that_tell_of_features_are_there() -> None:
    names = {scenario.name for scenario in suite()}
    told = {each.evidence.scenario for each in (*FEATURES, *GAPS) if isinstance(each.evidence, Answers)}
    assert told
    assert told <= names


def test_gaps() -> None:
    name = "one_of_two_receiving_frames_is_removed"
    dies = a_run(judged_play("variant:dies-with-the-first-receiver", scenario=name))
    lives = a_run(judged_play("variant:lives-until-all-receivers-unload", scenario=name), family="chromium")
    data = json.loads(render("bcd-gaps", dies, lives))
    found = {each["key"].rpartition(".")[2]: each for each in data["features"]}
    survives = found["survives_single_receiver_unload"]
    assert survives["support"] == {"firefox 153.0 mv3": False, "chromium 153.0 mv3": True}
    assert found["nativeApplication"]["tested"] is False
    assert len({each["key"] for each in data["features"]}) == len(data["features"])


# ---- markdown


def test_markdown_can_be_read_back() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render("markdown", every_kind(), cut_off()))
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings[0] == "WebExtension ports: incomplete: this is no result"
    assert headings[1:] == ["Not as expected", "All scenarios"]
    cells = [token.content for token in tokens if token.type == "inline"]
    assert "✗ fail" in cells
    assert "**cut off**" in cells


def test_markdown_fits_into_a_step_summary() -> None:
    plays = [judged_play("fail", scenario=f"scenario_{number:05}_{'x' * 80}") for number in range(4000)]
    text = render("markdown", a_run(*plays))
    assert len(text.encode()) <= MOST_BYTES + len(CUT.encode())
    assert text.endswith(CUT)


# ---- badges


def badge(*runs: JudgedRun) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(render("badge-json", *runs))
    assert data.keys() <= {"schemaVersion", "label", "message", "color", "isError"}
    assert data["schemaVersion"] == 1
    assert data["label"]
    assert data["message"]
    return data


def test_badges_say_how_it_went() -> None:
    assert badge(a_run(one="pass"))["message"] == "1 as expected"
    assert (badge(a_run(one="fail", two="pass"))["message"], badge(a_run(one="fail"))["isError"]) == (
        "1 of 2 unexpected",
        True,
    )
    assert badge(cut_off())["message"] == "incomplete"
    assert badge(a_run())["message"] == "incomplete", "nothing played is no green badge"


@pytest.mark.parametrize("verdict", ["pass", "fail", "timeout"])
def test_a_badge_is_a_picture_with_a_name(verdict: str) -> None:
    run = a_run(one=verdict)
    svg = Xml.fromstring(render("badge", run))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == svg.get("aria-label") == f"WebExtension ports: {badge(run)['message']}"


# ---- hostile runs


@pytest.mark.parametrize("name", ALL)
def test_hostile_runs_are_harmless(name: str, hostile: str, harmless: Callable[[str], bool]) -> None:
    text = hostile + "]]>&<script>\ufffe\uffff\x00"
    runs = [with_text(every_kind(), text), with_text(a_run(judged_play("fail", event(1)), family="chromium"), text)]
    made = render(name, *runs)
    made.encode()
    assert harmless(made.replace("\r\n", "\n"))
    if name in ("junit", "badge"):
        Xml.fromstring(made)
    if name == "junit":
        XSD.validate(made)
        assert len(list(junitparser.JUnitXml.fromstring(made.encode()))) == 2
    if name in ("json", "wptreport", "bcd", "bcd-gaps", "badge-json"):
        data = json.loads(made)
        msgspec.json.encode(data)  # refuses lone surrogates
    if name == "json":
        jsonschema.validate(data, json_format.schema())
    if name == "wptreport":
        check_wptreport(made)
    if name == "bcd":
        jsonschema.Draft7Validator(COLLECTOR).validate(data)
    if name == "csv":
        assert len(rows(made)) == 11
    if name == "tap":
        assert len(tap_results(made)) == 11
    if name == "markdown":
        html = MarkdownIt("commonmark").enable("table").render(made)
        assert "<b>" not in html
        assert "<script" not in html
        assert "<a " not in html


@pytest.mark.parametrize("name", ALL)
def test_huge_texts_are_shortened(name: str, harmless: Callable[[str], bool]) -> None:
    text = "<b>\x1b[31m\ud800" * 1_200_000  # 10 MB
    made = render(name, with_text(every_kind(), text))
    assert len(made) < 1_000_000
    assert harmless(made.replace("\r\n", "\n"))


@pytest.mark.parametrize("name", ALL)
def test_the_same_runs_make_the_same_text(name: str) -> None:
    assert render(name) == render(name)


@pytest.mark.parametrize("name", ALL)
def test_nothing_was_played(name: str) -> None:
    assert render(name, a_run())
    assert render(name, a_run(cut_off=True))
