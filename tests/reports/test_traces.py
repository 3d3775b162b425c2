"""The normal form of a trace, and where two traces part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from making import event, play

from portolan.conformance.trace.recording import Event, Recording
from portolan.reports.comparison.traces import Parting, normal, partings

SENDER = {
    "id": "ohcbaeamjeahfngcabkllmdfkmabnhjb",
    "url": "http://127.0.0.1:41325/0/page?play=p4&document=page",
    "tab": {"id": 6, "status": "complete"},
    "frameId": 15032385537,
    "documentId": "aaca45c9-9d04-a482-e563-9ea317a1f4bc",
    "origin": "http://127.0.0.1:41325",
}
AGAIN = {
    "id": "dccloppphalokagppokcnkibjohjpmgo",
    "url": "http://127.0.0.1:9/1/page?play=p81&document=page",
    "tab": {"id": 8, "status": "loading", "index": 3},
    "frameId": 4,
    "documentId": "97bb242f-7f26-7e65-e7ff-547513d2dd13",
    "origin": "http://127.0.0.1:9",
}


def connect(**sender: Any) -> Event:
    return event(1, "runtime.onConnect", value={"name": "x", "sender": {**SENDER, **sender}, "error": None}, time=5)


def looked(counter: int, sender: dict[str, Any]) -> Event:
    return event(counter, "sender", "note", value=sender)


def causes(left: Recording, right: Recording) -> list[str]:
    return [parting.words("A", "B") for parting in partings(left, right)]


def test_what_is_another_at_every_play_is_taken_out() -> None:
    left = play(connect(), event(2, value="http://127.0.0.1:80/0/x?hold=p4-page"), looked(3, SENDER))
    right = play(connect(**AGAIN), event(7, value="http://127.0.0.1:81/0/x?hold=p81-page", time=900), looked(9, AGAIN))
    assert normal(left) == normal(right)
    assert partings(left, right) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"documentLifecycle": "active"}, "value.sender.documentLifecycle: only in B"),
        ({"origin": "null"}, "value.sender.origin: another value"),
        ({"frameId": 0}, "value.sender.frameId: another value"),
        ({"url": "http://127.0.0.1:41325/0/page?play=p4&document=other"}, "value.sender.url: another value"),
    ],
)
def test_what_a_sender_says_is_kept(change: dict[str, Any], said: str) -> None:
    assert causes(play(connect()), play(connect(**change))) == [f"fire runtime.onConnect {said}"]


def test_events_that_only_one_has() -> None:
    left = play(event(1, "onDisconnect", listener="port1.onDisconnect", error=None), event(2, value="hi"))
    (parting,) = partings(left, play(event(1, value="hi")))
    assert parting == Parting(
        (("fire onDisconnect", "only left"),),
        "page",
        1,
        "fire onDisconnect of port1.onDisconnect: error null",
        "nothing",
    )
    assert causes(play(event(1, value="hi")), left) == ["fire onDisconnect: only in B"]


def test_the_order_of_one_actor_counts_and_that_of_two_does_not() -> None:
    one, other = event(1, "onMessage"), event(2, "onDisconnect")
    turned = [event(1, "onDisconnect"), event(2, "onMessage")]
    (cause,) = causes(play(one, other), play(*turned))
    assert cause.endswith(": in another order or step")
    assert causes(play(one), play(event(1, step=1))) == [], "one settle closes both steps"
    elsewhere = event(1, "onMessage", actor="background")
    assert causes(play(event(1), elsewhere), play(elsewhere, event(1))) == []


def test_true_is_not_one_and_undefined_is_not_null() -> None:
    assert causes(play(event(1, value=True)), play(event(1, value=1))) == ["fire onMessage value: another value"]
    undefined = {"$": "undefined"}
    (parting,) = partings(play(event(1, value=None)), play(event(1, value=undefined)))
    assert (parting.left, parting.right) == ("fire onMessage: value null", "fire onMessage: value undefined")


def test_what_was_called_with_is_the_scenarios() -> None:
    assert (
        causes(play(event(1, "tabs.connect", "call", value=[2])), play(event(1, "tabs.connect", "call", value=[9])))
        == []
    )
    assert causes(play(event(1, "x", "return", value=2)), play(event(1, "x", "return", value=9)))


def test_each_cause_is_told_once_the_earliest_first() -> None:
    left = play(*(event(number, value="a") for number in range(1, 9)))
    right = play(*(event(number, value="b") for number in range(1, 9)))
    assert causes(left, right) == ["fire onMessage value: another value"]


def test_two_plays_of_one_browser_are_alike(played: Callable[..., Recording]) -> None:
    for name in ("a_greeting", "a_lifetime"):
        assert partings(played(name), played(name, repeat=2)) == []
    assert causes(played("a_lifetime"), played("a_lifetime", "chromium"))


def test_very_many_events() -> None:
    many = [event(number, value=number) for number in range(1, 20_001)]
    assert causes(play(*many), play(*many[:-1])) == ["fire onMessage: only in A"]
    other = [event(number, "onDisconnect") for number in range(1, 20_001)]
    assert causes(play(*many), play(*other)) == ["fire onMessage: only in A; fire onDisconnect: only in B"]
    mixed = [*many[:10], event(11, "onDisconnect"), *(event(n + 1, value=n) for n in range(11, 16))]
    assert causes(play(*many[:15]), play(*mixed)) == ["fire onDisconnect: only in B"]


def test_a_step_that_no_play_has() -> None:
    for step in (-5, 99):
        assert causes(play(event(1, step=step)), play(event(1, step=step))) == []


def test_very_deep_values() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert causes(play(event(1, value=deep)), play(event(1, value=deep))) == []
    assert causes(play(event(1, value=deep)), play(event(1, value=[deep, 1]))) == [
        "fire onMessage value: another value"
    ]


def test_hostile_traces_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    left = play(event(1, hostile, actor=hostile, listener=hostile, value={hostile: [hostile] * 100}))
    right = play(event(1, hostile, actor=hostile, listener=hostile, value={hostile: "x" * 10_000_000}))
    found = partings(left, right)
    assert found
    for parting in found:
        for text in (parting.words("A", "B"), parting.actor, parting.left, parting.right):
            assert harmless(text)
            assert len(text) < 2000
