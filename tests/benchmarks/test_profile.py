"""Where the time goes: from what was noted to what is shown."""

import io

import pytest
from rich.console import Console

from benchmarks import show
from benchmarks.probes import Arrival, rate
from benchmarks.profiling import CAME, Taken, profile_of, totals, words_for
from portolan.conformance.trace import steps as s


def taken(opening, settling):
    return Taken(
        parts={"begin": 5, "1. OpenPage page": opening, "2. Settle": settling},
        waits={
            "1. OpenPage page": {
                "observer: openTab": [10],
                "until page to load": [opening - 11],
                f"{CAME}hello of page": [opening - 20],
            },
            "2. Settle": {"barrier round": [settling / 2, settling / 2], "page: task": [0.01]},
        },
    )


@pytest.fixture
def profile():
    return profile_of("chromium", "one", [taken(70, 20), taken(80, 10), taken(75, 15)])


def text_of(table):
    console = Console(file=io.StringIO(), width=180)
    console.print(table)
    return console.file.getvalue()


def test_parts_keep_their_order_and_have_shares(profile):
    assert [part.name for part in profile.parts] == ["begin", "1. OpenPage page", "2. Settle"]
    assert [part.took.median for part in profile.parts] == [5, 75, 15]
    assert profile.whole.median == 95
    assert profile.parts[1].share == pytest.approx(75 / 95)


def test_waits_are_summed_over_their_times_the_dearest_first(profile):
    (rounds, _) = profile.parts[2].waits
    assert (rounds.what, rounds.times, rounds.took.median) == ("barrier round", 2, 15)
    assert [wait.what for wait in profile.parts[1].waits] == [
        "until page to load",
        f"{CAME}hello of page",
        "observer: openTab",
    ]


def test_a_part_that_was_missing_once_counts_as_nothing_there():
    profile = profile_of("firefox", "one", [Taken({"begin": 5, "end": 9}), Taken({"begin": 5}), Taken({"begin": 5})])

    assert profile.parts[1].took.median == 0


def test_the_table_leaves_out_what_took_no_time(profile):
    shown = text_of(show.profile_table(profile))

    assert "chromium: one, 95.0 ms" in shown
    assert "barrier round" in shown
    assert "page: task" not in shown


def test_totals_are_by_kind_of_step(profile):
    (opening, settling, begin) = totals([profile, profile])

    assert (opening.kind, opening.took) == ("OpenPage", 150)
    assert opening.waits == {"until …": 128, "observer: openTab": 20}
    assert settling.waits["an actor: task"] == pytest.approx(0.02)
    assert begin.share == pytest.approx(10 / 190)


def test_the_table_of_totals_is_for_one_play(profile):
    shown = text_of(show.total_table("chromium", [profile, profile]))

    assert "chromium: where the time of 2 scenarios" in shown
    assert "75.0" in shown
    assert "79%" in shown


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (s.Settle(), "Settle"),
        (s.OpenPage("page"), "OpenPage page"),
        (s.Task("background", (s.Post("p"), s.Post("p"), s.Disconnect("p"))), "Task of background: post, disconnect"),
        (s.StopBackground("peer"), "StopBackground peer"),
        (s.AddFrame("page", s.Frame("page.frame1")), "AddFrame page"),
    ],
)
def test_steps_have_words(step, words):
    assert words_for(step) == words


def test_the_rate_is_until_the_last_event_of_its_kind_has_arrived():
    arrivals = [Arrival(1.0, "postMessage", 2000), Arrival(1.5, "onMessage", 1), Arrival(3.0, "onMessage", 9)]
    arrivals.append(Arrival(9.0, "onDisconnect", 1))

    assert rate(arrivals, "onMessage", since=1.0) == 5
