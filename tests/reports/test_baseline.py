"""Runs held against a baseline."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from making import STEPS, a_run, judged_play, with_text

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.steps import Cast
from portolan.reports.comparison.baseline import Held, held_code, held_data, held_lines, held_markdown, hold_against
from portolan.reports.load import JudgedRun

TODAY = {name: Scenario(name, name, "topic", (), Cast(), STEPS) for name in ("one", "two", "three")}
DIGEST = TODAY["one"].digest


def run(**verdicts: str) -> JudgedRun:
    return a_run(*(judged_play(verdict, scenario=name, digest=DIGEST) for name, verdict in verdicts.items()))


def hold(before: list[JudgedRun], after: list[JudgedRun], *chosen: str) -> Held:
    return hold_against(before, after, TODAY, chosen or tuple(TODAY))


def names(found: tuple[tuple[str, object], ...]) -> list[str]:
    return [each.scenario for _, each in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [("pass", "fail", 1), ("fail", "fail", 0), ("fail", "pass", 0), ("crash", "crash", 0), ("pass", "crash", 1), ("crash", "fail", 1)],
)  # fmt: skip
def test_only_what_is_worse_counts(before: str, after: str, code: int) -> None:
    now = [run(one=after)]
    assert held_code(hold([run(one=before)], now), now) == code


def test_what_got_better_is_told_and_stale() -> None:
    held = hold([run(one="fail", two="pass")], [run(one="pass", two="pass")])
    assert names(held.better) == ["one"]
    assert held.stale == ("one in firefox 153.0 mv3: the baseline has fail, it is pass now",)


def test_stale_entries_are_named() -> None:
    old = a_run(
        judged_play("fail", scenario="renamed"), judged_play("fail", scenario="two", digest="old"), version="153.0"
    )
    now = [run(two="fail")]
    held = hold([old], now)
    assert held.stale == (
        "renamed in firefox 153.0 mv3: there is no such scenario today",
        "two in firefox 153.0 mv3: it has other steps today",
    )
    assert names(held.worse) == ["two"], "the fail of other steps excuses nothing"
    assert held_code(held, now) == 1


def test_what_was_not_chosen_is_not_missed() -> None:
    ended = JudgedRun(msgspec.structs.replace(run(one="pass").run, footer=None), run(one="pass").plays)
    assert not hold([run(one="pass", two="pass")], [run(one="pass")], "one").worse
    assert names(hold([run(one="pass", two="pass")], [ended], "one", "two").worse) == ["two"]
    assert held_code(hold([run(one="pass")], [ended], "one"), [ended]) == 3


def test_new_scenarios_and_new_browsers_stand_for_themselves() -> None:
    now = [run(one="pass", two="fail"), a_run(one="fail", two="pass", family="chromium")]
    held = hold([run(one="pass")], now)
    assert [(label, each.scenario) for label, each in held.worse] == [
        ("firefox 153.0 mv3", "two"),
        ("chromium 153.0 mv3", "one"),
    ]
    assert held.alone == ("the baseline has no run like chromium 153.0 mv3: it stands for itself",)


def test_in_words() -> None:
    said = "\n".join(held_lines(hold([run(one="fail", two="pass")], [run(one="pass", two="fail")])))
    assert "Worse than the baseline:\n  - in firefox 153.0 mv3: two: pass → fail (a check fails)\n" in said
    assert "Better than the baseline:\n  - in firefox 153.0 mv3: one: fail → pass (all as expected)\n" in said
    assert "Stale in the baseline (record it anew):\n" in said
    assert "\n".join(held_lines(hold([run(one="fail")], [run(one="fail")]))) == "Nothing is worse than the baseline."


def test_other_forms() -> None:
    held = hold([run(one="fail", two="pass")], [run(one="pass", two="fail")])
    assert "| worse | firefox 153.0 mv3 | `two` | pass | fail | a check fails |" in held_markdown(held)
    assert "Nothing is worse" in held_markdown(hold([run(one="pass")], [run(one="pass")]))
    data = json.loads(json.dumps(held_data(held)))
    assert [each["scenario"] for each in data["worse"]] == ["two"]
    assert [each["scenario"] for each in data["better"]] == ["one"]


def test_hostile_runs_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    before, after = with_text(run(one="fail"), hostile), with_text(run(one="pass", two="fail"), hostile)
    held = hold_against([before], [after, with_text(a_run(one="fail", manifest=2), hostile)], {}, ["one" + hostile])
    assert held.worse
    assert held.better
    assert held.stale
    assert harmless("\n".join(held_lines(held)))
    assert harmless(held_markdown(held))
