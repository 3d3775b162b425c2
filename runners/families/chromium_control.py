"""What is done to Chromium's extensions and tabs in chrome://extensions and by the DevTools protocol."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import websocket
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from portolan.runners.playing.incarnations import NotThere
from portolan.runners.playing.polling import GLANCE_SECONDS
from portolan.runners.session.extensions import Made

SECONDS = 20.0
OWN_PROCESSES = "a process that all extensions share, and that can crash"
NO_SUCH_METHOD = -32601

BLANK = "/shared/page.html"
"""A page of an extension that is of no play, and so has no puppet."""

WINDOW = "chrome.windows.getCurrent().then(({ id }) => id)"


class ChromiumChanges:
    """Extensions that come and go, and processes that are killed."""

    _driver: WebDriver
    _removable: set[str]

    def _manage(self, script: str, *args: object) -> None:
        if not self._driver.current_url.startswith("chrome://extensions"):
            self._driver.get("chrome://extensions")
        error = self._driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"({script}).then(() => done(null), error => done(String(error)));",
            *args,
        )
        if error:
            raise RuntimeError(str(error))

    def disable_extension(self, extension: Made) -> None:
        self._manage("chrome.management.setEnabled(arguments[0], false)", extension.id)

    def enable_extension(self, extension: Made) -> None:
        self._manage("chrome.management.setEnabled(arguments[0], true)", extension.id)

    def make_removable(self, extension: Made) -> bool:
        """One that came by the command line cannot be removed; a reload makes it an ordinary unpacked one."""
        if extension.id in self._removable:
            return False
        with DevTools(self._driver) as protocol:
            if not protocol.has("Extensions.getExtensions"):
                raise NotThere("a way to install an extension again (DevTools protocol: Extensions.loadUnpacked)")
        self.update_extension(extension)
        self._removable.add(extension.id)
        return True

    def uninstall_extension(self, extension: Made) -> None:
        with DevTools(self._driver) as protocol:
            protocol.ask("Extensions.uninstall", id=extension.id)

    def install_extension(self, extension: Made) -> None:
        with DevTools(self._driver) as protocol:
            # A removed extension is forgotten, with what a person allowed it.
            protocol.ask("Extensions.loadUnpacked", path=str(extension.folder), enableInIncognito=True)
        if extension.name == "subject":
            self.allow_user_scripts(extension)

    def allow_user_scripts(self, extension: Made) -> None:
        self._switch_user_scripts(extension, on=True)

    def forbid_user_scripts(self, extension: Made) -> None:
        """Turn off the switch on the extension's page. Older versions have none: there it is developer mode."""
        self._switch_user_scripts(extension, on=False)

    def _switch_user_scripts(self, extension: Made, *, on: bool) -> None:
        self._manage(
            """(async () => {
              try {
                await chrome.developerPrivate.updateExtensionConfiguration({extensionId: arguments[0], userScriptsAccess: arguments[1]});
              } catch (error) {
                if (!String(error).includes("userScriptsAccess")) {
                  throw error;
                }
                await chrome.developerPrivate.updateProfileConfiguration({inDeveloperMode: arguments[1]});
              }
            })()""",
            extension.id,
            on,
        )

    def update_extension(self, extension: Made) -> None:
        """What is in the folder is read anew by a reload."""
        self._manage("chrome.developerPrivate.reload(arguments[0], {failQuietly: true})", extension.id)

    def open_sidebar(self, extension: Made) -> None:
        """sidePanel.open() wants a user's gesture: the DevTools protocol gives one to a script in a page of the extension."""
        with DevTools(self._driver) as protocol:
            page = protocol.ask("Target.createTarget", url="about:blank", background=True)["targetId"]
            try:
                session = protocol.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
                protocol.ask("Page.navigate", session, url=f"{extension.origin}{BLANK}")
                window = protocol.evaluate(session, WINDOW)
                protocol.evaluate(session, f"chrome.sidePanel.open({{ windowId: {window} }})")
            finally:
                protocol.ask("Target.closeTarget", targetId=page)

    def close_sidebar(self) -> bool:
        return False

    def open_devtools(self, url: str) -> None:
        with DevTools(self._driver) as protocol:
            page = protocol.page(url)
            if protocol.has("Target.openDevTools"):
                protocol.ask("Target.openDevTools", targetId=page)
                return
            self._inspect(page)
            self._until(protocol.frontends, "no DevTools have come to be")

    def _inspect(self, page: str) -> None:
        """Open DevTools as a person does in chrome://inspect, where each page is listed after a while."""
        self._driver.get("chrome://inspect")
        listed = "return [...document.querySelectorAll('.row')].some(({ targetId }) => targetId === arguments[0]);"
        self._until(lambda: self._driver.execute_script(listed, page), "chrome://inspect does not list the page")
        self._driver.execute_script("chrome.send('inspect', ['local', arguments[0]]);", page)
        self._driver.get("chrome://extensions")

    def close_devtools(self) -> None:
        with DevTools(self._driver) as protocol:
            for frontend in protocol.frontends():
                protocol.ask("Target.closeTarget", targetId=frontend)
            self._until(lambda: not protocol.frontends(), "DevTools have not closed")

    def _until(self, condition: Callable[[], Any], otherwise: str) -> None:
        """Wait for it. Raises TimeoutException, which says ``otherwise``."""
        WebDriverWait(self._driver, SECONDS, GLANCE_SECONDS).until(lambda _: condition(), otherwise)

    def watch_console(self, extensions: list[Made]) -> None:
        """Chromium has no console of its own. It keeps what an extension's contexts report as the list of its errors."""
        for made in extensions:
            self._manage(
                "chrome.developerPrivate.updateExtensionConfiguration({extensionId: arguments[0], errorCollection: true})",
                made.id,
            )
            self._manage("chrome.developerPrivate.deleteExtensionErrors({extensionId: arguments[0]})", made.id)

    def console(self, extensions: list[Made]) -> list[str]:
        lines: list[str] | str = self._driver.execute_async_script(
            "const [ids, done] = arguments;"
            "Promise.all(ids.map(id => chrome.developerPrivate.getExtensionInfo(id)))"
            ".then(all => all.flatMap(info => info.runtimeErrors.map(({message}) => message.slice(0, 1000))))"
            ".then(done, error => done(String(error)));",
            [made.id for made in extensions],
        )
        if isinstance(lines, str):
            raise RuntimeError(lines)
        return lines

    def crash_tab(self, url: str) -> None:
        with DevTools(self._driver) as protocol:
            session = protocol.ask("Target.attachToTarget", targetId=protocol.page(url), flatten=True)["sessionId"]
            protocol.ask("Inspector.enable", session)
            protocol.tell("Page.crash", session)  # which nobody is left to answer
            protocol.hear("Inspector.targetCrashed", session)

    def crash_extensions(self) -> None:
        raise NotThere(OWN_PROCESSES)

    def background_state(self, extension: Made) -> str:
        raise NotThere(OWN_PROCESSES)


