"""Lives in the model: the bfcache, reloads, native applications, and what is our own fault."""

import pytest
from tracing import played, traced

from portolan.conformance.language.play import Play as Builder
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import UNDEFINED
from portolan.runners.fake import Bug, puppet
from portolan.runners.session.extensions import Family

# ---- the bfcache and reloads


def away_and_back(play: Builder) -> None:
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    other = page.navigate("other")
    play.settle()
    heard.port.post("meanwhile")
    play.settle()
    other.go_back(page)
    play.settle()
    port.post("back")
    heard.port.post("again")


def test_firefox_keeps_a_port_in_the_bfcache_and_drops_what_is_sent_to_it() -> None:
    heard = [(line[0], line[4]) for line in traced(away_and_back, "firefox") if line[2] == "onMessage"]
    assert heard == [("background", "back"), ("page", "again")]


def test_chromium_ends_it_and_does_not_tell_the_page() -> None:
    lines = traced(away_and_back, "chromium")
    assert [line[0] for line in lines if line[2] == "onDisconnect"] == ["background"]
    assert ("page", "return", "postMessage", "port1", UNDEFINED) in lines
    assert not [line for line in lines if line[2] == "onMessage"]


def reloaded(play: Builder) -> None:
    background, page = play.background(), play.page()
    background.listen()
    port = page.connect()
    play.settle()
    background.reload()
    play.settle()
    port.post("still there?")


def test_a_content_script_outlives_a_reload_in_chromium_without_its_api() -> None:
    *_, end, _, last = traced(reloaded, "chromium", of="page")
    assert end[2] == "onDisconnect"
    assert last[4]["message"] == "Extension context invalidated."


def test_a_reload_in_firefox_makes_a_new_content_script() -> None:
    *_, last = [event for event in played(reloaded, "firefox").events if event.actor == "page"]
    assert (last.incarnation, last.counter, last.operation) == (2, 1, "no-port")


# ---- a crash of the process of all extensions


def crashed(play: Builder) -> None:
    background, page = play.background(), play.page()
    background.listen()
    page.connect()
    play.settle()
    background.crash()
    play.settle()
    page.connect()


@pytest.mark.parametrize(("manifest", "seen"), [(2, "loaded"), (3, "not-loaded")])
def test_a_crash_ends_backgrounds_and_what_is_persistent_comes_back(manifest: int, seen: str) -> None:
    lines = traced(crashed, "firefox", manifest=manifest)
    assert [line[2:] for line in lines if line[0] == "extensions"] == [(seen, None, "background")]
    assert [line[3] for line in lines if line[2] == "onDisconnect"] == ["port1"]
    lives = [event for event in played(crashed, "firefox", manifest=manifest).events if event.actor == "background"]
    assert [event.incarnation for event in lives if event.operation == "runtime.onConnect"] == [1, 2]


@pytest.mark.parametrize("manifest", [2, 3])
def test_a_crash_that_is_for_good_leaves_nobody_to_connect_to(manifest: int) -> None:
    lines = traced(crashed, "firefox", [Bug.CRASH_IS_FOR_GOOD], manifest)
    assert [line[2] for line in lines if line[0] == "extensions"] == ["not-loaded"]
    assert [line[3] for line in lines if line[2] == "onDisconnect"] == ["port1", "port2"]


def test_in_chromium_extensions_share_no_process() -> None:
    assert played(crashed, "chromium").lacking == "a process that all extensions share, and that can crash"


# ---- native applications

