"""Hand-made traces: a play in a line or two, for checks and judges to be tried on."""

from __future__ import annotations

from typing import Any

from portolan.conformance.trace.recording import Browser, Event, Header, Recording
from portolan.conformance.trace.steps import Cast, Connect, Settle, Task

STEPS = (
    Task("background", (Connect("port1", "tabs.connect"),)),
    Settle(),
    Task("background", ()),
    Task("page", ()),
    Settle(),
)
"""Steps 1 to 5: something is set in motion, a settle; two actors do something, a settle."""

HEADER = Header(1, "0.1.0", "abc1234", Browser("firefox", "153.7.0"), 3, "linux", "2026-11-21T00:00:00+00:00")


def event(text: str, counter: int = 1, step: int = 0, **more: Any) -> Event:
    """An event from a line such as ``background(2): fire onMessage on port1``; the counter and the step beside it."""
    who, _, what = text.partition(": ")
    what, _, port = what.partition(" on ")
    phase, operation = what.split(" ")
    actor, _, life = who.rstrip(")").partition("(")
    if phase == "fire" and port:
        more.setdefault("listener", f"{port}.{operation}")
    fields = {"incarnation": int(life or 1), "counter": counter, "step": step, "port": port or None, **more}
    return Event(actor=actor, phase=phase, operation=operation, **fields)  # type: ignore[arg-type]


def play(*events: Event, **more: Any) -> Recording:
    """A play with these events."""
    return Recording(**{"scenario": "hand_made", "digest": "", "cast": Cast(), "steps": STEPS, **more}, events=events)


BORN = event(
    "background: return tabs.connect on port1",
    1,
    0,
    value={"name": "", "sender": {"$": "undefined"}, "error": {"$": "absent"}},
)
"""The birth of port1."""


def message(value: Any, counter: int = 2, step: int = 1, **more: Any) -> Event:
    """A message that came to port1."""
    return event("background: fire onMessage on port1", counter, step, value=value, **more)


def disconnected(counter: int = 3, step: int = 4, **more: Any) -> Event:
    """The end of port1."""
    return event("background: fire onDisconnect on port1", counter, step, **{"error": None, "last_error": None, **more})
