"""What the vendors' download sites have: Firefox, Chrome for Testing and geckodriver, by version and channel.

The lists are the ones that Selenium Manager itself reads, or their neighbours on the same hosts: Mozilla's product details
(product-details.mozilla.org), the Chrome for Testing endpoints (github.com/GoogleChromeLabs/chrome-for-testing), and the
geckodriver releases in selenium's own repository.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from packaging.version import Version

from portolan.runners.sources.base import Kind, newest
from portolan.runners.sources.downloads.web import Web
from portolan.runners.sources.fitting import FIRST_FIREFOX, OLDEST, older

DETAILS = "https://product-details.mozilla.org/1.0/"
FIREFOX_FILES = "https://ftp.mozilla.org/pub/firefox/releases/"
NIGHTLY_FILES = "https://download.mozilla.org/"
CHROME = "https://googlechromelabs.github.io/chrome-for-testing/"
CHROME_FILES = "https://storage.googleapis.com/chrome-for-testing-public/"
GECKODRIVERS = "https://raw.githubusercontent.com/SeleniumHQ/selenium/trunk/common/geckodriver/geckodriver-support.json"
GECKODRIVER_FILES = "https://github.com/mozilla/geckodriver/releases/"

STABLE = "LATEST_FIREFOX_VERSION"
"""Mozilla's word for the release that it gives to everybody now."""

FIRST_CHROME = 115
"""The first Chrome for Testing that has its chromedriver beside it."""

FIRST_XZ = 135
"""The first Firefox that is packed with xz; older ones with bzip2."""


class Release(msgspec.Struct, frozen=True):
    """One version that can be downloaded. ``name`` is the site's own name of it, for Selenium Manager.

    ``current``: a channel holds it now.
    """

    kind: Kind
    version: str
    name: str
    channel: str = ""
    current: bool = False

    @property
    def major(self) -> str:
        """The first part of the version."""
        return self.version.split(".")[0]


class _FirefoxRelease(msgspec.Struct, frozen=True):
    category: str
    version: str


class _FirefoxReleases(msgspec.Struct, frozen=True):
    releases: dict[str, _FirefoxRelease]


class _ChromeVersion(msgspec.Struct, frozen=True):
    version: str
    channel: str = ""


class _ChromeVersions(msgspec.Struct, frozen=True):
    versions: list[_ChromeVersion]


class _ChromeChannels(msgspec.Struct, frozen=True):
    channels: dict[str, _ChromeVersion]


class _Geckodriver(msgspec.Struct, frozen=True, rename="kebab"):
    geckodriver_version: str


class _Geckodrivers(msgspec.Struct, frozen=True, rename="kebab"):
    geckodriver_releases: list[_Geckodriver]


def releases(kind: Kind, web: Web) -> list[Release]:
    """Everything of a kind that can be downloaded and serves; what a user most likely means first. Raises FetchFailed."""
    match kind:
        case "firefox":
            return _firefox(web)
        case "chromium" | "chromedriver":
            return _chrome(kind, web)
        case "geckodriver":
            return _geckodriver(web)
        case _:
            return []


def file_of(release: Release) -> str:
    """The address of a release's archive for Linux on x86-64, to learn its size; "" if it is not known."""
    match release.kind:
        case "firefox" if release.channel != "nightly":
            ending = "xz" if int(release.major) >= FIRST_XZ else "bz2"
            return f"{FIREFOX_FILES}{release.name}/linux-x86_64/en-US/firefox-{release.name}.tar.{ending}"
        case "chromium":
            return f"{CHROME_FILES}{release.version}/linux64/chrome-linux64.zip"
        case "chromedriver":
            return f"{CHROME_FILES}{release.version}/linux64/chromedriver-linux64.zip"
        case "geckodriver":
            file = f"geckodriver-v{release.version}-linux64.tar.gz"
            return f"{GECKODRIVER_FILES}download/v{release.version}/{file}"
        case _:
            return ""


def host_of(release: Release) -> str:
    """The host that a release's archive comes from, for the user's screen."""
    return urlsplit(file_of(release) or NIGHTLY_FILES).hostname or ""


def _firefox(web: Web) -> list[Release]:
    """Stable, then the ESRs and releases of every age, then beta and nightly: a test build is never the first choice.

    Developer Edition is not among them: Selenium Manager gets the beta of its version in its stead.
    """
    now = web.json(DETAILS + "firefox_versions.json", dict[str, str | None])
    known = web.json(DETAILS + "firefox.json", _FirefoxReleases).releases
    held = {name for key, name in now.items() if name and (key.startswith("FIREFOX_ESR") or key == STABLE)}
    names = [
        key.removeprefix("firefox-") for key, one in known.items() if one.category in ("major", "stability", "esr")
    ]
    found = [Release("firefox", one.removesuffix("esr"), one, _firefox_channel(one), one in held) for one in names]
    usable = sorted((one for one in found if _from(one, FIRST_FIREFOX)), key=_age, reverse=True)
    usable.sort(key=lambda one: one.name != now.get(STABLE))
    if beta := now.get("LATEST_FIREFOX_RELEASED_DEVEL_VERSION"):
        usable.append(Release("firefox", beta, beta, "beta", current=True))
    if nightly := now.get("FIREFOX_NIGHTLY"):
        usable.append(Release("firefox", nightly, "nightly", "nightly", current=True))
    return usable


def _firefox_channel(name: str) -> str:
    return "esr" if name.endswith("esr") else "stable"


def _chrome(kind: Kind, web: Web) -> list[Release]:
    """The version of each channel, stable first, then every known good version."""
    channels = web.json(CHROME + "last-known-good-versions.json", _ChromeChannels).channels
    known = web.json(CHROME + "known-good-versions.json", _ChromeVersions).versions
    named = [
        Release(kind, one.version, one.version, _chrome_channel(name), current=True) for name, one in channels.items()
    ]
    others = {one.version for one in known} - {one.version for one in named}
    found = [*named, *(Release(kind, version, version) for version in others)]
    usable = sorted((one for one in found if _from(one, FIRST_CHROME)), key=_age, reverse=True)
    stable = next((one for one in usable if one.channel == "stable"), None)
    if stable is None:
        return usable
    # What is newer than stable comes last: a beta is not chosen unless it is asked for.
    place = usable.index(stable)
    return [*usable[place:], *usable[:place]]


def _chrome_channel(name: str) -> str:
    return {"canary": "nightly"}.get(name.lower(), name.lower())


def _geckodriver(web: Web) -> list[Release]:
    known = web.json(GECKODRIVERS, _Geckodrivers).geckodriver_releases
    found = [Release("geckodriver", one.geckodriver_version, one.geckodriver_version, current=True) for one in known]
    serving = [one for one in found if not older(one.version, OLDEST["geckodriver"])]
    return sorted(serving, key=_age, reverse=True)


def _age(release: Release) -> Version:
    return newest(release.version)


def _from(release: Release, major: int) -> bool:
    return release.major.isdigit() and int(release.major) >= major
