"""How a port is opened: what arguments are taken, who is reached, and what the port says of its opener."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import JsError
from portolan.runners.fake.interface import Model
from portolan.runners.fake.state import Context, made_id
from portolan.runners.playing.incarnations import TABLESS

TEXTS = ("string", "text", "repeat")
"""How the tagged encoding writes strings that are not plain."""

MENDED = "\ufffd" * 3
"""What Chromium makes of half a surrogate pair: each byte of its UTF-8 is replaced."""

PROPERTIES: dict[str, dict[str, tuple[str, Any]]] = {
    "runtime.connect": {"name": ("string", str), "includeTlsChannelId": ("boolean", bool)},
    "tabs.connect": {"name": ("string", str), "frameId": ("integer", int), "documentId": ("string", str)},
}
STRANGE_FRAME = 123456
HOST_NAME = re.compile(r"\w+(\.\w+)*")
"""What Firefox takes for the name of a native application."""


@dataclass(frozen=True)
class Request:
    """What one call of ``connect`` asks for. ``extension`` is None where no such extension is there."""

    api: str
    opener: Context
    name: Json = ""
    extension: str | None = None
    host: str = ""
    tab: int | None = None
    frame: int | None = None
    document: str | None = None

    @property
    def external(self) -> bool:
        """Whether it comes from outside the extension."""
        return self.opener.kind == "web" or self.extension != self.opener.extension


def nothing(value: Json) -> bool:
    """Whether an argument is null or undefined."""
    return value is None or value == tag("undefined")


def firefox_like(network: Model) -> bool:
    """Whether arguments are looked at as Firefox does."""
    return network.rule(network.family.name == "firefox", Bug.OTHER_ARGUMENTS)


def parse(network: Model, opener: Context, api: str, args: list[Json]) -> Request:
    """What the arguments mean. Raises JsError as the family does."""
    if Bug.CONNECT_ACCEPTS_ANYTHING in network.bugs:
        tab = network.pages[0].tab if network.pages else None
        return Request(api, opener, extension=opener.extension or "subject", host=str(args[0]) if args else "", tab=tab)
    if api == "runtime.connectNative":
        if len(args) != 1 or not isinstance(args[0], str):
            raise network.family.no_signature(api)
        strict = firefox_like(network) and Bug.NATIVE_STARTS_ANYTHING not in network.bugs
        if strict and not HOST_NAME.fullmatch(args[0]):
            raise network.family.no_host_name(args[0])
        return Request(api, opener, args[0] if network.native_port_is_named else "", opener.extension, args[0])
    if api == "tabs.connect":
        return _tabs_connect(network, opener, args)
    return _runtime_connect(network, opener, args)


def _tabs_connect(network: Model, opener: Context, args: list[Json]) -> Request:
    api = "tabs.connect"
    if not 1 <= len(args) <= 2 or not isinstance(args[0], int) or isinstance(args[0], bool):
        raise network.family.no_signature(api)
    if args[0] < 0:
        raise network.family.too_small(api, "tabId", args[0])
    info = _info(network, api, args[1] if len(args) > 1 else None)
    unnamed = (
        None if info is not None and firefox_like(network) else ""
    )  # Firefox: the name is null where others are given
    given = info or {}
    if Bug.IGNORES_FRAME_ID in network.bugs:
        given = {key: value for key, value in given.items() if key == "name"}
    return Request(
        api,
        opener,
        given.get("name", unnamed),
        opener.extension,
        tab=args[0],
        frame=given.get("frameId"),
        document=given.get("documentId"),
    )


def _runtime_connect(network: Model, opener: Context, args: list[Json]) -> Request:
    api, family = "runtime.connect", network.family
    if len(args) > 2:
        raise family.no_signature(api)
    first = args[0] if args else None
    named_first = not (len(args) == 1 and isinstance(first, dict) and "$" not in first)
    id: Json = first if named_first else None
    info: Json = first if not named_first else args[1] if len(args) > 1 else None
    if not (nothing(id) or isinstance(id, str)):
        raise family.no_signature(api)
    known = {family.extension_id(extension): extension for extension in ("subject", "peer")}
    name = (_info(network, api, info) or {}).get("name", "")
    if nothing(id) or id == "":
        if opener.kind == "web":
            raise family.web_page_without_id()
        return Request(api, opener, name, opener.extension)
    if opener.kind == "user-script":
        raise family.user_script_with_id()
    if not firefox_like(network) and not re.fullmatch("[a-p]{32}", str(id)):
        raise family.strange_id(str(id))
    own = Bug.IGNORES_EXTENSION_ID in network.bugs
    return Request(api, opener, name, opener.extension or "subject" if own else known.get(str(id)))


def _info(network: Model, api: str, info: Json) -> dict[str, Json] | None:
    if nothing(info):
        return None
    if not isinstance(info, dict) or "$" in info:
        raise network.family.no_signature(api)
    given = {key: value for key, value in info.items() if not nothing(value)}
    for key, value in given.items():
        if key not in PROPERTIES[api]:
            raise network.family.strange_property(api, key)
        words, kind = PROPERTIES[api][key]
        if kind is str and isinstance(value, dict) and value.get("$") in (*TEXTS, "getter"):
            continue
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise network.family.wrong_property(api, key, words, value)
        if kind is int and value < 0:
            raise network.family.too_small(api, key, value)
    return {key: read_getter(value) for key, value in given.items() if not unread(network, value)}


def unread(network: Model, value: Json) -> bool:
    """Whether a property is a getter, which Firefox does not look behind in a content script."""
    return isinstance(value, dict) and value.get("$") == "getter" and firefox_like(network)


def read_getter(value: Json) -> Json:
    """What a getter gives; other values as they are."""
    return value["value"] if isinstance(value, dict) and value.get("$") == "getter" else value


# ---- who is reached


def reached(network: Model, request: Request) -> list[Context]:
    """The contexts that a connect is for, whether they listen or not."""
    if request.extension is None or Bug.CONNECTS_TO_NOBODY in network.bugs:
        return []
    if request.external and not network.admits(request.extension, request.opener):
        return []
    if request.opener.forbidden and Bug.FORBIDDEN_PORTS_END in network.bugs:
        return []
    there = [
        context
        for context in network.contexts
        if context.alive and not context.cached and not context.within and context.extension == request.extension
    ]
    meant = _in_tab if request.api == "tabs.connect" else _in_extension
    return [context for context in there if meant(network, request, context)]


def _in_tab(network: Model, request: Request, context: Context) -> bool:
    page = context.page
    if page is None or (context is request.opener and not network.family.reaches_own_tab):
        return False
    if page.tab != request.tab and Bug.REACHES_EVERY_TAB not in network.bugs:
        return False
    if request.document is not None and firefox_like(network):
        return request.document == page.document_id  # the frameId is not looked at then
    return request.frame in (None, page.frame) and request.document in (None, page.document_id)


def _in_extension(network: Model, request: Request, context: Context) -> bool:
    if context is request.opener:
        return False
    if context.kind in ("content", "user-script"):
        return Bug.REACHES_CONTENT_SCRIPTS in network.bugs
    if context.page is not None and context.page.kind == "devtools" and _is_content(request.opener):
        return network.rule(network.family.content_scripts_reach_devtools, Bug.DEVTOOLS_OPPOSITE)
    embedded = context.page is not None and context.page.embedded
    return not embedded or network.rule(network.family.embedded_pages_are_pages, Bug.EMBEDDED_PAGES_OPPOSITE)


# ---- what the receiver is told of the opener


def sender_of(network: Model, request: Request) -> Json:
    """``port.sender`` at a receiver."""
    opener, page, family = request.opener, request.opener.page, network.family
    if Bug.NO_SENDER in network.bugs:
        return tag("undefined")
    if Bug.EMPTY_SENDER in network.bugs:
        return {}
    firefox = family.name == "firefox"
    sender: dict[str, Json] = {} if opener.kind == "web" else {"id": family.extension_id(str(opener.extension))}
    if firefox:
        sender |= {
            "contextId": network.contexts.index(opener) + 1,
            "envType": _environment(opener),
        }
    now = Bug.SENDER_URL_OF_NOW in network.bugs
    sender["url"] = (page.address if now else page.url) if page else family.background_url(str(opener.extension))
    if firefox or page or request.api == "tabs.connect":
        sender["origin"] = page.origin if page else family.origin(str(opener.extension))
    if page and page.kind not in TABLESS and (firefox or request.api != "tabs.connect"):
        sender |= {"frameId": page.frame, "documentId": page.document_id, "tab": _tab(network, page.tab)}
        sender |= {} if firefox else {"documentLifecycle": "active"}
    elif firefox and not page:
        sender["documentId"] = made_id(opener.actor)
    if firefox and opener.kind == "user-script":
        sender["userScriptWorldId"] = ""
    return _spoilt(network, sender)


def _environment(opener: Context) -> str:
    """What Firefox calls the kind of context."""
    if opener.page is not None and opener.page.kind == "devtools":
        return "devtools_child"
    return "content_child" if _is_content(opener) else "addon_child"


def _is_content(context: Context) -> bool:
    return context.kind in ("content", "user-script") or (context.page is not None and context.page.embedded)


def _tab(network: Model, tab: int) -> Json:
    page = next((page for page in network.pages if page.tab == tab and page.parent is None and page.here), None)
    return {
        "id": tab,
        "index": tab,
        "windowId": 1,
        "active": False,
        "incognito": page is not None and page.private,
        "pinned": False,
        "status": "complete",
        "title": "page",
        "url": page.address if page else "",
    }


def _spoilt(network: Model, sender: dict[str, Json]) -> Json:
    if Bug.SENDER_WITH_TAB in network.bugs:
        sender |= {"tab": {"id": -1}, "frameId": -1}
    if Bug.SENDER_TELLS_EVERYTHING in network.bugs:
        sender |= dict.fromkeys(
            ("tlsChannelId", "nativeApplication", "userScriptWorldId", "documentLifecycle", "envType"), "something"
        )
        sender |= {"contextId": 1, "id": "something"}
    if Bug.ONE_DOCUMENT_ID in network.bugs and "documentId" in sender:
        sender["documentId"] = "the one document"
    if Bug.WRONG_FRAME_IDS in network.bugs and "frameId" in sender:
        sender["frameId"] = STRANGE_FRAME
    if Bug.SENDER_OF_TEXT in network.bugs:
        return {key: {"id": "text"} if key == "tab" else "text" for key in sender}
    return sender


def name_at(network: Model, name: Json, *, own: bool) -> Json:
    """``port.name`` at one end."""
    if Bug.NO_NAMES in network.bugs:
        return tag("absent")
    if isinstance(name, dict) and "utf16" in name and network.rule(network.family.mends_names, Bug.OTHER_SURROGATES):
        text = bytes.fromhex(name["utf16"]).decode("utf-16-be", "surrogatepass")
        name = "".join(MENDED if 0xD800 <= ord(letter) <= 0xDFFF else letter for letter in text)
    wrong = Bug.WRONG_OWN_NAMES if own else Bug.WRONG_NAMES
    return f"{name}!" if wrong in network.bugs else name


def throw_if_gone(context: Context, invalidated: str) -> None:
    """Raise what every call throws in a context whose extension is gone."""
    if context.invalidated:
        raise JsError("Error", invalidated)
