"""What a scenario function writes: the steps and the cast, as data."""

from __future__ import annotations

import msgspec
import pytest

from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.play import Play
from portolan.conformance.language.ports import PortEnd
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import Cast, Frame, Listen, Post, Settle, Task
from portolan.conformance.trace.values import tag

from .writing import steps_of, written

RECORDING = (Listen("@port.onMessage", "onMessage", "@port"), Listen("@port.onDisconnect", "onDisconnect", "@port"))


def test_a_page_with_frames() -> None:
    def write(play: Play) -> None:
        page = play.page(frames=["same-site", "cross-site", "extension"])
        assert [frame.name for frame in page.frames] == ["page.frame1", "page.frame2", "page.frame3"]
        added = page.add_frame("cross-site")
        page.frames[0].remove()
        page.frames[1].navigate("other", site="cross-site")
        assert added.name == "page.frame4"

    frames = (Frame("page.frame1"), Frame("page.frame2", "elsewhere"), Frame("page.frame3", "here", "extension"))
    assert steps_of(write) == (
        s.OpenPage("page", frames=frames),
        s.AddFrame("page", Frame("page.frame4", "elsewhere")),
        s.RemoveFrame("page.frame1"),
        s.NavigateFrame("page.frame2", Frame("other", "elsewhere")),
    )


def test_pages_of_all_kinds() -> None:
    def write(play: Play) -> None:
        play.extension_page(frames=1)
        play.options_page()
        left = play.page(site="cross-site")
        arrived = left.navigate()
        arrived.go_back(left)
        left.close()
        other = play.page("other", window="new")
        other.rewrite()
        replaced = other.navigate("replaced", replacing=True)
        replaced.close_window()
        for name in ("discarded", "crashed"):
            page = play.page(name)
            page.discard() if name == "discarded" else page.crash()

    assert steps_of(write) == (
        s.OpenPage("extension_page", "here", "extension", (Frame("extension_page.frame1", "here", "extension"),)),
        s.OpenPage("options_page", "here", "options"),
        s.OpenPage("page", "elsewhere"),
        s.Navigate("page", "page.next"),
        s.GoBack("page.next", "page"),
        s.CloseTab("page"),
        s.OpenPage("other", window="new"),
        s.RewriteDocument("other"),
        s.Navigate("other", "replaced", "here", "replace"),
        s.CloseWindow("replaced"),
        s.OpenPage("discarded"),
        s.DiscardTab("discarded"),
        s.OpenPage("crashed"),
        s.CrashTab("crashed"),
    )


def test_documents_that_stay() -> None:
    def write(play: Play) -> None:
        page = play.page()
        page.push_state("x")
        page.reload()
        page.describe("runtime.onConnect")

    assert steps_of(write) == (
        s.OpenPage("page"),
        Task("page", (s.PushState("x"),)),
        s.Reload("page"),
        Task("page", (s.Describe("runtime.onConnect"),)),
    )


def test_user_scripts_and_their_worlds() -> None:
    def write(play: Play) -> None:
        background, page = play.background(), play.page()
        background.configure_world(messaging=False)
        background.configure_world(messaging=True, world="other")
        background.reset_world("other")
        background.register_user_scripts()
        background.forbid_user_scripts()
        background.check_permission("userScripts")
        play.peer().update(permissions=["userScripts"])
        page.user_script.probe("runtime.connect")
        page.other_user_script.read_global("x")
        page.second_script.set_global("x", 1)

    _, *made = steps_of(write)
    assert made == [
        s.ConfigureWorld(messaging=False),
        s.ConfigureWorld(messaging=True, world="other"),
        s.ResetWorld("other"),
        s.RegisterUserScripts(),
        s.ForbidUserScripts(),
        Task("background", (s.Ask("ask1", "permissions.contains", ({"permissions": ["userScripts"]},)),)),
        s.UpdateExtension("peer", permissions=("userScripts",)),
        Task("page.user_script", (s.Probe("runtime.connect"),)),
        Task("page.other_user_script", (s.ReadGlobal("x"),)),
        Task("page.second_script", (s.SetGlobal("x", (1,)),)),
    ]


def test_only_the_extension_under_test_has_user_scripts() -> None:
    with pytest.raises(ScenarioError, match=r"peer has no user scripts; accepted: play\.background\(\)"):
        written(lambda play: play.peer().reset_world())


