"""Which kind of context reaches which: the matrix of the plays ``pairs_…``, read from their traces alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Event, Recording
from portolan.reports.load import JudgedRun

PREFIX = "pairs_"
CONNECTS, NOBODY, REFUSED, NOT_APPLICABLE, NO_RESULT = (
    "connects",
    "nobody listens",
    "refused",
    "not applicable",
    "no result",
)
SCRIPTS = {
    ".script": "web page",
    ".user_script": "user script",
    ".other_user_script": "user script in a world of its own",
    ".second_script": "second content script",
    ".peer": "content script of another extension",
}
KINDS = {
    "web": "content script",
    "extension": "extension page",
    "options": "options page",
    "popup": "popup",
    "sidebar": "sidebar or side panel",
    "devtools": "devtools page",
}
HOLDINGS = {"about:blank": "about:blank", "srcdoc": "a frame of srcdoc", "sandboxed": "a sandboxed frame"}


class Pair(msgspec.Struct, frozen=True):
    """One cell: what came of the opener's calls at this receiver, and which calls reached it."""

    opener: str
    receiver: str
    answers: tuple[str, ...]
    ways: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """In a word; several where repeats differ."""
        return " / ".join(self.answers)


class Matrix(msgspec.Struct, frozen=True):
    """The pairs of one browser, and the names of the rows and the columns in their order."""

    label: str
    openers: tuple[str, ...]
    receivers: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def at(self, opener: str, receiver: str) -> Pair | None:
        """The cell of a pair; None where it was not played, as an opener is not its own receiver."""
        return next((pair for pair in self.pairs if (pair.opener, pair.receiver) == (opener, receiver)), None)


def matrices(runs: Iterable[JudgedRun]) -> list[Matrix]:
    """One matrix a browser, of the runs that have such plays. Runs of the same browser and manifest version count as one."""
    found: dict[str, list[Recording]] = {}
    for run in runs:
        plays = [each.play for each in run.plays if each.play.scenario.startswith(PREFIX)]
        if plays:
            found.setdefault(run.label, []).extend(plays)
    return [_matrix(label, plays) for label, plays in found.items()]


def _matrix(label: str, plays: Sequence[Recording]) -> Matrix:
    cells: dict[tuple[str, str], list[Pair]] = {}
    openers: dict[str, None] = {}
    receivers: dict[str, None] = {}
    for play in plays:
        for pair in _pairs(play):
            openers[pair.opener] = receivers[pair.receiver] = None
            cells.setdefault((pair.opener, pair.receiver), []).append(pair)
    joined = [
        Pair(
            opener,
            receiver,
            tuple(dict.fromkeys(answer for each in same for answer in each.answers)),
            tuple(dict.fromkeys(way for each in same for way in each.ways)),
        )
        for (opener, receiver), same in cells.items()
    ]
    return Matrix(label, tuple(openers), tuple(receivers), tuple(joined))


# ---- one play


class Call(msgspec.Struct, frozen=True):
    """One call that opens a port: at which step, by whom, and whether it is for another extension."""

    step: int
    actor: str
    api: str
    port: str
    outward: bool


def _pairs(play: Recording) -> Iterator[Pair]:
    calls = list(_calls(play))
    names = _names(play)
    for opener in dict.fromkeys(call.actor for call in calls):
        for actor in _receivers(play):
            if actor != opener:
                yield _pair(play, (opener, actor), names, calls)


def _pair(play: Recording, pair: tuple[str, str], names: Mapping[str, str], all_calls: Sequence[Call]) -> Pair:
    actor = pair[1]
    opener, receiver = (names.get(each, each) for each in pair)
    calls = [call for call in all_calls if call.actor == pair[0]]
    if play.outcome != "ok":
        return Pair(opener, receiver, (NO_RESULT,))
    if play.lacking:
        return Pair(opener, receiver, (NOT_APPLICABLE,))
    heard = [event for event in play.events if event.actor == actor and _is_arrival(event)]
    ways = tuple(dict.fromkeys(call.api for event in heard for call in calls if call == _last(all_calls, event)))
    if ways:
        return Pair(opener, receiver, (CONNECTS,), ways)
    meant = [call for call in calls if _is_for(call, receiver)] or calls
    thrown = {event.port for event in play.events if event.phase == "throw"}
    return Pair(opener, receiver, (REFUSED if all(call.port in thrown for call in meant) else NOBODY,))


def _is_arrival(event: Event) -> bool:
    return event.phase == "fire" and event.operation.startswith("runtime.on")


def _last(calls: Sequence[Call], event: Event) -> Call | None:
    return next((call for call in reversed(calls) if call.step <= event.step), None)


def _is_for(call: Call, receiver: str) -> bool:
    """Whether a call is the one that is for such a receiver: content scripts have another than pages."""
    if receiver == "another extension":
        return call.outward
    return (call.api == "tabs.connect") == receiver.startswith("content script") and not call.outward


def _calls(play: Recording) -> Iterator[Call]:
    for number, step in enumerate(play.steps):
        if not isinstance(step, s.Task):
            continue
        for op in step.ops:
            if isinstance(op, s.Connect):
                yield Call(number, step.actor, op.api, op.port, {"$": "id-of", "extension": "peer"} in op.args)


def _receivers(play: Recording) -> list[str]:
    """Whoever listens for ports, in the order in which they are named."""
    cast = [background.actor for background in play.cast.backgrounds if background.listeners]
    tasks = [step for step in play.steps if isinstance(step, s.Task)]
    later = [task.actor for task in tasks for op in task.ops if isinstance(op, s.Listen) and op.port is None]
    return list(dict.fromkeys([*cast, *later]))


def _names(play: Recording) -> dict[str, str]:
    """What each actor is, in words."""
    names = {background.actor: background.actor for background in play.cast.backgrounds} | {"peer": "another extension"}
    for step in play.steps:
        if not isinstance(step, s.OpenPage):
            continue
        own = KINDS[step.kind] + (" in a private window" if step.window == "private" else "")
        names[step.document] = own
        names |= {f"{step.document}{suffix}": words for suffix, words in SCRIPTS.items()}
        for frame in step.frames:
            names[frame.document] = f"{_kind(frame)} in {_where(step, frame)}"
    return names


def _kind(frame: s.Frame) -> str:
    return "content script" if frame.kind == "web" else "extension page"


def _where(page: s.OpenPage, frame: s.Frame) -> str:
    if frame.holds != "page":
        return HOLDINGS[frame.holds]
    if frame.kind != "web":
        return "a web page" if page.kind == "web" else "an extension page"
    return "a frame of another site" if frame.site != page.site else "a frame"
