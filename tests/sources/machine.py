"""A stand-in machine: a private PATH with small programs that act as apt, dpkg, cargo, npm and browsers."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

from portolan.runners.sources import Place
from portolan.runners.sources.cache import Cache

APT = """
import json, os, pathlib, sys
here = pathlib.Path(os.environ["MACHINE"])
name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with (here / "calls").open("a") as calls:
    calls.write(" ".join([name, *arguments]) + "\\n")
state = json.loads((here / "apt.json").read_text())
say = state.get("say", {}).get(name + " " + next((a for a in arguments if a in ("update", "install")), ""), "")
if say:
    print(say)
    sys.exit(100 if say.startswith("E:") else 0)
wanted = [a for a in arguments[arguments.index("install") + 1:] if a[0] != "-"] if "install" in arguments else []
named = {w.split("=")[0] for w in wanted}
again = "--reinstall" in arguments
packages = [p for p in state["packages"] if p["name"] in named or p["dependency"]]
packages = [p for p in packages if not p["installed"] or (again and p["name"] in named)]
if name == "apt-config":
    print('Dir::State::status "%s";' % (here / "status"))
    print('Acquire::IndexTargets::deb::Packages::MetaKey "x";')
    print('Acquire::IndexTargets::deb::DEP-11 "";')
elif name == "apt-cache":
    print(state["policy"].get(arguments[-1], ""))
elif "--print-uris" in arguments:
    for p in packages:
        print("'http://mirror.example/pool/%s' %s_1_all.deb %d SHA256:0" % (p["name"], p["name"], p["size"]))
elif "--download-only" in arguments:
    into = next(a.partition("=")[2] for a in arguments if a.startswith("Dir::Cache::archives="))
    print("dlstatus:1:50.0:Retrieving file 1 of 2")
    for p in packages:
        pathlib.Path(into, p["name"] + "_1_all.deb").write_text(json.dumps(p["files"]))
    print("dlstatus:1:100.0:Retrieving file 2 of 2")
"""

DPKG_DEB = """
import json, os, pathlib, sys
here = pathlib.Path(os.environ["MACHINE"])
root = pathlib.Path(sys.argv[3])
for name, text in json.loads(pathlib.Path(sys.argv[2]).read_text()).items():
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    (root / name).chmod(0o4755)
    if (here / "gate").exists():
        (here / "ready").write_text("")
        (here / "gate").read_text()
if (here / "dpkg-deb-says").exists():
    sys.exit((here / "dpkg-deb-says").read_text())
"""

LDD = """
import os, pathlib
missing = pathlib.Path(os.environ["MACHINE"], "missing")
print(missing.read_text() if missing.exists() else "")
"""


NO_INTERNET = {"HTTPS_PROXY": "http://127.0.0.1:9"}
"""An environment in which the internet is out of reach, wherever the tests run: nothing answers at that address."""


class Machine:
    """A folder with a private PATH, an empty home and a cache; nothing of the real machine is seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.bin.mkdir()
        self.home.mkdir()
        self.environment = {"PATH": str(self.bin), "HOME": str(self.home), "MACHINE": str(folder), **NO_INTERNET}
        self.cache = Cache(folder / "cache")
        self.heard: list[str] = []

    @property
    def place(self) -> Place:
        """What a source is made with; what it says is heard."""
        return Place(cache=self.cache, environment=self.environment, say=self.heard.append)

    def shell(self, name: str, text: str) -> Path:
        """Put a shell script into PATH."""
        return self._put(name, f"#!/bin/sh\n{text}\n")

    def python(self, name: str, text: str) -> Path:
        """Put a Python script into PATH."""
        return self._put(name, f"#!{sys.executable} -IS\n{textwrap.dedent(text)}")

    def calls(self) -> list[str]:
        """What the stand-in apt was called with."""
        where = self.folder / "calls"
        return where.read_text().splitlines() if where.exists() else []

    def _put(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path


def program(says: str) -> str:
    """A shell script that tells a version."""
    return f"#!/bin/sh\necho '{says}'\n"


FIREFOX_FILES = {
    "usr/lib/firefox-esr/firefox-esr": program("Mozilla Firefox 153.7.0esr"),
    "usr/lib/firefox-esr/libxul.so": "",
}
CHROMIUM_FILES = {"usr/lib/chromium/chromium": program("Chromium 156.0.8078.79")}
DRIVER_FILES = {"usr/bin/chromedriver": program("ChromeDriver 156.0.8078.79 (abc)")}
LIBRARY_FILES = {
    "usr/lib/x86_64-linux-gnu/libgtk-3.so.0": "",
    "usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon-16.1.so": "",
    "usr/lib/x86_64-linux-gnu/gtk-3.0/modules/im-cedilla.so": "",
}
FONT_FILES = {"usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "font"}

POLICY = """{package}:
  Installed: (none)
  Candidate: {new}
  Version table:
     {new} 500
        500 http://mary:secret@mirror.example/debian-security bookworm-security/main amd64 Packages
     {old} 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
"""
FIREFOX_VERSIONS = ("153.7.0esr-1~deb12u1", "140.12.0esr-1~deb12u1")
CHROMIUM_VERSIONS = ("156.0.8078.79-1~deb12u1", "150.0.7871.100-1~deb12u1")


class DebianMachine(Machine):
    """A stand-in machine whose apt has Firefox and Chromium."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name, text in {
            "apt-get": APT,
            "apt-cache": APT,
            "apt-config": APT,
            "dpkg-deb": DPKG_DEB,
            "ldd": LDD,
        }.items():
            self.python(name, text)
        self.say: dict[str, str] = {}
        self.policy = {
            name: POLICY.format(package=name, new=new, old=old)
            for name, (new, old) in {
                "firefox-esr": FIREFOX_VERSIONS,
                "chromium": CHROMIUM_VERSIONS,
                "chromium-driver": CHROMIUM_VERSIONS,
            }.items()
        }
        self.packages = [
            self.package("firefox-esr", 80_000_000, FIREFOX_FILES),
            self.package("chromium", 81_000_000, CHROMIUM_FILES),
            self.package("chromium-common", 31_000_000, {}),
            self.package("chromium-driver", 8_000_000, DRIVER_FILES),
            self.package("libgtk-3-0", 2_000_000, LIBRARY_FILES, dependency=True),
        ]
        self.set_up()

    @staticmethod
    def package(
        name: str, size: int, files: dict[str, str], *, installed: bool = False, dependency: bool = False
    ) -> dict[str, object]:
        """A package that apt can download."""
        return {"name": name, "size": size, "files": files, "installed": installed, "dependency": dependency}

    def set_up(self) -> None:
        """Let the stand-in apt know what was changed."""
        state = {"say": self.say, "policy": self.policy, "packages": self.packages}
        (self.folder / "apt.json").write_text(json.dumps(state))
