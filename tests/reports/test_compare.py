"""Comparing any number of runs: by cause, and what got worse."""

from __future__ import annotations

import json
from collections.abc import Callable

from making import a_run, event, judged_play, with_text
from markdown_it import MarkdownIt

from portolan.reports.comparison.compare import Comparison, compare, comparison_lines, comparison_markdown
from portolan.reports.comparison.data import comparison_data
from portolan.reports.load import JudgedRun

ONE_MORE = event(2, "onDisconnect", listener="port1.onDisconnect", error=None)


def two() -> list[JudgedRun]:
    firefox = a_run(
        judged_play("pass", event(1), scenario="alike"),
        judged_play("variant:dies", scenario="lifetime"),
        judged_play("not-applicable", scenario="feature"),
        judged_play("pass", event(1), ONE_MORE, scenario="told"),
        judged_play("pass", event(1), ONE_MORE, scenario="told_too"),
        judged_play("timeout", scenario="silent"),
        judged_play("pass", scenario="elsewhere"),
        judged_play("pass", scenario="rewritten", digest="old"),
    )
    chromium = a_run(
        judged_play("pass", event(1), scenario="alike"),
        judged_play("variant:lives", scenario="lifetime"),
        judged_play("pass", scenario="feature"),
        judged_play("pass", event(1), scenario="told"),
        judged_play("pass", event(1), scenario="told_too"),
        judged_play("pass", scenario="silent"),
        judged_play("pass", scenario="rewritten", digest="new"),
        family="chromium",
        version="156.0",
    )
    return [firefox, chromium]


FIREFOX, CHROMIUM = "firefox 153.0 mv3", "chromium 156.0 mv3"


def test_by_cause() -> None:
    found = compare(two())
    assert [(group.answers, group.scenarios) for group in found.verdicts] == [
        ({"not applicable": (FIREFOX,), "pass": (CHROMIUM,)}, ("feature",))
    ]
    assert [group.scenarios for group in found.variants] == [("lifetime",)]
    (traces,) = found.traces
    assert traces.cause == f"fire onDisconnect: only in {FIREFOX}"
    assert traces.scenarios == ("told", "told_too")
    assert (traces.first, traces.others) == (FIREFOX, (CHROMIUM,))
    assert traces.example.left == "fire onDisconnect of port1.onDisconnect: error null"
    assert traces.example.right == "nothing"
    assert (found.compared, found.alike) == (5, 1)


def test_what_cannot_be_compared_is_named() -> None:
    assert compare(two()).not_compared == {
        (FIREFOX, "timeout"): ("silent",),
        (CHROMIUM, "not in this run"): ("elsewhere",),
        (CHROMIUM, "other steps than in the other runs"): ("rewritten",),
    }


def test_browsers_of_other_kinds_are_not_older_or_newer() -> None:
    runs = [a_run(one="pass"), a_run(one="fail", family="chromium"), a_run(one="fail", manifest=2)]
    assert compare(runs).pairs == ()
    assert not compare(runs).worse


def test_each_is_held_against_the_next_older_one() -> None:
    runs = [a_run(one="fail", version="159.0"), a_run(one="pass", version="140.0"), a_run(one="fail", version="153.0")]
    found = compare(runs)
    assert [(old, new, each.worse) for old, new, each in found.pairs] == [
        ("firefox 140.0 mv3", "firefox 153.0 mv3", True),
        ("firefox 153.0 mv3", "firefox 159.0 mv3", False),
    ]
    assert found.worse
    again = [a_run(one="fail", started="2026-11-22"), a_run(one="pass", started="2026-11-21")]
    assert compare(again).worse, "of one version, the later run is the newer one"
    assert not compare([a_run(one="pass", started="2026-11-22"), a_run(one="fail", started="2026-11-21")]).worse


def test_repeats_that_differ_hide_no_likeness() -> None:
    ours = a_run(judged_play("pass", event(1)), judged_play("pass", event(1), ONE_MORE))
    theirs = a_run(judged_play("pass", event(1), ONE_MORE), family="chromium")
    assert compare([ours, theirs]).traces == ()


def test_plays_that_nobody_can_judge_are_compared_by_their_traces() -> None:
    runs = [
        a_run(judged_play("not judged", event(1))),
        a_run(judged_play("not judged", event(1), ONE_MORE), manifest=2),
    ]
    found = compare(runs)
    assert [group.scenarios for group in found.traces] == [("one",)]


def text(found: Comparison) -> str:
    return "\n".join(comparison_lines(found))


def test_in_words() -> None:
    said = text(compare([*two(), a_run(alike="fail", version="154.0")]))
    assert "Worse in firefox 154.0 mv3 than in firefox 153.0 mv3:\n    - alike: pass → fail (a check fails)" in said
    assert f"Variants differ: 1 scenario\n\n  {FIREFOX}: dies\n  {CHROMIUM}: lives\n    - lifetime" in said
    assert f"      {CHROMIUM}: nothing" in said
    assert f"    {FIREFOX}, timeout: silent" in said
    assert "6 scenarios compared" not in said


def test_as_data() -> None:
    data = json.loads(json.dumps(comparison_data(compare([*two(), a_run(alike="fail", version="154.0")]))))
    assert data["worse"] is True
    assert data["pairs"][0]["before"] == FIREFOX
    assert {"run": FIREFOX, "reason": "timeout", "scenarios": ["silent"]} in data["not_compared"]


def test_markdown_can_be_read_back() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(comparison_markdown(compare(two())))
    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings == ["Verdicts differ", "Variants differ", "The same answer, other traces"]


def test_hostile_runs_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    runs = [with_text(run, hostile) for run in two()]
    found = compare([*runs, with_text(a_run(alike="fail", version="154.0"), hostile)])
    assert found.worse
    assert found.verdicts
    assert found.traces
    assert harmless(text(found))
    assert harmless(comparison_markdown(found))
    html = MarkdownIt("commonmark").enable("table").render(comparison_markdown(found))
    assert "<b>" not in html
    assert "<a " not in html
