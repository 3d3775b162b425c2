"""A scenario that is nonsense is named before any browser starts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from portolan.conformance.checks.checks import Field, Pattern, Times, all_of, any_of, exactly_once, in_order, never
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import Actor, Document
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.ports import ConnectListener, OpenedPort, ReceivedPort
from portolan.conformance.trace.steps import Connect, Task
from portolan.conformance.trace.values import tag

from .writing import ANYONE, written


def refused(write: Callable[[Play], object], said: str) -> None:
    """The scenario is refused, in these words."""
    with pytest.raises(ScenarioError, match=re.escape(said)):
        written(write)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            {"id": ["*"]},
            "externally_connectable has no property 'id'; did you mean 'ids'?; accepted: ids, matches",
        ),
        ({"matches": ["there"]}, "externally_connectable matches the site 'there'; accepted: same-site and cross-site"),
    ],
)
def test_who_may_connect_from_outside(key: Any, said: str) -> None:
    refused(lambda play: play.peer().update(externally_connectable=key), f"hand_made: {said}")


def test_an_answer_that_cannot_be_sent() -> None:
    refused(
        lambda play: play.background().listen_for_messages(answer=tag("absent")),
        "a value cannot be of the kind 'absent'",
    )


# ---- who is there


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (
            lambda play: Actor(play._script, "ghost").connect(),
            "step 1 is for 'ghost', which does not exist at that point; there are no actors",
        ),
        (
            lambda play: Actor(play._script, "page.script").connect(),
            "step 1 is for 'page.script', which does not exist at that point",
        ),
        (
            lambda play: play.extension_page().script.connect(),
            "step 2 is for 'extension_page.script', which does not exist at that point; there are extension_page",
        ),
        (
            lambda play: Actor(play._script, f"{play.page().name}.peer.script").connect(),
            "step 2 is for 'page.peer.script'",
        ),
        (lambda play: play.require_api(Actor(play._script, "ghost"), "runtime"), "step 1 is for 'ghost'"),
        (lambda play: Document(play._script, "ghost").add_frame(), "step 1 is for 'ghost'"),
        (lambda play: Document(play._script, "ghost").close(), "step 1 is for 'ghost'"),
        (lambda play: Document(play._script, "ghost").navigate(), "step 1 is for 'ghost'"),
    ],
)
def test_an_actor_who_is_not_there(write: Callable[[Play], object], said: str) -> None:
    refused(write, f"hand_made: {said}")


def closed(play: Play, page: Document) -> Document:
    """The page, closed."""
    page.close()
    return page


def test_documents_that_have_gone() -> None:
    refused(
        lambda play: closed(play, play.page()).connect(), "step 3 is for 'page', which does not exist at that point"
    )
    refused(
        lambda play: closed(play, play.page(frames=1)).frames[0].connect(),
        "step 3 is for 'page.frame1', which does not exist at that point",
    )
    refused(
        lambda play: closed(play, play.page()).script.connect(),
        "step 3 is for 'page.script', which does not exist at that point",
    )

    def frame_of_a_frame_that_was_removed(play: Play) -> None:
        page = play.page(frames=1)
        inner = page.frames[0].add_frame()
        page.frames[0].remove()
        inner.connect()

    refused(
        frame_of_a_frame_that_was_removed,
        "step 4 is for 'page.frame1.frame1', which does not exist at that point; there are page",
    )

    def navigated(play: Play) -> None:
        page = play.page(frames=1)
        page.frames[0].navigate()
        page.frames[0].connect()

    refused(
        navigated, "step 3 is for 'page.frame1', which does not exist at that point; there are page, page.frame1.next"
    )


def test_devtools_are_for_a_web_page_and_once_in_a_play() -> None:
    no_page = "accepted: a web page that exists at that point, and no frame"
    refused(
        lambda play: play.devtools(play.extension_page()),
        f"step 2 opens developer tools for 'extension_page'; {no_page}",
    )
    refused(
        lambda play: play.devtools(play.page(frames=1).frames[0]),
        f"step 2 opens developer tools for 'page.frame1'; {no_page}",
    )
    refused(
        lambda play: play.devtools(closed(play, play.page())), f"step 3 opens developer tools for 'page'; {no_page}"
    )

    def twice(play: Play) -> None:
        page = play.page()
        play.devtools(page)
        play.devtools(page, "more_devtools")

    refused(twice, "step 3 opens a second devtools page; accepted: one in a scenario")

    def idle(play: Play) -> None:
        play.devtools(play.page())
        play.background().wait_for_idle_stop()

    refused(idle, "step 2 opens developer tools in a scenario that waits for an idle stop; accepted: one")


def test_devtools_go_with_the_tab() -> None:
    def gone(play: Play) -> None:
        page = play.page()
        devtools = play.devtools(page)
        page.close()
        devtools.connect()

    refused(gone, "step 4 is for 'devtools', which does not exist at that point")


def test_documents_that_come_back() -> None:
    def there_and_back(play: Play) -> None:
        page = play.page(frames=1)
        following = page.navigate()
        following.go_back(page)
        page.frames[0].connect()

    written(there_and_back)

    def twice(play: Play) -> None:
        page = play.page()
        page.navigate().go_back(page)
        page.go_back(page)

    refused(twice, "goes back to 'page', which is not in the history; there are no documents in it")

    def gone(play: Play) -> None:
        page = play.page()
        following = page.navigate()
        following.go_back(page)
        following.connect()

    refused(gone, "step 4 is for 'page.next', which does not exist at that point; there are page")


def test_a_crash_of_the_process_of_extensions() -> None:
    def beside(come: Callable[[Play], object]) -> Callable[[Play], None]:
        def write(play: Play) -> None:
            come(play)
            play.background().crash()

        return write

    for come in (Play.application, Play.extension_page, Play.sidebar, lambda play: play.page(frames=["extension"])):
        refused(beside(come), "ends the contexts of all extensions, and ")
    refused(beside(beside(Play.page)), "step 3 is a second crash; accepted: one in a scenario")
    refused(
        beside(lambda play: play.background().listen(then=lambda port: port.post("welcome"))),
        "step 1 ends an incarnation of background, and the next one cannot know what background.onConnect does",
    )

    def back_to_a_page_without_an_observer(play: Play) -> None:
        page = play.page()
        following = page.navigate()
        play.background().crash()
        following.go_back(page)

    refused(back_to_a_page_without_an_observer, "goes back to 'page', which is not in the history")


# ---- ports and listeners


def test_ports_that_were_never_opened() -> None:
    def other_port(play: Play) -> None:
        page = play.page()
        OpenedPort(play._script, page.name, "port7", "runtime.connect", 0).post("x")

    refused(other_port, "step 2 uses the port 'port7', which is not open at that point; there are no ports")

    def too_early(play: Play) -> None:
        page = play.page()
        ghost = OpenedPort(play._script, page.name, "port1", "runtime.connect", 0)
        ghost.post("x")
        page.connect()

    refused(too_early, "step 2 uses the port 'port1', which is not open at that point")

    def nobody_listens(play: Play) -> None:
        page = play.page()
        ReceivedPort(
            play._script, ConnectListener(play._script, "page", "page.onConnect", "runtime.onConnect"), 1
        ).post("x")
        page.connect()

    refused(nobody_listens, "step 2 uses the port 'page.onConnect#1', which is not open at that point")


def test_ports_of_reactions() -> None:
    """A port that is opened when something happens, and one that is used then though it is opened later."""

    def write(play: Play) -> None:
        background, page = play.background(), play.page()
        answers: list[OpenedPort] = []
        background.listen(then=lambda _: answers.append(background.connect_tab(page)))
        answers[0].post("later")
        play.expect(answers[0].stayed_open())

    written(write)

    def other_way(play: Play) -> None:
        background = play.background()
        background.listen(then=lambda _: background_port(play).post("x"))
        background.connect()

    def background_port(play: Play) -> OpenedPort:
        return OpenedPort(play._script, "background", "port1", "runtime.connect", 0)

    written(other_way)


def test_the_port_of_an_event_is_there_only_while_it_is_handled() -> None:
    def write(play: Play) -> None:
        page = play.page()
        OpenedPort(play._script, page.name, "@port", "runtime.connect", 0).post("x")

    refused(write, "step 2 uses the port '@port', which is not open at that point")


def test_listeners_that_were_never_added() -> None:
    refused(
        lambda play: play.page().connect().remove_listener("port1.onMessage.other"),
        "removes the listener 'port1.onMessage.other', which was never added",
    )


def test_what_only_a_listener_can_do() -> None:
    refused(lambda play: play.page().connect().throw("no"), "throws an error outside a listener")
    refused(
        lambda play: play.page().connect().add_listener_again("port1.onMessage.other"),
        "adds the listener 'port1.onMessage.other' again, which was never added",
    )


def test_listeners_of_ports_that_arrive() -> None:
    def write(play: Play) -> None:
        heard = play.background().listen(
            then=lambda port: port.add_message_listener("late", lambda inner: inner.add_disconnect_listener("later"))
        )
        play.expect(heard.port.listener_received("background.onConnect#1.onMessage.late", "x"))
        play.expect(heard.nth(3).disconnect_listener_called("background.onConnect#3.onDisconnect.later"))

    written(write)


# ---- values


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (tag("nonsense"), "a value cannot be of the kind 'nonsense' here; accepted: arraybuffer, bigint"),
        ([{"a": tag("absent")}], "a value cannot be of the kind 'absent' here"),
        (tag("argument"), "a value cannot be of the kind 'argument' here"),
        (tag("map", entries=[[1, tag("text")]]), "a value cannot be of the kind 'text' here"),
    ],
)
def test_values_that_no_context_can_make(value: object, said: str) -> None:
    refused(lambda play: play.page().connect().post(value), f"hand_made: step 3: {said}")


def test_values_that_no_application_can_send() -> None:
    def write(play: Play) -> None:
        play.application().post({"a": [tag("undefined")]})

    refused(
        write, "step 1: application is a native application and cannot send undefined; accepted: values that JSON has"
    )


# ---- what must hold


def test_a_scenario_must_check_something() -> None:
    with pytest.raises(ScenarioError, match=r"empty: the scenario checks nothing; give it play\.expect"):
        build(scenario(name="empty")(lambda _play: None))


def check(check: object) -> Callable[[Play], object]:
    """A scenario with this check."""

    def write(play: Play) -> None:
        play.background().listen(record=False)
        play.page()
        play.expect(check)  # type: ignore[arg-type]

    return write


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (never(Pattern(port="port1")), "a check is about the port 'port1', which is never opened; there are no ports"),
        (never(Pattern(port="page.onConnect#1")), "is about the port 'page.onConnect#1', which is never opened"),
        (never(Pattern(port="background.onConnect#0")), "is about the port 'background.onConnect#0'"),
        (
            never(Pattern(listener="page.onConnect")),
            "is about the listener 'page.onConnect', which is never added; there are background.onConnect",
        ),
        (
            never(Pattern(listener="background.onConnect#1.onMessage")),
            "is about the listener 'background.onConnect#1.onMessage', which is never added",
        ),
        (never(Pattern(actor="ghost")), "is about the actor 'ghost', which never exists; there are background, page"),
        (never(Pattern(error="none")), "is about the error 'none'; accepted: anything, nothing, something"),  # type: ignore[arg-type]
        (never(Pattern(like="(")), "a check looks for '(', which is not a regular expression: missing )"),
        (
            never(Pattern(after=1)),
            "distinguishes before and after step 2, but effects of step 1 may arrive later; write play.settle() between the two",
        ),
        (never(Pattern(before=1)), "distinguishes before and after step 2"),
        (Field(ANYONE, "name", "short"), "says that name is 'short'; accepted: same, like, absent, nothing"),
        (Field(ANYONE, "name", "like", "("), "a check looks for '(', which is not a regular expression"),
        (in_order(ANYONE), "need two patterns or more"),
        (all_of(), "an all_of(…) or any_of(…) is empty; accepted: one check or more"),
        (any_of(all_of()), "an all_of(…) or any_of(…) is empty"),
        (Times(ANYONE, 2, 1), "nothing can happen 2 to 1 times"),
        (Times(ANYONE, -1, None), "nothing can happen -1 to None times"),
        (all_of(never(ANYONE), any_of(never(Pattern(port="port1")))), "is about the port 'port1'"),
        (in_order(ANYONE, Pattern(port="port1")), "is about the port 'port1'"),
    ],
)
def test_checks_that_can_never_tell(wrong: object, said: str) -> None:
    refused(check(wrong), said)


@pytest.mark.parametrize(
    "right",
    [
        never(Pattern(port="background.onConnect#2")),
        never(Pattern(listener="background.onConnect")),
        never(Pattern(actor="page.script")),
        never(Pattern(after=0)),
        Times(ANYONE, 0, None),
        Field(ANYONE, "name", "string"),
    ],
)
def test_checks_that_can(right: object) -> None:
    written(check(right))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "the open point 'the point' has no variant; accepted: one variant(…) or more"),
        (["a", "a"], "has two variants called 'a'; accepted: each id once"),
        (["a", ""], "a variant is called ''"),
        (["a + b"], "a variant is called 'a + b'"),
    ],
)
def test_open_points(names: list[str], said: str) -> None:
    refused(lambda play: play.expect_one_of("the point", *(variant(name, never(ANYONE)) for name in names)), said)


def test_ports_that_a_task_opens_itself() -> None:
    def write(play: Play) -> None:
        page = play.page()
        play._script.steps.append(Task(page.name, (Connect("port1", "runtime.connect"),)))
        play.expect(exactly_once(Pattern("return", port="port1")))

    written(write)


# ---- lives that end


def reloaded(play: Play, **more: object) -> None:
    """A background that does something with each port is reloaded."""
    background = play.background()
    background.listen(**more)  # type: ignore[arg-type]
    background.reload()


def test_a_background_whose_next_life_cannot_know_its_reaction() -> None:
    said = "hand_made: step 1 ends an incarnation of background, and the next one cannot know what background.onConnect does"
    refused(lambda play: reloaded(play, then=lambda port: port.post("hello")), said)
    refused(lambda play: reloaded(play, record=False), said)
    written(lambda play: reloaded(play))
