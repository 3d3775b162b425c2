"""What a scenario function is given: actors to speak to, a stage to change, and checks to name.

Nothing here happens: every method writes a step, or builds a check. See ``docs/scenarios.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from portolan.conformance.checks.checks import AnyCheck
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import Actor, Background, Document
from portolan.conformance.language.native import Application, Child
from portolan.conformance.language.ports import ConsoleReading, PortEnd, StepRef
from portolan.conformance.language.scenario import OpenPoint, Requirement, Variant
from portolan.conformance.language.validation import validate
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import Site
from portolan.conformance.trace.values import tag

FrameSpec = Literal["here", "elsewhere", "extension", "about:blank", "srcdoc", "sandboxed"]


def variant(name: str, check: AnyCheck, claims: str | Sequence[str] = ()) -> Variant:
    """One named answer to an open point, and the claims that hold where it is seen."""
    return Variant(name, check, _claims(claims))


def _claims(says: str | Sequence[str]) -> tuple[str, ...]:
    return (says,) if isinstance(says, str) else tuple(says)


class Play:
    """The play that a scenario function describes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[s.AnyStep] = []
        self.expectations: list[Requirement] = []
        self.open_points: list[OpenPoint] = []
        self.backgrounds: dict[str, s.Background] = {}
        self.applications: dict[str, s.Application] = {}
        self.documents: dict[str, Document] = {}
        self.children: set[str] = set()
        self.ports: dict[str, str] = {}
        self.listeners: dict[str, str] = {}
        self._sink: list[s.AnyOp] | None = None
        self._sink_actor = ""

    # ---- the cast

    def background(self) -> Background:
        """The background of the subject: a persistent page, an event page or a service worker."""
        return self._background("background", "subject")

    def peer(self) -> Background:
        """The background of the other extension."""
        return self._background("peer", "peer")

    def _background(self, actor: str, extension: s.Extension) -> Background:
        self.backgrounds.setdefault(actor, s.Background(actor, extension))
        return Background(self, actor, extension)

    def application(
        self,
        name: str = "application",
        *,
        manifest: s.NativeManifest = "allowed",
        echo: bool = False,
        ignores_eof: bool = False,
        never_reads: bool = False,
    ) -> Application:
        """A native application.

        ``echo``: it answers each message with the same; ``outstays``: it ignores its input's end; ``deaf``: it never reads.
        """
        self._new_name(name)
        on_message: Literal["record", "echo", "ignore"] = "ignore" if never_reads else "echo" if echo else "record"
        self.applications[name] = s.Application(name, manifest, on_message, "stay" if ignores_eof else "exit")
        return Application(self, name)

    def page(
        self,
        name: str = "page",
        *,
        site: Site = "here",
        frames: int | Sequence[FrameSpec] = 0,
        window: s.Window = "same",
        bfcache: bool = True,
    ) -> Document:
        """A web page in a tab of its own, with frames: a number, or where each one's document comes from.

        ``window``: in the window that is there, in a new one, or in a new private one. ``kept``: whether the bfcache may have it.
        """
        return self._open(name, "web", site, frames, window, kept=bfcache)

    def extension_page(self, name: str = "extension_page", *, frames: int | Sequence[FrameSpec] = 0) -> Document:
        """A page of the subject in a tab of its own. ``frames`` given as a number are the subject's own pages too."""
        return self._open(name, "extension", "here", ["extension"] * frames if isinstance(frames, int) else frames)

    def options_page(self, name: str = "options_page") -> Document:
        """The subject's options page, in a tab of its own."""
        return self._open(name, "options", "here", 0)

    def popup(self, name: str = "popup") -> Document:
        """The popup of the subject's button, opened by ``action.openPopup()``: not applicable where that is not there."""
        return self._open(name, "popup", "here", 0)

    def sidebar(self, name: str = "sidebar") -> Document:
        """The subject's sidebar in Firefox, its side panel in Chromium: not applicable where there is no such thing."""
        return self._open(name, "sidebar", "here", 0)

    def devtools(self, page: Document, name: str = "devtools") -> Document:
        """The subject's devtools page, in DevTools that are opened for the tab of a web page. One in a play.

        The manifest names it in this play alone: the play begins and ends with an update of the subject.
        """
        return self._open(name, "devtools", "here", 0, inspects=page.name)

    def _open(
        self,
        name: str,
        kind: s.Document,
        site: Site,
        frames: int | Sequence[FrameSpec],
        window: s.Window = "same",
        *,
        kept: bool = True,
        inspects: str = "",
    ) -> Document:
        specs: Sequence[FrameSpec] = ["here"] * frames if isinstance(frames, int) else frames
        made = tuple(frame_of(f"{name}.frame{n}", spec) for n, spec in enumerate(specs, 1))
        self._new_name(name)
        self._step(s.OpenPage(name, site, kind, made, window, kept, inspects))
        page = self.document(name)
        page.frames = [self.document(frame.document, page) for frame in made]
        return page

    def document(self, name: str, parent: Document | None = None) -> Document:
        """Know a new document. For the other modules of the language."""
        if name in self.documents or (parent and name in self.names()):
            raise ScenarioError(f"{self.name}: the name {name!r} is used twice; give the page another name")
        self.documents[name] = Document(self, name, parent)
        return self.documents[name]

    def child(self, name: str, of: str, *, breaks_away: bool) -> Child:
        """Have an application start a child. For the other modules of the language."""
        self._new_name(name)
        self.children.add(name)
        self.do(of, s.AppChild(name, breaks_away))
        return Child(self, name)

    def names(self) -> set[str]:
        """The names of all actors so far."""
        return {*self.backgrounds, *self.applications, *self.documents, *self.children}

    def _new_name(self, name: str) -> None:
        if name in self.names():
            raise ScenarioError(
                f"{self.name}: the name {name!r} is used twice; accepted: a name that is not one of {', '.join(sorted(self.names()))}"
            )

    # ---- steps

    def settle(self) -> StepRef:
        """Wait until everything that was set in motion has arrived."""
        return self._step(s.Settle())

    def next_step(self) -> StepRef:
        """The step that will be written next, as ``after`` and ``before``."""
        return StepRef(len(self.steps))

    def read_console(self, like: str, *, of: Actor | Application) -> ConsoleReading:
        """Look at the browser's console for lines in which this regular expression is found.

        ``of``: who may have caused them; what it caused before is there by then. Chromium's is the extension's list of errors.
        """
        return ConsoleReading(self._step(s.ReadConsole(of.name, like)).step)

    def require_api(self, actor: Actor, path: str) -> None:
        """Go on only where this actor's context has the API at ``path``; else the scenario is not applicable."""
        self._step(s.Need(actor.name, path))

    def _step(self, step: s.AnyStep) -> StepRef:
        if self._sink is not None:
            raise ScenarioError(f"{self.name}: the stage cannot change in the middle of a turn")
        self.steps.append(step)
        return StepRef(len(self.steps) - 1)

    def do(self, actor: str, *ops: s.AnyOp) -> int:
        """Do ops in an actor: in the turn that is being written, else in a task of their own. Returns the step's index."""
        if self._sink is not None:
            if actor != self._sink_actor:
                raise ScenarioError(f"{self.name}: in a turn of {self._sink_actor}, {actor} cannot act")
            self._sink += ops
            return len(self.steps)
        self.steps.append(s.Task(actor, ops))
        return len(self.steps) - 1

    @contextmanager
    def turn(self, actor: str) -> Iterator[None]:
        """What is written inside is done in one turn of the actor's event loop."""
        ops = self._collect(actor, lambda: None)
        self._sink, self._sink_actor = ops, actor
        try:
            yield
        finally:
            self._sink = None
        self.steps.append(s.Task(actor, tuple(ops)))

    def reaction(self, actor: str, then: Callable[[PortEnd], object] | None, port: PortEnd) -> tuple[s.AnyOp, ...]:
        """What ``then`` does with the port, as ops."""
        return tuple(self._collect(actor, lambda: then(port))) if then else ()

    def _collect(self, actor: str, write: Callable[[], object]) -> list[s.AnyOp]:
        before = self._sink, self._sink_actor
        ops: list[s.AnyOp] = []
        self._sink, self._sink_actor = ops, actor
        try:
            write()
        finally:
            self._sink, self._sink_actor = before
        return ops

    def new_port(self, actor: str) -> str:
        """A name for the next port that is opened."""
        name = f"port{len([port for port in self.ports if port.startswith('port')]) + 1}"
        self.ports[name] = actor
        return name

    # ---- what must hold

    def expect(self, check: AnyCheck, *, claims: str | Sequence[str] = (), because: str = "") -> None:
        """This must hold. ``says``: the claims that it judges."""
        self.expectations.append(Requirement(check, _claims(claims), because))

    def expect_one_of(self, topic: str, *variants: Variant) -> None:
        """An open point: browsers may differ, and one of the named variants must be seen."""
        self.open_points.append(OpenPoint(topic, variants))

    def finish(self) -> tuple[s.Cast, tuple[s.AnyStep, ...], list[Requirement], list[OpenPoint]]:
        """The whole as data. Raises ScenarioError where it is nonsense."""
        if not isinstance(self.steps[-1] if self.steps else None, s.Settle):
            self.settle()
        validate(self)
        cast = s.Cast(tuple(self.backgrounds.values()), tuple(self.applications.values()))
        return cast, tuple(self.steps), self.expectations, self.open_points


def frame_of(name: str, spec: FrameSpec) -> s.Frame:
    """A frame record, from a word."""
    if spec == "extension":
        return s.Frame(name, "here", "extension")
    if spec == "about:blank" or spec == "srcdoc" or spec == "sandboxed":
        return s.Frame(name, holds=spec)
    return s.Frame(name, spec)


def id_of(extension: s.Extension) -> Any:
    """The id of an extension of the stage, as a value for ``connect``."""
    return tag("id-of", extension=extension)
