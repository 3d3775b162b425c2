"""The worlds of user scripts, and who may send messages from them. Claims OU4 and US1 to US7.

Before the first step of a scenario with a user script, the default world is configured with ``messaging: true``.
"""

from collections.abc import Callable

from portolan import (
    Actor,
    ConnectEventName,
    Play,
    StepRef,
    all_of,
    any_of,
    generated,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import AllOf

MESSAGING = ("runtime.connect", "runtime.sendMessage")


def look(*actors: Actor) -> None:
    """Each of them looks for the messaging functions."""
    for actor in actors:
        with actor.one_turn():
            for path in MESSAGING:
                actor.probe(path)


def has(actor: Actor, type: str = "function", *, after: StepRef | None = None, before: StepRef | None = None) -> AllOf:
    """It has found the messaging functions; ``"undefined"``: neither."""
    return all_of(*(actor.found(path, type, after=after, before=before) for path in MESSAGING))


@scenario(claims=["US2"])
def the_event_of_a_user_script(play: Play) -> None:
    """A user script connects, and the background listens for every event of ports: which one fires?"""
    background, page = play.background(), play.page()
    names: tuple[ConnectEventName, ...] = ("onUserScriptConnect", "onConnect", "onConnectExternal")
    heard = {name: background.listen(name) for name in names}
    page.user_script.connect()
    play.settle()

    fires = {name: all_of(*(heard[each].fired(int(each == name)) for each in names)) for name in names}
    play.expect_one_of(
        "the event of a user script's connection",
        variant("on-user-script-connect", fires["onUserScriptConnect"], claims="US2", title="onUserScriptConnect"),
        variant("on-connect", fires["onConnect"], title="onConnect"),
        variant("on-connect-external", fires["onConnectExternal"], title="onConnectExternal"),
    )


@scenario(claims=["OU4", "US1"])
def a_user_script_in_a_world_without_messaging(play: Play) -> None:
    """One user script runs in a world whose configuration forbids messaging, the next in one whose configuration allows it."""
    background = play.background()
    heard = background.listen("onUserScriptConnect")
    background.configure_world(messaging=False)
    silent = play.page("silent").user_script
    look(silent)
    refused = silent.connect(name="silent", record=False)
    background.configure_world(messaging=True)
    speaking = play.page("speaking").user_script
    look(speaking)
    port = speaking.connect(name="speaking")
    play.settle()

    play.expect(all_of(has(silent, "undefined"), has(speaking)), claims="US1")
    play.expect(refused.call().threw(), claims="OU4")
    play.expect(all_of(port.call().returned(), heard.fired(), heard.port.has_name("speaking")), claims="OU4")


# ---- when the configuration changes


@scenario(claims=["US3"])
def messaging_is_allowed_while_a_user_script_runs(play: Play) -> None:
    """A world that was made without messaging stays without it; loaded anew, the document has another world."""
    background = play.background()
    background.configure_world(messaging=False)
    page = play.page()
    look(page.user_script)
    play.settle()
    change = background.configure_world(messaging=True)
    look(page.user_script)
    play.settle()
    reload = page.reload()
    look(page.user_script)
    play.settle()

    play.expect(has(page.user_script, "undefined", before=change), because="else nothing would be allowed later")
    play.expect(has(page.user_script, "undefined", after=change, before=reload), claims="US3")
    play.expect(has(page.user_script, after=reload), claims="US3")


@scenario(claims=["US3"])
def messaging_is_forbidden_while_a_user_script_runs(play: Play) -> None:
    """A world that was made with messaging keeps its functions; loaded anew, the document has a world without them."""
    background, page = play.background(), play.page()
    look(page.user_script)
    play.settle()
    change = background.configure_world(messaging=False)
    look(page.user_script)
    play.settle()
    reload = page.reload()
    look(page.user_script)
    play.settle()

    play.expect(has(page.user_script, before=change), because="else nothing would be forbidden later")
    play.expect(has(page.user_script, after=change, before=reload), claims="US3")
    play.expect(has(page.user_script, "undefined", after=reload), claims="US3")


def looks_late(change: str) -> Callable[[Play], None]:
    """A user script touches nothing of the API before its world's configuration changes."""

    def play_it(play: Play) -> None:
        background = play.background()
        background.configure_world(messaging=change != "allowed")
        page = play.page()
        background.reset_world() if change == "reset" else background.configure_world(messaging=change == "allowed")
        look(page.user_script)
        play.settle()

        was, became = ("undefined", "function") if change == "allowed" else ("function", "undefined")
        play.expect_one_of(
            "what a user script finds that looks only now",
            variant("as-its-world-was-created", has(page.user_script, was), claims="US3"),
            variant("as-it-is-configured-now", has(page.user_script, became)),
        )

    return play_it


for change in ("allowed", "forbidden", "reset"):
    generated(
        globals(),
        f"a_user_script_first_looks_after_messaging_was_{change}",
        f"Its world is there, and it has touched nothing of the API when messaging is {change}.",
        looks_late(change),
        claims=["US3"],
    )


@scenario(claims=["US4"])
def a_user_script_connects_after_messaging_was_forbidden(play: Play) -> None:
    """Its world was made with messaging, and it has found runtime.connect(): the call works, or it fails."""
    background, page = play.background(), play.page()
    heard = background.listen("onUserScriptConnect")
    look(page.user_script)
    background.configure_world(messaging=False)
    port = page.user_script.connect()
    play.settle()

    play.expect(has(page.user_script))
    # “May fail” leaves both ways open; a call that reaches nobody and does not fail would be neither.
    play.expect_one_of(
        "connect() once messaging is false",
        variant("works", all_of(port.stayed_open(), heard.fired()), claims="US4"),
        variant("throws", all_of(port.call().threw(), heard.silent()), claims="US4"),
        variant("the-port-ends-at-once", all_of(port.disconnected(), heard.silent()), claims="US4"),
    )


@scenario()
def messaging_is_forbidden_while_a_port_of_a_user_script_is_open(play: Play) -> None:
    """The port was opened before: it carries messages as ever, or it does not."""
    background, page = play.background(), play.page()
    heard = background.listen("onUserScriptConnect")
    port = page.user_script.connect()
    play.settle()
    background.configure_world(messaging=False)
    call = port.post("still here?")
    play.settle()

    play.expect_one_of(
        "an open port once messaging is false",
        variant("works", all_of(port.stayed_open(), heard.port.received("still here?"))),
        variant("posting-throws", all_of(call.threw(), heard.port.received())),
        variant("ends", all_of(port.disconnected(), heard.port.received())),
    )


# ---- how long a configuration stays


@scenario(claims=["US5"])
def the_configuration_of_a_world_outlives_its_background(play: Play) -> None:
    """The background that configured the world is stopped: documents that come afterwards have messaging all the same."""
    background = play.background()
    background.require_stoppable()
    background.configure_world(messaging=True)
    background.stop()
    page = play.page()
    look(page.user_script)
    play.settle()

    play.expect(has(page.user_script), claims="US5")


@scenario(claims=["US5"])
def the_configuration_of_a_world_is_reset(play: Play) -> None:
    """After resetWorldConfiguration() new documents have no messaging."""
    background = play.background()
    background.configure_world(messaging=True)
    before = play.page("before").user_script
    look(before)
    background.reset_world()
    after = play.page("after").user_script
    look(after)
    play.settle()

    play.expect(all_of(has(before), has(after, "undefined")), claims="US5")


@scenario(claims=["US5"])
def the_configuration_of_a_world_after_an_update(play: Play) -> None:
    """The extension is updated, and registers its user script again, but does not configure its world."""
    background = play.background()
    background.configure_world(messaging=True)
    background.update()
    background.register_user_scripts()
    page = play.page()
    look(page.user_script)
    play.settle()

    play.expect_one_of(
        "the configuration of a world after an update",
        variant("is-gone", has(page.user_script, "undefined"), claims="US5"),
        variant("stayed", has(page.user_script), title="is still there"),
    )


# ---- several worlds


@scenario(claims=["US6"])
def a_configuration_without_a_world(play: Play) -> None:
    """Messaging is allowed without a worldId: in the default world, and in another that has no configuration of its own?"""
    background = play.background()
    background.configure_world(messaging=True)
    page = play.page()
    look(page.user_script, page.other_user_script)
    play.settle()

    play.expect(has(page.user_script), claims="US6")
    play.expect_one_of(
        "a configuration without a worldId",
        variant("applies-to-other-worlds-too", has(page.other_user_script), claims="US6"),
        variant("applies-to-the-default-world-only", has(page.other_user_script, "undefined")),
    )


@scenario(claims=["US6"])
def a_world_with_a_configuration_of_its_own(play: Play) -> None:
    """What is configured without a worldId is not for a world that has a configuration of its own."""
    background = play.background()
    background.configure_world(messaging=False, world="other")
    first = play.page("first")
    look(first.user_script, first.other_user_script)
    background.configure_world(messaging=True, world="other")
    background.configure_world(messaging=False)
    second = play.page("second")
    look(second.user_script, second.other_user_script)
    play.settle()

    play.expect(all_of(has(first.user_script), has(first.other_user_script, "undefined")), claims="US6")
    play.expect(all_of(has(second.user_script, "undefined"), has(second.other_user_script)), claims="US6")


# ---- the permission


@scenario(claims=["US7"])
def the_permission_for_user_scripts(play: Play) -> None:
    """An extension asks for it at installation; from another, that has user scripts, a person takes them away."""
    background, peer = play.background(), play.peer()
    play.require_api(background, "userScripts.configureWorld")
    peer.update(permissions=["userScripts"])
    peer.probe("userScripts")
    granted = peer.check_permission("userScripts")
    before = play.extension_page("before")
    before.probe("userScripts")
    had = before.check_permission("userScripts")
    background.forbid_user_scripts()
    after = play.extension_page("after")
    after.probe("userScripts")
    kept = after.check_permission("userScripts")
    play.settle()

    play.expect(all_of(had.answered(True), before.found("userScripts", "object")), claims="US7")
    play.expect(any_of(after.found("userScripts", "undefined"), after.found("userScripts", "throws")), claims="US7")
    at_installation = all_of(granted.answered(True), peer.found("userScripts", "object"))
    not_then = all_of(granted.answered(False), peer.found("userScripts", "undefined"))
    play.expect_one_of(
        "who grants the permission",
        variant(
            "a-user-not-the-installation",
            all_of(not_then, kept.answered(False)),
            claims="US7",
            title="a user grants it, and not the installation",
        ),
        variant(
            "installation-and-a-switch",
            all_of(at_installation, kept.answered(True)),
            claims="US7",
            title="the installation, and the user has a switch",
        ),
        variant(
            "installation-and-the-user-revokes",
            all_of(at_installation, kept.answered(False)),
            title="the installation, and the user can revoke it",
        ),
    )
