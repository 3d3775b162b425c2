"""Sources "cargo" and "npm": what they need, what they show, and that they write nowhere but in the cache."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from portolan.runners.errors import CacheFull, FetchFailed
from portolan.runners.sources import Place, Silent, Tool, Want
from portolan.runners.sources.process import Finished, plain
from portolan.runners.sources.registries import npm
from portolan.runners.sources.registries.cargo import GECKODRIVER, Cargo, borrow_settings, with_rustup_home
from portolan.runners.sources.registries.npm import Npm, manifests, pinned_version

from .machine import Machine

GECKO, WEB_EXT = Want("geckodriver"), Want("web-ext")
TOP = Path(__file__).resolve().parents[2]

CARGO = """
import json, os, pathlib, sys
here = pathlib.Path(os.environ["MACHINE"])
if sys.argv[1:] == ["--version"]:
    print((here / "cargo-version").read_text())
    sys.exit()
(here / "cargo-call").write_text(json.dumps({"arguments": sys.argv[1:], "home": os.environ["CARGO_HOME"],
    "settings": sorted(os.listdir(os.environ["CARGO_HOME"]))}))
sys.stderr.write("    Updating index\\n  Downloaded mio v1.0\\n   Compiling mio v1.0\\n")
sys.stderr.write("    Building [====>      ] 1/3: mio\\r    Building [=======>   ] 2/3: mozprofile, time\\r")
if (here / "cargo-fails").exists():
    sys.exit((here / "cargo-fails").read_text())
root = pathlib.Path(sys.argv[sys.argv.index("--root") + 1], "bin")
root.mkdir(parents=True)
(root / "geckodriver").write_text("#!/bin/sh\\necho 'geckodriver VERSION'\\n".replace("VERSION", sys.argv[sys.argv.index("--version") + 1]))
(root / "geckodriver").chmod(0o755)
pathlib.Path(sys.argv[sys.argv.index("--target-dir") + 1], "release").mkdir(parents=True)
"""

NPM = """
import json, os, pathlib, sys
here = pathlib.Path(os.environ["MACHINE"])
(here / "npm-call").write_text(json.dumps({"arguments": sys.argv[1:], "files": sorted(os.listdir("."))}))
if (here / "npm-fails").exists():
    sys.exit((here / "npm-fails").read_text())
program = pathlib.Path("node_modules/.bin/web-ext")
program.parent.mkdir(parents=True)
version = json.loads(pathlib.Path("package.json").read_text())["devDependencies"]["web-ext"]
program.write_text("#!/bin/sh\\necho " + version + "\\n")
program.chmod(0o755)
"""


class Heard(Silent):
    """A progress that remembers."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int | None]] = []
        self.words: list[str] = []

    def advanced(self, done: int, total: int | None) -> None:
        self.steps.append((done, total))

    def said(self, text: str) -> None:
        self.words.append(text)


@pytest.fixture
def rusty(machine: Machine) -> Machine:
    """A machine with a cargo that is new enough."""
    machine.python("cargo", CARGO)
    (machine.folder / "cargo-version").write_text("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")
    return machine


@pytest.fixture
def noded(machine: Machine) -> Machine:
    """A machine with node and npm."""
    machine.shell("node", "echo v20.20.2")
    machine.python("npm", NPM)
    return machine


def build(machine: Machine, progress: Silent | None = None) -> Tool:
    source = Cargo(machine.place)
    offer = source.offer(GECKO)
    assert offer is not None, source.reason(GECKO)
    return source.fetch(offer, progress or Silent())


def install(machine: Machine) -> Tool:
    source = Npm(machine.place)
    offer = source.offer(WEB_EXT)
    assert offer is not None, source.reason(WEB_EXT)
    return source.fetch(offer, Silent())


# --- cargo -----------------------------------------------------------------------------------------------------------


def test_geckodriver_is_built_once_and_found_again(rusty: Machine) -> None:
    assert Cargo(rusty.place).find(GECKO) is None
    tool = build(rusty)
    assert (tool.kind, tool.version, tool.source) == ("geckodriver", GECKODRIVER, "cargo")
    (rusty.folder / "cargo-call").unlink()
    assert Cargo(rusty.place).find(GECKO) == tool
    assert build(rusty) == tool
    assert not (rusty.folder / "cargo-call").exists()


