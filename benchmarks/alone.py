"""A browser per scenario: what one writes with Selenium alone, with nothing of Portolan but its page server.

It is written to be as cheap as Selenium can: one small extension, one page, no waiting by polling.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver.chrome.options import Options as ChromeOptions
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.chrome.webdriver import WebDriver as ChromeDriver
from selenium.webdriver.firefox.options import Options as FirefoxOptions
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.firefox.webdriver import WebDriver as FirefoxDriver
from selenium.webdriver.remote.webdriver import WebDriver

from benchmarks.tools import NotMeasured
from portolan.runners.families.chromium import Chromium
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import DRIVERS
from portolan.runners.session.server import Pages
from portolan.runners.sources import Kind, Tool, environment_for

SCRIPT_SECONDS = 30
CONTENT = """\
const port = (globalThis.browser ?? chrome).runtime.connect({ name: "alone" });
port.onMessage.addListener((message) => {
  port.disconnect();
  document.documentElement.dataset.result = message;
});
port.postMessage("hello");
"""
BACKGROUND = """\
(globalThis.browser ?? chrome).runtime.onConnect.addListener((port) => {
  port.onMessage.addListener((message) => port.postMessage(`${message} yourself`));
});
"""
WAIT = """\
const done = arguments[arguments.length - 1];
const root = document.documentElement;
const look = () => root.dataset.result && done(root.dataset.result);
new MutationObserver(look).observe(root, { attributes: true });
look();
"""
WANTED = "hello yourself"


class Alone:
    """Plays one minimal scenario in a browser of its own, as often as wanted. ``close()`` it in the end."""

    def __init__(self, family: Family, tools: Mapping[Kind, Tool]) -> None:
        self.family = family
        self.browser, self.driver = tools[family], tools[DRIVERS[family]]
        self.pages = Pages()
        self.folder = Path(tempfile.mkdtemp(prefix="portolan-alone-"))
        self.extension = self.folder / "extension"
        write_extension(self.extension, family)

    def close(self) -> None:
        """Remove what was written."""
        self.pages.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def play(self) -> float:
        """Start, install, open, wait for the result, quit: how many ms it took."""
        with self._environment() as environment:
            began = time.perf_counter()
            driver = self._firefox(environment) if self.family == "firefox" else self._chromium(environment)
            try:
                driver.set_script_timeout(SCRIPT_SECONDS)
                driver.get(self.pages.address("here", 0))
                result = driver.execute_async_script(WAIT)
            finally:
                driver.quit()
            took = (time.perf_counter() - began) * 1000
        if result != WANTED:
            raise NotMeasured(f"{self.family}: the scenario with Selenium alone gave {result!r} in place of {WANTED!r}")
        return took

    @contextmanager
    def _environment(self) -> Iterator[dict[str, str]]:
        """A home and a temporary folder for one browser: the user's own are not touched."""
        home = Path(tempfile.mkdtemp(dir=self.folder))
        yield {**environment_for(self.browser, self.driver, base=os.environ), "HOME": str(home), "TMPDIR": str(home)}
        shutil.rmtree(home, ignore_errors=True)

    def _firefox(self, environment: dict[str, str]) -> WebDriver:
        options = FirefoxOptions()
        options.binary_location = self.browser.path
        options.add_argument("-headless")
        driver = FirefoxDriver(
            options=options, service=FirefoxService(executable_path=self.driver.path, env=environment)
        )
        # By its path: Selenium's install_addon sends an archive, which Firefox 115 refuses and 140 loses.
        driver.execute("INSTALL_ADDON", {"path": str(self.extension), "temporary": True})
        return driver

    def _chromium(self, environment: dict[str, str]) -> WebDriver:
        options = ChromeOptions()
        options.binary_location = self.browser.path
        # The feature is of versions that would ignore the switch before it.
        switches = f"--load-extension={self.extension}", "--disable-features=DisableLoadExtensionCommandLineSwitch"
        for flag in (*Chromium(self.browser, {}).flags(), *switches):
            options.add_argument(flag)
        return ChromeDriver(options=options, service=ChromeService(executable_path=self.driver.path, env=environment))


def write_extension(folder: Path, family: Family) -> None:
    """The small extension: a content script that opens a port, and a background that answers."""
    manifest: dict[str, object] = {
        "manifest_version": 3,
        "name": "Alone",
        "version": "1.0",
        "host_permissions": ["http://127.0.0.1/*"],
        "content_scripts": [{"matches": ["http://127.0.0.1/*"], "js": ["content.js"]}],
        "background": {"scripts": ["background.js"]} if family == "firefox" else {"service_worker": "background.js"},
    }
    if family == "firefox":
        manifest["browser_specific_settings"] = {"gecko": {"id": "alone@portolan.test"}}
        manifest["granted_host_permissions"] = True  # Firefox 115 does not grant them by itself
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "content.js").write_text(CONTENT)
    (folder / "background.js").write_text(BACKGROUND)
