"""Source "debian": the machine's own suite's browsers, unpacked into the cache without touching the system."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Place, Progress, Tool, Want, newest
from portolan.runners.sources.cache import Build, Card
from portolan.runners.sources.debian.apt import PROGRAMS, Apt, Release
from portolan.runners.sources.debian.roots import (
    ROOT_FONTS,
    check_unpacked,
    environment_of,
    machine_lacks_fonts,
    missing_libraries,
    tame,
    write_fonts,
)
from portolan.runners.sources.probe import ask
from portolan.runners.sources.process import program, run

FONT_PACKAGE = "fonts-dejavu-core"
APT_FOLDER = "apt"
"""The cache's entry with the private package lists."""

FONTS: Mapping[Kind, str] = {"firefox": "usr/lib/firefox-esr/fonts"}
"""Where a browser's own fonts lie, if the place matters to it."""

CHANNEL: Mapping[Kind, str] = {"firefox": "esr", "chromium": "stable"}
"""The channel that the suite's packages are built from."""

_LOADER_PACKAGES = {"libc6", "libc6.1"}


PACKAGES: Mapping[Kind, tuple[str, ...]] = {
    "firefox": ("firefox-esr",),
    "chromium": ("chromium", "chromium-common", "chromium-driver"),
    "chromedriver": ("chromium-driver", "chromium", "chromium-common"),
}
"""The packages of one version that make a kind; the first one has it and names the entry."""

MUST: Mapping[Kind, tuple[str, ...]] = {
    "firefox": ("firefox-esr", FONT_PACKAGE),
    "chromium": ("chromium", "chromium-common", "chromium-driver", FONT_PACKAGE),
    "chromedriver": ("chromium-driver", FONT_PACKAGE),
}
"""Of what is asked for, the packages that are unpacked even if the system has them installed."""

PROGRAM: Mapping[Kind, str] = {
    "firefox": "usr/lib/firefox-esr/firefox-esr",
    "chromium": "usr/lib/chromium/chromium",
    "chromedriver": "usr/bin/chromedriver",
}
LOADED: Mapping[Kind, tuple[str, ...]] = {
    "firefox": ("usr/lib/firefox-esr/firefox-esr", "usr/lib/firefox-esr/libxul.so"),
    "chromium": ("usr/lib/chromium/chromium",),
    "chromedriver": ("usr/bin/chromedriver",),
}
"""What must find all its shared libraries, for a kind to run."""


def upstream(version: str) -> str:
    """The version that the program itself tells, from a package's: "153.7.0" of "153.7.0esr-1~deb12u1"."""
    return version.split(":", 1)[-1].split("-")[0].split("+")[0].removesuffix("esr")


