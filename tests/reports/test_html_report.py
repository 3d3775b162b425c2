"""The HTML report: a whole document, nothing lost, nothing that runs, every door leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from making import with_text

from portolan.conformance.judging.claims import load_claims
from portolan.conformance.judging.contradictions import load_contradictions
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.discovery import suite
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.scenarios.lifetime import causes
from portolan.conformance.trace.recording import FORMAT, Attempt, Browser, Footer, Header, Run
from portolan.conformance.trace.values import tag
from portolan.reports.html.causes import ELSEWHERE, NAME, cause_page
from portolan.reports.html.matrix import columns_of
from portolan.reports.html.page import html_report
from portolan.reports.load import JudgedRun, judge_run
from portolan.runners.fake import FakeBrowser

OPTIONAL = {"td", "th", "tr", "li", "dt", "dd", "option"}
CLOSED_BY = {
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "option": ("option",),
}
"""End tags that may be left out, and which begin closes what is open."""

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect", "use", "col"}


class Document(HTMLParser):
    """What a browser would find: elements with their attributes, in order, and what text there is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        while self.open and self.open[-1] in CLOSED_BY.get(tag, ()):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            while self.open and self.open[-1] in OPTIONAL and self.open[-1] != tag:
                self.open.pop()
            assert self.open, f"an end tag of {tag} too many"
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and attributes.items() <= {**found}.items()]

    def ids(self) -> Iterator[str]:
        return (found["id"] or "" for _, found in self.elements if "id" in found)


@pytest.fixture
def report(scenarios: dict[str, Scenario]) -> Callable[..., str]:
    def make(*runs: JudgedRun) -> str:
        claims = load_claims()
        return html_report(runs, scenarios, claims, load_contradictions(claims))

    return make


@pytest.fixture
def both(judged: Callable[..., JudgedRun]) -> list[JudgedRun]:
    return [judged("firefox"), judged("chromium")]


def test_the_document_is_whole(report: Callable[..., str], both: list[JudgedRun]) -> None:
    document = Document(report(*both))
    assert not document.open
    assert max(Counter(document.ids()).values()) == 1
    assert document.all("article", id="scenario/a_greeting")
    assert len(document.all("figure")) == 3  # the greeting is the same in both, the lifetime is not


def test_what_was_played_again_is_told(report: Callable[..., str], both: list[JudgedRun]) -> None:
    told = "Played again after crash: <b>the browser</b> ended."
    assert told not in "".join(Document(report(*both)).text)
    first, second = both
    again = [
        msgspec.structs.replace(
            each,
            play=msgspec.structs.replace(each.play, attempts=(Attempt("crash", "<b>the browser</b> ended"),)),
        )
        for each in second.plays
    ]
    document = Document(report(first, msgspec.structs.replace(second, plays=tuple(again))))
    assert "".join(document.text).count(told) >= len(again)


def test_every_door_leads_somewhere(report: Callable[..., str], both: list[JudgedRun]) -> None:
    document = Document(report(*both))
    ids = set(document.ids())
    inside = [href for each in document.all("a") if (href := each.get("href") or "").startswith("#")]
    assert len(inside) > 10
    assert [href for href in inside if href[1:] not in ids] == []
    outside = {href for each in document.all("a") if not (href := each.get("href") or "").startswith("#")}
    assert all(href.startswith("https://") for href in outside)


def test_nothing_is_fetched_and_only_our_scripts_may_run(report: Callable[..., str], both: list[JudgedRun]) -> None:
    document = Document(report(*both))
    assert not any(found.get("src") for _, found in document.elements)
    assert [each["href"] for each in document.all("link")] == ["data:,"]
    (policy,) = [each["content"] or "" for each in document.all("meta") if "http-equiv" in each]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 3 == len(document.all("script")) + len(document.all("style"))
    assert not [name for _, found in document.elements for name in found if name.startswith("on") or name == "style"]


def test_the_same_runs_make_the_same_report(report: Callable[..., str], both: list[JudgedRun]) -> None:
    assert report(*both) == report(*reversed(both))


def test_hostile_runs_are_shown_and_do_nothing(
    report: Callable[..., str], both: list[JudgedRun], hostile: str, harmless: Callable[[str], bool]
) -> None:
    attack = hostile + "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)><svg onload=alert(3)>"
    text = report(*both, *(with_text(run, attack) for run in both))
    clean, document = Document(report(*both)), Document(text)
    assert harmless(text)
    assert not document.open
    assert {name for name, _ in document.elements} == {name for name, _ in clean.elements}
    assert len(document.all("script")) == 2
    assert not [name for _, found in document.elements for name in found if name.startswith("on")]
    assert max(Counter(document.ids()).values()) == 1
    assert any("<img src=x" in data for data in document.text), "it is shown all the same"


def test_a_huge_text_stays_out_of_the_report(report: Callable[..., str], both: list[JudgedRun]) -> None:
    small = len(report(*both))
    run = both[0]
    huge = "<b>" + "x" * 10_000_000
    plays = tuple(
        msgspec.structs.replace(
            each,
            play=msgspec.structs.replace(
                each.play,
                events=tuple(msgspec.structs.replace(event, value=[huge, {huge: huge}]) for event in each.play.events),
            ),
        )
        for each in run.plays
    )
    assert len(report(JudgedRun(run.run, plays), both[1])) < small + 100_000


