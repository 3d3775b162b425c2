"""Source "installed": what the machine has already, in PATH or where the user says it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from runners.errors import FetchFailed, ToolPathError
from runners.sources.base import KINDS, Kind, Offer, Place, Progress, Tool, Want, newest
from runners.sources.probe import ask, behind_wrapper, is_snap
from runners.sources.process import program, programs

NAMES: Mapping[Kind, tuple[str, ...]] = {
    "firefox": ("firefox", "firefox-esr"),
    "chromium": ("chromium", "chromium-browser", "google-chrome-for-testing", "chrome-for-testing"),
    "geckodriver": ("geckodriver",),
    "chromedriver": ("chromedriver",),
    "web-ext": ("web-ext",),
}
"""What a kind is called in PATH. Branded Google Chrome is left out: it loads no unpacked extensions."""

OLDEST: Mapping[Kind, str] = {"geckodriver": "0.36.0"}
"""The oldest version that serves; geckodriver has the switch for system access since this one."""


class Installed:
    """What is in PATH; nothing is ever fetched."""

    name = "installed"
    kinds = frozenset(KINDS)

    def __init__(self, place: Place) -> None:
        self._environment = place.environment
        self._reasons: dict[Want, str] = {}

    def find(self, want: Want) -> Tool | None:
        """The first in PATH that tells a version that fits."""
        names = NAMES[want.kind]
        passed_over = []
        for name in names:
            path = program(name, self._environment)
            if path is None:
                continue
            tool, problem = _examine(want.kind, path, self._environment, self.name)
            if tool is not None and want.fits(tool.version, tool.channel):
                self._reasons[want] = f"{tool.version} at {tool.path}"
                return tool
            passed_over.append(f"{path} {problem}" if tool is None else f"{tool.path} is {tool.version}")
        self._reasons[want] = "; ".join(passed_over) or f"no {' or '.join(names)} in PATH"
        return None

    def offer(self, want: Want) -> Offer | None:
        """Nothing can be had from here."""
        del want
        return None

    def tools(self, kind: Kind) -> list[Tool]:
        """Every program in PATH that is called so and tells its version, each once; newest first."""
        found: dict[str, Tool] = {}
        for name in NAMES[kind]:
            for path in programs(name, self._environment):
                tool, _ = _examine(kind, path, self._environment, self.name)
                if tool is not None:
                    found.setdefault(os.path.realpath(tool.path), tool)
        return sorted(found.values(), key=lambda tool: newest(tool.version), reverse=True)

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


def given(kind: Kind, path: Path, environment: Mapping[str, str]) -> Tool:
    """The tool at the path that the user gave. Raises ToolPathError."""
    where = path.expanduser().absolute()
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
    oldest = OLDEST.get(kind)
    if oldest is not None and _older(answer.version, oldest):
        return None, f"is version {answer.version}, but {oldest} is the oldest that serves"
    return Tool(kind=kind, version=answer.version, path=real, source=source, channel=answer.channel), ""


def _older(version: str, than: str) -> bool:
    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False
