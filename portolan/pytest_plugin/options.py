"""The options of the pytest plugin. All of them begin with ``--portolan-``, so that no other plugin's can collide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.runners.session.extensions import MANIFESTS
from portolan.selection import selection as choice
from portolan.selection.browser_names import VARIABLE, Name
from portolan.selection.settings import BROWSER_HELP, OUT, PATHS, RETRY_HELP, Settings, check_numbers, read_sources
from portolan.selection.targets import targets

SETTINGS = pytest.StashKey[Settings]()
CHOSEN = pytest.StashKey[Mapping[Path, list[Scenario]]]()
"""The scenarios that ``portolan run`` has chosen, by file. Without it, every scenario of a file is played."""

TOOLS: pytest.StashKey[choice.Tools] = pytest.StashKey()
"""The browser and the driver for each name, if they were looked up already."""

PREFIX = "portolan"


def option(name: str) -> str:
    """An option of the plugin, as the user writes it: ``--portolan-browser`` for ``browser``."""
    return f"--{PREFIX}-{name}"


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest the plugin's options."""
    group = parser.getgroup("portolan", "portolan: WebExtension messaging ports in real browsers")

    def add(name: str, **more: Any) -> None:
        group.addoption(option(name), **more)

    add("browser", action="append", default=[], metavar="NAME", help=BROWSER_HELP)
    add(
        "sources", default=None, metavar="NAMES", help="where to look for browsers, in this order, such as debian,cargo"
    )
    add(
        "manifest",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="manifest version 2 or 3; repeatable. Default: all that a browser loads",
    )
    add("repeat", type=int, default=1, metavar="N", help="play each scenario N times")
    add("retry", type=int, default=0, metavar="N", help=RETRY_HELP)
    add("headed", action="store_true", help="show the browsers")
    add("timeout-factor", type=float, default=1.0, metavar="F", help="multiply every timeout, for slow machines")
    add("out", default=OUT, metavar="DIR", help=f"the folder for run files (default: {OUT})")
    for kind in PATHS:
        add(kind, default=None, metavar="PATH", help=f"the {kind} to use")
    add("fake", action="store_true", help="play on the fake browser, a model of ports: needs no browser")
    add("fake-bug", action="append", default=[], metavar="FAULT", help="give the fake browser this fault; repeatable")


def value(config: pytest.Config, name: str) -> Any:
    """The value of one of the plugin's options."""
    return getattr(config.option, f"{PREFIX}_{name.replace('-', '_')}")


def read(config: pytest.Config) -> Settings:
    """Read the options. Raises PortolanError."""
    factor, repeat, retry = (value(config, name) for name in ("timeout-factor", "repeat", "retry"))
    check_numbers(factor, repeat, retry)
    sources = read_sources(value(config, "sources"))
    fake = value(config, "fake")
    names, problem = _names(value(config, "browser"), sources, fake=fake)
    if not problem:  # workers receive the options as they are now, and need not look the browsers up again
        setattr(config.option, f"{PREFIX}_browser", [name.text for name in names])
    folder = config.invocation_params.dir
    return Settings(
        targets=targets(names, value(config, "manifest")),
        names=names,
        sources=sources,
        problem=problem,
        repeat=repeat,
        retry=retry,
        headed=value(config, "headed"),
        factor=factor,
        out=folder / value(config, "out"),
        given={kind: folder / path for kind in PATHS if (path := value(config, kind))},
        fake=fake,
        bugs=tuple(value(config, "fake-bug")),
    )


def _names(browsers: list[str], sources: tuple[str, ...] | None, *, fake: bool) -> tuple[tuple[Name, ...], str]:
    """The browsers' names, and what is wrong if the environment names browsers that cannot be."""
    try:
        return choice.names(browsers, sources, fake=fake), ""
    except PortolanError as problem:
        if browsers:
            raise
        return choice.names(list(MANIFESTS)), f"{VARIABLE}: {problem}"
