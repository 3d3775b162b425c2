"""A user's mistake gets one sentence and exit code 2, whatever it is: no traceback, no INTERNALERROR, no endless wait."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from portolan.cli.main import cli

GOOD = """\
from portolan import Play, scenario


@scenario
def a_page_connects(play: Play) -> None:
    listener = play.background().listen()
    play.page().connect()
    play.settle()
    play.expect(listener.fired())
"""
HEAD = "from portolan import scenario\n\n\n"
FILES: dict[str, tuple[str | bytes, str]] = {
    "syntax.py": ("def (\n", "line 1: the file cannot be imported: SyntaxError"),
    "missing_module.py": ("import nothing_like_this\n", "line 1: the file cannot be imported: ModuleNotFoundError"),
    "exits_at_import.py": ("import sys\nsys.exit(0)\n", "line 2: the file cannot be imported: SystemExit"),
    "exits_while_built.py": (
        f"import sys\n{HEAD}@scenario\ndef one(play):\n    sys.exit(0)\n",
        "line 7: one: it cannot be built: SystemExit",
    ),
    "decorator.py": (f"{HEAD}@scenario(nonsense=3)\ndef one(play):\n    pass\n", "line 4: the file cannot be imported"),
    "raises.py": (f"{HEAD}@scenario\ndef one(play):\n    int('x')\n", "line 6: one: it cannot be built: ValueError"),
    "recursive.py": (f"{HEAD}@scenario\ndef one(play):\n    one(play)\n", "it cannot be built: RecursionError"),
    "no_argument.py": (f"{HEAD}@scenario\ndef one():\n    pass\n", "takes 0 arguments"),
    "is_a_class.py": (f"{HEAD}@scenario\nclass One:\n    pass\n", "marks a type"),
    "is_async.py": (f"{HEAD}@scenario\nasync def one(play):\n    pass\n", "is async or a generator"),
    "binary.py": (b"\x00\x01\xff\xfe", "the file cannot be imported"),
    "empty.py": ("", "there is no scenario in this file"),
    "br[1].py": (GOOD, "cannot contain “[”"),
    "a::b.py": (GOOD, "cannot contain “::”"),
}

OPTIONS = {
    "-n 0": "from 1 to 64",
    "-n -1": "from 1 to 64",
    "-n many": "from 1 to 64",
    "--repeat 0": "from 1 to 10000",
    "--repeat 99999999999999": "from 1 to 10000",
    "--repeat often": "not a valid integer",
    "--retry -1": "from 0 to 10",
    "--timeout-factor 0": "above 0, at most 1000",
    "--timeout-factor nan": "above 0, at most 1000",
    "--timeout-factor 1e400": "above 0, at most 1000",
    "--manifest 4": "is not one of",
    "--browser netscape": "There is no browser 'netscape'",
    "--browser firefox@": "names no version or channel",
    "--baseline nowhere": "There is no run file nowhere",
    "--baseline good.py": "not JSON",
    "--baseline empty_folder": "There is no run file",
    "--format pdf": "is not one of",
    "--fake-bug nonsense": "has no bug 'nonsense'",
    "--out good.py": "cannot be written",
    "--out good.py/inside": "cannot be written",
    "--sources nowhere": "There is no source 'nowhere'",
}

COMMANDS = {
    "judge good.py": "not JSON",
    "judge nowhere": "There is no run file",
    "show nowhere a_page_connects": "There is no run file",
    "compare good.py good.py": "",
    "diff nowhere nowhere": "There is no run file",
    "history nowhere": "There is no run file",
    "report nowhere": "There is no run file",
    "export nowhere --format json": "There is no run file",
    "claims good.py": "not JSON",
    "scenarios show nonsense": "no scenario is called",
    "bugs nonsense": "",
    "reproduce nonsense": "no scenario is called",
    "reproduce good.py --fake --export good.py": "is there already",
    "new good": "",
    "new a/b": "",
    "new class": "",
    "browsers install netscape": "There is no browser 'netscape'",
    "nonsense": "No such command",
    "run --nonsense": "No such option",
}

Invoke = Callable[..., click.testing.Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run the command in a folder with one good scenario file and an empty folder."""
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "empty_folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return lambda *words: click.testing.CliRunner().invoke(cli, list(words), prog_name="portolan")


def check_refused(result: click.testing.Result, sentence: str) -> None:
    assert result.exit_code == 2, (result.output, result.exception)
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert "INTERNALERROR" not in result.output
    assert not result.stdout


@pytest.mark.parametrize("name", FILES)
def test_a_bad_scenario_file_is_refused(name: str, invoke: Invoke) -> None:
    content, sentence = FILES[name]
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = invoke("run", name, "--fake")
    check_refused(result, sentence)
    assert name in result.stderr


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "two-workers"])
@pytest.mark.parametrize("kind", ["folder", "missing", "pipe", "circular link"])
def test_what_is_no_readable_file_is_refused(kind: str, workers: list[str], tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "mine.py"
    make = {
        "folder": path.mkdir,
        "missing": lambda: None,
        "pipe": lambda: os.mkfifo(path),
        "circular link": lambda: path.symlink_to(path),
    }
    make[kind]()
    check_refused(invoke("run", "mine.py", "--fake", *workers), "mine.py: ")


def test_two_files_with_one_scenario_name_are_refused(tmp_path: Path, invoke: Invoke) -> None:
    (tmp_path / "other.py").write_text(GOOD)
    check_refused(invoke("run", "good.py", "other.py", "--fake"), "two scenarios are called a_page_connects")


@pytest.mark.parametrize("option", OPTIONS)
def test_a_bad_option_is_refused(option: str, invoke: Invoke) -> None:
    check_refused(invoke("run", "good.py", "--fake", *option.split()), OPTIONS[option])


@pytest.mark.parametrize("command", COMMANDS)
def test_bad_input_of_another_command_is_refused(command: str, invoke: Invoke) -> None:
    check_refused(invoke(*command.split()), COMMANDS[command])
