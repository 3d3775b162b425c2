"""Source "suites": older and newer browsers, from the other suites of the machine's own Debian mirror.

No version is written down here: each suite is asked what it holds. A browser of another suite needs that suite's
libraries, so each gets a whole system root in the cache, and is started in it (``portolan.runners.sources.debian.confinement``).
"""

from __future__ import annotations

import contextlib
import platform
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from portolan.runners.errors import CannotConfine, FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want, newest
from portolan.runners.sources.cache import Build, Card
from portolan.runners.sources.debian.apt import PROGRAMS, Apt, Suite
from portolan.runners.sources.debian.confinement import CONFINER, command, script, way
from portolan.runners.sources.debian.packages import FONT_PACKAGE, upstream
from portolan.runners.sources.debian.roots import check_unpacked, finish, make_root, tame, unpack
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import program, run

RELEASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable")
"""What a Debian mirror calls its suites from one release to the next; their code names change."""

PACKAGES: Mapping[Kind, tuple[str, ...]] = {
    "firefox": ("firefox", "firefox-esr"),
    "chromium": ("chromium",),
    "chromedriver": ("chromium",),
}
"""The packages that have a kind; each makes one root."""

WITH: Mapping[str, tuple[str, ...]] = {"chromium": ("chromium-common", "chromium-driver")}
"""Packages that must be of the same version in the root."""

ALWAYS = ("python3", "ca-certificates", FONT_PACKAGE)
"""What every root needs beside: Python for native hosts, which the browser starts."""

CHANNELS: Mapping[str, str] = {"firefox": "stable", "firefox-esr": "esr", "chromium": "stable"}

PROGRAM: Mapping[tuple[Kind, str], str] = {
    ("firefox", "firefox"): "usr/lib/firefox/firefox",
    ("firefox", "firefox-esr"): "usr/lib/firefox-esr/firefox-esr",
    ("chromium", "chromium"): "usr/lib/chromium/chromium",
    ("chromedriver", "chromium"): "usr/bin/chromedriver",
}
BUBBLEWRAP = "bubblewrap"


class Known(msgspec.Struct):
    """What is remembered of a release between two looks at it."""

    codename: str = ""
    expired: bool = False


class Held(msgspec.Struct, frozen=True):
    """One browser that a suite holds."""

    package: str
    version: str
    release: str
    codename: str
    suite: str
    host: str
    expired: bool


