"""Finds what makes no sense in a scenario before a browser starts: which step or check, and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.check_validation import check_expression, there_are, validate_checks
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace import values

RECORDING = 2
"""The listeners that record a port: one for each of its events."""


def validate(scenario: Scenario) -> None:
    """Raise ScenarioError for the first thing that makes no sense."""
    known = Names(scenario)
    stage = Presence(known)
    for background in scenario.cast.backgrounds:
        for listener in background.listeners:
            known.ops(background.actor, background.actor, listener.then, f"{listener.listener}#*")
    for number, step in enumerate(scenario.steps, 1):
        stage.takes(f"step {number}", step)
    validate_checks(scenario, known, stage.everyone)


class Names:
    """Every port and listener of a scenario: those that its steps make, and those that reactions to events make."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.applications = {each.actor for each in scenario.cast.applications}
        self.connecting = {each.listener for background in scenario.cast.backgrounds for each in background.listeners}
        self.listeners = set(self.connecting)
        self.ports: set[str] = set()
        self.opened: set[str] = set()
        for background in scenario.cast.backgrounds:
            for listener in background.listeners:
                self._collect(listener.then, f"{listener.listener}#*", self.opened)
        for step in scenario.steps:
            if isinstance(step, s.Task):
                self._collect(step.ops, "", self.ports)
        self.ports |= self.opened

    def _collect(self, ops: Iterable[s.AnyOp], here: str, ports: set[str]) -> None:
        for op in ops:
            if isinstance(op, s.Connect):
                ports.add(op.port)
            if isinstance(op, s.Ask):
                self.listeners.add(op.name)
            if isinstance(op, s.Listen):
                name = op.listener.replace(s.THIS_PORT, here)
                self.listeners.add(name)
                if op.port is None:
                    self.connecting.add(name)
                self._collect(op.then, _inside(op, name, here), ports)

    def ops(self, where: str, actor: str, ops: Iterable[s.AnyOp], here: str = "") -> None:
        """Look at ops; ``here`` is the port of the event that they react to, none outside a reaction."""
        for op in ops:
            if isinstance(op, s.Connect):
                self.opened.add(op.port)
            self._op(where, actor, op, here)
            if isinstance(op, s.Listen):
                self.ops(where, actor, op.then, _inside(op, op.listener.replace(s.THIS_PORT, here), here))

    def _op(self, where: str, actor: str, op: s.AnyOp, here: str) -> None:
        port = getattr(op, "port", None)
        in_time = self.ports if here else self.opened
        if port and not (port == s.THIS_PORT and here) and not self.has_port(port, in_time):
            raise ScenarioError(
                f"{where} uses the port {port!r}, which is not open at that point; {there_are(in_time, 'ports')}"
            )
        if isinstance(op, s.Throw) and not here:
            raise ScenarioError(f"{where} throws an error outside a listener; accepted: throw() in a reaction")
        if isinstance(op, s.Relisten) and not self.has_listener(op.listener.replace(s.THIS_PORT, here)):
            raise ScenarioError(
                f"{where} adds the listener {op.listener!r} again, which was never added; {there_are(self.listeners, 'listeners')}"
            )
        if isinstance(op, s.Unlisten) and not self.has_listener(op.listener.replace(s.THIS_PORT, here)):
            raise ScenarioError(
                f"{where} removes the listener {op.listener!r}, which was never added; {there_are(self.listeners, 'listeners')}"
            )
        for value in (*getattr(op, "args", ()), *getattr(op, "answers", ())):
            if actor in self.applications:
                _plain_json(where, actor, value)
            _value(where, value, reacting=bool(here))

    def has_port(self, name: str, ports: set[str] | None = None) -> bool:
        """Whether there is such a port: one that was opened, or one that a listener is given."""
        listener, _, number = name.rpartition("#")
        given = any(_generic(one) == _generic(listener) for one in self.connecting)
        return name in (self.ports if ports is None else ports) or (given and number.isdecimal() and int(number) > 0)

    def has_listener(self, name: str) -> bool:
        """Whether there is such a listener, perhaps one that is added to each port that arrives."""
        return name in self.listeners or _generic(name) in self.listeners


