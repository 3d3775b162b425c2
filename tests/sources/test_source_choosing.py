"""Choosing tools: given, else found, else fetched; pairs that fit; one sentence when nothing serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from portolan.runners.errors import (
    CacheFull,
    DriverMismatch,
    FetchFailed,
    NothingServes,
    ToolPathError,
    UnknownSource,
)
from portolan.runners.sources import (
    KINDS,
    ORDER,
    Kind,
    Offer,
    Place,
    Progress,
    Silent,
    Tool,
    Want,
    choosing,
    environment_for,
    order_of,
    resolve,
    survey,
)
from portolan.runners.sources.cache import Cache
from portolan.runners.sources.choosing import SOURCES
from portolan.runners.sources.registries.npm import pinned_version

from .machine import DebianMachine, Machine


class Shelf:
    """A source with tools on a shelf, and others that it can order; it notes what it was asked for."""

    kinds = frozenset(KINDS)

    def __init__(
        self, name: str, here: Iterable[Tool] = (), orderable: Iterable[Tool] = (), broken: Exception | None = None
    ):
        self.name = name
        self.here = list(here)
        self.orderable = list(orderable)
        self.broken = broken
        self.asked: list[str] = []

    def __call__(self, place: Place) -> Shelf:
        return self

    def find(self, want: Want) -> Tool | None:
        self.asked.append(f"find {want}")
        return self._fitting(self.here, want)

    def offer(self, want: Want) -> Offer | None:
        self.asked.append(f"offer {want}")
        tool = self._fitting(self.orderable, want)
        if tool is None:
            return None
        return Offer(tool.kind, tool.version, "a shelf", 1000, source=self.name, hosts=("shelf.example",))

    def tools(self, kind: Kind) -> list[Tool]:
        return [tool for tool in self.here if tool.kind == kind]

    def offers(self, kind: Kind) -> list[Offer]:
        return [
            Offer(tool.kind, tool.version, "a shelf", 1000, source=self.name, channel=tool.channel)
            for tool in self.orderable
            if tool.kind == kind
        ]

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        self.asked.append(f"fetch {offer.kind} {offer.version}")
        if self.broken:
            raise self.broken
        return next(tool for tool in self.orderable if (tool.kind, tool.version) == (offer.kind, offer.version))

    def reason(self, want: Want) -> str:
        return f"empty of {want}"

    @staticmethod
    def _fitting(tools: Iterable[Tool], want: Want) -> Tool | None:
        return next((tool for tool in tools if tool.kind == want.kind and want.fits(tool.version, tool.channel)), None)


class Seen(Silent):
    """A progress that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def started(self, what: str, origin: str, size: int | None) -> None:
        self.lines.append(f"{what} from {origin}, {size}")

    def said(self, text: str) -> None:
        self.lines.append(text)

    def finished(self, problem: str = "") -> None:
        self.lines.append(f"finished {problem}".rstrip())


def tool(kind: Kind, version: str, source: str) -> Tool:
    return Tool(kind=kind, version=version, path=f"/{source}/{kind}", source=source)


def choose(
    monkeypatch: pytest.MonkeyPatch, shelves: Iterable[Shelf], kinds: Iterable[Kind], progress: Progress | None = None
) -> Mapping[Kind, Tool]:
    by_name = {shelf.name: shelf for shelf in shelves}
    monkeypatch.setattr(choosing, "SOURCES", by_name)
    return resolve(kinds, progress=progress, order=tuple(by_name), cache=Cache(Path("/nowhere")), environment={})


def test_what_is_found_anywhere_goes_before_what_can_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", orderable=[tool("firefox", "159.0", "first")])
    second = Shelf("second", here=[tool("firefox", "153.7.0", "second")])
    tools = choose(monkeypatch, [first, second], ["firefox"])
    assert tools["firefox"].source == "second"
    assert first.asked == ["find firefox"], "nothing asks the network where something is there"


def test_the_first_offer_is_fetched_in_sight_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen()
    first = Shelf("first")
    second = Shelf("second", orderable=[tool("firefox", "153.7.0", "second")])
    third = Shelf("third", orderable=[tool("firefox", "159.0", "third")])
    tools = choose(monkeypatch, [first, second, third], ["firefox"], seen)
    assert tools["firefox"].source == "second"
    assert seen.lines == ["firefox 153.7.0 from a shelf (shelf.example), 1000", "finished"]
    assert third.asked == ["find firefox"]


def test_the_next_source_is_asked_if_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen()
    wanted = [tool("firefox", "153.7.0", "first")]
    first, second = (
        Shelf("first", orderable=wanted, broken=FetchFailed("It rained.")),
        Shelf("second", orderable=wanted),
    )
    assert choose(monkeypatch, [first, second], ["firefox"], seen)["firefox"] == wanted[0]
    assert seen.lines[1] == "finished not had"
    assert second.asked[-1] == "fetch firefox 153.7.0"


