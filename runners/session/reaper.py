"""The guard: starts a driver, and ends everything that came of it when the driver or the runner ends.

It runs as a process of its own, ``python reaper.py TEMPORARY FOLDER DRIVER ARGUMENT…``, in place of the driver. Every process that
the driver starts stays below the guard, even after its parent is gone (the guard is their subreaper, on Linux), so
a browser outlives neither its driver nor a runner that was killed: the runner's end closes the guard's standard input.
FOLDER is the session's folder, TEMPORARY its temporary one (inside, or elsewhere); they are removed last.
No dependencies: the guard must start fast.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Let the processes of ended children become children of this one (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> dict[int, list[int]]:
    """Each process's children, by process id (Linux)."""
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                found.setdefault(int(fields[1]), []).append(int(entry))
    return found


def descendants(of: int) -> list[int]:
    """Every process below this one."""
    known = children()
    out: list[int] = []
    left = list(known.get(of, []))
    while left:
        process = left.pop()
        out.append(process)
        left += known.get(process, [])
    return out


def end_all() -> None:
    """Kill every process below this one, until none is left."""
    for _ in range(200):
        left = descendants(os.getpid())
        if not left:
            return
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        reap()


def reap() -> None:
    """Wait for children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            process, _ = os.waitpid(-1, 0)
            if process == 0:
                return


def main() -> None:
    """Start the driver and wait for its end, or the runner's."""
    temporary, folder, *command = sys.argv[1:]
    become_subreaper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the runner, which then ends us in good order
    driver = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    over = threading.Event()

    def finish(*_: object) -> None:
        over.set()

    signal.signal(signal.SIGTERM, finish)
    for end in (sys.stdin.buffer.read, driver.wait):
        threading.Thread(target=lambda end=end: finish(end()), daemon=True).start()
    over.wait()
    end_all()
    for each in (temporary, folder):
        shutil.rmtree(each, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