def test_cargo_works_in_the_cache_alone(rusty: Machine) -> None:
    build(rusty)
    call = json.loads((rusty.folder / "cargo-call").read_text())
    assert call["arguments"][:5] == ["install", "geckodriver", "--version", GECKODRIVER, "--locked"]
    for path in (call["home"], *(argument for argument in call["arguments"] if argument.startswith("/"))):
        assert Path(path).is_relative_to(rusty.cache.folder)
        assert not Path(path).exists(), "only the program is kept"
    assert list(rusty.home.iterdir()) == []
    assert list((rusty.cache.folder / "partial").iterdir()) == []


def test_the_steps_of_a_build_are_shown(rusty: Machine) -> None:
    heard = Heard()
    build(rusty, heard)
    assert heard.steps == [(1, 3), (2, 3)]
    assert heard.words == ["cargo: Updating index", "cargo: Downloaded mio v1.0", "cargo: Compiling mio v1.0"]


def test_the_users_settings_are_honoured(rusty: Machine) -> None:
    own = rusty.home / ".cargo"
    own.mkdir()
    for name in ("config.toml", "credentials.toml", "env"):
        (own / name).write_text("")
    build(rusty)
    assert json.loads((rusty.folder / "cargo-call").read_text())["settings"] == ["config.toml", "credentials.toml"]


def test_settings_are_taken_from_cargo_home_first(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.toml").write_text("mine")
    borrow_settings(tmp_path / "new", {"CARGO_HOME": str(tmp_path / "mine"), "HOME": str(tmp_path)})
    assert (tmp_path / "new" / "config.toml").read_text() == "mine"


def test_rustups_toolchains_are_found_under_another_home(tmp_path: Path) -> None:
    programs = tmp_path / "mary" / ".cargo" / "bin"
    programs.mkdir(parents=True)
    (programs / "cargo").write_text("#!/bin/sh\n")
    (programs / "cargo").chmod(0o755)
    environment = {"PATH": str(programs), "HOME": str(tmp_path / "empty")}
    assert with_rustup_home(environment) == environment
    (tmp_path / "mary" / ".rustup" / "toolchains").mkdir(parents=True)
    assert with_rustup_home(environment)["RUSTUP_HOME"] == str(tmp_path / "mary" / ".rustup")
    assert with_rustup_home({**environment, "RUSTUP_HOME": "/own"})["RUSTUP_HOME"] == "/own"
    (tmp_path / "empty" / ".rustup").mkdir(parents=True)  # rustup makes one wherever it is asked
    assert "RUSTUP_HOME" in with_rustup_home(environment)
    (tmp_path / "empty" / ".rustup" / "toolchains" / "stable").mkdir(parents=True)
    assert "RUSTUP_HOME" not in with_rustup_home(environment)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("cargo 1.63.0", "cargo 1.63.0 is too old, 1.85 or newer is needed: install Rust with rustup"),
        (
            "error: rustup could not choose a version of cargo",
            "does not work (rustup could not choose a version of cargo)",
        ),
    ],
)
def test_a_cargo_that_does_not_serve_is_a_reason(rusty: Machine, version: str, reason: str) -> None:
    (rusty.folder / "cargo-version").write_text(version)
    source = Cargo(rusty.place)
    assert source.offer(GECKO) is None
    assert reason in source.reason(GECKO)


def test_without_cargo_the_reason_says_how_to_get_it(machine: Machine) -> None:
    source = Cargo(machine.place)
    assert source.offer(GECKO) is None
    how = "install Rust with rustup, or give a geckodriver with --geckodriver PATH"
    assert source.reason(GECKO) == f"there is no cargo in PATH: {how}"


def test_other_kinds_and_versions_are_not_built(rusty: Machine) -> None:
    source = Cargo(rusty.place)
    assert source.offer(Want("chromedriver")) is None
    assert source.offer(Want("geckodriver", "0.30")) is None
    assert source.reason(Want("geckodriver", "0.30")) == f"only geckodriver {GECKODRIVER} is built"


