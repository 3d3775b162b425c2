"""Firefox, driven by geckodriver."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.firefox.service import Service
from selenium.webdriver.firefox.webdriver import WebDriver as FirefoxDriver
from selenium.webdriver.remote.webdriver import WebDriver

from portolan.conformance.trace.recording import Browser
from portolan.runners.families.firefox_control import FirefoxChanges
from portolan.runners.session.extensions import Family, Made
from portolan.runners.session.webdriver_service import aim, major_of, settings
from portolan.runners.sources import Tool
from portolan.runners.sources.debian.confinement import entered, script

IDLE_PREFERENCE = "extensions.background.idle.timeout"
SHORT_IDLE_MS = 3000
SUSPEND_PREFERENCE = "extensions.webextensions.runtime.timeout"
LONG_SUSPEND_MS = 15_000  # less than a play waits for what comes of it
PREFERENCES: dict[str, Any] = {
    "privacy.reduceTimerPrecision": False,
    "extensions.webextOptionalPermissionPrompts": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.tabs.warnOnClose": False,
    "ui.prefersReducedMotion": 1,  # an animated tab strip is painted by the process that has to open the tabs
    "extensions.openPopupWithoutUserGesture.enabled": True,  # where a popup still wants a person's click [M 115]
    "browser.chrome.site_icons": False,  # a page that is left while its icon loads is not kept in the bfcache
}


class Firefox:
    """How Firefox is started and reached."""

    family: Family = "firefox"

    def __init__(self, browser: Tool, variables: dict[str, str], *, headless: bool = True, manifest: int = 3) -> None:
        self.browser, self.variables, self.headless, self.manifest = browser, variables, headless, manifest

    @property
    def confined(self) -> bool:
        return bool(self.browser.root)

    def adapt(self, manifest: dict[str, Any]) -> None:
        """Up to 139 one property of the manifest is an error, and up to 126 hosts are not granted at install time [M 115]."""
        if self._older_than(140):
            manifest["browser_specific_settings"]["gecko"].pop("data_collection_permissions", None)
        if self._older_than(127):
            manifest["granted_host_permissions"] = True  # honoured in temporary extensions

    def _older_than(self, major: int) -> bool:
        return int(self.browser.major) < major

    def environment(self, folder: Path) -> dict[str, str]:
        """System access for installing and stopping: geckodriver's switch up to 153, this variable from 159."""
        return {"MOZ_REMOTE_ALLOW_SYSTEM_ACCESS": "1", "MOZ_CRASHREPORTER_DISABLE": "1", **self.variables}

    def manifests(self, folder: Path) -> Path:
        """Below the browser's own HOME, nowhere else (Firefox 115 to 159)."""
        return folder / "home" / ".mozilla" / "native-messaging-hosts"

    def start(self, driver: Path, folder: Path, extensions: dict[str, Made], environment: dict[str, str]) -> WebDriver:
        options = Options()
        options.binary_location = self._program(folder, environment)
        if self.headless:
            options.add_argument("-headless")
        ids = {made.id: made.origin.removeprefix("moz-extension://") for made in extensions.values()}
        for key, value in {**PREFERENCES, "extensions.webextensions.uuids": json.dumps(ids)}.items():
            options.set_preference(key, value)
        profiles = folder / "profiles"
        profiles.mkdir()
        arguments = ["--allow-system-access", "--profile-root", str(profiles)]
        service = Service(service_args=arguments, **settings(folder, environment))
        aim(service, driver, options)
        started = FirefoxDriver(options=options, service=service)
        outside = FirefoxOutside(started, self.manifest)
        for made in extensions.values():
            outside.allow_in_private_windows(made)
            # A folder by its path: a base64 archive is refused by Firefox 115 and loses its content scripts in 140.
            started.execute("INSTALL_ADDON", {"path": str(made.folder), "temporary": True})
        if self.manifest == 3:
            for made in extensions.values():
                if made.name == "subject":
                    outside.allow_user_scripts(made)
        return started

    def _program(self, folder: Path, environment: dict[str, str]) -> str:
        """What geckodriver starts, itself outside of any root: a driver of this machine serves every version."""
        if not self.confined:
            return self.browser.path
        return str(script(folder / "browser", entered(self.browser, (folder, Path(environment["TMPDIR"])))))

    def outside(self, driver: WebDriver, extensions: dict[str, Made]) -> FirefoxOutside:
        return FirefoxOutside(driver, self.manifest)

    def describe(self, driver: WebDriver) -> Browser:
        has = driver.capabilities
        return Browser(
            "firefox",
            str(has["browserVersion"]).removesuffix("esr"),
            str(has.get("moz:buildID", "")),
            self.browser.source,
            f"geckodriver {has.get('moz:geckodriverVersion', '')}",
            self.headless,
        )

    def process(self, driver: WebDriver, guard: psutil.Process) -> psutil.Process | None:
        return psutil.Process(driver.capabilities["moz:processID"])


class FirefoxOutside(FirefoxChanges):
    """What is done from Firefox's own (chrome) context."""

    shortens_idle_time = True
    extensions_share_a_process = True

    def __init__(self, driver: WebDriver, manifest: int) -> None:
        self._driver = driver
        self.background_stops = manifest == 3
        self.major = major_of(driver)

    def _run(self, script: str, *args: object) -> object:
        assert isinstance(self._driver, FirefoxDriver)
        with self._driver.context("chrome"):
            return self._driver.execute_async_script(
                f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(() => done(null), error => done(String(error)));",
                *args,
            )

    def _must(self, script: str, *args: object) -> None:
        if error := self._run(script, *args):
            raise RuntimeError(str(error))

    def stop_background(self, extension: Made) -> None:
        self._must(
            "await WebExtensionPolicy.getByID(arguments[0]).extension"
            ".terminateBackground({ignoreDevToolsAttached: true, disableResetIdleForTest: true});",
            extension.id,
        )

    def begin_stop_of_background(self, extension: Made) -> None:
        """As for being idle. The limit for listeners of onSuspend (5 s) is for slow machines no time."""
        self._must(
            "Services.prefs.setIntPref(arguments[1], arguments[2]);"
            "void WebExtensionPolicy.getByID(arguments[0]).extension.terminateBackground({ignoreDevToolsAttached: true});",
            extension.id,
            SUSPEND_PREFERENCE,
            LONG_SUSPEND_MS,
        )

    def reload_extension(self, extension: Made) -> None:
        self._must("await (await AddonManager.getAddonByID(arguments[0])).reload();", extension.id)

    def allow_user_scripts(self, extension: Made) -> None:
        """Grant the permission that a person would be asked for."""
        self._must(
            "const {ExtensionPermissions} = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');"
            "const {extension} = WebExtensionPolicy.getByID(arguments[0]);"
            "await ExtensionPermissions.add(arguments[0], {permissions: ['userScripts'], origins: [], data_collection: []}, extension);",
            extension.id,
        )

    def allow_in_private_windows(self, extension: Made) -> None:
        """Grant, before it is installed, what a person would be asked for."""
        self._must(
            "const {ExtensionPermissions} = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');"
            "await ExtensionPermissions.add(arguments[0], {permissions: ['internal:privateBrowsingAllowed'], origins: [], data_collection: []});",
            extension.id,
        )

    def shorten_idle_time(self, on: bool) -> None:
        self._must(
            "if (arguments[0]) { Services.prefs.setIntPref(arguments[1], arguments[2]); } else { Services.prefs.clearUserPref(arguments[1]); }",
            on,
            IDLE_PREFERENCE,
            SHORT_IDLE_MS,
        )
