"""Run files: written play by play as they come, read back strictly.

What was added stays, whatever happens after: a file without a footer is a run that was cut off. ``docs/trace.md``
describes the format; ``run.schema.json`` beside this module is the JSON Schema of one line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from portolan.conformance.errors import RunFileError
from portolan.conformance.explain import explained
from portolan.conformance.trace.recording import (
    FORMAT,
    HOW_IT_WENT,
    Begin,
    Browser,
    End,
    Event,
    EventLine,
    Footer,
    Header,
    Line,
    Recording,
    Run,
    lines_of,
)
from portolan.conformance.trace.schema import schema as schema
from portolan.conformance.trace.schema import write_schema as write_schema
from portolan.conformance.trace.values import Json, plain, sound

LONGEST_LINE = 64 * 1024 * 1024
"""No line may be longer: a file is read with bounded memory for what has not been understood yet."""

CUT_OFF = "the run file was cut off in the middle of this play"

UNKNOWN_HEADER = Header(FORMAT, "unknown", "", Browser("unknown", "unknown"), 0, "unknown", "")
"""Stands for the header of a file that was cut off before its first line ended."""

_HEADER_BEGINS = b'{"record":"header"'
_DECODER = msgspec.json.Decoder(Line)


def run_file_name(header: Header) -> str:
    """The name of a run's file, such as ``firefox-153.7.0-mv3.jsonl``."""
    name = f"{header.browser.family}-{header.browser.version}-mv{header.manifest}"
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name) + ".jsonl"


# ---- writing


class _Place(msgspec.Struct, frozen=True):
    """Where a play stands in the file, in bytes."""

    play: tuple[str, int]
    start: int
    end: int


