"""Judged runs made by hand: what each play came to is simply said."""

from __future__ import annotations

from typing import Any

import msgspec

from portolan.conformance.judging.expectations import Expected
from portolan.conformance.judging.judge import Judgement
from portolan.conformance.trace.recording import FORMAT, Attempt, Browser, Event, Footer, Header, Recording, Run
from portolan.conformance.trace.steps import Cast, OpenPage, Settle
from portolan.reports.comparison.regressions import Side
from portolan.reports.load import JudgedPlay, JudgedRun

STEPS = (OpenPage("page"), Settle())
KNOWN = Expected("*", "fail", "It is so.")
BUG = Expected("*", "variant:dies", "A bug.", bug="https://example.org/1")


def event(counter: int, operation: str = "onMessage", phase: Any = "fire", actor: str = "page", **more: Any) -> Event:
    return Event(actor, 1, counter, more.pop("step", 0), phase, operation, **more)


def play(*events: Event, scenario: str = "one", digest: str = "d", **more: Any) -> Recording:
    return Recording(scenario, digest, Cast(), STEPS, events=events, **more)


def judged_play(
    verdict: str = "pass", *events: Event, status: Any = None, expected: Expected | None = None, **more: Any
) -> JudgedPlay:
    """A play with this verdict; one of our faults where it is called so. As a verdict is, so is the status."""
    if verdict in ("timeout", "crash", "not-run", "harness-error"):
        return JudgedPlay(
            play(*events, outcome=verdict, **more), Judgement(None), "incomplete", f"no verdict: {verdict}"
        )
    if verdict == "not judged":
        return JudgedPlay(play(*events, **more), None, "incomplete", "nothing can judge this play")
    fine = verdict not in ("fail", "inconclusive") if expected is None else verdict == expected.verdict
    status = status or ("expected" if fine else "unexpected")
    return JudgedPlay(play(*events, **more), Judgement(verdict), status, f"it came to {verdict}", expected)


def a_side(*plays: JudgedPlay | str) -> Side:
    return Side(tuple(judged_play(each) if isinstance(each, str) else each for each in plays))


def a_run(
    *plays: JudgedPlay,
    family: str = "firefox",
    version: str = "153.0",
    manifest: int = 3,
    cut_off: bool = False,
    started: str = "2026-11-21T00:00:00+00:00",
    **verdicts: str,
) -> JudgedRun:
    """A run of these plays, and of one play for each ``scenario=verdict``."""
    found = [*plays, *(judged_play(verdict, scenario=name) for name, verdict in verdicts.items())]
    header = Header(FORMAT, "1.0", "abc", Browser(family, version), manifest, "Linux", started)
    footer = None if cut_off else Footer(len(found), started)
    return JudgedRun(Run(header, tuple(each.play for each in found), footer, f"{family}-{version}.jsonl"), tuple(found))


def with_text(run: JudgedRun, text: str) -> JudgedRun:
    """The run with this text wherever a browser or a file could have put one."""
    plays = [
        msgspec.structs.replace(
            each,
            play=msgspec.structs.replace(
                each.play,
                scenario=f"{each.play.scenario}{text}",
                reason=text,
                attempts=(Attempt("crash", text),),
                events=tuple(
                    msgspec.structs.replace(
                        one, actor=text, operation=text, listener=text, value=[text, {text: text}, str(one.value)]
                    )
                    for one in each.play.events
                ),
            ),
            sentence=text,
        )
        for each in run.plays
    ]
    before = run.run.header.browser
    browser = Browser(before.family, f"{before.version}{text}", build=text)
    header = msgspec.structs.replace(run.run.header, browser=browser)
    return JudgedRun(msgspec.structs.replace(run.run, header=header, path=text), tuple(plays))
