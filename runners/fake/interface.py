"""What the parts of the model see of the whole, so that none of them has to import it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from portolan.conformance.trace.values import Json
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import Family
from portolan.runners.fake.state import Channel, Context, Page, PortEnd, Record


class Model(Protocol):
    """The model of one browser: its rules, what exists in it, and what its parts can do to each other."""

    family: Family
    bugs: frozenset[Bug]
    user_scripts: bool
    contexts: list[Context]
    pages: list[Page]
    channels: list[Channel]
    recorder: Callable[[str], Record]

    def rule(self, normal: bool, opposite: Bug) -> bool:
        """A rule of the family, or its opposite if the model has that fault."""

    @property
    def native_port_is_named(self) -> bool:
        """Whether the name of a native port is the application's."""

    def admits(self, extension: str, opener: Context) -> bool:
        """Whether an extension accepts connections of this context from outside."""

    def later(self, do: Callable[[], None], lane: tuple[int, str] = (0, "")) -> None:
        """Do something after everything that was put into the queue before."""

    def end(self, context: Context, channel: Channel, name: Json, sender: Json, *, opener: bool) -> PortEnd:
        """Make a port end in a context."""

    def invent(self, channel: Channel) -> None:
        """Deliver a message that nobody has sent: a fault."""

    def send(self, channel: Channel, value: Json, source: PortEnd | None) -> None:
        """Put a message on its way."""

    def tell(self, end: PortEnd, text: str | None, *, anyway: bool = False) -> None:
        """Fire ``onDisconnect`` at a port end, with this error."""

    def end_channel(self, channel: Channel) -> None:
        """End a channel for everybody."""

    def show(self, line: str) -> None:
        """Write a line to the browser's console."""
