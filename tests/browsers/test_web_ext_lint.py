"""Mozilla's own linter passes on every extension that is generated for Firefox."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from portolan.runners.session.extensions import MANIFESTS, Variant, generate
from portolan.runners.sources import Tool

SECONDS = 600.0

EXPLAINED: dict[tuple[str, str], str] = {}
"""Warnings that are right and stay: (extension, code) and the reason. docs/extensions.md has the same list."""


def complaints(web_ext: Tool, folder: Path) -> dict[str, list[dict[str, str]]]:
    """What the linter says of an extension: errors, warnings and notices."""
    command = [
        web_ext.path,
        "lint",
        "--source-dir",
        str(folder),
        "--output",
        "json",
        "--no-config-discovery",
        "--no-input",
    ]
    done = subprocess.run(
        command, env={**os.environ, **web_ext.environment}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.stdout, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("manifest", MANIFESTS["firefox"])
def test_every_firefox_variant_passes(web_ext: Tool, manifest: int, tmp_path: Path) -> None:
    made = generate(Variant("firefox", manifest), tmp_path)
    assert set(made) == {"observer", "subject", "peer"}
    for name, extension in made.items():
        found = complaints(web_ext, extension.folder)
        assert found["errors"] == []
        unexplained = [warning for warning in found["warnings"] if (name, warning["code"]) not in EXPLAINED]
        assert unexplained == [], f"{name}: mend it, or say in EXPLAINED and docs/extensions.md why it stays"


def test_the_linter_would_complain(web_ext: Tool, tmp_path: Path) -> None:
    made = generate(Variant("firefox", 3), tmp_path)["subject"]
    with (made.folder / "shared" / "puppet.js").open("a") as file:
        file.write("\neval('1');\n")
    assert "DANGEROUS_EVAL" in {warning["code"] for warning in complaints(web_ext, made.folder)["warnings"]}
