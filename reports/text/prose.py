"""Scenarios in English: one sentence a step, one phrase a check. Pure, and harmless on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from portolan.conformance.checks.checks import AllOf, AnyCheck, AnyOf
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import Json, plain, show

MOST_VALUES = 4
"""How many of the messages that are posted one after the other are spelled out."""

PLACES: dict[str, tuple[str, str]] = {
    "tab-of": ("document", "the tab of {}"),
    "frame-of": ("document", "the frame of {}"),
    "document-id-of": ("document", "the id of {}"),
    "host-of": ("application", "the name of {}"),
}
"""Values that only a play can know, in words."""

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

HEADINGS = ("What is done:", "What must hold:")


def step_sentence(step: s.AnyStep) -> str:
    """What one step does, as a sentence without its full stop."""
    match step:
        case s.Task():
            return f"{plain(step.actor)} {_turn(step.ops)}"
        case s.Need(path="background.stops"):
            return f"only where {plain(step.actor)} can be stopped"
        case s.Need(path="background.stays"):
            return f"only where {plain(step.actor)} is persistent"
        case s.Need():
            return f"only where {plain(step.actor)} has {plain(step.path)}"
        case s.OpenPage(kind="devtools"):
            return f"{plain(step.document)} opens in DevTools for the tab of {plain(step.inspects)}: {DOCUMENTS[step.kind]}"
        case s.OpenPage():
            place = {"same": "a tab", "new": "a window of its own", "private": "a private window"}[step.window]
            kind = _document(step.kind, step.site) + ("" if step.kept else " that the bfcache may not keep")
            return f"{plain(step.document)} opens in {place}: {kind}{_with_frames(step.frames)}"
        case s.Settle():
            return "everything settles"
    return _stage(step)


def _stage(step: s.AnyStep) -> str:
    match step:
        case s.AddFrame():
            return f"{plain(step.frame.document)} comes into {plain(step.into)} as a frame: {_frame(step.frame)}"
        case s.RemoveFrame():
            return f"{plain(step.document)} is removed"
        case s.NavigateFrame():
            return f"{plain(step.document)} is navigated to {plain(step.to.document)}: {_frame(step.to)}"
        case s.Navigate():
            verb = "navigated to" if step.how == "follow" else "replaced by"
            return f"{plain(step.document)} is {verb} {plain(step.to)}: {_document('web', step.site)}"
        case s.RewriteDocument():
            return f"{plain(step.document)} is emptied by document.open()"
        case s.GoBack():
            return f"the tab goes back from {plain(step.document)} to {plain(step.to)}"
        case s.CloseTab():
            return f"the tab of {plain(step.document)} is closed"
        case s.Reload():
            return f"{plain(step.document)} is loaded anew"
        case s.CloseWindow():
            return f"the window of {plain(step.document)} is closed"
        case s.DiscardTab():
            return f"the tab of {plain(step.document)} is discarded"
        case s.CrashTab():
            return f"the process that renders {plain(step.document)} is killed"
    return _extension(step)


def _extension(step: s.AnyStep) -> str:
    match step:
        case s.StopBackground():
            return f"the browser is made to stop the background of {EXTENSIONS[step.extension]}"
        case s.BeginStop():
            return f"the browser begins to stop the background of {EXTENSIONS[step.extension]}, and waits for its onSuspend"
        case s.AwaitIdleStop():
            return f"nothing is done until the browser stops the idle background of {EXTENSIONS[step.extension]}"
        case s.CrashExtensions():
            return "the process of all extensions is killed"
        case s.ReloadExtension():
            return f"{EXTENSIONS[step.extension]} is reloaded"
        case s.DisableExtension():
            return f"{EXTENSIONS[step.extension]} is disabled"
        case s.UninstallExtension():
            return f"{EXTENSIONS[step.extension]} is uninstalled"
        case s.ReadConsole():
            return f"the browser's console is looked at for {show(step.like)}, of {plain(step.actor)}"
        case s.UpdateExtension():
            asks = f", asking for {listed([plain(each) for each in step.permissions])}" if step.permissions else ""
            both = ", its background listed as scripts and as a service worker" if step.both_backgrounds else ""
            return f"{EXTENSIONS[step.extension]} is updated{asks}{both}{_connectable(step.externally_connectable)}"
        case s.ConfigureWorld():
            which = f"in the world “{step.world}” " if step.world else ""
            return f"the extension configures that user scripts {which}{'may' if step.messaging else 'may not'} send messages"
        case s.ResetWorld():
            return f"the extension resets the configuration of {f'the world “{step.world}”' if step.world else 'the default world'}"
        case s.RegisterUserScripts():
            return "the extension registers its user scripts once more"
        case s.ForbidUserScripts():
            return "a person takes user scripts from the extension"
    return f"{type(step).__name__}: {show(str(step))}"  # a step that is newer than this text


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
    match op:
        case s.Connect():
            call = f"calls {op.api}({', '.join(map(words, op.args))}) for {_port(op.port)}"
            return call if op.port in recorded else f"{call} (and does not listen on it yet)"
        case s.Ask():
            how = CALLBACKS[op.how]
            return f"calls {op.api}({', '.join(map(words, op.args))}){how}, for an answer ({plain(op.name)})"
        case s.Disconnect():
            return f"calls {_port(op.port)}.disconnect()"
        case s.Listen():
            return _listens(op)
        case s.Unlisten():
            return f"removes its listener {plain(op.listener)}"
        case s.Read():
            return f"notes {_port(op.port)}.{plain(op.path)}"
        case s.Probe():
            return f"notes whether {plain(op.path)} is there"
        case s.Describe():
            at = ".".join(part for part in (_port(op.port) if op.port else "", plain(op.path)) if part)
            return f"notes what {at} consists of"
        case s.Relisten():
            return f"adds its listener {plain(op.listener)} once more"
        case s.Throw():
            return f"throws an error ({plain(op.message)})"
        case s.PostMany():
            return f"posts 0, 1, 2 and so on, {op.count} messages, through {_port(op.port)}"
        case s.Count():
            return f"counts the messages of {_port(op.port)}"
        case s.ConnectMany():
            return f"calls {op.api}({', '.join(map(words, op.args))}) {op.count} times, and posts on each port"
        case s.WelcomeMany():
            return "listens for runtime.onConnect, sends each message back, and only counts"
        case s.Tally():
            return f"notes the numbers of {plain(op.group)}"
        case s.PushState():
            return f"calls history.pushState with the fragment {plain(op.fragment)}"
        case s.SetGlobal():
            return f"sets globalThis.{plain(op.name)} to {', '.join(map(words, op.args))}"
        case s.ReadGlobal():
            return f"notes globalThis.{plain(op.name)}"
        case s.AppExit():
            return f"exits with code {op.code}"
        case s.AppCrash():
            return "is killed by SIGKILL"
        case s.AppClose():
            return "closes its output"
        case s.AppLog():
            return f"writes {show(op.text)} to its standard error"
        case s.AppChild():
            return f"starts a child process, {plain(op.child)}{', in a process group of its own' if op.breaks_away else ''}"
        case s.AppAnswer():
            return "says that it is alive, if it is"
        case s.HearEnd():
            held = ", and keeps the browser waiting" if op.hold else ""
            return f"listens for its own end (onSuspend, onSuspendCanceled, pagehide){held}"
        case s.AppWrite():
            return (
                "writes bytes that are no message" if op.what == "garbage" else f"writes one message of {op.size} bytes"
            )
    return type(op).__name__


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
    """Who is there before the first step."""
    for background in cast.backgrounds:
        heard = [
            _listens(s.Listen(each.listener, each.event, None, each.then), " from its start")
            for each in background.listeners
        ]
        does = f" {'; and '.join(heard)}" if heard else " is there"
        yield f"{plain(background.actor)}, the background of {EXTENSIONS[background.extension]},{does}"
    manifests = {
        "allowed": "",
        "forbidden": ", whose manifest allows another extension only",
        "missing": ", which has no manifest",
        "misnamed": ", whose name has a hyphen in it",
        "relative": ", whose manifest has a path that is not absolute",
        "typeless": ", whose manifest has a type that there is not",
        "fileless": ", whose manifest names a file that is not there",
        "unrunnable": ", whose manifest names a file that is no program",
    }
    for each in cast.applications:
        does = "answers each message with the same" if each.on_message == "echo" else "receives messages"
        stays = " and stays when its input ends" if each.on_eof == "stay" else ""
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
