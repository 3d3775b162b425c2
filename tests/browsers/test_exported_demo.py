"""The demo of a scenario in real browsers: by itself, without anything of the suite, it shows what the suite's trace shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from conformance.core.bugs import load_bugs
from conformance.core.discovery import suite
from conformance.core.trace import Play
from reports.export.demo import demo_files
from runners.extensions import Family
from runners.service import aim
from runners.sources import Kind, Tool, environment_for

from .rooted import seen_by_its_driver, starts
from .stages import Stage
from .test_web_ext_lint import complaints

SECONDS = 600
SCENARIO = "one_of_two_receiving_frames_is_removed"
BUG = load_bugs()["bug-1465514"]
SCENARIOS = {each.name: each for each in suite()}
LINTED = (
    SCENARIO,
    "one_of_two_receiving_extension_pages_is_closed",
    "an_extension_page_in_a_web_page_listens",
    "a_native_application_exits",
)
"""Each needs something else in the manifest."""

EXPLAINED = {
    "MISSING_DATA_COLLECTION_PERMISSIONS": "the key that web-ext asks for makes a manifest invalid before Firefox 140"
}
"""Warnings that are right and stay."""

Told = dict[str, list[str]]
"""What each context told, in its order."""


def write(name: str, folder: Path) -> Path:
    """Export a scenario."""
    for path, text in demo_files(SCENARIOS[name], BUG if BUG.by(name) else None).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo of bug 1465514."""
    return write(SCENARIO, tmp_path_factory.mktemp("demo"))


class Quiet(SimpleHTTPRequestHandler):
    """Serves the demo's pages, as ``python3 -m http.server`` does."""

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The demo's web pages on a port of the loopback interface."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextmanager
def started(family: Family, tools: dict[Kind, Tool], demo: Path, place: Path) -> Iterator[WebDriver]:
    """A browser that has the demo, and writes to a place of its own."""
    driver = firefox(tools, demo, place) if family == "firefox" else chromium(tools, demo, place)
    try:
        yield driver
    finally:
        driver.quit()


def firefox(tools: dict[Kind, Tool], demo: Path, place: Path) -> WebDriver:
    browser, program = tools["firefox"], tools["geckodriver"]
    options = webdriver.FirefoxOptions()
    options.binary_location = starts(browser, place, demo)
    options.add_argument("-headless")
    # An extension's page is privileged to Firefox 159, whose WebDriver speaks to it with system access alone.
    variables = {**os.environ, **environment_for(browser, program), "MOZ_REMOTE_ALLOW_SYSTEM_ACCESS": "1"}
    service = FirefoxService(env=variables, service_args=["--allow-system-access", "--profile-root", str(place)])
    aim(service, Path(program.path), options)
    driver = webdriver.Firefox(options=options, service=service)
    driver.execute("INSTALL_ADDON", {"path": str(demo / "firefox"), "temporary": True})
    return driver


def chromium(tools: dict[Kind, Tool], demo: Path, place: Path) -> WebDriver:
    browser, program = tools["chromium"], tools["chromedriver"]
    options = webdriver.ChromeOptions()
    options.binary_location = seen_by_its_driver(browser)
    options.add_argument(f"--user-data-dir={place / 'profile'}")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(flag)
    options.add_argument(f"--load-extension={demo / 'chromium'}")
    options.add_argument("--disable-features=DisableLoadExtensionCommandLineSwitch")
    service = ChromeService(env={**os.environ, **environment_for(browser, program)})
    aim(service, Path(starts(program, place, demo)), options)
    return webdriver.Chrome(options=options, service=service)


def done(driver: WebDriver, port: int) -> Told:
    """Press the demo page's button, wait for its end, and read what it shows."""
    wait = WebDriverWait(driver, SECONDS)
    wait.until(on_the_demo_page, "the demo page has not opened by itself")
    field = wait.until(lambda driver: driver.find_element(By.ID, "port"))
    field.clear()
    field.send_keys(str(port))
    driver.find_element(By.ID, "all").click()
    ended = "return ['done', 'failed'].includes(document.body.dataset.state)"
    wait.until(lambda driver: driver.execute_script(ended), "the demo has not come to its end")
    rows: list[list[str]] = driver.execute_script(
        "return [...document.querySelectorAll('#told tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert driver.execute_script("return document.body.dataset.state") == "done", rows
    told: Told = {}
    for who, what, _ in rows:
        if who:
            told.setdefault(who, []).append(what)
    return told


def on_the_demo_page(driver: WebDriver) -> bool:
    """Whether the demo page has opened; the driver then looks at it, or at another one where it cannot reach that."""
    if isinstance(driver, webdriver.Chrome):  # whose driver lists no tab that an extension has opened
        targets = driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]
        for url in (each["url"] for each in targets if each["url"].endswith("/demo.html")):
            driver.get(url)
            return True
    for handle in driver.window_handles:
        driver.switch_to.window(handle)
        if driver.current_url.endswith("/demo.html"):
            return True
    return False


