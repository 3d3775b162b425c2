"""From tools to a session that is not started yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.runners.errors import CacheNotWritable
from portolan.runners.families.chromium import Chromium
from portolan.runners.families.firefox import Firefox
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import kinds_for, launch
from portolan.runners.sources import Tool

TOOLS = {
    kind: Tool(kind, "1", f"/opt/{kind}", "debian", {"LD_LIBRARY_PATH": f"/opt/lib/{kind}"})
    for kind in ("firefox", "geckodriver", "chromium", "chromedriver")
}


def test_which_tools_are_needed() -> None:
    assert kinds_for(["chromium", "chromium"]) == ["chromium", "chromedriver"]
    assert kinds_for(["firefox", "chromium"]) == ["firefox", "geckodriver", "chromium", "chromedriver"]


@pytest.mark.parametrize(
    ("family", "driving", "driver"), [("firefox", Firefox, "geckodriver"), ("chromium", Chromium, "chromedriver")]
)
def test_each_family_is_driven_by_its_own(family: Family, driving: type, driver: str, tmp_path: Path) -> None:
    session = launch(family, 3, TOOLS, sessions_folder=tmp_path / "sessions", headless=False, factor=2)
    assert isinstance(session.driving, driving)
    assert (session.driving.browser, session.driving.headless) == (TOOLS[family], False)
    assert session.driving.variables["LD_LIBRARY_PATH"].split(":") == [f"/opt/lib/{family}", f"/opt/lib/{driver}"]
    assert (session.driver.path, session.manifest, session.factor) == (f"/opt/{driver}", 3, 2)
    assert session.folder.parent == tmp_path / "sessions"
    session._loop.close()  # a session that never started has nothing else to close


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(CacheNotWritable, match="set PORTOLAN_CACHE to another folder"):
        launch("firefox", 3, TOOLS, sessions_folder=tmp_path / "cache" / "sessions")
