"""The stage's extensions, made from ``fixtures-extensions/`` for one browser family and manifest version.

Every extension has a fixed id: Firefox takes it from the manifest, Chromium computes it from the manifest's ``key``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Family = Literal["firefox", "chromium"]
Name = Literal["subject", "peer", "observer"]

UUIDS = {
    "subject": "5b9a9c1e-0000-4000-8000-000000000001",
    "peer": "5b9a9c1e-0000-4000-8000-000000000002",
    "observer": "5b9a9c1e-0000-4000-8000-000000000003",
}
"""The host part of Firefox's moz-extension: addresses, preset so that the stage knows them."""

MANIFESTS: dict[Family, tuple[int, ...]] = {"firefox": (2, 3), "chromium": (3,)}
"""The manifest versions that are generated for each family."""


def sources() -> Path:
    """The folder ``fixtures-extensions``: in the checkout, or in the installed package."""
    here = Path(__file__).resolve().parent
    for folder in (here / "fixtures-extensions", here.parent / "fixtures-extensions"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("fixtures-extensions is neither beside nor inside the package 'runners'")


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
    """What is generated for: a family and a manifest version. ``extra`` copies of the subject have ids of their own."""

    family: Family
    manifest: int
    keys: dict[str, str] = field(default_factory=dict)

    def source(self, name: Name) -> Path:
        """The manifest that is taken. Firefox's observer is always of version 2: it must never be stopped."""
        version = 2 if name == "observer" and self.family == "firefox" else self.manifest
        return sources() / "manifests" / f"{name}.{self.family}-mv{version}.json"


def generate(variant: Variant, into: Path) -> dict[str, Made]:
    """Write the observer, the subject and the peer below ``into``."""
    ids = {name: _id_of(json.loads(variant.source(name).read_text())) for name in ("observer", "subject", "peer")}
    return {name: _generate_one(variant, name, ids, into) for name in ("observer", "subject", "peer")}


def _id_of(manifest: dict[str, object]) -> str:
    if "key" in manifest:
        return chromium_id(str(manifest["key"]))
    settings = manifest["browser_specific_settings"]
    assert isinstance(settings, dict)
    return str(settings["gecko"]["id"])


def _generate_one(variant: Variant, name: Name, ids: dict[str, str], into: Path) -> Made:
    folder = into / name
    folder.mkdir(parents=True)
    shutil.copyfile(variant.source(name), folder / "manifest.json")
    if name == "observer":
        for script in ("background.js", "frame.js"):
            shutil.copyfile(sources() / "observer" / script, folder / script)
    else:
        shutil.copytree(sources() / "shared", folder / "shared")
        config = json.dumps({"extension": name, "observer": ids["observer"]})
        (folder / "config.js").write_text(f"globalThis.portolan ??= {{}};\nportolan.config = {config};\n")
    origin = f"moz-extension://{UUIDS[name]}" if variant.family == "firefox" else f"chrome-extension://{ids[name]}"
    return Made(name, folder, ids[name], origin)
