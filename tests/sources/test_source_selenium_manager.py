"""Source "selenium-manager": selenium's own program, against sites that answer well and badly."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from portolan.runners.errors import FetchFailed
from portolan.runners.sources import Catalogue, Kind, Offer, Silent, Tool, Want
from portolan.runners.sources.downloads import selenium_manager
from portolan.runners.sources.downloads.selenium_manager import SeleniumManager
from portolan.runners.sources.downloads.vendors import (
    CHROME,
    CHROME_FILES,
    DETAILS,
    FIREFOX_FILES,
    GECKODRIVER_FILES,
    GECKODRIVERS,
)

from .machine import Machine, program
from .sites import HTML, MISSING, Page, Sites, serving, tarred, zipped

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="there is nothing to download for this machine",
)

FIREFOX, CHROMIUM = Want("firefox"), Want("chromium")
STABLE, BETA = "156.0.8078.79", "157.0.8100.4"
FIREFOX_FILE = f"{FIREFOX_FILES}159.0/linux-x86_64/en-US/firefox-159.0.tar.xz"
CHROME_FILE = f"{CHROME_FILES}{STABLE}/linux64/chrome-linux64.zip"
CHROMEDRIVER_FILE = f"{CHROME_FILES}{STABLE}/linux64/chromedriver-linux64.zip"
GECKODRIVER_FILE = f"{GECKODRIVER_FILES}download/v0.37.1/geckodriver-v0.37.1-linux64.tar.gz"

FIREFOX_ARCHIVE = tarred({"firefox/firefox": program("Mozilla Firefox 159.0"), "firefox/libxul.so": "x" * 50_000})
CHROME_ARCHIVE = zipped({"chrome-linux64/chrome": program(f"Google Chrome for Testing {STABLE} ")})


def firefox_release(version: str, category: str) -> dict[str, str]:
    return {"category": category, "version": version.removesuffix("esr")}


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    """The vendors' sites, with small archives."""
    with serving(tmp_path) as sites:
        history = {"114.0": "major", "115.0": "major", "115.14.0esr": "esr", "140.0": "major", "140.0.4": "stability"}
        history |= {"140.12.0esr": "esr", "158.0": "major", "159.0": "major", "160.0b1": "dev"}
        releases = {f"firefox-{version}": firefox_release(version, category) for version, category in history.items()}
        sites.put(DETAILS + "firefox.json", {"releases": releases})
        sites.put(
            DETAILS + "firefox_versions.json",
            {
                "FIREFOX_ESR": "140.12.0esr",
                "FIREFOX_ESR_NEXT": None,
                "FIREFOX_ESR115": "115.14.0esr",
                "LATEST_FIREFOX_VERSION": "159.0",
                "LATEST_FIREFOX_RELEASED_DEVEL_VERSION": "160.0b3",
                "FIREFOX_NIGHTLY": "161.0a1",
            },
        )
        channels = {"Stable": STABLE, "Beta": BETA, "Dev": "158.0.8150.0", "Canary": "158.0.8150.0"}
        sites.put(
            CHROME + "last-known-good-versions.json",
            {"channels": {name: {"channel": name, "version": version} for name, version in channels.items()}},
        )
        known = ["113.0.5672.0", "120.0.6099.0", "120.0.6099.109", "156.0.8078.2", STABLE, BETA, "158.0.8150.0"]
        files = {
            kind: [{"platform": "linux64", "url": url}]
            for kind, url in (("chrome", CHROME_FILE), ("chromedriver", CHROMEDRIVER_FILE))
        }
        versions = [{"version": version, "revision": "1"} for version in known]
        sites.put(CHROME + "known-good-versions.json", {"timestamp": "", "versions": versions})
        sites.put(
            CHROME + "known-good-versions-with-downloads.json",
            {"timestamp": "", "versions": [{**versions[4], "downloads": files}]},
        )
        drivers = [
            {"geckodriver-version": version, "min-firefox-version": 115} for version in ("0.37.1", "0.36.0", "0.35.0")
        ]
        sites.put(GECKODRIVERS, {"geckodriver-releases": drivers})
        sites.put(FIREFOX_FILE, FIREFOX_ARCHIVE)
        sites.put(CHROME_FILE, CHROME_ARCHIVE)
        sites.put(
            CHROMEDRIVER_FILE, zipped({"chromedriver-linux64/chromedriver": program(f"ChromeDriver {STABLE} (abc)")})
        )
        sites.put(GECKODRIVER_FILE, tarred({"geckodriver": program("geckodriver 0.37.1 (abc)")}, "gz"))
        yield sites


