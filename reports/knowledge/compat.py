"""What a run says of features as browser-compat-data (BCD) names them: there, not there, or it cannot tell.

A feature is there where a trace shows it at work. It is not there only where a trace shows its absence: a probe that
found nothing, a port or sender without the property, a verdict that says so. Anything else is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from portolan.conformance.judging.judge import FAIL, PASS, VARIANT
from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.values import Json, is_nothing
from portolan.reports.load import JudgedRun

RECEIVES = ("runtime.onConnect", "runtime.onConnectExternal", "runtime.onUserScriptConnect")
CONNECTS = ("runtime.connect", "tabs.connect", "runtime.connectNative")


class Evidence(msgspec.Struct, frozen=True, tag=True):
    """Where a feature can be seen."""

    def of(self, run: JudgedRun) -> bool | None:
        """Whether this run shows that the feature is there, that it is not, or neither."""
        raise NotImplementedError


class Happens(Evidence, frozen=True):
    """An event of this kind: a call that returned, or a listener that was called."""

    phase: str
    operation: str

    def of(self, run: JudgedRun) -> bool | None:
        return any((event.phase, event.operation) == (self.phase, self.operation) for event in events(run)) or None


class Lacking(Evidence, frozen=True):
    """Like :class:`Happens`; and not there where a probe found this path missing, in this manifest version."""

    phase: str
    operation: str
    path: str
    manifest: int | None = None

    def of(self, run: JudgedRun) -> bool | None:
        if Happens(self.phase, self.operation).of(run):
            return True
        asked = self.manifest in (None, run.run.header.manifest)
        return False if asked and any(play.lacking.startswith(self.path) for play in played(run)) else None


class PortProperty(Evidence, frozen=True):
    """A property of the ports that were made or received: ``{"$": "absent"}`` where it is not there."""

    name: str

    def of(self, run: JudgedRun) -> bool | None:
        return _all_or_none(not _absent(port.get(self.name)) for port in ports(run) if self.name in port)


class SenderProperty(Evidence, frozen=True):
    """A property of the senders of this event; ``of_tabs``: only of those that a tab's document is the sender of."""

    name: str
    operation: str = "runtime.onConnect"
    of_tabs: bool = True

    def of(self, run: JudgedRun) -> bool | None:
        found = [each for each in senders(run, self.operation) if not self.of_tabs or "tab" in each]
        return any(self.name in each for each in found) if found else None


class Answers(Evidence, frozen=True):
    """The answer of a scenario that is about the feature."""

    scenario: str
    there: tuple[str, ...] = (PASS,)
    not_there: tuple[str, ...] = (FAIL,)

    def of(self, run: JudgedRun) -> bool | None:
        answers = {
            (each.judgement.verdict or "").removeprefix(VARIANT)
            for each in run.of(self.scenario)
            if each.status != "incomplete" and each.judgement
        }
        if answers and answers <= set(self.there):
            return True
        return False if answers and answers <= set(self.not_there) else None


class LastErrorThere(Evidence, frozen=True):
    """``runtime.lastError`` as a property: null without an error in Firefox; there only with one in Chromium."""

    def of(self, run: JudgedRun) -> bool | None:
        found = (event.last_error for event in events(run) if event.last_error is not msgspec.UNSET)
        return any(value is None or not is_nothing(value) for value in found) or None


class LastErrorAtEnds(Evidence, frozen=True):
    """``runtime.lastError`` inside ``onDisconnect``: seen or not, where a port ended with an error."""

    def of(self, run: JudgedRun) -> bool | None:
        ends = (event for event in events(run) if (event.phase, event.operation) == ("fire", "onDisconnect"))
        failed = [event for event in ends if not (_nothing(event.last_error) and _nothing(event.error))]
        return any(not _nothing(event.last_error) for event in failed) if failed else None


class Feature(msgspec.Struct, frozen=True):
    """A feature by its key in browser-compat-data, or by one that it could have. ``what``: in a sentence."""

    key: str
    evidence: Evidence | None
    what: str = ""


def support(features: Iterable[Feature], run: JudgedRun) -> Mapping[str, bool | None]:
    """What a run says of each feature."""
    return {feature.key: feature.evidence.of(run) if feature.evidence else None for feature in features}


# ---- what is in the traces


def played(run: JudgedRun) -> Iterator[Recording]:
    """The plays that came to their end."""
    return (each.play for each in run.plays if each.play.outcome == "ok")


def events(run: JudgedRun) -> Iterator[Event]:
    """Their events."""
    return (event for play in played(run) for event in play.events)


def ports(run: JudgedRun) -> Iterator[dict[str, Json]]:
    """The ports that were made or received, as recorded when they were."""
    for event in events(run):
        made = event.phase == "return" and event.operation in CONNECTS
        received = event.phase == "fire" and event.operation in RECEIVES
        if (made or received) and isinstance(event.value, dict) and "$" not in event.value:
            yield event.value


def senders(run: JudgedRun, operation: str) -> Iterator[dict[str, Json]]:
    """The senders of the ports that listeners of this event were given."""
    for event in events(run):
        if event.phase == "fire" and event.operation == operation and isinstance(event.value, dict):
            sender = event.value.get("sender")
            if isinstance(sender, dict) and "$" not in sender:
                yield sender


def _nothing(value: Json) -> bool:
    return value is msgspec.UNSET or is_nothing(value)


def _absent(value: Json) -> bool:
    return isinstance(value, dict) and value.get("$") == "absent"


def _all_or_none(found: Iterable[bool]) -> bool | None:
    """True where all are, False where none is; None where they disagree or there are none."""
    seen = set(found)
    return seen.pop() if len(seen) == 1 else None