def _inside(op: s.Listen, name: str, here: str) -> str:
    """The port that ``@port`` means in a listener's reaction."""
    if op.port is None:
        return f"{name}#*"
    return here if op.port == s.THIS_PORT else op.port


def _generic(name: str) -> str:
    return re.sub(r"#\d+", "#*", name)


def _plain_json(where: str, actor: str, value: values.Json) -> None:
    if isinstance(value, dict) and "$" in value:
        raise ScenarioError(
            f"{where}: {actor} is a native application and cannot send {values.show(value)}; accepted: values that JSON has"
        )
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _plain_json(where, actor, item)


def _value(where: str, value: values.Json, *, reacting: bool) -> None:
    if isinstance(value, list):
        for item in value:
            _value(where, item, reacting=reacting)
    if not isinstance(value, dict):
        return
    kinds = values.SENDABLE | values.PLACEHOLDERS | ({"argument"} if reacting else set())
    if "$" in value and value["$"] not in kinds:
        raise ScenarioError(
            f"{where}: a value cannot be of the kind {value['$']!r} here; accepted: {', '.join(sorted(kinds))}"
        )
    for item in value.values():
        _value(where, item, reacting=reacting)


class Presence:
    """Which actors exist, step by step."""

    def __init__(self, known: Names) -> None:
        self.known = known
        self.kinds: dict[str, str] = dict.fromkeys(
            [each.actor for each in known.scenario.cast.backgrounds], "background"
        )
        self.kinds |= dict.fromkeys([each.actor for each in known.scenario.cast.applications], "application")
        self.parents: dict[str, str] = {}
        self.left: dict[str, dict[str, str]] = {}
        self.inspected: dict[str, str] = {}
        self.everyone = set(self.kinds)

    def takes(self, where: str, step: s.AnyStep) -> None:
        """Look at one step, and follow what it changes."""
        match step:
            case s.Task():
                self._someone(where, step.actor)
                self.known.ops(where, step.actor, step.ops)
                for child in [op.child for op in step.ops if isinstance(op, s.AppChild)]:
                    self.kinds[child] = "child"
                    self.everyone.add(child)
            case s.Need() if step.path not in s.BACKGROUND_NEEDS:
                self._someone(where, step.actor)
            case s.OpenPage():
                self._inspects(where, step)
                self._comes(step.document, step.kind)
                for frame in step.frames:
                    self._comes(frame.document, frame.kind, step.document)
            case s.AddFrame():
                self._someone(where, step.into)
                self._comes(step.frame.document, step.frame.kind, step.into)
            case s.NavigateFrame():
                parent = self.parents.get(step.document, "")
                self._goes(where, step.document)
                self._comes(step.to.document, step.to.kind, parent)
            case s.Navigate():
                self.left[step.document] = self._goes(where, step.document)
                self._comes(step.to, "web")
            case s.Reload():
                kind = self.kinds.get(step.document, "")
                self._goes(where, step.document)
                self._comes(step.document, kind)
            case s.GoBack():
                self._goes(where, step.document)
                self._returns(where, step.to)
            case s.RemoveFrame() | s.CloseTab() | s.CloseWindow() | s.DiscardTab() | s.CrashTab():
                self._goes(where, step.document)
                if isinstance(step, s.CloseTab | s.CloseWindow) and (devtools := self.inspected.get(step.document)):
                    self.kinds.pop(devtools, None)
            case s.DisableExtension() | s.UninstallExtension():
                actor = s.BACKGROUNDS[step.extension]
                self._someone(where, actor)
                del self.kinds[actor]
            case s.RewriteDocument():
                self._someone(where, step.document)
            case s.ConfigureWorld() | s.ResetWorld() | s.RegisterUserScripts() | s.ForbidUserScripts():
                self._someone(where, "background")
            case s.ReadConsole():
                self._someone(where, step.actor)
                check_expression(where, step.like)
                self.everyone.add(s.CONSOLE)
            case s.StopBackground() | s.BeginStop() | s.AwaitIdleStop() | s.ReloadExtension() | s.UpdateExtension():
                self._plain_listeners(where, step.extension)
            case s.CrashExtensions():
                self._crash(where)
            case s.Need() | s.Settle():
                pass
            case _:
                raise NotImplementedError(f"conformance/language/validation.py does not know {type(step).__name__}")

    def _crash(self, where: str) -> None:
        """Every extension's contexts end, the observer's among them."""
        for cast in self.known.scenario.cast.backgrounds:
            self._plain_listeners(where, cast.extension)
        if others := sorted(name for name, kind in self.kinds.items() if kind not in ("web", "background")):
            raise ScenarioError(
                f"{where} ends the contexts of all extensions, and {others[0]} exists; accepted: only backgrounds and web pages at that point"
            )
        if s.EXTENSIONS in self.everyone:
            raise ScenarioError(f"{where} is a second crash; accepted: one in a scenario")
        self.left.clear()  # the observer is no longer in pages that are in the bfcache
        self.everyone.add(s.EXTENSIONS)

    def _inspects(self, where: str, step: s.OpenPage) -> None:
        """DevTools are opened for the tab of a web page, once in a play: the manifest names one devtools page."""
        if step.kind != "devtools":
            return
        if self.kinds.get(step.inspects) != "web" or step.inspects in self.parents:
            raise ScenarioError(
                f"{where} opens developer tools for {step.inspects!r}; accepted: a web page that exists at that point, and no frame"
            )
        if self.inspected:
            raise ScenarioError(f"{where} opens a second devtools page; accepted: one in a scenario")
        if any(isinstance(each, s.AwaitIdleStop) for each in self.known.scenario.steps):
            raise ScenarioError(
                f"{where} opens developer tools in a scenario that waits for an idle stop; accepted: one of the two, as other scenarios run during that wait"
            )
        self.inspected[step.inspects] = step.document

    def _plain_listeners(self, where: str, extension: s.Extension) -> None:
        """A background that a connect starts again has only what every incarnation registers: recording listeners."""
        for cast in self.known.scenario.cast.backgrounds:
            for listener in cast.listeners if cast.extension == extension else ():
                if (
                    any(not isinstance(op, s.Listen) or op.then for op in listener.then)
                    or len(listener.then) != RECORDING
                ):
                    raise ScenarioError(
                        f"{where} ends an incarnation of {cast.actor}, and the next one cannot know what {listener.listener} "
                        "does with a port; accepted: listen() without then and record"
                    )

    def _someone(self, where: str, actor: str) -> None:
        owner = next((actor.removesuffix(suffix) for suffix in s.SCRIPTS if actor.endswith(suffix)), "")
        if actor not in self.kinds and self.kinds.get(owner) != "web":
            raise ScenarioError(
                f"{where} is for {actor!r}, which does not exist at that point; {there_are(self.kinds, 'actors')}"
            )

    def _comes(self, document: str, kind: str, parent: str = "") -> None:
        self.kinds[document] = kind
        self.everyone |= {document, *(document + suffix for suffix in s.SCRIPTS)}
        if parent:
            self.parents[document] = parent

    def _goes(self, where: str, document: str) -> dict[str, str]:
        self._someone(where, document)
        return {name: self.kinds.pop(name) for name in list(self.kinds) if document in self._line(name)}

    def _returns(self, where: str, document: str) -> None:
        if document not in self.left:
            raise ScenarioError(
                f"{where} goes back to {document!r}, which is not in the history; {there_are(self.left, 'documents in it')}"
            )
        self.kinds |= self.left.pop(document)

    def _line(self, name: str) -> Iterator[str]:
        """The document and everything that it is in."""
        while name:
            yield name
            name = self.parents.get(name, "")
