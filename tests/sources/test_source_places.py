"""Source "installed": every channel's name in PATH, the usual folders, and how a channel is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.runners.sources import Kind, Want, installed
from portolan.runners.sources.installed import NAMES, Installed, given

from .machine import Machine, program


def put(path: Path, says: str) -> Path:
    """A program that tells a version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(program(says))
    path.chmod(0o755)
    return path


def channel_prefs(folder: Path, channel: str) -> None:
    """The file by which Mozilla's builds know their channel."""
    (folder / "defaults" / "pref").mkdir(parents=True)
    (folder / "defaults" / "pref" / "channel-prefs.js").write_text(
        f'/* comment */\npref("app.update.channel", "{channel}");\n'
    )


@pytest.fixture
def usual(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the stead of the usual ones."""
    place = machine.folder / "opt"
    patterns: dict[Kind, tuple[str, ...]] = {
        "firefox": (f"{place}/firefox*/firefox", "~/.local/opt/firefox*/firefox"),
        "chromium": (f"{place}/chrome-linux*/chrome", f"{place}/chromium*/chrome"),
    }
    monkeypatch.setattr(installed, "PLACES", patterns)
    return place


@pytest.mark.parametrize("kind", ["firefox", "chromium"])
def test_every_name_in_path_is_known(machine: Machine, kind: Kind) -> None:
    says = "Mozilla Firefox 159.0" if kind == "firefox" else "Chromium 156.0.8078.79"
    for name in NAMES[kind]:
        machine.shell(name, f"echo {says}")
    assert sorted(Path(tool.path).name for tool in Installed(machine.place).tools(kind)) == sorted(NAMES[kind])


@pytest.mark.parametrize(
    ("name", "says", "channel"),
    [
        ("firefox", "Mozilla Firefox 159.0", "stable"),
        ("firefox-esr", "Mozilla Firefox 153.7.0esr", "esr"),
        ("firefox-beta", "Mozilla Firefox 160.0b3", "beta"),
        ("firefox-developer-edition", "Mozilla Firefox 160.0b3", "dev"),
        ("firefox-devedition", "Mozilla Firefox 160.0b3", "dev"),
        ("firefox-nightly", "Mozilla Firefox 161.0a1", "nightly"),
        ("firefox-trunk", "Mozilla Firefox 161.0a1", "nightly"),
        ("firefox-nightly", "Mozilla Firefox 159.0", "stable"),
        ("chromium", "Chromium 156.0.8078.79", ""),
        ("chromium", "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", "stable"),
        ("chromium-beta", "Chromium 157.0.8100.4", "beta"),
        ("chromium-dev", "Chromium 158.0.8150.0", "dev"),
        ("chrome-for-testing", "Google Chrome for Testing 156.0.8078.79", ""),
    ],
)
def test_the_channel_is_known_by_version_or_name(machine: Machine, name: str, says: str, channel: str) -> None:
    kind: Kind = "firefox" if name.startswith("firefox") else "chromium"
    machine.shell(name, f"echo '{says}'")
    (tool,) = Installed(machine.place).tools(kind)
    assert tool.channel == channel
    assert given(kind, machine.bin / name, machine.environment).channel == channel


@pytest.mark.parametrize(("told", "channel"), [("aurora", "dev"), ("beta", "beta"), (None, "beta")])
def test_developer_edition_is_known_by_its_own_preferences(
    machine: Machine, usual: Path, told: str | None, channel: str
) -> None:
    path = put(usual / "firefox" / "firefox", "Mozilla Firefox 160.0b3")
    if told:
        channel_prefs(path.parent, told)
    assert [tool.channel for tool in Installed(machine.place).tools("firefox")] == [channel]


def test_the_usual_folders_are_searched_after_path(machine: Machine, usual: Path) -> None:
    machine.shell("firefox", "echo Mozilla Firefox 159.0")
    put(usual / "firefox-nightly" / "firefox", "Mozilla Firefox 161.0a1")
    put(machine.home / ".local" / "opt" / "firefox-140" / "firefox", "Mozilla Firefox 140.12.0esr")
    source = Installed(machine.place)
    assert [tool.version for tool in source.tools("firefox")] == ["161.0a1", "159.0", "140.12.0"]
    first, nightly = source.find(Want("firefox")), source.find(Want("firefox", channel="nightly"))
    assert first is not None
    assert nightly is not None
    assert (first.version, nightly.version) == ("159.0", "161.0a1")


def test_chrome_for_testing_is_found_where_it_was_unpacked(machine: Machine, usual: Path) -> None:
    put(usual / "chrome-linux64" / "chrome", "Google Chrome for Testing 156.0.8078.79")
    tool = Installed(machine.place).find(Want("chromium", "156"))
    assert tool is not None
    assert tool.path == str(usual / "chrome-linux64" / "chrome")


def test_one_program_is_named_once(machine: Machine, usual: Path) -> None:
    path = put(usual / "firefox" / "firefox", "Mozilla Firefox 159.0")
    (machine.bin / "firefox").symlink_to(path)
    assert len(Installed(machine.place).tools("firefox")) == 1


def test_what_cannot_be_started_in_a_usual_folder_is_no_candidate(machine: Machine, usual: Path) -> None:
    put(usual / "firefox-1" / "firefox", "Mozilla Firefox 159.0").chmod(0o644)
    (usual / "firefox-2" / "firefox").mkdir(parents=True)
    source = Installed(machine.place)
    assert source.find(Want("firefox")) is None
    assert source.reason(Want("firefox")) == "no firefox in PATH or the usual folders"


def test_the_reason_names_the_channels_that_are_there(machine: Machine) -> None:
    path = machine.shell("firefox", "echo Mozilla Firefox 159.0")
    other = machine.shell("chromium", "echo Chromium 156.0.8078.79")
    source = Installed(machine.place)
    assert source.find(Want("firefox", channel="esr")) is None
    assert source.find(Want("chromium", channel="stable")) is None
    assert source.reason(Want("firefox", channel="esr")) == f"{path} is 159.0 (stable)"
    assert source.reason(Want("chromium", channel="stable")) == f"{other} is 156.0.8078.79 (of no known channel)"


def test_each_program_is_started_once(machine: Machine) -> None:
    machine.shell("firefox", f"echo again >> {machine.folder}/starts; echo Mozilla Firefox 159.0")
    source = Installed(machine.place)
    source.find(Want("firefox"))
    source.find(Want("firefox", "140"))
    source.tools("firefox")
    assert (machine.folder / "starts").read_text() == "again\n"
