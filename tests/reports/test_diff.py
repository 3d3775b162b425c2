"""Before and after: run by run, scenario by scenario."""

from __future__ import annotations

import json
from collections.abc import Callable

from making import a_run, event, judged_play, with_text
from markdown_it import MarkdownIt

from portolan.reports.comparison.data import diff_data
from portolan.reports.comparison.diff import Diff, diff, diff_lines, diff_markdown
from portolan.reports.comparison.run_pairs import match
from portolan.reports.load import JudgedRun


def kinds(found: Diff) -> dict[str, str]:
    (one,) = found.pairs
    return {each.scenario: each.kind for each in one.changes}


def before() -> JudgedRun:
    return a_run(
        judged_play("pass", scenario="rewritten", digest="old"),
        judged_play("pass", event(1), scenario="quieter"),
        judged_play("not judged", event(1), scenario="unknown_today"),
        broken="pass",
        mended="fail",
        other="variant:a",
        steady="pass",
        dropped="pass",
        silent="crash",
    )


def after() -> JudgedRun:
    return a_run(
        judged_play("pass", scenario="rewritten", digest="new"),
        judged_play("pass", scenario="quieter"),
        judged_play("not judged", event(1), scenario="unknown_today"),
        broken="fail",
        mended="pass",
        other="variant:b",
        steady="pass",
        silent="timeout",
        added="pass",
        added_broken="fail",
    )


def test_every_kind() -> None:
    found = diff([before()], [after()])
    assert kinds(found) == {
        "rewritten": "incomparable",
        "quieter": "changed",
        "unknown_today": "same",
        "broken": "worse",
        "mended": "fixed",
        "other": "changed",
        "steady": "same",
        "dropped": "gone",
        "silent": "incomparable",
        "added": "new",
        "added_broken": "worse",
    }
    assert found.worse
    assert found.compared == 7


def test_causes() -> None:
    (one,) = diff([before()], [after()]).pairs
    causes = {each.scenario: each.cause for each in one.changes}
    assert causes["broken"] == "verdict"
    assert causes["other"] == "variant"
    assert causes["quieter"] == "trace"
    (quieter,) = [each for each in one.changes if each.scenario == "quieter"]
    assert quieter.partings[0].words("A", "B") == "fire onMessage: only in A"


def test_a_run_that_ended_early_lost_what_it_did_not_come_to() -> None:
    found = diff([a_run(one="pass", two="pass")], [a_run(one="pass", cut_off=True)])
    assert kinds(found) == {"one": "same", "two": "worse"}
    assert kinds(diff([a_run(one="pass", two="crash")], [a_run(one="pass", cut_off=True)]))["two"] == "gone"


def labels(pairs: tuple[tuple[JudgedRun, JudgedRun], ...]) -> list[str]:
    return [f"{one.label} > {other.label}" for one, other in pairs]


def test_counterparts() -> None:
    old = [a_run(version="140.0"), a_run(version="153.0"), a_run(family="chromium", version="150.0")]
    new = [a_run(family="chromium", version="156.0"), a_run(version="140.0"), a_run(version="154.0")]
    found = match(old, new)
    assert labels(found.pairs) == [
        "firefox 140.0 mv3 > firefox 140.0 mv3",
        "firefox 153.0 mv3 > firefox 154.0 mv3",
        "chromium 150.0 mv3 > chromium 156.0 mv3",
    ]
    assert found.alone == ()


def test_runs_without_a_counterpart_are_named() -> None:
    found = diff([a_run(version="140.0"), a_run(version="141.0")], [a_run(version="153.0"), a_run(manifest=2)])
    assert found.pairs == ()
    assert found.compared == 0
    assert [sentence for _, sentence in found.alone] == [
        "firefox 140.0 mv3 (firefox-140.0.jsonl) is only in the older runs",
        "firefox 141.0 mv3 (firefox-141.0.jsonl) is only in the older runs",
        "firefox 153.0 mv3 (firefox-153.0.jsonl) is only in the newer runs",
        "firefox 153.0 mv2 (firefox-153.0.jsonl) is only in the newer runs",
    ]


def test_in_words() -> None:
    said = "\n".join(diff_lines(diff([before()], [after()])))
    assert said.startswith(
        "firefox 153.0 mv3, before and after: 2 worse, 1 fixed, 2 changed, 1 new, 1 gone, 2 not comparable, 2 same\n"
        "  Worse:\n    - broken: pass → fail (a check fails)\n    - added_broken: – → fail (new, and a check fails)\n"
    )
    assert "    - quieter: pass (another trace)\n        fire onMessage: only in the older (page, by step 2)\n" in said
    assert "    - rewritten: pass (its steps are not the same in both runs)" in said
    assert "firefox 1 mv3 → firefox 2 mv3: nothing was played" in "\n".join(
        diff_lines(diff([a_run(version="1")], [a_run(version="2")]))
    )


def test_markdown_can_be_read_back() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(diff_markdown(diff([before()], [after()])))
    cells = [token.content for token in tokens if token.type == "inline"]
    assert cells[7:12] == ["Worse", "`broken`", "pass", "fail", "a check fails"]


def test_as_data() -> None:
    data = json.loads(json.dumps(diff_data(diff([before()], [after(), a_run(manifest=2)]))))
    assert data["pairs"][0]["worse"] is True
    assert data["pairs"][0]["before"]["version"] == "153.0"
    assert data["alone"][0]["run"]["manifest"] == 2


def test_hostile_runs_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    found = diff([with_text(before(), hostile)], [with_text(after(), hostile), with_text(a_run(manifest=2), hostile)])
    assert found.worse
    assert harmless("\n".join(diff_lines(found)))
    assert harmless(diff_markdown(found))
    html = MarkdownIt("commonmark").enable("table").render(diff_markdown(found))
    assert "<b>" not in html
    assert "<a " not in html
