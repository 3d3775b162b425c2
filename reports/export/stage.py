"""What the demo page does itself, and what is left to the person: each step of a scenario as one of the demo's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.reports.export.literals import text
from portolan.reports.text.prose import step_sentence

UNSHOWN = frozenset({"about:blank", "srcdoc"})
"""Frames in which a content script cannot tell who it is by an address."""

HUGE = 1_000_000
"""A text of so many characters takes a browser seconds to pass on."""
SETTLE, SETTLE_LONG = "settle()", "settle(5000)"
"""The code that waits until nothing more is told: as long as demo.js does by itself, and as long as something huge takes (ms)."""


class Part(msgspec.Struct, frozen=True):
    """A document of the scenario: its name, what it is, where, and the documents of its frames."""

    name: str
    kind: s.Document = "web"
    site: s.Site = "here"
    frames: tuple[s.Frame, ...] = ()
    parent: str = ""
    kept: bool = True


class Demo(msgspec.Struct, frozen=True):
    """One step of the demo: what it is in words; the code that does it, or what the person is asked to do, or neither."""

    number: int
    says: str
    code: str = ""
    by_hand: str = ""
    press: bool = False
    """Whether the code is done when the person presses the step's button, as browsers want for it."""


def frames_of(step: s.AnyStep) -> tuple[s.Frame, ...]:
    """The frames that come with a step."""
    match step:
        case s.OpenPage():
            return step.frames
        case s.AddFrame():
            return (step.frame,)
        case s.NavigateFrame():
            return (step.to,)
    return ()


def parts(scenario: Scenario) -> dict[str, Part]:
    """Every document that the demo can show, by its name."""
    found: dict[str, Part] = {}
    for step in scenario.steps:
        parent = ""
        match step:
            case s.OpenPage():
                found[step.document] = Part(step.document, step.kind, step.site, step.frames, kept=step.kept)
                parent = step.document
            case s.AddFrame():
                parent = step.into
            case s.NavigateFrame() if step.document in found:
                parent = found[step.document].parent
            case s.Navigate():
                found[step.to] = Part(step.to, "web", step.site)
        for frame in frames_of(step):
            if frame.holds not in UNSHOWN:
                found[frame.document] = Part(frame.document, frame.kind, frame.site, (), parent)
    return found


def demo_steps(scenario: Scenario) -> list[Demo]:
    """Every step of a scenario, numbered as the suite does."""
    known = parts(scenario)
    own = {background.actor for background in scenario.cast.backgrounds if background.extension == "subject"}
    ops = [msgspec.to_builtins(step.ops) for step in scenario.steps if isinstance(step, s.Task)]
    settle = SETTLE_LONG if _is_huge(ops) else SETTLE
    return [_demo(number, step, known, own, settle) for number, step in enumerate(scenario.steps, 1)]


def _is_huge(value: object) -> bool:
    """Whether there is a HUGE text in it."""
    match value:
        case {"$": "repeat", "unit": str(unit), "times": int(times)}:
            return len(unit) * times >= HUGE
        case dict():
            return any(map(_is_huge, value.values()))
        case list() | tuple():
            return any(map(_is_huge, value))
    return False


def _demo(number: int, step: s.AnyStep, known: dict[str, Part], own: set[str], settle: str) -> Demo:
    says = step_sentence(step)
    match step:
        case s.Settle():
            return Demo(number, says, settle)
        case s.Need() if step.actor in own or step.actor in known:
            return Demo(number, says, f"need({text(step.actor)}, {text(step.path)})")
        case s.Need():
            return Demo(number, says)
        case s.Task():
            if where := _where(step.actor, known, own):
                return Demo(number, says, f"{where}({text(step.actor)}, {number})")
            return Demo(number, says, by_hand=_somebody_else(step.actor))
    if press := _press(step, known):
        return Demo(number, says, press, PRESS, press=True)
    code = _code(step, known)
    return Demo(number, says, code) if code else Demo(number, says, by_hand=_by_hand(step))


def _where(actor: str, known: dict[str, Part], own: set[str]) -> str:
    """The function of the demo page that has an actor do a step; nothing for one that is not in the demo."""
    if actor in own:
        return "inExtension"
    if actor not in known:
        return ""
    part = known[actor]
    if part.kind == "web":
        return "inContent"
    above = known.get(part.parent)
    return "inExtensionFrame" if above and above.kind == "web" else "inExtension"


def _somebody_else(actor: str) -> str:
    kind = actor.rpartition(".")[2]
    whose = {
        "peer": "Another extension does this; this demo is one extension alone. Install one that does the same.",
        "script": (
            "The web page itself does this. Open its console, and do it there: what comes of it is seen there, too. The "
            "extension's id is in the page's address."
        ),
        "second_script": "A second content script does this; do it in the page's console, in the extension's context.",
        "other_user_script": "A user script in a world of its own does this; add one with a user script manager of your own.",
        "user_script": "A user script does this; add one with a user script manager of your own.",
    }
    return whose.get(
        kind,
        "A native application, or a frame without an address of its own, does this; this demo has none. Do it with one of yours.",
    )


def _place(name: str, known: dict[str, Part]) -> str:
    part = known[name]
    place = "extension" if part.kind != "web" else part.site
    kept = "" if part.kept else ", kept: false"
    return f"{{ file: {text(name + '.html')}, site: {text(place)}{kept} }}"


