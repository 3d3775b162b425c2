"""Settling: wait until everything that was set in motion has arrived, by signs and never by time.

The recipe and what it was proved with are in ``docs/settling.md``. In short: every document that should have ended has
ended (both twins, or Firefox's word that it is in the bfcache); every native application that was started has
started or was refused; then barrier rounds to every living actor, until two in a row change nothing.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import HOSTS, Document, Incarnation
from portolan.runners.session.collector import Link

TWIN_HOST = "portolan.twin"
MOST_ROUNDS = 2000
OVER = {
    ("fire", "onDisconnect"),
    ("throw", "runtime.connect"),
    ("throw", "tabs.connect"),
    ("throw", "runtime.connectNative"),
}
"""Events of a port (phase and operation) after which nothing more can come of its opening."""


class Settler:
    """What one play waits for at its next settle."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.stage = player.stage
        self.ending: list[Document] = []
        self.starting: list[tuple[str, str]] = []
        self.started: dict[str, int] = {}
        self.asked: list[str] = []
        self.waking: set[str] = set()
        self.removed: set[str] = set()
        self.suspending: set[str] = set()
        self.undecided: list[tuple[str, str]] = []
        self.twins = 0
        self.twin: str | None = None
        self.twin_link: Link | None = None
        self.awaits_twin = False

    # ---- what will be due

    def ends(self, documents: list[Document]) -> None:
        """These documents should end now."""
        for document in documents:
            if document.channel:
                document.channel.cached = False
        self.ending += documents

    def extension_ends(self, extension: s.Extension) -> None:
        """The extension goes: the pages of its own that are there should end."""
        if extension == "subject":
            self.ends([document for document in self.player.documents.there() if document.kind != "web"])

    def about_to(self, task: s.Task) -> None:
        """A task is about to be done: connecting starts backgrounds that are stopped, and native applications."""
        for op in task.ops:
            if isinstance(op, s.Ask):
                self.asked.append(op.name)
                host = op.args[0] if op.args and op.api == "runtime.sendNativeMessage" else None
                if isinstance(host, dict) and host.get("$") == "host-of":
                    self.starting.append((host["application"], op.name))
            if isinstance(op, s.Unlisten):
                self.removed.add(op.listener)
            if not isinstance(op, s.Connect):
                continue
            if op.api == "runtime.connectNative":
                for value in op.args:
                    if isinstance(value, dict) and value.get("$") == "host-of":
                        self.starting.append((value["application"], op.port))
            else:
                self._wake(op)

    def _wake(self, op: s.Connect) -> None:
        target = op.args[0] if op.args and isinstance(op.args[0], dict) else {}
        extension = "peer" if op.api == "runtime.connect" and target.get("extension") == "peer" else "subject"
        if extension in self.suspending:
            return
        gone = not self.player.alive(s.BACKGROUNDS[extension])
        casts = (cast for cast in self.player.scenario.cast.backgrounds if cast.extension == extension)
        unheard = {listener.listener for cast in casts for listener in cast.listeners} & self.removed
        if unheard or (gone and self.stage.spent):  # Firefox 115 loads no background again after a crash [M]
            self.undecided.append((op.port, extension))  # only the browser can tell whether this still starts it
            return
        if gone:
            self.waking.add(extension)

    # ---- native applications

    async def open_twins(self) -> None:
        """Start the observer's own native application, which shares the fate of the scenario's."""
        await self._open_twin()

    async def _open_twin(self) -> None:
        self.twins += 1
        self.twin, self.twin_link = f"{self.player.id}-{self.twins}", None
        # Every play's is started by the observer: one after the other, so that they can be told apart.
        async with self.stage.twin_opening:
            self.awaits_twin = True
            try:
                await self.stage.command("openTwinApplication", self.player.deadline, host=TWIN_HOST, twin=self.twin)
                await self.stage.until(
                    lambda: self.twin_link, self.player.opening, "the start of the observer's native application"
                )
            finally:
                self.awaits_twin = False

    async def close_twin(self) -> None:
        """End the observer's own native application."""
        if self.twin:
            await self.stage.command("closeTwinApplication", self.player.deadline, twin=self.twin)

    def twin_application(self, link: Link, what: str) -> None:
        """The observer's own native application has started."""
        if what == "started":
            link.send({"on_message": "echo", "on_eof": "exit"})
            self.twin_link = link

    async def same_fate(self, ops: list[dict[str, Any]]) -> None:
        """Let the observer's native application meet what the scenario's has met, and wait until the observer saw it."""
        fates = [op for op in ops if op["op"].startswith("app-") and op["op"] != "app-child"]
        if not fates or self.twin is None or self.twin_link is None:
            return
        twin = self.twin
        self.twin_link.send({"id": "twin", "ops": [*fates, {"op": "post", "args": ["after"]}]})
        await self.stage.until(
            lambda: self.stage.twin_news.get(twin),
            self.player.deadline,
            "the observer to see its own application's fate",
        )
        if all(op["op"] == "app-log" for op in fates):
            return  # it is as it was
        await self.stage.command("closeTwinApplication", self.player.deadline, twin=twin)
        await self._open_twin()

    async def _refused(self, manifest: s.NativeManifest) -> None:
        self.twins += 1
        twin = f"{self.player.id}-{self.twins}"
        await self.stage.command("openTwinApplication", self.player.deadline, host=HOSTS[manifest], twin=twin)
        await self.stage.until(
            lambda: self.stage.twin_news.get(twin), self.player.deadline, "the observer to be refused likewise"
        )

    async def _applications_started(self) -> None:
        parts = {app.actor: app for app in self.player.scenario.cast.applications}
        for actor, port in self.starting:
            if parts[actor].manifest != "allowed":
                if not self._threw(port):
                    await self._refused(parts[actor].manifest)
                continue
            self.started[actor] = wanted = self.started.get(actor, 0) + 1
            await self.stage.until(
                lambda actor=actor, port=port, wanted=wanted: (
                    self.player.lives.get(actor, 0) >= wanted or self._over(port)
                ),  # type: ignore[misc]
                self.player.opening,
                f"the application {actor} to start, or to be refused",
            )
        self.starting.clear()

    def _over(self, port: str) -> bool:
        return self._answered(port) or any(
            event.port == port and (event.phase, event.operation) in OVER for event in self.player.events
        )

    def _answered(self, name: str) -> bool:
        """Whether a one-time message was answered or rejected."""
        told = ("answer", "rejection")
        return any(event.listener == name and event.operation in told for event in self.player.events)

    async def _asked(self) -> None:
        for name in self.asked:
            await self.stage.until(
                lambda name=name: self._answered(name),  # type: ignore[misc]
                self.player.opening,
                f"the answer to the one-time message {name}",
            )
        self.asked.clear()

    def _threw(self, port: str) -> bool:
        return any(event.port == port and event.phase == "throw" for event in self.player.events)

    async def _applications_ended(self) -> None:
        """An application whose port was closed has time to end by itself; then the browser ends it."""
        for actor in self.player.hosts:
            for link in self.player.processes.of(actor):
                if self._closed_by_extension(actor):
                    await self.stage.until(
                        link.closed.is_set, 15 * self.player.setting.factor, f"the end of {actor}'s process"
                    )

    def _closed_by_extension(self, actor: str) -> bool:
        """Whether the extension has called disconnect(), got its answer, or is no longer there."""
        if any(self._answered(name) for name in self._asks(actor)):
            return True
        ports = {
            op.port
            for step in self.player.scenario.steps
            if isinstance(step, s.Task)
            for op in step.ops
            if isinstance(op, s.Connect) and {"$": "host-of", "application": actor} in op.args
        }
        own = [event for event in self.player.events if event.port in ports]
        opened = {(event.actor, event.incarnation) for event in own if event.operation == "runtime.connectNative"}
        return any(event.operation == "disconnect" and event.phase == "return" for event in own) or any(
            not self._is_there(opener, number) for opener, number in opened
        )

    def _asks(self, actor: str) -> list[str]:
        """The one-time messages to an application."""
        host = {"$": "host-of", "application": actor}
        tasks = (step for step in self.player.scenario.steps if isinstance(step, s.Task))
        return [op.name for task in tasks for op in task.ops if isinstance(op, s.Ask) and host in op.args]

    def _is_there(self, actor: str, number: int) -> bool:
        living = self.player.alive(actor)
        return living is not None and self.player.numbers.get(living.id) == number

    def end_application(self, link: Link) -> None:
        """The play is over: its native application, if it still runs, is ended."""
        if not link.closed.is_set():
            link.close()
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(link.hello["pid"]), signal.SIGKILL)

    async def _echo(self) -> int:
        """A message to the observer's own native application and back: native messages sent before it have arrived."""
        if self.twin is None:
            return 0
        twin = self.twin
        before = len(self.stage.twin_news.get(twin, []))
        await self.stage.command("tellTwinApplication", self.player.deadline, twin=twin, message="echo")
        await self.stage.until(
            lambda: len(self.stage.twin_news.get(twin, [])) > before,
            self.player.deadline,
            "an echo of the observer's native application",
        )
        pending = 0
        for link in self.player.processes.living():
            answer = await self.stage.tell(link, self.player.deadline)
            pending += bool(answer.get("pending"))
        return pending

    # ---- settling

    async def settle(self) -> None:
        """Wait for what is due, then for barrier rounds that change nothing."""
        rounds = 3 if self.ending or self.player.hosts else 2
        await self._documents_ended()
        await self._suspended_or_not()
        await self._backgrounds_woken()
        await self._applications_started()
        await self._asked()
        await self._applications_ended()
        await self.rounds(rounds)

    async def _documents_ended(self) -> None:
        for document in self.ending:
            channel = document.channel
            if channel is None:
                continue
            await self.stage.until(
                lambda channel=channel, web=document.kind == "web": channel.over(observer_twin=web),  # type: ignore[misc]
                self.player.deadline,
                f"the end of {document.name} (its twins: {sorted(channel.gone) or 'none'} gone)",
            )
            if channel.cached:
                for incarnation in self.stage.incarnations.values():
                    if incarnation.channel == channel.id:
                        incarnation.alive = False
        self.ending.clear()

    async def _suspended_or_not(self) -> None:
        """A background that is about to be stopped is told that it is not, or it ends: nothing of ours may come before."""
        for extension in sorted(self.suspending):
            actor = s.BACKGROUNDS[extension]
            await self.stage.until(
                lambda actor=actor: (  # type: ignore[misc]
                    not self.player.alive(actor)
                    or any(
                        event.actor == actor and event.operation == "runtime.onSuspendCanceled"
                        for event in self.player.events
                    )
                ),
                self.player.opening,
                f"onSuspendCanceled in {actor}, or its end",
            )
        self.suspending.clear()

    async def _backgrounds_woken(self) -> None:
        for extension in sorted(self.waking):
            await self.player.join(await self.player.background(extension), extension)
        self.waking.clear()
        for port, extension in self.undecided:
            actor = s.BACKGROUNDS[extension]
            await self.stage.until(
                lambda actor=actor, port=port: self.player.alive(actor) or self._over(port),  # type: ignore[misc]
                self.player.opening,
                f"{actor} to start, or the end of {port}",
            )
            if living := self.player.alive(actor):
                await self.player.join(living, extension)
        self.undecided.clear()

    def _to_ask(self) -> list[Incarnation]:
        return [
            one
            for one in self.stage.incarnations.values()
            if one.alive
            and one.role.get("context") != "application"
            and one.belongs(self.player.id, self.player.troupe)
        ]

    async def rounds(self, stable: int) -> None:
        """Barrier rounds, until so many in a row have changed nothing."""
        seen: list[Any] = []
        for _ in range(MOST_ROUNDS):
            asked = self._to_ask()
            answer = await self.stage.barrier(asked, self.player.deadline)
            pending = await self._echo()
            self._note(answer)
            state = (sorted(answer["counters"].items()), len(self.player.events), sorted(answer["dead"]))
            seen = [*seen, state] if not seen or seen[-1] == state else [state]
            if pending:
                seen = []
            if len(seen) >= stable:
                return
        await self.stage.until(lambda: False, 0, "the traffic to come to rest")

    def _note(self, answer: dict[str, Any]) -> None:
        for id, counter in answer["counters"].items():
            if incarnation := self.stage.incarnations.get(id):
                self.stage.check_counter(incarnation, counter)
        for id in answer["dead"]:
            if incarnation := self.stage.incarnations.get(id):
                incarnation.alive = False
        self.stage.raise_fault()