class DevTools:
    """A connection of our own to the browser's DevTools. It attaches to nothing that it is not told to."""

    def __init__(self, driver: WebDriver) -> None:
        address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        self._ids = itertools.count(1)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://{address}/json/version", timeout=SECONDS) as answer:
            url = json.load(answer)["webSocketDebuggerUrl"]
        self._socket = websocket.create_connection(url, timeout=SECONDS, suppress_origin=True)

    def __enter__(self) -> DevTools:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def tell(self, method: str, session: str | None = None, **params: Any) -> int:
        """Send a command, without waiting for its answer."""
        number = next(self._ids)
        command = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps({**command, "sessionId": session} if session else command))
        return number

    def _answer(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        return self._first(id=self.tell(method, session, **params))

    def hear(self, event: str, session: str) -> None:
        """Wait for an event of a session."""
        self._first(method=event, sessionId=session)

    def _first(self, **fields: Any) -> dict[str, Any]:
        """The first message from now on that has these fields."""
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv())
            if fields.items() <= message.items():
                return message

    def ask(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Send a command; its answer. Raises RuntimeError where it failed."""
        answer = self._answer(method, session, **params)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def evaluate(self, session: str, script: str) -> Any:
        """Run a script as in a person's gesture; what its promise comes to. Raises RuntimeError where that failed."""
        answer = self.ask(
            "Runtime.evaluate", session, expression=script, userGesture=True, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def _pages(self) -> dict[str, str]:
        """What is shown in tabs and in windows of DevTools: an address by its target."""
        targets = self.ask("Target.getTargets")["targetInfos"]
        return {target["targetId"]: target["url"] for target in targets if target["type"] == "page"}

    def page(self, url: str) -> str:
        """The target that shows this address. Raises RuntimeError where none does."""
        found = next((target for target, shown in self._pages().items() if shown == url), None)
        if found is None:
            raise RuntimeError(f"no tab shows {url}")
        return found

    def frontends(self) -> list[str]:
        """The windows, or parts of them, that are DevTools."""
        return [target for target, shown in self._pages().items() if shown.startswith("devtools:")]

    def has(self, method: str) -> bool:
        """Whether the browser knows this command."""
        error: dict[str, Any] = self._answer(method).get("error", {})
        return error.get("code") != NO_SUCH_METHOD