PRESS = "Press the button: browsers open and close a sidebar only where a person presses something."


def _press(step: s.AnyStep, known: dict[str, Part]) -> str:
    """The code of what a browser does only where a person presses something."""
    match step:
        case s.OpenPage(kind="sidebar"):
            return f"openSidebar({text(step.document)})"
        case s.CloseTab() if step.document in known and known[step.document].kind == "sidebar":
            return f"closeSidebar({text(step.document)})"
    return ""


def _code(step: s.AnyStep, known: dict[str, Part]) -> str:
    match step:
        case s.OpenPage(kind="popup"):
            return f"openPopup({text(step.document)}, {_place(step.document, known)})"
        case s.CloseTab() if step.document in known and known[step.document].kind == "popup":
            return f"closePopup({text(step.document)})"
        case s.OpenPage() if step.kind != "devtools":
            who = [step.document, *(frame.document for frame in step.frames if frame.document in known)]
            window = {"same": "", "new": ", { newWindow: true }", "private": ", { newWindow: true, incognito: true }"}[
                step.window
            ]
            return f"openPage({_place(step.document, known)}, {_names(who)}{window})"
        case s.AddFrame() if step.frame.document in known:
            return f"addFrame({text(step.into)}, {text(step.frame.document)}, {_place(step.frame.document, known)})"
        case s.RemoveFrame() if step.document in known:
            return f"removeFrame({text(known[step.document].parent)}, {text(step.document)})"
        case s.NavigateFrame() if step.document in known and step.to.document in known:
            parent = known[step.document].parent
            return f"navigateFrame({text(parent)}, {text(step.document)}, {text(step.to.document)}, {_place(step.to.document, known)})"
        case s.Navigate():
            how = ", { replacing: true }" if step.how == "replace" else ""
            return f"navigate({text(step.document)}, {text(step.to)}, {_place(step.to, known)}{how})"
        case s.RewriteDocument():
            return f"rewrite({text(step.document)})"
        case s.GoBack():
            return f"goBack({text(step.document)}, {text(step.to)})"
        case s.Reload():
            return f"reload({text(step.document)})"
        case s.CloseTab() if step.document in known and known[step.document].kind != "devtools":
            return f"closeTab({text(step.document)})"
        case s.CloseWindow():
            return f"closeWindow({text(step.document)})"
        case s.DiscardTab():
            return f"discard({text(step.document)})"
    return ""


def _names(names: Sequence[str]) -> str:
    return f"[{', '.join(map(text, names))}]"


MANAGER = "Firefox: about:debugging#/runtime/this-firefox; Chromium: chrome://extensions"


def _by_hand(step: s.AnyStep) -> str:
    """What a person is asked to do where an extension cannot."""
    match step:
        case s.OpenPage():
            return (
                f"Open the developer tools (F12) in the tab of {step.inspects}; {step.document} is then a page in them."
            )
        case s.CloseTab():
            return "Close the developer tools."
        case s.CrashTab():
            return f"End the process of {step.document}. Firefox: in about:processes; Chromium: in its task manager (Shift+Esc)."
        case s.StopBackground():
            return (
                "Stop the background. Firefox: about:debugging#/runtime/this-firefox, “Terminate background script” (Manifest V3 only); "
                "Chromium: chrome://serviceworker-internals, “Stop”."
            )
        case s.BeginStop():
            return "Do nothing until the browser begins to stop the background: “onSuspend” is told then."
        case s.ReadConsole():
            return (
                f"Look for {step.like!r} in the browser's console (Ctrl+Shift+J) or, in Chromium, in the list of the "
                "extension's errors (chrome://extensions)."
            )
        case s.AwaitIdleStop():
            return (
                "Do nothing until the browser has stopped the background: half a minute, with no developer tools open."
            )
        case s.CrashExtensions():
            return "End the process of all extensions: open about:crashextensions (Firefox). This page goes with it."
        case s.ReloadExtension():
            return f"Reload the extension ({MANAGER}). This page goes with it: note first what is below, then open it again."
        case s.DisableExtension():
            return (
                "Disable the extension (Firefox: about:addons; Chromium: chrome://extensions). This page goes with it."
            )
        case s.UninstallExtension():
            return f"Remove the extension ({MANAGER}). This page goes with it."
        case s.ConfigureWorld() | s.ResetWorld() | s.RegisterUserScripts() | s.ForbidUserScripts():
            return "This demo has no permission for user scripts; do it in an extension that has."
        case s.UpdateExtension():
            change = " and change externally_connectable" if step.externally_connectable else ""
            return (
                f"Raise the version{change} in manifest.json and load the extension again ({MANAGER}). "
                "This page goes with it."
            )
        case s.AddFrame() | s.RemoveFrame() | s.NavigateFrame():
            return "An extension cannot do this to a frame without an address of its own; do it in the page's console."
    raise NotImplementedError(f"reports/export/stage.py has no words for {type(step).__name__}")


def left_to_the_person(scenario: Scenario) -> Iterator[Demo]:
    """The steps that the demo cannot do."""
    yield from (each for each in demo_steps(scenario) if each.by_hand)
