"""The suite's scenarios, those of a user's file, and what names and globs mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portolan.conformance.errors import ScenarioError, UnknownScenario
from portolan.conformance.language.discovery import from_file, select, suite, unique
from portolan.conformance.language.scenario import Scenario

HEAD = "from __future__ import annotations\nfrom portolan import scenario\n"
GOOD = """
@scenario()
def {name}(play):
    '''A port.'''
    play.expect(play.page().connect().stayed_open())
"""


def good(*names: str) -> str:
    """A file with these scenarios."""
    return HEAD + "".join(GOOD.format(name=name) for name in names)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a user's file."""

    def write(text: str) -> Path:
        path = tmp_path / "my-own.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ---- the suite


def test_the_suites_scenarios_are_found_in_order() -> None:
    found = suite()
    assert [each.topic for each in found] == sorted(each.topic for each in found)
    broadcast = [each.name for each in found if each.topic == "broadcast"]
    assert broadcast[0] == "one_of_two_receiving_frames_is_removed"
    source = Path(__file__).parents[2] / "conformance" / "scenarios" / "lifetime" / "broadcast.py"
    if source.exists():
        text = source.read_text(encoding="utf-8")
        assert broadcast == sorted(broadcast, key=lambda name: text.index(f"def {name}("))
    assert len({each.name for each in found}) == len(found)


# ---- a user's file


def test_a_users_file(file: Callable[[str], Path]) -> None:
    path = file(good("second", "first"))
    assert [(each.name, each.topic, each.title) for each in from_file(path)] == [
        ("second", "my-own", "A port."),
        ("first", "my-own", "A port."),
    ]
    assert list(path.parent.iterdir()) == [path]


def test_scenarios_that_a_file_only_imports_are_not_its_own(file: Callable[[str], Path]) -> None:
    text = (
        good("mine")
        + "from portolan.conformance.scenarios.lifetime.broadcast import one_of_two_receiving_frames_is_removed\n"
    )
    assert [each.name for each in from_file(file(text))] == ["mine"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:\n", ", line 1: the file cannot be imported: SyntaxError: invalid syntax"),
        ("\n\nimport nothing_of_this_name\n", ", line 3: the file cannot be imported: ModuleNotFoundError: No module named"),
        ("\n1 / 0\n", ", line 2: the file cannot be imported: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", ", line 2: the file cannot be imported: SystemExit: 3"),
        ("def f():\n    raise OSError\nf()\n", ", line 2: the file cannot be imported: OSError"),
        ("raise ValueError('\\x1b[2J\\nmore')\n", ", line 1: the file cannot be imported: ValueError: \\u001b[2J more"),
        ("\0", ": the file cannot be imported: "),
        ("# coding: klingon\n", ": the file cannot be imported: SyntaxError: "),
        ("", ": there is no scenario in this file; accepted: functions marked with @scenario(…)"),
        (good("twice", "twice"), ", line 9: two scenarios of this module are called twice, in line 4 and line 9"),
        (good("mine").replace("play.page()", "play.pages()"), ", line 7: mine: it cannot be built: AttributeError: a Play has no 'pages'; did you mean 'page'?"),
        (good("mine").replace("play.page()", "Actor(play._script, 'x')").replace("import scenario", "import scenario\nfrom portolan import Actor"),
         ", line 5: mine: step 1 is for 'x', which does not exist at that point; there are no actors"),
        (good("one") + GOOD.format(name="two").replace("scenario()", "scenario(name='one')"), ": two scenarios are called one, in my-own and in my-own"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_named_with_its_line(file: Callable[[str], Path], text: str, said: str) -> None:
    path = file(text)
    with pytest.raises(ScenarioError) as caught:
        from_file(path)
    assert str(caught.value).startswith(f"{path}{said}")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.py: the file cannot be read: No such file or directory"):
        from_file(tmp_path / "none.py")
    with pytest.raises(ScenarioError, match="the file cannot be read: Is a directory"):
        from_file(tmp_path)


# ---- names


@pytest.fixture
def three(file: Callable[[str], Path]) -> list[Scenario]:
    """Three scenarios."""
    return from_file(file(good("a_port_closes", "a_port_opens", "nobody_listens")))


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ([], ["a_port_closes", "a_port_opens", "nobody_listens"]),
        (["nobody_listens", "a_port_closes"], ["a_port_closes", "nobody_listens"]),
        (["a_port_*", "a_port_opens"], ["a_port_closes", "a_port_opens"]),
        (["*s"], ["a_port_closes", "a_port_opens", "nobody_listens"]),
        (["*_port_?????"], ["a_port_opens"]),
    ],
)
def test_names_and_globs(three: list[Scenario], patterns: list[str], names: list[str]) -> None:
    assert [each.name for each in select(three, patterns)] == names


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("nobody_listen", "no scenario is called 'nobody_listen'; did you mean nobody_listens?"),
        ("a_port_open", "no scenario is called 'a_port_open'; did you mean a_port_opens or a_port_closes?"),
        ("A_PORT*", "no scenario is called 'A_PORT*'; “portolan scenarios” lists them"),
        ("\x1b[2J", "no scenario is called '\\\\u001b[2J'; “portolan scenarios” lists them"),
    ],
)
def test_a_name_that_nobody_has(three: list[Scenario], pattern: str, said: str) -> None:
    with pytest.raises(UnknownScenario, match=f"^{re.escape(said)}$"):
        select(three, ["nobody_*", pattern])


def test_one_name_is_had_once(three: list[Scenario]) -> None:
    assert unique(three) == three
    with pytest.raises(ScenarioError, match="two scenarios are called nobody_listens, in my-own and in my-own"):
        select([*three, three[2]], ["a_port_opens"])
