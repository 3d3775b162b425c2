"""Source "suites": what the mirror's other suites hold, whole roots in the cache, and how their programs are started."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from portolan.runners.errors import CannotConfine, FetchFailed
from portolan.runners.sources import Silent, Tool, Want
from portolan.runners.sources.debian import confinement, suites
from portolan.runners.sources.debian.apt import Suite, configuration
from portolan.runners.sources.debian.roots import finish, make_root, unpack
from portolan.runners.sources.debian.suites import Suites

from .machine import Machine, program

APT = """
import io, json, os, pathlib, re, sys
here = pathlib.Path(os.environ["MACHINE"])
name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
world = json.loads((here / "world.json").read_text())
if name == "apt-config":
    print('Dir::State::status "/var/lib/dpkg/status";')
    sys.exit()
if "indextargets" in arguments:
    print(world["targets"])
    sys.exit()
folder = pathlib.Path(arguments[1]).parent
own = (folder / "suites.sources").exists()
stanzas = (folder / "suites.sources").read_text() if own else ""
asked = re.findall("^Suites: (.+)$", stanzas, re.MULTILINE)
lists = folder / "lists"
if "update" in arguments:
    with (here / "updates").open("a") as updates:
        updates.write(" ".join(asked) + "\\n")
    for suite in asked:
        known = world["suites"].get(suite)
        if known is None:
            print("E: The repository 'http://mirror.example/debian " + suite + " Release' does not have a Release file.")
            sys.exit(100)
        if known["expired"] and "Check-Valid-Until: no" not in stanzas:
            print("E: Release file for http://mirror.example/" + suite + " is expired (invalid since 15d).")
            sys.exit(100)
        (lists / ("mirror.example_debian_dists_" + suite + "_InRelease")).write_text("Codename: " + known["codename"])
elif name == "apt-cache":
    print(arguments[-1] + ":\\n  Installed: (none)\\n  Candidate: x\\n  Version table:")
    for suite in asked:
        for version in world["suites"].get(suite, {}).get("has", {}).get(arguments[-1], []):
            print("     " + version + " 500\\n        500 http://mirror.example/debian " + suite + "/main amd64 Packages")
elif "install" in arguments:
    wanted = [a.split("=")[0] for a in arguments[arguments.index("install") + 1:] if a[0] != "-" and "::" not in a]
    wanted = [name for name in wanted if name in world["packages"]]
    if "--print-uris" in arguments:
        for each in wanted:
            print("'http://mirror.example/pool/%s' %s_1_all.deb 1000000 SHA256:0" % (each, each))
    else:
        into = next(a.partition("=")[2] for a in arguments if a.startswith("Dir::Cache::archives="))
        for each in wanted:
            pathlib.Path(into, each + "_0.8.0-1_all.deb").write_text(json.dumps(world["packages"][each]))
