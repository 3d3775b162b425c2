"""A scenario that is nonsense is named before any browser starts: who, which step, what was accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portolan.conformance.checks.checks import AllOf, AnyCheck, AnyOf, Compared, Field, InOrder, Times
from portolan.conformance.checks.patterns import ANYTHING, NOTHING, SOMETHING, TESTS, Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.trace import steps as s
from portolan.conformance.trace import values

if TYPE_CHECKING:
    from portolan.conformance.language.play import Play

RECORDING = 2
"""The listeners that record a port: one for each of its events."""


def validate(play: Play) -> None:
    """Raise ScenarioError for the first thing that makes no sense."""
    known = Known(play)
    stage = Stage(known)
    for background in play.backgrounds.values():
        for listener in background.listeners:
            known.ops(f"{play.name}: {background.actor}", background.actor, listener.then, f"{listener.listener}#*")
    for number, step in enumerate(play.steps, 1):
        stage.takes(f"{play.name}: step {number}", step)
    _checks(play, known, stage)


class Known:
    """Every port and listener of a play: those that its steps make, and those that reactions to events make."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.connecting = {each.listener for background in play.backgrounds.values() for each in background.listeners}
        self.listeners = set(self.connecting)
        self.ports: set[str] = set()
        self.opened: set[str] = set()
        for background in play.backgrounds.values():
            for listener in background.listeners:
                self._collect(listener.then, f"{listener.listener}#*", self.opened)
        for step in play.steps:
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
                f"{where} uses the port {port!r}, which was never opened; {_there_are(in_time, 'ports')}"
            )
        if isinstance(op, s.Throw) and not here:
            raise ScenarioError(f"{where} throws an error, and is no listener; accepted: in a reaction")
        if isinstance(op, s.Relisten) and not self.has_listener(op.listener.replace(s.THIS_PORT, here)):
            raise ScenarioError(
                f"{where} adds {op.listener!r} again, which was never added; {_there_are(self.listeners, 'listeners')}"
            )
        if isinstance(op, s.Unlisten) and not self.has_listener(op.listener.replace(s.THIS_PORT, here)):
            raise ScenarioError(
                f"{where} removes {op.listener!r}, which was never added; {_there_are(self.listeners, 'listeners')}"
            )
        for value in (*getattr(op, "args", ()), *getattr(op, "answers", ())):
            if actor in self.play.applications:
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


def _there_are(names: Iterable[str], what: str) -> str:
    return f"there are {', '.join(sorted(names)) or f'no {what}'}"


def _plain_json(where: str, actor: str, value: values.Json) -> None:
    if isinstance(value, dict) and "$" in value:
        raise ScenarioError(
            f"{where}: {actor}, a native application, cannot send {values.show(value)}; accepted: JSON's own values"
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
            f"{where}: there is no value of the kind {value['$']!r} here; accepted: {', '.join(sorted(kinds))}"
        )
    for item in value.values():
        _value(where, item, reacting=reacting)


