"""In which versions behaviour changed: between two that were played, with gaps as gaps."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from making import a_run, event, judged_play, with_text
from markdown_it import MarkdownIt

from portolan.reports.comparison.data import history_data
from portolan.reports.comparison.history import Line, history, history_lines, history_markdown, when
from portolan.reports.load import JudgedRun
from portolan.reports.versions import short_versions, version_key


def of(*verdicts: str | None, **more: bool) -> Line:
    """The history of one scenario in versions 115.0, 140.12, 153.7, 159.0 of one browser; None: not played."""
    versions = ("115.0", "140.12", "153.7", "159.0")
    runs = [
        a_run(*([] if verdict is None else [judged_play(verdict)]), version=version)
        for version, verdict in zip(versions, verdicts, strict=False)
    ]
    (line,) = history(reversed(runs))
    return line


def changes(line: Line) -> list[str]:
    return [f"{when(change)}: {change.before} → {change.now}" for story in line.stories for change in story.changes]


def test_a_change_lies_between_two_versions() -> None:
    line = of("variant:dies", "variant:dies", "variant:lives")
    assert line.versions == ("115", "140", "153")
    assert changes(line) == ["after 140, by 153: dies → lives"]


def test_there_and_back() -> None:
    assert changes(of("pass", "fail", "pass")) == ["after 115, by 140: pass → fail", "after 140, by 153: fail → pass"]
    assert changes(of("pass", "pass", "pass")) == []


@pytest.mark.parametrize(
    ("verdict", "why"),
    [("timeout", "timeout"), ("crash", "crash"), ("inconclusive", "inconclusive"), (None, "not played"), ("not judged", "not judged")],
)  # fmt: skip
def test_gaps_are_gaps(verdict: str | None, why: str) -> None:
    line = of("pass", "pass", verdict, "fail")
    assert changes(line) == ["after 140, by 159 (153: not known): pass → fail"]
    assert line.gaps == {("153", why): ["one"]}
    assert changes(of("pass", "pass", verdict, "pass")) == []
    assert changes(of(verdict, "pass")) == []


def test_a_run_that_was_cut_off_says_nothing() -> None:
    runs = [
        a_run(one="pass", version="1"),
        a_run(one="fail", version="2", cut_off=True),
        a_run(one="fail", version="3"),
    ]
    (line,) = history(runs)
    assert changes(line) == ["after 1, by 3 (2: not known): pass → fail"]
    assert line.gaps == {("2", "the run was cut off"): ["one"]}
    again = a_run(one="fail", version="2")
    (line,) = history([*runs, again])
    assert changes(line) == ["after 1, by 2: pass → fail"], "another run of that version came to its end"


def test_repeats_that_differ_are_a_behaviour_of_their_own() -> None:
    runs = [a_run(one="pass", version="1"), a_run(judged_play("pass"), judged_play("fail"), version="2")]
    assert changes(history(runs)[0]) == ["after 1, by 2: pass → fail or pass"]


def test_families_and_manifests_have_their_own() -> None:
    runs = [
        a_run(one="pass", family=family, manifest=manifest) for family in ("firefox", "chromium") for manifest in (3, 2)
    ]
    assert [line.label for line in history(runs)] == ["chromium mv2", "chromium mv3", "firefox mv2", "firefox mv3"]
    assert all("Only one version" in "\n".join(history_lines([line])) for line in history(runs))


def of_traces(*values: object) -> list[JudgedRun]:
    """Versions 1, 2, … whose one play passes, and has seen this value; None: the play timed out."""
    return [
        a_run(judged_play("timeout" if value is None else "pass", event(1, value=value)), version=str(number))
        for number, value in enumerate(values, 1)
    ]


def test_traces_are_told_where_they_are_asked_for() -> None:
    assert history(of_traces("a", "b"))[0].traces == ()
    (line,) = history(of_traces("a", "a", None, "b"), traces=True)
    assert line.changed == []
    (change,) = line.traces
    assert (when(change), change.what) == ("after 2, by 4 (3: not known)", "fire onMessage value: another value")
    assert change.scenarios == ("one",)
    assert (change.example.left, change.example.right) == ('fire onMessage: value "a"', 'fire onMessage: value "b"')
    said = "\n".join(history_lines([line]))
    assert "The same behaviour, other traces:\n    after 2, by 4 (3: not known): fire onMessage value: another" in said
    assert "| the same behaviour, other traces |" in history_markdown([line])
    assert history_data([line])[0]["traces"][0]["by"] == "4"


def test_where_the_behaviour_changed_traces_are_not_told_too() -> None:
    runs = [a_run(judged_play("pass", event(1)), version="1"), a_run(judged_play("fail"), version="2")]
    assert history(runs, traces=True)[0].traces == ()


def test_in_words() -> None:
    told = [of("pass", "fail", "timeout", "fail")]
    assert "\n".join(history_lines(told)) == (
        "firefox mv3: 115, 140, 153, 159\n"
        "  after 115, by 140: pass → fail\n"
        "    - one\n"
        "  not known:\n"
        "    153, timeout: one\n"
    )
    assert "not known" not in "\n".join(history_lines(told, gaps=False))
    assert "No change is known." in "\n".join(history_lines([of("pass", "pass")]))


def test_markdown_can_be_read_back() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(history_markdown([of("pass", "fail", "timeout", "fail")]))
    cells = [token.content for token in tokens if token.type == "inline"]
    assert cells[1:7] == ["scenario", "115", "140", "153", "159", "changed"]
    assert cells[7:13] == ["`one`", "pass", "fail", "(not known: timeout)", "fail", "after 115, by 140"]


def test_as_data() -> None:
    (line,) = json.loads(json.dumps(history_data([of("pass", "timeout", "fail")])))
    assert line["versions"] == ["115", "140", "153"]
    (story,) = line["scenarios"]
    assert story["points"][1] == {"version": "140", "behaviour": "", "why_not": "timeout"}
    assert story["changes"] == [{"after": "115", "by": "153", "before": "pass", "now": "fail", "gap": ["140"]}]


def test_versions_in_order() -> None:
    ordered = ("", "9", "115.0", "153.7.0", "153.7.0esr", "155.0a1", "155.0b2", "155.0", "156.0.8078.79")
    shuffled = ordered[::-1]
    assert tuple(sorted(shuffled, key=version_key)) == ordered


def test_versions_are_shortened_as_far_as_they_differ() -> None:
    assert short_versions(["140.12.0", "153.7.0", "153.8.0", "120.0.6099.1"]) == {
        "140.12.0": "140",
        "153.7.0": "153.7",
        "153.8.0": "153.8",
        "120.0.6099.1": "120",
    }
    assert short_versions(["153"]) == {"153": "153"}


def test_hostile_runs_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    made = [*of_traces("a", "b"), a_run(one="fail", version="3"), a_run(one="timeout", version="4")]
    runs = [with_text(run, hostile) for run in made]
    told = history(runs, traces=True)
    assert told[0].traces
    assert told[0].changed
    assert harmless("\n".join(history_lines(told)))
    html = MarkdownIt("commonmark").enable("table").render(history_markdown(told))
    assert harmless(history_markdown(told))
    assert "<b>" not in html
    assert "<a " not in html