class Suites:
    """The other suites of the mirror that this Debian machine uses; see ``docs/browsers.md``."""

    name = "suites"
    kinds: frozenset[Kind] = frozenset(PACKAGES)

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = place.environment
        self._say = place.say
        self._reasons: dict[Want, str] = {}
        self._held: list[Held] | None = None
        self._why_none = ""

    # --- what is there ------------------------------------------------------------------------------------------

    def tools(self, kind: Kind) -> list[Tool]:
        """Every one that has a root in the cache, newest first."""
        cards = [(name, card) for name, card in self._cache.cards().items() if card.source == self.name]
        there = [
            self._tool(name, card, kind)
            for name, card in cards
            if (program := PROGRAM.get((kind, card.detail.get("package", ""))))
            and (self._cache.path(name) / "root" / program).is_file()
        ]
        return sorted(there, key=lambda tool: newest(tool.version), reverse=True)

    def find(self, want: Want) -> Tool | None:
        """The newest root that fits."""
        for tool in self.tools(want.kind):
            if want.fits(tool.version, tool.channel) and self._cache.use(Path(tool.root).parent.name):
                self._reasons[want] = f"{tool.version} in the cache"
                return tool
        return None

    def reason(self, want: Want) -> str:
        """What was found or offered, or why nothing was."""
        return self._reasons.get(want) or self._why_none or "no root made yet"

    # --- what can be had ----------------------------------------------------------------------------------------

    def offers(self, kind: Kind) -> list[Offer]:
        """Every version that the mirror's suites hold, newest first, without sizes. Asks the network."""
        held = [one for one in self._all() if one.package in PACKAGES.get(kind, ())]
        offers = [self._offer(kind, one, None) for one in held]
        ordered = sorted(offers, key=lambda offer: newest(offer.version), reverse=True)
        return list({offer.version: offer for offer in reversed(ordered)}.values())[::-1]

    def offer(self, want: Want) -> Offer | None:
        """The newest that fits, with its size. Raises CacheFull and CacheNotWritable."""
        if want.kind not in self.kinds:
            return None
        fitting = [offer for offer in self.offers(want.kind) if want.fits(offer.version, offer.channel)]
        if not fitting:
            versions = ", ".join(offer.version for offer in self.offers(want.kind))
            self._reasons[want] = self._why_none or f"the mirror's suites hold {versions or 'none'}"
            return None
        chosen = next(one for one in self._all() if _package(one) == fitting[0].package)
        try:
            self._confiner()
            with self._apt(chosen.release) as (apt, _):
                size = sum(download.size for download in apt.plan(_wanted(chosen), ()))
        except (FetchFailed, CannotConfine) as problem:
            self._reasons[want] = str(problem).rstrip(".")
            return None
        self._reasons[want] = f"{chosen.package} {chosen.version} of {chosen.suite} can be had"
        return self._offer(want.kind, chosen, size)

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Download and unpack a root, prove that its browser starts in it, and only then put it into its place."""
        held = next((one for one in self._all() if _package(one) == offer.package), None)
        if held is None:
            raise FetchFailed(f"The mirror's suites no longer hold {offer.package}.")
        name = f"{held.package}_{held.version}_{held.codename}_{platform.machine()}".replace(":", ".")
        with self._cache.building(name, progress.said, progress.noted) as build:
            card = self._cache.card(name)
            if card is None:
                card = self._make(build, held, offer, progress)
                build.publish(card)
        self._cache.use(name)
        return self._tool(name, card, offer.kind)

    # --- suites -------------------------------------------------------------------------------------------------

    def _all(self) -> list[Held]:
        """What all suites hold; asked once."""
        if self._held is None:
            self._held = self._ask()
        return self._held

    def _ask(self) -> list[Held]:
        lacking = [name for name in PROGRAMS if program(name, self._environment) is None]
        release = _os_release()
        if lacking or release.get("ID") != "debian":
            what = f"no {', '.join(lacking)}" if lacking else f"it is {release.get('NAME', 'another')}"
            self._why_none = f"this machine has no Debian mirror of its own ({what})"
            return []
        try:
            with ThreadPoolExecutor(len(RELEASES)) as pool:
                found = list(pool.map(self._holdings, RELEASES))
        except FetchFailed as problem:
            self._why_none = str(problem).rstrip(".")
            return []
        if any(found):
            self._why_none = ""  # a suite that the mirror does not have is no news
        else:
            self._why_none = self._why_none or "no suite of this machine's mirror could be read"
        return [held for one in found for held in one]

    def _holdings(self, release: str) -> list[Held]:
        """The browsers of one release; none where the mirror does not have it."""
        try:
            with self._apt(release) as (apt, known):
                return [
                    Held(package, one.version, release, known.codename, one.suite, one.host, known.expired)
                    for package in dict.fromkeys(name for names in PACKAGES.values() for name in names)
                    for one in apt.releases(package)
                ]
        except FetchFailed as problem:
            self._why_none = f"{release}: {str(problem).rstrip('.')}"
            return []

    @contextlib.contextmanager
    def _apt(self, release: str) -> Iterator[tuple[Apt, Known]]:
        """A private apt with the suites of one release, read now or lately. Raises FetchFailed."""
        name = f"apt-{release}"
        with self._cache.lock(name, self._say) as lock:
            base, security = self._mirror(lock)
            memory = self._cache.path(name) / "known.json"
            known = Known()
            with contextlib.suppress(OSError, msgspec.DecodeError):
                known = msgspec.json.decode(memory.read_bytes(), type=Known)

            def apt() -> Apt:
                suites = [Suite(base, release, known.expired)]
                if security and known.codename and release != "unstable":
                    suites.append(Suite(security, f"{known.codename}-security", known.expired))
                return Apt(self._cache, name, self._environment, (lock,), suites)

            made = apt()
            for _ in range(3):  # without the code name, with it, and with Release files that have expired
                made.refresh()
                codename = made.codenames().get(release, "")
                expired = known.expired or "expired" in made.complaint
                if (codename, expired) == (known.codename, known.expired):
                    break
                known = Known(codename, expired)
                made = apt()
            if not known.codename:
                raise FetchFailed(f"The mirror has no suite {release} ({made.complaint or 'without a word'}).")
            memory.write_bytes(msgspec.json.encode(known))
            yield made, known

    def _mirror(self, lock: int) -> tuple[str, str]:
        """The addresses of the machine's own mirror and of its security mirror, if it has one."""
        own = Apt(self._cache, "apt", self._environment, (lock,)).uris()
        codename = _os_release().get("VERSION_CODENAME", "")
        base = [uri for uri, suite in own if suite == codename] or [uri for uri, suite in own if suite in RELEASES]
        if not base:
            raise FetchFailed("This machine's apt sources name no suite of Debian.")
        security = [uri for uri, suite in own if suite.endswith("-security")]
        return base[0], security[0] if security else ""

    # --- getting ------------------------------------------------------------------------------------------------

    def _offer(self, kind: Kind, held: Held, size: int | None) -> Offer:
        expired = ", whose Release file has expired" if held.expired else ""
        return Offer(
            kind=kind,
            version=upstream(held.version),
            origin=f"Debian {held.suite}{expired}, from this machine's own mirror",
            size=size,
            source=self.name,
            package=_package(held),
            hosts=(held.host,) if held.host else (),
            channel=CHANNELS[held.package],
        )

    def _tool(self, name: str, card: Card, kind: Kind) -> Tool:
        root = self._cache.path(name) / "root"
        package = card.detail["package"]
        return Tool(
            kind=kind,
            version=card.version,
            path=str(root / PROGRAM[kind, package]),
            source=self.name,
            channel=CHANNELS[package],
            root=str(root),
        )

    def _make(self, build: Build, held: Held, offer: Offer, progress: Progress) -> Card:
        confiner = self._confiner()
        root, total = build.folder / "root", offer.size or 0
        make_root(root)
        with self._apt(held.release) as (apt, _):
            debs = apt.download(
                _wanted(held),
                (),
                build.scratch / "archives",
                lambda percent: progress.advanced(int(total * percent / 100), total),
            )
        progress.said(f"Unpacking {len(debs)} packages")
        for deb in debs:
            done = unpack(deb, root, self._environment, keep=(build.lock,))
            check_unpacked(done, deb, self._cache.folder)
            deb.unlink()
        finish(root)
        tame(root)
        shutil.copy(confiner, build.folder / CONFINER)
        kind: Kind = "firefox" if held.package in PACKAGES["firefox"] else "chromium"
        words = command(str(confiner), str(root), str(root / PROGRAM[kind, held.package]))
        answer = ask(kind, str(script(build.scratch / "start", words)), self._environment)
        if answer.problem:
            raise FetchFailed(f"{_package(held)} was unpacked, but its program {answer.problem}.")
        detail = {"package": held.package, "of": _package(held), "suite": held.suite, "origin": offer.origin}
        return Card(kind=kind, version=answer.version, source=self.name, detail=detail)

    def _confiner(self) -> Path:
        """Bubblewrap: the machine's own, or its suite's, unpacked into the cache. Raises FetchFailed and CannotConfine."""
        if own := program(CONFINER, self._environment):
            way(own)
            return Path(own)
        with self._cache.building(BUBBLEWRAP, self._say) as build:
            path = self._cache.path(BUBBLEWRAP) / CONFINER
            if self._cache.card(BUBBLEWRAP) is None:
                version = self._unpack_bubblewrap(build)
                build.publish(Card(kind=BUBBLEWRAP, version=version, source=self.name))
        self._cache.use(BUBBLEWRAP)
        way(str(path))
        return path

    def _unpack_bubblewrap(self, build: Build) -> str:
        with self._cache.lock("apt", self._say) as lock:
            apt = Apt(self._cache, "apt", self._environment, (lock,))
            apt.refresh()
            debs = apt.download([BUBBLEWRAP], (), build.scratch / "archives", lambda _: None)
        deb = next(path for path in debs if path.name.startswith(f"{BUBBLEWRAP}_"))
        done = run(["dpkg-deb", "-x", str(deb), str(build.scratch / "root")], self._environment, keep=(build.lock,))
        check_unpacked(done, deb, self._cache.folder)
        (build.scratch / "root" / "usr" / "bin" / CONFINER).rename(build.folder / CONFINER)
        return upstream(deb.name.split("_")[1])


def _package(held: Held) -> str:
    return f"{held.package}={held.version}/{held.codename}"


def _wanted(held: Held) -> list[str]:
    same = [f"{name}={held.version}" for name in (held.package, *WITH.get(held.package, ()))]
    return [*same, *ALWAYS]


def _os_release() -> Mapping[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
