"""What a demo cannot show, and what the person has to do before its first step: sentences for its page and its README."""

from __future__ import annotations

from collections.abc import Iterator

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.reports.export.code import ONE_TIME, every
from portolan.reports.export.literals import host
from portolan.reports.export.stage import UNSHOWN, frames_of, parts
from portolan.reports.text.prose import listed

FAULTS: dict[s.NativeManifest, str] = {
    "allowed": "allows this extension (in Firefox demo@portolan.test, in Chromium its id in chrome://extensions)",
    "forbidden": "allows another extension only",
    "relative": "has a path that is not absolute",
    "typeless": "has a “type” that there is not",
    "fileless": "names a file that is not there",
    "unrunnable": "names a file that is no program",
}
"""What the manifest of an application is like, where there is one that the browser looks for."""


def ops_of(scenario: Scenario) -> Iterator[s.AnyOp]:
    """Every op of a scenario, those of reactions too."""
    for background in scenario.cast.backgrounds:
        for listener in background.listeners:
            yield from every(listener.then)
    for step in scenario.steps:
        if isinstance(step, s.Task):
            yield from every(step.ops)


def has_one_time_messages(scenario: Scenario) -> bool:
    """Whether one-time messages are a part of what is shown, so that the demo's own must go another way."""
    return any(
        (isinstance(op, s.Ask) and op.api == "runtime.sendMessage")
        or (isinstance(op, s.Listen) and op.event in ONE_TIME)
        for op in ops_of(scenario)
    )


def speaks_natively(scenario: Scenario) -> bool:
    """Whether the extension calls a native application."""
    return any(
        (isinstance(op, s.Connect) and op.api == "runtime.connectNative")
        or (isinstance(op, s.Ask) and op.api == "runtime.sendNativeMessage")
        for op in ops_of(scenario)
    )


def before(scenario: Scenario) -> list[str]:
    """What the person is asked to do before the first step."""
    private = [
        number
        for number, step in enumerate(scenario.steps, 1)
        if isinstance(step, s.OpenPage) and step.window == "private"
    ]
    if not private:
        return []
    return [
        "Allow the extension in private windows. Firefox: about:addons, “Run in Private Windows”; "
        f"Chromium: chrome://extensions, “Allow in Incognito”. Without that, step {private[0]} waits in vain."
    ]


def unshown(scenario: Scenario) -> list[str]:
    """What this demo cannot show, in a sentence each."""
    return [*_other_extension(scenario), *_applications(scenario), *_frames(scenario), *_stopped(scenario)]


def _other_extension(scenario: Scenario) -> Iterator[str]:
    if any(each.extension == "peer" for each in scenario.cast.backgrounds):
        yield (
            "Another extension has a part in this, and this demo is one extension alone: what that one does and sees is not "
            "shown, and a call that is meant for it finds nobody. If you have one that does its part, write its id into PEER in tell.js."
        )


def _applications(scenario: Scenario) -> Iterator[str]:
    called = set(_called(scenario))
    for each in scenario.cast.applications:
        if each.actor in called and (fault := FAULTS.get(each.manifest)):
            instead = ", and what follows is not what should happen" if each.manifest == "allowed" else ""
            yield (
                f"A native application has a part in this, which no extension can bring: without one that is registered as {host(each.actor)}, "
                f"in a manifest that {fault}, the browser says that there is none{instead}."
            )


def _called(scenario: Scenario) -> Iterator[str]:
    """The applications that are called from where that can be done: a content script cannot."""
    known = parts(scenario)
    for step in scenario.steps:
        if isinstance(step, s.Task) and not (step.actor in known and known[step.actor].kind == "web"):
            yield from (
                str(op.args[0]["application"])
                for op in every(step.ops)
                if isinstance(op, (s.Connect, s.Ask))
                and op.args
                and isinstance(op.args[0], dict)
                and op.args[0].get("$") == "host-of"
            )


def _frames(scenario: Scenario) -> Iterator[str]:
    frames = [frame for step in scenario.steps for frame in frames_of(step) if frame.holds in UNSHOWN]
    if frames:
        yield (
            f"Of frames without an address ({listed(sorted({frame.holds for frame in frames}))}) no script of this demo could tell "
            f"which it is in: {listed([frame.document for frame in frames])} {'are' if len(frames) > 1 else 'is'} left out."
        )


def _stopped(scenario: Scenario) -> Iterator[str]:
    if any(isinstance(step, (s.StopBackground, s.AwaitIdleStop, s.BeginStop)) for step in scenario.steps):
        yield (
            "What the contexts of this demo tell its page reaches the background too, and starts one that was stopped: "
            "how long it stays stopped is not shown."
        )
