"""What sessions leave behind when their runner or their guard is killed: found by a mark, and removed."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import psutil

MARK = "PORTOLAN_SESSION"
"""The variable in the environment of every process of a session, by which the processes of a dead one are found."""

OWNER = "owner"
"""The file in a session's folder that its runner holds a lock on; it names the session's temporary folder."""

END_SECONDS = 20.0
MOST_PASSES = 50


def own(folder: Path, temporary: Path) -> TextIO:
    """Say that a session's folder, and its temporary folder, belong to this process, for as long as the file is open."""
    file = (folder / "owner.new").open("w")
    fcntl.flock(
        file, fcntl.LOCK_EX
    )  # by a lock, not by a process id: those are used again, and differ between machines
    file.write(str(temporary))
    file.flush()
    Path(file.name).rename(folder / OWNER)  # only now: an owner file that is not locked is a dead runner's
    return file


def is_owned(folder: Path) -> bool:
    """Whether the folder's owner lives, or the folder is none of ours."""
    try:
        with (folder / OWNER).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def end_marked(session: str) -> list[int]:
    """Kill every process that carries the session's mark; their ids."""
    ended: list[int] = []
    for _ in range(MOST_PASSES):
        left = marked(session)
        if not left:
            break
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=END_SECONDS)
        ended += [process.pid for process in left]
    return ended


def marked(session: str) -> list[psutil.Process]:
    """Every process that carries the session's mark, and every process below one, but this one.

    A process may write over its own environment, as Chromium's renderers do when they change their titles.
    """
    everyone = [process for process in psutil.process_iter(["ppid"]) if process.pid != os.getpid()]
    found = {process.pid for process in everyone if _mark_of(process) == session}
    while below := {process.pid for process in everyone if process.info["ppid"] in found} - found:
        found |= below
    return [process for process in everyone if process.pid in found]


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None  # it has ended, or it is of another user


def sweep(sessions: Path) -> list[str]:
    """Remove what sessions of runners that are dead have left; the names of those sessions."""
    swept = []
    for folder in sorted(sessions.iterdir()) if sessions.is_dir() else ():
        if not is_owned(folder):
            end_marked(folder.name)
            remove(folder)
            swept.append(folder.name)
    return swept


def remove(folder: Path) -> None:
    """Remove a session's folder, and its temporary folder where that is elsewhere."""
    with suppress(OSError):
        shutil.rmtree((folder / OWNER).read_text(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
