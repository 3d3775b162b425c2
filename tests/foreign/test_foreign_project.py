"""Portolan installed beside a foreign project and popular pytest plugins: none of them is disturbed.

The test makes an environment of its own from the wheel, so it is not part of the quick tests: ``tox -e foreign``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = [
    "pytest-playwright",
    "pytest-selenium",
    "pytest-html",
    "pytest-rerunfailures",
    "pytest-randomly",
    "pytest-xdist",
]
FOREIGN = {
    "reports/__init__.py": "TITLE = 'the reports of a foreign project'\n",
    "runners/__init__.py": "def run() -> int:\n    return 42\n",
    "conformance/__init__.py": "LEVEL = 'A'\n",
    "tests/__init__.py": "",
    "tests/test_mine.py": (
        "import conformance, reports, runners\n\n"
        "def test_my_own_packages():\n"
        "    assert reports.TITLE == 'the reports of a foreign project'\n"
        "    assert (runners.run(), conformance.LEVEL) == (42, 'A')\n\n"
        "def test_two():\n    pass\n"
    ),
}
SCENARIO = """\
from portolan import Play, scenario


@scenario
def a_page_connects(play: Play) -> None:
    listener = play.background().listen()
    play.page().connect()
    play.settle()
    play.expect(listener.fired())
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program without the environment variables that would change what Python and pytest find."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST", "TOX", "VIRTUAL"))
    }
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=kept, capture_output=True, text=True, timeout=900, check=False
    )


def done(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a program that must succeed; returns its output."""
    result = run(*command, cwd=cwd)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("portolan-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with Portolan and the plugins."""
    folder = tmp_path_factory.mktemp("environment")
    done(sys.executable, "-m", "venv", folder)
    path = folder / "bin" / "python"
    done(path, "-m", "pip", "install", "--quiet", wheel, *PLUGINS)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A foreign project with packages that are called like parts of Portolan."""
    for name, text in FOREIGN.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_wheel_installs_one_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"portolan"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    for part in (
        "py.typed",
        "conformance/claims.toml",
        "fixtures-extensions/shared/puppet.js",
        "reports/html/templates/index.html",
    ):
        assert f"portolan/{part}" in names


@pytest.mark.parametrize("more", [[], ["-n", "2"], ["-p", "no:randomly"]], ids=["alone", "two-workers", "in-order"])
def test_a_foreign_project_runs_its_own_tests(python: Path, project: Path, more: list[str]) -> None:
    assert "2 passed" in done(python, "-m", "pytest", *more, cwd=project)


def test_the_command_works_in_the_foreign_folder(python: Path, project: Path) -> None:
    assert "nobody_listens" in done(python, "-m", "portolan", "scenarios", cwd=project)
    (project / "mine.py").write_text(SCENARIO)
    played = done(python, "-m", "portolan", "run", "mine.py", "--fake", "--manifest", "3", cwd=project)
    assert "2 plays" in played or "1 as expected" in played


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "two-workers"])
def test_the_suite_plays_beside_the_plugins(python: Path, tmp_path: Path, workers: list[str]) -> None:
    command = [python, "-m", "pytest", "conformance", "-k", "one_of_two_receiving_frames", "--portolan-fake", *workers]
    assert "passed" in done(*command, "--html=report.html", "--reruns=1", cwd=tmp_path)


def test_the_plugin_claims_no_bare_option(python: Path, project: Path) -> None:
    text = done(python, "-m", "pytest", "--help", cwd=project)
    section = text.partition("portolan: WebExtension")[2].partition("\n\n")[0]
    options = [line.split()[0].split("=")[0] for line in section.splitlines() if line.strip().startswith("--")]
    assert options
    assert [option for option in options if not option.startswith("--portolan-")] == []


def test_an_editable_installation_works_too(python: Path, project: Path) -> None:
    done(python, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", ROOT)
    where = done(python, "-c", "import portolan.runners, portolan.reports; print(portolan.__file__)", cwd=project)
    assert Path(where.strip()).parent == ROOT / "portolan"
    assert "2 passed" in done(python, "-m", "pytest", cwd=project)
