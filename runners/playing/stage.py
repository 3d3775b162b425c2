"""The stage of one browser: knows every incarnation, sends commands, and waits for conditions.

The stage lives in the session's event loop. Plays are done on it by :mod:`portolan.runners.playing.player`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from portolan.runners.playing.incarnations import Channel, Crash, Envelope, Fault, Incarnation, Missing
from portolan.runners.session.collector import Link

MOST_TABS = 200
DIAGNOSIS_SECONDS = 15.0
SUFFIXES = {
    "web": ".script",
    "user-script": ".user_script",
    "other-user-script": ".other_user_script",
    "second-script": ".second_script",
}
ACTORS = {("background", "subject"): "background", ("background", "peer"): "peer"}


def actor_of(role: dict[str, Any]) -> str:
    """The actor's name, from what a puppet says of itself."""
    context, extension, document = role.get("context"), role.get("extension"), role.get("document")
    if context == "background":
        return ACTORS[(context, str(extension))]
    if context in SUFFIXES:
        return f"{document}{SUFFIXES[context]}"
    return f"{document}.peer" if extension == "peer" else str(document)


class Watching(Protocol):
    """A play that is told what concerns it. ``troupe`` numbers its copies of the extensions: idle-time plays have their own."""

    id: str
    troupe: int

    def on_events(self, incarnation: Incarnation, events: list[Envelope]) -> None:
        """Events of an actor that may be the play's."""

    def on_hello(self, incarnation: Incarnation) -> None:
        """An incarnation has come up, or has come back."""

    def claims(self, link: Link) -> bool:
        """Whether a native application that has just started is of this play."""

    def on_application(self, link: Link, what: str) -> None:
        """A native application of this play has "started" or "ended"."""


