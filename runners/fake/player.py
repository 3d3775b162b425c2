"""Plays one scenario on the model: does its steps, changes the stage, keeps the events, and names how the play went."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import msgspec

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Event, Outcome, Phase, Recording
from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import Family
from portolan.runners.fake.native import Child, Process
from portolan.runners.fake.network import Network
from portolan.runners.fake.puppet import Puppet, PuppetError, Scope
from portolan.runners.fake.state import Context, Page
from portolan.runners.fake.worlds import WORLDS
from portolan.runners.playing.incarnations import FILES, HOSTS, Crash, Fault, Missing, NotThere

SITES = {"here": "http://127.0.0.1:8000", "elsewhere": "http://localhost:8000"}
FIRST_TAB, FIRST_FRAME = 700, 9000  # unlike any number that a scenario sends
LOST = 2
"""Which event of an actor the instrument loses, where it loses one."""


class FakePlayer:
    """One play on a world of its own. Use it once."""

    def __init__(self, family: Family, manifest: int, bugs: frozenset[Bug], scenario: Scenario, *, eager: bool) -> None:
        self.family, self.bugs, self.scenario, self.eager = family, bugs, scenario, eager
        self.manifest = manifest
        self.background_stops = (family.name, manifest) != ("firefox", 2)
        self.has_sidebar = (family.name, manifest) != ("chromium", 2)
        self.has_user_scripts = manifest == 3  # Manifest V2 has another API of that name
        self.network = Network(family, bugs, user_scripts=self.has_user_scripts)
        self.network.wake = self._wake
        self.network.evict = self._evict
        self.network.recorder = self._recorder
        self.evicted: set[str] = set()
        self.puppets: dict[Context, Puppet] = {}
        self.documents: dict[str, Page] = {}
        self.processes: dict[str, list[Process]] = {}
        self.lives: dict[str, int] = {}
        self.events: list[Event] = []
        self.clock = 0
        self.noted: Counter[str] = Counter()
        self.step = 0
        self.tabs = FIRST_TAB
        self.frames = FIRST_FRAME
        applications = enumerate(scenario.cast.applications)
        self.taken: set[str] = set()
        self.hosts = {app.actor: f"{HOSTS[app.manifest]}{'' if n == 0 else n + 1}" for n, app in applications}
        self.bindings: dict[str, Json] = {f"id-of {name}": family.extension_id(name) for name in s.BACKGROUNDS}
        self.bindings |= {f"host-of {actor}": host for actor, host in self.hosts.items()}

    # ---- the play as a whole

    def play(self, repeat: int) -> Recording:
        """Do it all. Whatever goes wrong is the play's outcome; nothing is raised."""
        outcome, reason, lacking = self._attempt()
        return Recording(
            scenario=self.scenario.name,
            digest=self.scenario.digest,
            cast=self.scenario.cast,
            steps=self.scenario.steps,
            repeat=repeat,
            events=tuple(self.events),
            outcome=outcome,
            reason=reason,
            lacking=lacking,
            bindings=self.bindings,
        )

    def _attempt(self) -> tuple[Outcome, str, str]:
        try:
            self._begin()
            for number, step in enumerate(self.scenario.steps):
                self.step = number
                self._do(step)
                if self.eager:
                    self.network.run()
        except NotThere as there:
            return "ok", "", str(there)
        except Missing as missing:
            return "timeout", f"step {self.step + 1}: waited for {missing}", ""
        except Crash as crash:
            return "crash", f"step {self.step + 1}: {crash}", ""
        except (Fault, PuppetError) as fault:
            return "harness-error", f"step {self.step + 1}: {fault}", ""
        return "ok", "", ""

    def _begin(self) -> None:
        listeners = {background.extension: background.listeners for background in self.scenario.cast.backgrounds}
        for extension in ("subject", *(["peer"] if "peer" in listeners else [])):
            self._start_background(extension).begin(listeners.get(cast("s.Extension", extension), ()))
        if not self.has_user_scripts and any(actor.endswith(end) for actor in self.scenario.actors for end in WORLDS):
            raise NotThere("userScripts in background")

    # ---- recording

    def record(self, context: Context, phase: str, operation: str, **more: Any) -> None:
        """Keep one event of a context."""
        context.counter += 1
        self._keep(context.actor, context.number, context.counter, phase, operation, more)

    def _keep(self, actor: str, number: int, counter: int, phase: str, operation: str, more: dict[str, Any]) -> None:
        self.clock += 1
        if Bug.LOSES_AN_EVENT in self.bugs and counter == LOST:
            return
        self.events.append(
            Event(actor, number, counter, self.step, cast("Phase", phase), operation, time=float(self.clock), **more)
        )

    def _check_counters(self) -> None:
        """What the real stage does at every answer: an event that is missing is the instrument's fault."""
        last: dict[tuple[str, int], int] = {}
        for event in self.events:
            life = (event.actor, event.incarnation)
            if event.counter != last.get(life, 0) + 1:
                raise Fault(f"{event.actor}: event {event.counter} came after event {last.get(life, 0)}")
            last[life] = event.counter
        for context in self.puppets:
            arrived = last.get((context.actor, context.number), 0)
            if context.counter != arrived:
                raise Fault(f"{context.actor}: {context.counter} events were sent and {arrived} arrived")

    def application(self, host: str) -> tuple[s.Application | None, Callable[[], Callable[..., None]]]:
        """The play's application of this name, and what makes a recorder for a new process of it."""
        actor = next((actor for actor, name in self.hosts.items() if name == host), host)
        part = next((app for app in self.scenario.cast.applications if app.actor == actor), None)
        return part, lambda: self._recorder(actor)

    def _recorder(self, actor: str) -> Callable[..., None]:
        number = self.lives[actor] = self.lives.get(actor, 0) + 1
        counter = 0

        def record(phase: str, operation: str, **more: Any) -> None:
            nonlocal counter
            counter += 1
            self._keep(actor, number, counter, phase, operation, more)

        return record

    def resolve(self, value: Json) -> Json:
        """Put in what only the play knows: ids of tabs, frames and extensions, names of hosts."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if str(value.get("$", "")).endswith("-of"):
            (name,) = (item for key, item in value.items() if key != "$")
            return self.bindings[f"{value['$']} {name}"]
        return {key: self.resolve(item) for key, item in value.items()}

    # ---- who is there

    def _enter(self, actor: str, kind: Any, extension: str | None, page: Page | None = None) -> Puppet:
        number = self.lives[actor] = self.lives.get(actor, 0) + 1
        context = self.network.context(actor, number, kind, extension, page)
        self.puppets[context] = Puppet(self, context)
        return self.puppets[context]

    def _start_background(self, extension: str) -> Puppet:
        puppet = self._enter(s.BACKGROUNDS[extension], "background", extension)
        puppet.register_top_level()
        return puppet

    def _living(self, actor: str) -> Puppet | None:
        living = (
            puppet
            for context, puppet in self.puppets.items()
            if context.actor == actor and context.alive and not context.cached
        )
        return next(reversed(list(living)), None)

    def _background(self, extension: str) -> Puppet:
        return self._living(s.BACKGROUNDS[extension]) or self._start_background(extension)

    def _wake(self, extension: str) -> None:
        actor = s.BACKGROUNDS[extension]
        if extension in self.taken:
            return
        last = next((each for each in reversed(self.puppets) if each.actor == actor), None)
        if last and not last.alive and last.unregistered and Bug.MINDS_REMOVED_LISTENERS in self.bugs:
            return
        if last and last.suspending:
            self._event_on_the_way(last)
        if self.lives.get(actor):
            self._background(extension)

    def _event_on_the_way(self, context: Context) -> None:
        """An event comes for a background that is about to be stopped."""
        context.suspending = False
        if Bug.SUSPENDS_ALL_THE_SAME in self.bugs:
            self.record(context, "fire", "pagehide", listener=f"{context.actor}.pagehide")
            self.network.unload(context)
        else:
            name = "runtime.onSuspendCanceled"
            self.record(context, "fire", name, listener=f"{context.actor}.{name}")

    def _of(self, actor: str) -> Puppet:
        """Whom a task is for. A background that was stopped is started: a task is an event to it."""
        if living := self._living(actor):
            return living
        for extension, name in s.BACKGROUNDS.items():
            if actor == name:
                return self._start_and_join(extension)
        raise Fault(f"a task is for {actor}, which is no longer there")

    def _start_and_join(self, extension: str) -> Puppet:
        """Start a background in the middle of the play, in which it takes part."""
        puppet = self._start_background(extension)
        parts = (part for part in self.scenario.cast.backgrounds if part.extension == extension)
        puppet.join(tuple(each for part in parts for each in part.listeners))
        return puppet

    # ---- documents

    def _place(self, name: str, kind: str, site: str, parent: Page | None = None, tab: int | None = None) -> Page:
        if parent is None and tab is None:
            self.tabs += 1
        self.frames += 1
        origin = SITES[site] if kind == "web" else self.family.origin("subject")
        path = "/page" if kind == "web" else FILES[kind]
        url = f"{origin}{path}?play=p1&document={name}"
        page = Page(
            name, kind, parent.tab if parent else tab or self.tabs, self.frames if parent else 0, url, origin, parent
        )
        page.hyphens, page.site = self.family.name == "firefox", site
        if parent:
            parent.children.append(page)
        self.documents[name] = page
        self.network.pages.append(page)
        page.address = url
        self._populate(page)
        return page

    def _bind(self, page: Page) -> None:
        ids = {"tab-of": page.tab, "frame-of": page.frame, "document-id-of": page.document_id}
        self.bindings |= {f"{what} {page.name}": id for what, id in ids.items()}

    def _populate(self, page: Page) -> None:
        self._bind(page)
        if page.kind != "web":
            self._enter(page.name, "extension-page", "subject", page)
            return
        first = self._enter(page.name, "content", "subject", page).context
        self._enter(f"{page.name}.peer", "content", "peer", page)
        if (script := f"{page.name}.script") in self.scenario.actors:
            self._enter(script, "web", None, page)
        for end, world in WORLDS.items():
            if (actor := page.name + end) in self.scenario.actors:
                self.network.worlds.enter(self._enter(actor, "user-script", "subject", page).context, world)
        if (second := f"{page.name}.second_script") in self.scenario.actors:
            self._share(first, self._enter(second, "content", "subject", page).context)

    def _share(self, first: Context, second: Context) -> None:
        """Two content scripts of one extension in one frame have one global, and so one set of listeners."""
        if Bug.A_GLOBAL_FOR_EACH_SCRIPT not in self.bugs:
            second.within, second.globals, second.events = first, first.globals, first.events

    def _leave(self, page: Page) -> None:
        """A document ends, and every one below it."""
        for each in page.tree():
            each.here = False
            for context in each.contexts:
                if context.alive:
                    self.network.unload(context)
        if page.parent:
            page.parent.children.remove(page)

    def _frame(self, frame: s.Frame, parent: Page) -> None:
        page = self._place(frame.document, frame.kind, frame.site, parent)
        if frame.holds in ("about:blank", "srcdoc"):
            page.url = "about:blank" if frame.holds == "about:blank" else "about:srcdoc"
        if frame.holds == "sandboxed":
            page.origin = "null"

    # ---- steps

    def _do(self, step: s.AnyStep) -> None:
        handler: Callable[[Any], None] = getattr(self, f"_do_{type(step).__name__}")
        handler(step)

    def _do_Task(self, task: s.Task) -> None:
        if any(isinstance(op, s.AppAnswer) for op in task.ops):
            for child in self._children(task.actor):
                child.answer()
            return
        if task.actor in self.hosts:
            running = [process for process in self._processes(task.actor) if process.running]
            if not running:
                raise Fault(f"a task is for the application {task.actor}, which is not running")
            running[-1].obey(tuple(self._resolved(op) for op in task.ops))
            return
        self._of(task.actor).perform(task.ops, Scope())

    def _processes(self, actor: str) -> list[Process]:
        found = [channel.process for channel in self.network.channels if isinstance(channel.process, Process)]
        return [process for process in found if process.part.actor == actor]

    def _children(self, actor: str) -> list[Child]:
        found = [channel.process for channel in self.network.channels if isinstance(channel.process, Process)]
        return [child for process in found for child in process.children if child.actor == actor]

    def _resolved(self, op: s.AnyOp) -> s.AnyOp:
        return (
            msgspec.structs.replace(op, args=tuple(self.resolve(arg) for arg in op.args))
            if isinstance(op, s.Post)
            else op
        )

    def _do_Need(self, need: s.Need) -> None:
        if asked := s.BACKGROUND_NEEDS.get(need.path):
            if self.background_stops is not asked.stops:
                raise NotThere(asked.lacking)
            return
        puppet = self._of(need.actor)
        puppet.perform((s.Probe(need.path),), Scope())
        if self.network.type_at(puppet.context, need.path) in ("undefined", "null"):
            raise NotThere(f"{need.path} in {need.actor}")

    def _do_OpenPage(self, step: s.OpenPage) -> None:
        if step.kind == "sidebar" and not self.has_sidebar:
            raise NotThere("sidebarAction or sidePanel.open in background")
        self.network.run()
        page = self._place(step.document, step.kind, step.site)
        page.kept, page.private, page.inspects = step.kept, step.window == "private", step.inspects
        for frame in step.frames:
            self._frame(frame, page)

    def _do_AddFrame(self, step: s.AddFrame) -> None:
        self.network.run()
        self._of(step.into)
        self._frame(step.frame, self.documents[step.into])

    def _do_RemoveFrame(self, step: s.RemoveFrame) -> None:
        self._leave(self.documents[step.document])

    def _do_NavigateFrame(self, step: s.NavigateFrame) -> None:
        self.network.run()
        page = self.documents[step.document]
        assert page.parent
        self._leave(page)
        self._frame(step.to, page.parent)

    def _do_Navigate(self, step: s.Navigate) -> None:
        self.network.run()
        page = self.documents[step.document]
        self._hide(page) if step.how == "follow" and page.kind == "web" else self._leave(page)
        self._place(step.to, "web", step.site, tab=page.tab)

    def _do_RewriteDocument(self, step: s.RewriteDocument) -> None:
        self.network.run()
        self._of(step.document)

    def _hide(self, page: Page) -> None:
        """A page goes into the bfcache."""
        if Bug.BFCACHE_REFUSED in self.bugs or not page.kept:
            self._leave(page)
            return
        for each in page.tree():
            each.here = False
            for context in each.contexts:
                self.network.cache(context)

    def _do_Reload(self, step: s.Reload) -> None:
        self.network.run()
        page = self.documents[step.document]
        if Bug.RELOADS_NOTHING in self.bugs:
            return
        self._leave(page)
        site = next((site for site, origin in SITES.items() if origin == page.origin), "here")
        generation, address = page.generation, page.address
        after = self._place(page.name, page.kind, site, tab=page.tab)
        after.url = after.address = address
        after.generation = generation + 1
        self._bind(after)

    def _evict(self, context: Context) -> None:
        """A page in the bfcache is thrown out of it, and ends."""
        page = next(page for page in self.network.pages if context in page.contexts)
        self.evicted.add(page.name)
        self._leave(page)

    def _do_GoBack(self, step: s.GoBack) -> None:
        self.network.run()
        leaving, target = self.documents[step.document], self.documents[step.to]
        self._hide(leaving)
        if Bug.BFCACHE_REFUSED in self.bugs or target.name in self.evicted:
            site = next((site for site, origin in SITES.items() if origin == target.origin), "here")
            self._place(target.name, target.kind, site, tab=target.tab)
            return
        for each in target.tree():
            each.here = True
            for context in each.contexts:
                self.network.resume(context)

    def _do_CloseTab(self, step: s.CloseTab) -> None:
        tab = self.documents[step.document].tab
        for page in self.network.pages:
            if page.parent is None and (page.tab == tab or page.inspects == step.document):
                self._leave(page)

    def _do_CloseWindow(self, step: s.CloseWindow) -> None:
        self._do_CloseTab(s.CloseTab(step.document))

    def _do_DiscardTab(self, step: s.DiscardTab) -> None:
        self._do_CloseTab(s.CloseTab(step.document))

    def _do_CrashTab(self, step: s.CrashTab) -> None:
        if self.documents[step.document].kind != "web":
            self._crash_extension()
        self._do_CloseTab(s.CloseTab(step.document))

    def _crash_extension(self) -> None:
        """The process in which the subject's pages and its background are."""
        if self.family.name == "firefox":
            raise NotThere("a process for the pages of one extension alone")
        if self.network.rule(self.background_stops, Bug.PAGE_CRASH_IS_FOR_GOOD):
            if Bug.PAGE_CRASHES_ALONE not in self.bugs and (background := self._living("background")):
                self.network.unload(background.context)
        else:
            self._do_DisableExtension(s.DisableExtension())

    def _do_ConfigureWorld(self, step: s.ConfigureWorld) -> None:
        properties: dict[str, Json] = {"messaging": step.messaging} | ({"worldId": step.world} if step.world else {})
        self._recordedly("userScripts.configureWorld", properties)
        self.network.worlds.configure(step.world, messaging=step.messaging)

    def _do_ResetWorld(self, step: s.ResetWorld) -> None:
        self._recordedly("userScripts.resetWorldConfiguration", *([step.world] if step.world else []))
        self.network.worlds.reset(step.world)

    def _recordedly(self, path: str, *args: Json) -> None:
        if not self.has_user_scripts:
            raise NotThere(f"{path} in background")
        background = self._of("background").context
        self.record(background, "call", path, value=list(args))
        self.record(background, "return", path, value=tag("undefined"))

    def _do_ForbidUserScripts(self, step: s.ForbidUserScripts) -> None:
        self.network.run()
        self.network.worlds.forbid()

    def _do_RegisterUserScripts(self, step: s.RegisterUserScripts) -> None:
        """Here they are never away."""

    def _do_StopBackground(self, step: s.StopBackground) -> None:
        self.network.worlds.background_ends()
        context = self._background(step.extension).context
        self._say_farewell(context)
        self.network.unload(context)

    def _say_farewell(self, context: Context) -> None:
        """What a background hears that is stopped: an event page of its end, a service worker nothing."""
        if Bug.TELLS_THE_DYING in self.bugs:
            for end in context.ends:
                self.network.tell(end, None)
        if context.hears_end and self.network.rule(self.family.name == "firefox", Bug.FAREWELL_OPPOSITE):
            for event in ("runtime.onSuspend", "pagehide"):
                self.record(context, "fire", event, listener=f"{context.actor}.{event}")

    def _do_BeginStop(self, step: s.BeginStop) -> None:
        if self.family.name != "firefox":
            raise NotThere("a background that is told of its end before it comes (a service worker is not)")
        self.network.run()
        context = self._background(step.extension).context
        context.suspending = True
        self.record(context, "fire", "runtime.onSuspend", listener=f"{context.actor}.runtime.onSuspend")

    def _do_AwaitIdleStop(self, step: s.AwaitIdleStop) -> None:
        self.network.run()
        self.network.unload(self._background(step.extension).context)
        if Bug.NATIVE_KEEPS_NOTHING in self.bugs and step.extension == "peer" and (own := self._living("background")):
            self.network.unload(own.context)

    def _do_CrashExtensions(self, step: s.CrashExtensions) -> None:
        if self.family.name != "firefox":
            raise NotThere("a process that all extensions share, and that can crash")
        self.network.run()
        for context in list(self.puppets):
            if context.kind == "background" and context.alive:
                self.network.unload(context)
        for part in self.scenario.cast.backgrounds:
            again = self.network.rule(not self.background_stops, Bug.CRASH_RELOADS_OPPOSITE)
            if Bug.CRASH_IS_FOR_GOOD in self.bugs:
                again = False
                self.taken.add(part.extension)
            if again:
                self._start_and_join(part.extension)
            self._note(s.EXTENSIONS, "loaded" if again else "not-loaded", part.actor)

    def _do_ReloadExtension(self, step: s.ReloadExtension) -> None:
        self.network.run()
        for context in list(self.puppets):
            if context.extension == step.extension and context.alive:
                self._reload(context)
        self._background(step.extension)

    def _do_UpdateExtension(self, step: s.UpdateExtension) -> None:
        if step.both_backgrounds and self.manifest == 2:
            raise NotThere("a background that may be listed as scripts and as a service worker (Manifest V3, from 121)")
        if step.externally_connectable is not None:
            self.network.connectable[step.extension] = step.externally_connectable
        if step.extension == "subject":
            self.network.worlds.is_updated()
        if "userScripts" in step.permissions:
            self.network.worlds.asked_for(step.extension)
        self._do_ReloadExtension(s.ReloadExtension(step.extension))

    def _do_UninstallExtension(self, step: s.UninstallExtension) -> None:
        self._do_DisableExtension(s.DisableExtension(step.extension))

    def _do_DisableExtension(self, step: s.DisableExtension) -> None:
        self.network.run()
        self.taken.add(step.extension)
        for context in list(self.puppets):
            if context.extension == step.extension and context.alive:
                self._reload(context)

    def _reload(self, context: Context) -> None:
        if context.kind != "content":
            self.network.unload(context)
        elif self.network.rule(self.family.content_scripts_outlive_reload, Bug.OTHER_RELOAD):
            self.network.invalidate(context)
        else:
            self.network.unload(context)
            if context.page and context.page.here and context.extension not in self.taken:
                self._enter(context.actor, "content", context.extension, context.page)

    def _do_ReadConsole(self, step: s.ReadConsole) -> None:
        """As the runner's: all that was caused before is there."""
        self.network.run()
        for line in self.network.console:
            if found := re.search(step.like, line, re.IGNORECASE):
                self._note(s.CONSOLE, "shown", found.group())
        self._note(s.CONSOLE, "looked", step.like)

    def _note(self, actor: str, operation: str, value: Json) -> None:
        """Keep what is seen of the browser from outside."""
        self.noted[actor] += 1
        self._keep(actor, 1, self.noted[actor], "note", operation, {"value": value})

    def _do_Settle(self, step: s.Settle) -> None:
        if Bug.CRASHES in self.bugs:
            raise Crash("the browser ended")
        if Bug.GOES_SILENT in self.bugs:
            raise Missing("an answer of background")
        self.network.run()
        self._check_counters()
        if Bug.ENDS_BY_ITSELF in self.bugs:
            for channel in self.network.channels:
                if channel.open:
                    self.network.end_channel(channel)
            self.network.run()
