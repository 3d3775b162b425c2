"""Small plays of our own on the fake, and their traces in a short form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from portolan.conformance.checks.checks import never
from portolan.conformance.checks.patterns import Pattern
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play as Builder
from portolan.conformance.trace.recording import Recording
from portolan.runners.fake import Bug, FakeBrowser
from portolan.runners.session.extensions import Family

Line = tuple[Any, ...]
NOTHING_FAILED = never(Pattern("note", "puppet-failed"))


def played(write: Callable[[Builder], None], family: Family, bugs: Iterable[Bug] = (), manifest: int = 3) -> Recording:
    """A play of what ``write`` describes; it need not check anything."""

    def whole(play: Builder) -> None:
        write(play)
        play.expect(NOTHING_FAILED)

    return FakeBrowser(family, manifest, bugs, eager=True).play(build(scenario(name=write.__name__)(whole)))


def traced(
    write: Callable[[Builder], None], family: Family, bugs: Iterable[Bug] = (), manifest: int = 3, *, of: str = ""
) -> list[Line]:
    """The events of an actor, or of all: who, what, on which port, with which value."""
    play = played(write, family, bugs, manifest)
    assert (play.outcome, play.reason) == ("ok", "")
    return [
        (event.actor, event.phase, event.operation, event.port, event.value)
        for event in play.events
        if of in ("", event.actor)
    ]