def test_a_full_disk_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [tool("firefox", "153.7.0", "first")]
    first, second = Shelf("first", orderable=wanted, broken=CacheFull("full")), Shelf("second", orderable=wanted)
    with pytest.raises(CacheFull):
        choose(monkeypatch, [first, second], ["firefox"])
    assert second.asked == ["find firefox"]


def test_an_interruption_is_told_and_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Shelf):
        def fetch(self, offer: Offer, progress: Progress) -> Tool:
            raise KeyboardInterrupt

    seen = Seen()
    with pytest.raises(KeyboardInterrupt):
        choose(monkeypatch, [Interrupted("first", orderable=[tool("firefox", "1", "first")])], ["firefox"], seen)
    assert seen.lines[-1] == "finished interrupted"


def test_one_sentence_names_each_sources_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [tool("firefox", "153.7.0", "second")]
    shelves = [Shelf("first"), Shelf("second", orderable=wanted, broken=FetchFailed("It rained."))]
    with pytest.raises(NothingServes) as caught:
        choose(monkeypatch, shelves, ["firefox"])
    assert str(caught.value) == (
        "There is no firefox to be had (first: empty of firefox; second: It rained); "
        "install one, or give its path with --firefox PATH."
    )


def test_the_driver_fits_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", here=[tool("chromium", "150.0.1", "first"), tool("chromedriver", "156.0.2", "first")])
    second = Shelf("second", orderable=[tool("chromedriver", "150.0.3", "second")])
    tools = choose(monkeypatch, [first, second], ["chromedriver", "chromium"])
    assert list(tools) == ["chromium", "chromedriver"], "in one order, however it was asked for"
    assert (tools["chromium"].source, tools["chromedriver"].version) == ("first", "150.0.3")


def test_a_browser_without_a_driver_gives_way_to_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen()
    first = Shelf("first", here=[tool("chromium", "149.0.1", "first")])
    second = Shelf(
        "second", orderable=[tool("chromium", "156.0.1", "second"), tool("chromedriver", "156.0.1", "second")]
    )
    tools = choose(monkeypatch, [first, second], ["chromium", "chromedriver"], seen)
    assert {one.source for one in tools.values()} == {"second"}
    assert seen.lines[0] == "/first/chromium (149.0.1) is not used, for want of a chromedriver 149."


def resolved(monkeypatch: pytest.MonkeyPatch, shelves: Iterable[Shelf], want: Want, driver: Kind) -> list[str]:
    by_name = {shelf.name: shelf for shelf in shelves}
    monkeypatch.setattr(choosing, "SOURCES", by_name)
    tools = resolve([want.kind, driver], wants={want.kind: want}, cache=Cache(Path("/nowhere")), environment={})
    return [f"{one.source} {one.version}{one.root}" for one in tools.values()]


def test_the_version_and_the_channel_that_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    esr = replace(tool("firefox", "140.15.0", "second"), channel="esr")
    first = Shelf("first", here=[tool("firefox", "159.0", "first"), tool("geckodriver", "0.37.1", "first")])
    second = Shelf("second", here=[esr], orderable=[tool("firefox", "115.14.0", "second")])
    shelves = [first, second]
    for want, found in (
        (Want("firefox"), "first 159.0"),
        (Want("firefox", "140"), "second 140.15.0"),
        (Want("firefox", channel="esr"), "second 140.15.0"),
        (Want("firefox", "115"), "second 115.14.0"),
    ):
        assert resolved(monkeypatch, shelves, want, "geckodriver") == [found, "first 0.37.1"]
    with pytest.raises(NothingServes, match="There is no firefox 99 to be had"):
        resolved(monkeypatch, shelves, Want("firefox", "99"), "geckodriver")
    with pytest.raises(NothingServes, match="There is no firefox beta to be had"):
        resolved(monkeypatch, shelves, Want("firefox", channel="beta"), "geckodriver")


def test_the_newest_of_a_version_is_taken_wherever_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", here=[tool("firefox", "140.12.0", "first"), tool("geckodriver", "0.37.1", "first")])
    second = Shelf("second", here=[tool("firefox", "140.15.0", "second"), tool("firefox", "159.0", "second")])
    third = Shelf("third", here=[tool("firefox", "140.15.0", "third")])
    shelves = [first, second, third]
    assert resolved(monkeypatch, shelves, Want("firefox", "140"), "geckodriver")[0] == "second 140.15.0"
    assert resolved(monkeypatch, shelves, Want("firefox"), "geckodriver")[0] == "first 140.12.0"