"""

DPKG_DEB = """
import io, json, pathlib, sys, tarfile
files = json.loads(pathlib.Path(sys.argv[2]).read_text())
if sys.argv[1] == "-x":
    for name, text in files.items():
        path = pathlib.Path(sys.argv[3], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    sys.exit()
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
    for name, text in files.items():
        entry = tarfile.TarInfo("./" + name)
        entry.size, entry.mode = len(text.encode()), 0o4755
        tar.addfile(entry, io.BytesIO(text.encode()))
"""

BWRAP = """#!/bin/sh
# Stands in for bubblewrap: starts the last words in the root that is bound to /usr.
[ "$2" = /usr ] && exit 0
root=${2%/usr}
while [ "$1" != --die-with-parent ]; do shift || exit 0; [ $# = 0 ] && exit 0; done
program=$2; shift 2
exec "$root$program" "$@"
"""

DEBIAN = {"ID": "debian", "NAME": "Debian GNU/Linux", "VERSION_CODENAME": "bookworm"}
SUITES: dict[str, dict[str, Any]] = {
    "oldoldstable": {"codename": "bullseye", "expired": False, "has": {"firefox-esr": ["115.14.0esr-1~deb11u1"]}},
    "oldstable": {"codename": "bookworm", "expired": False, "has": {"firefox-esr": ["140.12.0esr-1~deb12u1"]}},
    "bookworm-security": {"codename": "bookworm-security", "expired": False, "has": {"firefox-esr": ["153.7.0esr-1"]}},
    "unstable": {
        "codename": "sid",
        "expired": True,
        "has": {"firefox": ["159.0-1"], "chromium": ["156.0.8078.73-1"]},
    },
}


class MirrorMachine(Machine):
    """A stand-in Debian machine whose mirror has some suites; what it has in PATH else is the real machine's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for name in ("apt-get", "apt-cache", "apt-config"):
            self.python(name, APT)
        self.python("dpkg-deb", DPKG_DEB)
        self.shell("ldd", "true")
        for name in ("bash", "tar", "sh", "dirname", "env"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.world: dict[str, Any] = {
            "targets": "Packages http://mirror.example/debian/ bookworm\nPackages http://mirror.example/security/ bookworm-security",
            "suites": json.loads(json.dumps(SUITES)),
            "packages": {
                "bubblewrap": {"usr/bin/bwrap": BWRAP},
                "python3": {"usr/bin/python3": "", "usr/share/doc/python3/README": "unread"},
                "firefox": {"usr/lib/firefox/firefox": program("Mozilla Firefox 159.0")},
                "firefox-esr": {"usr/lib/firefox-esr/firefox-esr": program("Mozilla Firefox 115.14.0esr")},
                "chromium": {"usr/lib/chromium/chromium": program("Chromium 156.0.8078.73")},
                "chromium-driver": {"usr/bin/chromedriver": program("ChromeDriver 156.0.8078.73 (a)")},
            },
        }
        self.set_up()

    def set_up(self) -> None:
        """Let the stand-in apt know what was changed."""
        (self.folder / "world.json").write_text(json.dumps(self.world))

    def updates(self) -> list[str]:
        """The suites of each reading of package lists."""
        where = self.folder / "updates"
        return where.read_text().splitlines() if where.exists() else []


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MirrorMachine:
    monkeypatch.setattr(suites.platform, "freedesktop_os_release", lambda: DEBIAN)
    return MirrorMachine(tmp_path)


def get(machine: Machine, want: Want) -> Tool:
    source = Suites(machine.place)
    offer = source.offer(want)
    assert offer is not None, source.reason(want)
    return source.fetch(offer, Silent())


# ---- what can be had


def test_every_suite_is_asked_what_it_holds(mirror: MirrorMachine) -> None:
    offers = Suites(mirror.place).offers("firefox")
    assert [(offer.version, offer.channel) for offer in offers] == [
        ("159.0", "stable"),
        ("153.7.0", "esr"),
        ("140.12.0", "esr"),
        ("115.14.0", "esr"),
    ]
    assert [offer.version for offer in Suites(mirror.place).offers("chromedriver")] == ["156.0.8078.73"]
    assert Suites(mirror.place).offers("geckodriver") == []


def test_next_months_versions_are_found_without_a_change_here(mirror: MirrorMachine) -> None:
    mirror.world["suites"]["unstable"]["has"]["firefox"] = ["170.0-1"]
    mirror.world["suites"]["unstable"]["codename"] = "newname"
    mirror.set_up()
    offer = Suites(mirror.place).offers("firefox")[0]
    assert (offer.version, offer.package) == ("170.0", "firefox=170.0-1/newname")


def test_an_expired_release_file_is_accepted_in_its_suite_alone_and_said(mirror: MirrorMachine) -> None:
    origins = {offer.version: offer.origin for offer in Suites(mirror.place).offers("firefox")}
    assert "whose Release file has expired" in origins["159.0"]
    assert all("expired" not in origin for version, origin in origins.items() if version != "159.0")
    entries = mirror.cache.folder / "entries"
    lenient = [path.parent.name for path in entries.glob("*/suites.sources") if "Until: no" in path.read_text()]
    assert lenient == ["apt-unstable"]


def test_the_security_suite_is_the_code_names(mirror: MirrorMachine) -> None:
    Suites(mirror.place).offers("firefox")
    assert "oldstable bookworm-security" in mirror.updates()


def test_what_was_read_just_now_is_not_read_again(mirror: MirrorMachine) -> None:
    Suites(mirror.place).offers("firefox")
    before = mirror.updates()
    Suites(mirror.place).offers("firefox")
    again = mirror.updates()[len(before) :]
    assert not [line for line in again if line.startswith(("oldstable", "unstable"))]


def test_why_there_is_nothing(mirror: MirrorMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    want = Want("firefox", "99")
    source = Suites(mirror.place)
    assert source.offer(want) is None
    assert source.reason(want) == "the mirror's suites hold 159.0, 153.7.0, 140.12.0, 115.14.0"
    mirror.world["targets"] = ""
    mirror.set_up()
    source = Suites(mirror.place)
    assert source.offer(want) is None
    assert "This machine's apt sources name no suite of Debian" in source.reason(want)
    monkeypatch.setattr(suites.platform, "freedesktop_os_release", lambda: {"ID": "fedora", "NAME": "Fedora"})
    source = Suites(mirror.place)
    assert source.offer(want) is None
    assert source.reason(want) == "this machine has no Debian mirror of its own (it is Fedora)"


# ---- getting


def test_a_root_is_made_and_its_browser_proven_to_start(mirror: MirrorMachine) -> None:
    tool = get(mirror, Want("firefox", "115"))
    root = Path(tool.root)
    assert (tool.version, tool.channel, tool.source) == ("115.14.0", "esr", "suites")
    assert tool.path == str(root / "usr/lib/firefox-esr/firefox-esr")
    assert os.stat(tool.path).st_mode & 0o4000 == 0, "no program of a cache may change its user"
    assert (root / "bin").readlink() == Path("usr/bin")
    assert not (root / "usr/share/doc/python3").exists()
    assert Suites(mirror.place).find(Want("firefox", "115")) == tool
    assert Suites(mirror.place).tools("firefox") == [tool]
    assert Suites(mirror.place).find(Want("firefox", "140")) is None


def test_a_chromium_has_its_driver_in_the_same_root(mirror: MirrorMachine) -> None:
    browser, driver = get(mirror, Want("chromium")), Suites(mirror.place).find(Want("chromedriver", "156"))
    assert driver is not None
    assert driver.root == browser.root
    assert driver.path == f"{browser.root}/usr/bin/chromedriver"


def test_a_root_whose_browser_does_not_start_is_not_kept(mirror: MirrorMachine) -> None:
    mirror.world["packages"]["firefox"] = {"usr/lib/firefox/firefox": "#!/bin/sh\necho a library is missing; exit 1\n"}
    mirror.set_up()
    with pytest.raises(FetchFailed, match=r"was unpacked, but its program .* a library is missing"):
        get(mirror, Want("firefox", "159"))
    assert Suites(mirror.place).tools("firefox") == []


def test_without_namespaces_nothing_is_offered(mirror: MirrorMachine) -> None:
    mirror.shell("bwrap", "echo 'No permissions to create new namespace' >&2; exit 1")
    source, want = Suites(mirror.place), Want("firefox", "115")
    assert source.offer(want) is None
    assert "bubblewrap cannot make a root of its own on this machine: No permissions" in source.reason(want)


# ---- apt and roots


def test_the_settings_of_a_private_apt(tmp_path: Path) -> None:
    text = configuration(tmp_path, 'Dir::State::status "/var/lib/dpkg/status";', own_sources=True)
    assert f'Dir::State::status "{tmp_path}/status";' in text
    assert f'Dir::Etc::sourcelist "{tmp_path}/suites.sources";' in text
    assert 'Acquire::Check-Valid-Until "true";' in text
    assert "Etc" not in configuration(tmp_path, "")


def test_the_stanza_of_a_suite() -> None:
    assert "Check-Valid-Until" not in Suite("http://mirror.example/", "sid").stanza()
    assert "Check-Valid-Until: no\n" in Suite("http://mirror.example/", "sid", expired=True).stanza()


def test_a_link_to_a_folder_stays_a_link(mirror: MirrorMachine, tmp_path: Path) -> None:
    root, deb = tmp_path / "root", tmp_path / "libc6_1.deb"
    make_root(root)
    deb.write_text(json.dumps({"lib/x86_64-linux-gnu/libc.so.6": "c", "usr/share/man/man1/x": "unread"}))
    assert unpack(deb, root, mirror.environment).code == 0
    finish(root)
    assert (root / "lib").is_symlink()
    assert (root / "usr/lib/x86_64-linux-gnu/libc.so.6").read_text() == "c"
    assert not (root / "usr/share/man").exists()
    assert "files dns" in (root / "etc/nsswitch.conf").read_text()


# ---- entering a root


def test_what_is_not_in_a_root_is_started_as_it_is() -> None:
    assert confinement.entered(Tool("firefox", "1", "/opt/firefox/firefox", "given")) == ["/opt/firefox/firefox"]


def test_the_words_that_enter_a_root(mirror: MirrorMachine, tmp_path: Path) -> None:
    tool = get(mirror, Want("firefox", "115"))
    words = confinement.entered(tool, [tmp_path / "session"])
    assert words[0] == str(Path(tool.root).parent / "bwrap")
    assert words[-2:] == ["--die-with-parent", "/usr/lib/firefox-esr/firefox-esr"]
    where = words.index("--bind")
    assert words[where + 1 : where + 3] == [str(tmp_path / "session")] * 2
    assert words.index("--tmpfs") < where, "a folder below /tmp is bound over the empty one"


def test_the_first_way_that_works_is_taken(tmp_path: Path) -> None:
    bwrap = tmp_path / "bwrap"
    bwrap.write_text('#!/bin/sh\ncase "$*" in *--unshare-user*) exit 0;; esac\necho no >&2; exit 1\n')
    bwrap.chmod(0o755)
    assert confinement.way(str(bwrap))[0] == "--unshare-user"
    bwrap.with_name("closed").write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2; exit 1\n")
    bwrap.with_name("closed").chmod(0o755)
    with pytest.raises(CannotConfine, match="uid map: Permission denied"):
        confinement.way(str(bwrap.with_name("closed")))
