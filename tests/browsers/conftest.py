"""Tools for real browsers, got once; a place where sessions leave nothing behind; and a browser that is started when needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import portolan.runners.session.server
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import kinds_for
from portolan.runners.sources import KINDS, Kind, Tool, resolve

from .holding import Latch
from .stages import FAMILIES, Place, Stage

UNFIT = {
    "SE_CHROMEDRIVER": "/dev/null",
    "SE_GECKODRIVER": "/dev/null",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}
"""What a user may have set, for other purposes: nothing of it may reach a driver or a browser of ours."""


def given() -> dict[Kind, Path]:
    """The paths that a developer gives, such as PORTOLAN_TEST_FIREFOX."""
    named = {kind: os.environ.get(f"PORTOLAN_TEST_{kind.replace('-', '_').upper()}") for kind in KINDS}
    return {kind: Path(path) for kind, path in named.items() if path}


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[pytest.MonkeyPatch]:
    """Python and what it starts have their temporary files there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield patch


@pytest.fixture(scope="session", autouse=True)
def _temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A temporary folder of each worker's own: what one leaves in the machine's would be taken for another's."""
    with temporary_files_in(tmp_path_factory.mktemp("tmp")):
        yield


@pytest.fixture(scope="session")
def tools() -> dict[Kind, Tool]:
    """Both browsers and their drivers."""
    kinds = kinds_for(FAMILIES)
    return resolve(kinds, given={kind: path for kind, path in given().items() if kind in kinds})


@pytest.fixture(scope="session")
def web_ext() -> Tool:
    """Mozilla's tool, which lints extensions."""
    kind: Kind = "web-ext"
    return resolve([kind], given={key: path for key, path in given().items() if key == kind})[kind]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    """Each browser family in turn."""
    named: Family = request.param
    return named


@pytest.fixture(scope="module")
def place(tools: dict[Kind, Tool], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty home and an empty temporary folder for this module's runners, and a folder for their sessions."""
    place = Place(tmp_path_factory.mktemp("s"), tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("tmp"))
    with temporary_files_in(place.temporary) as patch:
        for name, value in {**UNFIT, "HOME": str(place.home)}.items():
            patch.setenv(name, value)
        yield place


@pytest.fixture(scope="module")
def stage(family: Family, tools: dict[Kind, Tool], place: Place) -> Iterator[Stage]:
    """One browser of this family, with Manifest V3: started when a test asks for it, and anew when the last one was broken."""
    stage = Stage(family, tools, place)
    yield stage
    stage.close()


@pytest.fixture
def latch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Latch]:
    """Holds a play of HELD in its middle."""
    latch = Latch()
    monkeypatch.setattr(portolan.runners.session.server, "page", latch)
    yield latch
    latch.release()
