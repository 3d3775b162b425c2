"""``portolan doctor`` and ``portolan cache``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import portolan.runners.sources
from cli.stand_ins import StandIn
from portolan.pytest_plugin import play_service as stagehand
from portolan.runners.sources import Finding, Offer, Tool, Want
from portolan.runners.sources.cache import Cache, Card

Invoke = Callable[..., Result]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """A machine that has these tools and no others: what was asked for is noted."""

    def has(*kinds: str, offers: bool = True) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def survey(wanted: list[str], **more: Any) -> list[Finding]:
            asked.append({"kinds": wanted, **more})
            found = []
            for kind in wanted:
                tool = Tool(kind, "1.0", f"/usr/bin/{kind}", "installed") if kind in kinds else None  # type: ignore[arg-type]
                offer = Offer(kind, "2.0", "the Debian suite", 70_000_000) if more.get("offers") and offers else None  # type: ignore[arg-type]
                found.append(Finding(kind, tool, offer, {"installed": f"looked for {kind}"}))  # type: ignore[arg-type]
            return found

        monkeypatch.setattr(portolan.runners.sources, "survey", survey)
        return asked

    return has


def player(monkeypatch: pytest.MonkeyPatch, made: object) -> None:
    monkeypatch.setattr(stagehand.PlayService, "_open", lambda *_: made)


def test_everything_works(invoke: Invoke) -> None:
    result = invoke("doctor", "--fake")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == ["works: firefox 999.0 mv3", "works: chromium 999.0 mv3"]
    assert "cache folder: " in result.stdout
    assert result.stderr.splitlines() == ["trying firefox mv3", "trying chromium mv3"]


def test_what_is_missing_and_how_to_get_it(
    invoke: Invoke, machine: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    player(monkeypatch, None)
    asked = machine("chromium")
    result = invoke("doctor")
    assert result.exit_code == 3
    assert "chromium: 1.0 at /usr/bin/chromium (installed)\n    installed: looked for chromium" in result.stdout
    assert (
        "firefox: not there\n    to get it: “portolan browsers install firefox” gets firefox 2.0 from the Debian suite, 70 MB"
        in result.stdout
    )
    assert "not tried: firefox mv3: there is no firefox and no geckodriver" in result.stdout
    assert "not tried: chromium mv3: there is no chromedriver" in result.stdout
    assert "web-ext: not there\n    to get it: “npm ci” in a checkout" in result.stdout
    assert [each.get("offers", False) for each in asked] == [False, True, False, True, False]


def test_each_name_is_looked_for(
    invoke: Invoke, machine: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    player(monkeypatch, StandIn([]))
    asked = machine("firefox", "geckodriver")
    result = invoke("doctor", "--browser=firefox@115", "--browser=firefox@esr", "--sources=debian cargo")
    assert "firefox for firefox@115: 1.0 at" in result.stdout
    assert "geckodriver for firefox@esr: 1.0 at" in result.stdout
    assert "sources: debian, cargo" in result.stdout.splitlines()
    assert [each["wants"]["firefox"] for each in asked[:2]] == [
        Want("firefox", "115"),
        Want("firefox", channel="esr"),
    ]
    assert all(each["order"] == ("debian", "cargo") for each in asked)


def test_sources_that_there_are_not(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke("doctor", "--sources=nix")
    assert result.exit_code == 2
    assert "There is no source 'nix'; the sources are installed, " in result.stderr
    monkeypatch.setenv("PORTOLAN_SOURCES", "nix")
    assert invoke("doctor").exit_code == 2


def test_nothing_to_be_had(invoke: Invoke, machine: Callable[..., list[dict[str, Any]]]) -> None:
    machine(offers=False)
    assert "install one, or give its path with --firefox PATH" in invoke("doctor").stdout


def test_nobody_is_asked_where_everything_is_there(
    invoke: Invoke, machine: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = machine("firefox", "geckodriver", "web-ext")
    player(monkeypatch, StandIn([]))
    invoke("doctor", "--browser=firefox")
    assert not any(each.get("offers") for each in asked)


@pytest.mark.parametrize(
    ("made", "code", "said"),
    [
        (StandIn([], ["crash"]), 3, "DOES NOT WORK: firefox 153.7.0 mv3: no verdict: crash"),
        (StandIn([], starts=False), 3, "DOES NOT WORK: firefox 1.0 mv3: no verdict: not-run: firefox did not start: no display"),
        (StandIn([], ["ok"]), 1, "DOES NOT WORK: firefox 153.7.0 mv3: fail"),
    ],
)  # fmt: skip
def test_a_browser_that_does_not_work(
    invoke: Invoke,
    machine: Callable[..., list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    made: StandIn,
    code: int,
    said: str,
) -> None:
    machine("firefox", "geckodriver")
    player(monkeypatch, made)
    result = invoke("doctor", "--browser=firefox")
    assert said in result.stdout
    assert result.exit_code == code


def test_doctor_for_programs(invoke: Invoke) -> None:
    data = json.loads(invoke("doctor", "--fake", "--format=json").stdout)
    assert data["exit_code"] == 0
    assert [trial["works"] for trial in data["trials"]] == [True, True]


def test_doctor_and_bad_input(invoke: Invoke) -> None:
    assert invoke("doctor", "--browser=safari").exit_code == 2
    assert invoke("doctor", "--firefox=/nowhere").exit_code == 2
    assert invoke("doctor", "--timeout-factor=-3").exit_code == 2


# ---- cache


def fill(folder: Path, *names: str) -> None:
    for name in names:
        with Cache(folder).building(name, print) as build:
            (build.folder / "file").write_text("x" * 5000)
            build.publish(Card("geckodriver", "0.37.1", "cargo"))


def test_an_empty_cache(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("cache").stdout.split() == f"{tmp_path / 'cache'}: 0 entries, 0 bytes".split()
    assert "there is nothing to remove" in invoke("cache", "clear").stdout
    assert not (tmp_path / "cache").exists(), "looking makes nothing"


def test_the_cache_is_listed_and_cleared(invoke: Invoke, tmp_path: Path) -> None:
    fill(tmp_path / "cache", "one", "two", "three")
    listed = invoke("cache")
    assert "0.37.1" in listed.stdout
    assert "3 entries" in listed.stdout
    assert [each["name"] for each in json.loads(invoke("cache", "list", "--format=json").stdout)["entries"]] == [
        "one",
        "three",
        "two",
    ]
    assert invoke("cache", "clear", "one").stdout.startswith("removed one (")
    unknown = invoke("cache", "clear", "one")
    assert unknown.exit_code == 2
    assert "it holds three, two" in unknown.stderr
    assert len(invoke("cache", "clear").stdout.splitlines()) == 2