@pytest.fixture
def online(machine: Machine, sites: Sites) -> Machine:
    """A machine that sees these sites."""
    machine.environment |= sites.environment
    return machine


def get(machine: Machine, want: Want) -> Tool:
    source = SeleniumManager(machine.place)
    offer = source.offer(want)
    assert offer is not None, source.reason(want)
    return source.fetch(offer, Silent())


def nothing_is_left(machine: Machine) -> bool:
    partial = machine.cache.folder / "partial"
    return machine.cache.names() == [] and list(partial.iterdir()) == []


# --- what can be had -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "version", "package", "channel"),
    [
        (FIREFOX, "159.0", "159.0", "stable"),
        (Want("firefox", "140"), "140.12.0", "140.12.0esr", "esr"),
        (Want("firefox", "140", "stable"), "140.0.4", "140.0.4", "stable"),
        (Want("firefox", channel="esr"), "140.12.0", "140.12.0esr", "esr"),
        (Want("firefox", channel="beta"), "160.0b3", "160.0b3", "beta"),
        (Want("firefox", channel="nightly"), "161.0a1", "nightly", "nightly"),
        (CHROMIUM, STABLE, STABLE, "stable"),
        (Want("chromium", "120"), "120.0.6099.109", "120.0.6099.109", ""),
        (Want("chromium", channel="beta"), BETA, BETA, "beta"),
        (Want("chromium", channel="dev"), "158.0.8150.0", "158.0.8150.0", "dev"),
        (Want("chromium", channel="nightly"), "158.0.8150.0", "158.0.8150.0", "nightly"),
        (Want("chromedriver", "156"), STABLE, STABLE, "stable"),
        (Want("geckodriver"), "0.37.1", "0.37.1", ""),
    ],
)
def test_the_version_that_is_wanted_is_offered(
    online: Machine, want: Want, version: str, package: str, channel: str
) -> None:
    source = SeleniumManager(online.place)
    offer = source.offer(want)
    assert offer is not None, source.reason(want)
    assert (offer.version, offer.package, offer.channel) == (version, package, channel)
    assert (offer.kind, offer.source) == (want.kind, "selenium-manager")
    assert offer.origin.endswith(", by Selenium Manager")
    assert offer.hosts[0] in {"ftp.mozilla.org", "download.mozilla.org", "storage.googleapis.com", "github.com"}


def test_an_offer_says_how_large_it_is(online: Machine) -> None:
    offer = SeleniumManager(online.place).offer(FIREFOX)
    assert offer is not None
    assert offer.size == len(FIREFOX_ARCHIVE)


@pytest.mark.parametrize(
    ("want", "reason"),
    [
        (Want("firefox", "114"), "Mozilla's release archive has no firefox 114"),
        (Want("firefox", channel="dev"), "Mozilla's release archive has no firefox dev"),
        (Want("chromium", "113"), "Chrome for Testing has no chromium 113"),
        (Want("geckodriver", "0.35.0"), "Mozilla's geckodriver releases has no geckodriver 0.35.0"),
    ],
)
def test_what_does_not_serve_is_not_offered(online: Machine, want: Want, reason: str) -> None:
    source = SeleniumManager(online.place)
    assert source.offer(want) is None
    assert source.reason(want) == reason


