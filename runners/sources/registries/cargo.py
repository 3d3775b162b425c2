"""Source "cargo": geckodriver, built on this machine from the Rust package registry, at a pinned version."""

from __future__ import annotations

import contextlib
import platform
import re
from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want
from portolan.runners.sources.cache import Build, Card, full
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import plain, program, run

GECKODRIVER = "0.37.1"
"""The version of geckodriver that is built."""

OLDEST_CARGO = "1.85"
"""The first Rust that can build it (edition 2024)."""

_HOW = "install Rust with rustup, or give a geckodriver with --geckodriver PATH"
_STEP = re.compile(r"Building \[[^]]*\] (\d+)/(\d+)")
_COMPILING = re.compile(r"^\s*(Compiling|Downloaded|Updating|Downloading|Finished|Installing)\b(.*)")
_USER_FILES = ("config.toml", "config", "credentials.toml", "credentials")


class Cargo:
    """geckodriver by ``cargo install``; nothing is written outside the cache folder."""

    name = "cargo"
    kinds: frozenset[Kind] = frozenset({"geckodriver"})

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = with_rustup_home(place.environment)
        self._entry = f"geckodriver_{GECKODRIVER}_{platform.system()}-{platform.machine()}".lower()
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The one built before."""
        card = self._cache.card(self._entry)
        if want.kind not in self.kinds or card is None or not want.fits(card.version):
            return None
        if not self._cache.use(self._entry):
            return None
        self._reasons[want] = f"{card.version} in the cache"
        return self._tool(card)

    def offer(self, want: Want) -> Offer | None:
        """The pinned version, if there is a cargo that can build it."""
        if want.kind not in self.kinds or not want.fits(GECKODRIVER):
            self._reasons[want] = f"only geckodriver {GECKODRIVER} is built"
            return None
        problem = self._unable()
        self._reasons[want] = problem or f"geckodriver {GECKODRIVER} can be built"
        if problem:
            return None
        origin = "the Rust package registry, built here by cargo, which takes several minutes"
        return Offer(kind="geckodriver", version=GECKODRIVER, origin=origin, source=self.name, package="geckodriver")

    def tools(self, kind: Kind) -> list[Tool]:
        """The one built before."""
        tool = self.find(Want(kind))
        return [tool] if tool else []

    def offers(self, kind: Kind) -> list[Offer]:
        """The pinned version."""
        offer = self.offer(Want(kind))
        return [offer] if offer else []

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Build it, prove that it starts, and keep the program alone."""
        del offer  # there is but one
        with self._cache.building(self._entry, progress.said, progress.noted) as build:
            card = self._cache.card(self._entry)
            if card is None:
                card = self._make(build, progress)
                build.publish(card)
        self._cache.use(self._entry)
        return self._tool(card)

    def reason(self, want: Want) -> str:
        """What was found or offered, or how to get a cargo that serves."""
        return self._reasons.get(want, "not asked")

    def _tool(self, card: Card) -> Tool:
        path = self._cache.path(self._entry) / "bin" / "geckodriver"
        return Tool(kind="geckodriver", version=card.version, path=str(path), source=self.name)

    def _unable(self) -> str:
        """Half a sentence, if there is no cargo, or none that serves."""
        path = program("cargo", self._environment)
        if path is None:
            return f"there is no cargo in PATH: {_HOW}"
        try:
            done = run([path, "--version"], self._environment)
        except OSError as problem:
            return f"{path} cannot be started ({problem.strerror}): {_HOW}"
        found = next(filter(None, (re.match(r"cargo (\d+(?:\.\d+)*)", line) for line in done.lines)), None)
        if done.code != 0 or found is None:
            return f"{path} does not work ({done.complaint()}): {_HOW}"
        if Version(found[1]) < Version(OLDEST_CARGO):
            return f"cargo {found[1]} is too old, {OLDEST_CARGO} or newer is needed: {_HOW}"
        return ""

    def _make(self, build: Build, progress: Progress) -> Card:
        home, made = build.scratch / "cargo-home", build.scratch / "made"
        borrow_settings(home, self._environment)
        command = ["cargo", "install", "geckodriver", "--version", GECKODRIVER, "--locked", "--force"]
        command += ["--root", str(made), "--target-dir", str(build.scratch / "target")]
        setting = {
            **self._environment,
            "CARGO_HOME": str(home),
            "CARGO_TERM_COLOR": "never",
            "CARGO_TERM_PROGRESS_WHEN": "always",
            "CARGO_TERM_PROGRESS_WIDTH": "100",
        }

        def watch(line: str) -> None:
            if step := _STEP.search(line):
                progress.advanced(int(step[1]), int(step[2]))
            elif match := _COMPILING.match(line):
                progress.said(plain(f"cargo: {match[1]}{match[2]}"))

        done = run(command, setting, folder=build.scratch, keep=(build.lock,), line=watch)
        if done.full:
            raise full(self._cache.folder)
        if done.code != 0:
            raise FetchFailed(f"cargo could not build geckodriver {GECKODRIVER}: {done.complaint()}")
        (build.folder / "bin").mkdir()
        kept = build.folder / "bin" / "geckodriver"
        (made / "bin" / "geckodriver").rename(kept)
        answer = ask("geckodriver", str(kept), self._environment)
        if answer.problem:
            raise FetchFailed(f"geckodriver {GECKODRIVER} was built, but {answer.problem}.")
        return Card(kind="geckodriver", version=answer.version, source=self.name)


def with_rustup_home(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which rustup's cargo works under another HOME too: its toolchains lie beside its programs."""
    cargo = program("cargo", environment)
    own = Path(environment.get("HOME", "/"), ".rustup", "toolchains")
    if cargo is None or environment.get("RUSTUP_HOME") or (own.is_dir() and any(own.iterdir())):
        return environment
    beside = Path(cargo).parent.parent.parent / ".rustup"
    return {**environment, "RUSTUP_HOME": str(beside)} if (beside / "toolchains").is_dir() else environment


def borrow_settings(home: Path, environment: Mapping[str, str]) -> None:
    """Make a CARGO_HOME with links to the user's own settings and credentials, and nothing else of theirs."""
    home.mkdir(parents=True)
    users = Path(environment.get("CARGO_HOME") or Path(environment.get("HOME", "/"), ".cargo"))
    for name in _USER_FILES:
        with contextlib.suppress(OSError):
            if (users / name).is_file():
                (home / name).symlink_to((users / name).resolve())
