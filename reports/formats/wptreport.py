"""wptreport.json, as ``wpt run --log-wptreport`` writes it, for the readers of that format.

A scenario is a test, ``/webextensions/ports/<topic>/<name>``; each check is a subtest, and so is each open point, whose message
names the variant that was seen. A test's own status is ``OK`` where it was played to its end, ``PRECONDITION_FAILED`` where
the browser lacks the feature, and ``TIMEOUT``, ``CRASH``, ``ERROR`` or ``SKIP`` where there is no result.
``expected`` stands only where it is not the status. Of several repeats the worst is told, the others' statuses are
``known_intermittent``. wpt.fyi itself takes results of web-platform-tests only: ``revision`` is a commit of ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portolan.conformance.judging.judge import Judged
from portolan.conformance.trace.recording import Header
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.regressions import Side
from portolan.reports.comparison.run_pairs import sides
from portolan.reports.formats import Given
from portolan.reports.load import JudgedPlay, JudgedRun

SUFFIX, ONE_RUN = ".wptreport.json", True

STATUS = {"timeout": "TIMEOUT", "crash": "CRASH", "harness-error": "ERROR", "not-run": "SKIP"}
SUBTEST = {True: "PASS", False: "FAIL", None: "NOTRUN"}
SYSTEMS = {"Linux": "linux", "Darwin": "mac", "Windows": "win"}


def render(given: Given) -> str:
    """The report of one run, in ASCII."""
    (run,) = given.runs
    header = run.run.header
    report = {
        "run_info": _run_info(run),
        "time_start": _milliseconds(header.started),
        "time_end": _milliseconds(run.run.footer.finished) if run.run.footer else _milliseconds(header.started),
        "results": [_test(given, name, side) for name, side in sides(run).items()],
    }
    return json.dumps(report) + "\n"


def _run_info(run: JudgedRun) -> dict[str, Any]:
    header = run.run.header
    name, _, rest = header.system.partition(" ")
    version, _, processor = rest.rpartition(" ")
    return {
        "product": plain(header.browser.family),
        "browser_version": plain(header.browser.version),
        "browser_channel": "",
        "revision": plain(header.commit) or "unknown",
        "os": SYSTEMS.get(name, plain(name.lower()) or "unknown"),
        "os_version": plain(version),
        "version": plain(version),
        "processor": plain(processor),
        "bits": 64 if "64" in processor else 32,
        "linux_distro": None,
        "python_version": _python(header),
        "automation": True,
        "debug": False,
        "display": None,
        "has_sandbox": "--no-sandbox" not in header.browser.flags,
        "headless": header.browser.headless,
        "verify": False,
        "wasm": False,
        "portolan": {
            "suite": plain(header.suite),
            "manifest": header.manifest,
            "build": plain(header.browser.build),
            "driver": plain(header.browser.driver),
            "cut_off": run.run.cut_off,
        },
    }


def _python(header: Header) -> int:
    found = re.match(r"\d+", header.python)
    return int(found.group()[:3]) if found else 3


def _milliseconds(iso: str) -> int:
    try:
        return max(int(datetime.fromisoformat(iso).timestamp() * 1000), 0)
    except (ValueError, OverflowError, OSError):
        return 0


def _test(given: Given, name: str, side: Side) -> dict[str, Any]:
    worst = max(side.plays, key=_rank)
    status = _status(worst)
    others = sorted({_status(each) for each in side.plays} - {status})
    topic = given.topic(name) or "other"
    test: dict[str, Any] = {
        "test": f"/webextensions/ports/{plain(topic)}/{plain(name)}",
        "subsuite": "",
        "status": status,
        "message": None if worst.status == "expected" else plain(worst.sentence, 2000),
        "duration": round(sum(max(each.play.duration, 0) for each in side.plays)),
        "subtests": list(_subtests(worst)),
    }
    if status != "OK" and worst.status != "expected":
        test["expected"] = "OK"
    return test | ({"known_intermittent": others} if others else {})


def _rank(each: JudgedPlay) -> int:
    """The worst play is told: one that was not as expected before one without a result."""
    return {"expected": 0, "incomplete": 1, "unexpected": 2}[each.status]


def _status(each: JudgedPlay) -> str:
    if each.play.outcome != "ok":
        return STATUS[each.play.outcome]
    if each.judgement is None:
        return "ERROR"
    return "PRECONDITION_FAILED" if each.play.lacking else "OK"


def _subtests(each: JudgedPlay) -> Iterator[dict[str, Any]]:
    seen = Counter[str]()
    for title, holds, message in _checks(each):
        seen[title] += 1
        subtest: dict[str, Any] = {
            "name": plain(title if seen[title] == 1 else f"{title} ({seen[title]})", 1000),
            "status": SUBTEST[holds],
            "message": plain(message, 2000) or None,
        }
        if holds is not True and each.status == "unexpected":
            subtest["expected"] = "PASS"
        yield subtest


def _checks(each: JudgedPlay) -> Iterator[tuple[str, bool | None, str]]:
    findings = each.judgement.findings if each.judgement else ()
    for judged in findings:
        if not judged.variant:
            said = f"[{', '.join(judged.says)}] " if judged.says else ""
            came = "" if judged.finding.holds else judged.finding.came
            yield f"{said}{judged.finding.accepted}", judged.finding.holds, came
    points: dict[str, list[Judged]] = {}
    for judged in findings:
        if judged.variant:
            points.setdefault(judged.topic, []).append(judged)
    for topic, variants in points.items():
        yield topic, *_point(variants)


def _point(variants: list[Judged]) -> tuple[bool | None, str]:
    """Whether exactly one variant was seen; which."""
    seen = [judged.variant for judged in variants if judged.finding.holds]
    if len(seen) == 1 and all(judged.finding.holds is not None for judged in variants):
        return True, seen[0]
    told = all(judged.finding.holds is False for judged in variants)
    return (False if told else None), "; ".join(f"{judged.variant}: {judged.finding.came}" for judged in variants)