class Stage:
    """What is known of the browser's inside, kept up to date by the observer's envelopes."""

    def __init__(self) -> None:
        self.incarnations: dict[str, Incarnation] = {}
        self.channels: dict[int, Channel] = {}
        self.applications: list[Link] = []
        self.twin_opening = asyncio.Lock()
        self.tab_status: dict[int, tuple[str, str]] = {}
        self.twin_news: dict[str, list[Envelope]] = {}
        self.observer: Link | None = None
        self.observer_ready = False
        self.plays: dict[str, Watching] = {}
        self.on_lost: Callable[[], None] = lambda: self.fail("the observer's native host ended")
        self.lost = False
        self.away = False
        """Whether the observer has left as a part of the play, and another one is to come."""
        self.spent: str | None = None
        """What a play did to the browser that no other play should find, if it did."""
        self.fault: str | None = None
        self.crashed: str | None = None
        self.leaving: set[int] = set()
        self._ids = itertools.count(1)
        self._closing: set[asyncio.Task[None]] = set()
        self._answers: dict[str, asyncio.Future[Envelope]] = {}
        self._watchers: set[asyncio.Future[None]] = set()

    # ---- what arrives

    def link(self, link: Link) -> None:
        """A native host has connected."""
        if link.hello["role"] == "observer":
            self.observer = link
            self.away = False
        else:
            self.applications.append(link)
            link.owner = next((play.id for play in self._plays() if play.claims(link)), None)
            self._tell_owner(link, "started")
        self.changed()

    def unlink(self, link: Link) -> None:
        """A native host has ended."""
        if link is self.observer:
            self.observer = None
            self.observer_ready = False
            if not self.away:
                self.lost = True
                self.on_lost()
        else:
            self._tell_owner(link, "ended")
        self.changed()

    def _tell_owner(self, link: Link, what: str) -> None:
        if play := self.plays.get(link.owner or ""):
            play.on_application(link, what)

    def envelope(self, link: Link, envelope: Envelope) -> None:
        """Something was reported."""
        if link.hello["role"] == "application" and envelope["kind"] == "events":
            envelope = (
                {**envelope, "incarnation": link.hello["incarnation"]}
                if "incarnation" in link.hello
                else {"kind": "ignored"}
            )
        handler = getattr(self, f"_on_{envelope['kind'].replace('-', '_')}", None)
        if handler:
            handler(envelope)
        self.changed()

    def _on_observer(self, envelope: Envelope) -> None:
        self.observer_ready = True

    def _on_hello(self, envelope: Envelope) -> None:
        channel = self._channel(envelope)
        channel.cached = False
        known = self.incarnations.get(envelope["incarnation"])
        if known is None:
            role = envelope["role"]
            known = Incarnation(
                envelope["incarnation"], actor_of(role), role, play=role.get("play"), url=envelope.get("url", "")
            )
            self.incarnations[known.id] = known
        known.channel = channel.id
        known.alive = True
        for play in self._concerned(known):
            play.on_hello(known)

    def _plays(self) -> list[Watching]:
        return list(self.plays.values())

    def _concerned(self, incarnation: Incarnation) -> list[Watching]:
        return [
            play
            for play in self._plays()
            if play.id == incarnation.play or (incarnation.is_background and play.troupe == incarnation.troupe)
        ]

    def _on_twin(self, envelope: Envelope) -> None:
        self._channel(envelope).twin = True  # maybe before the document's first hello

    def _channel(self, envelope: Envelope) -> Channel:
        """The channel that is spoken of, known from now on."""
        made = Channel(envelope["channel"], envelope["tab"], envelope["frame"], envelope.get("documentId"))
        return self.channels.setdefault(made.id, made)

    def _on_cached(self, envelope: Envelope) -> None:
        if channel := self.channels.get(envelope["channel"]):
            channel.cached = True

    def on_cached(self, play: str, document: str) -> None:
        """A document has said, by way of the pages' server, that it goes into the bfcache."""
        for incarnation in self.incarnations.values():
            if incarnation.play == play and incarnation.actor == document and incarnation.channel in self.channels:
                self.channels[incarnation.channel].cached = True
        self.changed()

    def _on_gone(self, envelope: Envelope) -> None:
        if envelope["by"] == "document":
            self.leaving.discard(envelope["channel"])
        channel = self.channels.get(envelope["channel"])
        if channel is None:
            return  # of a play that is over
        channel.gone.add(envelope["by"])
        for incarnation in self.incarnations.values():
            if incarnation.channel == channel.id and envelope["by"] == "document":
                incarnation.alive = False

    def _on_events(self, envelope: Envelope) -> None:
        incarnation = self.incarnations.get(envelope["incarnation"])
        if incarnation is None:
            if any(event.get("play") in self.plays for event in envelope["events"]):
                self.fault = self.fault or "events of an incarnation that never said hello"
            return  # of a play that is over
        for event in envelope["events"]:
            if event["n"] != incarnation.counter + 1:
                self.fault = self.fault or (
                    f"{incarnation.actor}: event {event['n']} came after event {incarnation.counter}"
                )
            incarnation.counter = event["n"]
        for play in self._concerned(incarnation):
            play.on_events(incarnation, envelope["events"])

    def _on_answer(self, envelope: Envelope) -> None:
        future = self._answers.pop(str(envelope["re"]), None)
        if future and not future.done():
            future.set_result(envelope)

    def _on_tab(self, envelope: Envelope) -> None:
        self.tab_status.pop(envelope["tab"], None)
        self.tab_status[envelope["tab"]] = (envelope["status"], envelope["url"])
        if len(self.tab_status) > MOST_TABS:
            del self.tab_status[next(iter(self.tab_status))]

    def _on_twin_message(self, envelope: Envelope) -> None:
        self.twin_news.setdefault(envelope["twin"], []).append(envelope)

    _on_twin_gone = _on_twin_message

    async def let_observer_leave(self) -> None:
        """From now on its end is no fault, and the next one is let in. Nobody may be asked anything until that is ready."""
        await asyncio.gather(*self._closing)
        self.away = True

    def forget_channels(self) -> None:
        """The observer has ended, and with it everybody's connection. Who still lives says hello to the next one."""
        self.channels.clear()
        self.leaving.clear()
        for incarnation in self.incarnations.values():
            incarnation.alive, incarnation.channel = False, 0

    # ---- commands

    async def command(self, do: str, seconds: float, **more: Any) -> Envelope:
        """Have the observer do something; its answer."""
        observer = await self._living_observer()
        future, id = self._expect()
        observer.send({"do": do, "id": id, **more})
        answer = await self._answered(future, seconds, f"the observer's answer to {do}")
        if "failed" in answer:
            raise Fault(f"the observer could not do it: {answer['failed']}")
        return answer

    def close_tabs(self, tabs: list[int], leaving: set[int], seconds: float) -> None:
        """Close the tabs of a play that is over, while the next one begins.

        ``leaving``: the channels of the extension's pages in them, which the next play must not meet.
        """
        self.leaving |= leaving
        task = asyncio.get_running_loop().create_task(self._close_tabs(tabs, seconds))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_tabs(self, tabs: list[int], seconds: float) -> None:
        try:
            await self.command("closeTabs", seconds, tabs=tabs, lenient=True)
        except (Missing, Crash, Fault) as problem:
            self.fail(f"the tabs of a play could not be closed: {problem}")

    async def barrier(self, asked: list[Incarnation], seconds: float) -> Envelope:
        """Ask every incarnation for its counter, at once. Raises Missing with the names of those who do not answer."""
        observer = await self._living_observer()
        future, id = self._expect()
        observer.send({"do": "barrier", "id": id, "to": [one.id for one in asked]})
        try:
            return await self._answered(future, seconds, "the observer's answer to a barrier")
        except Missing:
            left = (await self.command("missing", seconds, barrier=id))["missing"]
            names = [one.actor for one in asked if one.id in left]
            raise Missing(f"the barrier's answer of {', '.join(names) or 'the observer'}") from None

    async def send(self, incarnation: Incarnation, seconds: float, **command: Any) -> Envelope:
        """Have an incarnation do something; its answer. Raises Missing where nobody answers."""
        observer = await self._living_observer()
        future, id = self._expect()
        observer.send({"do": "send", "id": id, "to": incarnation.id, "command": command})
        answer = await self._answered(future, seconds, f"{incarnation.actor}'s answer to {command['do']}")
        if answer.get("dead"):
            incarnation.alive = False
            raise Missing(f"{incarnation.actor}, which is no longer there")
        if "failed" in answer:
            raise Fault(f"{incarnation.actor} could not do it: {answer['failed']}")
        self.check_counter(incarnation, answer["counter"])
        return answer

    async def tell(self, link: Link, seconds: float, **command: Any) -> Envelope:
        """Have a native application do something; its answer, or nothing where that was its end."""
        future, id = self._expect()
        link.send({"id": id, **command})
        await self.until(
            lambda: future.done() or link.closed.is_set(),
            seconds,
            f"the answer of the application {link.hello['name']}",
        )
        self._answers.pop(id, None)
        return future.result() if future.done() else {}

    def check_counter(self, incarnation: Incarnation, counter: int) -> None:
        """Every event that was sent before an answer has arrived before it, or something of ours was lost."""
        if counter > incarnation.counter:
            self.fault = (
                self.fault or f"{incarnation.actor}: {counter} events were sent and {incarnation.counter} arrived"
            )

    async def _living_observer(self) -> Link:
        """The observer; where it is lost, what became of it is raised as soon as that is known."""
        if self.observer is None:
            await self.until(lambda: self.observer, DIAGNOSIS_SECONDS, "the observer, which is not there")
        self.raise_fault()
        assert self.observer
        return self.observer

    def _expect(self) -> tuple[asyncio.Future[Envelope], str]:
        id = f"c{next(self._ids)}"
        future: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._answers[id] = future
        return future, id

    async def _answered(self, future: asyncio.Future[Envelope], seconds: float, what: str) -> Envelope:
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            await self.until(lambda: not self.lost, 0, what)
            raise Missing(what) from None

    def _fail_answers(self) -> None:
        for future in self._answers.values():
            if not future.done():
                future.set_exception(
                    Crash(self.crashed) if self.crashed else Fault(self.fault or "a native host ended")
                )
        self._answers.clear()

    # ---- waiting

    async def until(self, condition: Callable[[], object], seconds: float, what: Callable[[], str] | str) -> None:
        """Wait for a condition of what is known; raises Missing with ``what`` at the deadline.

        Where the observer's host was lost, not before it is known what became of it: that, and no deadline, is the reason.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        diagnosis = DIAGNOSIS_SECONDS
        while True:
            self.raise_fault()
            if condition():
                return
            watcher: asyncio.Future[None] = loop.create_future()
            self._watchers.add(watcher)
            try:
                await asyncio.wait_for(watcher, max(0.0, deadline - loop.time()))
            except TimeoutError:
                self.raise_fault()
                if self.lost and diagnosis:
                    deadline, diagnosis = loop.time() + diagnosis, 0.0
                    continue
                raise Missing(what if isinstance(what, str) else what()) from None
            finally:
                self._watchers.discard(watcher)

    def raise_fault(self) -> None:
        """Raise what is known to be broken."""
        if self.crashed:
            raise Crash(self.crashed)
        if self.fault:
            raise Fault(self.fault)

    def crash(self, why: str) -> None:
        """The browser or its driver has ended."""
        self.crashed = self.crashed or why
        self._fail_answers()
        self.changed()

    def fail(self, why: str) -> None:
        """The instrument has failed."""
        self.fault = self.fault or why
        self._fail_answers()
        self.changed()

    def changed(self) -> None:
        """Something that may be waited for has changed."""
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    # ---- looking things up

    def living(self, actor: str, play: str | None, troupe: int) -> Incarnation | None:
        """The incarnation of an actor that is alive now: of this play, or a background of this troupe."""
        for incarnation in reversed(list(self.incarnations.values())):
            if incarnation.actor == actor and incarnation.alive and incarnation.belongs(play, troupe):
                return incarnation
        return None

    def forget(self, play: str) -> None:
        """Forget the documents of a play that has ended: nothing grows with the number of plays.

        What is another play's stays while that goes on: a document in the bfcache is not alive, and may come back.
        """
        self.plays.pop(play, None)
        self.incarnations = {
            id: incarnation
            for id, incarnation in self.incarnations.items()
            if incarnation.play != play and (incarnation.alive or incarnation.play in self.plays)
        }
        used = {incarnation.channel for incarnation in self.incarnations.values()}
        self.channels = {id: channel for id, channel in self.channels.items() if id in used}
        self.twin_news = {twin: news for twin, news in self.twin_news.items() if not twin.startswith(f"{play}-")}
        self.applications = [link for link in self.applications if not link.closed.is_set()]


async def once_more(do: Callable[[], Awaitable[None]]) -> None:
    """Do it; and again where what was to come of it did not, for what browsers now and then lose without a word."""
    try:
        await do()
    except Missing:
        await do()
