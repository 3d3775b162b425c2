"""Runs to report on: scenarios of our own, played on the fake browser; and traces made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play as Playbook
from portolan.conformance.language.play import variant
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import FORMAT, Browser, Footer, Header, Recording, Run
from portolan.reports.load import JudgedRun, judge_run
from portolan.runners.fake import FakeBrowser

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\r\n\u202eevil\u2066\ud800| `x` <b> **y** [link](http://x) \x9b2J\x00"
"""What no output may hand on: terminal escapes, bidirectional controls, half a character, markup of every kind."""


@scenario(claims=["C1", "C26"])
def a_greeting(play: Playbook) -> None:
    """A content script greets the background."""
    heard = play.background().listen()
    port = play.page().connect(name="greeting")
    play.settle()
    port.post("hello")
    play.settle()
    play.expect(heard.fired(), claims="C1")
    play.expect(heard.port.received("hello"), claims="C26", because="it was sent")


@scenario(claims=["P71", "P73"])
def a_lifetime(play: Playbook) -> None:
    """A port with two receivers, one of which goes away."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    first.listen()
    second.listen()
    port = background.connect_tab(page)
    play.settle()
    first.remove()
    play.settle()
    play.expect_one_of(
        "lifetime",
        variant("lives-on", port.stayed_open(), claims="P71"),
        variant("dies", port.disconnected(error=None), claims="P73"),
    )


SCENARIOS = {each.name: each for each in (build(a_greeting, "greetings"), build(a_lifetime, "life_times"))}


def header(browser: Browser, manifest: int = 3) -> Header:
    return Header(FORMAT, "1.0", "abc", browser, manifest, "Linux", "2026-11-21T00:00:00+00:00")


def run_of(
    *plays: Recording, browser: Browser | None = None, cut_off: bool = False, ended: str = "", manifest: int = 3
) -> Run:
    """A run of these plays."""
    footer = None if cut_off else Footer(len(plays), "2026-11-21T00:01:00+00:00", ended)
    return Run(header(browser or Browser("firefox", "153.7.0"), manifest), plays, footer, "run.jsonl")


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def scenarios() -> dict[str, Scenario]:
    return dict(SCENARIOS)


@pytest.fixture
def make_run() -> Callable[..., Run]:
    return run_of


@pytest.fixture
def played() -> Callable[..., Recording]:
    """Play one of our scenarios on the fake browser: ``played("a_greeting", "firefox", bugs=[…])``."""

    def play(name: str, family: Any = "firefox", bugs: Any = (), repeat: int = 1) -> Recording:
        browser = FakeBrowser(family, 3, bugs)
        browser.start()
        return browser.play(SCENARIOS[name], repeat)

    return play


@pytest.fixture
def judged(played: Callable[..., Recording]) -> Callable[..., JudgedRun]:
    """A run of every scenario of ours, judged: ``judged("chromium", bugs=[…], repeats=2)``."""

    def make(
        family: str = "firefox", bugs: Any = (), repeats: int = 1, names: Any = SCENARIOS, **more: Any
    ) -> JudgedRun:
        plays = [played(name, family, bugs, repeat + 1) for name in names for repeat in range(repeats)]
        version = {"firefox": "153.7.0", "chromium": "156.0"}[family]
        return judge_run(run_of(*plays, browser=Browser(family, version), **more), SCENARIOS, Expectations())

    return make


def is_harmless(text: str) -> bool:
    """Whether a terminal shows this text and does nothing else."""
    return all(char == "\n" or (char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF) for char in text)


@pytest.fixture
def harmless() -> Callable[[str], bool]:
    return is_harmless