def test_what_the_channels_hold_now_is_listed(online: Machine) -> None:
    source = SeleniumManager(online.place)
    listed = {kind: [(one.version, one.channel) for one in source.offers(kind)] for kind in sorted(source.kinds)}
    assert listed["firefox"] == [
        ("161.0a1", "nightly"),
        ("160.0b3", "beta"),
        ("159.0", "stable"),
        ("140.12.0", "esr"),
        ("115.14.0", "esr"),
    ]
    assert listed["chromium"] == listed["chromedriver"]
    assert sorted(listed["chromium"]) == [
        (STABLE, "stable"),
        (BETA, "beta"),
        ("158.0.8150.0", "dev"),
        ("158.0.8150.0", "nightly"),
    ]
    assert listed["geckodriver"] == [("0.37.1", ""), ("0.36.0", "")]


def test_a_version_that_is_not_listed_can_be_asked_for(online: Machine) -> None:
    catalogue = Catalogue(order=["selenium-manager"], cache=online.cache, environment=online.environment)
    (offer,) = catalogue.offers(Want("firefox", "140.0"))
    assert (offer.version, offer.channel) == ("140.0.4", "stable")
    assert catalogue.offers(Want("firefox", "114")) == []


def test_the_lists_are_read_once(online: Machine, sites: Sites) -> None:
    for _ in range(2):
        SeleniumManager(online.place).offers("firefox")
    assert len(sites.asked) == len(set(sites.asked)) == 2


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (MISSING, "product-details.mozilla.org answered 404 Not Found"),
        (HTML, "product-details.mozilla.org answered with a page (text/html)"),
        (Page(b'{"LATEST'), "product-details.mozilla.org answered with something else than the list of versions"),
        (Page(b"{}" * 5000, half=True), "product-details.mozilla.org broke the answer off"),
    ],
)
def test_a_site_that_answers_badly_is_a_reason(online: Machine, sites: Sites, page: Page, reason: str) -> None:
    sites.put(DETAILS + "firefox_versions.json", page)
    source = SeleniumManager(online.place)
    assert source.offer(FIREFOX) is None
    assert source.reason(FIREFOX) == reason
    assert source.offers("firefox") == []


# --- getting it ------------------------------------------------------------------------------------------------------


def test_a_firefox_comes_with_a_driver_and_is_found_again(online: Machine) -> None:
    tool = get(online, FIREFOX)
    assert (tool.version, tool.source, tool.channel) == ("159.0", "selenium-manager", "stable")
    source = SeleniumManager(online.place)
    assert source.find(FIREFOX) == tool
    driver = source.find(Want("geckodriver"))
    assert driver is not None
    assert driver.version == "0.37.1"
    assert Path(driver.path).parent.parent == Path(tool.path).parent.parent
    assert (Path(tool.path).parent / "libxul.so").exists(), "the whole folder is kept"


def test_chrome_for_testing_comes_with_its_driver(online: Machine) -> None:
    tool = get(online, CHROMIUM)
    (driver,) = SeleniumManager(online.place).tools("chromedriver")
    assert (tool.version, driver.version) == (STABLE, STABLE)
    assert SeleniumManager(online.place).find(Want("chromedriver", "155")) is None


@pytest.mark.parametrize("kind", ["geckodriver", "chromedriver"])
def test_a_driver_comes_alone(online: Machine, sites: Sites, kind: Kind) -> None:
    tool = get(online, Want(kind))
    assert tool.kind == kind
    assert SeleniumManager(online.place).tools("firefox") == SeleniumManager(online.place).tools("chromium") == []
    assert not {f"GET {FIREFOX_FILE}", f"GET {CHROME_FILE}"} & set(sites.asked)


def test_it_is_downloaded_once(online: Machine, sites: Sites) -> None:
    first = get(online, FIREFOX)
    sites.asked.clear()
    assert get(online, FIREFOX) == first
    assert sites.asked == []


