"""The GitHub action: what its steps run is run here, with the fake browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parents[2]
ACTION = HERE / "action.yml"
EXPECTED = "nobody_listens"


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """The action, as GitHub reads it."""
    made: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    return made


def script(action: dict[str, Any], name: str) -> str:
    """What the step of this name runs."""
    return next(str(step["run"]) for step in action["runs"]["steps"] if step.get("name") == name)


class Job:
    """A job in a folder of its own, in which ``portolan`` is a command."""

    def __init__(self, action: dict[str, Any], folder: Path) -> None:
        self.action, self.folder = action, folder
        commands = folder / "commands"
        commands.mkdir()
        portolan = commands / "portolan"
        portolan.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m portolan "$@"\n')
        portolan.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{commands}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "PORTOLAN_BROWSERS": "firefox chromium",
            "OUT": "results",
            "BASELINE": "",
            "FACTOR": "2",
            "RETRY": "0",
        }

    def run(self, step: str, **variables: str) -> int:
        """Run a step as GitHub does; returns its exit code."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(self.action, step)]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, timeout=600, check=False)
        return done.returncode


@pytest.fixture
def job(action: dict[str, Any], folder: Path) -> Job:
    if not shutil.which("bash"):
        pytest.skip("there is no bash")
    return Job(action, folder)


def test_a_run_that_is_as_expected(job: Job) -> None:
    wanted = f"{EXPECTED} one_of_two_receiving_frames_is_r* --fake"
    assert job.run("Play", SCENARIOS=wanted) == 0
    assert (job.folder / "output").read_text() == "exit-code=0\n"
    assert job.run("Tell in the step summary, and export", SCENARIOS=wanted) == 0
    assert EXPECTED in (job.folder / "summary.md").read_text()
    assert (job.folder / "results" / "junit.xml").read_text().startswith("<?xml")
    assert list((job.folder / "results" / "report").glob("*.html"))


def test_a_number_of_retries(job: Job) -> None:
    assert job.run("Play", SCENARIOS=f"{EXPECTED} --fake", RETRY="1") == 0
    assert job.run("Play", SCENARIOS=f"{EXPECTED} --fake", RETRY="many") == 2


def test_a_baseline(job: Job) -> None:
    fake = f"{EXPECTED} --fake --fake-bug=never-fires-disconnect"
    assert job.run("Play", SCENARIOS=fake, OUT="before", BASELINE="before") == 1, "there is no baseline yet"
    assert job.run("Play", SCENARIOS=fake, BASELINE="before") == 0, "it is as it was"
    assert job.run("Play", SCENARIOS=f"{EXPECTED} --fake", OUT="good") == 0
    assert job.run("Play", SCENARIOS=fake, BASELINE="good") == 1, "it is worse"


def test_a_file_of_ones_own(job: Job, greeting: Path) -> None:
    assert job.run("Play", SCENARIOS=f"{greeting.name} --fake") == 0
    assert job.run("Tell in the step summary, and export", SCENARIOS=greeting.name) == 0
    assert "greets" in (job.folder / "summary.md").read_text()


def test_bad_input(job: Job) -> None:
    assert job.run("Play", SCENARIOS="no_such_scenario --fake") == 2
    assert (job.folder / "output").read_text() == "exit-code=2\n"


def test_every_input_is_used_and_no_other(action: dict[str, Any]) -> None:
    text = ACTION.read_text(encoding="utf-8")
    used = {word.partition("}")[0].split()[0] for word in text.replace("== ", "").split("inputs.")[1:]}
    assert {each.strip("'\" ") for each in used} == set(action["inputs"])
    assert all(each["description"] for each in action["inputs"].values())


def test_nothing_of_the_inputs_is_put_into_a_script(action: dict[str, Any]) -> None:
    """An expression in a script would run whatever an input says; variables do not."""
    assert not [step for step in action["runs"]["steps"] if "${{" in step.get("run", "")]
