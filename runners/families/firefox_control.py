"""What is done to Firefox's extensions and tabs from its own (chrome) context."""

from __future__ import annotations

import json
from typing import Protocol

from selenium.webdriver.firefox.webdriver import WebDriver as FirefoxDriver
from selenium.webdriver.remote.webdriver import WebDriver

from portolan.runners.session.extensions import Made

TOOLBOXES = """
const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
const { gDevTools } = require("devtools/client/framework/devtools");
const tabs = [...Services.wm.getEnumerator("navigator:browser")].flatMap(({ gBrowser }) => [...gBrowser.tabs]);
"""
"""The start of a script that opens or closes toolboxes, as Firefox calls its DevTools."""

OUTLIVE = """
const { ctypes } = ChromeUtils.importESModule("resource://gre/modules/ctypes.sys.mjs");
const unsetenv = ctypes.open("libc.so.6").declare("unsetenv", ctypes.default_abi, ctypes.int, ctypes.char.ptr);
unsetenv("MOZ_CRASHREPORTER_SHUTDOWN");
const kill = pid => Cc["@mozilla.org/processtools-service;1"].getService(Ci.nsIProcessToolsService).kill(pid);
"""
"""geckodriver sets a variable that lets Firefox end with its first child process that crashes."""


class Chrome(Protocol):
    """Who can run a script in Firefox's own context."""

    _driver: WebDriver

    def _must(self, script: str, *args: object) -> None:
        """Run it; raises RuntimeError with what it threw."""

    def allow_user_scripts(self, extension: Made) -> None:
        """Grant the permission that a person would be asked for."""

    def allow_in_private_windows(self, extension: Made) -> None:
        """Grant, before it is installed, what a person would be asked for."""


