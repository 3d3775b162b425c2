"""A stand-in machine for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A stand-in machine with nothing in its PATH."""
    return Machine(tmp_path)


@pytest.fixture
def as_ordinary_user() -> None:
    """Skip where file permissions bind nobody."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
