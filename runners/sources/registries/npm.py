"""Source "npm": web-ext, at the version that the repository's package-lock.json pins. A development tool alone."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import msgspec

import portolan
from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want
from portolan.runners.sources.cache import Build, Card, full
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import program, run

FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 20
PROGRAM = Path("node_modules", ".bin", "web-ext")
ENVIRONMENT = {"NO_UPDATE_NOTIFIER": "1"}
"""web-ext would else look for its own updates and note that in the user's home."""

_HOW = f"install Node.js {OLDEST_NODE} or newer, which brings npm"


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    dev_dependencies: dict[str, str]


class Npm:
    """web-ext by ``npm ci``; nothing is written outside the cache folder."""

    name = "npm"
    kinds: frozenset[Kind] = frozenset({"web-ext"})

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = place.environment
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The one installed before, at the pinned version."""
        if want.kind not in self.kinds or (pinned := pinned_version()) is None:
            return None
        card = self._cache.card(_entry(pinned))
        if card is None or not want.fits(card.version) or not self._cache.use(_entry(pinned)):
            return None
        self._reasons[want] = f"{card.version} in the cache"
        return self._tool(card)

    def offer(self, want: Want) -> Offer | None:
        """The pinned version, if there are node and npm to install it."""
        if want.kind not in self.kinds:
            return None
        pinned = pinned_version()
        problem = "its package.json is not there" if pinned is None else self._unable()
        if pinned is None or problem or not want.fits(pinned):
            self._reasons[want] = problem or f"only web-ext {pinned} is installed"
            return None
        self._reasons[want] = f"web-ext {pinned} can be installed"
        origin = "the npm package registry"
        return Offer(kind="web-ext", version=pinned, origin=origin, source=self.name, package="web-ext")

    def tools(self, kind: Kind) -> list[Tool]:
        """The pinned version, if it was installed before."""
        tool = self.find(Want(kind))
        return [tool] if tool else []

    def offers(self, kind: Kind) -> list[Offer]:
        """The pinned version."""
        offer = self.offer(Want(kind))
        return [offer] if offer else []

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Install it, prove that it starts, and put it into its place."""
        name = _entry(offer.version)
        with self._cache.building(name, progress.said, progress.noted) as build:
            card = self._cache.card(name)
            if card is None:
                card = self._make(build)
                build.publish(card)
        self._cache.use(name)
        return self._tool(card)

    def reason(self, want: Want) -> str:
        """What was found or offered, or what is missing for it."""
        return self._reasons.get(want, "not asked")

    def _tool(self, card: Card) -> Tool:
        path = str(self._cache.path(_entry(card.version)) / PROGRAM)
        return Tool(kind="web-ext", version=card.version, path=path, source=self.name, environment=ENVIRONMENT)

    def _unable(self) -> str:
        """Half a sentence, if node or npm is missing or too old."""
        for name in ("node", "npm"):
            if program(name, self._environment) is None:
                return f"there is no {name} in PATH: {_HOW}"
        done = run(["node", "--version"], self._environment)
        found = next(filter(None, (re.match(r"v(\d+)\.", line) for line in done.lines)), None)
        if found is None:
            return f"node does not tell its version ({done.complaint()}): {_HOW}"
        return f"node {found[1]} is too old: {_HOW}" if int(found[1]) < OLDEST_NODE else ""

    def _make(self, build: Build) -> Card:
        folder = manifests()
        if folder is None:
            raise FetchFailed("The package.json that pins web-ext is not there.")
        for name in FILES:
            shutil.copyfile(folder / name, build.folder / name)
        command = ["npm", "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
        command += [
            "--no-update-notifier",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            f"--cache={build.scratch / 'npm-cache'}",
        ]
        setting = {**self._environment, **ENVIRONMENT}
        done = run(command, setting, folder=build.folder, keep=(build.lock,))
        if done.full:
            raise full(self._cache.folder)
        if done.code != 0:
            raise FetchFailed(f"npm could not install web-ext: {done.complaint()}")
        answer = ask("web-ext", str(build.folder / PROGRAM), setting)
        if answer.problem:
            raise FetchFailed(f"web-ext was installed, but {answer.problem}.")
        return Card(kind="web-ext", version=answer.version, source=self.name)


def manifests() -> Path | None:
    """The folder with package.json and package-lock.json: the package's own (a wheel), else the checkout's top."""
    package = Path(portolan.__file__).resolve().parent
    for folder in (package, package.parent):
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None


def pinned_version() -> str | None:
    """The version of web-ext that package.json pins; None if it is not there."""
    folder = manifests()
    if folder is None:
        return None
    try:
        manifest = msgspec.json.decode((folder / FILES[0]).read_bytes(), type=_Manifest)
    except msgspec.DecodeError:
        return None
    return manifest.dev_dependencies.get("web-ext")


def _entry(version: str) -> str:
    """The entry's name: what else is pinned beside web-ext, such as axe-core, makes another one."""
    folder = manifests()
    pinned = (folder / FILES[1]).read_bytes() if folder else b""
    return f"web-ext_{version}_{hashlib.sha256(pinned).hexdigest()[:8]}"
