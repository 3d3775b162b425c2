"""What a big HTML report costs: its size, and how long real browsers take to open and to filter it."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import msgspec
from selenium.webdriver import Chrome as ChromeDriver
from selenium.webdriver import ChromeOptions, FirefoxOptions
from selenium.webdriver import Firefox as FirefoxDriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver

from benchmarks.tools import suite
from portolan.conformance.judging.claims import load_claims
from portolan.conformance.judging.contradictions import load_contradictions
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import FORMAT, Browser, Footer, Header, Recording, Run
from portolan.reports.html.page import html_report
from portolan.reports.load import judge_run
from portolan.runners.fake import FakeBrowser
from portolan.runners.families.chromium import Chromium
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import DRIVERS
from portolan.runners.sources import Kind, Tool, environment_for

BROWSERS: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    *(
        ("firefox", version, manifest, bugs)
        for manifest in (2, 3)
        for version, bugs in (
            ("115.14.0", ("error-never",)),
            ("128.0", ("error-never",)),
            ("140.15.0", ()),
            ("153.7.0", ("outlives-its-opener",)),
        )
    ),
    *(
        ("chromium", version, 3, bugs)
        for version, bugs in (
            ("120.0.6099.224", ("error-always",)),
            ("130.0.6723.58", ("error-always",)),
            ("140.0.7339.16", ()),
            ("150.0.7800.1", ()),
            ("156.0.8078.79", ()),
            ("157.0.8100.0", ("duplicates-messages",)),
        )
    ),
)
"""The columns: each a fake browser under the name of a version, with bugs, so that columns differ and versions change."""

OPENED = """
const [entry] = performance.getEntriesByType("navigation");
const paint = performance.getEntriesByName("first-contentful-paint")[0];
return [entry.loadEventEnd || performance.now(), paint ? paint.startTime : 0];
"""

FILTERS: tuple[dict[str, str | bool], ...] = (
    {"q": "frame"},
    {"differs": True},
    {"changed": True},
    {"browser": "Firefox MV3"},
    {"verdict": "fail"},
    {},
)
FILTER = """
const form = document.querySelector("#filters"), want = arguments[0];
for (const field of form.elements) if (field.name && field.name !== "count") {
  if (field.type === "checkbox") field.checked = Boolean(want[field.name]); else field.value = want[field.name] ?? "";
}
const began = performance.now();
form.dispatchEvent(new Event("input", {bubbles: true}));
document.querySelector("#matrix").getBoundingClientRect();
return performance.now() - began;
"""
"""One filter as a person sets it: what the script does, and the layout that follows."""


class Made(msgspec.Struct, frozen=True):
    """The report itself: how many rows and columns, its size in bytes, and how long it took to make, in ms."""

    scenarios: int
    columns: int
    bytes: int
    made_ms: float


class Read(msgspec.Struct, frozen=True):
    """What one browser needed, in ms: medians over the rounds, and for filters the slowest one too."""

    family: str
    version: str
    loaded_ms: float
    painted_ms: float
    filter_ms: float
    slowest_filter_ms: float


def big_set(count: int) -> tuple[dict[str, Scenario], list[Run]]:
    """So many scenarios, the suite's again and again under other names, in each of BROWSERS as a fake plays them."""
    scenarios = {}
    for number, each in enumerate(islice(cycle(suite()), count)):
        name = f"{each.name}_{number}"
        scenarios[name] = msgspec.structs.replace(each, name=name)
    return scenarios, [_run(scenarios, *browser) for browser in BROWSERS]


def _run(scenarios: Mapping[str, Scenario], family: str, version: str, manifest: int, bugs: tuple[str, ...]) -> Run:
    browser = FakeBrowser(family, manifest, bugs)  # type: ignore[arg-type]
    browser.start()
    played: dict[str, Recording] = {}
    plays = []
    for name, scenario in scenarios.items():
        if scenario.digest not in played:
            played[scenario.digest] = browser.play(scenario)
        plays.append(msgspec.structs.replace(played[scenario.digest], scenario=name))
    when = "2026-11-21T00:00:00+00:00"
    header = Header(FORMAT, "1.0", "", Browser(family, version, source="fake"), manifest, "Linux", when)
    return Run(header, tuple(plays), Footer(len(plays), when), f"{family}-{version}-mv{manifest}.jsonl")


def make(path: Path, count: int) -> Made:
    """Write a report of a big set."""
    scenarios, runs = big_set(count)
    claims = load_claims()
    began = time.perf_counter()
    judged = [judge_run(run, scenarios, Expectations()) for run in runs]
    text = html_report(judged, scenarios, claims, load_contradictions(claims))
    took = (time.perf_counter() - began) * 1000
    path.write_text(text, encoding="utf-8")
    return Made(len(scenarios), len(runs), path.stat().st_size, took)


def read(path: Path, family: Family, tools: Mapping[Kind, Tool], rounds: int) -> Read:
    """Open and filter a report in one browser."""
    loaded, painted, filters = [], [], []
    with _started(family, tools) as driver:
        version = str(driver.capabilities["browserVersion"])
        for _ in range(rounds):
            driver.get("about:blank")
            driver.get(path.as_uri())
            load, paint = driver.execute_script(OPENED)
            loaded.append(load)
            painted.append(paint)
            filters += [driver.execute_script(FILTER, each) for each in FILTERS]
    return Read(
        family,
        version,
        statistics.median(loaded),
        statistics.median(painted),
        statistics.median(filters),
        max(filters),
    )


@contextmanager
def _started(family: Family, tools: Mapping[Kind, Tool]) -> Iterator[WebDriver]:
    browser, driver = tools[family], tools[DRIVERS[family]]
    with tempfile.TemporaryDirectory(prefix="portolan-report-") as home:
        environment = {**environment_for(browser, driver, base=os.environ), "HOME": home, "TMPDIR": home}
        started = (
            _firefox(browser, driver, environment) if family == "firefox" else _chromium(browser, driver, environment)
        )
        try:
            yield started
        finally:
            started.quit()


def _firefox(browser: Tool, driver: Tool, environment: dict[str, str]) -> WebDriver:
    options = FirefoxOptions()
    options.binary_location = browser.path
    options.add_argument("-headless")
    return FirefoxDriver(options=options, service=FirefoxService(executable_path=driver.path, env=environment))


def _chromium(browser: Tool, driver: Tool, environment: dict[str, str]) -> WebDriver:
    options = ChromeOptions()
    options.binary_location = browser.path
    for flag in Chromium(browser, {}).flags():
        options.add_argument(flag)
    return ChromeDriver(options=options, service=ChromeService(executable_path=driver.path, env=environment))


def report_lines(made: Made, found: Sequence[Read]) -> Iterator[str]:
    """The figures in words."""
    yield (
        f"{made.scenarios} scenarios x {made.columns} columns: {made.bytes / 1e6:.2f} MB, "
        f"judged and written in {made.made_ms / 1000:.1f} s"
    )
    for each in found:
        yield (
            f"{each.family} {each.version}: loaded after {each.loaded_ms:.0f} ms (first painted after "
            f"{each.painted_ms:.0f} ms), filtered in {each.filter_ms:.0f} ms (slowest {each.slowest_filter_ms:.0f} ms)"
        )
