"""Scenarios in English: one sentence for each step, one phrase for each check. Safe to print on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from portolan.conformance.checks.checks import AllOf, AnyCheck, AnyOf
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import Json, plain, show

MOST_VALUES = 4
"""How many messages in a row are spelled out."""

PLACES: dict[str, tuple[str, str]] = {
    "tab-of": ("document", "the tab of {}"),
    "frame-of": ("document", "the frame of {}"),
    "document-id-of": ("document", "the id of {}"),
    "host-of": ("application", "the name of {}"),
}
"""Values that are known only during a play, in words."""

DOCUMENTS: dict[str, str] = {
    "web": "a web page",
    "extension": "a page of the extension",
    "options": "the options page",
    "popup": "the popup",
    "sidebar": "the sidebar",
    "devtools": "the devtools page",
}
EXTENSIONS: dict[str, str] = {"subject": "the extension", "peer": "the other extension"}
CALLBACKS: dict[str, str] = {
    "promise": "",
    "callback": " with a callback",
    "unread": " with a callback that does not read runtime.lastError",
    "both": " with a callback that reads runtime.lastError and extension.lastError",
}

HEADINGS = ("Steps:", "Checks:")


def step_sentence(step: s.AnyStep) -> str:
    """What one step does, as a sentence without its full stop."""
    return STEP_SENTENCES[type(step)](step)


def _need(step: s.Need) -> str:
    actor = plain(step.actor)
    needs = {"background.stops": f"{actor} can be stopped", "background.stays": f"{actor} is persistent"}
    return f"only if {needs.get(step.path, f'{actor} has {plain(step.path)}')}"


def _open_page(step: s.OpenPage) -> str:
    if step.kind == "devtools":
        return f"{plain(step.document)} opens in developer tools for the tab of {plain(step.inspects)}: {DOCUMENTS[step.kind]}"
    place = {"same": "a tab", "new": "a window of its own", "private": "a private window"}[step.window]
    kind = _document(step.kind, step.site) + ("" if step.kept else " that may not go into the bfcache")
    return f"{plain(step.document)} opens in {place}: {kind}{_with_frames(step.frames)}"


def _navigate(step: s.Navigate) -> str:
    verb = "navigated to" if step.how == "follow" else "replaced by"
    return f"{plain(step.document)} is {verb} {plain(step.to)}: {_document('web', step.site)}"


def _update(step: s.UpdateExtension) -> str:
    asks = f", asking for {listed([plain(each) for each in step.permissions])}" if step.permissions else ""
    both = ", with its background listed as scripts and as a service worker" if step.both_backgrounds else ""
    return f"{EXTENSIONS[step.extension]} is updated{asks}{both}{_connectable(step.externally_connectable)}"


def _configure_world(step: s.ConfigureWorld) -> str:
    which = f"in the world “{step.world}” " if step.world else ""
    return f"the extension configures that user scripts {which}{'may' if step.messaging else 'may not'} send messages"


def _reset_world(step: s.ResetWorld) -> str:
    return f"the extension resets the configuration of {f'the world “{step.world}”' if step.world else 'the default world'}"


STEP_SENTENCES: dict[type[s.Step], Callable[[Any], str]] = {
    s.Task: lambda step: f"{plain(step.actor)} {_turn(step.ops)}",
    s.Need: _need,
    s.OpenPage: _open_page,
    s.AddFrame: lambda step: (
        f"{plain(step.frame.document)} is added to {plain(step.into)} as a frame: {_frame(step.frame)}"
    ),
    s.RemoveFrame: lambda step: f"{plain(step.document)} is removed",
    s.NavigateFrame: lambda step: (
        f"{plain(step.document)} is navigated to {plain(step.to.document)}: {_frame(step.to)}"
    ),
    s.Navigate: _navigate,
    s.RewriteDocument: lambda step: f"{plain(step.document)} is emptied by document.open()",
    s.GoBack: lambda step: f"the tab goes back from {plain(step.document)} to {plain(step.to)}",
    s.Reload: lambda step: f"{plain(step.document)} is reloaded",
    s.CloseTab: lambda step: f"the tab of {plain(step.document)} is closed",
    s.CloseWindow: lambda step: f"the window of {plain(step.document)} is closed",
    s.DiscardTab: lambda step: f"the tab of {plain(step.document)} is discarded",
    s.CrashTab: lambda step: f"the process that renders {plain(step.document)} is killed",
    s.StopBackground: lambda step: f"the browser is forced to stop the background of {EXTENSIONS[step.extension]}",
    s.BeginStop: lambda step: (
        f"the browser begins to stop the background of {EXTENSIONS[step.extension]}, and waits for its onSuspend"
    ),
    s.AwaitIdleStop: lambda step: (
        f"nobody does anything until the browser stops the idle background of {EXTENSIONS[step.extension]}"
    ),
    s.CrashExtensions: lambda _: "the process of all extensions is killed",
    s.ReloadExtension: lambda step: f"{EXTENSIONS[step.extension]} is reloaded",
    s.DisableExtension: lambda step: f"{EXTENSIONS[step.extension]} is disabled",
    s.UninstallExtension: lambda step: f"{EXTENSIONS[step.extension]} is uninstalled",
    s.UpdateExtension: _update,
    s.ConfigureWorld: _configure_world,
    s.ResetWorld: _reset_world,
    s.RegisterUserScripts: lambda _: "the extension registers its user scripts again",
    s.ReadConsole: lambda step: (
        f"the browser's console is searched for {show(step.like)}, caused by {plain(step.actor)}"
    ),
    s.ForbidUserScripts: lambda _: "the user forbids user scripts to the extension",
    s.Settle: lambda _: "everything settles",
}
"""The sentence of each step."""


def _connectable(key: s.Connectable | None) -> str:
    if key is None:
        return ""
    names = [EXTENSIONS.get(id, id) for id in key.ids]
    said = [f"the ids {listed([plain(name) for name in names])}"] if names else []
    said += (
        [
            f"the pages of {listed([DOCUMENTS['web'] if site == 'here' else 'a web page of another site' for site in key.matches])}"
        ]
        if key.matches
        else []
    )
    return f", with externally_connectable for {listed(said)}" if said else ", without externally_connectable"


def _document(kind: s.Document, site: s.Site) -> str:
    return DOCUMENTS[kind] + (" of another site" if site == "elsewhere" else "")


HOLDINGS = {"about:blank": "about:blank", "srcdoc": "a document of srcdoc", "sandboxed": "a sandboxed web page"}


def _frame(frame: s.Frame) -> str:
    return HOLDINGS.get(frame.holds) or _document(frame.kind, frame.site)


def _with_frames(frames: Sequence[s.Frame]) -> str:
    if not frames:
        return ""
    named = [f"{plain(frame.document)} ({_frame(frame)})" for frame in frames]
    return f" with the frame{'s' if len(named) > 1 else ''} {listed(named)}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as an enumeration: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def _turn(ops: Sequence[s.AnyOp]) -> str:
    """The clauses of one turn of an actor."""
    said = list(_clauses(ops))
    turn = ", all in one turn" if len(said) > 1 else ""
    return (listed(said, "and then") if said else "does nothing") + turn


def _clauses(ops: Sequence[s.AnyOp]) -> Iterator[str]:
    recorded = {op.port for op in ops if isinstance(op, s.Listen) and _records(op)}
    spoken = [op for op in ops if not _records(op)]
    for port, group in groupby(spoken, key=lambda op: op.port if isinstance(op, s.Post) else None):
        if port is None:
            yield from (_clause(op, recorded) for op in group)
        else:
            yield _posts(port, [op for op in group if isinstance(op, s.Post)])
    if ops and not spoken:
        yield f"listens on {listed(sorted({_port(op.port) for op in ops if isinstance(op, s.Listen) and op.port}))}"


def _records(op: s.AnyOp) -> bool:
    """Whether an op is one of the listeners that every port end has unless a scenario says otherwise."""
    return isinstance(op, s.Listen) and not op.then and op.port is not None and op.listener == f"{op.port}.{op.event}"


def _clause(op: s.AnyOp, recorded: set[str | None]) -> str:
    said = OP_CLAUSES[type(op)](op)
    return f"{said} (and does not listen on it yet)" if isinstance(op, s.Connect) and op.port not in recorded else said


def _call(op: s.Connect | s.Ask | s.ConnectMany) -> str:
    return f"calls {op.api}({', '.join(map(words, op.args))})"


def _describe(op: s.Describe) -> str:
    return f"describes {'.'.join(part for part in (_port(op.port) if op.port else '', plain(op.path)) if part)}"


OP_CLAUSES: dict[type[s.Op], Callable[[Any], str]] = {
    s.Connect: lambda op: f"{_call(op)} for {_port(op.port)}",
    s.Ask: lambda op: f"{_call(op)}{CALLBACKS[op.how]}, for an answer ({plain(op.name)})",
    s.Post: lambda op: _posts(op.port, [op]),
    s.Disconnect: lambda op: f"calls {_port(op.port)}.disconnect()",
    s.Listen: lambda op: _listens(op),
    s.Unlisten: lambda op: f"removes its listener {plain(op.listener)}",
    s.HearEnd: lambda op: (
        "listens for its own end (onSuspend, onSuspendCanceled, pagehide)"
        + (", and keeps the browser waiting" if op.hold else "")
    ),
    s.Read: lambda op: f"records {_port(op.port)}.{plain(op.path)}",
    s.Probe: lambda op: f"records whether {plain(op.path)} exists",
    s.Describe: _describe,
    s.Relisten: lambda op: f"adds its listener {plain(op.listener)} a second time",
    s.Throw: lambda op: f"throws an error ({plain(op.message)})",
    s.PostMany: lambda op: f"posts 0, 1, 2 and so on, {op.count} messages, through {_port(op.port)}",
    s.Count: lambda op: f"counts the messages of {_port(op.port)}",
    s.ConnectMany: lambda op: f"{_call(op)} {op.count} times, and posts on each port",
    s.WelcomeMany: lambda _: "listens for runtime.onConnect, sends each message back, and only counts",
    s.Tally: lambda op: f"records the numbers of {plain(op.group)}",
    s.PushState: lambda op: f"calls history.pushState with the fragment {plain(op.fragment)}",
    s.SetGlobal: lambda op: f"sets globalThis.{plain(op.name)} to {', '.join(map(words, op.args))}",
    s.ReadGlobal: lambda op: f"records globalThis.{plain(op.name)}",
    s.AppExit: lambda op: f"exits with code {op.code}",
    s.AppCrash: lambda _: "is killed by SIGKILL",
    s.AppWrite: lambda op: (
        "writes bytes that are not a message" if op.what == "garbage" else f"writes one message of {op.size} bytes"
    ),
    s.AppClose: lambda _: "closes its output",
    s.AppLog: lambda op: f"writes {show(op.text)} to its standard error",
    s.AppChild: lambda op: (
        f"starts a child process, {plain(op.child)}{', in a process group of its own' if op.breaks_away else ''}"
    ),
    s.AppAnswer: lambda _: "answers if it is alive",
}
"""The clause of each operation, with its actor as the subject."""


def _posts(port: str, posts: Sequence[s.Post]) -> str:
    values = [", ".join(map(words, post.args)) or "nothing" for post in posts]
    if len(values) > MOST_VALUES:
        values = [*values[: MOST_VALUES - 2], "…", values[-1] + f" ({len(posts)} messages)"]
        said = ", ".join(values)
    else:
        said = listed(values)
    return f"posts {said} through {_port(port)}" if port else f"sends {said}"


def _listens(op: s.Listen, since: str = "") -> str:
    if op.port is not None:
        label = op.listener.removeprefix(f"{op.port}.{op.event}").lstrip(".")
        name = f" ({plain(label)})" if label else ""
        then = f", and each time {_reaction(op.then)}" if op.then else ""
        return f"listens for {_port(op.port)}.{op.event}{name}{then}"
    api = op.event.partition(".")[2]
    label = op.listener.rpartition(f".{api}")[2].lstrip(".")
    name = f" ({plain(label)})" if label and label != op.listener else ""
    if op.event in ("runtime.onMessage", "runtime.onMessageExternal"):
        return f"listens for {op.event}" + (f", and answers {words(op.answers[0])}" if op.answers else "")
    return f"listens for {op.event}{name}{since}{_on_each_port(op.then)}"


def _on_each_port(then: Sequence[s.AnyOp]) -> str:
    silent = not any(_records(op) for op in then)
    spoken = [op for op in then if not _records(op)]
    said = [_reaction(spoken)] if spoken else []
    said += ["does not listen on the port"] if silent and not any(isinstance(op, s.Listen) for op in spoken) else []
    return f", and with each port {listed(said)}" if said else ""


def _reaction(then: Sequence[s.AnyOp]) -> str:
    return listed(list(_clauses(then)), "and then")


def _port(name: str | None) -> str:
    return "the port" if name == s.THIS_PORT else plain(name or "its port")


def words(value: Json) -> str:
    """A value that a scenario passes: as JavaScript would write it, with what only a play can know in words."""
    if isinstance(value, dict):
        kind = value.get("$")
        if kind == "argument":
            return "the same value"
        if kind in PLACES:
            field, sentence = PLACES[kind]
            return sentence.format(plain(str(value.get(field, "?"))))
        if kind == "id-of":
            return f"the id of {EXTENSIONS.get(value.get('extension', ''), 'an extension')}"
        if kind is None and any(isinstance(item, dict) for item in value.values()):
            return "{" + ", ".join(f"{plain(key)}: {words(item)}" for key, item in value.items()) + "}"
    return show(value)


def check_phrase(check: AnyCheck) -> str:
    """What a check accepts, in words; its events are spelled as the API names them."""
    match check:
        case AllOf():
            return "; and ".join(check_phrase(part) for part in check.parts)
        case AnyOf():
            return "; or ".join(check_phrase(part) for part in check.parts)
    return plain(check.accepted)


def cast_sentences(cast: s.Cast) -> Iterator[str]:
    """The actors that exist before the first step."""
    for background in cast.backgrounds:
        heard = [
            _listens(s.Listen(each.listener, each.event, None, each.then), " from its start")
            for each in background.listeners
        ]
        does = f" {'; and '.join(heard)}" if heard else " takes part"
        yield f"{plain(background.actor)}, the background of {EXTENSIONS[background.extension]},{does}"
    manifests = {
        "allowed": "",
        "forbidden": ", whose manifest allows another extension only",
        "missing": ", which has no manifest",
        "misnamed": ", whose name has a hyphen in it",
        "relative": ", whose manifest has a path that is not absolute",
        "typeless": ", whose manifest has an unknown type",
        "fileless": ", whose manifest names a file that does not exist",
        "unrunnable": ", whose manifest names a file that is not a program",
    }
    for each in cast.applications:
        does = "sends each message back" if each.on_message == "echo" else "receives messages"
        stays = " and ignores the end of its input" if each.on_eof == "stay" else ""
        yield f"{plain(each.actor)}, a native application{manifests[each.manifest]}, {does}{stays}"


def scenario_text(scenario: Scenario) -> Iterator[str]:
    """Everything about a scenario, line by line."""
    yield scenario.name
    yield plain(scenario.title)
    if scenario.description:
        yield plain(scenario.description, 2000)
    yield ""
    yield f"topic: {plain(scenario.topic.replace('_', ' '))}"
    if scenario.claims:
        yield f"claims: {plain(', '.join(scenario.claims), 2000)}"
    if scenario.bug:
        yield f"bug: {plain(scenario.bug)}"
    yield ""
    yield HEADINGS[0]
    yield from scenario_lines(scenario)
    yield ""
    yield HEADINGS[1]
    yield from check_lines(scenario)


def scenario_lines(scenario: Scenario) -> Iterator[str]:
    """A whole scenario as plain lines: what is there, what is done, what must hold."""
    yield from (f"  - {sentence}" for sentence in cast_sentences(scenario.cast))
    for number, step in enumerate(scenario.steps, 1):
        yield f"  {number}. {step_sentence(step)}"


def check_lines(scenario: Scenario) -> Iterator[str]:
    """What must hold, and where browsers may differ."""
    for each in scenario.requirements:
        yield f"  - {_claims(each.claims)}{check_phrase(each.check)}{f' (because {plain(each.because)})' if each.because else ''}"
    for point in scenario.open_points:
        yield f"  - {plain(point.topic)}: one of"
        yield from (
            f"      “{plain(one.title)}”: {_claims(one.claims)}{check_phrase(one.check)}" for one in point.variants
        )


def _claims(says: Iterable[str]) -> str:
    named = ", ".join(says)
    return f"[{plain(named)}] " if named else ""
