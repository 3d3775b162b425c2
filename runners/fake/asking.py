"""One-time messages as the fake plays them: ``runtime.sendMessage`` and ``runtime.sendNativeMessage``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake import families
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import NO_RECEIVER
from portolan.runners.fake.interface import Model
from portolan.runners.fake.native import Process, arguments, refusal
from portolan.runners.fake.opening import Request, firefox_like, nothing
from portolan.runners.fake.state import Context, Record

MESSAGE, EXTERNAL = EVENTS = ("runtime.onMessage", "runtime.onMessageExternal")
Tell = Callable[[Json | None, str | None], None]
"""What is told of an answer: its value, and the error's text if there is one."""


def last_error(network: Model, text: str | None) -> Json:
    """What a callback sees in ``runtime.lastError``."""
    firefox = network.rule(network.family is families.FIREFOX, Bug.ERROR_IN_THE_WRONG_PLACE)
    if text is None or Bug.ERROR_NEVER in network.bugs:
        return None if firefox else tag("undefined")
    if firefox:
        return tag("error", name="Error", message=text)
    return tag("instance", **{"class": "Object", "properties": {"message": text}})


@dataclass(frozen=True)
class Message:
    """What one call of ``runtime.sendMessage`` means. ``extension`` is None where no such extension is there."""

    extension: str | None
    value: Json


def parse(network: Model, asker: Context, args: list[Json]) -> Message:
    """What the arguments mean. Raises JsError as the family does."""
    api, family = "runtime.sendMessage", network.family
    if not 1 <= len(args) <= 3:
        raise family.no_signature(api)
    first = args[0] if len(args) > 1 else None
    if len(args) == 2 and _first_is_message(network, args):
        first, args = None, [None, args[0], args[1]]
    if len(args) == 1:
        args = [None, args[0]]
    if len(args) == 3 and not _options(network, args[2]):
        raise family.invalid("options", "Error at parameter 'options': Unexpected property.")
    if nothing(first):
        return Message(asker.extension, args[1])
    if not isinstance(first, str):
        raise family.invalid("extensionId", "No matching signature.")
    if not firefox_like(network) and not re.fullmatch("[a-p]{32}", first):
        raise family.strange_id(first, api)
    own = Bug.IGNORES_EXTENSION_ID in network.bugs
    known = {family.extension_id(extension): extension for extension in ("subject", "peer")}
    return Message(asker.extension if own else known.get(first), args[1])


def _first_is_message(network: Model, args: list[Json]) -> bool:
    """Of two arguments: Firefox asks whether the second can be the options, Chromium whether the first can be an id."""
    if firefox_like(network):
        return nothing(args[1]) or _options(network, args[1])
    return not (nothing(args[0]) or isinstance(args[0], str))


def _options(network: Model, value: Json) -> bool:
    known = set() if firefox_like(network) else {"includeTlsChannelId"}
    return nothing(value) or (isinstance(value, dict) and "$" not in value and value.keys() <= known)


def send(network: Model, asker: Context, args: list[Json], tell: Tell) -> None:
    """``runtime.sendMessage``, within the extension or to another one. Raises JsError."""
    message = parse(network, asker, args)
    event = MESSAGE if message.extension == asker.extension else EXTERNAL

    def arrive() -> None:
        found = [] if Bug.CONNECTS_TO_NOBODY in network.bugs else _listening(network, asker, message.extension, event)
        answers: list[Json] = []
        value = [message.value] if Bug.MANGLES_VALUES in network.bugs else message.value
        for context in found[:1] if Bug.CONNECTS_TO_THE_FIRST_ONLY in network.bugs else found:
            context.events[event].fire(value, answers.append)
        tell(answers[0] if answers else tag("undefined"), None if found else NO_RECEIVER)

    network.later(arrive)


def _listening(network: Model, asker: Context, extension: str | None, event: str) -> list[Context]:
    return [
        context
        for context in network.contexts
        if context.alive
        and context.extension == extension
        and context.kind in ("background", "extension-page")
        and (context is not asker or Bug.CONNECTS_TO_ITSELF in network.bugs)
        and context.events[event].handlers
    ]


class Once(Process):
    """A process that is asked once."""

    tell: Tell
    asker: Context

    def _say(self, value: Json) -> None:
        if not self.over:
            self.network.later(lambda: self._answer(value))

    def _answer(self, value: Json) -> None:
        if Bug.NATIVE_ANSWERS_EVERYBODY in self.network.bugs:
            for context in _listening(self.network, self.asker, self.asker.extension, MESSAGE):
                context.events[MESSAGE].fire(value)
        self.tell([value] if Bug.MANGLES_VALUES in self.network.bugs else value, None)
        self.input_ends()


def send_native(
    network: Model,
    request: Request,
    part: s.Application | None,
    recorder: Callable[[], Record],
    message: Json,
    tell: Tell,
) -> None:
    """``runtime.sendNativeMessage``: a process for this message."""
    process = Once(network, part or s.Application(request.host, "missing"), lambda *_, **__: None)
    process.tell, process.asker = tell, request.opener

    def start() -> None:
        if Bug.NATIVE_NEVER_STARTS in network.bugs:
            return
        if text := refusal(network, request, process.part):
            tell(None, text)
            return
        if Bug.NATIVE_STARTS_TWICE in network.bugs:
            recorder()("note", "started", value=arguments(network, request))
        process.record = recorder()
        process.start(arguments(network, request))
        process.hear(message)

    network.later(start)
