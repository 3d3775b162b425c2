"""The sequence chart: what it shows, that it fits, and that nothing in it does harm."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec
import pytest
from rich.cells import cell_len

from portolan.conformance.language.discovery import suite
from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.steps import Cast, OpenPage, Post, Settle, Task
from portolan.conformance.trace.values import tag
from portolan.reports.text.chart import PROOF, Line, chart
from portolan.runners.fake import FakeBrowser

WIDTHS = (20, 40, 80, 120, 250)


def text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def play_of(*events: Event, steps: tuple[object, ...] = (Settle(),), **more: object) -> Recording:
    return Recording("hand_made", "", Cast(), steps, events=events, **more)  # type: ignore[arg-type]


def event(
    actor: str, counter: int, phase: str, operation: str, incarnation: int = 1, step: int = 0, **more: object
) -> Event:
    fields = {
        "actor": actor,
        "incarnation": incarnation,
        "counter": counter,
        "step": step,
        "phase": phase,
        "operation": operation,
    }
    return msgspec.convert({**fields, **more}, Event)


@pytest.mark.parametrize("width", [80, 150])
def test_a_play_looks_like_this(width: int, played: Callable[..., Recording], snapshot: object) -> None:
    assert text(chart(played("a_lifetime"), width)) == snapshot


def test_a_play_that_went_wrong_looks_like_this(played: Callable[..., Recording], snapshot: object) -> None:
    play = msgspec.structs.replace(played("a_greeting"), outcome="timeout", reason="step 3: waited for page")
    assert text(chart(play)) == snapshot


@cache
def plays_of_the_suite(family: str) -> list[Recording]:
    browser = FakeBrowser(family)  # type: ignore[arg-type]
    browser.start()
    return [browser.play(scenario) for scenario in suite()]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("family", ["firefox", "chromium"])
def test_every_scenario_fits(family: str, width: int) -> None:
    for play in plays_of_the_suite(family):
        for line in chart(play, width, everything=True):
            assert cell_len(line.text) <= width, (play.scenario, line)


def test_where_no_life_lines_fit_each_row_names_its_actor() -> None:
    browser = FakeBrowser()
    browser.start()
    scenario = next(each for each in suite() if each.name == "two_hundred_frames_receive_one_port")
    head, *rows = chart(browser.play(scenario), 80)
    assert head.text.endswith(" actors")
    assert any(row.text.startswith("← page.frame7: runtime.onConnect") for row in rows)


def test_every_event_is_told_once(played: Callable[..., Recording]) -> None:
    play = played("a_greeting")
    told = text(chart(play, 100))
    assert told.count("port1.postMessage") == 1, "a call and its return are one row"
    assert told.count('onConnect#1.onMessage: "hello"') == 1
    assert "= port1" in told
    assert 'named "greeting"' in told


def test_a_call_that_threw_and_an_error_stand_out() -> None:
    error = tag("error", name="Error", message="it is closed")
    lines = chart(
        play_of(
            event("a", 1, "call", "postMessage", port="p", value=[1]),
            event("a", 2, "throw", "postMessage", port="p", value=error),
            event("a", 3, "fire", "onDisconnect", port="p", listener="p.onDisconnect", error=error, last_error=None),
            event("a", 4, "fire", "onDisconnect", port="p", listener="p.onDisconnect.again", error=None),
        )
    )
    shown = {line.text: line.kind for line in lines}
    assert shown['✗ p.postMessage(1) threw Error("it is closed")'] == "error"
    assert shown['← p.onDisconnect, port.error Error("it is closed")'] == "error"
    assert shown["← p.onDisconnect (again), without an error"] == "event"


def test_calls_that_never_came_back_and_returns_of_their_own() -> None:
    told = text(
        chart(
            play_of(
                event("a", 1, "call", "runtime.connect", port="p", value=["x"]),
                event("b", 1, "return", "disconnect", port="q", value=tag("undefined")),
                event("b", 2, "throw", "disconnect", port="q", value=tag("error", name="TypeError", message="no")),
                event("b", 3, "note", "error", port="q", value=tag("absent")),
                event("b", 4, "note", "started", value=["--x"]),
                event("b", 5, "fire", "end-of-input"),
                event("b", 6, "call", "crash"),
            ),
            100,
        )
    )
    for words in (
        '→ runtime.connect("x")',
        "→ q.disconnect() returned undefined",
        '✗ q.disconnect() threw TypeError("no")',
        "· q.error is absent",
        '· started ["--x"]',
        "← end-of-input",
        "→ crash()",
    ):
        assert words in told


def test_lives_are_marked() -> None:
    told = text(chart(play_of(event("worker", 1, "note", "first"), event("worker", 1, "note", "second", 2))))
    assert told.index("· first") < told.index("life 2 of worker") < told.index("· second")


def test_an_incarnations_own_order_is_kept_whatever_the_clocks_say() -> None:
    told = text(
        chart(
            play_of(
                event("a", 2, "note", "second", time=1),
                event("a", 1, "note", "first", time=9),
                event("b", 1, "note", "between", time=5),
            ),
            100,
        )
    )
    assert told.index("first") < told.index("second")


def test_very_many_events_of_a_kind_are_cut_short_unless_all_are_wanted() -> None:
    events = [event("a", n, "fire", "onMessage", port="p", listener="p.onMessage", value=n) for n in range(1, 101)]
    short, whole = text(chart(play_of(*events))), text(chart(play_of(*events), everything=True))
    assert "… 93 more of p.onMessage" in short
    assert short.count("onMessage") == 8
    assert short.rstrip().splitlines()[-2].endswith("onMessage: 100")
    assert whole.count("onMessage") == 100


def test_proof_is_marked(played: Callable[..., Recording]) -> None:
    play = played("a_greeting")
    lines = chart(play, 100, proof=[event.key for event in play.events if event.operation == "onMessage"])
    assert [line.kind for line in lines if line.text.endswith(PROOF)] == ["proof"]


def test_many_actors_stand_on_a_staircase() -> None:
    names = [f"a_rather_long_name_{n}" for n in range(12)]
    lines = chart(play_of(*(event(name, 1, "note", "x") for name in names)), 80)
    assert [line.text.lstrip("│ ") for line in lines[:12]] == names
    assert all(cell_len(line.text) <= 80 for line in lines)


def test_a_play_without_steps_or_events_can_be_drawn() -> None:
    assert (
        text(chart(play_of(steps=(), outcome="not-run", reason="no browser"))).strip()
        == "not-run after 0 ms: no browser"
    )


def test_events_after_the_last_step_are_not_lost() -> None:
    assert "· late" in text(chart(play_of(event("a", 1, "note", "late", step=99))))


def test_hostile_text_is_harmless_and_bounded(hostile: str, harmless: Callable[[str], bool]) -> None:
    huge = "w\u0301\u4e16" * 400_000
    play = play_of(
        event(hostile, 1, "fire", "runtime.onConnect", port=hostile, value={"name": hostile, hostile: hostile}),
        event(hostile, 2, "fire", "onMessage", port=huge, listener=hostile, value=huge),
        event(huge, 1, "call", huge, port=huge, value=[huge, hostile]),
        event(
            hostile,
            3,
            "fire",
            "onDisconnect",
            port=hostile,
            error={"message": hostile},
            last_error=tag("error", name=hostile, message=huge),
        ),
        event(
            hostile, 4, "note", hostile, value=tag("instance", **{"class": hostile, "properties": {"message": hostile}})
        ),
        steps=(OpenPage(hostile), Task(huge, (Post(hostile, (huge,)),)), Settle()),
        outcome="crash",
        reason=hostile,
        lacking=huge,
    )
    for width in WIDTHS:
        lines = chart(play, width)
        assert harmless(text(lines))
        assert all(cell_len(line.text) <= width for line in lines)
        assert len(text(lines)) < 50_000
