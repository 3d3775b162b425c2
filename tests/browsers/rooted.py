"""Starting a browser without a session, also one that lies in a system root of its own."""

from __future__ import annotations

from pathlib import Path

from runners.sources import Tool
from runners.sources.confinement import entered, inside, script


def starts(tool: Tool, place: Path, *seen: Path) -> str:
    """What starts a tool: its path, or a script in ``place`` that enters its root, in which it sees these folders."""
    place.mkdir(exist_ok=True)
    return str(script(place / "start", entered(tool, (place, *seen)))) if tool.root else tool.path


def seen_by_its_driver(browser: Tool) -> str:
    """A browser's path as the driver in its own root sees it."""
    return inside(browser.root, browser.path) if browser.root else browser.path
