"""Values as every browser would have them: what belongs to one play only is replaced by what it stands for.

Ids of tabs, frames, documents and extensions, the addresses of the stage's server and its folders differ from play to
play. With names in their place (``‹tab of page›``) traces can be compared, and those that are the same drawn once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from os.path import basename

import msgspec

from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.values import LONGEST_TEXT, Json, tag

_ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\]):\d+")
_EXTENSION = re.compile(r"((?:moz|chrome)-extension)://[0-9A-Za-z-]+")
_PLAY = re.compile(r"\bplay=[A-Za-z0-9]+")
_FOLDER = re.compile(r"/(?:[^/\s]+/){3,}[^/\s]*")
_UUID = re.compile(r"\{?\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b\}?", re.IGNORECASE)

_NUMBERED: Mapping[str, str] = {"frameId": "frame", "tabId": "tab"}
_TAB_FIELDS = ("id",)
"""Of a tab in a sender, what is kept: the rest is the window's business, and much of it is another in each play."""

_DROPPED = ("contextId", "envType")
"""Fields of Firefox's senders that nobody documents, and that number what is open in the browser."""


class Names:
    """What the ids of one play stand for."""

    def __init__(self, play: Recording) -> None:
        self.texts: dict[str, str] = {}
        self.numbers: dict[tuple[str, Json], str] = {}
        for key, value in play.bindings.items():
            kind, _, whose = key.partition(" ")
            what = kind.removesuffix("-of").replace("document-id", "document").replace("id", "extension")
            if isinstance(value, str) and value:
                self.texts.setdefault(value, f"‹{what} {whose}›")
            elif isinstance(value, int) and value:  # 0 is every tab's own document, not one page's
                self.numbers.setdefault((what, value), f"‹{what} of {whose}›")

    def event(self, event: Event) -> Event:
        """The event with names in place of ids."""
        seen = {
            field: self.value(value)
            for field in ("value", "rest", "error", "last_error")
            if (value := getattr(event, field)) is not msgspec.UNSET
        }
        if event.operation == "tabs.connect" and event.phase == "call" and isinstance(event.value, list):
            seen["value"] = [self._number("tab", item) if at == 0 else item for at, item in enumerate(seen["value"])]
        return msgspec.structs.replace(event, **seen) if seen else event

    def value(self, value: Json) -> Json:
        """A value with names in place of ids, at any depth."""
        match value:
            case str():
                return self._text(value)
            case list():
                return [self.value(item) for item in value]
            case dict():
                return {self._text(key): self._field(key, item) for key, item in value.items() if key not in _DROPPED}
        return value

    def _field(self, key: str, value: Json) -> Json:
        if key == "tab" and isinstance(value, dict) and "$" not in value:
            return {name: self._number("tab", value[name]) for name in _TAB_FIELDS if name in value}
        return self._number(_NUMBERED[key], value) if key in _NUMBERED else self.value(value)

    def _number(self, what: str, value: Json) -> Json:
        """An id that is a number, as a number that has a name: it is shown without quotation marks."""
        if isinstance(value, int) and not isinstance(value, bool) and (what, value) in self.numbers:
            return tag("number", value=self.numbers[what, value])
        return self.value(value)

    def _text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            return text
        if text in self.texts:
            return self.texts[text]
        for id, name in self.texts.items():
            if len(id) > 8 and id in text:
                text = text.replace(id, name)
        text = _ADDRESS.sub("http://‹stage›", text)
        text = _EXTENSION.sub(r"\1://‹id›", text)
        text = _PLAY.sub("play=…", text)
        text = _FOLDER.sub(lambda found: f"…/{basename(found[0])}", text) if text.startswith("/") else text
        return _UUID.sub("‹uuid›", text)
