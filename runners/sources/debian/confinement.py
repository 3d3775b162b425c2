"""Starting a program in a system root of its own, made of another release's packages: by bubblewrap, without touching the system.

The root's ``usr`` and ``etc`` are seen read-only; of the machine only its devices, its processes, its network on the
loopback interface and the folders that are named. As root a mount namespace is enough, else a user namespace is made.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from portolan.runners.errors import CannotConfine
from portolan.runners.sources.base import Tool
from portolan.runners.sources.process import plain

CONFINER = "bwrap"
"""Bubblewrap's program, in every cache entry beside the root: it starts what is in there."""

PROBE_SECONDS = 10.0
LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
"""What a merged root has as links into ``usr``."""

OWN = ("dev", "proc")
MACHINES = ("passwd", "group", "hosts", "resolv.conf", "machine-id")
"""Files of the machine's ``/etc`` that a program of a root sees in the place of the root's."""

WAYS: Mapping[str, tuple[str, ...]] = {
    "a mount namespace": ("--dev", "/dev", "--proc", "/proc"),
    "a user namespace": ("--unshare-user", "--dev", "/dev", "--proc", "/proc"),
    "a user namespace with the machine's /proc": ("--unshare-user", "--dev", "/dev", "--bind", "/proc", "/proc"),
}
"""How bubblewrap may be let make a root; the first that works on this machine is taken."""


@lru_cache
def way(bwrap: str) -> tuple[str, ...]:
    """The arguments with which bubblewrap works on this machine. Raises CannotConfine with its own words."""
    said = ""
    for arguments in WAYS.values():
        command = [bwrap, *_system("/"), *arguments, "/bin/true"]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            said = said or str(problem)
            continue
        if done.returncode == 0:
            return arguments
        said = said or done.stderr.decode("utf-8", "replace")
    raise CannotConfine(f"bubblewrap cannot make a root of its own on this machine: {plain(said)}")


def inside(root: str, path: str) -> str:
    """A path of the root as a program in it sees it."""
    return "/" + os.path.relpath(path, root)


def command(bwrap: str, root: str, program: str, writable: Iterable[Path] = ()) -> list[str]:
    """The words that start a program of a root, which sees these folders of the machine where they are and may write to them.

    The program's own arguments follow. Raises CannotConfine.
    """
    words = [bwrap, *_system(root), *way(bwrap), "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var"]
    for name in MACHINES:
        if Path("/etc", name).is_file() and Path(root, "etc", name).exists():
            words += ["--ro-bind", f"/etc/{name}", f"/etc/{name}"]
    for folder in writable:
        words += ["--bind", str(folder), str(folder)]
    return [*words, "--die-with-parent", inside(root, program)]


def entered(tool: Tool, writable: Iterable[Path] = ()) -> list[str]:
    """The words that start a tool: its path, or what enters its root and starts it there. Raises CannotConfine."""
    if not tool.root:
        return [tool.path]
    return command(str(Path(tool.root).parent / CONFINER), tool.root, tool.path, writable)


def script(path: Path, words: Sequence[str]) -> Path:
    """Write a program that starts these words with its own arguments after them."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    path.chmod(0o700)
    return path


def _system(root: str) -> list[str]:
    words = ["--ro-bind", os.path.join(root, "usr"), "/usr", "--ro-bind", os.path.join(root, "etc"), "/etc"]
    for name in LINKS:
        path = Path(root, name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path).lstrip("/"), f"/{name}"]
        elif path.is_dir():
            words += ["--ro-bind", str(path), f"/{name}"]
    return words
