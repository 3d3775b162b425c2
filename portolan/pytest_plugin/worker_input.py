"""What ``portolan run`` tells the workers of pytest-xdist: what to play, and the browsers that it has found."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from portolan.conformance.language.discovery import from_file
from portolan.conformance.language.scenario import Scenario
from portolan.pytest_plugin.options import CHOSEN, TOOLS
from portolan.runners.sources.base import Kind, Tool
from portolan.selection.selection import Tools

ERRAND = "portolan"
"""The key in a worker's input: JSON text."""


class Errand(msgspec.Struct, frozen=True):
    """The names of the chosen scenarios, by file; for each browser's name its programs."""

    chosen: dict[str, list[str]]
    tools: dict[str, dict[Kind, Tool]] | None


def pack(chosen: dict[Path, list[str]], tools: Tools | None) -> str:
    """The text that travels."""
    plain = None if tools is None else {name: dict(found) for name, found in tools.items()}
    return json.dumps(msgspec.to_builtins(Errand({str(path): names for path, names in chosen.items()}, plain)))


def accept(config: pytest.Config) -> None:
    """In a worker, know what the command has found out already."""
    text = getattr(config, "workerinput", {}).get(ERRAND)
    if text is None:
        return
    errand = msgspec.convert(json.loads(text), Errand)
    config.stash[CHOSEN] = {Path(path): _chosen(Path(path), names) for path, names in errand.chosen.items()}
    if errand.tools is not None:
        config.stash[TOOLS] = errand.tools


def _chosen(path: Path, names: list[str]) -> list[Scenario]:
    return [scenario for scenario in from_file(path) if scenario.name in names]
