"""A stand-in machine for each test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portolan.runners.sources import installed
from portolan.runners.sources.cache import Cache
from portolan.runners.sources.debian import packages as debian

from .machine import DebianMachine, Machine


@pytest.fixture(autouse=True)
def _no_usual_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers in the real machine's folders are not seen."""
    monkeypatch.setattr(installed, "PLACES", {})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A stand-in machine with nothing in its PATH."""
    return Machine(tmp_path)


@pytest.fixture
def debian_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DebianMachine:
    """A stand-in machine with apt, and with fonts."""
    monkeypatch.setattr(debian, "machine_lacks_fonts", lambda: False)
    monkeypatch.setattr(debian, "system", lambda: ("Debian", "debian-12-x86_64"))
    return DebianMachine(tmp_path)


@pytest.fixture
def as_ordinary_user() -> None:
    """Skip where file permissions bind nobody."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def other(cache: Cache) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the lines it is sent, and answers "done" after each."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom portolan.runners.sources.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1]))\n"
        "for line in sys.stdin:\n    exec(line)\n    print('done', flush=True)\n"
    )
    top = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", code, str(cache.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=top) as process:
        yield process
        process.kill()
