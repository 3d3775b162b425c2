"""Source "debian": what it offers, roots in the cache, and what becomes of them when something goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portolan.runners.errors import CacheFull, CacheNotWritable, FetchFailed
from portolan.runners.sources import Offer, Place, Silent, Tool, Want
from portolan.runners.sources.cache import Card
from portolan.runners.sources.debian import packages as debian
from portolan.runners.sources.debian.packages import Debian

from .machine import FIREFOX_FILES, FIREFOX_VERSIONS, FONT_FILES, POLICY, DebianMachine, Machine, program

FIREFOX = Want("firefox")
ENTRY = "firefox-esr_153.7.0esr-1~deb12u1_debian-12-x86_64"


class Watched(Silent):
    """A progress that remembers."""

    def __init__(self) -> None:
        self.amounts: list[tuple[int, int | None]] = []
        self.words: list[str] = []

    def advanced(self, done: int, total: int | None) -> None:
        self.amounts.append((done, total))

    def said(self, text: str) -> None:
        self.words.append(text)


def get(machine: Machine, want: Want = FIREFOX) -> Tool:
    source = Debian(machine.place)
    offer = source.offer(want)
    assert offer is not None, source.reason(want)
    return source.fetch(offer, Silent())


# --- offers ----------------------------------------------------------------------------------------------------------


def test_an_offer_says_what_from_where_and_how_big(debian_machine: DebianMachine) -> None:
    offer = Debian(debian_machine.place).offer(FIREFOX)
    assert offer == Offer(
        kind="firefox",
        version="153.7.0",
        origin="Debian bookworm-security, from this machine's apt sources",
        size=82_000_000,
        source="debian",
        package="firefox-esr=153.7.0esr-1~deb12u1",
        hosts=("mirror.example",),
        channel="esr",
    )
    assert offer.where() == "Debian bookworm-security, from this machine's apt sources (mirror.example)"


def test_every_version_of_the_sources_is_offered(debian_machine: DebianMachine) -> None:
    source = Debian(debian_machine.place)
    assert [offer.version for offer in source.offers("firefox")] == ["153.7.0", "140.12.0"]
    assert [(offer.version, offer.channel, offer.size) for offer in source.offers("chromium")] == [
        ("156.0.8078.79", "stable", 122_000_000),
        ("150.0.7871.100", "stable", 122_000_000),
    ]
    assert source.offers("geckodriver") == []
    assert source.offer(Want("firefox", channel="beta")) is None
    assert source.reason(Want("firefox", channel="beta")).startswith(
        "this machine's apt sources have no firefox-esr beta (only "
    )


def test_everything_unpacked_is_told_newest_first(debian_machine: DebianMachine) -> None:
    source = Debian(debian_machine.place)
    assert source.tools("firefox") == []
    (newest, *_) = source.offers("firefox")
    source.fetch(newest, Silent())
    assert [(tool.version, tool.channel) for tool in source.tools("firefox")] == [("153.7.0", "esr")]
    assert source.tools("chromium") == []


def test_lists_are_read_once(debian_machine: DebianMachine) -> None:
    source = Debian(debian_machine.place)
    source.offer(FIREFOX)
    source.offer(Want("chromium"))
    assert sum(call.endswith(" update") for call in debian_machine.calls()) == 1


def test_an_older_version_is_offered_where_it_fits(debian_machine: DebianMachine) -> None:
    offer = Debian(debian_machine.place).offer(Want("chromedriver", "150"))
    assert offer is not None
    assert (offer.version, offer.package) == ("150.0.7871.100", "chromium-driver=150.0.7871.100-1~deb12u1")
    assert "Debian bookworm," in offer.origin
    asked = debian_machine.calls()[-1].split()[-3:]
    assert asked == [f"{name}=150.0.7871.100-1~deb12u1" for name in ("chromium-driver", "chromium", "chromium-common")]


def test_what_the_sources_do_not_have_is_not_offered(debian_machine: DebianMachine) -> None:
    source, want = Debian(debian_machine.place), Want("chromium", "120")
    assert source.offer(want) is None
    versions = "156.0.8078.79-1~deb12u1, 150.0.7871.100-1~deb12u1"
    assert source.reason(want) == f"this machine's apt sources have no chromium 120 (only {versions})"


def test_without_network_the_reason_is_apts_own(debian_machine: DebianMachine) -> None:
    debian_machine.say = {"apt-get update": "W: Failed to fetch the lists  Temporary failure resolving the mirror"}
    debian_machine.policy = {}
    debian_machine.set_up()
    source = Debian(debian_machine.place)
    assert source.offer(FIREFOX) is None
    assert "(Failed to fetch the lists Temporary failure resolving the mirror)" in source.reason(FIREFOX)


def test_packages_that_do_not_go_together_are_a_reason(debian_machine: DebianMachine) -> None:
    debian_machine.say = {"apt-get install": "E: You have held broken packages."}
    debian_machine.set_up()
    source = Debian(debian_machine.place)
    assert source.offer(FIREFOX) is None
    assert source.reason(FIREFOX) == "apt-get failed: You have held broken packages"


def test_a_newer_c_library_is_a_reason(debian_machine: DebianMachine) -> None:
    debian_machine.packages.append(debian_machine.package("libc6", 1, {}, dependency=True))
    debian_machine.set_up()
    source = Debian(debian_machine.place)
    assert source.offer(FIREFOX) is None
    assert "needs a newer C library" in source.reason(FIREFOX)


def test_a_system_without_apt_is_a_reason(machine: Machine) -> None:
    source = Debian(machine.place)
    assert source.find(FIREFOX) is None
    assert source.offer(FIREFOX) is None
    assert source.reason(FIREFOX).startswith("this is not a Debian-like system (no apt-get, ")


def test_other_kinds_are_none_of_its_business(debian_machine: DebianMachine) -> None:
    source = Debian(debian_machine.place)
    assert source.find(Want("geckodriver")) is None
    assert source.offer(Want("geckodriver")) is None


@pytest.mark.parametrize("name", ["a:b", 'a"b', "a$b", "a;b", "a%b"])
def test_paths_that_apt_or_the_loader_cannot_bear_are_refused(debian_machine: DebianMachine, name: str) -> None:
    debian_machine.cache.folder = debian_machine.folder / name
    with pytest.raises(CacheNotWritable, match="set PORTOLAN_CACHE to another folder"):
        Debian(debian_machine.place).offer(FIREFOX)


# --- fetching --------------------------------------------------------------------------------------------------------


def test_a_browser_is_unpacked_and_found_again(debian_machine: DebianMachine) -> None:
    tool = get(debian_machine)
    root = debian_machine.cache.path(ENTRY) / "root"
    libraries = root / "usr/lib/x86_64-linux-gnu"
    assert tool == Tool(
        kind="firefox",
        version="153.7.0",
        path=str(root / "usr/lib/firefox-esr/firefox-esr"),
        source="debian",
        environment={"LD_LIBRARY_PATH": f"{libraries}:{libraries}/pulseaudio"},
        channel="esr",
    )
    calls = len(debian_machine.calls())
    assert Debian(debian_machine.place).find(FIREFOX) == tool
    assert len(debian_machine.calls()) == calls
    assert Path(tool.path).stat().st_mode & 0o7000 == 0


def test_progress_counts_bytes(debian_machine: DebianMachine) -> None:
    source, seen = Debian(debian_machine.place), Watched()
    offer = source.offer(FIREFOX)
    assert offer is not None
    source.fetch(offer, seen)
    assert seen.amounts == [(41_000_000, 82_000_000), (82_000_000, 82_000_000)]
    assert seen.words == ["Unpacking 2 packages"]


def test_chromium_brings_its_driver(debian_machine: DebianMachine) -> None:
    browser = get(debian_machine, Want("chromium"))
    driver = Debian(debian_machine.place).find(Want("chromedriver", "156"))
    assert driver is not None
    assert (driver.version, driver.environment) == (browser.version, browser.environment)
    assert Debian(debian_machine.place).find(Want("chromedriver", "150")) is None


def test_a_named_package_is_had_even_if_dpkg_has_it(debian_machine: DebianMachine) -> None:
    debian_machine.packages[0]["installed"] = True
    debian_machine.set_up()
    assert get(debian_machine).version == "153.7.0"


def test_a_driver_alone_leaves_the_installed_browser_alone(debian_machine: DebianMachine) -> None:
    for package in debian_machine.packages[1:3]:
        package["installed"] = True
    debian_machine.set_up()
    offer = Debian(debian_machine.place).offer(Want("chromedriver", "156"))
    assert offer is not None
    assert offer.size == 10_000_000
    tool = Debian(debian_machine.place).fetch(offer, Silent())
    assert tool.path.endswith("root/usr/bin/chromedriver")
    assert Debian(debian_machine.place).find(Want("chromium")) is None


def test_a_machine_without_fonts_gets_some(debian_machine: DebianMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "machine_lacks_fonts", lambda: True)
    debian_machine.packages.append(debian_machine.package("fonts-dejavu-core", 1_000_000, FONT_FILES))
    debian_machine.set_up()
    tool = get(debian_machine)
    root = debian_machine.cache.path(ENTRY) / "root"
    assert tool.environment["FONTCONFIG_FILE"] == str(root / "fonts.conf")
    assert (root / "usr/lib/firefox-esr/fonts/DejaVuSans.ttf").exists()


def test_a_cached_one_is_used_although_there_is_a_newer_one(debian_machine: DebianMachine) -> None:
    old = get(debian_machine)
    debian_machine.policy["firefox-esr"] = POLICY.format(
        package="firefox-esr", new="154.0.0esr-1", old=FIREFOX_VERSIONS[0]
    )
    newer = {**FIREFOX_FILES, "usr/lib/firefox-esr/firefox-esr": program("Mozilla Firefox 154.0.0esr")}
    debian_machine.packages[0] = debian_machine.package("firefox-esr", 1, newer)
    debian_machine.set_up()
    source = Debian(debian_machine.place)
    assert source.find(FIREFOX) == old
    offer = source.offer(FIREFOX)
    assert offer is not None
    assert offer.version == "154.0.0"
    assert source.fetch(offer, Silent()).version == "154.0.0"
    found = Debian(debian_machine.place).find(FIREFOX)
    assert found is not None
    assert found.version == "154.0.0"


def test_a_root_of_another_system_is_not_used(debian_machine: DebianMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    get(debian_machine)
    monkeypatch.setattr(debian, "system", lambda: ("Debian", "debian-13-x86_64"))
    assert Debian(debian_machine.place).find(FIREFOX) is None


def test_a_root_that_lacks_a_library_by_now_is_made_anew(
    debian_machine: DebianMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    get(debian_machine)
    missing = debian_machine.folder / "missing"
    missing.write_text("\tlibgone.so.1 => not found")
    assert Debian(debian_machine.place).find(FIREFOX) is not None, "not looked for again on an unchanged machine"
    monkeypatch.setattr(debian, "_machine_state", lambda: "changed")
    source = Debian(debian_machine.place)
    assert source.find(FIREFOX) is None
    assert source.reason(FIREFOX) == f"{ENTRY} in the cache lacks libgone.so.1 on this machine now"
    offer = source.offer(FIREFOX)
    assert offer is not None
    missing.unlink()
    (debian_machine.cache.path(ENTRY) / "root" / "old").write_text("")
    (debian_machine.cache.path(ENTRY) / "checked-firefox").unlink()
    missing.write_text("\tlibgone.so.1 => not found")
    with pytest.raises(FetchFailed, match=r"libgone\.so\.1 is neither in its packages nor on this machine"):
        source.fetch(offer, Silent())
    missing.unlink()
    assert source.fetch(offer, Silent()).version == "153.7.0"


def test_a_program_that_does_not_start_is_not_kept(debian_machine: DebianMachine) -> None:
    broken = {**FIREFOX_FILES, "usr/lib/firefox-esr/firefox-esr": "#!/bin/sh\necho cannot run >&2\nexit 1\n"}
    debian_machine.packages[0] = debian_machine.package("firefox-esr", 1, broken)
    debian_machine.set_up()
    with pytest.raises(FetchFailed, match=r"was unpacked, but its program is no firefox: .*cannot run"):
        get(debian_machine)
    assert debian_machine.cache.cards() == {}


@pytest.mark.parametrize(
    ("says", "error", "text"),
    [
        ("dpkg-deb: error: not a Debian format archive", FetchFailed, "cannot be unpacked: .*not a Debian format"),
        ("tar: cannot write: No space left on device", CacheFull, "No space is left for the cache folder"),
    ],
)
def test_a_package_that_cannot_be_unpacked(
    debian_machine: DebianMachine, says: str, error: type[Exception], text: str
) -> None:
    (debian_machine.folder / "dpkg-deb-says").write_text(says)
    with pytest.raises(error, match=text):
        get(debian_machine)
    assert debian_machine.cache.names() == ["apt"]
    assert list((debian_machine.cache.folder / "partial").iterdir()) == []


# --- other processes -------------------------------------------------------------------------------------------------

FETCHING = """
import sys
from pathlib import Path
from portolan.runners.sources.cache import Cache
from portolan.runners.sources import Place, Silent, Want
from portolan.runners.sources.debian import packages as debian
debian.machine_lacks_fonts = lambda: False
debian.system = lambda: ("Debian", "debian-12-x86_64")
folder = Path(sys.argv[1])
environment = {"PATH": str(folder / "bin"), "HOME": str(folder / "home"), "MACHINE": str(folder)}
source = debian.Debian(Place(cache=Cache(folder / "cache"), environment=environment, say=print))
source.fetch(source.offer(Want("firefox")), Silent())
"""


def in_mid_way(machine: DebianMachine) -> subprocess.Popen[bytes]:
    """Another portolan, which has unpacked the first file of a package and waits at the gate."""
    os.mkfifo(machine.folder / "gate")
    os.mkfifo(machine.folder / "ready")
    top = Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-c", FETCHING, str(machine.folder)], cwd=top)
    (machine.folder / "ready").read_text()
    return process


def open_gate(machine: DebianMachine) -> None:
    (machine.folder / "gate").rename(machine.folder / "opened")
    (machine.folder / "opened").write_text("")


def while_waiting(machine: DebianMachine) -> tuple[Tool | None, list[str]]:
    """Ask for the browser while another process is at it; open the gate when told to wait."""
    heard: list[str] = []

    def listen(text: str) -> None:
        heard.append(text)
        open_gate(machine)

    source = Debian(Place(cache=machine.cache, environment=machine.environment, say=listen))
    assert source.find(FIREFOX) is None
    offer = source.offer(FIREFOX)
    assert offer is not None

    class Listening(Silent):
        def said(self, text: str) -> None:
            if text.startswith("Another"):
                listen(text)

    return source.fetch(offer, Listening()), heard


def test_killed_in_mid_way_nothing_looks_whole(debian_machine: DebianMachine) -> None:
    process = in_mid_way(debian_machine)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (left,) = (debian_machine.cache.folder / "partial").iterdir()
    assert list(left.rglob("firefox-esr")), "something was half done"
    assert debian_machine.cache.names() == ["apt"]
    tool, heard = while_waiting(debian_machine)
    assert tool is not None
    assert heard == [f"Another portolan is busy with {ENTRY}; waiting for it."], "what it had started still runs"
    assert list((debian_machine.cache.folder / "partial").iterdir()) == []


def test_the_second_of_two_uses_what_the_first_made(debian_machine: DebianMachine) -> None:
    process = in_mid_way(debian_machine)
    tool, heard = while_waiting(debian_machine)
    assert process.wait() == 0
    assert tool is not None
    assert len(heard) == 1
    assert sum("--download-only" in call for call in debian_machine.calls()) == 1


def test_cards_name_no_host(debian_machine: DebianMachine) -> None:
    get(debian_machine)
    text = (debian_machine.cache.path(ENTRY) / "card.json").read_text()
    assert json.loads(text)["detail"]["origin"].startswith("Debian bookworm-security")
    assert "mirror.example" not in text
    assert debian_machine.cache.card(ENTRY) == Card(**json.loads(text))
