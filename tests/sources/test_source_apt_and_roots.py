"""What the source "debian" is made of: apt's private configuration and answers, and the roots that packages are unpacked into."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.runners.sources.debian.apt import Download, Release, configuration, downloads, releases
from portolan.runners.sources.debian.packages import upstream
from portolan.runners.sources.debian.roots import (
    environment_of,
    library_folders,
    machine_lacks_fonts,
    missing_libraries,
    tame,
    write_fonts,
)

from .machine import POLICY, DebianMachine

# --- apt -------------------------------------------------------------------------------------------------------------


def test_the_private_configuration_leaves_the_system_alone() -> None:
    dump = (
        'Dir::State::status "/var/lib/dpkg/status";\n'
        'Acquire::IndexTargets::deb::Packages::MetaKey "x";\n'
        'Acquire::IndexTargets::deb::DEP-11 "";\nAcquire::IndexTargets::deb::DEP-11::MetaKey "y";\n'
        'Acquire::IndexTargets::deb-src::Sources::MetaKey "z";\n'
    )
    lines = configuration(Path("/cache/apt"), dump).splitlines()
    assert "#clear APT::Update::Post-Invoke;" in lines
    assert 'Dir::State::lists "/cache/apt/lists/";' in lines
    assert 'Dir::State::status "/var/lib/dpkg/status";' in lines
    assert 'Debug::NoLocking "true";' in lines
    assert [line for line in lines if "IndexTargets" in line] == [
        'Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";',
        'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    ]


def test_policies_are_read_with_the_candidate_first() -> None:
    policy = POLICY.format(package="firefox-esr", new="159.0-1", old="153.7.0esr-1").replace(
        "Candidate: 159.0-1", "Candidate: 153.7.0esr-1"
    )
    assert releases(policy) == [
        Release("153.7.0esr-1", "bookworm", "mirror.example"),
        Release("159.0-1", "bookworm-security", "mirror.example"),
    ]


def test_an_installed_version_that_no_source_has_is_not_offered() -> None:
    policy = (
        "libnss3:\n  Installed: 2:3.87\n  Candidate: 2:3.87\n  Version table:\n"
        " *** 2:3.87 100\n        100 /var/lib/dpkg/status\n"
        "     2:3.80 -1\n        -1 file:/media/stick bookworm/main amd64 Packages\n"
    )
    assert releases(policy) == [Release("2:3.80", "bookworm", "")]
    assert releases("") == []


def test_downloads_are_read() -> None:
    lines = ["Reading package lists...", "'http://mirror.example/a/b_1%7e_all.deb' b_1~_all.deb 300 SHA256:00"]
    assert downloads(lines) == [Download("b", 300, "mirror.example")]


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ("153.7.0esr-1~deb12u1", "153.7.0"),
        ("156.0.8078.79-1~deb12u1", "156.0.8078.79"),
        ("1:159.0+build1-2", "159.0"),
    ],
)
def test_upstream_versions(package: str, told: str) -> None:
    assert upstream(package) == told


# --- roots -----------------------------------------------------------------------------------------------------------


def test_library_folders_are_those_that_hold_libraries(tmp_path: Path) -> None:
    inside = ["usr/lib/x86_64-linux-gnu/libgtk-3.so.0", "usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon-16.1.so"]
    outside = [
        "usr/lib/firefox-esr/libxul.so",
        "usr/lib/x86_64-linux-gnu/gtk-3.0/modules/im-cedilla.so",
        "usr/share/x/liba.so",
    ]
    for name in inside + outside + ["lib/x86_64-linux-gnu/libz.so.1"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    folders = [str(folder.relative_to(tmp_path)) for folder in library_folders(tmp_path)]
    assert folders == ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio"]
    own = environment_of(tmp_path, {"LD_LIBRARY_PATH": "/mine"})["LD_LIBRARY_PATH"].split(":")
    assert own == [*(str(tmp_path / folder) for folder in folders), "/mine"]


def test_an_empty_root_needs_no_variables(tmp_path: Path) -> None:
    assert environment_of(tmp_path, {}) == {}


def test_missing_libraries_are_told(debian_machine: DebianMachine, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "program").write_text("")
    (debian_machine.folder / "missing").write_text(
        "\tlibfoo.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x00)\n\tlibgpg-error.so.0 => /lib/x (0x0)\n"
        "program: /lib/libnss3.so: version `NSS_3.117' not found (required by program)"
    )
    assert missing_libraries(root, ["program", "gone"], debian_machine.environment) == [
        "NSS_3.117",
        "gone",
        "libfoo.so.1",
    ]


def test_nothing_in_a_root_may_change_the_user(tmp_path: Path) -> None:
    path = tmp_path / "chrome-sandbox"
    path.write_text("")
    path.chmod(0o4755)
    (tmp_path / "link").symlink_to("nowhere")
    tame(tmp_path)
    assert path.stat().st_mode & 0o7777 == 0o755


def test_a_machine_without_fonts_is_known(tmp_path: Path) -> None:
    settings, fonts = tmp_path / "fonts.conf", tmp_path / "fonts"
    (fonts / "truetype").mkdir(parents=True)
    assert machine_lacks_fonts([str(fonts)], str(settings))
    settings.write_text("")
    assert machine_lacks_fonts([str(fonts)], str(settings))
    (fonts / "truetype" / "Sans.TTF").write_text("")
    assert not machine_lacks_fonts([str(fonts)], str(settings))
    settings.unlink()
    assert machine_lacks_fonts([str(fonts)], str(settings))


def test_a_root_gets_fonts_where_its_browser_may_read_them(tmp_path: Path) -> None:
    font = tmp_path / "usr/share/fonts/truetype/Sans.ttf"
    font.parent.mkdir(parents=True)
    font.write_text("")
    write_fonts(tmp_path, Path("/final/root"), "usr/lib/firefox-esr/fonts")
    assert (tmp_path / "usr/lib/firefox-esr/fonts/Sans.ttf").exists()
    settings = (tmp_path / "fonts.conf").read_text()
    assert '<dir prefix="relative">usr/lib/firefox-esr/fonts</dir>' in settings
    assert "<cachedir>/final/root/var/cache/fontconfig</cachedir>" in settings
    assert environment_of(tmp_path, {}) == {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
