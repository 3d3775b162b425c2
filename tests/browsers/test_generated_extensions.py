"""The generated extensions, without a browser: fixed ids, readable sources, nothing evaluated, nothing patched, no file missing."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from portolan.runners.session.extensions import MANIFESTS, Family, Variant, generate, make_newer, manifest_of, sources

LONGEST_LINE = 200
VARIANTS = [(family, manifest) for family, manifests in MANIFESTS.items() for manifest in manifests]
IDS: dict[Family, dict[str, str]] = {
    "firefox": {"observer": "observer@portolan.test", "subject": "subject@portolan.test", "peer": "peer@portolan.test"},
    "chromium": {
        "observer": "bmpfodhpjgmgfgmeiblmddlpnmdhbjcm",
        "subject": "ohcbaeamjeahfngcabkllmdfkmabnhjb",
        "peer": "dccloppphalokagppokcnkibjohjpmgo",
    },
}

FORBIDDEN = {
    "evaluates text": r"\beval\b|\bnew\s+Function\b|\bsetTimeout\(\s*[\"'`]|\bsetInterval\(\s*[\"'`]",
    "writes markup": r"\b(inner|outer)HTML\b|\bdocument\.write\b|\binsertAdjacentHTML\b",
    "loads code from elsewhere": r"\bimportScripts\([^)]*://|<script[^>]+src=\"(?!/)",
    # A channel of our own has a method connect; nothing else may get one.
    "patches the API under test": (
        r"(?<!\bchannel)\.(connect|connectNative|postMessage|disconnect|addListener|removeListener|hasListener|sendMessage)\s*=(?!=)"
        r"|\.on(Connect|ConnectExternal|UserScriptConnect|Message|Disconnect)\s*=(?!=)|\bnew\s+Proxy\b|\bPort\.prototype\b"
    ),
}


@pytest.fixture(params=VARIANTS, ids=lambda variant: f"{variant[0]}-mv{variant[1]}")
def variant(request: pytest.FixtureRequest) -> tuple[Family, int]:
    found: tuple[Family, int] = request.param
    return found


def test_ids_are_fixed(variant: tuple[Family, int], tmp_path: Path) -> None:
    family, manifest = variant
    made = generate(Variant(family, manifest), tmp_path)
    assert {name: each.id for name, each in made.items()} == IDS[family]


def test_ids_are_those_of_the_manifests(variant: tuple[Family, int], tmp_path: Path) -> None:
    family, manifest = variant
    for made in generate(Variant(family, manifest), tmp_path).values():
        if family == "firefox":
            assert made.id == manifest_of(made)["browser_specific_settings"]["gecko"]["id"]
        else:
            digest = hashlib.sha256(base64.b64decode(manifest_of(made)["key"], validate=True)).digest()
            assert made.id == "".join(chr(ord("a") + half) for byte in digest[:16] for half in divmod(byte, 16))
            assert made.origin == f"chrome-extension://{made.id}"


def test_copies_have_ids_and_pages_of_their_own(tmp_path: Path) -> None:
    made = [
        each
        for troupe in range(4)
        for name, each in generate(Variant("chromium", 3, troupe), tmp_path).items()
        if name != "observer"
    ]
    assert len({each.id for each in made}) == len(made)
    matches = [
        match for each in made for scripts in manifest_of(each)["content_scripts"] for match in scripts["matches"]
    ]
    assert {match.split("/")[3] for match in matches} == {"0", "1", "2", "3"}


def test_a_newer_version_says_who_may_connect(variant: tuple[Family, int], tmp_path: Path) -> None:
    peer = generate(Variant(*variant), tmp_path)["peer"]
    first = manifest_of(peer)

    assert make_newer(peer, {"externally_connectable": {"ids": ["*"]}}) == first
    assert manifest_of(peer) == {**first, "version": "1.1", "externally_connectable": {"ids": ["*"]}}
    make_newer(peer)
    assert manifest_of(peer) == {**first, "version": "1.2", "externally_connectable": {"ids": ["*"]}}
    make_newer(peer, {"externally_connectable": None})
    assert manifest_of(peer) == {**first, "version": "1.3"}


def test_a_newer_version_asks_for_more(variant: tuple[Family, int], tmp_path: Path) -> None:
    peer = generate(Variant(*variant), tmp_path)["peer"]
    first = manifest_of(peer)
    asked = first["permissions"]

    make_newer(peer, {"permissions": [*asked, "userScripts"]})
    assert manifest_of(peer) == {**first, "version": "1.1", "permissions": [*asked, "userScripts"]}
    make_newer(peer, {"permissions": asked})
    assert manifest_of(peer) == {**first, "version": "1.2"}


def test_pages_of_each_copy_connect_to_that_copy_alone(tmp_path: Path) -> None:
    for troupe in (0, 2):
        subject = manifest_of(generate(Variant("chromium", 3, troupe), tmp_path / str(troupe))["subject"])
        sites = [f"http://{host}/{troupe}/*" for host in ("127.0.0.1", "localhost")]
        assert subject["externally_connectable"] == {"ids": ["*"], "matches": sites}


def test_every_file_that_is_named_is_there(variant: tuple[Family, int], tmp_path: Path) -> None:
    family, manifest = variant
    for made in generate(Variant(family, manifest), tmp_path).values():
        named = {*files_of(manifest_of(made)), *(name for path in made.folder.rglob("*") for name in files_in(path))}
        assert named
        assert [name for name in named if not (made.folder / name).is_file()] == []


def files_of(manifest: dict[str, Any]) -> list[str]:
    """The files that a manifest names."""
    background = manifest["background"]
    named = [
        *background.get("scripts", []),
        *([background["service_worker"]] if "service_worker" in background else []),
    ]
    named += [
        name
        for scripts in manifest.get("content_scripts", [])
        for key in ("js", "css")
        for name in scripts.get(key, [])
    ]
    for each in manifest.get("web_accessible_resources", []):
        named += [each] if isinstance(each, str) else each["resources"]
    return [*named, *([manifest["options_ui"]["page"]] if "options_ui" in manifest else [])]


def files_in(path: Path) -> list[str]:
    """The files that a page or a worker loads."""
    if path.suffix == ".html":
        return [name.lstrip("/") for name in re.findall(r'<script src="([^"]+)"', path.read_text())]
    if path.suffix == ".js":
        return [
            name
            for call in re.findall(r"importScripts\(([^)]*)\)", path.read_text())
            for name in re.findall(r'"/?([^"]+)"', call)
        ]
    return []


def code_of(path: Path) -> str:
    """A source without its comments."""
    return re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)


def test_nothing_is_evaluated_or_patched(variant: tuple[Family, int], tmp_path: Path) -> None:
    family, manifest = variant
    generate(Variant(family, manifest), tmp_path)
    found = [
        f"{path.relative_to(tmp_path)} {what}: {match[0]}"
        for path in sorted(tmp_path.rglob("*"))
        if path.suffix in (".js", ".html")
        for what, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, code_of(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("evaluates text", "eval(text)"),
        ("evaluates text", "new Function(text)"),
        ("writes markup", "body.innerHTML = text"),
        ("loads code from elsewhere", 'importScripts("https://example.org/a.js")'),
        ("patches the API under test", "api.runtime.connect = (...args) => {}"),
        ("patches the API under test", "port.postMessage = wrapped"),
        ("patches the API under test", "runtime.onConnect = ours"),
    ],
)
def test_what_is_forbidden_would_be_found(what: str, code: str) -> None:
    assert re.search(FORBIDDEN[what], code)


def test_sources_are_readable() -> None:
    read = [path for path in sources().rglob("*") if path.suffix in (".js", ".html", ".py", ".json")]
    assert len(read) > 20
    long = [
        f"{path.name}:{number}"
        for path in read
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE and not line.lstrip().startswith('"key":')  # a public key has no line breaks
    ]
    assert long == []


def test_what_is_generated_is_what_is_read(variant: tuple[Family, int], tmp_path: Path) -> None:
    family, manifest = variant
    written = {path.read_bytes() for path in sources().rglob("*.js")}
    generate(Variant(family, manifest), tmp_path)
    own = {path.name for path in tmp_path.rglob("*.js") if path.read_bytes() not in written}
    assert own == {"config.js"}, "only the configuration is made"
