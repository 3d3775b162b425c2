"""A scenario as data: what is played, what must hold, and what it says about the documentation's claims."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property

import msgspec

from portolan.conformance.checks.checks import AnyCheck
from portolan.conformance.checks.usage import note_built
from portolan.conformance.trace.steps import (
    AddFrame,
    AnyStep,
    Cast,
    CrashExtensions,
    Navigate,
    NavigateFrame,
    Need,
    OpenPage,
    ReadConsole,
    RewriteDocument,
    Task,
)


class Requirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check that must hold, and the claims that it judges."""

    check: AnyCheck
    claims: tuple[str, ...] = ()
    because: str = ""


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One accepted answer to an open point.

    ``id`` is its short name, by which expectations, bugs and contradictions refer to it; ``title`` says the same to people.
    """

    id: str
    title: str
    check: AnyCheck
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        note_built(self)


class OpenPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where browsers may differ: one of the variants must be seen."""

    topic: str
    variants: tuple[Variant, ...]


NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""What a scenario may be called: the name becomes part of file names, command lines and addresses."""

VARIANT_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What a variant's id may be: small letters and digits, with hyphens between the words."""


class Scenario(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """One scenario, built.

    ``digest`` names its cast and steps: traces of another digest cannot be judged by it. An ``observation`` has no checks:
    it is played and recorded, and browsers are compared by its traces.
    """

    name: str
    title: str
    topic: str
    claims: tuple[str, ...]
    cast: Cast
    steps: tuple[AnyStep, ...]
    requirements: tuple[Requirement, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()
    bug: str = ""
    idle: bool = False
    description: str = ""
    observation: bool = False

    @property
    def waits(self) -> bool:
        """Whether most of its time goes by waiting for a clock of the browser's: idle time, or the time it gives to applications."""
        return self.idle or any(application.on_eof == "stay" for application in self.cast.applications)

    @property
    def crashes_extensions(self) -> bool:
        """Whether it ends a process that extensions may share, and so perhaps the browser's use for other scenarios."""
        return any(isinstance(step, CrashExtensions) for step in self.steps)

    @cached_property
    def digest(self) -> str:
        """A short hash of what is played."""
        encoded = msgspec.json.encode((self.cast, self.steps))
        return hashlib.sha256(encoded).hexdigest()[:16]

    @cached_property
    def actors(self) -> frozenset[str]:
        """Everyone a step is for, and every document."""
        actors: set[str] = set()
        for step in self.steps:
            match step:
                case Task() | Need() | ReadConsole():
                    actors.add(step.actor)
                case OpenPage():
                    actors |= {step.document, *(frame.document for frame in step.frames)}
                case AddFrame():
                    actors.add(step.frame.document)
                case RewriteDocument():
                    actors.add(f"{step.document}.script")
                case NavigateFrame():
                    actors.add(step.to.document)
                case Navigate():
                    actors.add(step.to)
        return frozenset(actors)
