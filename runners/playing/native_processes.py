"""The processes of one play that are none of the browser's own: native applications and their children."""

from __future__ import annotations

import time

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import Json
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import Fault, Incarnation
from portolan.runners.playing.settle import TWIN_HOST
from portolan.runners.session.collector import Link


class Processes:
    """Which process is whose, and the tasks that are for them."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.stage = player.stage

    # ---- what comes in

    def claims(self, link: Link) -> bool:
        """Whether a process that has just connected is of this play."""
        if link.hello["name"] == TWIN_HOST:
            return self.player.settler.awaits_twin
        own = [self.player.setting.extensions[name] for name in ("subject", "peer")]
        callers = {name for made in own for name in (made.id, f"{made.origin}/")}
        return link.hello["name"] in self.player.hosts.values() and not callers.isdisjoint(link.hello["caller"])

    def on_link(self, link: Link, what: str) -> None:
        """A process of this play has "started" or "ended"."""
        actor = self._actor(link)
        if actor is None:
            self.player.settler.twin_application(link, what)
        elif what == "started":
            self._started(link, actor)
        elif ended := self.stage.incarnations.get(link.hello.get("incarnation", "")):
            ended.alive = False
            ended.counter += 1
            end = {"n": ended.counter, "t": time.time() * 1000, "phase": "note", "operation": "ended"}
            self.player.on_events(ended, [end])

    def _actor(self, link: Link) -> str | None:
        """Which actor a process is: a child has a name of its own, beside that of its application's host."""
        if child := link.hello.get("child"):
            return str(child)
        return next((actor for actor, host in self.player.hosts.items() if host == link.hello["name"]), None)

    def _started(self, link: Link, actor: str) -> None:
        player = self.player
        incarnation = Incarnation(
            f"{player.id}-application-{link.hello['pid']}", actor, {"context": "application"}, play=player.id
        )
        link.hello["incarnation"] = incarnation.id
        self.stage.incarnations[incarnation.id] = incarnation
        player.on_hello(incarnation)
        for part in player.scenario.cast.applications:
            if part.actor == actor:
                link.send({"on_message": part.on_message, "on_eof": part.on_eof})

    # ---- who is there

    def living(self) -> list[Link]:
        """The processes of this play that live."""
        return [
            link
            for link in self.stage.applications
            if link.owner == self.player.id and not link.closed.is_set() and self._actor(link)
        ]

    def of(self, actor: str) -> list[Link]:
        """The living processes of an application, or of one of its children."""
        return [link for link in self.living() if self._actor(link) == actor]

    # ---- tasks

    async def do(self, task: s.Task) -> bool:
        """Do a task that is for a process; whether it was for one."""
        if any(isinstance(op, s.AppAnswer) for op in task.ops):
            for link in self.of(task.actor):  # none: it has ended, and says nothing
                await self.stage.tell(link, self.player.deadline, ops=[self.player.plain(op) for op in task.ops])
        elif task.actor in self.player.hosts:
            await self._in_application(task)
        else:
            return False
        return True

    async def _in_application(self, task: s.Task) -> None:
        links = self.of(task.actor)
        if not links:
            raise Fault(f"a task is for the application {task.actor}, which is not running")
        ops = [self.player.plain(op) for op in task.ops]
        ends = any(isinstance(op, s.AppExit | s.AppCrash) for op in task.ops)
        if ends:
            links[-1].send({"id": "end", "ops": ops})
            await self.stage.until(links[-1].closed.is_set, self.player.deadline, f"the end of {task.actor}'s process")
        else:
            await self.stage.tell(links[-1], self.player.deadline, ops=ops)
        for op in task.ops:
            if isinstance(op, s.AppChild):
                await self._has_started(op)
        await self.player.settler.same_fate(ops)

    async def _has_started(self, op: s.AppChild) -> None:
        await self.stage.until(lambda: self._started_as(op.child), self.player.opening, f"{op.child} to start")
        if (noted := self._started_as(op.child)) != [{"broken_away": op.breaks_away}]:
            raise Fault(f"{op.child} is not in the process group that it should be in: it notes {noted}")

    def _started_as(self, child: str) -> list[Json]:
        """What a child has noted at its start."""
        return [event.value for event in self.player.events if (event.actor, event.operation) == (child, "started")]
