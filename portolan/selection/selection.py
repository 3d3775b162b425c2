"""From the names of browsers to the browsers: which are meant, and the programs to play with."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.selection.browser_names import ALL, VARIABLE, Name, UnknownBrowser, read, split
from portolan.selection.settings import Settings
from portolan.selection.targets import Target

if TYPE_CHECKING:
    from portolan.runners.sources import Kind, Progress, Tool, Want

Tools = Mapping[str, Mapping["Kind", "Tool"]]
"""The browser and the driver of each name."""


class NoBrowserHere(PortolanError):
    """All browsers that are here were asked for, and there is none."""


class PathForNothing(PortolanError):
    """A browser's path was given where only other browsers, named by version, are played in."""


def names(texts: Sequence[str], sources: Sequence[str] | None = None, *, fake: bool = False) -> tuple[Name, ...]:
    """The browsers that are meant, each with its family, each once: "all" is those that are here, one a major version.

    Nothing given means what PORTOLAN_BROWSERS names, else one of each family. Nothing is fetched. Raises
    UnknownBrowser, NoBrowserHere, ToolPathError and UnknownSource.
    """
    told = list(texts) or split(os.environ.get(VARIABLE, "")) or list(MANIFESTS)
    found: list[Name] = []
    for text in told:
        if text == ALL:
            found += [Name(family, family) for family in MANIFESTS] if fake else _all_here(sources)
            continue
        try:
            name = read(text)
        except UnknownBrowser as problem:
            raise UnknownBrowser(f"{problem}{'' if fake else ' ' + here(sources)}") from None
        found.append(_found(name, sources, fake=fake))
    return tuple(dict.fromkeys(found))


def want_of(name: Name) -> Want:
    """What a name asks the sources for. The name has a family."""
    from portolan.runners.sources import Want

    assert name.family
    return Want(name.family, name.version, name.channel)


def here(sources: Sequence[str] | None = None) -> str:
    """In a sentence, which browsers are here."""
    from portolan.runners.sources import Catalogue

    catalogue = Catalogue(order=sources)
    found = [
        f"{family} {tool.version}"
        for family in MANIFESTS
        for tool in sorted(catalogue.here(_any(family)), key=lambda tool: tool.version)
    ]
    there = ", ".join(dict.fromkeys(found)) or "no browser yet"
    return f"Here: {there}; “portolan browsers” lists what can be had."


def get_tools(targets: Iterable[Target], settings: Settings, progress: Progress) -> dict[str, dict[Kind, Tool]]:
    """The browser and its driver for each name in the targets, fetched if need be. Raises PortolanError."""
    from portolan.runners.errors import NothingServes
    from portolan.runners.session.launch import kinds_for
    from portolan.runners.sources import resolve

    tools: dict[str, dict[Kind, Tool]] = {}
    for name in names_of(targets, settings):
        assert name.family
        try:
            tools[name.text] = resolve(
                kinds_for([name.family]),
                given=given_for(name, settings),
                wants={name.family: want_of(name)},
                progress=progress,
                order=settings.sources,
            )
        except NothingServes as problem:
            if name.plain_family:
                raise
            raise NothingServes(f"{problem} {here(settings.sources)}") from problem
    return tools


def names_of(targets: Iterable[Target], settings: Settings) -> list[Name]:
    """The names that some targets have. Raises PathForNothing."""
    known = {name.text: name for name in settings.names}
    found = [known.get(text) or read(text) for text in dict.fromkeys(target.browser for target in targets)]
    for kind, path in settings.given.items():
        mine = [name for name in found if name.family == kind]
        if mine and not any(name.plain_family for name in mine):
            raise PathForNothing(
                f"--{kind} {path} is for the browser named {kind}, but played is {', '.join(map(str, mine))}; "
                f"to play in that one too, give --browser {path}."
            )
    return found


def given_for(name: Name, settings: Settings) -> dict[Kind, Path]:
    """The paths that were given and concern a name: a browser's is for its family's plain name, a driver's for each."""
    from portolan.runners.session.launch import DRIVERS

    assert name.family
    given = {DRIVERS[name.family]: settings.given.get(DRIVERS[name.family])}
    given[name.family] = name.path or (settings.given.get(name.family) if name.plain_family else None)
    return {kind: path for kind, path in given.items() if path}


def without_doubles(targets: Sequence[Target], tools: Tools) -> tuple[tuple[Target, ...], list[str]]:
    """The targets without names that turned out to be the browser of an earlier one, and a sentence for each of those."""
    first: dict[str, str] = {}
    told: dict[str, str] = {}
    kept = []
    for target in targets:
        tool = tools[target.browser][target.family]
        known = first.setdefault(tool.path, target.browser)
        if known == target.browser:
            kept.append(target)
        else:
            told[target.browser] = (
                f"{target.browser} is the same browser as {known} ({tool.version}), and is played in once"
            )
    return tuple(kept), list(told.values())


def _all_here(sources: Sequence[str] | None) -> list[Name]:
    from portolan.runners.sources import Catalogue, newest_of_each_major

    catalogue = Catalogue(order=sources)
    found = []
    for family in MANIFESTS:
        majors = [tool.major for tool in newest_of_each_major(catalogue.here(_any(family)))]
        found += [read(f"{family}@{major}") for major in reversed(majors)]
    if not found:
        raise NoBrowserHere("There is no browser here yet; “portolan browsers” lists what can be had, and installs it.")
    return found


def _found(name: Name, sources: Sequence[str] | None, *, fake: bool) -> Name:
    """A name that means one browser here: of a path with its family, of an end of the versions the one at that end."""
    if name.path is not None:
        return _with_family(name)
    if not name.end or not name.family:
        return name
    if fake:
        return Name(name.family, name.family)
    from portolan.runners.sources import Catalogue

    versions = [tool.version for tool in Catalogue(order=sources).here(_any(name.family))]
    if not versions:
        raise NoBrowserHere(f"There is no {name.family} here yet; “portolan browsers install {name}” gets one.")
    return name.among(versions)


def _any(family: Family) -> Want:
    return want_of(Name(family, family))


def _with_family(name: Name) -> Name:
    from portolan.runners.sources import browser_at

    assert name.path
    tool = browser_at(name.path, os.environ)
    return msgspec.structs.replace(name, family=tool.kind, path=name.path.absolute())