ENDINGS: dict[str, tuple[s.AnyOp, str | None, str | None]] = {
    "exits": (s.AppExit(3), "Native host has exited.", None),
    "crashes": (s.AppCrash(), "Native host has exited.", None),
    "too big": (
        s.AppWrite("size", 1024 * 1024 + 1), "Error when communicating with the native messaging host.",
        "Native application tried to send a message of 1048577 bytes, which exceeds the limit of 1048576 bytes.",
    ),
    "garbage": (s.AppWrite("garbage"), "", "An unexpected error occurred"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_how_a_native_application_ends(name: str) -> None:
    op, chromium, firefox = ENDINGS[name]

    def ending(play: Builder) -> None:
        background, application = play.background(), play.application()
        background.connect_native(application)
        play.settle()
        play._script.do(application.name, op)

    for family, text in (("chromium", chromium), ("firefox", firefox)):
        events = played(ending, family).events  # type: ignore[arg-type]
        ends = [event for event in events if event.operation == "onDisconnect"]
        assert len(ends) == (0 if text == "" else 1)
        assert [event.operation for event in events if event.operation == "ended"] == (["ended"] if ends else [])
        if text:
            assert text in str([(end.error, end.last_error) for end in ends])


@pytest.mark.parametrize(
    ("family", "last"), [("chromium", ["end-of-input", "ended"]), ("firefox", ["end-of-input", "SIGTERM", "ended"])]
)
def test_an_application_that_stays_is_ended(family: Family, last: list[str]) -> None:
    def outstays(play: Builder) -> None:
        background, application = play.background(), play.application(ignores_eof=True)
        port = background.connect_native(application)
        play.settle()
        port.disconnect()

    assert [line[2] for line in traced(outstays, family, of="application")] == ["started", *last]


ENDED: dict[Bug | None, list[str]] = {
    None: [],
    Bug.NATIVE_ENDS_CHILDREN: ["application.child"],
    Bug.NATIVE_ENDS_EVERY_CHILD: ["application.child", "application.other"],
}
"""The children that end with their application, by bug; the others answer."""


@pytest.mark.parametrize("family", ["chromium", "firefox"])
@pytest.mark.parametrize("bug", ENDED)
def test_what_becomes_of_an_applications_children(family: Family, bug: Bug | None) -> None:
    def with_children(play: Builder) -> None:
        background, application = play.background(), play.application()
        port = background.connect_native(application)
        play.settle()
        children = [application.start_child(), application.start_child("other", breaks_away=True)]
        play.settle()
        port.disconnect()
        play.settle()
        for child in children:
            child.ask()

    events = played(with_children, family, [bug] if bug else []).events
    last = {event.actor: event.operation for event in events if "." in event.actor}
    assert last == {
        name: "ended" if name in ENDED[bug] else "alive" for name in ("application.child", "application.other")
    }


# ---- what is our own fault


def test_a_task_for_somebody_who_is_gone_is_a_harness_error() -> None:
    def gone(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.connect_tab(page)
        background.reload()
        play.settle()
        play.application()
        play._script.do("application", s.Post("", (1,)))

    play = played(gone, "chromium")
    assert (play.outcome, play.reason) == (
        "harness-error",
        "step 5: a task is for the application application, which is not running",
    )


def test_a_listener_for_what_is_not_there_is_a_harness_error() -> None:
    def external(play: Builder) -> None:
        play.background()
        play.page().listen("onConnectExternal")

    play = played(external, "firefox")
    assert (play.outcome, play.reason) == ("harness-error", "step 2: runtime.onConnectExternal is not there in page")


def test_two_ports_that_answer_each_other_for_ever_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(puppet, "MOST_EVENTS", 40)

    def ping_pong(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.listen(then=lambda port: port.echo())
        with page.one_turn():
            port = page.connect()
            port.echo()
            port.post("ping")

    play = played(ping_pong, "chromium")
    assert play.outcome == "ok"
    assert {event.operation for event in play.events if event.counter == 40} == {"flood"}
    assert max(event.counter for event in play.events) == 40


def test_a_lost_event_is_noticed_wherever_it_was_lost() -> None:
    def one_message_there(play: Builder) -> None:
        background, page = play.background(), play.page()
        background.listen()
        port = page.connect()
        port.post("hello")
        play.settle()

    play = played(one_message_there, "firefox", [Bug.LOSES_AN_EVENT])
    assert play.reason == "step 4: page: event 3 came after event 1"
