"""What differs between the families of browsers, as the fake knows it: policies, error texts and API tables, no behaviour.

Written down from traces of Chromium 156 and Firefox 153.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from portolan.conformance.trace.values import Json, tag
from portolan.runners.session.extensions import UUIDS, chromium_id

NO_RECEIVER = "Could not establish connection. Receiving end does not exist."
CONNECT_EVENTS = ("runtime.onConnect", "runtime.onConnectExternal", "runtime.onUserScriptConnect")
SIGNATURES = {
    "runtime.sendMessage": "optional string extensionId, any message, optional object options, optional function callback",
    "runtime.connect": "optional string extensionId, optional object connectInfo",
    "tabs.connect": "integer tabId, optional object connectInfo",
    "runtime.connectNative": "string application",
}
MEBIBYTE = 1024 * 1024


class JsError(Exception):
    """What a call of the API under test throws: ``value`` is the thrown value, encoded."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.value = tag("error", name=name, message=message)


@dataclass(frozen=True)
class Family:
    """One family's rules."""

    name: str
    lives_until_all_receivers_left: bool
    siblings_hear_a_disconnect: bool
    reports_in_port_error: bool
    clones: bool
    ends_ports_in_bfcache: bool
    content_scripts_outlive_reload: bool
    reaches_own_tab: bool
    embedded_pages_are_pages: bool
    content_scripts_reach_devtools: bool
    devtools_pages_have_tabs: bool
    skips_listeners_removed_meanwhile: bool
    native_port_is_named: bool
    mends_names: bool
    web_pages_connect: bool
    heeds_externally_connectable: bool
    default_world_is_for_all: bool
    worlds_outlive_updates: bool
    resets_reach_unseen_worlds: bool
    user_scripts_by_installation: bool
    disconnected: str
    exited: str | None
    garbage: str | None
    missing: str
    forbidden: str
    fileless: str
    unrunnable: str

    # ---- who is who

    def extension_id(self, extension: str) -> str:
        """The id of an extension of the stage."""
        return (
            f"{extension}@portolan.test"
            if self.name == "firefox"
            else chromium_id(base64.b64encode(extension.encode()).decode())
        )

    def origin(self, extension: str) -> str:
        """The start of an extension's addresses."""
        return (
            f"moz-extension://{UUIDS[extension]}"
            if self.name == "firefox"
            else f"chrome-extension://{self.extension_id(extension)}"
        )

    def background_url(self, extension: str) -> str:
        """The address of an extension's background."""
        page = "_generated_background_page.html" if self.name == "firefox" else "shared/worker.js"
        return f"{self.origin(extension)}/{page}"

    # ---- the API in each kind of context

    def apis(
        self,
        kind: str,
        *,
        embedded: bool,
        user_scripts: bool,
        native: bool = True,
        listed: bool = True,
        devtools: bool = False,
    ) -> dict[str, str]:
        """What is there: path to type."""
        if kind == "user-script" or (kind == "web" and self.web_pages_connect and listed):
            return {"runtime": "object", "runtime.connect": "function"}
        if kind == "web":
            return {}
        here = {
            "runtime": "object",
            "runtime.id": "string",
            "runtime.connect": "function",
            "runtime.onConnect": "object",
        }
        if self.name == "firefox":
            here |= {"runtime.lastError": "null", "runtime.connectNative": "function"}
        if kind == "content" or (embedded and not self.embedded_pages_are_pages):
            return here
        only = (
            ("runtime.getBrowserInfo", "function")
            if self.name == "firefox"
            else ("runtime.onRestartRequired", "object")
        )
        here |= {
            only[0]: only[1],
            "runtime.onConnectExternal": "object",
            "tabs": "object",
            "tabs.connect": "function",
            "runtime.connectNative": "function",
        }
        if not native:
            del here["runtime.connectNative"]
        if devtools and not self.devtools_pages_have_tabs:
            del here["tabs"], here["tabs.connect"]
        if not user_scripts:
            here |= {"browserAction.onClicked": "object"}
        return {**here, "runtime.onUserScriptConnect": "object"} if user_scripts or self.name == "chromium" else here

    def no_method(self, apis: dict[str, str], path: str) -> JsError:
        """What calling a method that is not there throws."""
        owner, _, method = path.rpartition(".")
        if owner in apis:
            return JsError("TypeError", "lookUp(...)[method] is not a function")
        if self.name == "firefox":
            return JsError("TypeError", f'can\'t access property "{method}", lookUp(...) is undefined')
        return JsError("TypeError", f"Cannot read properties of undefined (reading '{method}')")

    # ---- what is thrown for arguments

    def _refused(self, api: str, firefox: str, chromium: str) -> JsError:
        if self.name == "firefox":
            return JsError("Error", firefox)
        return JsError("TypeError", f"Error in invocation of {api}({SIGNATURES[api]}): {chromium}")

    def no_signature(self, api: str) -> JsError:
        """Thrown for arguments of the wrong number or types."""
        return self._refused(api, f"Incorrect argument types for {api}.", "No matching signature.")

    def strange_property(self, api: str, key: str) -> JsError:
        """Thrown for a property of connectInfo that is not known."""
        return self._refused(
            api,
            f'Type error for parameter connectInfo (Unexpected property "{key}") for {api}.',
            f"Error at parameter 'connectInfo': Unexpected property: '{key}'.",
        )

    def wrong_property(self, api: str, key: str, wanted: str, value: Json) -> JsError:
        """Thrown for a property of connectInfo of the wrong type."""
        return self._refused(
            api,
            f"Type error for parameter connectInfo (Error processing {key}: Expected {wanted} instead of {value}) for {api}.",
            f"Error at parameter 'connectInfo': Error at property '{key}': Invalid type: expected {wanted}, found {type_of(value)}.",
        )

    def invalid(self, argument: str, message: str) -> JsError:
        """Thrown by sendMessage for an argument that cannot be what it has to be."""
        return self._refused("runtime.sendMessage", f"runtime.sendMessage's {argument} argument is invalid", message)

    def no_host_name(self, name: str) -> JsError:
        """Thrown by Firefox for what no native application can be called."""
        text = f'Type error for parameter application (String "{name}" must match /^\\w+(\\.\\w+)*$/) for runtime.connectNative.'
        return JsError("Error", text)

    def too_small(self, api: str, key: str, value: Json) -> JsError:
        """Thrown for a negative number."""
        least = "must be at least 0"
        firefox = f"Integer {value} is too small ({least})"
        chromium = f"Value {least}."
        if key == "tabId":
            return self._refused(
                api, f"Type error for parameter tabId ({firefox}) for {api}.", f"Error at parameter 'tabId': {chromium}"
            )
        return self._refused(
            api,
            f"Type error for parameter connectInfo (Error processing {key}: {firefox}) for {api}.",
            f"Error at parameter 'connectInfo': Error at property '{key}': {chromium}",
        )

    def strange_id(self, id: str, api: str = "runtime.connect") -> JsError:
        """Thrown by Chromium for what cannot be an extension's id."""
        return self._refused(api, "", f"Invalid extension id: '{id}'")

    def user_script_with_id(self) -> JsError:
        """Thrown in a user script that names an extension."""
        return self._refused(
            "runtime.connect", "extensionId is not supported", "User scripts may not message external extensions."
        )

    def web_page_without_id(self) -> JsError:
        """Thrown in a web page that names no extension."""
        text = "chrome.runtime.connect() called from a webpage must specify an Extension ID (string) for its first argument."
        return self._refused("runtime.connect", "", text)

    # ---- errors at onDisconnect

    def too_big(self, size: int) -> str:
        """An application sent more than it may."""
        if self.name == "firefox":
            return f"Native application tried to send a message of {size} bytes, which exceeds the limit of {MEBIBYTE} bytes."
        return "Error when communicating with the native messaging host."

    def error_value(self, text: str | None, *, in_port: bool) -> Json:
        """How an error (None: that there is none) is recorded in ``port.error``, or in ``runtime.lastError``."""
        if in_port:
            quiet: Json = None if self.name == "firefox" else tag("absent")
            return quiet if text is None else tag("error", name="Error", message=text)
        if text is None:
            return None if self.name == "firefox" else tag("undefined")
        return tag("instance", **{"class": "Object", "properties": {"message": text}})


