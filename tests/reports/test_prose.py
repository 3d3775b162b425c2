"""Steps, casts and checks in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from portolan.conformance.checks.checks import AllOf, AnyOf, Pattern, Times
from portolan.conformance.language.discovery import suite
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import tag
from portolan.reports.text.prose import cast_sentences, check_lines, check_phrase, scenario_text, step_sentence, words

STEPS: list[tuple[s.AnyStep, str]] = [
    (
        s.UpdateExtension("peer", both_backgrounds=True),
        "the other extension is updated, with its background listed as scripts and as a service worker",
    ),
    (
        s.BeginStop(),
        "the browser begins to stop the background of the extension, and waits for its onSuspend",
    ),
    (s.ReadConsole("page", "lastError"), 'the browser\'s console is searched for "lastError", caused by page'),
    (
        s.Task("background", (s.Connect("port1", "tabs.connect", (tag("tab-of", document="page"),)),)),
        "background calls tabs.connect(the tab of page) for port1 (and does not listen on it yet)",
    ),
    (s.Need("page.script", "runtime.connect"), "only if page.script has runtime.connect"),
    (s.Need("background", "background.stops"), "only if background can be stopped"),
    (s.OpenPage("page"), "page opens in a tab: a web page"),
    (
        s.OpenPage(
            "page", "elsewhere", "web", (s.Frame("a"), s.Frame("b", "elsewhere"), s.Frame("c", "here", "extension"))
        ),
        "page opens in a tab: a web page of another site with the frames a (a web page), b (a web page of another site) and c (a page of the extension)",
    ),
    (s.OpenPage("options", "here", "options"), "options opens in a tab: the options page"),
    (s.AddFrame("page", s.Frame("late")), "late is added to page as a frame: a web page"),
    (s.AddFrame("page", s.Frame("f", holds="srcdoc")), "f is added to page as a frame: a document of srcdoc"),
    (s.RemoveFrame("page.frame1"), "page.frame1 is removed"),
    (s.NavigateFrame("old", s.Frame("new")), "old is navigated to new: a web page"),
    (s.Navigate("page", "next", "elsewhere"), "page is navigated to next: a web page of another site"),
    (s.GoBack("next", "page"), "the tab goes back from next to page"),
    (s.Reload("page"), "page is reloaded"),
    (s.CloseTab("page"), "the tab of page is closed"),
    (
        s.OpenPage("devtools", kind="devtools", inspects="page"),
        "devtools opens in developer tools for the tab of page: the devtools page",
    ),
    (s.OpenPage("page", kept=False), "page opens in a tab: a web page that may not go into the bfcache"),
    (s.OpenPage("page", window="new"), "page opens in a window of its own: a web page"),
    (s.Navigate("page", "next", how="replace"), "page is replaced by next: a web page"),
    (s.RewriteDocument("page"), "page is emptied by document.open()"),
    (s.CloseWindow("page"), "the window of page is closed"),
    (s.DiscardTab("page"), "the tab of page is discarded"),
    (s.CrashTab("page"), "the process that renders page is killed"),
    (s.CrashExtensions(), "the process of all extensions is killed"),
    (s.Need("background", "background.stays"), "only if background is persistent"),
    (s.DisableExtension(), "the extension is disabled"),
    (s.UninstallExtension("peer"), "the other extension is uninstalled"),
    (s.UpdateExtension("peer"), "the other extension is updated"),
    (s.UpdateExtension("peer", s.Connectable()), "the other extension is updated, without externally_connectable"),
    (
        s.UpdateExtension("peer", s.Connectable(("subject", "*"), ("elsewhere",))),
        "the other extension is updated, with externally_connectable for the ids the extension and * and the pages of a web page of another site",
    ),
    (s.ConfigureWorld(messaging=True), "the extension configures that user scripts may send messages"),
    (
        s.ConfigureWorld(messaging=False, world="other"),
        "the extension configures that user scripts in the world “other” may not send messages",
    ),
    (s.ResetWorld(), "the extension resets the configuration of the default world"),
    (s.ResetWorld("other"), "the extension resets the configuration of the world “other”"),
    (s.ForbidUserScripts(), "the user forbids user scripts to the extension"),
    (s.UpdateExtension(permissions=("userScripts",)), "the extension is updated, asking for userScripts"),
    (s.RegisterUserScripts(), "the extension registers its user scripts again"),
    (s.StopBackground(), "the browser is forced to stop the background of the extension"),
    (
        s.AwaitIdleStop("peer"),
        "nobody does anything until the browser stops the idle background of the other extension",
    ),
    (s.ReloadExtension("peer"), "the other extension is reloaded"),
    (s.Settle(), "everything settles"),
]

OPS: list[tuple[tuple[s.AnyOp, ...], str]] = [
    ((s.Post("port1", ("hi",)),), 'a posts "hi" through port1'),
    ((s.Post("", ("hi",)),), 'a sends "hi"'),
    ((s.Post("port1", ()),), "a posts nothing through port1"),
    (tuple(s.Post("port1", (n,)) for n in range(9)), "a posts 0, 1, …, 8 (9 messages) through port1"),
    ((s.Post("port1", (1,)), s.Post("port1", (2,))), "a posts 1 and 2 through port1"),
    ((s.Disconnect("port1"),), "a calls port1.disconnect()"),
    ((s.Unlisten("port1.onMessage.x"),), "a removes its listener port1.onMessage.x"),
    ((s.Read("port1", "error"),), "a records port1.error"),
    ((s.Probe("runtime.connect"),), "a records whether runtime.connect exists"),
    ((s.Ask("ask1", "runtime.sendMessage", ("hello",)),), 'a calls runtime.sendMessage("hello"), for an answer (ask1)'),
    (
        (s.Ask("ask2", "runtime.sendMessage", ("hello",), "callback"),),
        'a calls runtime.sendMessage("hello") with a callback, for an answer (ask2)',
    ),
    ((s.Describe("", "port1"),), "a describes port1"),
    ((s.Describe("onMessage", "port1"),), "a describes port1.onMessage"),
    ((s.Describe("runtime.onConnect"),), "a describes runtime.onConnect"),
    ((s.Relisten("a.onConnect"),), "a adds its listener a.onConnect a second time"),
    ((s.Throw("no"),), "a throws an error (no)"),
    ((s.ConnectMany("g", "runtime.connect", (), 9),), "a calls runtime.connect() 9 times, and posts on each port"),
    ((s.WelcomeMany("g"),), "a listens for runtime.onConnect, sends each message back, and only counts"),
    ((s.Tally("g"),), "a records the numbers of g"),
    ((s.PostMany("port1", 7),), "a posts 0, 1, 2 and so on, 7 messages, through port1"),
    ((s.Count("port1"),), "a counts the messages of port1"),
    ((s.SetGlobal("x", ("hi",)),), 'a sets globalThis.x to "hi"'),
    ((s.ReadGlobal("x"),), "a records globalThis.x"),
    ((s.PushState("x"),), "a calls history.pushState with the fragment x"),
    ((s.AppExit(3),), "a exits with code 3"),
    ((s.AppCrash(),), "a is killed by SIGKILL"),
    ((s.AppClose(),), "a closes its output"),
    ((s.AppLog("a line"),), 'a writes "a line" to its standard error'),
    ((s.AppChild("a.child"),), "a starts a child process, a.child"),
    ((s.AppChild("a.child", breaks_away=True),), "a starts a child process, a.child, in a process group of its own"),
    ((s.AppAnswer(),), "a answers if it is alive"),
    ((s.HearEnd(),), "a listens for its own end (onSuspend, onSuspendCanceled, pagehide)"),
    (
        (s.HearEnd(hold=True),),
        "a listens for its own end (onSuspend, onSuspendCanceled, pagehide), and keeps the browser waiting",
    ),
    (
        (s.Ask("ask2", "runtime.sendMessage", ("hello",), "unread"),),
        'a calls runtime.sendMessage("hello") with a callback that does not read runtime.lastError, for an answer (ask2)',
    ),
    ((s.AppWrite("garbage"),), "a writes bytes that are not a message"),
    ((s.AppWrite("size", 7),), "a writes one message of 7 bytes"),
    ((s.Listen("port1.onMessage", "onMessage", "port1"),), "a listens on port1"),
    ((s.Listen("port1.onMessage.again", "onMessage", "port1"),), "a listens for port1.onMessage (again)"),
    (
        (s.Listen("a.onConnect", "runtime.onConnect", None, (s.Listen("@port.onMessage", "onMessage", "@port"),)),),
        "a listens for runtime.onConnect",
    ),
    (
        (s.Listen("a.onConnect", "runtime.onConnect"),),
        "a listens for runtime.onConnect, and with each port does not listen on the port",
    ),
    (
        (
            s.Listen(
                "a.onConnect",
                "runtime.onConnect",
                None,
                (s.Disconnect("@port"), s.Listen("@port.onMessage", "onMessage", "@port")),
            ),
        ),
        "a listens for runtime.onConnect, and with each port calls the port.disconnect()",
    ),
    (
        (
            s.Connect("port1", "runtime.connect"),
            s.Listen("port1.onMessage", "onMessage", "port1"),
            s.Disconnect("port1"),
        ),
        "a calls runtime.connect() for port1 and then calls port1.disconnect(), all in one turn",
    ),
    ((), "a does nothing"),
]


@pytest.mark.parametrize(("step", "sentence"), STEPS, ids=lambda value: type(value).__name__)
def test_steps(step: s.AnyStep, sentence: str) -> None:
    assert step_sentence(step) == sentence


@pytest.mark.parametrize(("ops", "sentence"), OPS, ids=[sentence[:40] for _, sentence in OPS])
def test_turns(ops: tuple[s.AnyOp, ...], sentence: str) -> None:
    assert step_sentence(s.Task("a", ops)) == sentence


def test_every_kind_of_step_and_op_has_a_sentence() -> None:
    assert {type(step) for step, _ in STEPS} >= set(get_args(s.AnyStep)) - {type(None)}
    assert {type(op) for ops, _ in OPS for op in ops} == set(get_args(s.AnyOp))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (tag("id-of", extension="peer"), "the id of the other extension"),
        (tag("host-of", application="app"), "the name of app"),
        ({"frameId": tag("frame-of", document="page")}, "{frameId: the frame of page}"),
        (tag("document-id-of", document="page"), "the id of page"),
        (tag("argument"), "the same value"),
        ({"a": 1}, "{a: 1}"),
        (tag("undefined"), "undefined"),
    ],
)
def test_values(value: object, said: str) -> None:
    assert words(value) == said


def test_checks_are_joined() -> None:
    once, never = Times(Pattern("fire", "onMessage", port="p")), Times(Pattern("fire", "onDisconnect", port="p"), 0, 0)
    assert check_phrase(AllOf((once, never))) == "p.onMessage fires exactly once; and p.onDisconnect never fires"
    assert check_phrase(AnyOf((once, never))) == "p.onMessage fires exactly once; or p.onDisconnect never fires"


def test_casts() -> None:
    listener = s.Listener(
        "background.onConnect",
        "runtime.onConnect",
        (s.Post("@port", ("hi",)), s.Listen("@port.onMessage", "onMessage", "@port")),
    )
    cast = s.Cast(
        (s.Background("background", "subject", (listener,)), s.Background("peer", "peer")),
        (s.Application("app", "missing", "echo", "stay"),),
    )
    assert list(cast_sentences(cast)) == [
        'background, the background of the extension, listens for runtime.onConnect from its start, and with each port posts "hi" through the port',
        "peer, the background of the other extension, takes part",
        "app, a native application, which has no manifest, sends each message back and ignores the end of its input",
    ]


def test_a_scenario_reads_like_this(scenarios: dict[str, Scenario], snapshot: object) -> None:
    assert "\n".join(scenario_text(scenarios["a_lifetime"])) == snapshot


def test_reasons_are_told(scenarios: dict[str, Scenario]) -> None:
    assert list(check_lines(scenarios["a_greeting"]))[-1].endswith("(because it was sent)")


def test_every_scenario_of_the_suite_can_be_told() -> None:
    for scenario in suite():
        text = "\n".join(scenario_text(scenario))
        assert scenario.title in text
        assert "<tab-of" not in text.partition("Checks:")[0]


def test_hostile_names_are_harmless(hostile: str, harmless: Callable[[str], bool]) -> None:
    told = [
        step_sentence(s.OpenPage(hostile)),
        step_sentence(s.Task(hostile, (s.Post(hostile, (hostile,)),))),
        step_sentence(s.Need(hostile, hostile)),
    ]
    assert all(map(harmless, told))
    assert len(step_sentence(s.RemoveFrame("x" * 1_000_000))) < 1000
