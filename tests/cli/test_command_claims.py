"""``portolan claims`` and ``portolan contradictions``: what a user sees, and what a program gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result

from portolan.conformance.trace.recording import Browser
from portolan.conformance.trace.run_file import RunWriter, read_run

Invoke = Callable[..., Result]
ONE = "one_of_two_receiving_frames_is_removed"
FIREFOX = "firefox 153.7.0 mv3"


@pytest.fixture
def runs(invoke: Invoke) -> Path:
    """A folder with runs of browsers, as if they were real."""
    invoke("run", "--fake", ONE, "a_web_page_connects", "--manifest=3", "--out=played")
    folder = Path("portolan-results")
    folder.mkdir()
    for path in Path("played").glob("*.jsonl"):
        run = read_run(path)
        browser = Browser(run.header.browser.family, "153.7.0", source="debian")
        with RunWriter(folder / path.name, msgspec.structs.replace(run.header, browser=browser)) as writer:
            for play in run.plays:
                writer.add(play)
    return folder


def claims_of(result: Result) -> dict[str, dict[str, object]]:
    """The claims that were printed as JSON, by id."""
    return {each["id"]: each for each in json.loads(result.stdout)}


def test_every_claim_as_json(invoke: Invoke, runs: Path) -> None:
    result = invoke("claims", "--format=json")
    found = claims_of(result)
    assert (result.exit_code, len(found)) == (0, 197)
    assert found["P71"]["covered"] is True
    assert found["P71"]["untestable"] is None
    assert found["P71"]["verdicts"] == {"chromium 153.7.0 mv3": "holds", FIREFOX: "does not hold"}
    assert found["C11"]["verdicts"] == {"chromium 153.7.0 mv3": "holds", FIREFOX: "not applicable"}
    assert found["NM12"]["covered"] is False
    assert str(found["NM12"]["untestable"]).startswith("It is about Windows")
    assert set(found["NM12"]["verdicts"].values()) == {"not judged"}  # type: ignore[attr-defined]


def test_the_table(invoke: Invoke, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    text = invoke("claims").stdout
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "API/runtime/connect" in text
    assert lines["P71"].rstrip().endswith("(does not)")
    assert "untestable" in lines["NM12"]
    assert "of 197 claims judged in real browsers" in text.splitlines()[-1]


def test_one_claim_by_its_id_in_whatever_letters(invoke: Invoke, runs: Path) -> None:
    result = invoke("claims", "p73", "P71", runs / "firefox-999.0-mv3.jsonl")
    assert result.stdout.startswith("P71: When one of several receivers unloads")
    assert f"  {FIREFOX}: does not hold, but it is not said of it\n" in result.stdout
    assert "\nP73: When any one" in result.stdout
    assert f"  {FIREFOX}: holds\n" in result.stdout
    assert "chromium 153" not in result.stdout


def test_markdown(invoke: Invoke, runs: Path) -> None:
    text = invoke("claims", "P71", "--format=markdown").stdout
    assert text.splitlines()[0] == f"| claim | what the documentation says | chromium 153.7.0 mv3 | {FIREFOX} |"
    assert "| `P71` | [When one of several" in text
    assert "| holds | does not hold, but it is not said of it |" in text


def test_without_runs(invoke: Invoke) -> None:
    result = invoke("claims")
    assert result.exit_code == 0
    assert "No runs: portolan-results is empty." in result.stdout
    assert "0 of 197 claims judged in real browsers" in result.stdout
    assert claims_of(invoke("claims", "C1", "--format=json"))["C1"]["verdicts"] == {}


def test_the_fake_is_no_evidence(invoke: Invoke) -> None:
    invoke("run", "--fake", ONE, "--browser=firefox", "--manifest=3")
    result = invoke("claims", "P73", "--format=json")
    assert claims_of(result)["P73"]["covered"] is False
    assert "firefox 999.0 mv3: a fake browser, whose plays cover no claim" in result.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["P711"], "there is no claim 'P711'; the nearest are P71"),
        (["C1", "nothing"], "there is no claim 'nothing'; the nearest are"),
        (["nowhere.jsonl"], "There is no run file nowhere.jsonl."),
        (["empty/"], "There is no run file (*.jsonl) in the folder empty."),
        (["bad.jsonl"], "bad.jsonl"),
    ],
)
def test_bad_input_is_told_in_one_sentence(invoke: Invoke, wrong: list[str], said: str) -> None:
    Path("empty").mkdir()
    Path("bad.jsonl").write_text("{}\n")
    result = invoke("claims", *wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["claims", "contradictions"])
def test_a_run_that_was_cut_off(invoke: Invoke, runs: Path, command: str) -> None:
    path = runs / "firefox-999.0-mv3.jsonl"
    path.write_bytes(path.read_bytes()[:-900])
    result = invoke(command, path)
    assert result.exit_code == 3
    assert f"{FIREFOX}: the run was cut off; what is here is not all of it" in result.stderr


def test_plays_that_are_no_result_are_counted(invoke: Invoke, runs: Path) -> None:
    path = runs / "firefox-999.0-mv3.jsonl"
    run = read_run(path)
    with RunWriter(path, run.header) as writer:
        writer.add(msgspec.structs.replace(run.plays[0], outcome="crash", reason="it fell over"))
        writer.add(run.plays[1])
    result = invoke("claims", path)
    assert result.exit_code == 0
    assert f"{FIREFOX}: 1 of 2 plays are no result, and say nothing of any claim" in result.stderr


def test_hostile_labels_are_harmless(invoke: Invoke, runs: Path) -> None:
    path = runs / "firefox-999.0-mv3.jsonl"
    run = read_run(path)
    browser = msgspec.structs.replace(run.header.browser, version="1\x1b]0;owned\x07\u202e|`x`")
    with RunWriter(path, msgspec.structs.replace(run.header, browser=browser)) as writer:
        for play in run.plays:
            writer.add(play)
    for form in ("text", "markdown", "json"):
        for command in (["claims"], ["claims", "P71"], ["contradictions"]):
            out = invoke(*command, f"--format={form}").output
            assert not any(char in out for char in "\x1b\x07\u202e")


def test_contradictions(invoke: Invoke, runs: Path) -> None:
    result = invoke("contradictions")
    assert result.exit_code == 0
    assert result.stdout.startswith("X1: Does every browser heed externally_connectable?\n  side 1: ")
    assert "  chromium 153.7.0 mv3: side 1 (C8 holds)" in result.stdout
    data = {each["id"]: each for each in json.loads(invoke("contradictions", "--format=json").stdout)}
    assert len(data) == 16
    assert data["X1"]["answers"]["chromium 153.7.0 mv3"]["sides"] == [1]
    markdown = invoke("contradictions", runs, "--format=markdown").stdout
    assert markdown.splitlines()[0] == f"|  | question | sides | chromium 153.7.0 mv3 | {FIREFOX} |"
    assert len(markdown.splitlines()) == 18
