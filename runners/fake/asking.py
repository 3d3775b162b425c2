"""One-time messages as the fake plays them: ``runtime.sendMessage`` and ``runtime.sendNativeMessage``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from conformance.core import steps as s
from conformance.core.values import Json, tag
from runners.fake import families
from runners.fake.bugs import Bug
from runners.fake.families import NO_RECEIVER
from runners.fake.native import Process, Record, arguments, refusal
from runners.fake.opening import Request
from runners.fake.state import Context

if TYPE_CHECKING:
    from runners.fake.network import Network

MESSAGE = "runtime.onMessage"
Tell = Callable[[Json | None, str | None], None]
"""What is told of an answer: its value, and the error's text if there is one."""


def last_error(network: Network, text: str | None) -> Json:
    """What a callback sees in ``runtime.lastError``."""
    firefox = network.rule(network.family is families.FIREFOX, Bug.ERROR_IN_THE_WRONG_PLACE)
    if text is None or Bug.ERROR_NEVER in network.bugs:
        return None if firefox else tag("undefined")
    if firefox:
        return tag("error", name="Error", message=text)
    return tag("instance", **{"class": "Object", "properties": {"message": text}})


def send(network: Network, asker: Context, message: Json, tell: Tell) -> None:
    """``runtime.sendMessage`` within the extension."""

    def arrive() -> None:
        found = [] if Bug.CONNECTS_TO_NOBODY in network.bugs else _listening(network, asker)
        for context in found[:1] if Bug.CONNECTS_TO_THE_FIRST_ONLY in network.bugs else found:
            context.events[MESSAGE].fire([message] if Bug.MANGLES_VALUES in network.bugs else message)
        tell(tag("undefined"), None if found else NO_RECEIVER)

    network.later(arrive)


def _listening(network: Network, asker: Context) -> list[Context]:
    return [
        context
        for context in network.contexts
        if context.alive
        and context.extension == asker.extension
        and context.kind in ("background", "extension-page")
        and (context is not asker or Bug.CONNECTS_TO_ITSELF in network.bugs)
        and MESSAGE in context.events
        and context.events[MESSAGE].handlers
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
            for context in _listening(self.network, self.asker):
                context.events[MESSAGE].fire(value)
        self.tell([value] if Bug.MANGLES_VALUES in self.network.bugs else value, None)
        self.input_ends()


def send_native(
    network: Network,
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
