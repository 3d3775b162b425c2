"""Any run at all, even one that no browser could have made: compared with itself it is the same, and every format holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import msgspec
import pytest
import strategies
import xmlschema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portolan.conformance.judging.judge import Judgement
from portolan.conformance.trace.recording import Browser, Footer, Recording, Run
from portolan.reports.comparison.baseline import hold_against
from portolan.reports.comparison.compare import compare, comparison_lines, comparison_markdown
from portolan.reports.comparison.diff import diff, diff_lines, diff_markdown
from portolan.reports.comparison.history import history, history_lines, history_markdown
from portolan.reports.formats import MODULES, Given, format_named
from portolan.reports.formats import json as json_format
from portolan.reports.load import JudgedPlay, JudgedRun

SCHEMAS = Path(__file__).parent.parent / "reports" / "schemas"
XSD = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
COLLECTOR = json.loads((SCHEMAS / "mdn-bcd-collector-report.schema.json").read_text())
VERDICTS = ("pass", "fail", "inconclusive", "not-applicable", "variant:dies", "variant:\x1b[31m| # `x` =1+1")

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a run shrinks for minutes
)


def judged_play(play: Recording, verdict: str, known: bool) -> JudgedPlay:
    if play.outcome != "ok":
        return JudgedPlay(play, Judgement(None), "incomplete", play.reason)
    fine = known or verdict not in ("fail", "inconclusive")
    return JudgedPlay(play, Judgement(verdict), "expected" if fine else "unexpected", play.reason)


def judged_run(header: Any, plays: list[JudgedPlay], family: str, whole: bool) -> JudgedRun:
    browser = Browser(family, header.browser.version, build=header.browser.build, driver=header.browser.driver)
    footer = Footer(len(plays), header.started) if whole else None
    changed = msgspec.structs.replace(header, browser=browser, manifest=abs(header.manifest) % 2 + 2)
    return JudgedRun(Run(changed, tuple(each.play for each in plays), footer, "run.jsonl"), tuple(plays))


plays = st.builds(judged_play, strategies.plays, st.sampled_from(VERDICTS), st.booleans())
runs = st.builds(
    judged_run,
    strategies.headers,
    st.lists(plays, max_size=4),
    st.sampled_from(["firefox", "chromium"]),
    st.booleans(),
)


def is_harmless(text: str) -> bool:
    text.encode()
    return all(char == "\n" or char.isprintable() for char in text)


@few
@given(runs)
def test_a_run_is_the_same_as_itself(run: JudgedRun) -> None:
    (one,) = diff([run], [run]).pairs
    assert {each.kind for each in one.changes} <= {"same", "incomparable"}
    found = compare([run, run])
    assert not found.worse
    assert (*found.verdicts, *found.variants, *found.traces) == ()
    assert found.alike == found.compared
    held = hold_against([run], [run], {}, [each.play.scenario for each in run.plays])
    assert not held.worse
    assert not held.better
    assert not any(line.changed or line.traces for line in history([run, run], traces=True))


@few
@given(st.lists(runs, min_size=2, max_size=4))
def test_whatever_is_compared_is_harmless(found: list[JudgedRun]) -> None:
    told = history(found, traces=True)
    comparison, difference = compare(found), diff(found[:1], found[1:])
    for lines in (history_lines(told), comparison_lines(comparison), diff_lines(difference)):
        assert is_harmless("\n".join(lines))
    for text in (history_markdown(told), comparison_markdown(comparison), diff_markdown(difference)):
        assert is_harmless(text)


@pytest.mark.parametrize("name", list(MODULES))
@settings(few, max_examples=8)
@given(found=st.lists(runs, min_size=1, max_size=2))
def test_every_format_holds_any_run(name: str, found: list[JudgedRun]) -> None:
    made = format_named(name)
    text = made.render(Given(tuple(found[:1] if made.ONE_RUN else found)))
    assert is_harmless(text.replace("\r\n", "\n"))
    if name in ("junit", "badge"):
        Xml.fromstring(text)
    if name == "junit":
        XSD.validate(text)
    if made.SUFFIX.endswith("json"):
        data = json.loads(text)
        msgspec.json.encode(data)
        if name == "json":
            jsonschema.validate(data, json_format.schema())
        if name == "bcd":
            jsonschema.Draft7Validator(COLLECTOR).validate(data)
