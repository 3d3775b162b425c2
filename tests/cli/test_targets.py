"""Names of browsers, and what is played in."""

from __future__ import annotations

import pytest

from portolan.selection.browser_names import UnknownBrowser, read
from portolan.selection.targets import NothingToPlayIn, Target, targets


def test_everything_by_default() -> None:
    assert [target.label for target in targets()] == ["firefox-mv2", "firefox-mv3", "chromium-mv3"]


def test_in_the_order_that_was_asked_for_and_once() -> None:
    assert [str(target) for target in targets(["chromium", "firefox", "chromium"], [3])] == [
        "chromium mv3",
        "firefox mv3",
    ]


def test_a_browser_without_the_version_is_left_out_unless_it_was_named() -> None:
    assert targets([], [2]) == (Target("firefox", "firefox", 2),)
    with pytest.raises(NothingToPlayIn, match=r"chromium is played with manifest version 3, not 2\."):
        targets(["chromium"], [2])
    with pytest.raises(NothingToPlayIn, match=r"chromium is played with manifest version .*, not 7\."):
        targets([], [7])


def test_unknown_names() -> None:
    with pytest.raises(
        UnknownBrowser, match=r"There is no browser 'safari'; accepted: firefox or chromium; with a version .*\."
    ):
        read("safari")