class Stage:
    """Who is there, step by step."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.kinds: dict[str, str] = dict.fromkeys(known.play.backgrounds, "background")
        self.kinds |= dict.fromkeys(known.play.applications, "application")
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
                _like(where, step.like)
                self.everyone.add(s.CONSOLE)
            case s.StopBackground() | s.BeginStop() | s.AwaitIdleStop() | s.ReloadExtension() | s.UpdateExtension():
                self._plain_listeners(where, step.extension)
            case s.CrashExtensions():
                self._crash(where)

    def _crash(self, where: str) -> None:
        """Every extension's contexts end, the observer's among them."""
        for cast in self.known.play.backgrounds.values():
            self._plain_listeners(where, cast.extension)
        if others := sorted(name for name, kind in self.kinds.items() if kind not in ("web", "background")):
            raise ScenarioError(
                f"{where} ends every extension's contexts, and {others[0]} is there; accepted: backgrounds and web pages"
            )
        if s.EXTENSIONS in self.everyone:
            raise ScenarioError(f"{where} is a second crash, of what the first may have left; accepted: one in a play")
        self.left.clear()  # the observer is no longer in pages that are in the bfcache
        self.everyone.add(s.EXTENSIONS)

    def _inspects(self, where: str, step: s.OpenPage) -> None:
        """DevTools are opened for the tab of a web page, once in a play: the manifest names one devtools page."""
        if step.kind != "devtools":
            return
        if self.kinds.get(step.inspects) != "web" or step.inspects in self.parents:
            raise ScenarioError(
                f"{where} opens DevTools for {step.inspects!r}; accepted: a web page that is there, and no frame of it"
            )
        if self.inspected:
            raise ScenarioError(f"{where} opens a second devtools page; accepted: one in a play")
        if any(isinstance(each, s.AwaitIdleStop) for each in self.known.play.steps):
            raise ScenarioError(
                f"{where} opens DevTools in a play with an idle time, which others may be played beside; accepted: one of the two"
            )
        self.inspected[step.inspects] = step.document

    def _plain_listeners(self, where: str, extension: s.Extension) -> None:
        """A background that a connect starts again has only what every incarnation registers: recording listeners."""
        for cast in self.known.play.backgrounds.values():
            for listener in cast.listeners if cast.extension == extension else ():
                if (
                    any(not isinstance(op, s.Listen) or op.then for op in listener.then)
                    or len(listener.then) != RECORDING
                ):
                    raise ScenarioError(
                        f"{where} ends a life of {cast.actor}, whose next one cannot know what {listener.listener} does "
                        "with a port; accepted: listens() without then and record"
                    )

    def _someone(self, where: str, actor: str) -> None:
        owner = next((actor.removesuffix(suffix) for suffix in s.SCRIPTS if actor.endswith(suffix)), "")
        if actor not in self.kinds and self.kinds.get(owner) != "web":
            raise ScenarioError(f"{where} is for {actor!r}, who is not there; {_there_are(self.kinds, 'actors')}")

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
                f"{where} goes back to {document!r}, which no navigation has left; {_there_are(self.left, 'such documents')}"
            )
        self.kinds |= self.left.pop(document)

    def _line(self, name: str) -> Iterator[str]:
        """The document and everything that it is in."""
        while name:
            yield name
            name = self.parents.get(name, "")


# ---- what must hold


def _checks(play: Play, known: Known, stage: Stage) -> None:
    if not play.expectations and not play.open_points:
        raise ScenarioError(
            f"{play.name}: the scenario checks nothing; give it play.expect(…) or play.expect_one_of(…)"
        )
    for point in play.open_points:
        _named(play, point.topic, [variant.name for variant in point.variants])
    checks = [each.check for each in play.expectations]
    checks += [variant.check for point in play.open_points for variant in point.variants]
    for leaf in (leaf for check in checks for leaf in _leaves(play, check)):
        _leaf(play, leaf)
        for pattern in leaf.patterns:
            _pattern(play, pattern, known, stage)


def _named(play: Play, topic: str, names: Sequence[str]) -> None:
    if not names:
        raise ScenarioError(f"{play.name}: the open point {topic!r} has no variant; accepted: one variant(…) or more")
    wrong = [name for name in names if not name or " + " in name or names.count(name) > 1]
    if wrong:
        raise ScenarioError(
            f"{play.name}: the open point {topic!r} has a variant named {wrong[0]!r}; accepted: names without “ + ”, each given once"
        )


def _leaves(play: Play, check: AnyCheck) -> Iterator[AnyCheck]:
    if not isinstance(check, AllOf | AnyOf):
        yield check
        return
    if not check.parts:
        raise ScenarioError(f"{play.name}: an all_of or any_of is empty; accepted: one check or more")
    for part in check.parts:
        yield from _leaves(play, part)


def _leaf(play: Play, check: AnyCheck) -> None:
    if isinstance(check, Field) and check.is_ == "like":
        _like(f"{play.name}: a check asks for", check.wanted)
    elif isinstance(check, Field) and check.is_ not in (*TESTS, "same"):
        raise ScenarioError(
            f"{play.name}: a check asks whether {check.path} is {check.is_!r}; accepted: same, like, {', '.join(TESTS)}"
        )
    if isinstance(check, InOrder | Compared) and len(check.parts) < 2:
        raise ScenarioError(f"{play.name}: in_order, the_same and different need two patterns or more")
    if isinstance(check, Times) and not 0 <= check.least <= (check.least if check.most is None else check.most):
        raise ScenarioError(
            f"{play.name}: nothing can come {check.least} to {check.most} times; accepted: 0 <= least <= most"
        )


def _pattern(play: Play, pattern: Pattern, known: Known, stage: Stage) -> None:
    asks = f"{play.name}: a check asks for"
    if pattern.port and not known.has_port(pattern.port):
        raise ScenarioError(
            f"{asks} the port {pattern.port!r}, which is never opened; {_there_are(known.ports, 'ports')}"
        )
    if pattern.listener and not known.has_listener(pattern.listener):
        raise ScenarioError(
            f"{asks} the listener {pattern.listener!r}, which is never added; {_there_are(known.listeners, 'listeners')}"
        )
    if pattern.actor and pattern.actor not in stage.everyone:
        raise ScenarioError(
            f"{asks} the actor {pattern.actor!r}, who is never there; {_there_are(stage.everyone, 'actors')}"
        )
    if pattern.error not in (ANYTHING, NOTHING, SOMETHING):
        raise ScenarioError(f"{asks} the error {pattern.error!r}; accepted: {ANYTHING}, {NOTHING}, {SOMETHING}")
    _like(asks, pattern.like)
    for index in (pattern.after, pattern.before):
        if index and not isinstance(play.steps[index - 1], s.Settle):
            raise ScenarioError(
                f"{play.name}: a check tells before from after step {index + 1}, but what step {index} set in motion "
                "may come after it; put play.settle() between them"
            )


def _like(asks: str, like: str | None) -> None:
    try:
        re.compile(like or "")
    except re.error as error:
        raise ScenarioError(f"{asks} a message like {like!r}, which is no regular expression: {error}") from None