@pytest.mark.parametrize(
    ("says", "error", "text"),
    [
        ("error: linker `cc` not found", FetchFailed, "could not build geckodriver .*: linker `cc` not found"),
        ("error: download failed\n\nCaused by:\n  [6] Could not resolve", FetchFailed, "download failed: .*resolve"),
        ("error: failed to write: No space left on device (os error 28)", CacheFull, "No space is left"),
    ],
)
def test_a_build_that_fails_leaves_nothing(rusty: Machine, says: str, error: type[Exception], text: str) -> None:
    (rusty.folder / "cargo-fails").write_text(says)
    with pytest.raises(error, match=text):
        build(rusty)
    assert rusty.cache.names() == []
    assert list((rusty.cache.folder / "partial").iterdir()) == []


# --- npm -------------------------------------------------------------------------------------------------------------


def test_web_ext_is_installed_once_and_found_again(noded: Machine) -> None:
    tool = install(noded)
    assert (tool.kind, tool.version, tool.source) == ("web-ext", pinned_version(), "npm")
    assert tool.environment == {"NO_UPDATE_NOTIFIER": "1"}
    (noded.folder / "npm-call").unlink()
    assert Npm(noded.place).find(WEB_EXT) == tool
    assert install(noded) == tool
    assert not (noded.folder / "npm-call").exists()


def test_npm_works_in_the_cache_alone(noded: Machine) -> None:
    install(noded)
    call = json.loads((noded.folder / "npm-call").read_text())
    assert call["arguments"][0] == "ci"
    assert call["files"] == ["package-lock.json", "package.json"]
    (cache,) = (argument.partition("=")[2] for argument in call["arguments"] if argument.startswith("--cache="))
    assert Path(cache).is_relative_to(noded.cache.folder)
    assert list(noded.home.iterdir()) == []


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ("echo v18.19.0", "node 18 is too old: install Node.js 20"),
        ("exit 1", "node does not tell its version (exit code 1"),
    ],
)
def test_a_node_that_does_not_serve_is_a_reason(noded: Machine, node: str, reason: str) -> None:
    noded.shell("node", node)
    source = Npm(noded.place)
    assert source.offer(WEB_EXT) is None
    assert source.reason(WEB_EXT).startswith(reason)


@pytest.mark.parametrize("name", ["node", "npm"])
def test_without_node_or_npm_the_reason_says_how_to_get_it(noded: Machine, name: str) -> None:
    (noded.bin / name).unlink()
    source = Npm(noded.place)
    assert source.offer(WEB_EXT) is None
    how = "install Node.js 20 or newer, which brings npm"
    assert source.reason(WEB_EXT) == f"there is no {name} in PATH: {how}"


def test_an_installation_that_fails_leaves_nothing(noded: Machine) -> None:
    says = "npm error code EAI_AGAIN\nnpm error errno EAI_AGAIN\nnpm error request failed, reason: no such host"
    (noded.folder / "npm-fails").write_text(says)
    with pytest.raises(FetchFailed, match="could not install web-ext: request failed, reason: no such host"):
        install(noded)
    assert noded.cache.names() == []


def test_without_the_manifests_nothing_is_offered(noded: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "manifests", lambda: None)
    source = Npm(noded.place)
    assert source.find(WEB_EXT) is None
    assert source.offer(WEB_EXT) is None
    assert source.reason(WEB_EXT) == "its package.json is not there"


def test_the_manifests_pin_and_name_no_host() -> None:
    folder = manifests()
    assert folder is not None
    lock = (folder / "package-lock.json").read_text()
    assert json.loads(lock)["packages"]["node_modules/web-ext"]["version"] == pinned_version()
    assert not re.search(r"://|\.(?:com|org|net|io|dev)\b|\"(?:resolved|funding)\"", lock)
    manifest = json.loads((folder / "package.json").read_text())
    assert manifest["private"] is True
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["devDependencies"]["web-ext"])


# --- what both stand on ----------------------------------------------------------------------------------------------


def test_a_failure_is_told_in_the_line_that_says_most() -> None:
    assert Finished(1, ("doing", "E: first", "E: second")).complaint() == "first"
    assert Finished(1, ("doing", "last words")).complaint() == "last words"
    assert Finished(7, ()).complaint() == "exit code 7, without a word"


def test_texts_of_others_are_made_harmless() -> None:
    assert plain("a\x1b[31m\r\n\tb\u202e") == "a [31m b"
    assert len(plain("x" * 1_000_000)) == 301


def test_place_is_a_plain_record(machine: Machine) -> None:
    assert Place(cache=machine.cache, environment={}, say=print).environment == {}
