"""The script of a play while it is being written: what actors, ports and documents write their steps into.

This is the bottom of the language. It knows records alone, and nothing of the objects that an author uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.scenario import OpenPoint, Requirement
from portolan.conformance.trace import steps as s


class Script:
    """The steps, the cast and the names of one scenario, in the order in which they are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[s.AnyStep] = []
        self.requirements: list[Requirement] = []
        self.open_points: list[OpenPoint] = []
        self.backgrounds: dict[str, s.Background] = {}
        self.applications: dict[str, s.Application] = {}
        self.documents: set[str] = set()
        self.children: set[str] = set()
        self.ports: dict[str, str] = {}
        self.listeners: dict[str, str] = {}
        self._turn: list[s.AnyOp] | None = None
        self._turn_actor = ""

    # ---- names

    @property
    def names(self) -> set[str]:
        """The names of all actors so far."""
        return {*self.backgrounds, *self.applications, *self.documents, *self.children}

    def add_background(self, actor: str, extension: s.Extension) -> None:
        """Let an extension's background take part, if it does not yet."""
        self.backgrounds.setdefault(actor, s.Background(actor, extension))

    def add_application(self, application: s.Application) -> None:
        """Let a native application take part. Raises ScenarioError if its name is in use."""
        self.check_new(application.actor)
        self.applications[application.actor] = application

    def add_document(self, name: str) -> None:
        """Take a name for a document. Raises ScenarioError if it is in use."""
        self.check_new(name)
        self.documents.add(name)

    def add_child(self, name: str, application: str, *, breaks_away: bool) -> None:
        """Let an application start a child process. Raises ScenarioError if its name is in use."""
        self.check_new(name)
        self.children.add(name)
        self.do(application, s.AppChild(name, breaks_away))

    def check_new(self, name: str) -> None:
        """Raise ScenarioError if an actor has this name already."""
        if name in self.names:
            taken = ", ".join(sorted(self.names))
            raise ScenarioError(f"the name {name!r} is used twice; accepted: a name other than {taken}")

    def new_port(self, actor: str) -> str:
        """A name for the next port that an actor opens: ``port1``, ``port2`` and so on."""
        name = f"port{len([port for port in self.ports if port.startswith('port')]) + 1}"
        self.ports[name] = actor
        return name

    # ---- steps

    @property
    def in_turn(self) -> bool:
        """Whether a turn, or the reaction of a listener, is being written."""
        return self._turn is not None

    def step(self, step: s.AnyStep) -> int:
        """Write a step; returns its index. Raises ScenarioError inside a turn or a reaction."""
        if self._turn is not None:
            raise ScenarioError(
                f"the stage cannot change in the middle of a turn of {self._turn_actor}; write this after the turn"
            )
        self.steps.append(step)
        return len(self.steps) - 1

    def do(self, actor: str, *ops: s.AnyOp) -> int:
        """Do operations in an actor: in the turn that is being written, else in a task of their own.

        Returns the index of the step. Raises ScenarioError if the turn is another actor's.
        """
        if self._turn is not None:
            if actor != self._turn_actor:
                raise ScenarioError(f"{actor} cannot act in a turn of {self._turn_actor}")
            self._turn += ops
            return len(self.steps)
        self.steps.append(s.Task(actor, ops))
        return len(self.steps) - 1

    @contextmanager
    def turn(self, actor: str) -> Iterator[None]:
        """Do everything that is written inside in one turn of the actor's event loop."""
        if self._turn is not None:
            raise ScenarioError(f"a turn of {actor} cannot begin inside a turn of {self._turn_actor}")
        ops: list[s.AnyOp] = []
        self._turn, self._turn_actor = ops, actor
        try:
            yield
        finally:
            self._turn = None
        if not ops:
            raise ScenarioError(f"a turn of {actor} does nothing; write what it does inside the with statement")
        self.steps.append(s.Task(actor, tuple(ops)))

    def reaction(self, actor: str, write: Callable[[], object]) -> tuple[s.AnyOp, ...]:
        """What ``write`` writes, as the operations of a listener's reaction."""
        before = self._turn, self._turn_actor
        ops: list[s.AnyOp] = []
        self._turn, self._turn_actor = ops, actor
        try:
            write()
        finally:
            self._turn, self._turn_actor = before
        return tuple(ops)
