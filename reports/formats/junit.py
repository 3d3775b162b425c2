"""JUnit XML, for CI systems: a test suite a run, a test case a play.

The dialect is that of Jenkins' xUnit plugin (junit-10.xsd) and of pytest: a check that does not hold is a ``failure``, a
play without a result is an ``error``, a feature that the browser lacks is ``skipped``, and so is a failure that is
known (as pytest does with ``xfail``). A run that did not come to its end has one more test case, an ``error``.
"""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as Xml

from portolan.conformance.judging.judge import FAIL, INCONCLUSIVE, NOT_APPLICABLE
from portolan.conformance.trace.values import plain
from portolan.reports.formats import Given
from portolan.reports.load import JudgedPlay, JudgedRun, earlier

SUFFIX, ONE_RUN = ".xml", False
WHOLE = "the whole run"
"""The test case that fails where a run did not come to its end."""

KINDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
"""What a test case can hold, and what its suite counts them as."""


def render(given: Given) -> str:
    """The whole document."""
    root = Xml.Element("testsuites", name="portolan")
    for run in given.runs:
        root.append(_suite(given, run))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(given: Given, run: JudgedRun) -> Xml.Element:
    header = run.run.header
    cases = [_case(given, run, each) for each in run.plays]
    if not run.whole:
        cases.append(_whole(run))
    counts = Counter(child.tag for case in cases for child in case)
    suite = Xml.Element("testsuite", name=_text(run.label), tests=str(len(cases)))
    for kind, name in KINDS.items():
        suite.set(name, str(counts[kind]))
    suite.set("time", _seconds(sum(each.play.duration for each in run.plays)))
    suite.set("timestamp", _text(header.started))
    properties = Xml.SubElement(suite, "properties")
    browser = header.browser
    said = {"browser": browser.family, "version": browser.version, "build": browser.build, "driver": browser.driver}
    said |= {"manifest": str(header.manifest), "system": header.system, "suite": header.suite, "commit": header.commit}
    for name, value in said.items():
        Xml.SubElement(properties, "property", name=name, value=_text(value))
    suite.extend(cases)
    return suite


def _case(given: Given, run: JudgedRun, each: JudgedPlay) -> Xml.Element:
    play = each.play
    repeat = f" (repeat {play.repeat})" if play.repeat > 1 else ""
    case = _named(run, f"{_text(play.scenario)}{repeat}", given.topic(play.scenario))
    case.set("time", _seconds(play.duration))
    if each.status == "incomplete":
        _child(case, "error", each.answer, each.sentence)
    elif each.status == "unexpected":
        _child(case, "failure", each.answer, each.sentence)
    elif each.answer == NOT_APPLICABLE:
        _child(case, "skipped", each.answer, f"the browser lacks {play.lacking}")
    elif each.answer in (FAIL, INCONCLUSIVE):
        _child(case, "skipped", "known", each.sentence)
    out = Xml.SubElement(case, "system-out")
    again = f"; {earlier(play)}" if play.attempts else ""
    out.text = _text(f"{each.answer}; claims: {_claims(each) or 'none'}{again}")
    return case


def _whole(run: JudgedRun) -> Xml.Element:
    case = _named(run, WHOLE, "")
    cut_off = "the run was cut off; what is here is not all of it"
    ended = f"the run ended early: {run.run.footer.ended}" if run.run.footer else cut_off
    _child(case, "error", "incomplete", ended)
    return case


def _named(run: JudgedRun, name: str, topic: str) -> Xml.Element:
    place = _text(run.label).replace(".", "_").replace(" ", "-")
    return Xml.Element("testcase", name=name, classname=f"portolan.{place}.{_text(topic) or 'other'}")


def _child(case: Xml.Element, kind: str, type: str, message: str) -> None:
    child = Xml.SubElement(case, kind, type=_text(type), message=_text(message, 400))
    child.text = _text(message, 4000)


def _claims(each: JudgedPlay) -> str:
    claims = each.judgement.claims if each.judgement else {}
    return ", ".join(f"{claim} {standing}" for claim, standing in claims.items())


def _seconds(milliseconds: float) -> str:
    return f"{max(milliseconds, 0) / 1000:.3f}"


def _text(text: str, limit: int = 1000) -> str:
    """Text that XML 1.0 can hold: what is not printable is spelled out."""
    return plain(text, limit)
