"""What the report draws: the same trace once, whatever clocks say, and where two traces part."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from portolan.conformance.trace.recording import Recording
from portolan.reports.html.traces import differences, traces_of
from portolan.reports.load import JudgedPlay, JudgedRun


def again(each: JudgedPlay, time: Callable[[float], float]) -> JudgedPlay:
    """The same play, by other clocks."""
    events = tuple(msgspec.structs.replace(event, time=time(event.time)) for event in each.play.events)
    return msgspec.structs.replace(each, play=msgspec.structs.replace(each.play, events=events))


def test_clocks_make_no_other_trace(judged: Callable[..., JudgedRun]) -> None:
    for each in judged("firefox").plays:
        traces, numbers = traces_of([(0, each), (1, again(each, lambda time: 1000 - time))])
        assert len(traces) == 1
        assert numbers == {0: 1, 1: 1}
        assert traces[0].columns == (0, 1)


def test_two_traces_part_where_one_does_something_else(judged: Callable[..., JudgedRun]) -> None:
    plays = [(0, judged("firefox").of("a_lifetime")[0]), (1, judged("chromium").of("a_lifetime")[0])]
    traces, _ = traces_of(plays)
    assert len(traces) == 2
    parted = {(left, right): row for left, right, row in differences(traces)}
    longer = next(trace for trace in traces if any("onDisconnect" in row.words for row in trace.rows))
    other = next(trace.number for trace in traces if trace is not longer)
    row = parted[longer.number, other]
    assert row is not None
    assert "onDisconnect" in longer.rows[row].words


def test_a_message_is_drawn_from_its_call_to_its_event(played: Callable[..., Recording]) -> None:
    play = played("a_greeting")
    (trace,), _ = traces_of([(0, JudgedPlay(play, None, "expected"))])
    words = [(trace.rows[link.start].words, trace.rows[link.end].words, link.kind) for link in trace.links]
    assert [kind for *_, kind in words] == ["connect", "message"]
    assert "postMessage" in words[1][0]
    assert "onMessage" in words[1][1]
    assert {row.port for row in trace.rows} == {1}