def test_a_driver_is_of_the_browsers_own_source_if_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", here=[tool("chromedriver", "156.0.1", "first")])
    second = Shelf("second", here=[tool("chromium", "156.0.2", "second"), tool("chromedriver", "156.0.2", "second")])
    assert resolved(monkeypatch, [first, second], Want("chromium"), "chromedriver") == ["second 156.0.2"] * 2


def test_a_browser_in_a_root_has_the_driver_of_that_root(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Shelf("first", orderable=[tool("chromedriver", "120.0.1", "first")])
    roots = [replace(tool(kind, "120.0.1", "second"), root="/root") for kind in ("chromium", "chromedriver")]  # type: ignore[arg-type]
    other = replace(roots[1], root="/other")
    inside = Shelf("second", here=[other, *roots])
    assert (
        resolved(monkeypatch, [outside, inside], Want("chromium", "120"), "chromedriver") == ["second 120.0.1/root"] * 2
    )
    bare = Shelf("second", here=[other, roots[0]])
    with pytest.raises(NothingServes, match="There is no chromedriver 120 to be had"):
        resolved(monkeypatch, [outside, bare], Want("chromium", "120"), "chromedriver")
    assert "fetch chromedriver 120.0.1" not in outside.asked, "what cannot reach into the root is not fetched"


def test_geckodriver_reaches_into_every_root(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", here=[tool("geckodriver", "0.37.1", "first")])
    second = Shelf("second", here=[replace(tool("firefox", "115.14.0", "second"), root="/root")])
    assert resolved(monkeypatch, [first, second], Want("firefox"), "geckodriver") == [
        "second 115.14.0/root",
        "first 0.37.1",
    ]


def test_the_environment_orders_the_sources() -> None:
    assert order_of(None, {"PORTOLAN_SOURCES": " npm, debian npm"}) == ("npm", "debian")
    assert order_of(("cargo",), {"PORTOLAN_SOURCES": "npm"}) == ("cargo",)
    assert order_of(None, {"PORTOLAN_SOURCES": ""}) == ORDER
    with pytest.raises(UnknownSource, match="There is no source 'nix'"):
        order_of(None, {"PORTOLAN_SOURCES": "nix"})


def test_a_given_driver_and_a_wanted_version_must_fit(machine: Machine) -> None:
    given: dict[Kind, Path] = {"chromedriver": machine.shell("driver", "echo ChromeDriver 156.0.1.2")}
    with pytest.raises(
        DriverMismatch, match=r"is version 156\.0\.1\.2 and does not go with chromium 120; give one of version 120"
    ):
        resolve(
            ["chromium", "chromedriver"],
            given=given,
            wants={"chromium": Want("chromium", "120")},
            cache=machine.cache,
            environment=machine.environment,
        )


def test_without_any_pair_the_first_browsers_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Shelf("first", here=[tool("chromium", "149.0.1", "first")])
    with pytest.raises(NothingServes, match="There is no chromedriver 149 to be had"):
        choose(monkeypatch, [first, Shelf("second")], ["chromium", "chromedriver"])


def test_unknown_sources_are_refused() -> None:
    with pytest.raises(
        UnknownSource,
        match=f"There is no source 'nix'; the sources are {', '.join(SOURCES)}",
    ):
        resolve(["firefox"], order=("installed", "nix"))


# --- with the real sources, on stand-in machines ---------------------------------------------------------------------


def test_given_paths_go_before_everything(machine: Machine) -> None:
    machine.shell("firefox", "echo Mozilla Firefox 159.0")
    own = machine.shell("my-own", "echo Mozilla Firefox 153.7.0esr")
    tools = resolve(["firefox"], given={"firefox": own}, cache=machine.cache, environment=machine.environment)
    assert (tools["firefox"].path, tools["firefox"].source) == (str(own), "given")
    assert not machine.cache.folder.exists()


def test_a_wrong_path_is_an_error_even_for_what_is_not_wanted(machine: Machine) -> None:
    given: dict[Kind, Path] = {"chromium": machine.folder / "nowhere"}
    with pytest.raises(ToolPathError, match=r"--chromium .*: there is no such file"):
        resolve(["firefox"], given=given, cache=machine.cache, environment=machine.environment)


def test_a_given_pair_must_fit(machine: Machine) -> None:
    given: dict[Kind, Path] = {
        "chromium": machine.shell("browser", "echo Chromium 156.0.8078.79"),
        "chromedriver": machine.shell("driver", "echo ChromeDriver 150.0.7871.100"),
    }
    with pytest.raises(
        DriverMismatch, match=r"version 150\.0\.7871\.100 and does not drive .* give a chromedriver 156"
    ):
        resolve(["chromium"], given=given, cache=machine.cache, environment=machine.environment)


def test_a_given_driver_decides_on_the_browser(debian_machine: DebianMachine) -> None:
    given: dict[Kind, Path] = {"chromedriver": debian_machine.shell("driver", "echo ChromeDriver 156.0.1.2")}
    debian_machine.shell("chromium", "echo Chromium 150.0.7871.100")
    place = {"cache": debian_machine.cache, "environment": debian_machine.environment}
    tools = resolve(["chromium", "chromedriver"], given=given, **place)  # type: ignore[arg-type]
    assert (tools["chromium"].version, tools["chromium"].source) == ("156.0.8078.79", "debian")


def test_a_system_browser_gets_the_driver_that_fits(debian_machine: DebianMachine) -> None:
    debian_machine.shell("chromium", "echo Chromium 156.0.8078.10")
    tools = resolve(["chromium", "chromedriver"], cache=debian_machine.cache, environment=debian_machine.environment)
    assert [(one.source, one.version) for one in tools.values()] == [
        ("installed", "156.0.8078.10"),
        ("debian", "156.0.8078.79"),
    ]


def test_the_survey_fetches_nothing(debian_machine: DebianMachine) -> None:
    debian_machine.shell("firefox", "echo Mozilla Firefox 153.7.0esr")
    place = {"cache": debian_machine.cache, "environment": debian_machine.environment}
    findings = {one.kind: one for one in survey(offers=True, **place)}  # type: ignore[arg-type]
    assert list(findings) == list(KINDS)
    firefox, gecko, chromium = findings["firefox"], findings["geckodriver"], findings["chromium"]
    assert firefox.tool is not None
    assert firefox.offer is not None
    assert firefox.offer.source == "debian"
    assert firefox.reasons["installed"] == f"153.7.0 at {debian_machine.bin}/firefox"
    assert firefox.reasons["debian"] == "nothing unpacked yet"
    assert (gecko.tool, gecko.offer) == (None, None)
    assert set(gecko.reasons) == {"installed", "selenium-manager", "geckodriver-autoinstaller", "cargo"}
    assert chromium.tool is None
    assert chromium.reasons == {
        "installed": "no chromium in PATH",
        "selenium-manager": "googlechromelabs.github.io cannot be reached through the proxy",
        "debian": "chromium 156.0.8078.79-1~deb12u1 can be had",
        "suites": "no root made yet",
    }
    assert not any("--download-only" in call for call in debian_machine.calls())
    assert debian_machine.cache.cards() == {}


def test_the_survey_without_offers_asks_nobody(debian_machine: DebianMachine) -> None:
    survey(["firefox", "chromium"], cache=debian_machine.cache, environment=debian_machine.environment)
    assert debian_machine.calls() == []
    assert not debian_machine.cache.folder.exists()


def test_only_the_pinned_web_ext_is_taken_from_path(machine: Machine) -> None:
    place = {"cache": machine.cache, "environment": machine.environment}
    pinned = pinned_version()
    own = machine.shell("web-ext", "echo 9.9.9")
    with pytest.raises(
        NothingServes, match=f"no web-ext {pinned} to be had .*installed: {own} is 9.9.9; npm: there is no node"
    ):
        resolve(["web-ext"], **place)  # type: ignore[arg-type]
    assert resolve(["web-ext"], given={"web-ext": own}, **place)["web-ext"].version == "9.9.9"  # type: ignore[arg-type]
    machine.shell("web-ext", f"echo {pinned}")
    assert resolve(["web-ext"], **place)["web-ext"].source == "installed"  # type: ignore[arg-type]


def test_environments_are_joined() -> None:
    one = Tool("firefox", "1", "/f", "debian", {"LD_LIBRARY_PATH": "/a:/b", "FONTCONFIG_FILE": "/f"})
    two = Tool("geckodriver", "1", "/g", "cargo", {"LD_LIBRARY_PATH": "/b:/c"})
    assert environment_for(one, two, base={"HOME": "/h", "LD_LIBRARY_PATH": "/x"}) == {
        "HOME": "/h",
        "LD_LIBRARY_PATH": "/a:/b:/c",
        "FONTCONFIG_FILE": "/f",
    }
    assert environment_for(Tool("firefox", "1", "/f", "given")) == {}


def test_every_source_keeps_to_the_interface(machine: Machine) -> None:
    assert tuple(SOURCES) == ORDER
    for name, make in SOURCES.items():
        source = make(machine.place)
        assert source.name == name
        for kind in KINDS:
            assert source.find(Want(kind)) is None
            assert source.offer(Want(kind)) is None
            assert source.tools(kind) == []
            assert source.offers(kind) == []
            assert source.reason(Want(kind))
