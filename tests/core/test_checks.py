"""Every check holds, fails, and where the trace cannot tell says so."""

from __future__ import annotations

import pytest

from portolan.conformance.checks.checks import (
    AnyCheck,
    Field,
    Finding,
    Pattern,
    Times,
    Values,
    all_of,
    any_of,
    at_least_once,
    at_most_once,
    different_fields,
    every,
    exactly_once,
    in_order,
    never,
    same_field,
    some,
)
from portolan.conformance.trace.recording import EventKey, Recording
from portolan.conformance.trace.values import ABSENT, tag

from .traces import BORN, disconnected, event, message, play

MESSAGE = Pattern("fire", "onMessage", port="port1")
END = Pattern("fire", "onDisconnect", port="port1")
PAGE = Pattern("fire", "onMessage", port="page.onConnect#1")

SILENT = play(BORN)
TWO = play(BORN, message("a"), message("b", 3))
ENDED = play(BORN, disconnected())
NO_PORT = play(event("background: throw tabs.connect on port1", value=tag("error", name="Error", message="no")))
NEVER = Pattern("fire", "onMessage", port="port9")
UNTOLD = in_order(MESSAGE, PAGE)
"""Whether port1 or the page heard first; CROSSED cannot tell."""
CROSSED = play(BORN, message("a"), event("page: fire onMessage on page.onConnect#1", 1, 1, value="b"))


def holds(check: AnyCheck, trace: Recording) -> bool | None:
    """What is found; with sentences that a person can use."""
    finding = check.judge(trace)
    assert finding.accepted
    assert finding.came
    assert "\n" not in finding.accepted + finding.came
    return finding.holds


@pytest.mark.parametrize(
    ("check", "none", "one", "two"),
    [
        (exactly_once(MESSAGE), False, True, False),
        (never(MESSAGE), True, False, False),
        (at_most_once(MESSAGE), True, True, False),
        (at_least_once(MESSAGE), False, True, True),
        (Times(MESSAGE, 2, 2), False, False, True),
        (Times(MESSAGE, 0, None), True, True, True),
    ],
)
def test_counting(check: Times, none: bool, one: bool, two: bool) -> None:
    assert [holds(check, SILENT), holds(check, play(BORN, message("a"))), holds(check, TWO)] == [none, one, two]


def test_a_port_that_never_was_is_neither_open_nor_silent() -> None:
    for check in (never(END), at_most_once(END), Values(MESSAGE)):
        assert holds(check, SILENT)
        assert not holds(check, NO_PORT)
        assert "port1 was never opened" in check.judge(NO_PORT).came
        assert not holds(check, play(event("background: return tabs.connect on port1", value=tag("undefined"))))
    assert holds(never(Pattern("fire", "onMessage", listener="page.onConnect")), NO_PORT)
    assert holds(never(Pattern("return", "postMessage", port="port1")), NO_PORT)


def test_counting_in_words() -> None:
    assert exactly_once(MESSAGE).judge(TWO) == Finding(
        False,
        "port1.onMessage fires exactly once",
        '2 times: background.2: port1.onMessage fires, with "a"; background.3: port1.onMessage fires, with "b"',
        (EventKey("background", 1, 2), EventKey("background", 1, 3)),
    )
    once = exactly_once(Pattern("fire", "onDisconnect", port="port1", error="something")).judge(ENDED)
    assert once.came == "never; background.3: port1.onDisconnect fires, error: null, lastError: null"
    assert exactly_once(MESSAGE).judge(SILENT).came == "never; no such event"
    accepted = [
        Times(MESSAGE, least, most).accepted.removeprefix("port1.onMessage ")
        for least, most in [(0, 0), (0, 1), (1, None), (2, None), (2, 3), (3, 3)]
    ]
    assert accepted == [
        "never fires",
        "fires at most once",
        "fires at least once",
        "fires at least 2 times",
        "fires 2 to 3 times",
        "fires exactly 3 times",
    ]
    many = play(BORN, *(message(n, n + 2) for n in range(9)))
    assert exactly_once(MESSAGE).judge(many).came.endswith("; and 5 more")


def test_values() -> None:
    check = Values(MESSAGE, ("a", "b"))
    assert holds(check, TWO)
    assert not holds(check, SILENT)
    assert not holds(check, play(BORN, message("a")))
    assert not holds(check, play(BORN, message("b"), message("a", 3)))
    assert not holds(check, play(BORN, message("a"), message("b", 3), message("c", 4)))
    assert holds(Values(MESSAGE), SILENT)
    assert not holds(Values(MESSAGE), TWO)
    assert check.judge(TWO).came == '["a", "b"]'
    assert check.accepted == 'port1.onMessage fires, with exactly these values: ["a", "b"]'


def test_values_are_not_told_by_a_placeholder_alone() -> None:
    check = Values(MESSAGE, ({"id": tag("id-of", extension="peer")},))
    assert holds(check, play(BORN, message({"id": "p@x"}), bindings={"id-of peer": "p@x"}))
    assert not holds(check, play(BORN, message({"id": "p@x"}), bindings={"id-of peer": "q@x"}))


def test_fields() -> None:
    born = Pattern("return", "tabs.connect", port="port1")
    assert holds(Field(born, "name", wanted=""), SILENT)
    assert not holds(Field(born, "name", wanted="x"), SILENT)
    assert holds(Field(born, "error", "absent"), SILENT)
    assert not holds(Field(born, "sender", "absent"), SILENT)
    assert not holds(Field(born, "name", wanted=""), play())
    assert holds(Field(MESSAGE, "value", "string"), TWO)
    assert not holds(Field(MESSAGE, "value", "string"), play(BORN, message("a"), message(1, 3)))
    assert Field(born, "name", wanted="x").judge(SILENT).accepted == 'name is "x" when tabs.connect() for port1 returns'
    assert Field(MESSAGE, "value", "integer").judge(TWO).came == '"a", "b"'


