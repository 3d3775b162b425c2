"""The demo of a scenario in real browsers: by itself, without anything of the suite, it shows what the suite's trace shows."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from portolan.conformance.judging.bugs import load_bugs
from portolan.conformance.language.discovery import suite
from portolan.conformance.trace.recording import Recording
from portolan.reports.export.demo import demo_files
from portolan.runners.session.extensions import Family
from portolan.runners.session.webdriver_service import aim
from portolan.runners.sources import Kind, Tool

from .rooted import outside_home, seen_inside, starts, variables
from .stages import Stage
from .test_web_ext_lint import complaints

SECONDS = 600
SCENARIO = "one_of_two_receiving_frames_is_removed"
BUG = load_bugs()["bug-1465514"]
SCENARIOS = {each.name: each for each in suite()}
MORE: dict[Family, tuple[str, ...]] = {
    # A page that is kept in the bfcache; listeners for one-time messages, which must hear those of the scenario alone.
    "firefox": ("a_page_with_an_open_port_is_navigated_away_and_comes_back", "one_message_to_every_page"),
    # The port of an event inside its listener; a one-time message that nobody but the demo itself could receive.
    "chromium": ("disconnecting_inside_on_message", "what_last_error_is_in_a_callback"),
}
"""Demos that are driven besides, each for what could be lost in it."""

LINTED = (
    SCENARIO,
    "one_of_two_receiving_extension_pages_is_closed",
    "an_extension_page_in_a_web_page_listens",
    "a_sidebar_with_a_port_is_closed",
    "one_message_to_every_page",
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


@contextmanager
def served(demo: Path) -> Iterator[int]:
    """The demo's web pages on a port of the loopback interface, as its README says; no port where it has none."""
    if not (demo / "serve.py").exists():
        yield 0
        return
    process = subprocess.Popen([sys.executable, str(demo / "serve.py"), "0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        said = process.stdout.readline()
        found = re.search(r"at port (\d+)", said)
        assert found, said
        yield int(found[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def started(family: Family, tools: dict[Kind, Tool], demos: list[Path], place: Path) -> Iterator[WebDriver]:
    """A browser that may have these demos, and writes to a place of its own."""
    driver = firefox(tools, demos, place) if family == "firefox" else chromium(tools, demos, place)
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def installed(driver: WebDriver, demo: Path) -> Iterator[None]:
    """A demo in a browser: all have the same id in Firefox, and come one after the other; Chromium has them from its start."""
    if isinstance(driver, webdriver.Chrome):
        yield
        return
    addon = driver.execute("INSTALL_ADDON", {"path": str(demo / "firefox"), "temporary": True})["value"]
    yield
    driver.switch_to.window(driver.window_handles[0])  # the demo's tabs go with it
    driver.execute("UNINSTALL_ADDON", {"id": addon})


def firefox(tools: dict[Kind, Tool], demos: list[Path], place: Path) -> WebDriver:
    browser, program = tools["firefox"], tools["geckodriver"]
    options = webdriver.FirefoxOptions()
    options.binary_location = starts(browser, place, *demos)
    options.add_argument("-headless")
    # An extension's page is privileged to Firefox 159, whose WebDriver speaks to it with system access alone.
    environment = {**variables(place, browser, program), "MOZ_REMOTE_ALLOW_SYSTEM_ACCESS": "1"}
    service = FirefoxService(env=environment, service_args=["--allow-system-access", "--profile-root", str(place)])
    aim(service, Path(program.path), options)
    return webdriver.Firefox(options=options, service=service)


def chromium(tools: dict[Kind, Tool], demos: list[Path], place: Path) -> WebDriver:
    browser, program = tools["chromium"], tools["chromedriver"]
    options = webdriver.ChromeOptions()
    options.binary_location = seen_inside(browser)
    options.add_argument(f"--user-data-dir={place / 'profile'}")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(flag)
    options.add_argument(f"--load-extension={','.join(str(demo / 'chromium') for demo in demos)}")
    options.add_argument("--disable-features=DisableLoadExtensionCommandLineSwitch")
    service = ChromeService(env=variables(place, browser, program))
    aim(service, Path(starts(program, place, *demos)), options)
    return webdriver.Chrome(options=options, service=service)


def done(driver: WebDriver, port: int, title: str) -> list[list[str]]:
    """Press the button of the demo page with this title, wait for its end, and read the rows that it shows."""
    wait = WebDriverWait(driver, SECONDS)
    wait.until(lambda driver: on_the_demo_page(driver, title), "the demo page has not opened by itself")
    if port:
        field = driver.find_element(By.ID, "port")
        field.clear()
        field.send_keys(str(port))
    driver.find_element(By.ID, "all").click()
    ended = "return ['done', 'failed'].includes(document.body.dataset.state)"
    wait.until(lambda driver: driver.execute_script(ended), "the demo has not come to its end")
    rows: list[list[str]] = driver.execute_script(
        "return [...document.querySelectorAll('#told tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert driver.execute_script("return document.body.dataset.state") == "done", rows
    return rows


def told(rows: list[list[str]]) -> Told:
    """What each context told."""
    found: Told = {}
    for who, what, _ in rows:
        if who:
            found.setdefault(who, []).append(what)
    return found


def on_the_demo_page(driver: WebDriver, title: str) -> bool:
    """Whether the demo page has opened and lists its steps; the driver then looks at it, or at another one where it cannot reach that."""
    if isinstance(driver, webdriver.Chrome):  # whose driver lists no tab that an extension has opened
        targets = driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]
        for url in (each["url"] for each in targets if each["url"].endswith("/demo.html")):
            driver.get(url)
            if is_whole(driver, title):
                return True
    for handle in driver.window_handles:
        driver.switch_to.window(handle)
        if driver.current_url.endswith("/demo.html") and is_whole(driver, title):
            return True
    return False


def is_whole(driver: WebDriver, title: str) -> bool:
    whole: bool = driver.execute_script(
        "return document.title === arguments[0] && document.querySelectorAll('#steps li').length > 0", title
    )
    return whole


def as_told(play: Recording) -> Told:
    """A trace as the demo tells it."""
    words = {"return": "returns", "throw": "throws"}
    found: Told = {}
    for event in play.events:
        if event.phase in ("return", "throw", "fire"):
            what = words.get(event.phase) or event.operation.rpartition(".")[2]
            found.setdefault(event.actor, []).append(what)
    return found


def test_demos_show_what_traces_show(
    family: Family, tools: dict[Kind, Tool], stage: Stage, demo: Path, tmp_path: Path
) -> None:
    plays = {name: stage.session().play(SCENARIOS[name]) for name in (SCENARIO, *MORE[family])}
    assert {play.outcome for play in plays.values()} == {"ok"}, [play.reason for play in plays.values()]
    stage.close()
    demos = {name: demo if name == SCENARIO else write(name, tmp_path / name) for name in plays}
    shown: dict[str, list[list[str]]] = {}
    with outside_home() as place, started(family, tools, list(demos.values()), place) as driver:
        for name, folder in demos.items():
            with served(folder) as port, installed(driver, folder):
                shown[name] = done(driver, port, SCENARIOS[name].title)
    assert {name: told(rows) for name, rows in shown.items()} == {name: as_told(play) for name, play in plays.items()}
    removed = told(shown[SCENARIO])
    if family == "firefox":
        assert removed["background"] == ["returns", "onDisconnect", "throws"]
        assert removed["page.frame2"] == ["onConnect", "onDisconnect"]
    else:
        assert removed["background"] == ["returns", "returns"]
        assert removed["page.frame2"] == ["onConnect", "onMessage"]
        [(_, _, answer)] = [row for row in shown["what_last_error_is_in_a_callback"] if row[1] == "answer"]
        assert "Receiving end does not exist" in answer


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
    environment = {**variables(tmp_path, firefox), **web_ext.environment, "NO_COLOR": "1"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
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