class RunWriter:
    """Writes one run: the header at once, each play when it is added, the footer at the end.

    Every method raises RunFileError where the file cannot be written; what was added before stays readable. As a
    context manager it closes the run, and abandons it where an exception goes through.
    """

    def __init__(self, path: Path | str, header: Header) -> None:
        self.path = Path(path)
        self._places: list[_Place] = []
        self._size = 0
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "wb", buffering=0)  # noqa: SIM115 - it stays open until the run ends
        except OSError as error:
            raise self._cannot(error) from error
        try:
            self._write(_encoded(header))
        except RunFileError:
            self._file.close()
            raise
        self._header_size = self._size

    @property
    def plays(self) -> int:
        """How many plays have been added."""
        return len(self._places)

    @property
    def closed(self) -> bool:
        """Whether the run has been ended, or abandoned."""
        return self._file.closed

    def add(self, play: Recording) -> None:
        """Append a play, in one piece."""
        start = self._size
        self._write(b"".join(map(_encoded, lines_of(play))))
        self._places.append(_Place((play.scenario, play.repeat), start, self._size))

    def close(self, ended: str = "", order: Sequence[tuple[str, int]] | None = None) -> None:
        """End the run. ``ended`` says why it stopped before its last play, if it did.

        Plays stand in the file in this order of (scenario, repeat) afterwards; those it does not name come last.
        """
        footer = _encoded(Footer(self.plays, datetime.now(UTC).isoformat(timespec="seconds"), ended))
        places = self._places if order is None else _ordered(self._places, order)
        if places == self._places:
            self._write(footer)
        else:
            self._rewrite(places, footer)
        self._file.close()

    def abandon(self) -> None:
        """Close the file without a footer: the run was cut off."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._file.closed:
            self.close()
        self.abandon()

    def _write(self, data: bytes) -> None:
        if self._file.closed:
            raise RunFileError(f"{self.path}: nothing can be added to a run that has been closed")
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with suppress(OSError):  # no half a line may stand before a whole one
                self._file.truncate(self._size)
                self._file.seek(self._size)
            raise self._cannot(error) from error
        self._size += len(data)

    def _rewrite(self, places: Sequence[_Place], footer: bytes) -> None:
        new = self.path.with_name(self.path.name + ".new")
        try:
            with open(self.path, "rb") as old, open(new, "wb") as ordered:
                ordered.write(old.read(self._header_size))
                for place in places:
                    old.seek(place.start)
                    ordered.write(old.read(place.end - place.start))
                ordered.write(footer)
            os.replace(new, self.path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            raise self._cannot(error) from error

    def _cannot(self, error: OSError) -> RunFileError:
        return RunFileError(
            f"{self.path}: the run cannot be written: {error.strerror or error}; accepted: a folder that is writable and has space"
        )


def as_recorded(play: Recording) -> Recording:
    """The play as a file gives it back, so that it is judged alike before it was written and ever after."""
    lines = (_DECODER.decode(_encoded(EventLine(event))) for event in play.events)
    events = tuple(line.event for line in lines if isinstance(line, EventLine))
    return msgspec.structs.replace(
        play, events=events, bindings={key: sound(value) for key, value in play.bindings.items()}
    )


def _ordered(places: Sequence[_Place], order: Sequence[tuple[str, int]]) -> list[_Place]:
    rank = {play: index for index, play in enumerate(order)}
    return sorted(places, key=lambda place: rank.get(place.play, len(rank)))


def _encoded(line: Line) -> bytes:
    try:
        return msgspec.json.encode(line) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_without_lone_surrogates(line)) + b"\n"


def _without_lone_surrogates(line: Line) -> Any:
    """The line as plain data that UTF-8 can hold: values tagged, what is said about them escaped."""
    if isinstance(line, EventLine):
        names = ("value", "rest", "error", "last_error")
        seen = {name: sound(getattr(line.event, name)) for name in names}
        line = EventLine(msgspec.structs.replace(line.event, **seen))
    if isinstance(line, End):
        line = msgspec.structs.replace(line, bindings={key: sound(value) for key, value in line.bindings.items()})
    return _escaped(msgspec.to_builtins(line))


def _escaped(value: Json) -> Json:
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case list() | tuple():
            return [_escaped(item) for item in value]
        case dict():
            return {_escaped(key): _escaped(item) for key, item in value.items()}
    return value


# ---- reading


def read_run(path: Path | str) -> Run:
    """Read a run back. One that was cut off is no error: its footer is None, and an unfinished play is ``not-run``.

    Raises RunFileError for a file that cannot be read, and for the first line that is wrong, with its number.
    """
    reader = _Reader(str(path))
    try:
        with open(path, "rb") as file:
            while text := file.readline(LONGEST_LINE + 1):
                reader.take(text)
    except OSError as error:
        raise RunFileError(f"{path}: the run cannot be read: {error.strerror or error}") from error
    return reader.run()


class _Reader:
    """Takes the lines of one file; knows what may come next."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.number = 0
        self.header: Header | None = None
        self.plays: list[Recording] = []
        self.begin: Begin | None = None
        self.events: list[Event] = []
        self.footer: Footer | None = None

    def take(self, text: bytes) -> None:
        """Understand one line. The last one may be cut off: then it has no end, and says nothing."""
        self.number += 1
        if len(text) > LONGEST_LINE:
            raise self.wrong(f"longer than {LONGEST_LINE // 2**20} MiB", "shorter lines")
        if not text.endswith(b"\n"):
            if self.header is None and not (text.startswith(_HEADER_BEGINS) or _HEADER_BEGINS.startswith(text)):
                raise self.wrong("not the beginning of a run file", "a line that is a header")
            return
        line = self._decoded(text)
        if self.header is None and not isinstance(line, Header):
            raise self.wrong("a line before the header", "a header")
        if self.footer is not None:
            raise self.wrong("a line after the footer", "nothing more")
        self._place(line)

    def _place(self, line: Line) -> None:
        match line:
            case Header():
                if self.header is not None:
                    raise self.wrong("a second header", "a begin or the footer")
                self.header = line
            case Begin():
                if self.begin is not None:
                    raise self.wrong(
                        f"a play begins, and {plain(self.begin.scenario)} has not ended", "an event or an end"
                    )
                self.begin, self.events = line, []
            case EventLine():
                if self.begin is None:
                    raise self.wrong("an event outside a play", "a begin or the footer")
                self.events.append(line.event)
            case End():
                self._end(line)
            case Footer():
                self._close(line)

    def _end(self, end: End) -> None:
        if self.begin is None:
            raise self.wrong("an end outside a play", "a begin or the footer")
        if end.scenario != self.begin.scenario:
            raise self.wrong(
                f"the end of {plain(end.scenario)}", f"the end of {plain(self.begin.scenario)}, which has begun"
            )
        if end.events != len(self.events):
            raise self.wrong(
                f"the end of a play of {end.events} events", f"{len(self.events)}, as many as stand before it"
            )
        self.plays.append(self._play(end))
        self.begin = None

    def _play(self, end: End) -> Recording:
        assert self.begin
        said = {name: getattr(self.begin, name) for name in ("scenario", "digest", "cast", "steps", "repeat")}
        came = {name: getattr(end, name) for name in HOW_IT_WENT}
        return Recording(**said, events=tuple(self.events), **came)

    def _close(self, footer: Footer) -> None:
        if self.begin is not None:
            raise self.wrong(f"the footer, and {plain(self.begin.scenario)} has not ended", "an event or an end")
        if footer.plays != len(self.plays):
            raise self.wrong(
                f"the footer of a run of {footer.plays} plays", f"{len(self.plays)}, as many as stand before it"
            )
        self.footer = footer

    def run(self) -> Run:
        """Everything that was taken."""
        if self.begin is not None:
            self.plays.append(self._play(End(self.begin.scenario, "not-run", len(self.events), CUT_OFF)))
        return Run(self.header or UNKNOWN_HEADER, tuple(self.plays), self.footer, self.path)

    def _decoded(self, text: bytes) -> Line:
        try:
            line: Line = _DECODER.decode(text)
        except msgspec.ValidationError as error:
            data = self._data(text)
            self._check_format(data)
            raise self.wrong(*explained(error, data, Line)) from None
        except (ValueError, RecursionError) as error:
            raise self._not_json(text, error) from None
        if isinstance(line, Header):
            self._check_format({"record": "header", "format": line.format})
        return line

    def _data(self, text: bytes) -> Any:
        try:
            return msgspec.json.decode(text)
        except msgspec.ValidationError as error:
            raise self.wrong(
                plain(str(error).partition(" - at ")[0].lower()), "numbers that a double can hold"
            ) from None
        except (ValueError, RecursionError) as error:
            raise self._not_json(text, error) from None

    def _not_json(self, text: bytes, error: Exception) -> RunFileError:
        try:
            text.decode()
        except UnicodeDecodeError as where:
            error = where  # which byte it is: newer versions of msgspec do not tell
        return self.wrong(f"not JSON ({plain(str(error))})", "one JSON object")

    def _check_format(self, data: Any) -> None:
        if isinstance(data, dict) and data.get("record") == "header" and data.get("format", FORMAT) != FORMAT:
            raise self.wrong(
                f"a run file of format {plain(str(data['format']))}", f"format {FORMAT}, the one that this suite reads"
            )

    def wrong(self, what: str, accepted: str) -> RunFileError:
        """The error for the line at hand."""
        return RunFileError(f"{self.path}, line {self.number}: {what}; accepted: {accepted}")
