"""Events, patterns and checks in English: “port1.onDisconnect fires exactly once, without an error, after step 6”."""

from __future__ import annotations

from typing import NamedTuple

CALLS = ("call", "return", "throw")
VERBS = {"call": "is called", "return": "returns", "throw": "throws", "fire": "fires"}

NOTES = {
    "ended": "ends",
    "started": "starts",
    "alive": "answers",
    "shown": "shows a line",
    "probe": "probes an API",
    "loaded": "are loaded again",
    "not-loaded": "are not loaded again",
}
"""What notes of these names say, as verbs of their actor."""


class Clause(NamedTuple):
    """The subject and the verb of a sentence about events."""

    subject: str
    verb: str

    def __str__(self) -> str:
        return f"{self.subject} {self.verb}"


def clause(
    phase: str | None,
    operation: str | None,
    *,
    port: str | None = None,
    listener: str | None = None,
    actor: str | None = None,
) -> Clause:
    """Who does what, in events of this kind. What is not given is left out."""
    if phase == "note":
        who = port or actor or listener or "an actor"
        if operation and operation.startswith("describe"):
            return Clause(who, f"describes {operation.removeprefix('describe').strip() or 'itself'}")
        return Clause(who, NOTES.get(operation or "", f"records {operation or 'something'}"))
    if phase == "fire" and operation in ("answer", "rejection"):
        return Clause(listener or "a one-time message", "is answered" if operation == "answer" else "is rejected")
    if operation is None:
        return Clause(port or listener or actor or "any actor", VERBS.get(phase or "", "does something"))
    name = f"{operation}()" if phase in CALLS else operation
    if port and operation.partition(".")[0] in ("runtime", "tabs"):
        if phase == "fire":
            return Clause(port, "arrives")
        subject = f"{name} for {port}"
    elif port:
        subject = f"{port}.{name}"
    elif listener and listener != operation:
        subject = listener if phase == "fire" else f"{name} of {listener}"
    else:
        subject = f"{name} in {actor}" if actor else name
    return Clause(subject, VERBS.get(phase or "", "happens"))


def times_in_words(least: int, most: int | None) -> str:
    """How many times something happens: ``exactly once``, ``2 to 3 times``."""
    words = {(1, 1): "exactly once", (0, 1): "at most once", (1, None): "at least once"}.get((least, most))
    if words:
        return words
    if most == least:
        return f"exactly {least} times"
    return f"{least} to {most} times" if most is not None else f"at least {least} times"