def test_a_field_whose_meaning_the_play_does_not_say() -> None:
    check = Field(MESSAGE, "value", wanted=tag("tab-of", document="page"))
    assert holds(check, play(BORN, message(7), bindings={"tab-of page": 7}))
    assert not holds(check, play(BORN, message(8), bindings={"tab-of page": 7}))
    assert holds(check, play(BORN, message(7))) is None
    assert holds(check, play(BORN, message(ABSENT))) is None


# ---- order


def test_a_field_in_several_events() -> None:
    one, other = Pattern("fire", "onMessage", value="a"), Pattern("fire", "onMessage", value="b")
    both = play(BORN, message("a"), message("b", 3))
    assert holds(same_field("value", one, one), both)
    assert holds(same_field("value", one, other), both) is False
    assert holds(different_fields("value", one, other), both)
    assert holds(different_fields("value", one, one), both) is False
    assert holds(different_fields("value", one, other), play(BORN, message("a"))) is False
    assert holds(same_field("value.name", one, other), both) is False, "what is absent in both is not the same"
    assert not same_field("value", one, other).negative


def test_order_in_one_incarnation() -> None:
    check = in_order(MESSAGE, END)
    assert holds(check, play(BORN, message("a"), disconnected()))
    assert not holds(check, play(BORN, disconnected(2), message("a", 3)))
    assert not holds(check, play(BORN, message("a")))
    assert not holds(in_order(MESSAGE, MESSAGE), TWO)
    assert (
        check.judge(play(BORN, message("a"))).came == 'background.2: port1.onMessage fires, with "a", and then nothing'
    )


def test_order_by_a_settle() -> None:
    heard = event("page: fire onMessage on page.onConnect#1", 1, 3, value="b")
    assert holds(UNTOLD, play(BORN, message("a"), heard))
    assert not holds(in_order(PAGE, MESSAGE), play(BORN, message("a"), heard))


def test_order_that_the_trace_cannot_tell() -> None:
    assert holds(UNTOLD, CROSSED) is None
    assert holds(in_order(PAGE, MESSAGE), CROSSED) is None
    other_life = play(BORN, message("a"), message("b", 1, incarnation=2))
    assert holds(in_order(Pattern(value="a"), Pattern(value="b")), other_life) is None


def test_the_order_of_arrival_proves_nothing() -> None:
    """Two listeners hear; that one's event arrived first does not make it the first."""
    first, second = event("page: fire onMessage on x", 1, 1), event("frame: fire onMessage on x", 1, 1)
    anybody = Pattern("fire", "onMessage", port="x")
    later = event("frame: fire onDisconnect on x", 2, 1)
    end = Pattern("fire", "onDisconnect")
    assert holds(in_order(anybody, end), play(first, second, later))
    assert holds(in_order(end, anybody), play(first, second, later)) is False
    assert (
        holds(
            in_order(anybody, end),
            play(first, event("frame: fire onDisconnect on x", 1, 1), event("frame: fire onMessage on x", 2, 1)),
        )
        is None
    )


def test_order_fails_where_one_pair_is_told_to_be_wrong() -> None:
    wrong = play(BORN, disconnected(2), message("a", 3), event("page: fire onMessage on page.onConnect#1", 1, 1))
    assert holds(in_order(MESSAGE, END, PAGE), wrong) is False


# ---- several


@pytest.mark.parametrize(
    ("parts", "both", "either"),
    [
        ([True, True], True, True),
        ([True, False], False, True),
        ([False, False], False, False),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None, None], None, None),
    ],
)
def test_several(parts: list[bool | None], both: bool | None, either: bool | None) -> None:
    by_finding: dict[bool | None, AnyCheck] = {True: at_least_once(MESSAGE), False: at_least_once(NEVER), None: UNTOLD}
    checks = [by_finding[part] for part in parts]
    for given in (checks, checks[::-1]):
        assert holds(all_of(*given), CROSSED) is both
        assert holds(any_of(*given), CROSSED) is either
    assert every(parts) is both
    assert some(parts) is either


def test_several_say_what_decides() -> None:
    finding = all_of(exactly_once(MESSAGE), never(END), at_least_once(NEVER)).judge(ENDED)
    assert (
        finding.accepted
        == "port1.onMessage fires exactly once and port1.onDisconnect never fires and port9.onMessage fires at least once"
    )
    assert finding.events == (EventKey("background", 1, 3),)
    good = any_of(at_least_once(NEVER), at_least_once(END)).judge(ENDED)
    assert good.accepted == "port1.onDisconnect fires at least once"


@pytest.mark.parametrize(
    ("check", "negative"),
    [
        (at_least_once(MESSAGE), False),
        (exactly_once(MESSAGE), True),
        (never(MESSAGE), True),
        (Values(MESSAGE, ("a",)), True),
        (all_of(at_least_once(MESSAGE), never(END)), True),
        (all_of(at_least_once(MESSAGE)), False),
        (any_of(at_least_once(MESSAGE), never(END)), True),
        (Field(MESSAGE, "value", "string"), True),
    ],
)
def test_what_only_a_settled_play_can_tell(check: AnyCheck, negative: bool) -> None:
    assert check.negative is negative


def test_patterns_of_checks() -> None:
    assert list(all_of(never(END), any_of(Values(MESSAGE), in_order(MESSAGE, PAGE))).patterns) == [
        END,
        MESSAGE,
        MESSAGE,
        PAGE,
    ]
    assert list(Field(PAGE, "value").patterns) == [PAGE]
