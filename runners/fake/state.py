"""What there is in a fake browser: contexts, documents, ports and channels. State only; :mod:`portolan.runners.fake.network` moves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Protocol
from uuid import NAMESPACE_URL, uuid5

from portolan.conformance.trace.values import Json, tag


@cache
def made_id(of: str) -> str:
    """An id of a document: always the same of the same words."""
    return str(uuid5(NAMESPACE_URL, of))


Record = Callable[..., None]
"""Keeps an event of one actor: its phase, its operation, and whatever more there is of it."""


def unheard(*_: object, **__: object) -> None:
    """Record nothing: there is nobody yet whose events they are."""


Kind = Literal["background", "extension-page", "content", "user-script", "web"]


@dataclass(eq=False)
class Handler:
    """One listener that was added to an event. ``call`` says whether it threw."""

    call: Callable[..., bool | None]
    removed: bool = False


@dataclass(eq=False)
class Emitter:
    """One event object, such as a port's ``onMessage``.

    ``forgets``: removeListener works. ``patient``: a listener removed in the middle of a dispatch is still called.
    ``only_first``, ``doubles`` and ``fragile``: only the first listener is called; the same one is called twice if added
    twice; none is called after one that threw.
    """

    patient: bool
    forgets: bool = True
    only_first: bool = False
    doubles: bool = False
    fragile: bool = False
    handlers: list[Handler] = field(default_factory=list)

    def add(self, handler: Handler) -> None:
        """Do what ``addListener`` does: nothing, where it was done before."""
        if handler not in self.handlers or self.doubles:
            self.handlers.append(handler)

    def remove(self, handler: Handler) -> None:
        """Do what ``removeListener`` does."""
        if self.forgets and handler in self.handlers:
            handler.removed = True
            self.handlers.remove(handler)

    def fire(self, *args: Any) -> None:
        """Call every listener, in the order in which they were added."""
        for handler in self.handlers[: 1 if self.only_first else None].copy():
            if self.patient or not handler.removed:
                threw = handler.call(*args)
                if threw and self.fragile:
                    break


@dataclass(eq=False)
class Page:
    """A document of the stage. ``here``: neither gone nor in the bfcache."""

    name: str
    kind: str
    tab: int
    frame: int
    url: str
    origin: str
    parent: Page | None = None
    children: list[Page] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)
    here: bool = True
    kept: bool = True
    private: bool = False
    generation: int = 1
    hyphens: bool = True
    site: str = "here"
    inspects: str = ""
    address: str = ""
    """The address as it is now; ``url`` is that of the loading."""

    def tree(self) -> list[Page]:
        """The document and every one below it."""
        return [self, *(page for child in self.children for page in child.tree())]

    @property
    def document_id(self) -> str:
        """What ``sender.documentId`` says."""
        made = made_id(f"{self.name} {self.generation}")
        return made if self.hyphens else made.replace("-", "").upper()

    @property
    def embedded(self) -> bool:
        """Whether this is an extension's page in a frame of a web page."""
        return self.kind != "web" and self.parent is not None and (self.parent.kind == "web" or self.parent.embedded)


@dataclass(eq=False)
class Context:
    """One life of an actor: where code runs. ``invalidated``: its extension is gone, and it is still there."""

    actor: str
    number: int
    kind: Kind
    extension: str | None
    apis: dict[str, str]
    events: dict[str, Emitter]
    page: Page | None = None
    alive: bool = True
    cached: bool = False
    invalidated: bool = False
    counter: int = 0
    ends: list[PortEnd] = field(default_factory=list)
    last_error: Json = None
    globals: dict[str, Json] = field(default_factory=dict)
    within: Context | None = None
    """Another script's context in the same frame, whose global and listeners this script shares."""
    world: str = ""
    forbidden: bool = False
    looked: bool = False
    """A user script's world: its name, whether its configuration forbids by now what it allowed, and whether a script looked at the API."""
    hears_end: bool = False
    suspending: bool = False
    unregistered: set[str] = field(default_factory=set)
    """The events whose top-level listener was removed: they start this background no more."""
    kept: list[Callable[[], None]] = field(default_factory=list)


@dataclass(eq=False)
class PortEnd:
    """One ``Port`` object. ``attached``: the browser still knows it; a page from the bfcache may hold one that it does not."""

    context: Context
    channel: Channel
    name: Json
    sender: Json
    is_opener: bool
    on: dict[str, Emitter]
    error: Json
    connected: bool = True
    attached: bool = True

    def property(self, key: str) -> Json:
        """A property of the object, as the puppet records it."""
        if key in ("name", "sender", "error"):
            return {"name": self.name, "sender": self.sender, "error": self.error}[key]
        if key in ("postMessage", "disconnect"):
            return tag("function", name=key)
        return tag("instance", **{"class": "Object", "properties": {}}) if key in self.on else tag("absent")


class NativeProcess(Protocol):
    """What a channel knows of the native application at its other end."""

    def hear(self, value: Json) -> None:
        """Receive a message."""

    def input_ends(self) -> None:
        """See the end of its input: its port was closed."""


@dataclass(eq=False)
class Channel:
    """What lies between an opener's end and the receivers' ends, or a native application."""

    event: str
    receivers: list[PortEnd] = field(default_factory=list)
    asked: list[Context] = field(default_factory=list)
    open: bool = True
    process: NativeProcess | None = None
    posted: dict[bool, int] = field(default_factory=dict)
    held: dict[bool, Callable[[], None]] = field(default_factory=dict)
    _opener: PortEnd | None = None

    @property
    def opener(self) -> PortEnd:
        """The end that ``connect`` returned."""
        assert self._opener
        return self._opener

    @opener.setter
    def opener(self, end: PortEnd) -> None:
        self._opener = end
