"""Run files: what is written is read back, what is cut off is known to be, what is wrong is named."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import headers, lone_surrogates, plays

from portolan.conformance.errors import RunFileError
from portolan.conformance.trace.recording import Browser, Footer, Header, Recording, Run, lines_of
from portolan.conformance.trace.run_file import LONGEST_LINE, RunWriter, as_recorded, read_run, run_file_name, schema
from portolan.conformance.trace.values import tag

from .traces import BORN, HEADER, disconnected, event, message, play

VALIDATOR = jsonschema.Draft202012Validator(schema())
PLAYS = (
    play(
        BORN,
        message({"a": [1, tag("undefined")]}),
        disconnected(error=tag("error", name="Error", message="no")),
        scenario="first",
    ),
    play(scenario="second", outcome="timeout", reason="step 1: waited for the page"),
    play(BORN, scenario="first", repeat=2, lacking="runtime.connect", bindings={"tab-of page": 7}),
)


def write(path: Path, *run: Recording, header: Header = HEADER, **close: Any) -> bytes:
    """A run in a file, every line of which fits the schema."""
    with RunWriter(path, header) as writer:
        for each in run:
            writer.add(each)
        writer.close(**close)
    text = path.read_bytes()
    for line in text.splitlines():
        VALIDATOR.validate(json.loads(line))
    return text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a run is written."""
    return tmp_path / "results" / "run.jsonl"


# ---- there and back


