"""Source "geckodriver-autoinstaller": the package itself, kept within bounds, against sites that answer well and badly."""

from __future__ import annotations

import importlib.util
import io
import platform
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portolan.runners.errors import CacheFull, FetchFailed
from portolan.runners.sources import Silent, Tool, Want
from portolan.runners.sources.downloads import autoinstalling, geckodriver_autoinstaller
from portolan.runners.sources.downloads.geckodriver_autoinstaller import GeckodriverAutoinstaller
from portolan.runners.sources.downloads.vendors import GECKODRIVER_FILES

from .machine import Machine, program
from .sites import HTML, MISSING, Page, Sites, serving, tarred

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="there is nothing to download for this machine",
)

WANT = Want("geckodriver")
LATEST = GECKODRIVER_FILES + "latest"
FILE = f"{GECKODRIVER_FILES}download/v0.37.1/geckodriver-v0.37.1-linux64.tar.gz"
GOOD = tarred({"geckodriver": program("geckodriver 0.37.1 (abc)")}, "gz")


def leading_to(version: str) -> Page:
    return Page(status=302, location=f"{GECKODRIVER_FILES}tag/{version}")


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    """The release pages of geckodriver."""
    with serving(tmp_path) as sites:
        sites.put(LATEST, leading_to("v0.37.1"))
        sites.put(GECKODRIVER_FILES + "tag/v0.37.1", HTML)
        sites.put(FILE, GOOD)
        yield sites


@pytest.fixture
def online(machine: Machine, sites: Sites) -> Machine:
    """A machine that sees these sites."""
    machine.environment |= sites.environment
    return machine


def get(machine: Machine) -> Tool:
    source = GeckodriverAutoinstaller(machine.place)
    offer = source.offer(WANT)
    assert offer is not None, source.reason(WANT)
    return source.fetch(offer, Silent())


def nothing_is_left(machine: Machine) -> bool:
    return machine.cache.names() == [] and list((machine.cache.folder / "partial").iterdir()) == []


def test_the_newest_is_offered(online: Machine) -> None:
    source = GeckodriverAutoinstaller(online.place)
    (offer,) = source.offers("geckodriver")
    assert (offer.version, offer.size, offer.source) == ("0.37.1", len(GOOD), "geckodriver-autoinstaller")
    assert source.offer(Want("geckodriver", "0.36")) is None
    assert source.reason(Want("geckodriver", "0.36")) == "it gets the newest geckodriver alone, 0.37.1"


def test_it_is_got_once_and_found_again(online: Machine, sites: Sites) -> None:
    tool = get(online)
    assert (tool.kind, tool.version, tool.source) == ("geckodriver", "0.37.1", "geckodriver-autoinstaller")
    sites.asked.clear()
    assert GeckodriverAutoinstaller(online.place).find(WANT) == tool
    assert GeckodriverAutoinstaller(online.place).tools("geckodriver") == [tool]
    assert get(online) == tool
    assert sites.asked == []


def test_it_writes_nowhere_but_in_the_cache(online: Machine) -> None:
    spec = importlib.util.find_spec("geckodriver_autoinstaller")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    before = sorted(package.rglob("*"))
    get(online)
    assert sorted(package.rglob("*")) == before
    assert list(online.home.iterdir()) == []
    assert list((online.cache.folder / "partial").iterdir()) == []


def with_escape(name: str) -> bytes:
    """An archive with a file that would lie outside the folder, before the program."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (MISSING, "Failed to download geckodriver archive"),
        (HTML, "Not a gzipped file"),
        (Page(GOOD, half=True), "IncompleteRead"),
        (Page(GOOD[: len(GOOD) // 2]), "ended before the end-of-stream marker"),
        (Page(GOOD[:-8] + bytes(8)), "CRC check failed"),
        (
            Page(tarred({"geckodriver": program("geckodriver 0.20.0")}, "gz")),
            r"0\.37\.1 was asked for, but 0\.20\.0 was",
        ),
        (Page(tarred({"geckodriver": "#!/bin/sh\nexit 4\n"}, "gz")), "it is no geckodriver"),
        (Page(tarred({"readme": ""}, "gz")), "No such file or directory: .*geckodriver"),
    ],
    ids=["missing", "html", "half", "cut", "wrong checksum", "another version", "does not start", "something else"],
)
def test_a_bad_answer_leaves_nothing(online: Machine, sites: Sites, page: Page, complaint: str) -> None:
    sites.put(FILE, page)
    with pytest.raises(FetchFailed, match=complaint) as caught:
        get(online)
    assert "0.37.1" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert nothing_is_left(online)


@pytest.mark.parametrize("name", ["../../../escaped", "/escaped"])
def test_an_archive_cannot_write_outside_its_folder(online: Machine, sites: Sites, name: str) -> None:
    sites.put(FILE, with_escape(str(online.folder / "escaped") if name[0] == "/" else name))
    with pytest.raises(FetchFailed):
        get(online)
    assert not list(online.folder.rglob("escaped"))
    assert nothing_is_left(online)


def test_a_download_that_stands_still_ends(online: Machine, sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    sites.put(FILE, Page(GOOD, drip=True))
    source = GeckodriverAutoinstaller(online.place)
    offer = source.offer(WANT)
    assert offer is not None
    monkeypatch.setattr(geckodriver_autoinstaller, "FETCH_SECONDS", 1.0)
    with pytest.raises(FetchFailed, match=r"did not get geckodriver 0\.37\.1 within 1 seconds"):
        source.fetch(offer, Silent())
    assert nothing_is_left(online)


def test_a_full_disk_is_told_as_such(online: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    source = GeckodriverAutoinstaller(online.place)
    offer = source.offer(WANT)
    assert offer is not None
    program = online.folder / "full.py"
    program.write_text("raise OSError(28, 'No space left on device')")
    monkeypatch.setattr(autoinstalling, "__file__", str(program))
    with pytest.raises(CacheFull):
        source.fetch(offer, Silent())


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (MISSING, "github.com answered 404 Not Found"),
        (HTML, "github.com answered 200 without saying where to look"),
        (
            Page(status=302, location="https://github.com/login"),
            "github.com does not say which geckodriver is the newest",
        ),
        (leading_to("v0.30.0"), "the newest geckodriver is 0.30.0, but 0.36.0 is the oldest that serves"),
    ],
)
def test_a_site_that_answers_badly_is_a_reason(online: Machine, sites: Sites, page: Page, reason: str) -> None:
    sites.put(LATEST, page)
    source = GeckodriverAutoinstaller(online.place)
    assert source.offer(WANT) is None
    assert source.reason(WANT) == reason


def test_another_machine_or_python_or_no_package_is_a_reason(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    source = GeckodriverAutoinstaller(machine.place)
    with monkeypatch.context() as without:
        without.setattr(importlib.util, "find_spec", lambda _: None)
        assert source.offers("geckodriver") == []
    assert source.reason(WANT) == "the package geckodriver-autoinstaller is not installed"
    with monkeypatch.context() as old:
        old.delattr(tarfile, "data_filter")
        assert source.offer(WANT) is None
    assert source.reason(WANT) == "this Python cannot unpack an archive safely, 3.11.4 or newer can"
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert source.offer(WANT) is None
    assert source.reason(WANT) == "it knows nothing for Linux aarch64, only for Linux on x86-64"
