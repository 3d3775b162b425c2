"""The language of browsers' names, and what it comes to on a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portolan.runners.sources
from portolan.conformance.errors import PortolanError
from portolan.runners.errors import NothingServes, ToolPathError
from portolan.runners.sources import CHANNELS, Tool, Want
from portolan.selection import selection as choice
from portolan.selection.browser_names import Name, UnknownBrowser, read, split
from portolan.selection.settings import Settings
from portolan.selection.targets import Target, targets


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("firefox", Name("firefox", "firefox")),
        ("firefox@140", Name("firefox@140", "firefox", version="140")),
        ("firefox@140.12", Name("firefox@140.12", "firefox", version="140.12")),
        ("firefox@160.0b3", Name("firefox@160.0b3", "firefox", version="160.0b3")),
        ("firefox@esr", Name("firefox@esr", "firefox", channel="esr")),
        ("firefox@oldest", Name("firefox@oldest", "firefox", end="oldest")),
        ("chromium@stable", Name("chromium@stable", "chromium", channel="stable")),
        ("/opt/firefox/firefox", Name("/opt/firefox/firefox", path=Path("/opt/firefox/firefox"))),
        ("./firefox", Name("./firefox", path=Path("firefox"))),
    ],
)
def test_names_are_read(text: str, name: Name) -> None:
    assert read(text) == name
    assert str(read(text)) == text


@pytest.mark.parametrize("text", ["safari", "", "Firefox", "firefox@", "firefox@new", "firefox@1.", "chrome@120", "@5"])
def test_what_is_no_name_tells_what_is_accepted(text: str) -> None:
    with pytest.raises(
        UnknownBrowser, match=r"accepted: firefox or chromium; with a version .*@esr.*; or all\."
    ) as caught:
        read(text)
    assert repr(text) in str(caught.value)


@given(st.text())
def test_whatever_is_written_is_a_name_or_a_sentence(text: str) -> None:
    try:
        name: Name | None = read(text)
    except UnknownBrowser:
        name = None
    assert name is None or name.text == text


def test_a_list_of_names() -> None:
    assert split(" firefox@115 chromium,firefox@esr\n") == ["firefox@115", "chromium", "firefox@esr"]
    assert split("") == []


# ---- on a machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own; what is put into it tells its version."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, says: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_one_of_each_family_if_none_is_named(machine: Path) -> None:
    assert [name.text for name in choice.names([])] == ["firefox", "chromium"]


def test_the_environment_names_browsers_where_nobody_else_does(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTOLAN_BROWSERS", "firefox@115, chromium@156")
    assert [name.text for name in choice.names([])] == ["firefox@115", "chromium@156"]
    assert [name.text for name in choice.names(["firefox"])] == ["firefox"]


def test_all_are_those_that_are_here_one_a_major_version_oldest_first(machine: Path) -> None:
    put(machine, "firefox", "Mozilla Firefox 159.0.1")
    put(machine, "firefox-esr", "Mozilla Firefox 115.14.0esr")
    put(machine, "chromium", "Chromium 156.0.8078.79 built on Debian")
    put(machine, "chromium-browser", "Chromium 156.0.8078.10 built on Debian")
    put(machine, "chromium-beta", "Chromium 99.0.4844.0")
    found = choice.names(["all", "firefox@esr"])
    names = ["firefox@115", "firefox@159", "chromium@99", "chromium@156", "firefox@esr"]
    assert [name.text for name in found] == names


def test_the_ends_are_those_of_what_is_here(machine: Path) -> None:
    with pytest.raises(
        choice.NoBrowserHere, match="no firefox here yet; “portolan browsers install firefox@oldest” gets"
    ):
        choice.names(["firefox@oldest"])
    put(machine, "firefox", "Mozilla Firefox 159.0.1")
    assert [name.text for name in choice.names(["firefox@oldest", "firefox@newest"])] == ["firefox@159"]
    put(machine, "firefox-esr", "Mozilla Firefox 115.14.0esr")
    assert [name.text for name in choice.names(["firefox@oldest", "firefox@newest"])] == ["firefox@115", "firefox@159"]


def test_all_of_none(machine: Path) -> None:
    with pytest.raises(choice.NoBrowserHere, match="There is no browser here yet"):
        choice.names(["all"])


def test_what_is_there_is_told_where_a_name_is_none(machine: Path) -> None:
    put(machine, "firefox", "Mozilla Firefox 159.0.1")
    with pytest.raises(UnknownBrowser, match=r"There is no browser 'safari'; accepted: .* Here: firefox 159\.0\.1;"):
        choice.names(["safari"])


def test_what_is_at_a_path_is_asked_for_its_family(machine: Path) -> None:
    path = put(machine, "mine", "Chromium 156.0.8078.79")
    (name,) = choice.names([str(path)])
    assert (name.family, name.path) == ("chromium", path)
    with pytest.raises(ToolPathError, match="mine-not: there is no such file"):
        choice.names([f"{path}-not"])
    put(machine, "mine", "ls (GNU coreutils) 9.1")
    with pytest.raises(
        ToolPathError, match="this is neither Firefox nor Chromium; give the path of the program itself"
    ):
        choice.names([str(path)])
    with pytest.raises(ToolPathError, match="this is a folder; give the path of Firefox's or Chromium's program"):
        choice.names([str(machine)])


def settings(*names: str, **more: Any) -> Settings:
    read_names = choice.names(names)
    return Settings(targets(read_names), names=read_names, **more)


def resolved(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def resolve(kinds: list[str], **more: Any) -> dict[str, Tool]:
        asked.append({"kinds": kinds, **more})
        return {kind: Tool(kind, "1", f"/{kind}", "test") for kind in kinds}  # type: ignore[arg-type]

    monkeypatch.setattr(portolan.runners.sources, "resolve", resolve)
    return asked


def test_each_name_gets_its_browser_and_driver(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolved(monkeypatch)
    path = put(machine, "mine", "Mozilla Firefox 160.0b3")
    known = settings(
        "firefox@115", "chromium@stable", str(path), given={"geckodriver": Path("/gd")}, sources=("debian",)
    )
    tools = choice.get_tools(known.targets, known, portolan.runners.sources.Silent())
    assert list(tools) == ["firefox@115", "chromium@stable", str(path)]
    assert [each["wants"] for each in asked] == [
        {"firefox": Want("firefox", "115")},
        {"chromium": Want("chromium", channel="stable")},
        {"firefox": Want("firefox")},
    ]
    assert [each["given"] for each in asked] == [
        {"geckodriver": Path("/gd")},
        {},
        {"geckodriver": Path("/gd"), "firefox": path},
    ]
    assert all(each["order"] == ("debian",) for each in asked)


def test_a_given_browser_is_for_the_plain_name(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolved(monkeypatch)
    known = settings("firefox", "firefox@115", "chromium", given={"firefox": Path("/ff")})
    choice.get_tools(known.targets, known, portolan.runners.sources.Silent())
    assert [each["given"] for each in asked] == [{"firefox": Path("/ff")}, {}, {}]
    known = settings("firefox@115", given={"firefox": Path("/ff")})
    with pytest.raises(
        choice.PathForNothing, match="--firefox /ff is for the browser named firefox, but played is firefox@115"
    ):
        choice.get_tools(known.targets, known, portolan.runners.sources.Silent())


def test_a_version_that_nobody_has_tells_what_is_here(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise NothingServes("There is no firefox 99 to be had (debian: only 153).")

    monkeypatch.setattr(portolan.runners.sources, "resolve", nothing)
    put(machine, "firefox", "Mozilla Firefox 159.0.1")
    known = settings("firefox@99")
    with pytest.raises(PortolanError, match=r"no firefox 99 to be had .* Here: firefox 159\.0\.1; “portolan browsers”"):
        choice.get_tools(known.targets, known, portolan.runners.sources.Silent())


def test_two_names_of_one_browser_are_played_in_once() -> None:
    one, other = (Tool("firefox", "153.7.0", path, "test") for path in ("/a", "/b"))
    found = [Target(name, "firefox", 3) for name in ("firefox", "firefox@153", "/b")]
    tools: choice.Tools = {"firefox": {"firefox": one}, "firefox@153": {"firefox": one}, "/b": {"firefox": other}}
    kept, told = choice.without_doubles(found, tools)
    assert [target.browser for target in kept] == ["firefox", "/b"]
    assert told == ["firefox@153 is the same browser as firefox (153.7.0), and is played in once"]


def test_every_channel_is_a_name() -> None:
    assert [read(f"firefox@{channel}").channel for channel in CHANNELS] == list(CHANNELS)