@given(header=headers, run=st.lists(plays, max_size=3), ended=st.text(max_size=9))
def test_any_run_is_read_back_as_it_was(header: Header, run: list[Recording], ended: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        write(path, *run, header=header, ended=ended)
        back = read_run(path)
    assert (back.header, list(back.plays), back.path) == (header, run, str(path))
    assert back.footer
    assert (back.footer.plays, back.footer.ended) == (len(run), ended)
    assert not back.cut_off


@given(text=lone_surrogates.filter(lambda text: not _fits_utf8(text)))
def test_what_utf8_cannot_hold_is_written_all_the_same(text: str) -> None:
    hostile = play(message({text: [text]}, rest=[text]), outcome="harness-error", reason=text, bindings={"x": text})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        write(path, hostile)
        (back,) = read_run(path).plays
    tagged = tag("string", utf16=text.encode("utf-16-be", "surrogatepass").hex())
    assert back.events[0].value == tag("object", entries=[[tagged, [tagged]]])
    assert back.events[0].rest == [tagged]
    assert back.bindings == {"x": tagged}
    assert back.reason == text.encode(errors="backslashreplace").decode()
    assert (back.events, back.bindings) == (as_recorded(hostile).events, as_recorded(hostile).bindings)


@given(play=plays)
def test_a_play_that_a_file_can_hold_is_recorded_as_it_is(play: Recording) -> None:
    assert as_recorded(play) == play


def _fits_utf8(text: str) -> bool:
    return "\ufffd" not in text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_the_header_is_there_before_the_first_play(file: Path) -> None:
    writer = RunWriter(file, HEADER)
    assert read_run(file) == Run(HEADER, (), None, str(file))
    writer.add(PLAYS[0])
    assert read_run(file) == Run(HEADER, PLAYS[:1], None, str(file))
    writer.abandon()
    assert read_run(file).cut_off


def test_a_run_that_an_exception_ends_is_cut_off(file: Path) -> None:
    def interrupted() -> None:
        with RunWriter(file, HEADER) as writer:
            writer.add(PLAYS[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert read_run(file).cut_off


def test_plays_are_put_in_order_at_the_end(file: Path) -> None:
    order = [("first", 1), ("first", 2), ("not played", 1)]
    text = write(file, PLAYS[1], PLAYS[2], PLAYS[0], ended="interrupted", order=order)
    assert read_run(file).plays == (PLAYS[0], PLAYS[2], PLAYS[1])
    assert sorted(text.splitlines()[:-1]) == sorted(write(file, PLAYS[1], PLAYS[2], PLAYS[0]).splitlines()[:-1])
    assert [each.name for each in file.parent.iterdir()] == ["run.jsonl"]


def test_nothing_is_added_to_a_run_that_is_closed(file: Path) -> None:
    writer = RunWriter(file, HEADER)
    writer.close()
    with pytest.raises(RunFileError, match="nothing can be added to a run that has been closed"):
        writer.add(PLAYS[0])
    with pytest.raises(RunFileError, match="nothing can be added to a run that has been closed"):
        writer.close()
    assert read_run(file).footer


# ---- where nothing can be written


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    with pytest.raises(
        RunFileError,
        match=r"run\.jsonl: the run cannot be written: (File exists|Not a directory); accepted: a folder that is writable",
    ):
        RunWriter(tmp_path / "results" / "run.jsonl", HEADER)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_no_space() -> None:
    with pytest.raises(RunFileError, match="/dev/full: the run cannot be written: No space left on device"):
        RunWriter("/dev/full", HEADER)


class Full:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, data: memoryview) -> int:
        """Write what there is room for."""
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written: int = self.file.write(data[: self.room])
        self.room -= written
        return written


def test_a_play_for_which_there_is_no_space_leaves_the_others_readable(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunWriter(file, HEADER) as writer:
        writer.add(PLAYS[0])
        with monkeypatch.context() as full:
            full.setattr(writer, "_file", Full(writer._file, 20))
            with pytest.raises(RunFileError, match="No space left on device"):
                writer.add(PLAYS[1])
        assert read_run(file) == Run(HEADER, PLAYS[:1], None, str(file))
        writer.add(PLAYS[2])
    assert read_run(file).plays == (PLAYS[0], PLAYS[2])


def test_no_space_for_the_order_leaves_the_run_as_it_came(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = RunWriter(file, HEADER)
    writer.add(PLAYS[1])
    writer.add(PLAYS[0])
    with monkeypatch.context() as full:
        full.setattr(os, "replace", _no_space)
        with pytest.raises(RunFileError, match="No space left on device"):
            writer.close(order=[("first", 1), ("second", 1)])
    writer.abandon()
    assert read_run(file) == Run(HEADER, (PLAYS[1], PLAYS[0]), None, str(file))
    assert [each.name for each in file.parent.iterdir()] == ["run.jsonl"]


def _no_space(source: object, target: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# ---- cut off


def test_a_file_cut_off_anywhere_is_read_and_never_complete(file: Path) -> None:
    text = write(file, *PLAYS)
    seen = set()
    for size in range(len(text)):
        file.write_bytes(text[:size])
        run = read_run(file)
        assert run.cut_off
        assert all(back == play for back, play in zip(run.plays, PLAYS, strict=False) if back.outcome != "not-run")
        assert len(run.plays) <= len(PLAYS)
        seen |= {(each.scenario, each.outcome, each.reason) for each in run.plays}
    assert ("second", "not-run", "the run file was cut off in the middle of this play") in seen


def test_an_unfinished_play_keeps_what_it_has(file: Path) -> None:
    lines = write(file, PLAYS[0]).splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:4]))
    (unfinished,) = read_run(file).plays
    assert unfinished.events == PLAYS[0].events[:2]
    assert (unfinished.steps, unfinished.digest, unfinished.outcome) == (PLAYS[0].steps, PLAYS[0].digest, "not-run")


def test_an_empty_file_is_a_run_that_was_cut_off_at_once(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").touch()
    run = read_run(tmp_path / "run.jsonl")
    assert run.cut_off
    assert run.label == "unknown unknown mv0"


# ---- wrong lines

HEADER_LINE, *LINES = (msgspec.json.encode(each).decode() for each in (HEADER, *lines_of(PLAYS[0]), Footer(1, "now")))
BEGIN, BIRTH, *_, END, FOOTER = LINES
HOSTILE = json.dumps({"record": "event", "\x1b[2J\n": 1})


def swapped(line: str, **fields: Any) -> str:
    """The line with other fields."""
    return json.dumps({**json.loads(line), **fields})


@pytest.mark.parametrize(
    ("lines", "number", "said"),
    [
        (["nonsense"], 1, "not JSON (JSON is malformed: invalid character (byte 4)); accepted: one JSON object"),
        ([""], 1, "not JSON (Input data was truncated); accepted: one JSON object"),
        (['"\udcff"'], 1, "not JSON ('utf-8' codec can't decode byte 0xff in position 1: invalid start byte)"),
        (["[" * 100_000], 1, "not JSON (maximum recursion depth exceeded"),
        ([HEADER_LINE, BEGIN, '{"record":"event","event":{"value":1e999}}'], 3, "number out of range; accepted: numbers that a double can hold"),
        (["[]"], 1, "expected object, got array; accepted: header, begin, event, end, footer"),
        (["{}"], 1, "object missing required field record; accepted: header, begin, event, end, footer"),
        (['{"record":"trailer"}'], 1, "invalid value 'trailer' at record; accepted: header, begin, event, end, footer"),
        ([BEGIN], 1, "a line before the header; accepted: a header"),
        ([swapped(HEADER_LINE, format=2)], 1, "a run file of format 2; accepted: format 1, the one that this suite reads"),
        (['{"record":"header","format":2,"colour":"red"}'], 1, "a run file of format 2; accepted: format 1"),
        (['{"record":"header","format":"\\u001b[2J"}'], 1, "a run file of format \\u001b[2J; accepted: format 1"),
        ([swapped(HEADER_LINE, colour="red")], 1, "object contains unknown field colour; accepted: record, format, suite, commit, browser"),
        ([swapped(HEADER_LINE, browser={"family": "x"})], 1, "object missing required field version at browser; accepted: family, version"),
        ([HEADER_LINE, HEADER_LINE], 2, "a second header; accepted: a begin or the footer"),
        ([HEADER_LINE, BIRTH], 2, "an event outside a play; accepted: a begin or the footer"),
        ([HEADER_LINE, END], 2, "an end outside a play; accepted: a begin or the footer"),
        ([HEADER_LINE, BEGIN, BEGIN], 3, "a play begins, and first has not ended; accepted: an event or an end"),
        ([HEADER_LINE, BEGIN, FOOTER], 3, "the footer, and first has not ended; accepted: an event or an end"),
        ([HEADER_LINE, BEGIN, END], 3, "the end of a play of 3 events; accepted: 0, as many as stand before it"),
        ([HEADER_LINE, BEGIN, swapped(END, scenario="other")], 3, "the end of other; accepted: the end of first, which has begun"),
        ([HEADER_LINE, *LINES[:-1], swapped(FOOTER, plays=2)], 7, "the footer of a run of 2 plays; accepted: 1, as many as stand before it"),
        ([HEADER_LINE, *LINES, BEGIN], 8, "a line after the footer; accepted: nothing more"),
        ([HEADER_LINE, *LINES, FOOTER], 8, "a line after the footer; accepted: nothing more"),
        ([HEADER_LINE, BEGIN, swapped(END, outcome="fine")], 3, "invalid enum value 'fine' at outcome; accepted: crash, harness-error, not-run, ok, timeout"),
        ([HEADER_LINE, BEGIN, swapped(END, events="3")], 3, "expected int, got str at events; accepted: integer"),
        ([HEADER_LINE, swapped(BEGIN, steps=[{"step": "dance"}])], 2, "invalid value 'dance' at steps[0].step; accepted: task, need, open-page"),
        ([HEADER_LINE, swapped(BEGIN, steps=[{"step": "task", "actor": "x", "ops": [{"op": "post", "port": 1}]}])], 2, "at steps[0].ops[0].port; accepted: string"),
        ([HEADER_LINE, swapped(BEGIN, steps=[{"step": "need", "actor": "x", "path": "y", "now": 1}])], 2, "unknown field now at steps[0]; accepted: step, actor, path"),
        ([HEADER_LINE, BEGIN, swapped(BIRTH, event={"actor": "x", "phase": "sing"})], 3, "invalid enum value 'sing' at event.phase; accepted: call, fire, note, return, throw"),
        ([HEADER_LINE, BEGIN, swapped(BIRTH, event={"port": 1})], 3, "at event.port; accepted: string, null"),
        ([HEADER_LINE, BEGIN, HOSTILE], 3, "object contains unknown field \\u001b[2J\\u000a; accepted: record, event"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(file: Path, lines: list[str], number: int, said: str) -> None:
    file.parent.mkdir()
    file.write_bytes("".join(f"{line}\n" for line in lines).encode(errors="surrogateescape"))
    with pytest.raises(RunFileError) as caught:
        read_run(file)
    assert str(caught.value).startswith(f"{file}, line {number}: ")
    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_run_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary")
    with pytest.raises(
        RunFileError,
        match=re.escape("notes.txt, line 1: not the beginning of a run file; accepted: a line that is a header"),
    ):
        read_run(path)
    with pytest.raises(RunFileError, match="cannot be read: No such file or directory"):
        read_run(tmp_path / "none.jsonl")
    with pytest.raises(RunFileError, match="cannot be read: Is a directory"):
        read_run(tmp_path)


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("wb") as file:
        file.truncate(4 * LONGEST_LINE)
    with pytest.raises(RunFileError, match=r"line 1: longer than 64 MiB; accepted: shorter lines"):
        read_run(path)


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda data: f"{HEADER_LINE}\n{BEGIN}\n".encode() + data))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        path.write_bytes(data)
        try:
            assert read_run(path).cut_off
        except RunFileError as error:
            assert f"{path}, line " in str(error)  # noqa: PT017 - either is fine, and nothing else


# ---- names


@pytest.mark.parametrize(
    ("family", "version", "name"),
    [
        ("firefox", "153.7.0", "firefox-153.7.0-mv3.jsonl"),
        ("chromium", "156.0.8078.79", "chromium-156.0.8078.79-mv3.jsonl"),
        ("firefox", "155.0a1", "firefox-155.0a1-mv3.jsonl"),
        ("firefox", "../../etc/passwd\n", "firefox-.._.._etc_passwd_-mv3.jsonl"),
    ],
)
def test_the_name_of_a_runs_file(family: str, version: str, name: str) -> None:
    assert run_file_name(msgspec.structs.replace(HEADER, browser=Browser(family, version))) == name


def test_events_of_several_lives_stay_apart(file: Path) -> None:
    lives = play(event("background: fire onConnect"), event("background(2): fire onConnect"))
    write(file, lives)
    assert [str(each.key) for each in read_run(file).plays[0].events] == ["background.1", "background(2).1"]