def system() -> tuple[str, str]:
    """The system's name for people ("Debian") and its mark, by which a cached root is known to be for it."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    mark = "-".join(part for part in (release.get("ID"), release.get("VERSION_ID"), platform.machine()) if part)
    return release.get("NAME", "this system").split()[0], mark


class Debian:
    """The suite's own browsers, for a Debian-like system; see ``docs/browsers.md`` for what is run with what."""

    name = "debian"
    kinds: frozenset[Kind] = frozenset(PACKAGES)

    def __init__(self, place: Place) -> None:
        self._cache = place.cache
        self._environment = place.environment
        self._say = place.say
        self._system, self._mark = system()
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The newest one unpacked before, whose libraries are all there still."""
        for name, card in self._unpacked(want):
            if self._lacks(name, want):
                continue
            if self._cache.use(name):
                self._reasons[want] = f"{card.version} in the cache"
                return self._tool(name, card, want.kind)
        others = [card.version for _, card in self._unpacked(Want(want.kind))]
        if others and want not in self._reasons:
            self._reasons[want] = f"only {', '.join(others)} in the cache"
        return None

    def offer(self, want: Want) -> Offer | None:
        """What the machine's apt sources have now. Raises CacheFull and CacheNotWritable."""
        if not self._can_ask(want):
            return None
        try:
            with self._apt() as apt:
                return self._offer(want, apt)
        except FetchFailed as problem:
            self._reasons[want] = str(problem).rstrip(".")
            return None

    def tools(self, kind: Kind) -> list[Tool]:
        """All unpacked before, whose libraries are all there still."""
        want = Want(kind)
        return [self._tool(name, card, kind) for name, card in self._unpacked(want) if not self._lacks(name, want)]

    def offers(self, kind: Kind) -> list[Offer]:
        """All that the machine's apt sources have now. Raises CacheFull and CacheNotWritable."""
        want = Want(kind)
        try:
            if not self._can_ask(want):
                return []
            with self._apt() as apt:
                found = apt.releases(PACKAGES[kind][0])
                offers = [self._offer_of(want, release, apt) for release in found]
        except FetchFailed as problem:
            self._reasons[want] = str(problem).rstrip(".")
            return []
        if not found:
            self._reasons[want] = f"this machine's apt sources have no {PACKAGES[kind][0]}"
        return sorted(filter(None, offers), key=lambda offer: newest(offer.version), reverse=True)

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Download and unpack it, prove that it starts, and only then put it into its place."""
        version = offer.package.split("=")[1]
        name = f"{PACKAGES[offer.kind][0]}_{version}_{self._mark}".replace(":", ".")
        with self._cache.building(name, progress.said, progress.noted) as build:
            card = self._cache.card(name)
            if card is None or self._missing(name, offer.kind):
                card = self._make(build, offer, progress)
                build.publish(card)
        self._cache.use(name)
        return self._tool(name, card, offer.kind)

    def reason(self, want: Want) -> str:
        """What was found or offered, or why nothing was."""
        return self._reasons.get(want, "nothing unpacked yet")

    # --- the cached roots ---------------------------------------------------------------------------------------

    def _unpacked(self, want: Want) -> list[tuple[str, Card]]:
        """The entries that hold what is wanted, for this system; newest first."""
        if want.kind not in self.kinds:
            return []
        fitting = [
            (name, card)
            for name, card in self._cache.cards().items()
            if (card.source, card.detail.get("system")) == (self.name, self._mark)
            and want.fits(card.version, CHANNEL.get(want.kind, ""))
            and (self._root(name) / PROGRAM[want.kind]).is_file()
        ]
        return sorted(fitting, key=lambda pair: newest(pair[1].version), reverse=True)

    def _root(self, name: str) -> Path:
        return self._cache.path(name) / "root"

    def _tool(self, name: str, card: Card, kind: Kind) -> Tool:
        root = self._root(name)
        return Tool(
            kind=kind,
            version=card.version,
            path=str(root / PROGRAM[kind]),
            source=self.name,
            environment=environment_of(root, self._environment),
            channel=CHANNEL.get(kind, ""),
        )

    def _missing(self, name: str, kind: Kind) -> list[str]:
        """The libraries that this machine and the root lack; looked for again when the machine's packages changed."""
        stamp = self._cache.path(name) / _stamp(kind)
        now = _machine_state()
        with contextlib.suppress(OSError):
            if stamp.read_text() == now:
                return []
        missing = missing_libraries(self._root(name), LOADED[kind], self._environment)
        if not missing:
            with contextlib.suppress(OSError):
                stamp.write_text(now)
        return missing

    def _lacks(self, name: str, want: Want) -> bool:
        """Whether this machine and the root lack libraries; the reason says which."""
        missing = self._missing(name, want.kind)
        if missing:
            self._reasons[want] = f"{name} in the cache lacks {', '.join(missing[:3])} on this machine now"
        return bool(missing)

    # --- getting ------------------------------------------------------------------------------------------------

    def _can_ask(self, want: Want) -> bool:
        """Whether there is an apt that can be asked for this kind; the reason says what is lacking."""
        if want.kind not in self.kinds:
            return False
        lacking = [name for name in PROGRAMS if program(name, self._environment) is None]
        if lacking:
            self._reasons[want] = f"this is not a Debian-like system (no {', '.join(lacking)})"
        return not lacking

    @contextlib.contextmanager
    def _apt(self) -> Iterator[Apt]:
        with self._cache.lock(APT_FOLDER, self._say) as lock:
            apt = Apt(self._cache, APT_FOLDER, self._environment, keep=(lock,))
            apt.refresh()
            yield apt

    def _offer(self, want: Want, apt: Apt) -> Offer | None:
        package = PACKAGES[want.kind][0]
        found = apt.releases(package)
        channel = CHANNEL.get(want.kind, "")
        release = next((one for one in found if want.fits(upstream(one.version), channel)), None)
        if release is None:
            have = f"only {', '.join(one.version for one in found)}" if found else "none at all"
            wanted = " ".join(part for part in (package, want.version, want.channel) if part)
            self._reasons[want] = f"this machine's apt sources have no {wanted} ({apt.complaint or have})"
            return None
        return self._offer_of(want, release, apt)

    def _offer_of(self, want: Want, release: Release, apt: Apt) -> Offer | None:
        """One version, with what it would download; None if it cannot run here. Raises FetchFailed."""
        package = PACKAGES[want.kind][0]
        plan = apt.plan(_wanted(want.kind, release), MUST[want.kind])
        if _LOADER_PACKAGES & {download.package for download in plan}:
            self._reasons[want] = f"{package} {release.version} needs a newer C library: upgrade this system's libc6"
            return None
        self._reasons[want] = f"{package} {release.version} can be had"
        return Offer(
            kind=want.kind,
            version=upstream(release.version),
            origin=f"{self._system} {release.suite}, from this machine's apt sources",
            size=sum(download.size for download in plan),
            source=self.name,
            package=f"{package}={release.version}",
            hosts=tuple(sorted({download.host for download in plan if download.host})),
            channel=CHANNEL.get(want.kind, ""),
        )

    def _make(self, build: Build, offer: Offer, progress: Progress) -> Card:
        root, total = build.folder / "root", offer.size or 0
        root.mkdir()
        release = Release(offer.package.split("=")[1], "", "")
        with self._apt() as apt:
            debs = apt.download(
                _wanted(offer.kind, release),
                MUST[offer.kind],
                build.scratch / "archives",
                lambda percent: progress.advanced(int(total * percent / 100), total),
            )
        progress.said(f"Unpacking {len(debs)} packages")
        for deb in debs:
            self._unpack(deb, root, build)
        tame(root)
        if machine_lacks_fonts():
            write_fonts(root, build.target / "root", FONTS.get(offer.kind, ROOT_FONTS))
        card = self._proven(offer, root)
        (build.folder / _stamp(offer.kind)).write_text(_machine_state())
        return card

    def _unpack(self, deb: Path, root: Path, build: Build) -> None:
        done = run(["dpkg-deb", "-x", str(deb), str(root)], self._environment, keep=(build.lock,))
        check_unpacked(done, deb, self._cache.folder)
        deb.unlink()

    def _proven(self, offer: Offer, root: Path) -> Card:
        """The card of a root whose programs find all that they need, and start."""
        missing = missing_libraries(root, LOADED[offer.kind], self._environment)
        if missing:
            raise FetchFailed(
                f"{offer.package} cannot run here: {', '.join(missing)} is neither in its packages nor on this machine."
            )
        program_path = str(root / PROGRAM[offer.kind])
        answer = ask(offer.kind, program_path, {**self._environment, **environment_of(root, self._environment)})
        if answer.problem:
            raise FetchFailed(f"{offer.package} was unpacked, but its program {answer.problem}.")
        detail = {"system": self._mark, "package": offer.package, "origin": offer.origin}
        return Card(kind=offer.kind, version=answer.version, source=self.name, detail=detail)


def _wanted(kind: Kind, release: Release) -> list[str]:
    """What apt is asked for: the kind's packages, all of one version, and a font where the machine has none."""
    wanted = [f"{package}={release.version}" for package in PACKAGES[kind]]
    return [*wanted, FONT_PACKAGE] if machine_lacks_fonts() else wanted


def _stamp(kind: Kind) -> str:
    """The file that tells for which state of the machine a kind's libraries were seen to be there."""
    return f"checked-{kind}"


def _machine_state() -> str:
    """What changes when packages of this machine are installed, upgraded or removed."""
    try:
        status = Path("/var/lib/dpkg/status").stat()
    except OSError:
        return "no dpkg"
    return f"{status.st_mtime_ns} {status.st_size}"
