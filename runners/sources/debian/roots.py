"""Roots: folders into which packages were unpacked, and what a browser needs in order to run from one."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.cache import full
from portolan.runners.sources.process import Finished, program, run

FONTS_FILE = "fonts.conf"
ROOT_FONTS = "usr/share/fonts"
_FONTS_CACHE = Path("var", "cache", "fontconfig")
_MISSING = re.compile(r"^\s*(\S+) => not found")
_TOO_OLD = re.compile(r"version `([^']+)' not found")
_FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")

_UNREAD = (
    "usr/share/doc",
    "usr/share/doc-base",
    "usr/share/help",
    "usr/share/icons",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
)

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def library_folders(root: Path) -> list[Path]:
    """The folders of a root that hold shared libraries, private subfolders too; not the browsers' own."""
    found = []
    for top in ("lib", "usr/lib"):
        for multiarch in sorted((root / top).glob("*-linux-gnu*")):
            for where, folders, files in os.walk(multiarch):
                folders.sort()
                if any(name.startswith("lib") and ".so" in name for name in files):
                    found.append(Path(where))
    return found


def environment_of(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a program from this root needs; the user's own library folders come last."""
    libraries = [str(folder) for folder in library_folders(root)]
    variables = {}
    if libraries:
        own = environment.get("LD_LIBRARY_PATH")
        variables["LD_LIBRARY_PATH"] = ":".join([*libraries, own] if own else libraries)
    if (root / FONTS_FILE).is_file():
        variables["FONTCONFIG_FILE"] = str(root / FONTS_FILE)
    return variables


def missing_libraries(root: Path, objects: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """What the loader does not find for these programs and libraries of a root, in the root and on the machine."""
    ldd = program("ldd", environment)
    missing: set[str] = set()
    for name in objects:
        path = root / name
        if not path.is_file():
            missing.add(name)
            continue
        folders = [str(path.parent), *map(str, library_folders(root))]
        setting = {**environment, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(folders)}
        for line in run([ldd, str(path)], setting).lines if ldd else ():
            for pattern in (_MISSING, _TOO_OLD):
                if match := pattern.search(line):
                    missing.add(match[1])
    return sorted(missing)


def machine_lacks_fonts(folders: Iterable[str] = _FONT_FOLDERS, settings: str = "/etc/fonts/fonts.conf") -> bool:
    """Whether the machine has no font, or no settings by which a browser finds them."""
    if not Path(settings).is_file():
        return True
    for folder in folders:
        for _, _, files in os.walk(folder):
            if any(name.lower().endswith(_FONT_ENDINGS) for name in files):
                return False
    return True


def write_fonts(root: Path, final: Path, folder: str) -> None:
    """Give a root fonts settings of its own, with its fonts in ``folder``; ``final`` is where the root will be.

    Firefox's content processes may read files beside the program, but not elsewhere in the cache: its fonts go there.
    """
    (root / _FONTS_CACHE).mkdir(parents=True, exist_ok=True)
    (root / FONTS_FILE).write_text(_FONTS.format(fonts=folder, cache=final / _FONTS_CACHE))
    if folder != ROOT_FONTS:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for font in sorted((root / ROOT_FONTS).rglob("*")):
            if font.is_file() and font.name.lower().endswith(_FONT_ENDINGS):
                font.rename(root / folder / font.name)


def make_root(root: Path) -> None:
    """An empty system root, merged as Debian's are: its ``bin``, ``lib`` and the like lead into ``usr``."""
    (root / "etc").mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")


def unpack(deb: Path, root: Path, environment: Mapping[str, str], keep: Iterable[int] = ()) -> Finished:
    """Unpack a package into a root, without what only people read; links that lead to folders stay links."""
    without = [f"--exclude=./{path}" for path in _UNREAD]
    tar = ["tar", "--extract", "--keep-directory-symlink", "--no-same-owner", *without, "--directory", str(root)]
    pipe = f"dpkg-deb --fsys-tarfile {shlex.quote(str(deb))} | {shlex.join(tar)}"
    return run(["bash", "-o", "pipefail", "-c", pipe], environment, keep=keep)


def check_unpacked(done: Finished, deb: Path, cache: Path) -> None:
    """Raise CacheFull or FetchFailed where a package could not be unpacked into the cache folder."""
    if done.full:
        raise full(cache)
    if done.code != 0:
        raise FetchFailed(f"The package {deb.name} cannot be unpacked: {done.complaint()}")


def finish(root: Path) -> None:
    """Write what packages' own scripts would have written, as far as a browser needs it."""
    (root / "etc" / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\n")
    for name in ("resolv.conf", "machine-id"):
        (root / "etc" / name).touch()


def tame(root: Path) -> None:
    """Take the right to change the user away from every program of a root: nothing in a cache may have it."""
    for where, _, files in os.walk(root):
        for name in files:
            path = os.path.join(where, name)
            with contextlib.suppress(OSError):
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                    os.chmod(path, stat.S_IMODE(mode) & ~(stat.S_ISUID | stat.S_ISGID))
