"""Who made a run file: the suite's version and commit, and the machine it ran on."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from portolan.conformance.trace.recording import FORMAT, Browser, Header

CHECKOUT = Path(__file__).resolve().parent.parent


@cache
def version(distribution: str = "portolan") -> str:
    """The version of an installed distribution; "unknown" if it is not installed as one."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def commit() -> str:
    """The checkout's commit, with a "+" if it was changed since; nothing where there is no checkout."""
    if not (CHECKOUT / ".git").exists() or not (CHECKOUT / "pyproject.toml").exists():
        return ""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(*command: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(CHECKOUT), *command], capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()


def header_for(browser: Browser, manifest: int) -> Header:
    """The first line of a run that begins now."""
    return Header(
        format=FORMAT,
        suite=version(),
        commit=commit(),
        browser=browser,
        manifest=manifest,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        selenium=version("selenium"),
    )
