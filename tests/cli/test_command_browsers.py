"""``portolan browsers``, with a source that makes its browsers itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from portolan.runners.errors import CacheFull, FetchFailed
from portolan.runners.sources import Kind, Offer, Place, Progress, Tool, Want, choosing
from portolan.runners.sources.base import newest
from portolan.runners.sources.cache import Card

Invoke = Callable[..., Result]

VERSIONS: dict[Kind, tuple[str, ...]] = {
    "firefox": ("159.0", "140.15.0", "140.12.0", "115.14.0"),
    "chromium": ("156.0.1.2", "150.0.3.4"),
}


class Workshop:
    """A source that makes scripts which tell a version; every chromium brings its chromedriver, firefox needs one tool."""

    name = "workshop"
    kinds: frozenset[Kind] = frozenset({"firefox", "chromium", "geckodriver", "chromedriver"})

    def __init__(self, place: Place) -> None:
        self.cache = place.cache

    def tools(self, kind: Kind) -> list[Tool]:
        brings: dict[Kind, Kind] = {"chromedriver": "chromium"}
        cards = self.cache.cards().items()
        found = [(name, card) for name, card in cards if card.kind == brings.get(kind, kind)]
        paths = [(card.version, str(self.cache.path(name) / kind)) for name, card in found]
        tools = [Tool(kind, version, path, self.name, channel=channel(kind, version)) for version, path in paths]
        return sorted(tools, key=lambda tool: newest(tool.version), reverse=True)

    def find(self, want: Want) -> Tool | None:
        return next((tool for tool in self.tools(want.kind) if want.fits(tool.version, tool.channel)), None)

    def offers(self, kind: Kind) -> list[Offer]:
        versions = {**VERSIONS, "geckodriver": ("0.37.1",)}.get(kind, ())
        return [Offer(kind, each, "a workshop", None, self.name, channel=channel(kind, each)) for each in versions]

    def offer(self, want: Want) -> Offer | None:
        if want.version == "60":
            return Offer(want.kind, "60.9", "the cellar", 1_000_000, self.name)
        fitting = [offer for offer in self.offers(want.kind) if want.fits(offer.version, offer.channel)]
        return Offer(fitting[0].kind, fitting[0].version, "a workshop", 5_000_000, self.name) if fitting else None

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        if problem := BROKEN.get(offer.version):
            raise problem
        with self.cache.building(f"{offer.kind}_{offer.version}", progress.said) as build:
            for name in (offer.kind, "chromedriver"):
                (build.folder / name).write_text("x" * 9000)
            build.publish(Card(offer.kind, offer.version, self.name))
        return next(tool for tool in self.tools(offer.kind) if tool.version == offer.version)

    def reason(self, want: Want) -> str:
        return "it makes what it makes"


class Bare(Workshop):
    """A source that has nothing and says why."""

    name = "bare"

    def offers(self, kind: Kind) -> list[Offer]:
        return []

    def reason(self, want: Want) -> str:
        return "the shutters are down"


class Floor(Workshop):
    """A browser that is on the machine, not in the cache."""

    name = "floor"

    def tools(self, kind: Kind) -> list[Tool]:
        return [Tool(kind, "99.0", "/usr/bin/firefox", self.name)] if kind == "firefox" else []

    def offers(self, kind: Kind) -> list[Offer]:
        return []


class Forge(Workshop):
    """A source that has test builds too."""

    name = "forge"

    def offers(self, kind: Kind) -> list[Offer]:
        tests = {"161.0a1": "nightly", "160.0b3": "beta"} if kind == "firefox" else {}
        made = [Offer(kind, version, "a forge", 1, self.name, channel=tests[version]) for version in tests]
        return [*made, *super().offers(kind)]


def channel(kind: Kind, version: str) -> str:
    return "esr" if kind == "firefox" and version.startswith(("115", "140")) else "stable"


BROKEN: dict[str, Exception] = {}


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "SOURCES", {"workshop": Workshop, "bare": Bare, "floor": Floor, "forge": Forge})
    monkeypatch.setenv("PORTOLAN_SOURCES", "workshop")
    BROKEN.clear()


def listed(invoke: Invoke, *more: str) -> list[dict[str, Any]]:
    browsers: list[dict[str, Any]] = json.loads(invoke("browsers", "--format=json", *more).stdout)["browsers"]
    return browsers


def test_the_newest_of_each_major_version_is_listed_oldest_first(invoke: Invoke) -> None:
    assert [(row["name"], row["version"], row["channel"], row["download"], row["path"]) for row in listed(invoke)] == [
        ("firefox@115", "115.14.0", "esr", 5_000_000, ""),
        ("firefox@140", "140.15.0", "esr", 5_000_000, ""),
        ("firefox@159", "159.0", "stable", 5_000_000, ""),
        ("chromium@150", "150.0.3.4", "stable", 5_000_000, ""),
        ("chromium@156", "156.0.1.2", "stable", 5_000_000, ""),
    ]
    assert [row["name"] for row in listed(invoke, "--every")][:3] == ["firefox@115", "firefox@140.12.0", "firefox@140"]
    assert listed(invoke, "--here") == []


def test_the_table_for_people(invoke: Invoke, tmp_path: Path) -> None:
    invoke("browsers", "install", "firefox@115")
    result = invoke("browsers")
    assert result.exit_code == 0
    assert "firefox@159" in result.stdout
    assert "5.0 MB" in result.stdout
    assert f"firefox@115 is at {tmp_path}/cache/entries/firefox_115.14.0/firefox" in result.stdout
    assert "5 browsers, 1 here, " in result.stdout
    assert "asking the sources" in result.stderr


def test_why_nothing_is_offered(invoke: Invoke) -> None:
    result = invoke("browsers", "--sources=bare")
    assert "No source offers firefox:\n    bare: the shutters are down" in result.stdout


def test_browsers_are_installed_with_their_drivers(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("browsers", "install", "firefox@140", "chromium@150", "firefox@esr")
    assert result.exit_code == 0
    entries = tmp_path / "cache" / "entries"
    assert result.stdout.splitlines() == [
        f"firefox@140: firefox 140.15.0, with geckodriver 0.37.1, at {entries}/firefox_140.15.0/firefox",
        f"chromium@150: chromium 150.0.3.4, with chromedriver 150.0.3.4, at {entries}/chromium_150.0.3.4/chromium",
    ], "two names of one browser are one"
    assert "Getting firefox 140.15.0 from a workshop, 5.0 MB" in result.stderr
    again = invoke("browsers", "install", "firefox@140")
    assert again.stdout.startswith("firefox@140: here already: firefox 140.15.0")
    assert "Getting" not in again.stderr


def test_all_are_the_newest_of_each_major_version(invoke: Invoke) -> None:
    result = invoke("browsers", "install", "all", "--format=json")
    assert [each["browser"]["version"] for each in json.loads(result.stdout)] == [
        "115.14.0", "140.15.0", "159.0", "150.0.3.4", "156.0.1.2",
    ]  # fmt: skip
    assert all(row["path"] and row["size"] > 9000 for row in listed(invoke))


def test_the_ends_are_those_of_what_can_be_had(invoke: Invoke) -> None:
    result = invoke("browsers", "install", "firefox@oldest", "firefox@newest", "chromium@oldest")
    assert [line.partition(",")[0] for line in result.stdout.splitlines()] == [
        "firefox@115: firefox 115.14.0",
        "firefox@159: firefox 159.0",
        "chromium@150: chromium 150.0.3.4",
    ]
    assert "firefox_115.14.0" in invoke("browsers", "where", "firefox@oldest").stdout
    assert invoke("browsers", "remove", "firefox@oldest").stdout.startswith("removed firefox 115.14.0")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("firefox", "159.0"),
        ("firefox@newest", "159.0"),
        ("firefox@beta", "160.0b3"),
        ("firefox@161", "161.0a1"),
    ],
)
def test_test_builds_are_got_only_by_who_asks_for_them(invoke: Invoke, name: str, version: str) -> None:
    assert "firefox@161" in [row["name"] for row in listed(invoke, "--sources=forge")], "but they are listed"
    result = invoke("browsers", "install", name, "--sources=forge", "--format=json")
    assert [each["browser"]["version"] for each in json.loads(result.stdout)] == [version]


def test_all_are_no_test_builds(invoke: Invoke) -> None:
    result = invoke("browsers", "install", "all", "--sources=forge", "--format=json")
    versions = [each["browser"]["version"] for each in json.loads(result.stdout)]
    assert versions[:3] == ["115.14.0", "140.15.0", "159.0"]
    assert len(versions) == 5


def test_the_environment_names_what_to_install(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTOLAN_BROWSERS", "firefox@115, /opt/mine/firefox chromium@150")
    assert [line.partition(":")[0] for line in invoke("browsers", "install").stdout.splitlines()] == [
        "firefox@115",
        "chromium@150",
    ]


def test_what_is_not_listed_is_asked_for(invoke: Invoke) -> None:
    result = invoke("browsers", "install", "firefox@60")
    assert "Getting firefox 60.9 from the cellar, 1.0 MB" in result.stderr
    assert result.exit_code == 0


def test_a_newer_one_is_installed_beside_an_older_one(invoke: Invoke) -> None:
    invoke("browsers", "install", "firefox@140.12")
    assert "firefox 140.15.0" in invoke("browsers", "install", "firefox@140").stdout
    assert [row["version"] for row in listed(invoke, "--here")] == ["140.12.0", "140.15.0"]


def test_a_failure_of_one_does_not_lose_the_others(invoke: Invoke) -> None:
    BROKEN["140.15.0"] = FetchFailed("It rained.")
    result = invoke("browsers", "install", "firefox@115", "firefox@140", "firefox@159")
    assert result.exit_code == 3
    assert "firefox@140: not had: workshop: It rained." in result.stdout.splitlines()
    assert [row["version"] for row in listed(invoke, "--here")] == ["115.14.0", "159.0"]


def test_a_full_disk_ends_it(invoke: Invoke) -> None:
    BROKEN["140.15.0"] = CacheFull("No space.")
    result = invoke("browsers", "install", "firefox@115", "firefox@140", "firefox@159")
    assert result.exit_code == 3
    assert [line.partition(",")[0] for line in result.stdout.splitlines()] == [
        "firefox@115: firefox 115.14.0",
        "firefox@140: not had: No space.",
        "firefox@159: not had: not tried: No space.",
    ]


def test_a_browser_without_a_driver_is_a_failure(invoke: Invoke) -> None:
    BROKEN["0.37.1"] = FetchFailed("No compiler.")
    result = invoke("browsers", "install", "firefox@115")
    assert result.exit_code == 3
    assert "firefox@115: not had: There is no geckodriver to be had (workshop: No compiler)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["install", "firefox@99"], "There is no firefox 99 to be had; there is firefox 115.14.0, firefox 140.12.0, "),
        (["install", "firefox@99", "--sources=bare"], "There is no firefox 99 to be had (bare: the shutters are down)"),
        (["install", "all", "--sources=bare"], "There is no browser to be had (bare: the shutters are down; bare: "),
        (["install", "safari"], "There is no browser 'safari'; accepted: firefox or chromium; with a version"),
        (["install", "firefox@115", "/opt/firefox"], "/opt/firefox is a path: what is there is not installed"),
        (["install"], "Name a browser, or all; accepted: firefox or chromium; "),
        (["remove", "firefox@115"], "There is no firefox 115 here, but no browser"),
        (["remove", "firefox", "--sources=floor"], "firefox at /usr/bin/firefox is not in the cache"),
        (["where", "chromium"], "There is no chromium here, but no browser"),
        (["where", "/opt/firefox"], "There is no browser /opt/firefox among those here"),
        (["--sources=nix"], "There is no source 'nix'; the sources are workshop, bare, floor, forge."),
    ],
)  # fmt: skip
def test_what_there_is_not_is_told_before_anything_is_fetched(
    invoke: Invoke, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    result = invoke("browsers", *arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
    assert not (tmp_path / "cache" / "entries").exists()


def test_where_and_remove(invoke: Invoke, tmp_path: Path) -> None:
    invoke("browsers", "install", "all")
    entries = tmp_path / "cache" / "entries"
    assert invoke("browsers", "where", "firefox@esr").stdout == f"{entries}/firefox_140.15.0/firefox\n"
    told = json.loads(invoke("browsers", "where", "chromium@150", "--format=json").stdout)
    assert (told["version"], told["driver"]["version"], told["source"]) == ("150.0.3.4", "150.0.3.4", "workshop")
    removed = invoke("browsers", "remove", "firefox@esr", "chromium@150")
    assert [line.partition(" (")[0] for line in removed.stdout.splitlines()] == [
        "removed firefox 140.15.0",
        "removed firefox 115.14.0",
        "removed chromium 150.0.3.4",
    ]
    invoke("browsers", "remove", f"{entries}/firefox_159.0/firefox")
    assert [row["version"] for row in listed(invoke, "--here")] == ["156.0.1.2"]
    invoke("browsers", "remove", "all")
    assert invoke("browsers", "remove", "all").stdout == "there is nothing to remove\n"
    assert (entries / "geckodriver_0.37.1").is_dir(), "drivers and tools are left"


def test_what_another_process_uses_stays(invoke: Invoke, tmp_path: Path) -> None:
    import fcntl

    invoke("browsers", "install", "firefox@115")
    with (tmp_path / "cache" / "locks" / "firefox_115.14.0.use").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        result = invoke("browsers", "remove", "firefox@115")
    assert result.exit_code == 2
    assert "another portolan uses it" in result.stderr
    assert listed(invoke, "--here")
