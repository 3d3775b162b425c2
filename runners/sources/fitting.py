"""Which driver drives which browser, and what to say if one does not."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from packaging.version import InvalidVersion, Version

from runners.sources.base import Kind, Tool

OLDEST: Mapping[Kind, str] = {"geckodriver": "0.36.0"}
"""The oldest version that serves; geckodriver has the switch for system access since this one."""


class Support(msgspec.Struct, frozen=True):
    """From this geckodriver on, until the next line of the table: the first and last major version of Firefox (0: all)."""

    geckodriver: str
    first: int
    last: int = 0


GECKODRIVERS: tuple[Support, ...] = (
    Support("0.34.0", 115),
    Support("0.32.0", 102, 120),
    Support("0.31.0", 91, 120),
    Support("0.30.0", 78, 90),
    Support("0.26.0", 60, 90),
    Support("0.25.0", 57, 90),
    Support("0.21.0", 57, 79),
)
"""Newest first. Source: Mozilla's "Supported platforms" (firefox-source-docs.mozilla.org/testing/geckodriver/Support.html)
and common/geckodriver/geckodriver-support.json in selenium's repository. The former asks for Firefox 128 from 0.36.0 on, the
latter for 115; with 0.37.1 sessions, add-ons and system access were seen to work in Firefox 115.14."""

FIRST_FIREFOX = GECKODRIVERS[0].first
"""The oldest Firefox that a geckodriver which serves can drive."""


def mismatch(browser: Tool, driver: Tool) -> str:
    """Half a sentence that says which driver fits, if this one does not drive this browser; "" if it does."""
    if driver.kind == "chromedriver":
        if browser.major == driver.major:
            return ""
        return (
            f"chromedriver {driver.version} drives Chromium {driver.major} alone; a chromedriver {browser.major} fits"
        )
    support = _support(driver.version)
    major = int(browser.major) if browser.major.isdigit() else 0
    if support is None or not major or _drives(support, major):
        return ""
    drives = f"Firefox {support.first} {f'to {support.last}' if support.last else 'and newer'}"
    return f"geckodriver {driver.version} drives {drives}; {fitting_geckodriver(major)}"


def fitting_geckodriver(major: int) -> str:
    """Half a sentence that says which geckodriver drives a major version of Firefox."""
    oldest = Version(OLDEST["geckodriver"])
    for number, line in enumerate(GECKODRIVERS):
        if not _drives(line, major):
            continue
        if number == 0:
            return f"geckodriver {max(Version(line.geckodriver), oldest)} or newer fits"
        newer = GECKODRIVERS[number - 1].geckodriver
        return f"only geckodriver {line.geckodriver} until before {newer} fits, and Portolan needs {oldest} or newer"
    return f"no geckodriver that is known here drives Firefox {major}"


def older(version: str, than: str) -> bool:
    """Whether a version is older than another; what is no version is not."""
    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False


def _support(geckodriver: str) -> Support | None:
    return next((line for line in GECKODRIVERS if not older(geckodriver, line.geckodriver)), None)


def _drives(line: Support, major: int) -> bool:
    return line.first <= major and (not line.last or major <= line.last)
