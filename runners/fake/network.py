"""What ports do: opening, posting, disconnecting, and what the end of a context does to them.

Everything that one context does to another is a job in one queue, done in order: delivery is deterministic, and a settle
is running the queue empty.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from portolan.conformance.trace.steps import Connectable
from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake import families
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import CONNECT_EVENTS, NO_RECEIVER, Family, JsError
from portolan.runners.fake.jsvalues import sent
from portolan.runners.fake.opening import Request, name_at, reached, sender_of
from portolan.runners.fake.state import Channel, Context, Emitter, Kind, Page, PortEnd, Record, unheard
from portolan.runners.fake.worlds import API, Worlds

INVENTED = "nobody posted this"
NAMESPACES = {"browser": Bug.CHROME_ALONE, "chrome": Bug.BROWSER_ALONE}
"""What the API is in, in the newest versions of both families; and without which bug."""

CONNECTABLE = {"subject": Connectable(("*",), ("here", "elsewhere")), "peer": Connectable()}
"""What the manifests of the stage say of who may connect from outside."""


class Job(NamedTuple):
    """One thing that is under way. ``lane`` names the channel and direction of a message, or the opening of a channel."""

    do: Callable[[], None]
    lane: tuple[int, str] = (0, "")


class Network:
    """The ports of one fake browser in one play."""

    def __init__(self, family: Family, bugs: frozenset[Bug], *, user_scripts: bool) -> None:
        self.family, self.bugs, self.user_scripts = family, bugs, user_scripts
        self.reporting = self.other if Bug.ERROR_IN_THE_WRONG_PLACE in bugs else family
        self.contexts: list[Context] = []
        self.pages: list[Page] = []
        self.channels: list[Channel] = []
        self.queue: deque[Job] = deque()
        self.worlds = Worlds(self)
        self.console: list[str] = []
        self.wake: Callable[[str], None] = lambda _: None
        self.evict: Callable[[Context], None] = lambda _: None
        self.recorder: Callable[[str], Record] = lambda _: unheard
        self.connectable: dict[str, Connectable] = dict(CONNECTABLE)
        self.dispatch = (
            not self.rule(family.skips_listeners_removed_meanwhile, Bug.REMOVED_MEANWHILE_OPPOSITE),
            Bug.REMOVED_LISTENERS_STILL_CALLED not in bugs,
            Bug.IGNORES_SECOND_LISTENER in bugs,
            Bug.CALLS_TWICE_WHAT_IS_ADDED_TWICE in bugs,
            Bug.STOPS_AT_A_THROW in bugs,
        )

    @property
    def other(self) -> Family:
        """The other family, whose rules some bugs follow."""
        return families.CHROMIUM if self.family is families.FIREFOX else families.FIREFOX

    def rule(self, normal: bool, opposite: Bug) -> bool:
        """A rule of the family, or its opposite where the fake has that bug."""
        return normal != (opposite in self.bugs)

    def either(self, normal: bool, yes: Bug, no: Bug) -> bool:
        """A rule of the family, unless the fake has one of two bugs that settle it."""
        return yes in self.bugs or (normal and no not in self.bugs)

    @property
    def native_port_is_named(self) -> bool:
        """Whether a native port's name is the application's."""
        return self.either(self.family.native_port_is_named, Bug.NATIVE_NAME_GIVEN, Bug.NATIVE_NAME_EMPTY)

    @property
    def heeds_externally_connectable(self) -> bool:
        """Whether it matters what a manifest says of who may connect from outside."""
        return self.rule(self.family.heeds_externally_connectable, Bug.OTHER_EXTERNALLY_CONNECTABLE)

    def admits(self, extension: str, opener: Context) -> bool:
        """Whether an extension lets this opener in, who is outside of it."""
        says = self.connectable[extension]
        if not self.heeds_externally_connectable:
            return True
        if opener.kind == "web":
            return opener.page is not None and opener.page.site in says.matches
        return says == Connectable() or "*" in says.ids or opener.extension in says.ids

    def _listed(self, page: Page) -> bool:
        return any(page.site in says.matches for says in self.connectable.values())

    def type_at(self, context: Context, path: str) -> str:
        """The type of what is at a path in a context: in a namespace that it names, or in the one that is used."""
        context.looked = True
        namespace, _, rest = path.partition(".")
        if namespace not in NAMESPACES:
            return context.apis.get(path, "undefined")
        there = context.apis and NAMESPACES[namespace] not in self.bugs
        return context.apis.get(rest, "undefined") if there else "undefined"

    def show(self, line: str) -> None:
        """A line in the browser's console."""
        if Bug.CONSOLE_SAYS_NOTHING not in self.bugs:
            self.console.append(line)

    # ---- contexts

    def context(self, actor: str, number: int, kind: Kind, extension: str | None, page: Page | None = None) -> Context:
        """A new context, with the API of its kind."""
        family = self.other if Bug.OTHER_API in self.bugs else self.family
        everywhere = kind == "content" and extension == "subject" and Bug.API_EVERYWHERE in self.bugs
        apis = family.apis(
            "background" if everywhere else kind,
            embedded=page is not None and page.embedded,
            user_scripts=self.user_scripts and extension == "subject",
            native=extension == "subject" or Bug.API_EVERYWHERE in self.bugs,
            listed=page is None or not self.heeds_externally_connectable or self._listed(page),
            devtools=page is not None and page.kind == "devtools",
        )
        if kind in ("background", "extension-page") and extension in self.worlds.running:
            apis |= API
        events = {event: self.emitter() for event in CONNECT_EVENTS if event in apis}
        events |= {event: self.emitter() for event in ("runtime.onMessage", "runtime.onMessageExternal")}
        context = Context(actor, number, kind, extension, apis, events, page)
        context.last_error = self.reporting.error_value(None, in_port=False)
        self.contexts.append(context)
        if page:
            page.contexts.append(context)
        return context

    def emitter(self) -> Emitter:
        """A new event object."""
        return Emitter(*self.dispatch)

    def later(self, do: Callable[[], None], lane: tuple[int, str] = (0, "")) -> None:
        """Put a job into the queue."""
        if Bug.REORDERS_MESSAGES in self.bugs and lane[1] and self.queue and self.queue[-1].lane == lane:
            self.queue.insert(len(self.queue) - 1, Job(do, lane))
        else:
            self.queue.append(Job(do, lane))

    def run(self) -> None:
        """Do everything that is under way, and what comes of it."""
        while self.queue:
            self.queue.popleft().do()

    # ---- opening

    def end(self, context: Context, channel: Channel, name: Json, sender: Json, *, opener: bool) -> PortEnd:
        """A new port object."""
        on = {event: self.emitter() for event in ("onMessage", "onDisconnect")}
        end = PortEnd(context, channel, name, sender, opener, on, self.reporting.error_value(None, in_port=True))
        context.ends.append(end)
        return end

    def connect(self, request: Request) -> PortEnd:
        """``runtime.connect`` and ``tabs.connect``: a port at once, and its opening later."""
        if Bug.CONNECT_THROWS in self.bugs:
            raise JsError("Error", "connect is broken")
        channel = Channel(self._event(request))
        own_sender = sender_of(self, request) if Bug.SENDER_EVERYWHERE in self.bugs else tag("undefined")
        channel.opener = self.end(
            request.opener, channel, name_at(self, request.name, own=True), own_sender, opener=True
        )
        self.channels.append(channel)
        self.later(lambda: self._open(channel, request), (id(channel), "open"))
        return channel.opener

    def _event(self, request: Request) -> str:
        if request.opener.kind == "user-script":
            if Bug.USER_SCRIPT_COMES_FROM_OUTSIDE in self.bugs:
                return "runtime.onConnectExternal"
            if Bug.USER_SCRIPT_IS_A_CONTENT_SCRIPT not in self.bugs:
                return "runtime.onUserScriptConnect"
        return (
            "runtime.onConnectExternal"
            if self.rule(request.external, Bug.EXTERNAL_IS_INTERNAL)
            else "runtime.onConnect"
        )

    def _open(self, channel: Channel, request: Request) -> None:
        if request.api == "runtime.connect" and request.extension and Bug.NO_WAKE_UP not in self.bugs:
            self.wake(request.extension)
        channel.asked = reached(self, request)
        sender = sender_of(self, request)
        for context in channel.asked:
            emitter = context.events.get(channel.event)
            if emitter and emitter.handlers and not (channel.receivers and Bug.CONNECTS_TO_THE_FIRST_ONLY in self.bugs):
                end = self.end(context, channel, name_at(self, request.name, own=False), sender, opener=False)
                channel.receivers.append(end)
                emitter.fire(end)
                if Bug.CONNECTS_TWICE in self.bugs:
                    emitter.fire(end)
        if Bug.CONNECTS_TO_ITSELF in self.bugs and (own := request.opener.events.get("runtime.onConnect")):
            channel.receivers.append(self.end(request.opener, channel, request.name, sender, opener=False))
            own.fire(channel.receivers[-1])
        if not channel.receivers and Bug.NO_RECEIVER_IS_FINE not in self.bugs:
            channel.open = False
            self.tell(channel.opener, NO_RECEIVER)
        elif Bug.INVENTS_MESSAGES in self.bugs:
            self.invent(channel)

    def invent(self, channel: Channel) -> None:
        """The bug of that name: a message for every end."""
        for end in (channel.opener, *channel.receivers):
            self.later(lambda end=end: self.hand(end, INVENTED))  # type: ignore[misc]

    # ---- posting

    def post(self, end: PortEnd, args: list[Json]) -> None:
        """``postMessage``. Raises JsError."""
        self._must_be_connected(end)
        if Bug.POST_THROWS in self.bugs:
            raise JsError("Error", "postMessage is broken")
        if not args and not self.rule(self.family.clones, Bug.OTHER_ARGUMENTS):
            raise JsError("TypeError", "Insufficient number of arguments.")
        value = self._serialized(args[0] if args else tag("undefined"), native=end.channel.process is not None)
        if end.connected or Bug.DELIVERS_AFTER_DISCONNECT in self.bugs:
            self.send(end.channel, value, end)

    def _must_be_connected(self, end: PortEnd) -> None:
        if not end.connected and Bug.POST_AFTER_DISCONNECT_RETURNS not in self.bugs:
            raise JsError("Error", self.family.disconnected)

    def _serialized(self, value: Json, *, native: bool) -> Json:
        if Bug.SENDS_NOTHING_BUT_TEXT in self.bugs and not isinstance(value, str):
            raise JsError("Error", "not a string")
        if Bug.HAS_NO_SIZE_LIMIT in self.bugs and isinstance(value, dict) and value.get("$") == "repeat":
            return value
        try:
            value = sent(value, self.other if Bug.OTHER_SERIALIZATION in self.bugs else self.family, native=native)
        except JsError:
            if Bug.SENDS_ANYTHING not in self.bugs:
                raise
            value = None
        return [value] if Bug.MANGLES_VALUES in self.bugs else value

    def send(self, channel: Channel, value: Json, source: PortEnd | None) -> None:
        """A message on its way from one end, or (None) from a native application."""
        outward = source is not None and source.is_opener
        number = channel.posted[outward] = channel.posted.get(outward, 0) + 1
        if number == 1 and Bug.LOSES_FIRST_MESSAGE in self.bugs:
            return
        deliver = lambda: self._deliver(channel, value, source)  # noqa: E731
        if Bug.LOSES_LAST_MESSAGE in self.bugs:
            held, channel.held[outward] = channel.held.get(outward), deliver
            if held is None:
                return
            deliver = held
        for _ in range(2 if Bug.DUPLICATES_MESSAGES in self.bugs else 1):
            self.later(deliver, (id(channel), "outward" if outward else "inward"))

    def _deliver(self, channel: Channel, value: Json, source: PortEnd | None) -> None:
        if (source is None or source.attached) and (channel.open or Bug.DELIVERS_AFTER_DISCONNECT in self.bugs):
            if channel.process and source:
                channel.process.hear(value)
                return
            for end in list(channel.receivers) if source and source.is_opener else [channel.opener]:
                self.hand(end, value)
            if source and Bug.MESSAGES_COME_BACK in self.bugs:
                self.hand(source, value)

    def hand(self, end: PortEnd, value: Json) -> None:
        """A message has arrived at an end."""
        context = end.context
        if context.alive and not context.cached and (end.connected or Bug.DELIVERS_AFTER_DISCONNECT in self.bugs):
            more = () if Bug.NO_SECOND_ARGUMENT in self.bugs else (end,)
            end.on["onMessage"].fire(value, *more)
        elif context.alive and context.cached and Bug.BFCACHE_EVICTS in self.bugs:
            self.evict(context)
        elif context.alive and context.cached and Bug.BFCACHE_KEEPS_MESSAGES in self.bugs:
            context.kept.append(lambda: self.hand(end, value))

    # ---- disconnecting

    def disconnect(self, end: PortEnd) -> None:
        """``disconnect()``. Raises JsError only where the fake has that bug."""
        if not end.connected and Bug.DISCONNECT_TWICE_THROWS in self.bugs:
            raise JsError("Error", self.family.disconnected)
        if not end.connected or Bug.DISCONNECT_DOES_NOTHING in self.bugs:
            return
        if Bug.DISCONNECT_FIRES_AT_THE_CALLER in self.bugs:
            self.later(lambda: self.tell(end, None, anyway=True))
        end.connected = False
        self.close_later(end, explicit=True)

    def close_later(self, end: PortEnd, *, explicit: bool) -> None:
        """An end is closed, by a call or with its context: the news is on its way."""
        if end.channel.process:
            process = end.channel.process
            self.later(lambda: process.input_ends())
            return
        job = Job(lambda: self._close(end, explicit=explicit))
        if Bug.DISCONNECTS_EARLY in self.bugs:
            opening = [at for at, other in enumerate(self.queue) if other.lane == (id(end.channel), "open")]
            self.queue.insert(opening[0] + 1 if opening else 0, job)
        else:
            self.queue.append(job)

    def _close(self, end: PortEnd, *, explicit: bool) -> None:
        channel = end.channel
        if not channel.open or not end.attached:
            return
        if end.is_opener:
            self._opener_left(channel, explicit=explicit)
        elif explicit:
            self._receiver_disconnected(channel, end)
        else:
            self._receiver_left(channel, end)

    def _opener_left(self, channel: Channel, *, explicit: bool, error: str | None = None) -> None:
        if not explicit and Bug.OUTLIVES_ITS_OPENER in self.bugs:
            return
        channel.open = False
        for other in channel.receivers[: 1 if Bug.HALF_A_DISCONNECT in self.bugs else None]:
            self.tell(other, error)

    def _receiver_disconnected(self, channel: Channel, end: PortEnd) -> None:
        channel.open = False
        self.tell(channel.opener, None)
        if self.rule(self.family.siblings_hear_a_disconnect, Bug.OTHER_DISCONNECT):
            self._tell_all(channel, end)

    def _receiver_left(self, channel: Channel, end: PortEnd, error: str | None = None) -> None:
        end.attached = False
        channel.receivers.remove(end)
        lives = self.family.lives_until_all_receivers_left
        if not self.either(lives, Bug.LIVES_WITH_ONE_RECEIVER_LEFT, Bug.DIES_WITH_FIRST_RECEIVER):
            channel.open = False
            self.tell(channel.opener, error)
            self._tell_all(channel, end)
        elif not channel.receivers and Bug.OUTLIVES_ITS_RECEIVERS not in self.bugs:
            channel.open = False
            self.tell(channel.opener, error)

    def _tell_all(self, channel: Channel, but: PortEnd) -> None:
        for other in list(channel.receivers):
            if other is not but:
                self.tell(other, None)

    def tell(self, end: PortEnd, text: str | None, *, anyway: bool = False) -> None:
        """An end is disconnected by others: its ``onDisconnect`` fires, with an error where there is one."""
        if not (end.connected or anyway) or not end.context.alive:
            return
        end.connected = False
        if end.context.cached or Bug.NEVER_FIRES_DISCONNECT in self.bugs:
            return  # Firefox: a page in the bfcache is not told, then or later
        if Bug.ERROR_NEVER in self.bugs:
            text = None
        elif Bug.ERROR_ALWAYS in self.bugs:
            text = text or "Something went wrong."
        self._report(end, text)
        for _ in range(2 if Bug.FIRES_DISCONNECT_TWICE in self.bugs else 1):
            end.on["onDisconnect"].fire(None if Bug.WRONG_ARGUMENT in self.bugs else end)
        end.context.last_error = self.reporting.error_value(None, in_port=False)

    def _report(self, end: PortEnd, text: str | None) -> None:
        in_port = self.reporting.reports_in_port_error
        both = Bug.ERROR_IN_BOTH_PLACES in self.bugs
        end.error = self._error(text if in_port or both else None, in_port=True)
        end.context.last_error = self._error(text if not in_port or both else None, in_port=False)

    def _error(self, text: str | None, *, in_port: bool) -> Json:
        if text is not None and Bug.ERROR_WITHOUT_TEXT in self.bugs:
            return {"message": 42}
        return self.reporting.error_value(text, in_port=in_port)

    # ---- what becomes of contexts

    def unload(self, context: Context) -> None:
        """A context ends: each of its ports is closed."""
        context.alive = False
        for end in context.ends:
            if end.connected:
                self.close_later(end, explicit=False)
        if Bug.ANY_FRAME_COUNTS in self.bugs:
            self.later(lambda: self._end_what_asked(context))

    def _end_what_asked(self, context: Context) -> None:
        for channel in self.channels:
            if channel.open and context in channel.asked:
                self.end_channel(channel)

    def end_channel(self, channel: Channel) -> None:
        """Both ends hear that it is over, for no reason."""
        channel.open = False
        for end in (channel.opener, *list(channel.receivers)):
            self.tell(end, None)

    def cache(self, context: Context) -> None:
        """A context goes into the bfcache with its document."""
        context.cached = True
        if Bug.BFCACHE_EVICTS in self.bugs:
            return
        quiet = Bug.BFCACHE_QUIET_END in self.bugs
        if not (quiet or self.rule(self.family.ends_ports_in_bfcache, Bug.BFCACHE_OPPOSITE)):
            return
        error = None if quiet else families.BFCACHE
        for end in context.ends:
            if end.channel.open and end.attached and end.connected:
                self.later(lambda end=end: self._detach(end, error))  # type: ignore[misc]

    def _detach(self, end: PortEnd, error: str | None) -> None:
        """Chromium: the browser forgets a cached page's end; the page itself is not told."""
        if end.is_opener:
            self._opener_left(end.channel, explicit=True, error=error)
        elif end in end.channel.receivers:
            self._receiver_left(end.channel, end, error)
        end.attached = False

    def resume(self, context: Context) -> None:
        """A context comes back from the bfcache."""
        context.cached = False
        for keep in context.kept:
            self.later(keep)
        context.kept = []

    def invalidate(self, context: Context) -> None:
        """Chromium: a content script stays behind when its extension is gone; its ports are told."""
        context.invalidated = True
        for end in context.ends:
            self.later(lambda end=end: self.tell(end, None))  # type: ignore[misc]
            if end.connected:
                self.close_later(end, explicit=False)
