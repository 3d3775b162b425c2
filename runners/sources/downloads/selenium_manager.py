"""Source "selenium-manager": Firefox, Chrome for Testing and their drivers, got by the program that selenium brings along."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path

import msgspec

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want, newest
from portolan.runners.sources.cache import Build, full
from portolan.runners.sources.downloads.vendors import Release, file_of, host_of, releases
from portolan.runners.sources.downloads.web import Web
from portolan.runners.sources.kept import Kept, Program
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import Finished, plain, run

FETCH_SECONDS = 900.0
"""How long Selenium Manager may take for a browser or a driver. It tells nothing in between: a line that has gone
silent cannot be told from a slow one."""

BROWSERS: Mapping[Kind, str] = {"firefox": "firefox", "chromium": "chrome"}
DRIVERS: Mapping[Kind, Kind] = {"firefox": "geckodriver", "chromium": "chromedriver"}

_MACHINES = ("x86_64", "amd64", "AMD64")
_OWN_SETTINGS = ("SE_BROWSER_MIRROR_URL", "SE_DRIVER_MIRROR_URL")
"""The user's settings of Selenium Manager that are honoured: where the archives come from. Others choose what is got."""

_ORIGINS: Mapping[Kind, str] = {
    "firefox": "Mozilla's release archive",
    "chromium": "Chrome for Testing",
    "chromedriver": "Chrome for Testing",
    "geckodriver": "Mozilla's geckodriver releases",
}


class _Result(msgspec.Struct, frozen=True):
    """What Selenium Manager answers with, in part."""

    message: str = ""
    driver_path: str = ""
    browser_path: str = ""


class _Answer(msgspec.Struct, frozen=True):
    result: _Result


class SeleniumManager:
    """Browsers and drivers by version and channel; everything stays in the cache folder."""

    name = "selenium-manager"
    kinds: frozenset[Kind] = frozenset(_ORIGINS)

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = place.environment
        self._kept = Kept(place.cache, self.name)
        self._web = Web(place.environment)
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The newest one fetched before."""
        return self._kept.find(want, self._reasons)

    def tools(self, kind: Kind) -> list[Tool]:
        """Everything fetched before."""
        return self._kept.tools(Want(kind))

    def offer(self, want: Want) -> Offer | None:
        """The vendor's version that fits best: stable where nothing else is asked for."""
        found = self._releases(want)
        fitting = next((one for one in found if want.fits(one.version, one.channel)), None)
        if fitting is None:
            if found:
                self._reasons[want] = f"{_ORIGINS[want.kind]} has no {want}"
            return None
        self._reasons[want] = f"{want.kind} {fitting.version} can be had"
        address = file_of(fitting)
        return self._offer(fitting, self._web.size(address) if address else None)

    def offers(self, kind: Kind) -> list[Offer]:
        """What the vendor's channels hold now, newest first; ``offer`` has every older version too."""
        current = [one for one in self._releases(Want(kind)) if one.current]
        ordered = sorted(current, key=lambda one: newest(one.version), reverse=True)
        return [self._offer(one, None) for one in ordered]

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Let Selenium Manager download it, prove that it starts, and only then put it into its place."""
        says = "Selenium Manager downloads it, and tells nothing until it is there"
        return self._kept.fetch(offer, progress, self._make, says, anew=offer.channel == "nightly")

    def reason(self, want: Want) -> str:
        """What was found or offered, or why nothing was."""
        return self._reasons.get(want, "nothing fetched yet")

    # --- what there is ------------------------------------------------------------------------------------------

    def _releases(self, want: Want) -> list[Release]:
        if want.kind not in self.kinds:
            return []
        problem = _unable()
        try:
            return [] if problem else releases(want.kind, self._web)
        except FetchFailed as failure:
            problem = str(failure)
        finally:
            if problem:
                self._reasons[want] = problem
        return []

    def _offer(self, release: Release, size: int | None) -> Offer:
        return Offer(
            kind=release.kind,
            version=release.version,
            origin=f"{_ORIGINS[release.kind]}, by Selenium Manager",
            size=size,
            source=self.name,
            package=release.name,
            channel=release.channel,
            hosts=(host_of(release),),
        )

    # --- getting ------------------------------------------------------------------------------------------------

    def _make(self, build: Build, offer: Offer) -> dict[Kind, Program]:
        """The programs of an entry, in its folder, each seen to start."""
        downloads = build.scratch / "selenium"
        what = f"{offer.kind} {offer.version}"
        result = self._run(build, _command(offer, downloads), what)
        driver = DRIVERS.get(offer.kind, offer.kind)
        told = {offer.kind: result.browser_path or result.driver_path, driver: result.driver_path}
        programs: dict[Kind, Program] = {}
        for kind, path in told.items():
            main = kind == offer.kind
            # What Mozilla's lists call the nightly may be a day older than what comes.
            version = offer.version if main and offer.channel != "nightly" else ""
            program = self._proven(kind, _inside(path, downloads, f"{kind} for {what}"), build, version)
            programs[kind] = msgspec.structs.replace(program, channel=(main and offer.channel) or program.channel)
        return programs

    def _run(self, build: Build, command: list[str], what: str) -> _Result:
        temporary, home = build.scratch / "temporary", build.scratch / "home"
        temporary.mkdir()
        home.mkdir()
        setting = {name: text for name, text in self._environment.items() if not name.startswith("SE_")}
        setting |= {name: self._environment[name] for name in _OWN_SETTINGS if name in self._environment}
        setting |= {"HOME": str(home), "TMPDIR": str(temporary)}
        lines: list[str] = []
        try:
            done = run(
                command, setting, folder=home, keep=(build.lock,), line=lines.append, seconds=FETCH_SECONDS, bound=True
            )
        except OSError as problem:
            raise FetchFailed(f"Selenium Manager cannot be started ({problem.strerror}).") from problem
        if done.late:
            raise FetchFailed(f"Selenium Manager did not get {what} within {FETCH_SECONDS:g} seconds.")
        if done.full:
            raise full(self._cache.folder)
        result = _read(lines, done)
        if done.code != 0:
            raise FetchFailed(f"Selenium Manager could not get {what}: {_complaint(result, done)}.")
        return result

    def _proven(self, kind: Kind, path: Path, build: Build, version: str) -> Program:
        """A program, moved with its whole folder out of Selenium Manager's cache, that starts and is what was asked for."""
        folder = build.folder / kind
        path.parent.rename(folder)
        (folder / "sm.lock").unlink(missing_ok=True)
        answer = ask(kind, str(folder / path.name), self._environment)
        if answer.problem:
            raise FetchFailed(f"{f'{kind} {version}'.rstrip()} was downloaded, but its program {answer.problem}.")
        if version and answer.version != version:
            raise FetchFailed(f"{kind} {version} was asked for, but {answer.version} was downloaded.")
        return Program(kind, answer.version, f"{kind}/{path.name}", answer.channel)