def as_told(play: Play) -> Told:
    """A trace as the demo tells it."""
    words = {"return": "returns", "throw": "throws"}
    told: Told = {}
    for event in play.events:
        if event.phase in ("return", "throw", "fire"):
            what = words.get(event.phase) or event.operation.rpartition(".")[2]
            told.setdefault(event.actor, []).append(what)
    return told


def test_the_demo_shows_what_the_trace_shows(
    family: Family, tools: dict[Kind, Tool], stage: Stage, demo: Path, tmp_path: Path
) -> None:
    play = stage.session().play(SCENARIOS[SCENARIO])
    assert play.outcome == "ok", play.reason
    stage.close()
    with served(demo / "pages") as port, started(family, tools, demo, tmp_path) as driver:
        told = done(driver, port)
    assert told == as_told(play)
    if family == "firefox":
        assert told["background"] == ["returns", "onDisconnect", "throws"]
        assert told["page.frame2"] == ["onConnect", "onDisconnect"]
    else:
        assert told["background"] == ["returns", "returns"]
        assert told["page.frame2"] == ["onConnect", "onMessage"]


@pytest.mark.parametrize("name", LINTED)
def test_web_ext_accepts_and_builds_it(web_ext: Tool, name: str, tmp_path: Path) -> None:
    made = write(name, tmp_path / "demo") / "firefox"
    found = complaints(web_ext, made)
    assert found["errors"] == []
    assert {warning["code"] for warning in found["warnings"]} <= set(EXPLAINED)
    built = tmp_path / "built"
    command = [web_ext.path, "build", f"--source-dir={made}", f"--artifacts-dir={built}", "--no-config-discovery"]
    subprocess.run(command, env={**os.environ, **web_ext.environment}, check=True, capture_output=True, timeout=SECONDS)
    assert [path.suffix for path in built.iterdir()] == [".zip"]


def test_web_ext_accepts_and_builds_every_scenario(web_ext: Tool, tmp_path: Path) -> None:
    folders = [write(name, tmp_path / name) / "firefox" for name in SCENARIOS]
    eval_in_it = write(SCENARIO, tmp_path / "bad") / "firefox"
    with (eval_in_it / "demo.js").open("a") as file:
        file.write("\neval('1');\n")
    found = linted(web_ext, [*folders, eval_in_it], tmp_path / "built")
    assert found.pop(str(eval_in_it)) > set(EXPLAINED), "the linter would complain"
    assert found.keys() == set(map(str, folders))
    assert {folder: codes - set(EXPLAINED) for folder, codes in found.items() if codes - set(EXPLAINED)} == {}
    assert {path.stem for path in (tmp_path / "built").glob("*.zip")} == {*map(str.lower, SCENARIOS), "bad"}


def linted(web_ext: Tool, folders: list[Path], built: Path) -> dict[str, set[str]]:
    """What web-ext says of each extension; built are all. In one process, as to start it takes longer than to lint."""
    built.mkdir()
    script, module = Path(__file__).with_name("lint_all.mjs"), Path(web_ext.path).parents[1] / "web-ext" / "index.js"
    command = ["node", str(script), str(module), str(built), *map(str, folders)]
    done = subprocess.run(
        command, env={**os.environ, **web_ext.environment}, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stderr.rpartition("\nFOUND ")[2])
    return {folder: {each["code"] for each in told} for folder, told in found.items()}


def test_web_ext_starts_it(web_ext: Tool, tools: dict[Kind, Tool], demo: Path, tmp_path: Path) -> None:
    firefox = tools["firefox"]
    starter = starts(firefox, tmp_path / "place", demo, tmp_path)
    command = [web_ext.path, "run", f"--source-dir={demo / 'firefox'}", f"--firefox={starter}"]
    command += ["--no-reload", "--no-input", "--no-config-discovery", "--args=-headless"]
    variables = {**os.environ, **firefox.environment, **web_ext.environment, "NO_COLOR": "1"}
    variables |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    assert process.stdout
    stop = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    stop.start()
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "as a temporary add-on" in line:
                return
    finally:
        stop.cancel()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    pytest.fail(f"web-ext has not installed it: {''.join(said)}")


def test_the_manifests_are_of_one_demo(demo: Path) -> None:
    both = [json.loads((demo / family / "manifest.json").read_text()) for family in ("firefox", "chromium")]
    assert [each["manifest_version"] for each in both] == [2, 3]
    assert both[0]["content_scripts"] == both[1]["content_scripts"]
    others = [
        {path.name: path.read_text() for path in (demo / family).iterdir() if path.suffix != ".json"}
        for family in ("firefox", "chromium")
    ]
    assert others[0] == others[1]
