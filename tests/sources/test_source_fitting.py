"""Which driver drives which browser, and what is said if one does not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from portolan.runners.errors import DriverMismatch, ToolPathError
from portolan.runners.sources import Kind, Tool, Want, resolve
from portolan.runners.sources.fitting import GECKODRIVERS, OLDEST, mismatch, older, too_old
from portolan.runners.sources.installed import Installed

from .machine import Machine

NEEDS = "a geckodriver from 0.32.0 on that is older than 0.34.0, and 0.36.0 is the oldest that serves"


def tool(kind: Kind, version: str) -> Tool:
    return Tool(kind, version, f"/{kind}", "given")


@pytest.mark.parametrize(
    ("firefox", "geckodriver", "said"),
    [
        ("159.0", "0.37.1", ""),
        ("115.14.0", "0.36.0", ""),
        ("161.0a1", "0.37.1", ""),
        ("102.15.0", "0.37.1", f"it drives Firefox 115 and newer; Firefox 102 needs {NEEDS}"),
        ("140.12.0", "0.33.0", "it drives Firefox 102 to 120; give a geckodriver 0.36.0 or newer"),
        ("115.14.0", "0.33.0", ""),
        ("91.0", "0.31.0", ""),
        ("50.0", "0.36.0", "it drives Firefox 115 and newer; no geckodriver is known to drive Firefox 50"),
        ("159.0", "0.10.0", ""),  # older than the table: nothing is known
    ],
)
def test_geckodriver_and_firefox(firefox: str, geckodriver: str, said: str) -> None:
    assert mismatch(tool("firefox", firefox), tool("geckodriver", geckodriver)) == said


def test_chromedriver_drives_its_own_major_version() -> None:
    driver = tool("chromedriver", "150.0.7871.100")
    assert mismatch(tool("chromium", "150.0.1.2"), driver) == ""
    said = "it drives Chromium 150 alone; give a chromedriver 156"
    assert mismatch(tool("chromium", "156.0.8078.79"), driver) == said


def test_the_table_is_in_order_and_its_newest_line_serves() -> None:
    versions = [line.geckodriver for line in GECKODRIVERS]
    assert all(older(later, earlier) for earlier, later in pairwise(versions))
    assert not older(OLDEST["geckodriver"], versions[0])
    assert too_old("firefox", f"{GECKODRIVERS[0].first}.0") == ""


def test_a_firefox_that_nothing_drives_is_passed_over_and_refused(machine: Machine) -> None:
    path = machine.shell("firefox", "echo Mozilla Firefox 102.15.0esr")
    newer = machine.shell("firefox-esr", "echo Mozilla Firefox 140.12.0esr")
    source = Installed(machine.place)
    found = source.find(Want("firefox"))
    assert found is not None
    assert found.path == str(newer)
    given: dict[Kind, Path] = {"firefox": path}
    with pytest.raises(ToolPathError) as caught:
        resolve(["firefox"], given=given, cache=machine.cache, environment=machine.environment)
    assert str(caught.value) == (
        f"--firefox {path}: this is version 102.15.0, but 115.0 is the oldest that serves: Firefox 102 needs {NEEDS}; "
        "give the path of a firefox program."
    )


def test_a_given_pair_that_does_not_fit_says_which_would(machine: Machine) -> None:
    given: dict[Kind, Path] = {
        "chromium": machine.shell("browser", "echo Chromium 156.0.8078.79"),
        "chromedriver": machine.shell("driver", "echo ChromeDriver 150.0.7871.100"),
    }
    with pytest.raises(DriverMismatch) as caught:
        resolve(["chromium"], given=given, cache=machine.cache, environment=machine.environment)
    assert str(caught.value) == (
        f"--chromedriver {machine.bin}/driver is version 150.0.7871.100 and does not drive --chromium "
        f"{machine.bin}/browser, version 156.0.8078.79: it drives Chromium 150 alone; give a chromedriver 156."
    )
