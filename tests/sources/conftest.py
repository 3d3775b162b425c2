"""A stand-in machine for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runners.sources import debian

from .machine import DebianMachine, Machine


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