def test_what_is_no_result_is_told_apart_from_what_a_browser_does(
    report: Callable[..., str], judged: Callable[..., JudgedRun]
) -> None:
    text = report(judged(bugs=["loses-last-message"]), judged("chromium", bugs=["goes-silent"], cut_off=True))
    document = Document(text)
    kinds = [(each.get("class") or "").split()[0] for each in document.all("td") if each.get("class")]
    assert "fail" in kinds
    assert "trouble" in kinds
    assert document.all("td", **{"class": "fail unexpected"})
    assert "cut off: what is here is not all of it" in text


def test_the_events_by_which_a_check_does_not_hold_are_marked(
    report: Callable[..., str], judged: Callable[..., JudgedRun]
) -> None:
    failing = report(judged(bugs=["duplicates-messages"]))
    assert '<use href="#proof-mark"' in failing
    assert '<tr class="proof">' in failing
    assert '<use href="#proof-mark"' not in report(judged())


def test_many_columns_are_told_by_letters_with_a_key(
    report: Callable[..., str], judged: Callable[..., JudgedRun]
) -> None:
    def at(version: str, family: str) -> JudgedRun:
        run = judged(family)
        browser = msgspec.structs.replace(run.run.header.browser, version=version)
        header = msgspec.structs.replace(run.run.header, browser=browser)
        return JudgedRun(msgspec.structs.replace(run.run, header=header), run.plays)

    runs = [at(f"{number}.0", "firefox") for number in (9, 115, 140)] + [
        at(f"{number}.0", "chromium") for number in (120, 150, 156)
    ]
    text = report(*runs)
    heads = re.findall(r'<th scope="col" data-group="([^"]*)"[^>]*>([\d.]+)', text)
    assert [version for _, version in heads] == ["9", "115", "140", "120", "150", "156"]
    assert 'class="matrix wide"' in text
    assert '<b class="v va">a</b> dies' in text
    assert '<b class="v vb">b</b> lives on' in text


def test_a_run_of_nothing_and_a_value_of_every_kind(
    report: Callable[..., str], judged: Callable[..., JudgedRun], played: Callable[..., Any]
) -> None:
    assert not Document(report(judged(names=[]))).open
    run = judged()
    odd = [
        tag("undefined"),
        tag("nonsense", x=[1]),
        {"tab": 3},
        {"tab": {"id": tag("undefined")}},
        [],
        None,
        1e300,
        True,
    ]
    for value in odd:
        plays = tuple(
            msgspec.structs.replace(
                each,
                play=msgspec.structs.replace(
                    each.play,
                    events=tuple(
                        msgspec.structs.replace(event, value=value, rest=[value], error=value)
                        for event in each.play.events
                    ),
                ),
            )
            for each in run.plays
        )
        assert not Document(report(JudgedRun(run.run, plays))).open


def test_the_sources_are_packaged() -> None:
    import portolan.reports.html.page as page

    names = {path.name for path in Path(page.__file__).with_name("templates").iterdir()}
    assert {"index.html", "report.css", "report.js"} <= names


def test_causes_of_an_end_are_told_in_the_words_of_each_browser(judged: Callable[..., JudgedRun]) -> None:
    runs = [run_of_causes("firefox"), run_of_causes("chromium")]
    columns = columns_of(runs)
    lines = {line.cause: line for line in cause_page(runs, columns, lambda name, column: f"{name}/{column}")}
    removed = lines["frame removed"]
    assert [[(each.words, each.browsers) for each in side] for side in removed.sides] == [
        [("without an error", "")]
    ] * 2
    assert removed.sides[1][0].door == "end_by_frame_removed_at_the_receiver/0"
    parted = [(each.words, each.browsers) for each in lines["own extension disabled"].sides[0]]
    assert parted == [
        ("not at all: it no longer exists itself", "Firefox MV3 1"),
        ("without an error", "Chromium MV3 1"),
    ]
    assert lines["tab closed"].sides[0][0].door == "the_openers_tab_is_closed/0", "an older scenario shows it"
    alone = [judged("firefox")]
    assert cause_page(alone, columns_of(alone), lambda *_: "") == ()


def test_what_another_scenario_shows_is_said_where_causes_are_made() -> None:
    assert dict(ELSEWHERE) == causes.ELSEWHERE


def run_of_causes(family: str) -> JudgedRun:
    """The causes, and what stands in for some of them, as the fake plays them."""
    wanted = {each.name: each for each in suite() if NAME.fullmatch(each.name) or each.name in ELSEWHERE.values()}
    browser = FakeBrowser(family, 3)  # type: ignore[arg-type]
    plays = tuple(browser.play(each) for each in wanted.values())
    header = Header(FORMAT, "1.0", "abc", Browser(family, "1"), 3, "Linux", "2026-11-21T00:00:00+00:00")
    return judge_run(Run(header, plays, Footer(len(plays), "2026-11-21T00:01:00+00:00")), wanted, Expectations())