class FirefoxChanges:
    """Extensions that come and go, and processes that are killed."""

    def disable_extension(self: Chrome, extension: Made) -> None:
        self._must("await (await AddonManager.getAddonByID(arguments[0])).disable();", extension.id)

    def enable_extension(self: Chrome, extension: Made) -> None:
        self._must("await (await AddonManager.getAddonByID(arguments[0])).enable();", extension.id)

    def make_removable(self, extension: Made) -> bool:
        """A temporary add-on can be removed and installed at any time."""
        return False

    def uninstall_extension(self: Chrome, extension: Made) -> None:
        self._must("await (await AddonManager.getAddonByID(arguments[0])).uninstall();", extension.id)

    def install_extension(self: Chrome, extension: Made) -> None:
        """Firefox forgets the host part of an extension's addresses, and what a person allowed it, when it is removed."""
        self.allow_in_private_windows(extension)
        self._must(
            """
            const uuids = JSON.parse(Services.prefs.getStringPref("extensions.webextensions.uuids", "{}"));
            uuids[arguments[0]] = new URL(arguments[1]).host;
            Services.prefs.setStringPref("extensions.webextensions.uuids", JSON.stringify(uuids));
            """,
            extension.id,
            extension.origin,
        )
        self._driver.execute("INSTALL_ADDON", {"path": str(extension.folder), "temporary": True})
        manifest = json.loads((extension.folder / "manifest.json").read_text())
        if "userScripts" in manifest.get("optional_permissions", ()):
            self.allow_user_scripts(extension)

    def forbid_user_scripts(self: Chrome, extension: Made) -> None:
        """Take the permission away, as a person does in about:addons."""
        self._must(
            "const {ExtensionPermissions} = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');"
            "const {extension} = WebExtensionPolicy.getByID(arguments[0]);"
            "await ExtensionPermissions.remove(arguments[0], {permissions: ['userScripts'], origins: [], data_collection: []}, extension);",
            extension.id,
        )

    def update_extension(self: Chrome, extension: Made) -> None:
        """Installing over what is there is an update."""
        self._driver.execute("INSTALL_ADDON", {"path": str(extension.folder), "temporary": True})

    def open_sidebar(self: Chrome, extension: Made) -> None:
        """As a person's choice in the menu of sidebars does; the window's object for them has another name up to 127."""
        self._must(
            """
            const window = Services.wm.getMostRecentWindow("navigator:browser");
            const sidebars = window.SidebarController ?? window.SidebarUI;
            const id = arguments[0].toLowerCase().replace(/[^a-z0-9_-]/g, "_") + "-sidebar-action";
            if (!(await sidebars.show(id))) {
              throw new Error("there is no sidebar " + id);
            }
            """,
            extension.id,
        )

    def close_sidebar(self: Chrome) -> bool:
        """Firefox 115 does not heed a sidebar's window.close(); and it opens the last one again with an update of its extension [M]."""
        self._must(
            """
            const window = Services.wm.getMostRecentWindow("navigator:browser");
            const sidebars = window.SidebarController ?? window.SidebarUI;
            sidebars.hide();
            sidebars.lastOpenedId = null;
            """
        )
        return True

    def open_devtools(self: Chrome, url: str) -> None:
        """With the panel that asks the page for nothing: that of the toolbox's own options."""
        self._must(
            TOOLBOXES
            + """
            const tab = tabs.find(({ linkedBrowser }) => linkedBrowser.currentURI.spec === arguments[0]);
            if (!tab) {
              throw new Error("no tab shows " + arguments[0]);
            }
            await gDevTools.showToolboxForTab(tab, { toolId: "options" });
            """,
            url,
        )

    def close_devtools(self: Chrome) -> None:
        self._must(TOOLBOXES + "await Promise.all(tabs.map(tab => gDevTools.closeToolboxForTab(tab)));")

    def watch_console(self: Chrome, extensions: list[Made]) -> None:
        self._must("Services.console.reset();")

    def console(self: Chrome, extensions: list[Made]) -> list[str]:
        """What the Browser Console shows. It has what contexts of extensions report, and what the browser says itself."""
        assert isinstance(self._driver, FirefoxDriver)
        with self._driver.context("chrome"):
            lines: list[str] = self._driver.execute_script(
                "return Services.console.getMessageArray().map(each => (each.errorMessage || each.message || '').slice(0, 1000));"
            )
        return lines

    def crash_tab(self: Chrome, url: str) -> None:
        """Kill the process that renders the tab's document, as the system does when memory runs out."""
        self._must(
            OUTLIVE
            + """
            for (const window of Services.wm.getEnumerator("navigator:browser")) {
              for (const { linkedBrowser } of window.gBrowser.tabs) {
                if (linkedBrowser.currentURI.spec === arguments[0]) {
                  kill(linkedBrowser.browsingContext.currentWindowGlobal.osPid);
                  return;
                }
              }
            }
            throw new Error("no tab shows " + arguments[0]);
            """,
            url,
        )

    def crash_extensions(self: Chrome) -> None:
        """Kill the process of all extensions, a child of this browser; its end is known where whoever watches is told of it."""
        self._must(
            OUTLIVE
            + """
            const children = ChromeUtils.getAllDOMProcesses().filter(({ remoteType }) => remoteType === "extension");
            if (!children.length) {
              throw new Error("there is no process of extensions");
            }
            const left = new Set(children.map(({ childID }) => childID));
            const ended = new Promise(resolve => {
              const watch = child => {
                left.delete(child.QueryInterface(Ci.nsIPropertyBag2).get("childID"));
                if (!left.size) {
                  Services.obs.removeObserver(watch, "ipc:content-shutdown");
                  resolve();
                }
              };
              Services.obs.addObserver(watch, "ipc:content-shutdown");
            });
            children.forEach(({ osPid }) => kill(osPid));
            await ended;
            """
        )

    def background_state(self: Chrome, extension: Made) -> str:
        """By the pages that the main process has of it: Firefox 115 goes on to call one "running" whose process is gone [M]."""
        assert isinstance(self._driver, FirefoxDriver)
        with self._driver.context("chrome"):
            state: str = self._driver.execute_script(
                """
                const { views, backgroundState } = WebExtensionPolicy.getByID(arguments[0]).extension;
                const there = [...views].some(({ viewType }) => viewType === "background");
                return backgroundState === "starting" ? "loading" : there ? "loaded" : "not-loaded";
                """,
                extension.id,
            )
        return state
