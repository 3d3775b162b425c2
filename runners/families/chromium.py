"""Chromium and Chrome, driven by chromedriver."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psutil
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver as ChromeDriver
from selenium.webdriver.remote.webdriver import WebDriver

from portolan.conformance.trace.recording import Browser
from portolan.runners.families.chromium_control import ChromiumChanges
from portolan.runners.playing.incarnations import NotThere
from portolan.runners.session.extensions import Family, Made
from portolan.runners.session.webdriver_service import aim, major_of, settings
from portolan.runners.sources import Tool
from portolan.runners.sources.debian.confinement import inside

OBSERVER = "Portolan observer"
"""The observer's name in its manifest."""

FLAGS = (
    "--no-first-run",
    "--disable-background-networking",  # nothing of the browser's own shall run beside a play
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--force-prefers-reduced-motion",  # an animated tab strip is painted by the process that has to open the tabs
)
HEADLESS = ("--headless=new", "--window-size=500,400")
"""What nobody looks at is painted small: with that and no animations the whole suite takes a tenth less time (156)."""

FEATURES_OFF = (
    "DisableLoadExtensionCommandLineSwitch",
    # GWP-ASan watches a few allocations in some starts, by chance, and ends a browser that uses freed memory. 120 does,
    # where DevTools were open [M: 1 play of some thousands; 7 of 24 where all starts are watched].
    "GwpAsanMalloc",
    "GwpAsanPartitionAlloc",
)


class Chromium:
    """How Chromium is started and reached."""

    family: Family = "chromium"

    def __init__(self, browser: Tool, variables: dict[str, str], *, headless: bool = True, manifest: int = 3) -> None:
        self.browser, self.variables, self.headless, self.manifest = browser, variables, headless, manifest

    @property
    def confined(self) -> bool:
        return bool(self.browser.root)

    def adapt(self, manifest: dict[str, Any]) -> None:
        """Before 123 ports stay open in the bfcache, and a document's end there has no sign but the document's own word."""
        if int(self.browser.major) < 123 and manifest["name"] == OBSERVER:
            manifest["content_scripts"][0]["js"].append("cached.js")

    def environment(self, folder: Path) -> dict[str, str]:
        return dict(self.variables)

    def manifests(self, folder: Path) -> Path:
        """In the profile, and nowhere else (Chromium 120 to 156)."""
        return folder / "profile" / "NativeMessagingHosts"

    def flags(self) -> list[str]:
        """The switches, for the header of a run too."""
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # the sandbox refuses root
        legacy = ["--enable-features=AllowLegacyMV2Extensions"] if self.manifest == 2 else []  # 150; 120 needs none
        off = f"--disable-features={','.join(FEATURES_OFF)}"
        return [*FLAGS, off, *root, *legacy, *(HEADLESS if self.headless else [])]

    def start(self, driver: Path, folder: Path, extensions: dict[str, Made], environment: dict[str, str]) -> WebDriver:
        options = Options()
        # The driver runs in the browser's root, where there is one, and starts it there.
        options.binary_location = inside(self.browser.root, self.browser.path) if self.confined else self.browser.path
        for flag in self.flags():
            options.add_argument(flag)
        folders = ",".join(str(made.folder) for made in extensions.values())
        options.add_argument(f"--user-data-dir={folder / 'profile'}")
        options.add_argument(f"--load-extension={folders}")
        # Without developer mode an unpacked extension that is reloaded comes back disabled.
        # A person allows user scripts and private windows extension by extension; so is it done here.
        allowed = {made.id: {"user_scripts_enabled": True, "incognito": True} for made in extensions.values()}
        options.add_experimental_option("prefs", {"extensions.ui.developer_mode": True, "extensions.settings": allowed})
        service = Service(**settings(folder, environment))
        aim(service, driver, options)
        return ChromeDriver(options=options, service=service)

    def outside(self, driver: WebDriver, extensions: dict[str, Made]) -> ChromiumOutside:
        return ChromiumOutside(driver, self.manifest)

    def describe(self, driver: WebDriver) -> Browser:
        has = driver.capabilities
        version = has["chrome"]["chromedriverVersion"].split(" ")[0]
        return Browser(
            "chromium",
            str(has["browserVersion"]),
            "",
            self.browser.source,
            f"chromedriver {version}",
            self.headless,
            tuple(self.flags()),
        )

    def process(self, driver: WebDriver, guard: psutil.Process) -> psutil.Process | None:
        for process in guard.children(recursive=True):
            line = process.cmdline()
            if any(word.startswith("--user-data-dir=") for word in line) and not any(
                word.startswith("--type=") for word in line
            ):
                return process
        return None


class ChromiumOutside(ChromiumChanges):
    """What is done by the DevTools protocol and in chrome://extensions."""

    shortens_idle_time = False
    extensions_share_a_process = False

    def __init__(self, driver: WebDriver, manifest: int) -> None:
        self._driver = driver
        self._removable: set[str] = set()
        self.background_stops = manifest == 3  # of version 2, it is a persistent page
        self.major = major_of(driver)

    def stop_background(self, extension: Made) -> None:
        assert isinstance(self._driver, ChromeDriver)
        targets = self._driver.execute_cdp_cmd("Target.getTargets", {"filter": [{}]})["targetInfos"]
        for target in targets:
            if target["type"] == "service_worker" and target["url"].startswith(extension.origin + "/"):
                self._driver.execute_cdp_cmd("Target.closeTarget", {"targetId": target["targetId"]})

    def begin_stop_of_background(self, extension: Made) -> None:
        raise NotThere("a background that is told of its end before it comes (a service worker is not)")

    def reload_extension(self, extension: Made) -> None:
        if not self._driver.current_url.startswith("chrome://extensions"):
            self._driver.get("chrome://extensions")
        self._driver.execute_async_script(
            "const done = arguments[1]; chrome.developerPrivate.reload(arguments[0], {failQuietly: true}).then(done, done);",
            extension.id,
        )

    def shorten_idle_time(self, on: bool) -> None:
        """Chromium has no way to shorten it."""
