"""Running other people's programs: line by line, with what they say kept for the error, and ended when we are."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO

import msgspec

_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|ENOSPC|EDQUOT|have enough free space|not enough space", re.IGNORECASE
)
_ERROR = re.compile(r"^\s*(?:E:|W: Failed|npm (?:error|ERR!)|error(?:\[\w+\])?:|fatal:|dpkg-deb: error)", re.IGNORECASE)
_EMPTY = re.compile(r"npm (?:error|ERR!) (?:code|errno|syscall|A complete log)")
_PREFIX = re.compile(r"^(?:E:|W:|npm (?:error|ERR!)|error:|fatal:)\s*", re.IGNORECASE)
_CAUSE = "Caused by:"
_KEPT_LINES = 60

# Ask the kernel for SIGKILL when the parent ends (PR_SET_PDEATHSIG is 1), and become the program; too late is too late.
_BOUND = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
_LONGEST = 300


class Finished(msgspec.Struct, frozen=True):
    """How a program ended, and the last lines that it wrote; ``late``: it was killed because its time was up."""

    code: int
    lines: tuple[str, ...]
    late: bool = False

    @property
    def full(self) -> bool:
        """Whether it complained about a full disk."""
        return any(_FULL.search(line) for line in self.lines)

    def complaint(self) -> str:
        """The line that says most about a failure, and cargo's last cause of it; on one line and not too long."""
        lines = [line.strip() for line in self.lines if line.strip()]
        marked = [line for line in lines if _ERROR.match(line) and not _EMPTY.match(line)]
        telling = (marked or lines[-1:] or [f"exit code {self.code}, without a word"])[0]
        causes = [after for before, after in pairwise(lines) if before == _CAUSE]
        return plain(": ".join([_PREFIX.sub("", telling), *causes[-1:]]))


def plain(text: str) -> str:
    """A text without control characters, on one line, cut after 300 characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= _LONGEST else flat[:_LONGEST] + "…"


def program(name: str, environment: Mapping[str, str]) -> str | None:
    """The absolute path of a program in this environment's PATH."""
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    return os.path.abspath(found) if found else None


def programs(name: str, environment: Mapping[str, str]) -> list[str]:
    """The absolute paths of every program of this name in this environment's PATH, in its order."""
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    found = (shutil.which(name, path=folder or os.curdir) for folder in folders)
    return list(dict.fromkeys(os.path.abspath(path) for path in found if path))


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
    keep: Iterable[int] = (),
    line: Callable[[str], None] | None = None,
    seconds: float | None = None,
    bound: bool = False,
) -> Finished:
    """Run a program to its end and hand over each line, of both streams, as it comes (a carriage return ends one too).

    It gets no input, and the descriptors in ``keep``. If anything is raised meanwhile (Ctrl-C), or after ``seconds``,
    its whole group is killed. With ``bound`` it is killed too when this process is (Linux): for what may take long.
    Raises OSError if it cannot be started.
    """
    if bound and sys.platform == "linux" and os.path.isfile(command[0]):
        command = [sys.executable, "-I", "-S", "-c", _BOUND, str(os.getpid()), *command]
    kept: deque[str] = deque(maxlen=_KEPT_LINES)
    deadline = None if seconds is None else time.monotonic() + seconds
    with subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=tuple(keep),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            for text in _lines(process.stdout, deadline):
                kept.append(text)
                if line is not None:
                    line(text)
            code = process.wait(_left(deadline))
        except (_TimeIsUp, subprocess.TimeoutExpired):
            _kill(process)
            return Finished(process.wait(), tuple(kept), late=True)
        except BaseException:
            _kill(process)
            raise
    return Finished(code, tuple(kept))


class _TimeIsUp(Exception):
    """The deadline passed while a program was being listened to."""


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _left(deadline: float | None) -> float | None:
    """The seconds until the deadline."""
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)


def _lines(stream: IO[bytes], deadline: float | None) -> Iterator[str]:
    """The lines of a stream as soon as they are whole. Raises _TimeIsUp."""
    rest = b""
    while True:
        if not select.select([stream], [], [], _left(deadline))[0]:
            raise _TimeIsUp
        piece = os.read(stream.fileno(), 65536)
        if not piece:
            break
        *whole, rest = re.split(rb"[\r\n]", rest + piece)
        yield from (text.decode("utf-8", "replace") for text in whole if text)
    if rest:
        yield rest.decode("utf-8", "replace")
