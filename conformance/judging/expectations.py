"""Expectations: what is already known of a browser in a range of versions, and whether a play is as expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from portolan.conformance.errors import ExpectationError
from portolan.conformance.explain import explained
from portolan.conformance.judging.judge import FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, RECORDED, VARIANT, Judgement
from portolan.conformance.trace.recording import Recording
from portolan.conformance.trace.values import plain

FOLDER = Path(__file__).parent.parent / "expectations"
FAMILIES = ("firefox", "chromium")
MANIFESTS = (2, 3)
UNSURPRISING = (PASS, NOT_APPLICABLE, RECORDED)
"""The verdicts that need no expectation; nor does any named variant."""


class Expected(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One entry: the verdict that scenarios of this name (or glob) have in these versions, and why.

    ``versions`` is a set of specifiers such as ``>=115,<154``, ``manifest`` a manifest version: empty for all.
    """

    scenario: str
    verdict: str
    reason: str
    versions: str = ""
    manifest: int | None = None
    bug: str = ""

    def covers(self, scenario: str, version: str, manifest: int) -> bool:
        """Whether the entry is about this scenario in this version."""
        if not fnmatchcase(scenario, self.scenario) or self.manifest not in (None, manifest):
            return False
        return not self.versions or _release(version) in SpecifierSet(self.versions)

    @property
    def why(self) -> str:
        """The reason, with the bug's address."""
        return f"{self.reason} ({self.bug})" if self.bug else self.reason


class Expectations(msgspec.Struct, frozen=True):
    """The entries of every browser family, in the order of their files."""

    families: dict[str, tuple[Expected, ...]] = {}

    def find(self, scenario: str, family: str, version: str, manifest: int) -> Expected | None:
        """The entry for a play: the last one that is about it, as later entries win."""
        entries = reversed(self.families.get(family, ()))
        return next((entry for entry in entries if entry.covers(scenario, version, manifest)), None)


class Assessment(msgspec.Struct, frozen=True):
    """Whether a play is as expected, in a word and in a sentence. ``incomplete``: there is no verdict to compare."""

    status: Literal["expected", "unexpected", "incomplete"]
    sentence: str


def assess(play: Recording, judgement: Judgement, expected: Expected | None) -> Assessment:
    """Compare a judged play with what was expected of it; without an entry only what is wrong is unexpected."""
    verdict = judgement.verdict
    if verdict is None:
        return Assessment("incomplete", f"no verdict: {play.outcome}{f': {plain(play.reason)}' if play.reason else ''}")
    said = f"{judgement.answer}: {'; '.join(judgement.reasons)}" if judgement.reasons else str(judgement.answer)
    if verdict == NOT_APPLICABLE:
        said = f"{verdict}: the browser lacks {plain(play.lacking)}"
    if expected is None:
        fine = verdict in UNSURPRISING or verdict.startswith(VARIANT)
        return Assessment("expected" if fine else "unexpected", said)
    if verdict == expected.verdict:
        return Assessment("expected", f"{said}; as expected: {expected.why}")
    return Assessment("unexpected", f"{said}; the expectation of {expected.verdict} no longer holds: {expected.why}")


def load(folder: Path | str | None = None, names: Collection[str] | None = None) -> Expectations:
    """The expectations of a folder, one TOML file a browser family; the suite's own where none is given.

    Raises ExpectationError, naming file and entry, for whatever is wrong. ``names``: the scenarios that there are;
    where they are given, an entry must be about one of them.
    """
    path = FOLDER if folder is None else Path(folder)
    if not path.is_dir():
        raise ExpectationError(f"{path}: there is no such folder of expectations")
    files = sorted(path.glob("*.toml"))
    return Expectations({file.stem: _read(file, names) for file in files})


def _read(file: Path, names: Collection[str] | None) -> tuple[Expected, ...]:
    if file.stem not in FAMILIES:
        raise ExpectationError(
            f"{file}: no browser is called {file.stem!r}; accepted: {', '.join(f'{name}.toml' for name in FAMILIES)}"
        )
    try:
        entries = _entries(file, file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExpectationError(f"{file}: it cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ExpectationError(f"{file}: it is not TOML: {error}") from error
    for number, entry in enumerate(entries, 1):
        if names is not None and not _is_about_one(entry, names):
            raise ExpectationError(
                f"{_place(file, number, entry.scenario)}: there is no such scenario; "
                "accepted: the name of one, or a glob that fits one"
            )
    return entries


def _is_about_one(entry: Expected, names: Collection[str]) -> bool:
    return entry.scenario in names or any(fnmatchcase(name, entry.scenario) for name in names)


@lru_cache(maxsize=8)
def _entries(file: Path, text: str) -> tuple[Expected, ...]:
    """The entries in the text of a file: it is read again for each run, and rarely says anything else."""
    table = tomllib.loads(text)
    entries = table.pop("expect", [])
    if table or not isinstance(entries, list):
        raise ExpectationError(
            f"{file}: {', '.join(table) or 'expect'} is not known here; accepted: entries that begin with [[expect]]"
        )
    return tuple(_entry(file, number, entry) for number, entry in enumerate(entries, 1))


def _place(file: Path, number: int, scenario: object) -> str:
    return f"{file}, entry {number} ({scenario})"


def _entry(file: Path, number: int, table: object) -> Expected:
    where = f"{file}, entry {number}"
    if isinstance(table, dict) and "scenario" in table:
        where = _place(file, number, table["scenario"])
    try:
        entry = msgspec.convert(table, Expected)
    except msgspec.ValidationError as error:
        what, accepted = explained(error, table, Expected)
        raise ExpectationError(f"{where}: {what}; accepted: {accepted}") from None
    if wrong := _wrong(entry):
        raise ExpectationError(f"{where}: {wrong}")
    return entry


def _wrong(entry: Expected) -> str:
    """What is wrong with an entry, and what is accepted; nothing if nothing is."""
    words = (PASS, FAIL, INCONCLUSIVE, NOT_APPLICABLE, RECORDED)
    if entry.verdict not in words and not re.fullmatch(rf"{VARIANT}\S.*", entry.verdict):
        return f"there is no verdict {entry.verdict!r}; accepted: {', '.join(words)}, {VARIANT}ID"
    if not entry.reason.strip():
        return "the reason is empty; accepted: a sentence"
    if entry.manifest not in (None, *MANIFESTS):
        return f"there is no manifest version {entry.manifest}; accepted: {', '.join(map(str, MANIFESTS))}"
    if entry.bug and not re.match(r"https?://\S+$", entry.bug):
        return f"the bug {entry.bug!r} is no address; accepted: https://…"
    try:
        SpecifierSet(entry.versions)
    except InvalidSpecifier:
        return f"the versions {entry.versions!r} cannot be read; accepted: such as “>=115,<154”"
    return ""


def _release(version: str) -> str:
    """The numbers of a browser's version: 155.0a1 and 153.7.0esr count as 155.0 and 153.7.0."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    return numbers.group() if numbers else "0"