def test_a_nightly_in_the_cache_is_used_only_if_it_is_asked_for(online: Machine, sites: Sites) -> None:
    archive = tarred({"firefox/firefox": program("Mozilla Firefox 161.0a1")})
    sites.put("https://download.mozilla.org/?product=firefox-nightly-latest-ssl&os=linux64&lang=en-US", archive)
    nightly = get(online, Want("firefox", channel="nightly"))
    assert SeleniumManager(online.place).find(FIREFOX) == nightly, "where there is nothing else"
    stable = get(online, FIREFOX)
    assert SeleniumManager(online.place).find(FIREFOX) == stable
    assert SeleniumManager(online.place).find(Want("firefox", channel="nightly")) == nightly


def test_nothing_is_written_outside_the_cache(online: Machine) -> None:
    online.environment |= {"SE_CACHE_PATH": str(online.folder / "elsewhere"), "SE_OFFLINE": "true"}
    get(online, FIREFOX)
    assert list(online.home.iterdir()) == []
    assert not (online.folder / "elsewhere").exists()
    assert list((online.cache.folder / "partial").iterdir()) == []


def test_the_users_mirror_is_honoured(online: Machine, sites: Sites) -> None:
    online.environment["SE_DRIVER_MIRROR_URL"] = "https://mirror.example/gecko/"
    sites.pages.pop(GECKODRIVER_FILE)
    file = "download/v0.37.1/geckodriver-v0.37.1-linux64.tar.gz"
    sites.put(f"https://mirror.example/gecko/{file}", tarred({"geckodriver": program("geckodriver 0.37.1")}, "gz"))
    assert get(online, Want("geckodriver")).version == "0.37.1"


def test_a_broken_bzip2_archive_leaves_nothing(online: Machine, sites: Sites) -> None:
    archive = tarred({"firefox/firefox": program("Mozilla Firefox 115.14.0esr")}, "bz2")
    address = f"{FIREFOX_FILES}115.14.0esr/linux-x86_64/en-US/firefox-115.14.0esr.tar.bz2"
    sites.put(address, broken(archive))
    with pytest.raises(FetchFailed, match=r"could not get firefox 115\.14\.0"):
        get(online, Want("firefox", "115"))
    assert nothing_is_left(online)
    sites.put(address, archive)
    assert get(online, Want("firefox", "115")).channel == "esr"


def test_what_is_in_path_is_not_taken_for_it(online: Machine) -> None:
    online.shell("firefox", "echo Mozilla Firefox 159.0")
    online.shell("geckodriver", "echo geckodriver 0.37.1")
    assert get(online, FIREFOX).path.startswith(str(online.cache.folder))


def broken(archive: bytes) -> bytes:
    """An archive in which one byte in the middle of a file is another one."""
    where = len(archive) // 2
    return archive[:where] + bytes([archive[where] ^ 0xFF]) + archive[where + 1 :]


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (MISSING, r"404 Not Found"),
        (HTML, "Wrong browser/driver version"),
        (Page(FIREFOX_ARCHIVE, half=True), "error decoding response body"),
        (Page(FIREFOX_ARCHIVE[: len(FIREFOX_ARCHIVE) // 2]), "premature eof"),
        (Page(broken(FIREFOX_ARCHIVE)), "lzma|xz|archive"),
        (Page(tarred({"firefox/firefox": program("Mozilla Firefox 158.0")})), r"159\.0 was asked for, but 158\.0 was"),
        (Page(tarred({"firefox/firefox": "#!/bin/sh\nexit 1\n"})), "but its program is no firefox"),
        (Page(tarred({"other/readme": ""})), "."),
    ],
    ids=["missing", "html", "half", "cut", "broken", "another version", "does not start", "something else"],
)
def test_a_bad_firefox_leaves_nothing(online: Machine, sites: Sites, page: Page, complaint: str) -> None:
    sites.put(FIREFOX_FILE, page)
    with pytest.raises(FetchFailed, match=complaint) as caught:
        get(online, FIREFOX)
    assert "firefox 159.0" in str(caught.value)
    assert "unknown" not in str(caught.value), "no stack of another program's"
    assert nothing_is_left(online)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (MISSING, "404 Not Found"),
        (HTML, "."),
        (Page(broken(CHROME_ARCHIVE)), "checksum|[Aa]rchive|deflate"),
        (
            Page(zipped({"chrome-linux64/chrome": program("Google Chrome for Testing 157.0.1.2")})),
            "157.0.1.2 was downloaded",
        ),
    ],
    ids=["missing", "html", "wrong checksum", "another version"],
)
def test_a_bad_chrome_leaves_nothing(online: Machine, sites: Sites, page: Page, complaint: str) -> None:
    sites.put(CHROME_FILE, page)
    with pytest.raises(FetchFailed, match=complaint):
        get(online, CHROMIUM)
    assert nothing_is_left(online)


