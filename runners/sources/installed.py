"""Source "installed": what the machine has already, in PATH, in the usual folders, or where the user says it is."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from portolan.runners.errors import FetchFailed, ToolPathError
from portolan.runners.sources.base import KINDS, Kind, Offer, Place, Progress, Tool, Want, newest
from portolan.runners.sources.fitting import too_old
from portolan.runners.sources.probe import ask, behind_wrapper, channel_of, is_snap
from portolan.runners.sources.process import programs

NAMES: Mapping[Kind, tuple[str, ...]] = {
    "firefox": (
        "firefox",
        "firefox-esr",
        "firefox-beta",
        "firefox-developer-edition",
        "firefox-devedition",
        "firefox-nightly",
        "firefox-trunk",
    ),
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome-for-testing",
        "chrome-for-testing",
        "chromium-beta",
        "chromium-dev",
    ),
    "geckodriver": ("geckodriver",),
    "chromedriver": ("chromedriver",),
    "web-ext": ("web-ext",),
}
"""What a kind is called in PATH. Branded Google Chrome is left out: it loads no unpacked extensions."""

PLACES: Mapping[Kind, tuple[str, ...]] = {
    "firefox": (
        "/opt/firefox*/firefox",
        "/usr/lib/firefox*/firefox",
        "/usr/lib/firefox-esr/firefox-esr",
        "/usr/lib64/firefox*/firefox",
        "/usr/local/firefox*/firefox",
        "/usr/local/lib/firefox*/firefox",
        "~/.local/opt/firefox*/firefox",
    ),
    "chromium": (
        "/opt/chrome-for-testing*/chrome",
        "/opt/chrome-linux*/chrome",
        "/opt/chromium*/chrome",
        "/usr/lib/chromium*/chromium",
        "/usr/lib64/chromium*/chromium",
        "~/.local/opt/chrome-for-testing*/chrome",
        "~/.local/opt/chrome-linux*/chrome",
    ),
}
"""Where archives and packages put browsers that are not in PATH, or not by a name of their own."""


class Installed:
    """What is in PATH and in the usual folders; nothing is ever fetched."""

    name = "installed"
    kinds = frozenset(KINDS)

    def __init__(self, place: Place) -> None:
        self._environment = place.environment
        self._reasons: dict[Want, str] = {}
        self._known: dict[tuple[Kind, str], tuple[Tool | None, str]] = {}

    def find(self, want: Want) -> Tool | None:
        """The first that tells a version that fits: by name in PATH, then in the usual folders."""
        passed_over = []
        for path in self._candidates(want.kind):
            tool, problem = self._examined(want.kind, path)
            if tool is not None and want.fits(tool.version, tool.channel):
                self._reasons[want] = f"{tool.version} at {tool.path}"
                return tool
            passed_over.append(f"{path} {problem}" if tool is None else f"{tool.path} is {_said_of(tool, want)}")
        where = "PATH or the usual folders" if PLACES.get(want.kind) else "PATH"
        self._reasons[want] = "; ".join(passed_over) or f"no {want.kind} in {where}"
        return None

    def offer(self, want: Want) -> Offer | None:
        """Nothing can be had from here."""
        del want
        return None

    def tools(self, kind: Kind) -> list[Tool]:
        """Every program that is called so and tells its version, each once; newest first."""
        found = [tool for path in self._candidates(kind) if (tool := self._examined(kind, path)[0])]
        return sorted(found, key=lambda tool: newest(tool.version), reverse=True)

    def offers(self, kind: Kind) -> list[Offer]:
        """Nothing can be had from here."""
        self._reasons[Want(kind)] = "what is not installed cannot be fetched from there"
        return []

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Nothing was offered: raises FetchFailed."""
        del progress
        raise FetchFailed(f"What is not installed cannot be fetched from there: {offer.kind}.")

    def reason(self, want: Want) -> str:
        """What was found, or why it does not do."""
        return self._reasons.get(want, "not looked at")

    def _candidates(self, kind: Kind) -> Iterator[str]:
        """Where programs of a kind are, each program once."""
        seen: set[str] = set()
        for path in self._everywhere(kind):
            real = os.path.realpath(path if is_snap(path) else behind_wrapper(path))
            if real not in seen:
                seen.add(real)
                yield path

    def _everywhere(self, kind: Kind) -> Iterator[str]:
        for name in NAMES[kind]:
            yield from programs(name, self._environment)
        home = self._environment.get("HOME", "")
        for pattern in PLACES.get(kind, ()):
            if home or not pattern.startswith("~"):
                found = sorted(glob.glob(pattern.replace("~", glob.escape(home), 1)))
                yield from (path for path in found if os.path.isfile(path) and os.access(path, os.X_OK))

    def _examined(self, kind: Kind, path: str) -> tuple[Tool | None, str]:
        """What ``_examine`` tells, asked once."""
        if (kind, path) not in self._known:
            self._known[kind, path] = _examine(kind, path, self._environment, self.name)
        return self._known[kind, path]


def given(kind: Kind, path: Path, environment: Mapping[str, str]) -> Tool:
    """The tool at the path that the user gave. Raises ToolPathError."""
    where = Path(os.path.expanduser(path)).absolute()  # pathlib's own raises for ~nobody
    option = f"--{kind} {path}"
    if not where.exists():
        raise ToolPathError(f"{option}: there is no such file; give the path of a {kind} program.")
    if where.is_dir() or not os.access(where, os.X_OK):
        what = "a folder" if where.is_dir() else "not executable"
        raise ToolPathError(f"{option}: this is {what}; give the path of a {kind} program.")
    tool, problem = _examine(kind, str(where), environment, "given", snaps=True)
    if tool is None:
        raise ToolPathError(f"{option}: this {problem}; give the path of a {kind} program.")
    return tool


def _examine(
    kind: Kind, path: str, environment: Mapping[str, str], source: str, *, snaps: bool = False
) -> tuple[Tool | None, str]:
    """The tool at a path, or half a sentence that says why it does not do."""
    if is_snap(path):
        if not snaps:
            return None, "is a snap, which is shut off from the suite's profiles"
        real = path
    else:
        real = behind_wrapper(path)
    answer = ask(kind, real, environment)
    if answer.problem:
        return None, answer.problem
    if problem := too_old(kind, answer.version):
        return None, problem
    channel = channel_of(kind, answer, path, real)
    return Tool(kind=kind, version=answer.version, path=real, source=source, channel=channel), ""


def _said_of(tool: Tool, want: Want) -> str:
    """A tool's version, and its channel if that is what was asked for."""
    return f"{tool.version} ({tool.channel or 'of no known channel'})" if want.channel else tool.version
