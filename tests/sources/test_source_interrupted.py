"""A portolan that is killed while the internet sends something: nothing looks whole, and the next one need not wait."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from portolan.runners.sources import Place, Silent, Want
from portolan.runners.sources.downloads.geckodriver_autoinstaller import GeckodriverAutoinstaller
from portolan.runners.sources.downloads.selenium_manager import SeleniumManager
from portolan.runners.sources.downloads.vendors import GECKODRIVER_FILES, GECKODRIVERS

from .machine import Machine, program
from .sites import Page, Sites, serving, tarred

pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="there is nothing to download for this machine",
)

FILE = f"{GECKODRIVER_FILES}download/v0.37.1/geckodriver-v0.37.1-linux64.tar.gz"
GOOD = tarred({"geckodriver": program("geckodriver 0.37.1 (abc)")}, "gz")
SOURCES = {"selenium_manager": SeleniumManager, "geckodriver_autoinstaller": GeckodriverAutoinstaller}

FETCHING = """
import os, sys
from pathlib import Path
from portolan.runners.sources.cache import Cache
from portolan.runners.sources import Place, Silent, Want
from portolan.runners.sources.downloads.{module} import {name}
source = {name}(Place(cache=Cache(Path(sys.argv[1])), environment=dict(os.environ), say=print))
source.fetch(source.offer(Want("geckodriver")), Silent())
"""


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    """Sites that stop sending in mid-way."""
    with serving(tmp_path) as sites:
        sites.put(GECKODRIVERS, {"geckodriver-releases": [{"geckodriver-version": "0.37.1"}]})
        sites.put(GECKODRIVER_FILES + "latest", Page(status=302, location=f"{GECKODRIVER_FILES}tag/v0.37.1"))
        sites.put(GECKODRIVER_FILES + "tag/v0.37.1", Page(b""))
        sites.put(FILE, Page(GOOD, drip=True))
        yield sites


@pytest.mark.parametrize("module", SOURCES)
def test_killed_in_mid_way(machine: Machine, sites: Sites, module: str) -> None:
    machine.environment |= sites.environment
    make = SOURCES[module]
    code = FETCHING.format(module=module, name=make.__name__)
    top = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(machine.cache.folder)],
        cwd=top,
        env={**machine.environment, "PYTHONPATH": str(top)},
    )
    sites.wait_for(f"GET {FILE}")
    started = psutil.Process(process.pid).children(recursive=True)
    assert started
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    gone, alive = psutil.wait_procs(started, timeout=120)
    assert (len(gone), alive) == (len(started), []), "what it had started ends with it"
    assert machine.cache.names() == []

    sites.put(FILE, GOOD)
    source = make(Place(cache=machine.cache, environment=machine.environment, say=machine.heard.append))
    offer = source.offer(Want("geckodriver"))
    assert offer is not None
    assert source.fetch(offer, Silent()).version == "0.37.1"
    assert list((machine.cache.folder / "partial").iterdir()) == []
