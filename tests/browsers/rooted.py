"""Starting a browser without a session, also one that lies in a system root of its own, and outside of the user's home."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portolan.runners.sources import Tool, environment_for
from portolan.runners.sources.debian.confinement import entered, inside, script


def starts(tool: Tool, place: Path, *seen: Path) -> str:
    """What starts a tool: its path, or a script in ``place`` that enters its root, in which it sees these folders."""
    place.mkdir(exist_ok=True)
    return str(script(place / "start", entered(tool, (place, *seen)))) if tool.root else tool.path


def seen_inside(tool: Tool) -> str:
    """A tool's path as it is seen where the tool runs: a browser's by the driver in its own root."""
    return inside(tool.root, tool.path) if tool.root else tool.path


def variables(place: Path, *tools: Tool) -> dict[str, str]:
    """The environment of these tools: home and temporary files are in ``place``, which their root has to have."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}  # folders of the user's own
    return {**environment_for(*tools, base=kept), "HOME": str(place), "TMPDIR": str(place)}


@contextmanager
def outside_home() -> Iterator[Path]:
    """A folder for what a browser writes, with a short path: sockets are in it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        yield Path(place)