def test_a_driver_that_is_missing_leaves_no_browser_without_one(online: Machine, sites: Sites) -> None:
    sites.put(CHROMEDRIVER_FILE, MISSING)
    with pytest.raises(FetchFailed):
        get(online, CHROMIUM)
    assert nothing_is_left(online)


def test_a_download_that_stands_still_ends(online: Machine, sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    sites.put(FIREFOX_FILE, Page(FIREFOX_ARCHIVE, drip=True))
    source = SeleniumManager(online.place)
    offer = source.offer(FIREFOX)
    assert offer is not None
    monkeypatch.setattr(selenium_manager, "FETCH_SECONDS", 1.0)
    with pytest.raises(FetchFailed, match=r"did not get firefox 159\.0 within 1 seconds|could not get firefox 159\.0"):
        source.fetch(offer, Silent())
    assert nothing_is_left(online)


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ("echo nonsense", "did not answer as it should: nonsense"),
        ("echo '{\"result\": 3}'", "did not answer as it should"),
        ('echo \'{"result": {"browser_path": "/etc/passwd", "driver_path": ""}}\'', "got no firefox for firefox 159.0"),
        ('echo \'{"result": {"message": ""}}\'; exit 7', "could not get firefox 159.0: exit code 7"),
        ("kill -9 $$", "did not answer as it should: exit code -9"),
    ],
)
def test_a_selenium_manager_that_answers_nonsense(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, says: str, complaint: str
) -> None:
    monkeypatch.setattr(selenium_manager, "manager", lambda: str(machine.shell("manager", says)))
    with pytest.raises(FetchFailed, match=complaint):
        SeleniumManager(machine.place).fetch(Offer("firefox", "159.0", "", package="159.0"), Silent())
    assert nothing_is_left(machine)


def test_a_selenium_without_a_manager_is_a_reason(online: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SE_MANAGER_PATH", "/nowhere")
    source = SeleniumManager(online.place)
    assert source.offer(FIREFOX) is None
    assert source.reason(FIREFOX).startswith("this selenium has no Selenium Manager (SE_MANAGER_PATH does not")


def test_another_machine_is_a_reason(online: Machine, sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    source = SeleniumManager(online.place)
    assert source.offer(FIREFOX) is None
    assert source.reason(FIREFOX) == "nothing is downloaded for Linux riscv64, only for Linux on x86-64"
    assert sites.asked == []


def test_other_kinds_are_none_of_its_business(online: Machine, sites: Sites) -> None:
    source = SeleniumManager(online.place)
    assert source.find(Want("web-ext")) is None
    assert source.offer(Want("web-ext")) is None
    assert sites.asked == []


def test_an_entry_that_is_not_whole_is_not_used(online: Machine) -> None:
    tool = get(online, FIREFOX)
    Path(tool.path).unlink()
    assert SeleniumManager(online.place).find(FIREFOX) is None
    assert get(online, FIREFOX) == tool