def type_of(value: Json) -> str:
    """A value's type, in Chromium's words."""
    if isinstance(value, bool):
        return "boolean"
    words = {int: "integer", float: "number", str: "string", list: "array"}
    return words.get(type(value), "null" if value is None else "object")


FIREFOX = Family(
    name="firefox",
    lives_until_all_receivers_left=False,
    siblings_hear_a_disconnect=True,
    reports_in_port_error=True,
    clones=True,
    ends_ports_in_bfcache=False,
    content_scripts_outlive_reload=False,
    reaches_own_tab=True,
    embedded_pages_are_pages=False,
    content_scripts_reach_devtools=False,
    devtools_pages_have_tabs=False,
    skips_listeners_removed_meanwhile=True,
    native_port_is_named=True,
    mends_names=False,
    web_pages_connect=False,
    heeds_externally_connectable=False,
    default_world_is_for_all=True,
    worlds_outlive_updates=False,
    resets_reach_unseen_worlds=False,
    user_scripts_by_installation=False,
    disconnected="Attempt to postMessage on disconnected port",
    exited=None,
    garbage="An unexpected error occurred",
    missing="No such native application {host}",
    forbidden="No such native application {host}",
    fileless="An unexpected error occurred",
    unrunnable="An unexpected error occurred",
)

CHROMIUM = Family(
    name="chromium",
    lives_until_all_receivers_left=True,
    siblings_hear_a_disconnect=False,
    reports_in_port_error=False,
    clones=False,
    ends_ports_in_bfcache=True,
    content_scripts_outlive_reload=True,
    reaches_own_tab=False,
    embedded_pages_are_pages=True,
    content_scripts_reach_devtools=True,
    devtools_pages_have_tabs=True,
    skips_listeners_removed_meanwhile=False,
    native_port_is_named=False,
    mends_names=True,
    web_pages_connect=True,
    heeds_externally_connectable=True,
    default_world_is_for_all=False,
    worlds_outlive_updates=True,
    resets_reach_unseen_worlds=True,
    user_scripts_by_installation=True,
    disconnected="Attempting to use a disconnected port object",
    exited="Native host has exited.",
    garbage=None,
    missing="Specified native messaging host not found.",
    forbidden="Access to the specified native messaging host is forbidden.",
    fileless="Specified native messaging host not found.",
    unrunnable="Native host has exited.",
)

FAMILIES = {"firefox": FIREFOX, "chromium": CHROMIUM}
BFCACHE = "The page keeping the extension port is moved into back/forward cache, so the message channel is closed."
INVALIDATED = "Extension context invalidated."
UNEXPECTED = "An unexpected error occurred"
