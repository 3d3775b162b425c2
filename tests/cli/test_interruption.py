"""Ctrl-C and worse, in processes of their own: what was recorded stays, marked as cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portolan.conformance.trace.run_file import read_run

HANGING = '''
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started with it ignored
from portolan.selection import selection as choice
from portolan.pytest_plugin import play_service as stagehand
from portolan.cli.main import main
from portolan.runners.fake import FakeBrowser

class Hanging(FakeBrowser):
    """Plays three scenarios, then nothing comes any more."""

    def start(self):
        if WHERE == "start":
            self.hang()
        return super().start()

    def play(self, scenario, repeat=1):
        if self.plays == 3:
            self.hang()
        return super().play(scenario, repeat)

    def hang(self):
        pathlib.Path("hanging").touch()
        time.sleep(600)

    def close(self):
        pathlib.Path("closed").touch()

stagehand.open_fake = lambda target, bugs: Hanging(target.family, target.manifest, bugs)
choice.get_tools = lambda *_: Hanging().hang()
WHERE = sys.argv.pop(1)
main()
'''

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start ``portolan run`` on a fake browser that hangs, and wait until it does."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, where: str = "play") -> subprocess.Popen[str]:
        (folder / "hanging.py").write_text(HANGING)
        command = [sys.executable, "hanging.py", where, "run", "--browser=firefox", "--manifest=3", *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        begun.append(process)
        deadline = time.monotonic() + 60
        while not (folder / "hanging").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("to_all", [False, True], ids=["to the process", "to its group"])
def test_ctrl_c(start: Start, folder: Path, to_all: bool) -> None:
    process = start("--fake")
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "interrupted; what was recorded is kept; what a browser had not finished is marked as cut off" in err
    assert "Traceback" not in err
    assert out == ""
    assert (folder / "closed").exists()
    run = read_run(folder / "portolan-results/firefox-999.0-mv3.jsonl")
    assert run.cut_off
    assert len(run.plays) == 3


def test_ctrl_c_while_the_browser_starts(start: Start, folder: Path) -> None:
    process = start("--fake", where="start")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not list((folder / "portolan-results").iterdir()), "an old file would still be there"


def test_ctrl_c_while_browsers_are_fetched(start: Start) -> None:
    process = start()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("portolan: interrupted\n")
    assert "Traceback" not in err


def test_kill(start: Start, folder: Path, execute: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    process = start("--fake")
    process.kill()
    process.communicate()
    run = read_run(folder / "portolan-results/firefox-999.0-mv3.jsonl")
    assert run.cut_off
    assert len(run.plays) == 3
    judged = execute("judge", "portolan-results")
    assert judged.returncode == 3
    assert "CUT OFF" in judged.stdout