def test_what_listeners_do_besides() -> None:
    def write(play: Play) -> None:
        page = play.page()
        heard = page.listen(record=False, then=lambda port: port.throw("no"))
        page.add_listener_again(heard)
        port = page.connect(record=False)
        port.add_listener_again(port.add_message_listener("x", lambda port: port.count_messages()))
        port.post_many(1000)
        port.describe("onMessage")

    _, *tasks = steps_of(write)
    ops = [op for task in tasks if isinstance(task, Task) for op in task.ops]
    assert ops == [
        Listen("page.onConnect", "runtime.onConnect", None, (s.Throw("no"),)),
        s.Relisten("page.onConnect"),
        s.Connect("port1", "runtime.connect"),
        Listen("port1.onMessage.x", "onMessage", "port1", (s.Count("@port"),)),
        s.Relisten("port1.onMessage.x"),
        s.PostMany("port1", 1000),
        s.Describe("onMessage", "port1"),
    ]


def test_ports_are_opened_and_listened_to_in_one_turn() -> None:
    def write(play: Play) -> None:
        background, page = play.background(), play.page()
        background.connect_tab(page, name="n", frame=page)
        background.connect({"name": "m"})
        page.connect(name="c")
        background.connect(to="peer")
        background.connect(to="other@extension")
        background.connect_tab(page, args=[-1])

    steps = steps_of(write)
    ports = [step.ops for step in steps if isinstance(step, Task)]
    assert [ops[0] for ops in ports] == [
        s.Connect(
            "port1",
            "tabs.connect",
            (tag("tab-of", document="page"), {"name": "n", "frameId": tag("frame-of", document="page")}),
        ),
        s.Connect("port2", "runtime.connect", ({"name": "m"},)),
        s.Connect("port3", "runtime.connect", ({"name": "c"},)),
        s.Connect("port4", "runtime.connect", (tag("id-of", extension="peer"),)),
        s.Connect("port5", "runtime.connect", ("other@extension",)),
        s.Connect("port6", "tabs.connect", (-1,)),
    ]
    assert ports[0][1:] == (
        Listen("port1.onMessage", "onMessage", "port1"),
        Listen("port1.onDisconnect", "onDisconnect", "port1"),
    )


def test_one_turn() -> None:
    def write(play: Play) -> None:
        page = play.page()
        with page.one_turn():
            port = page.connect(record=False)
            port.post("a", "b")
            port.read("sender")
            port.disconnect()

    assert steps_of(write)[1:] == (
        Task(
            "page",
            (
                s.Connect("port1", "runtime.connect"),
                Post("port1", ("a", "b")),
                s.Read("port1", "sender"),
                s.Disconnect("port1"),
            ),
        ),
    )


def test_a_background_listens_from_the_start_and_others_when_told() -> None:
    def write(play: Play) -> None:
        background, page = play.background(), play.page()
        background.listen(then=lambda port: port.post("hi"))
        background.listen(label="second", record=False)
        page.listen("onConnect", record=False, then=lambda port: port.add_message_listener("late"))

    made = written(write)
    (background,) = made.cast.backgrounds
    assert background.listeners == (
        s.Listener("background.onConnect", "runtime.onConnect", (*RECORDING, Post("@port", ("hi",)))),
    )
    assert made.steps[1:-1] == (
        Task("background", (Listen("background.onConnect.second", "runtime.onConnect"),)),
        Task(
            "page",
            (
                Listen(
                    "page.onConnect", "runtime.onConnect", None, (Listen("@port.onMessage.late", "onMessage", "@port"),)
                ),
            ),
        ),
    )


def test_listeners_of_ports_come_and_go() -> None:
    def write(play: Play) -> None:
        page = play.page()
        port = page.connect()
        again = port.add_message_listener()
        port.remove_listener(again)
        port.echo()

    assert steps_of(write)[2:] == (
        Task("page", (Listen("port1.onMessage.again", "onMessage", "port1"),)),
        Task("page", (s.Unlisten("port1.onMessage.again"),)),
        Task("page", (Listen("port1.onMessage.echo", "onMessage", "port1", (Post("@port", (tag("argument"),)),)),)),
    )


