"""The HTML report in real browsers: opened from disk, filtered, followed to a diagram, by keyboard, without JavaScript."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from portolan.conformance.judging.claims import load_claims
from portolan.conformance.judging.contradictions import load_contradictions
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.discovery import suite
from portolan.conformance.trace.recording import FORMAT, Browser, Event, Footer, Header, Recording, Run
from portolan.reports.html.page import html_report
from portolan.reports.load import judge_run
from portolan.runners.fake import FakeBrowser
from portolan.runners.session.extensions import Family
from portolan.runners.session.webdriver_service import aim
from portolan.runners.sources import Kind, Tool

from .rooted import outside_home, seen_inside, starts, variables

SECONDS = 120
ONE = "one_of_two_receiving_frames_is_removed"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = (
    "#matrix",
    "#matrix?differs=1",
    "#claims",
    "#contradictions",
    "#history",
    "#pairs",
    "#causes",
    "#runs",
    "#reading",
    f"#scenario/{ONE}/2",
)
"""Every kind of page."""

ATTACK = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\x1b[31m\u202e\ud800"
)
HUGE = "<b>" + "x" * 10_000_000


def run_of(
    family: str,
    version: str,
    *,
    bugs: tuple[str, ...] = (),
    change: Callable[[Event], Event] | None = None,
    some: tuple[str, ...] = (),
) -> Run:
    """The suite as the fake plays it, under the name of a real version."""
    browser = FakeBrowser(family, 3, bugs)  # type: ignore[arg-type]
    browser.start()
    plays: list[Recording] = []
    for scenario in suite():
        if some and not scenario.name.startswith(some):
            continue
        play = browser.play(scenario)
        if change:
            play = msgspec.structs.replace(play, events=tuple(map(change, play.events)))
        plays.append(play)
    header = Header(FORMAT, "1.0", "abc", Browser(family, version), 3, "Linux", "2026-11-21T00:00:00+00:00")
    return Run(header, tuple(plays), Footer(len(plays), "2026-11-21T00:01:00+00:00"), f"{family}-{version}.jsonl")


def write(path: Path, *runs: Run) -> Path:
    scenarios = {each.name: each for each in suite()}
    claims = load_claims()
    judged = [judge_run(run, scenarios, Expectations()) for run in runs]
    text = html_report(judged, scenarios, claims, load_contradictions(claims))
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report of three browsers, one of them with a bug, as an address."""
    return write(tmp_path_factory.mktemp("report") / "index.html", *three()).as_uri()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same of as much as every kind of page needs: axe is slow where there is much to look at."""
    some = "one_of_two_", "pairs_from_content_script", "end_by_frame_", "end_by_own_extension_"
    return write(tmp_path_factory.mktemp("small") / "index.html", *three(some)).as_uri()


def three(some: tuple[str, ...] = ()) -> list[Run]:
    return [
        run_of("firefox", "140.0", some=some),
        run_of("firefox", "153.7", bugs=("duplicates-messages",), some=some),
        run_of("chromium", "156.0", some=some),
    ]


def everything() -> Path:
    """The folder of all tests of this process: its temporary folder is in it."""
    return Path(tempfile.gettempdir()).parent


@contextmanager
def started(family: Family, tools: dict[Kind, Tool], *, script: bool = True, dark: bool = False) -> Iterator[WebDriver]:
    """A browser that shows pages, wherever they lie in the folder of all tests."""
    with outside_home() as place:
        make = firefox if family == "firefox" else chromium
        driver = make(tools, place, script, dark)
        try:
            driver.set_window_size(1400, 1000)
            yield driver
        finally:
            driver.quit()


def firefox(tools: dict[Kind, Tool], place: Path, script: bool, dark: bool) -> WebDriver:
    browser, driver = tools["firefox"], tools["geckodriver"]
    options = webdriver.FirefoxOptions()
    options.binary_location = starts(browser, place, everything())
    options.add_argument("-headless")
    options.set_preference("javascript.enabled", script)
    options.set_preference("layout.css.prefers-color-scheme.content-override", 0 if dark else 1)
    service = FirefoxService(env=variables(place, browser, driver))
    aim(service, Path(driver.path), options)
    return webdriver.Firefox(options=options, service=service)


def chromium(tools: dict[Kind, Tool], place: Path, script: bool, dark: bool) -> WebDriver:
    browser, driver = tools["chromium"], tools["chromedriver"]
    options = webdriver.ChromeOptions()
    options.binary_location = seen_inside(browser)
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", *(["--force-dark-mode"] if dark else [])):
        options.add_argument(flag)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    service = ChromeService(env=variables(place, browser, driver))
    aim(service, Path(starts(driver, place, everything())), options)
    made = webdriver.Chrome(options=options, service=service)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    made.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    return made


@pytest.fixture(scope="module")
def reader(family: Family, tools: dict[Kind, Tool]) -> Iterator[WebDriver]:
    with started(family, tools) as driver:
        yield driver


def opened(driver: WebDriver, address: str) -> WebDriver:
    driver.get("about:blank")
    driver.get(address)
    return driver


def until(driver: WebDriver, what: Callable[[WebDriver], Any], missing: str) -> Any:
    return WebDriverWait(driver, SECONDS).until(what, missing)


def shown_rows(driver: WebDriver) -> list[str]:
    rows = driver.execute_script(
        "return [...document.querySelectorAll('#matrix tbody tr')]"
        ".filter((row) => row.checkVisibility()).map((row) => row.querySelector('th a').hash)"
    )
    return [row.removeprefix("#scenario/") for row in rows]


def focused(driver: WebDriver) -> str:
    return str(driver.execute_script("return document.activeElement.id || document.activeElement.getAttribute('href')"))


def test_it_opens_and_shows_the_matrix_alone(reader: WebDriver, report: str) -> None:
    opened(reader, report)
    assert len(shown_rows(reader)) == len(suite())
    assert not [each for each in reader.find_elements(By.TAG_NAME, "article") if each.is_displayed()]
    assert reader.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_filters_are_kept_in_the_address(reader: WebDriver, report: str) -> None:
    opened(reader, report)
    reader.find_element(By.NAME, "q").send_keys("receiving frame")
    reader.find_element(By.NAME, "differs").click()
    rows = shown_rows(reader)
    assert ONE in rows
    assert len(rows) < 10
    assert reader.find_element(By.NAME, "count").text.startswith(f"{len(rows)} of ")
    address = reader.current_url
    assert "q=receiving+frame" in address
    opened(reader, address)
    assert shown_rows(reader) == rows
    assert reader.find_element(By.NAME, "q").get_attribute("value") == "receiving frame"
    reader.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    until(reader, lambda driver: len(shown_rows(driver)) == len(suite()), "the filters are not cleared")


def test_each_filter_tells_what_it_says(reader: WebDriver, report: str) -> None:
    opened(reader, f"{report}#matrix?topic=broadcast")
    assert 3 < len(shown_rows(reader)) < 30
    opened(reader, f"{report}#matrix?verdict=fail")
    failing = shown_rows(reader)
    assert 0 < len(failing) < len(suite())
    opened(reader, f"{report}#matrix?verdict=fail&browser=Chromium+MV3")
    assert not set(shown_rows(reader)) & set(failing)
    opened(reader, f"{report}#matrix?changed=1")
    changed = shown_rows(reader)
    assert set(changed) == set(failing), "only the newer Firefox has a bug"
    opened(reader, f"{report}#matrix?changed=1&browser=Chromium+MV3")
    assert not shown_rows(reader)
    assert reader.find_element(By.ID, "nothing").is_displayed()


def test_a_cell_leads_to_its_diagram_and_back(reader: WebDriver, report: str) -> None:
    opened(reader, f"{report}#matrix?differs=1")
    cell = reader.find_element(By.CSS_SELECTOR, f"td a[href='#scenario/{ONE}/2']")
    cell.click()
    until(reader, lambda driver: not shown_rows(driver), "the matrix is still there")
    figures = [each for each in reader.find_elements(By.TAG_NAME, "figure") if each.is_displayed()]
    assert len(figures) == 2
    assert all(each.find_element(By.TAG_NAME, "svg").is_displayed() for each in figures)
    parts = reader.find_elements(By.CSS_SELECTOR, f"article[id='scenario/{ONE}'] .events tr.part")
    assert len(parts) == 2, "each trace marks where it leaves the other"
    assert "gone" in reader.title or "frame" in reader.title
    reader.back()
    until(reader, shown_rows, "the matrix is not back")
    assert "differs=1" in reader.current_url
    assert focused(reader) == f"#scenario/{ONE}/2"


def test_any_two_traces_stand_side_by_side(reader: WebDriver, report: str) -> None:
    opened(reader, report)
    name = next(each.name for each in suite() if len(figures_of(reader, each.name)) > 2)
    opened(reader, f"{report}#scenario/{name}/3/1")
    shown = [each.get_attribute("data-n") for each in figures_of(reader, name) if each.is_displayed()]
    assert shown == ["3", "1"]
    left = reader.find_element(By.CSS_SELECTOR, f"article[id='scenario/{name}'] select[name=left]")
    left.send_keys("2")
    until(reader, lambda driver: driver.current_url.endswith(f"/{name}/2/1"), "the address does not follow")


def figures_of(driver: WebDriver, name: str) -> list[Any]:
    """The traces of a scenario, which is opened."""
    driver.execute_script("location.hash = arguments[0]", f"scenario/{name}")
    article = f"article[id='scenario/{name}']"
    until(driver, lambda driver: driver.find_elements(By.CSS_SELECTOR, f"{article}.shown"), f"{name} is not shown")
    return driver.find_elements(By.CSS_SELECTOR, f"{article} figure")


def test_the_keyboard_is_enough(reader: WebDriver, report: str) -> None:
    opened(reader, report)
    active = reader.switch_to.active_element
    active.send_keys(Keys.TAB)
    assert focused(reader) == "#main", "the first stop skips the navigation"
    for _ in range(40):
        if reader.switch_to.active_element.get_attribute("name") == "q":
            break
        reader.switch_to.active_element.send_keys(Keys.TAB)
    reader.switch_to.active_element.send_keys(ONE)
    assert 0 < len(shown_rows(reader)) < 5
    for _ in range(40):
        if focused(reader).startswith(f"#scenario/{ONE}/"):
            break
        reader.switch_to.active_element.send_keys(Keys.TAB)
    link = reader.switch_to.active_element
    outline = reader.execute_script("return getComputedStyle(arguments[0]).outlineStyle", link)
    assert outline == "solid", "where the keyboard is can be seen"
    link.send_keys(Keys.ENTER)
    until(reader, lambda driver: focused(driver).startswith(f"scenario/{ONE}"), "the focus is not at the trace")


def test_without_javascript_everything_is_there(family: Family, tools: dict[Kind, Tool], report: str) -> None:
    with started(family, tools, script=False) as driver:
        driver.get(report)
        assert not driver.find_element(By.ID, "filters").is_displayed()
        assert driver.find_element(By.CSS_SELECTOR, "#matrix table").is_displayed()
        driver.find_element(By.CSS_SELECTOR, f"td a[href='#scenario/{ONE}/2']").click()
        assert driver.current_url.endswith(f"#scenario/{ONE}/2")
        figures = driver.find_elements(By.CSS_SELECTOR, f"article[id='scenario/{ONE}'] figure")
        assert len(figures) >= 2
        assert all(each.find_element(By.TAG_NAME, "svg").is_displayed() for each in figures)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_has_no_barrier_that_axe_finds(
    family: Family, tools: dict[Kind, Tool], small: str, web_ext: Tool, dark: bool
) -> None:
    axe = (Path(web_ext.path).parents[1] / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    barriers = []
    with started(family, tools, dark=dark) as driver:
        driver.set_script_timeout(120)
        for width in (1400,) if dark else (1400, 420):  # a theme changes colours alone, which no width changes
            driver.set_window_size(width, 1000)
            for view in VIEWS:
                opened(driver, small + view)
                shown = driver.execute_script("return document.querySelector('main > section.shown').id")
                assert view.startswith(f"#{shown}".removesuffix("s")), f"{view} shows {shown}"
                driver.execute_script(axe)
                found = driver.execute_async_script(
                    "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then(done, (error) => done({error: String(error)}))",
                    WCAG,
                )
                assert "error" not in found, found
                assert len(found["passes"]) > 10, "axe looked at nothing"
                barriers += [
                    f"{view} at {width}: {each['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
                    for each in found["violations"]
                    for node in each["nodes"][:3]
                ]
    assert barriers == []


def test_a_hostile_run_does_nothing(reader: WebDriver, tmp_path: Path) -> None:
    def attacked(event: Event) -> Event:
        value = [ATTACK, {ATTACK: HUGE}] if event.counter % 40 == 1 else [ATTACK]
        return msgspec.structs.replace(event, operation=event.operation, value=value, error=ATTACK, listener=ATTACK)

    bad = run_of("firefox", "1.0", change=attacked)
    browser = msgspec.structs.replace(bad.header.browser, version=ATTACK, build=ATTACK, source=ATTACK)
    plays = [msgspec.structs.replace(each, reason=ATTACK, lacking="") for each in bad.plays[:10]]
    plays += [
        msgspec.structs.replace(each, scenario=each.scenario + ATTACK, outcome="crash", reason=ATTACK)
        for each in bad.plays[:5]
    ]
    run = Run(msgspec.structs.replace(bad.header, browser=browser), tuple(plays), None, ATTACK)
    address = write(tmp_path / "index.html", run).as_uri()
    assert (tmp_path / "index.html").stat().st_size < 2_000_000
    opened(reader, address)
    title = reader.title
    assert "owned" not in title
    assert not reader.find_elements(By.TAG_NAME, "img")
    assert len(reader.find_elements(By.TAG_NAME, "script")) == 2
    assert "document.title='owned'" in reader.find_element(By.CSS_SELECTOR, "#matrix").text
    for page in [str(each.get_attribute("data-id")) for each in reader.find_elements(By.CSS_SELECTOR, "noscript")]:
        reader.execute_script("location.hash = arguments[0]", page)
        until(reader, lambda driver, page=page: driver.find_elements(By.ID, page), f"{page} is not opened")  # type: ignore[misc]
    assert not reader.find_elements(By.TAG_NAME, "noscript")
    assert not reader.find_elements(By.TAG_NAME, "img")
    assert len(reader.find_elements(By.TAG_NAME, "script")) == 2
    assert reader.title != "owned", "a title may show the text, and does not become it"
    opened(reader, address)
    refused = reader.execute_script(
        "const script = document.createElement('script'); script.textContent = 'document.title = \"owned\"';"
        "document.body.append(script); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">');"
        "return document.title"
    )
    assert refused == title, "what is put into the page later is not run either"
