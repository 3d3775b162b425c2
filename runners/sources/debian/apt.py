"""A private apt: the machine's own sources, keys, credentials and proxies, but its own lists and archives.

Its sources may also be other suites of the machine's mirror, for which nothing counts as installed.
The system's apt state is neither read (but for dpkg's status), nor locked, nor written, and none of the machine's
hooks runs. Signatures are verified as apt always does.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from portolan.runners.errors import CacheNotWritable, FetchFailed
from portolan.runners.sources.cache import Cache, full
from portolan.runners.sources.process import Finished, program, run

PROGRAMS = ("apt-get", "apt-cache", "apt-config", "dpkg-deb", "ldd")
"""What a Debian-like system has, and this needs."""

FRESH_SECONDS = 600.0
"""How long package lists are used before they are read again."""

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SOURCES = "suites.sources"
"""The file with a private apt's own suites."""

_HOOKS = (
    "APT::Update::Pre-Invoke",
    "APT::Update::Post-Invoke",
    "APT::Update::Post-Invoke-Success",
    "DPkg::Pre-Invoke",
    "DPkg::Post-Invoke",
    "DPkg::Pre-Install-Pkgs",
)
_INDEX = re.compile(r"^(Acquire::IndexTargets::(?:deb|deb-src)::[^:\s]+)[: ]", re.MULTILINE)
_STATUS = re.compile(r'^Dir::State::status "(.+)";', re.MULTILINE)
_CANDIDATE = re.compile(r"^  Candidate: (\S+)", re.MULTILINE)
_VERSION = re.compile(r"^ (?:   |\*\*\*) (\S+) -?\d+$")
_ORIGIN = re.compile(r"^ +-?\d+ (\S+) (\S+)")
_URI = re.compile(r"^'([^']+)' (\S+) (\d+)")
_TROUBLE = ("E:", "W: Failed", "Err:")
_CODENAME = re.compile(r"^Codename: (\S+)$", re.MULTILINE)
_PERCENT = re.compile(r"^dlstatus:\d+:([\d.]+):")


class Release(msgspec.Struct, frozen=True):
    """One version of a package that the machine's sources have, the suite it is in, and the host that has it."""

    version: str
    suite: str
    host: str


class Download(msgspec.Struct, frozen=True):
    """One package file that would be downloaded."""

    package: str
    size: int
    host: str


class Suite(msgspec.Struct, frozen=True):
    """One suite of a mirror. ``expired``: its Release file may be older than it says that it should be used."""

    uri: str
    name: str
    expired: bool = False

    def stanza(self) -> str:
        """What apt reads of it. Without the archive's keyring, the keys that the machine trusts for everything are taken."""
        lines = ["Types: deb", f"URIs: {self.uri}", f"Suites: {self.name}", "Components: main"]
        lines += [f"Signed-By: {KEYRING}"] if Path(KEYRING).is_file() else []
        lines += ["Check-Valid-Until: no"] if self.expired else []
        return "\n".join(lines) + "\n"


def configuration(folder: Path, dump: str, *, own_sources: bool = False) -> str:
    """The settings over the machine's own, whose dump is given: private folders, no hooks, packages' lists alone.

    ``own_sources``: suites of its own, and nothing counts as installed.
    """
    status = found[1] if (found := _STATUS.search(dump)) else "/var/lib/dpkg/status"
    status = f"{folder}/status" if own_sources else status
    targets = sorted(set(_INDEX.findall(dump)) - {"Acquire::IndexTargets::deb::Packages"})
    lines = [f"#clear {hook};" for hook in _HOOKS]
    lines += ["#clear Acquire::Languages;", 'Acquire::Languages "none";']
    lines += [f'{target}::DefaultEnabled "false";' for target in targets]
    lines += [
        f'Dir::State "{folder}/";',
        f'Dir::State::lists "{folder}/lists/";',
        f'Dir::State::status "{status}";',
        f'Dir::Cache "{folder}/";',
        f'Dir::Cache::archives "{folder}/archives/";',
        'Dir::Cache::pkgcache "";',
        'Dir::Cache::srcpkgcache "";',
        f'Dir::Log "{folder}/";',
        # Our own lock guards the folders; apt would lock dpkg's, which an ordinary user may not.
        'Debug::NoLocking "true";',
    ]
    if own_sources:
        lines += [
            f'Dir::Etc::sourcelist "{folder}/{SOURCES}";',
            f'Dir::Etc::sourceparts "{folder}/none/";',
            f'Dir::Etc::preferences "{folder}/none/preferences";',
            f'Dir::Etc::preferencesparts "{folder}/none/";',
            'Acquire::Check-Date "true";',
            'Acquire::Check-Valid-Until "true";',  # an expired Release file is accepted where that is said, nowhere else
        ]
    return "\n".join(lines) + "\n"


def releases(policy: str) -> list[Release]:
    """The versions in a package's ``apt-cache policy`` that can be downloaded: apt's choice, then newest first."""
    found: list[Release] = []
    choice = match[1] if (match := _CANDIDATE.search(policy)) else ""
    version = ""
    for line in policy.splitlines():
        if match := _VERSION.match(line):
            version = match[1]
        elif version and (match := _ORIGIN.match(line)) and not match[1].startswith("/"):
            found.append(Release(version, match[2].split("/")[0], urlsplit(match[1]).hostname or ""))
            version = ""
    return sorted(found, key=lambda release: release.version != choice)


def downloads(uris: Iterable[str]) -> list[Download]:
    """The package files in the lines of ``apt-get install --print-uris``."""
    matches = filter(None, map(_URI.match, uris))
    return [Download(m[2].split("_")[0], int(m[3]), urlsplit(m[1]).hostname or "") for m in matches]


