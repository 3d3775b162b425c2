"""The stage's extensions, made from ``fixtures-extensions/`` for one browser family and manifest version.

Every extension has a fixed id: Firefox takes it from the manifest, Chromium computes it from the manifest's ``key``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import portolan

Family = Literal["firefox", "chromium"]
Name = Literal["subject", "peer", "observer"]

UUIDS = {
    "subject": "5b9a9c1e-0000-4000-8000-000000000001",
    "peer": "5b9a9c1e-0000-4000-8000-000000000002",
    "observer": "5b9a9c1e-0000-4000-8000-000000000003",
}
"""The host part of Firefox's moz-extension: addresses, preset so that the stage knows them; for the first troupe."""

MANIFESTS: dict[Family, tuple[int, ...]] = {"firefox": (2, 3), "chromium": (2, 3)}
"""The manifest versions that are generated for each family."""

OBSERVERS: dict[Family, int] = {"firefox": 2, "chromium": 3}
"""The manifest version of each family's observer."""


SCRIPTS = {"user-script": "user-script.js", "other-user-script": "user-script.js", "second-script": "content.js"}
"""The subject's scripts in web pages besides its first content script: their folders, which are their contexts, and their last file."""


def sources() -> Path:
    """The folder ``fixtures-extensions``: in the checkout, or in the installed package."""
    folder = Path(portolan.__file__).with_name("fixtures-extensions")
    if not folder.is_dir():
        raise FileNotFoundError("the package portolan lacks its folder fixtures-extensions")
    return folder


@cache
def chromium_id(key: str) -> str:
    """The id that Chromium gives to an extension with this manifest ``key`` (base64 of a public key)."""
    digest = hashlib.sha256(base64.b64decode(key)).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


@dataclass(frozen=True)
class Made:
    """One generated extension: its folder, its id, and the start of its addresses."""

    name: str
    folder: Path
    id: str
    origin: str


@dataclass(frozen=True)
class Variant:
    """What is generated for: a family and a manifest version.

    A *troupe* is one subject and one peer. Number 0 plays one scenario after another; the others have ids and pages of
    their own, for plays that wait beside.
    """

    family: Family
    manifest: int
    troupe: int = 0

    def source(self, name: Name) -> Path:
        """The manifest that is taken. The observer's is always the same: Firefox's must never be stopped, Chromium's must load."""
        version = OBSERVERS[self.family] if name == "observer" else self.manifest
        return sources() / "manifests" / f"{name}.{self.family}-mv{version}.json"


def unchanged(manifest: dict[str, Any]) -> None:
    """Leave a manifest as it is."""


def generate(variant: Variant, into: Path, adapt: Callable[[dict[str, Any]], None] = unchanged) -> dict[str, Made]:
    """Write the observer (for troupe 0), the subject and the peer below ``into``.

    ``adapt`` changes each manifest to what the browser's version takes.
    """
    observer = _id_of(json.loads(variant.source("observer").read_text()))
    made = {}
    for name in ("observer", "subject", "peer") if variant.troupe == 0 else ("subject", "peer"):
        made[name] = _generate_one(variant, name, observer, into, adapt)
    return made


def make_newer(made: Made, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give a generated extension's manifest the next version, for an update; returns what the manifest was.

    ``changes``: what these of its keys say then; None: there is no such key.
    """
    before = manifest_of(made)
    major, _, minor = before["version"].partition(".")
    manifest = {**before, "version": f"{major}.{int(minor) + 1}", **(changes or {})}
    said = {key: value for key, value in manifest.items() if value is not None}
    (made.folder / "manifest.json").write_text(json.dumps(said, indent=2) + "\n")
    return before


BOTH_BACKGROUNDS_SINCE = 121
"""The version of either family that takes a manifest with both kinds of background; before, it is refused."""


def both_backgrounds(name: str) -> dict[str, Any]:
    """An extension's background, listed as in Firefox and, beside that, as in Chromium: both do the same."""
    both: dict[str, Any] = {}
    for family in MANIFESTS:
        both |= json.loads((sources() / "manifests" / f"{name}.{family}-mv3.json").read_text())["background"]
    return both


def manifest_of(made: Made) -> dict[str, Any]:
    """What a generated extension's manifest says now."""
    manifest: dict[str, Any] = json.loads((made.folder / "manifest.json").read_text())
    return manifest


def _id_of(manifest: dict[str, Any]) -> str:
    if "key" in manifest:
        return chromium_id(str(manifest["key"]))
    return str(manifest["browser_specific_settings"]["gecko"]["id"])


def _generate_one(
    variant: Variant, name: Name, observer: str, into: Path, adapt: Callable[[dict[str, Any]], None]
) -> Made:
    folder = into / (name if variant.troupe == 0 else f"{name}{variant.troupe}")
    folder.mkdir(parents=True)
    manifest = json.loads(variant.source(name).read_text())
    if variant.troupe:
        _make_copy(manifest, variant.troupe)
    adapt(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    if name == "observer":
        for script in ("background.js", "frame.js", "cached.js"):
            shutil.copyfile(sources() / "observer" / script, folder / script)
    else:
        shutil.copytree(sources() / "shared", folder / "shared")
        config = {"extension": name, "troupe": variant.troupe, "observer": observer}
        _configure(folder, config)
        _copy_scripts(folder, config)
    id = _id_of(manifest)
    uuid = UUIDS[name].replace("-0000-", f"-{variant.troupe:04}-", 1)
    origin = f"moz-extension://{uuid}" if variant.family == "firefox" else f"chrome-extension://{id}"
    return Made(name, folder, id, origin)


def _configure(folder: Path, config: dict[str, Any]) -> None:
    text = f"globalThis.portolan ??= {{}};\nportolan.config = {json.dumps(config)};\n"
    (folder / "config.js").write_text(text)


def _copy_scripts(folder: Path, config: dict[str, Any]) -> None:
    """Chromium runs a file of an extension once at one moment in one document: each script more gets files of its own."""
    for name, own in SCRIPTS.items():
        (folder / name).mkdir()
        for script in ("values.js", "puppet.js", "channel-dom.js", own):
            shutil.copyfile(folder / "shared" / script, folder / name / script)
        _configure(folder / name, {**config, "folder": name})


def _make_copy(manifest: dict[str, Any], troupe: int) -> None:
    """Give a manifest an id and pages of its own. Chromium's id is a hash of the key, whatever bytes the key has."""
    manifest["name"] += f" {troupe}"
    for scripts in (*manifest["content_scripts"], manifest.get("externally_connectable", {"matches": []})):
        scripts["matches"] = [match.replace("/0/", f"/{troupe}/") for match in scripts["matches"]]
    if "key" in manifest:
        key = bytearray(base64.b64decode(manifest["key"]))
        key[-6] ^= troupe  # within the modulus: still a well-formed key
        manifest["key"] = base64.b64encode(key).decode()
    else:
        name, _, host = manifest["browser_specific_settings"]["gecko"]["id"].partition("@")
        manifest["browser_specific_settings"]["gecko"]["id"] = f"{name}{troupe}@{host}"
