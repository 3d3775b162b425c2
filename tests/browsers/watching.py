"""Scenarios that watch the instrument: what it would change if it changed anything."""

from __future__ import annotations

from collections.abc import Callable

from portolan.conformance.checks.checks import all_of
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.ports import PortEnd
from portolan.conformance.language.scenario import Scenario


@scenario()
def nobody_connects_and_everybody_listens(play: Play) -> None:
    """Every context listens for ports while documents come, move and go; none is opened, and none is seen."""
    background, peer = play.background(), play.peer()
    listening = [actor.listen(event) for actor in (background, peer) for event in ("onConnect", "onConnectExternal")]
    page, own = play.page(frames=["same-site", "cross-site"]), play.extension_page()
    listening += [document.listen() for document in (page, *page.frames, own)]
    play.settle()
    away = page.navigate("away")
    listening.append(away.listen())
    play.settle()
    away.go_back(page)
    play.settle()
    listening.append(page.add_frame("cross-site").listen())
    play.settle()
    page.frames[0].remove()
    play.settle()
    listening.append(page.frames[1].navigate().listen())
    play.settle()

    play.expect(all_of(*(each.silent() for each in listening)))


@scenario()
def a_native_port_keeps_its_background(play: Play) -> None:
    """Two backgrounds idle, the one with a native port a little longer: only the other one is stopped."""
    background, peer, application = play.background(), play.peer(), play.application(echo=True)
    background.require_stoppable()
    peer.stop()  # so that it starts anew, with the idle time of this play
    play.settle()
    native = background.connect_native(application)
    play.settle()
    peer.connect("abcdefghijklmnopabcdefghijklmnop")
    peer.wait_for_idle_stop()
    play.settle()
    native.post("still there?")
    play.settle()

    play.expect(all_of(native.stayed_open(), native.received("still there?"), application.started()))


ONLY = "only"


def told_once(port: PortEnd) -> None:
    """Listen to a port's end, and to nothing else."""
    port.add_disconnect_listener(ONLY)


def a_receiver_closes(play: Play, *, everything: bool) -> None:
    """One of two receivers of a broadcast goes away: does the opener hear of it?"""
    background, options, page = play.background(), play.extension_page(), play.page()
    background.listen(record=everything)
    options.listen(record=everything)
    port = page.connect(record=everything)
    only = port.add_disconnect_listener(ONLY)
    play.settle()
    options.close()
    play.settle()

    play.expect_one_of(
        "the opener",
        variant("is-called", port.disconnect_listener_called(only)),
        variant("is-not-called", port.disconnect_listener_called(only, 0)),
    )


def the_openers_frame_is_removed(play: Play, *, everything: bool) -> None:
    """The frame that opened a port goes away: does the receiver hear of it?"""
    background, page = play.background(), play.page(frames=["cross-site"])
    heard = background.listen(record=everything, then=told_once)
    page.frames[0].connect(record=everything)
    play.settle()
    page.frames[0].remove()
    play.settle()

    there = heard.port
    only = f"{there.name}.onDisconnect.{ONLY}"
    play.expect_one_of(
        "the receiver",
        variant("is-called", there.disconnect_listener_called(only)),
        variant("is-not-called", there.disconnect_listener_called(only, 0)),
    )


def the_page_goes_into_the_bfcache(play: Play, *, everything: bool) -> None:
    """A page with an open port is navigated away: does the receiver hear of it?"""
    background, page = play.background(), play.page()
    heard = background.listen(record=everything, then=told_once)
    page.connect(record=everything)
    play.settle()
    page.navigate("other")
    play.settle()

    there = heard.port
    only = f"{there.name}.onDisconnect.{ONLY}"
    play.expect_one_of(
        "the receiver",
        variant("is-called", there.disconnect_listener_called(only)),
        variant("is-not-called", there.disconnect_listener_called(only, 0)),
    )


def traced(function: Callable[..., None], *, everything: bool) -> Scenario:
    """The scenario with every event traced, or with a single listener."""

    @scenario(name=f"{function.__name__}_{'everything' if everything else 'a_single_event'}_traced")
    def made(play: Play) -> None:
        function(play, everything=everything)

    return build(made)


NOBODY_CONNECTS = build(nobody_connects_and_everybody_listens)
KEPT = build(a_native_port_keeps_its_background)
TRACED = (a_receiver_closes, the_openers_frame_is_removed, the_page_goes_into_the_bfcache)