def _unable() -> str:
    """Half a sentence, if there is no Selenium Manager or nothing for it to get."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return f"nothing is downloaded for {platform.system()} {platform.machine()}, only for Linux on x86-64"
    try:
        manager()
    except FetchFailed as problem:
        return str(problem)
    return ""


def manager() -> str:
    """The path of selenium's own Selenium Manager. Raises FetchFailed in half a sentence."""
    from selenium.common import WebDriverException
    from selenium.webdriver.common.selenium_manager import SeleniumManager as Bindings

    try:
        # selenium has no public way to learn the path, and its public way to run it has no time limit.
        return str(Bindings._get_binary())
    except (WebDriverException, AttributeError) as problem:
        said = getattr(problem, "msg", None) or str(problem)
        raise FetchFailed(f"this selenium has no Selenium Manager ({plain(said)})") from problem


def _command(offer: Offer, downloads: Path) -> list[str]:
    if offer.kind in BROWSERS:
        what = ["--browser", BROWSERS[offer.kind], "--browser-version", offer.package, "--force-browser-download"]
    else:
        what = ["--driver", offer.kind, "--driver-version", offer.package, "--avoid-browser-download"]
    ours = ["--skip-driver-in-path", "--skip-browser-in-path", "--avoid-stats", "--output", "json"]
    return [manager(), *what, *ours, "--cache-path", str(downloads), "--timeout", f"{FETCH_SECONDS:.0f}"]


def _read(lines: list[str], done: Finished) -> _Result:
    """The answer, which is JSON among lines of the log. Raises FetchFailed."""
    text = "\n".join(lines)
    try:
        answer, _ = json.JSONDecoder(strict=False).raw_decode(text, text.index("{"))
        return msgspec.convert(answer, _Answer).result
    except (ValueError, msgspec.ValidationError) as problem:
        raise FetchFailed(f"Selenium Manager did not answer as it should: {done.complaint()}.") from problem


def _complaint(result: _Result, done: Finished) -> str:
    """The first line that Selenium Manager says about a failure, with the last cause of it, without its stack."""
    said, _, rest = result.message.partition("\n")
    causes = [line.partition(":")[2] for line in rest.partition("Stack backtrace")[0].splitlines() if ":" in line]
    words = ":".join([said, *[cause for cause in causes[-1:] if cause.strip()]])
    return plain(words).rstrip(".") or f"exit code {done.code}, without a word"


def _inside(path: str, downloads: Path, what: str) -> Path:
    """A path that Selenium Manager told, which must lie in the folder that it was given. Raises FetchFailed."""
    where = Path(path)
    if not path or not where.is_file() or not where.resolve().is_relative_to(downloads.resolve()):
        raise FetchFailed(f"Selenium Manager got no {what}.")
    return where