class Apt:
    """apt-get and apt-cache with a private state in the cache's entry ``name``, whose lock the caller holds meanwhile."""

    def __init__(
        self,
        cache: Cache,
        name: str,
        environment: Mapping[str, str],
        keep: Sequence[int] = (),
        suites: Sequence[Suite] = (),
    ) -> None:
        folder = cache.path(name)
        if set(str(folder)) & set('":;$%\\\n'):
            raise CacheNotWritable(
                f"The cache folder's path {str(cache.folder)!r} has one of the characters \" : ; $ % \\, which apt or the "
                "loader of shared libraries cannot bear; set PORTOLAN_CACHE to another folder."
            )
        self._cache = cache
        self._folder = folder
        self._environment = {**environment, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        self._keep = keep
        self._suites = suites
        self.complaint = ""

    def refresh(self) -> None:
        """Read the package lists, unless that was done just now; what went wrong with a source is in ``complaint``."""
        (self._folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (self._folder / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        dump = "\n".join(self._output(["apt-config", "dump"]))
        settings = configuration(self._folder, dump, own_sources=bool(self._suites))
        if self._suites:
            (self._folder / "none").mkdir(exist_ok=True)
            (self._folder / "status").touch()
            stanzas = "\n".join(suite.stanza() for suite in self._suites)
            settings += "".join(f"// {line}\n" for line in stanzas.splitlines())  # other suites, other settings
            (self._folder / SOURCES).write_text(stanzas)
        stamp = self._folder / "refreshed"
        with contextlib.suppress(OSError):
            if self._settings.read_text() == settings and 0 <= time.time() - stamp.stat().st_mtime < FRESH_SECONDS:
                return
        stamp.unlink(missing_ok=True)
        self._settings.write_text(settings)
        done = self._run([*self._private("apt-get"), "update"])
        if done.full:
            raise full(self._cache.folder)
        if done.code != 0 or any(line.startswith(_TROUBLE) for line in done.lines):
            self.complaint = done.complaint()
        else:
            stamp.touch()

    def codenames(self) -> dict[str, str]:
        """The code name of each suite, from the Release files that were read, by the suite's name in the sources."""
        found = {}
        for path in sorted((self._folder / "lists").glob("*_InRelease")):
            suite = path.name.removesuffix("_InRelease").rpartition("_dists_")[2]
            if match := _CODENAME.search(path.read_text(errors="replace")):
                found[suite] = match[1]
        return found

    def uris(self) -> list[tuple[str, str]]:
        """The machine's own sources of packages: the mirror's address, and the suite."""
        lines = self._output(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(REPO_URI) $(RELEASE)"])
        words = [line.split() for line in lines]
        return list(dict.fromkeys((word[1], word[2]) for word in words if len(word) == 3 and word[0] == "Packages"))

    def releases(self, package: str) -> list[Release]:
        """The versions of a package that the sources have."""
        return releases("\n".join(self._output([*self._private("apt-cache"), "policy", package])))

    def plan(self, wanted: Sequence[str], must: Sequence[str]) -> list[Download]:
        """What an installation of ``package`` or ``package=version`` would download.

        A package in ``must`` is downloaded even if dpkg has it as installed. Raises FetchFailed, with apt's own words,
        if the machine's sources and packages do not go together.
        """
        found = downloads(self._install(["--print-uris", *wanted]))
        again = _others(wanted, must, {download.package for download in found})
        if again:
            found += downloads(self._install(["--print-uris", "--reinstall", *again]))
        return list(dict.fromkeys(found))

    def download(
        self, wanted: Sequence[str], must: Sequence[str], into: Path, percent: Callable[[float], None]
    ) -> list[Path]:
        """Download what ``plan`` tells into a folder; apt verifies it. Raises FetchFailed and CacheFull."""

        def watch(line: str) -> None:
            if match := _PERCENT.match(line):
                percent(float(match[1]))

        (into / "partial").mkdir(parents=True)
        options = ["--download-only", "-o", f"Dir::Cache::archives={into}/", "-o", "APT::Status-Fd=1"]
        self._install([*options, *wanted], watch)
        again = _others(wanted, must, {path.name.split("_")[0] for path in into.glob("*.deb")})
        if again:
            self._install([*options, "--reinstall", *again], watch)
        return sorted(into.glob("*.deb"))

    # --- inside -------------------------------------------------------------------------------------------------

    @property
    def _settings(self) -> Path:
        return self._folder / "apt.conf"

    def _private(self, name: str) -> list[str]:
        return [name, "-c", str(self._settings)]

    def _install(self, arguments: Sequence[str], line: Callable[[str], None] | None = None) -> list[str]:
        command = [*self._private("apt-get"), "install", "--yes", "--no-install-recommends", *arguments]
        return self._output(command, line)

    def _output(self, command: Sequence[str], line: Callable[[str], None] | None = None) -> list[str]:
        """All lines of a command that must go well. Raises FetchFailed and CacheFull."""
        heard: list[str] = []

        def listen(text: str) -> None:
            heard.append(text)
            if line is not None:
                line(text)

        done = self._run(command, listen)
        if done.full:
            raise full(self._cache.folder)
        if done.code != 0:
            raise FetchFailed(f"{command[0]} failed: {done.complaint()}")
        return heard

    def _run(self, command: Sequence[str], line: Callable[[str], None] | None = None) -> Finished:
        path = program(command[0], self._environment)
        if path is None:
            raise FetchFailed(f"There is no {command[0]} in PATH.")
        return run([path, *command[1:]], self._environment, keep=self._keep, line=line)


def _others(wanted: Iterable[str], must: Iterable[str], had: Iterable[str]) -> list[str]:
    """Those of the wanted that must be had and were not."""
    missing = set(must) - set(had)
    return [name for name in wanted if name.split("=")[0] in missing]
