"""Source "installed", and the paths that the user gives: versions, wrappers, and what does not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.runners.errors import FetchFailed, ToolPathError
from portolan.runners.sources import Kind, Offer, Silent, Want, probe
from portolan.runners.sources.installed import Installed, given
from portolan.runners.sources.probe import ask

from .machine import Machine


@pytest.mark.parametrize(
    ("kind", "says", "version", "channel"),
    [
        ("firefox", "Mozilla Firefox 153.7.0esr", "153.7.0", "esr"),
        ("firefox", "Mozilla Firefox 159.0", "159.0", "stable"),
        ("firefox", "Mozilla Firefox 160.0b3", "160.0b3", "beta"),
        ("firefox", "Mozilla Firefox Developer Edition 160.0b3", "160.0b3", "dev"),
        ("firefox", "Firefox Nightly 161.0a1", "161.0a1", "nightly"),
        ("firefox", "*** a warning\nMozilla Firefox 115.14.0esr", "115.14.0", "esr"),
        ("chromium", "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", "156.0.8078.79", "stable"),
        ("chromium", "Chromium 157.0.8100.0 ", "157.0.8100.0", ""),
        ("chromium", "Google Chrome for Testing 120.0.6099.109 ", "120.0.6099.109", ""),
        ("chromium", "Google Chrome 131.0.6778.85 ", "131.0.6778.85", "stable"),
        ("chromium", "Google Chrome 132.0.6779.12 beta", "132.0.6779.12", "beta"),
        ("chromium", "Google Chrome 133.0.6780.0 dev", "133.0.6780.0", "dev"),
        ("chromium", "Google Chrome 134.0.6790.0 canary", "134.0.6790.0", "nightly"),
        ("geckodriver", "geckodriver 0.37.1 (abc 2026-01-01)\n\nThe source code of this program", "0.37.1", ""),
        ("chromedriver", "ChromeDriver 156.0.8078.79 (a21ce95-refs/branch-heads/8078@{#1704})", "156.0.8078.79", ""),
        ("web-ext", "10.7.0", "10.7.0", ""),
    ],
)
def test_versions_are_read(machine: Machine, kind: Kind, says: str, version: str, channel: str) -> None:
    machine.shell("tool", f"cat <<'END'\n{says}\nEND")
    path = str(machine.bin / "tool")
    answer = ask(kind, path, {"PATH": "/usr/bin:/bin"})
    assert (answer.version, answer.channel, answer.problem) == (version, channel, "")


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo 'ls (GNU coreutils) 9.1'; echo more", "is no firefox: to --version it answered: ls (GNU coreutils) 9.1"),
        (
            "echo 'cannot open \\033[31mdisplay' >&2; exit 1",
            "is no firefox: to --version it answered: cannot open  [31mdisplay",
        ),
        ("exit 3", "is no firefox: to --version it answered: nothing, exit code 3"),
    ],
)
def test_what_answers_otherwise_is_refused(machine: Machine, script: str, problem: str) -> None:
    answer = ask("firefox", str(machine.shell("tool", script)), machine.environment)
    assert " ".join(answer.problem.split()) == " ".join(problem.split())


def test_what_does_not_answer_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "VERSION_SECONDS", 0.05)
    path = machine.python("tool", "import threading\nthreading.Event().wait()")
    assert ask("firefox", str(path), machine.environment).problem == "did not tell its version within 0.05 seconds"


def test_what_cannot_be_started_is_refused(machine: Machine) -> None:
    path = machine.shell("tool", "")
    path.write_bytes(b"\x7fELF nonsense")
    assert ask("firefox", str(path), machine.environment).problem == "cannot be started (Exec format error)"


def test_path_is_searched_by_every_name(machine: Machine) -> None:
    machine.shell("firefox-esr", "echo Mozilla Firefox 153.7.0esr")
    machine.shell("chromium-browser", "echo Chromium 156.0.8078.79")
    installed = Installed(machine.place)
    firefox, chromium = installed.find(Want("firefox")), installed.find(Want("chromium"))
    assert firefox is not None
    assert chromium is not None
    assert (firefox.version, firefox.channel, firefox.source) == ("153.7.0", "esr", "installed")
    assert chromium.path == str(machine.bin / "chromium-browser")
    assert installed.reason(Want("chromium")) == f"156.0.8078.79 at {chromium.path}"


def test_everything_in_path_is_told_newest_first_and_each_once(
    machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    machine.shell("firefox", "echo Mozilla Firefox 115.14.0esr")
    machine.shell("firefox-esr", "echo Mozilla Firefox 140.1.0esr")
    other = tmp_path_factory.mktemp("other")
    (other / "firefox").write_text("#!/bin/sh\necho Mozilla Firefox 159.0\n")
    (other / "firefox").chmod(0o755)
    (other / "firefox-esr").symlink_to(machine.bin / "firefox-esr")
    machine.environment["PATH"] = f"{machine.bin}:{other}"
    tools = Installed(machine.place).tools("firefox")
    assert [(tool.version, tool.channel) for tool in tools] == [
        ("159.0", "stable"),
        ("140.1.0", "esr"),
        ("115.14.0", "esr"),
    ]
    assert Installed(machine.place).offers("firefox") == []


def test_a_channel_can_be_wanted(machine: Machine) -> None:
    machine.shell("firefox", "echo Mozilla Firefox 159.0")
    machine.shell("firefox-esr", "echo Mozilla Firefox 153.7.0esr")
    found = Installed(machine.place).find(Want("firefox", channel="esr"))
    assert found is not None
    assert found.version == "153.7.0"
    assert Installed(machine.place).find(Want("firefox", channel="beta")) is None


def test_the_next_name_is_tried_if_one_does_not_work(machine: Machine) -> None:
    machine.shell("chromium", "exit 1")
    machine.shell("chromium-browser", "echo Chromium 156.0.8078.79")
    tool = Installed(machine.place).find(Want("chromium"))
    assert tool is not None
    assert tool.path.endswith("chromium-browser")


def test_nothing_is_found_where_nothing_is(machine: Machine) -> None:
    installed = Installed(machine.place)
    assert installed.find(Want("firefox")) is None
    assert installed.reason(Want("firefox")) == "no firefox in PATH"
    assert installed.offer(Want("firefox")) is None
    with pytest.raises(FetchFailed):
        installed.fetch(Offer(kind="firefox", version="1", origin="nowhere"), Silent())


def test_a_driver_that_does_not_fit_is_passed_over(machine: Machine) -> None:
    machine.shell("chromedriver", "echo ChromeDriver 150.0.7871.100")
    installed = Installed(machine.place)
    assert installed.find(Want("chromedriver", "156")) is None
    assert installed.reason(Want("chromedriver", "156")) == f"{machine.bin}/chromedriver is 150.0.7871.100"
    assert installed.find(Want("chromedriver", "150")) is not None


def test_a_version_part_is_compared_as_a_whole() -> None:
    assert Want("firefox", "15").fits("15.3")
    assert not Want("firefox", "15").fits("153.7")
    assert not Want("firefox", "153.7.0").fits("153.7")


def test_what_does_not_tell_its_channel_fits_none() -> None:
    assert Want("chromium", channel="stable").fits("156.0", "stable")
    assert not Want("chromium", channel="stable").fits("156.0")
    assert Want("chromium").fits("156.0", "beta")
    assert str(Want("firefox", "140", "esr")) == "firefox 140 esr"


def test_an_old_geckodriver_is_passed_over_and_refused(machine: Machine) -> None:
    path = machine.shell("geckodriver", "echo geckodriver 0.33.0")
    installed = Installed(machine.place)
    assert installed.find(Want("geckodriver")) is None
    assert "is version 0.33.0, but 0.36.0 is the oldest that serves" in installed.reason(Want("geckodriver"))
    with pytest.raises(ToolPathError, match=r"this is version 0\.33\.0, but 0\.36\.0 is the oldest"):
        given("geckodriver", path, machine.environment)


def debian_chromium(root: Path) -> Path:
    """Debian's chromium below a root: the wrapper, which must not be started, and the program."""
    program = root / "usr" / "lib" / "chromium" / "chromium"
    wrapper = root / "usr" / "bin" / "chromium"
    for path, text in (
        (program, "echo Chromium 156.0.8078.79"),
        (wrapper, "for file in /etc/chromium.d/*; do . $file; done"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return program


def test_debians_wrapper_is_seen_through(machine: Machine, tmp_path: Path) -> None:
    program = debian_chromium(tmp_path / "root")
    (machine.bin / "chromium").symlink_to(tmp_path / "root" / "usr" / "bin" / "chromium")
    tool = Installed(machine.place).find(Want("chromium"))
    assert tool is not None
    assert tool.path == str(program)
    assert given("chromium", machine.bin / "chromium", machine.environment).path == str(program)


def test_another_wrapper_stays(machine: Machine, tmp_path: Path) -> None:
    debian_chromium(tmp_path / "root")
    wrapper = tmp_path / "root" / "usr" / "bin" / "chromium"
    wrapper.write_text("#!/bin/sh\necho Chromium 156.0.8078.79\n")
    assert given("chromium", wrapper, machine.environment).path == str(wrapper)


def test_debians_firefox_is_seen_through(machine: Machine, tmp_path: Path) -> None:
    program = tmp_path / "root" / "usr" / "lib" / "firefox-esr" / "firefox-esr"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho Mozilla Firefox 153.7.0esr\n")
    program.chmod(0o755)
    (program.parent / "application.ini").write_text("[App]\n")
    folder = tmp_path / "root" / "usr" / "bin"
    folder.mkdir()
    (folder / "firefox").write_text('#!/bin/sh\nexec firefox-esr "$@"\n')
    (folder / "firefox").chmod(0o755)
    (folder / "firefox-esr").symlink_to("../lib/firefox-esr/firefox-esr")
    for name in ("firefox", "firefox-esr"):
        assert given("firefox", folder / name, machine.environment).path == str(program)


def test_snaps_are_passed_over(machine: Machine, tmp_path: Path) -> None:
    snap = machine.shell("snap", "echo Mozilla Firefox 159.0")
    (machine.bin / "firefox").symlink_to(snap)
    machine.shell("firefox-esr", 'exec /snap/bin/firefox "$@"')
    installed = Installed(machine.place)
    assert installed.find(Want("firefox")) is None
    assert installed.reason(Want("firefox")).count("is a snap") == 2
    assert given("firefox", machine.bin / "firefox", machine.environment).version == "159.0"


def test_given_paths_are_examined(machine: Machine, tmp_path: Path) -> None:
    plain_file = tmp_path / "file"
    plain_file.write_text("")
    other = machine.shell("other", "echo Chromium 156.0.8078.79")
    cases = {
        tmp_path / "nowhere": "there is no such file",
        Path("~nobody-has-this-name"): "there is no such file",
        tmp_path: "this is a folder",
        plain_file: "this is not executable",
        other: "this is no firefox: to --version it answered: Chromium 156.0.8078.79",
    }
    for path, problem in cases.items():
        with pytest.raises(ToolPathError) as caught:
            given("firefox", path, machine.environment)
        assert str(caught.value) == f"--firefox {path}: {problem}; give the path of a firefox program."