def test_native_applications() -> None:
    def write(play: Play) -> None:
        background = play.background()
        application = play.application(echo=True)
        play.application("other", manifest="forbidden", ignores_eof=True)
        background.connect_native(application)
        application.post({"a": [1]})
        application.exit(3)
        application.crash()
        application.write_garbage()
        application.post_of_size(9)
        application.close_output()
        application.write_to_stderr("a line")
        application.start_child().ask()
        application.start_child("other", breaks_away=True)
        play.application("third", never_reads=True)

    made = written(write)
    assert made.cast.applications == (
        s.Application("application", "allowed", "echo"),
        s.Application("other", "forbidden", "record", "stay"),
        s.Application("third", on_message="ignore"),
    )
    assert [step.ops[0] for step in made.steps[1:-1] if isinstance(step, Task)] == [
        Post("", ({"a": [1]},)),
        s.AppExit(3),
        s.AppCrash(),
        s.AppWrite("garbage"),
        s.AppWrite("size", 9),
        s.AppClose(),
        s.AppLog("a line"),
        s.AppChild("application.child"),
        s.AppAnswer(),
        s.AppChild("application.other", breaks_away=True),
    ]


def test_backgrounds_and_needs() -> None:
    def write(play: Play) -> None:
        background, peer = play.background(), play.peer()
        background.require_stoppable()
        peer.require_persistent()
        background.crash()
        play.require_api(peer, "runtime.connect")
        background.stop()
        background.wait_for_idle_stop()
        peer.reload()
        peer.update()
        peer.disable()
        play.background().uninstall()

    made = written(write)
    assert made.idle
    assert made.cast == Cast((s.Background("background", "subject"), s.Background("peer", "peer")))
    assert made.steps[:-1] == (
        s.Need("background", "background.stops"),
        s.Need("peer", "background.stays"),
        s.CrashExtensions(),
        s.Need("peer", "runtime.connect"),
        s.StopBackground(),
        s.AwaitIdleStop(),
        s.ReloadExtension("peer"),
        s.UpdateExtension("peer"),
        s.DisableExtension("peer"),
        s.UninstallExtension(),
    )


def test_the_console_and_the_end_of_a_background() -> None:
    def write(play: Play) -> None:
        background, page = play.background(), play.extension_page()
        background.listen_for_suspend(hold=True)
        background.begin_stop()
        page.send_message("hello", callback="unread")
        play.settle()
        play.expect(play.read_console("lastError", of=page).showed_nothing())

    made = written(write)
    assert made.steps[1:] == (
        Task("background", (s.HearEnd(hold=True),)),
        s.BeginStop(),
        Task("extension_page", (s.Ask("ask1", "runtime.sendMessage", ("hello",), "unread"),)),
        Settle(),
        s.ReadConsole("extension_page", "lastError"),
        Settle(),
    )


def test_a_play_ends_settled() -> None:
    assert written(lambda play: play.background()).steps == (Settle(),)
    assert written(lambda play: play.settle()).steps == (Settle(),)


def test_a_scenario_is_plain_data() -> None:
    def write(play: Play) -> None:
        background, page = play.background(), play.page(frames=2)
        background.listen(then=PortEnd.disconnect)
        page.connect(name="\ud800").post([1, 2**70])

    made = written(write)
    assert msgspec.json.decode(
        msgspec.json.encode((made.cast, made.steps)), type=tuple[Cast, tuple[s.AnyStep, ...]]
    ) == (made.cast, made.steps)
    assert made.digest == written(write).digest
    assert made.digest != written(lambda play: play.background()).digest


def test_everyone_who_takes_part() -> None:
    def write(play: Play) -> None:
        page = play.page(frames=1)
        page.script.connect()
        page.add_frame()
        page.frames[0].navigate("inner")
        page.navigate("next")
        play.require_api(play.background(), "runtime.connect")

    assert written(write).actors == {"page", "page.frame1", "page.frame2", "page.script", "inner", "next", "background"}


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda play: (play.page(), play.page()), "the name 'page' is used twice"),
        (
            lambda play: (play.page("a"), play.application("a")),
            "the name 'a' is used twice; accepted: a name other than a",
        ),
        (lambda play: play.page().remove(), "page is not a frame, so it cannot be removed"),
        (lambda play: play.page(frames=1).reload(), "page cannot be reloaded; accepted: a page without frames"),
        (
            lambda play: [play.background().listen() for _ in range(2)],
            "background already listens to onConnect; give the second listener a label",
        ),
        (lambda play: _in_a_turn(play, play.settle), "the stage cannot change in the middle of a turn"),
        (lambda play: _in_a_turn(play, play.background().connect), "background cannot act in a turn of page"),
    ],
)
def test_nonsense_is_named_where_it_is_written(write: object, said: str) -> None:
    with pytest.raises(ScenarioError, match=f"hand_made: .*{said}"):
        written(write)  # type: ignore[arg-type]


def _in_a_turn(play: Play, do: object) -> None:
    page = play.page()
    with page.one_turn():
        do()  # type: ignore[operator]
