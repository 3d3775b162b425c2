"""What is known of browsers: read from files, found for a play, compared with its verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.conformance.errors import ExpectationError
from portolan.conformance.judging.expectations import Assessment, Expected, assess, load
from portolan.conformance.judging.judge import Judgement
from portolan.conformance.language.discovery import suite

from .traces import play

ENTRY = 'scenario = "one"\nverdict = "fail"\nreason = "It is known."\n'
BUG = "https://bug.test/1"


def table(folder: Path, text: str, family: str = "firefox") -> Path:
    """A folder with one file."""
    (folder / f"{family}.toml").write_text(text, encoding="utf-8")
    return folder


def entries(folder: Path, *texts: str) -> Path:
    """A folder with one file of entries."""
    return table(folder, "".join(f"[[expect]]\n{text}" for text in texts))


# ---- the suite's own


def test_the_suites_own_are_about_scenarios_that_there_are() -> None:
    names = [each.name for each in suite()]
    known = load(names=names)
    assert set(known.families) == {"firefox", "chromium"}
    for family, verdict in (
        ("firefox", "dies-with-the-first-receiver"),
        ("chromium", "lives-until-all-receivers-unload"),
    ):
        found = known.find("one_of_two_receiving_frames_is_removed", family, "153.7.0", 3)
        assert found
        assert (found.verdict, found.bug) == (
            f"variant:{verdict}",
            "https://bugzilla.mozilla.org/show_bug.cgi?id=1465514",
        )


# ---- which entry is about a play


@pytest.mark.parametrize(
    ("versions", "version", "covered"),
    [
        ("", "153.7.0", True),
        (">=115,<154", "153.7.0", True),
        (">=115,<154", "154.0", False),
        (">=115,<154", "114.0.2", False),
        ("==153.*", "153.7.0", True),
        (">=155", "155.0a1", True),
        (">=153.7", "153.7.0esr", True),
        ("<156", "156.0.8078.79", False),
        (">=156.0.8078", "156.0.8078.79", True),
        (">=1", "nightly", False),
        ("", "nightly", True),
    ],
)
def test_versions(tmp_path: Path, versions: str, version: str, covered: bool) -> None:
    known = load(entries(tmp_path, f'{ENTRY}versions = "{versions}"\n'))
    assert bool(known.find("one", "firefox", version, 3)) == covered


def test_names_globs_and_manifests(tmp_path: Path) -> None:
    known = load(entries(tmp_path, f"{ENTRY.replace('one', 'on*')}manifest = 2\n"))
    assert known.find("one", "firefox", "1", 2)
    assert known.find("onwards", "firefox", "1", 2)
    assert not known.find("one", "firefox", "1", 3)
    assert not known.find("two", "firefox", "1", 2)
    assert not known.find("one", "chromium", "1", 2)


def test_later_entries_win(tmp_path: Path) -> None:
    later = ENTRY.replace("fail", "pass")
    known = load(entries(tmp_path, ENTRY, later, f'{ENTRY}versions = ">=200"\n'))
    found = known.find("one", "firefox", "153", 3)
    assert found
    assert found.verdict == "pass"


# ---- files that are wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENTRY + "colour = 1\n", "entry 1 (one): object contains unknown field colour; accepted: scenario, verdict, reason"),
        ('scenario = "one"\nverdict = "pass"\n', "entry 1 (one): object missing required field reason; accepted: scenario"),
        ('verdict = "pass"\nreason = "r"\n', "entry 1: object missing required field scenario; accepted: scenario"),
        (ENTRY.replace("It is known.", " "), "entry 1 (one): the reason is empty; accepted: a sentence"),
        (ENTRY.replace("fail", "failure"), "there is no verdict 'failure'; accepted: pass, fail, inconclusive, not-applicable"),
        (ENTRY.replace("fail", "variant:"), "there is no verdict 'variant:'; accepted: pass"),
        (ENTRY.replace("fail", "ok"), "there is no verdict 'ok'"),
        (ENTRY + 'versions = "newest"\n', "the versions 'newest' cannot be read; accepted: such as “>=115,<154”"),
        (ENTRY + "versions = 115\n", "expected str, got int at versions; accepted: string"),
        (ENTRY + "manifest = 4\n", "there is no manifest version 4; accepted: 2, 3"),
        (ENTRY + 'bug = "1465514"\n', "the bug '1465514' is no address; accepted: https://…"),
        (ENTRY.replace('"one"', '"other"'), "entry 1 (other): there is no such scenario; accepted: the name of one"),
        (ENTRY.replace('"one"', '"o*r"'), "there is no such scenario"),
    ],
)  # fmt: skip
def test_wrong_entries_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ExpectationError) as caught:
        load(entries(tmp_path, text), names=["one", "two"])
    assert str(caught.value).startswith(f"{tmp_path / 'firefox.toml'}, entry 1")
    assert said in str(caught.value)


def test_the_wrong_entry_is_counted(tmp_path: Path) -> None:
    with pytest.raises(ExpectationError, match=r"firefox\.toml, entry 2 \(one\): there is no verdict"):
        load(entries(tmp_path, ENTRY, ENTRY.replace("fail", "failure")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[expect]\n", "firefox.toml: it is not TOML: "),
        ("[[expects]]\n", "firefox.toml: expects is not known here; accepted: entries that begin with [[expect]]"),
        ("expect = 1\n", "firefox.toml: expect is not known here"),
        ("expect = [1]\n", "firefox.toml, entry 1: expected object, got int; accepted: scenario, verdict"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ExpectationError) as caught:
        load(table(tmp_path, text))
    assert said in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ExpectationError, match="there is no such folder of expectations"):
        load(tmp_path / "none")
    with pytest.raises(
        ExpectationError, match=r"no browser is called 'firfox'; accepted: firefox\.toml, chromium\.toml"
    ):
        load(table(tmp_path, "", "firfox"))
    (tmp_path / "firfox.toml").unlink()
    (tmp_path / "firefox.toml").write_bytes(b"\xff")
    with pytest.raises(ExpectationError, match="it is not TOML: 'utf-8' codec"):
        load(tmp_path)
    (tmp_path / "firefox.toml").unlink()
    (tmp_path / "firefox.toml").mkdir()
    with pytest.raises(ExpectationError, match="it cannot be read: Is a directory"):
        load(tmp_path)


def test_a_folder_without_files_expects_nothing(tmp_path: Path) -> None:
    assert load(tmp_path).find("one", "firefox", "1", 3) is None


# ---- is it as expected?


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ("pass", "expected"),
        ("variant:any", "expected"),
        ("not-applicable", "expected"),
        ("fail", "unexpected"),
        ("inconclusive", "unexpected"),
    ],
)
def test_without_an_entry(verdict: str, status: str) -> None:
    assert assess(play(), Judgement(verdict), None).status == status


@pytest.mark.parametrize("came", ["pass", "fail", "inconclusive", "not-applicable", "variant:a", "variant:b"])
@pytest.mark.parametrize("known", ["pass", "fail", "inconclusive", "not-applicable", "variant:a"])
def test_with_an_entry_exactly_its_verdict_is_expected(came: str, known: str) -> None:
    found = assess(play(), Judgement(came), Expected("one", known, "It is known.", bug=BUG))
    assert found.status == ("expected" if came == known else "unexpected")
    assert f"It is known. ({BUG})" in found.sentence


def test_an_expectation_that_no_longer_holds_says_so() -> None:
    found = assess(play(), Judgement("pass"), Expected("one", "fail", "It is known."))
    assert found == Assessment("unexpected", "pass; the expectation of fail no longer holds: It is known.")


def test_sentences() -> None:
    failed = Judgement("fail", ("accepted: this; came: that", "and more"))
    assert assess(play(), failed, None).sentence == "fail: accepted: this; came: that; and more"
    known = Expected("one", "fail", "It is known.")
    assert assess(play(), failed, known).sentence == (
        "fail: accepted: this; came: that; and more; as expected: It is known."
    )
    lacking = play(lacking="runtime.connect")
    assert assess(lacking, Judgement("not-applicable"), None).sentence == (
        "not-applicable: the browser lacks runtime.connect"
    )


def test_a_play_that_went_wrong_is_incomplete_whatever_is_known() -> None:
    broken = play(outcome="timeout", reason="step 3: waited for \x1b[2J")
    for known in (None, Expected("one", "fail", "It is known.")):
        found = assess(broken, Judgement(None), known)
        assert found == Assessment("incomplete", "no verdict: timeout: step 3: waited for \\u001b[2J")
    assert assess(play(outcome="not-run"), Judgement(None), None).sentence == "no verdict: not-run"
