"""Known bugs: where each is reported, which scenarios show it, and which verdicts are the bug and which would be the fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from portolan.conformance.errors import BugError
from portolan.conformance.explain import explained
from portolan.conformance.judging.expectations import FAMILIES
from portolan.conformance.judging.judge import FAIL, PASS, VARIANT
from portolan.conformance.language.scenario import Scenario

FILE = Path(__file__).parent.parent / "bugs.toml"

ID = re.compile(r"[a-z][a-z0-9-]*-\d+")
"""What a bug is called: its tracker and its number."""

ADDRESS = re.compile(r"https://\S+")

State = Literal["present", "absent", "not known"]
"""Whether a browser has a bug, as far as a verdict tells."""


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario that shows a bug: the verdicts that are the bug, and those that are what should be."""

    scenario: str
    present: tuple[str, ...]
    absent: tuple[str, ...]

    def state(self, verdict: str | None) -> State:
        """What a verdict of this scenario says of the bug: nothing, where it is neither the bug nor its fix."""
        if verdict in self.present:
            return "present"
        return "absent" if verdict in self.absent else "not known"


class Bug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A known bug. ``says``: the bug in one sentence; ``browsers``: the families that it is reported of.

    ``shown``: the scenarios that show it; the first one is played to reproduce it.
    """

    id: str
    address: str
    says: str
    browsers: tuple[Literal["firefox", "chromium"], ...]
    shown: tuple[Shown, ...]

    def by(self, scenario: str) -> Shown | None:
        """How a scenario shows it; None for one that does not."""
        return next((each for each in self.shown if each.scenario == scenario), None)


def load_bugs(path: Path | str = FILE) -> dict[str, Bug]:
    """The known bugs, by id. Raises BugError, naming file and entry, for whatever is wrong in them."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BugError(f"{path}: the bugs cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise BugError(f"{path}: it is not TOML: {error}") from error
    return {id: _bug(f"{path}, bug {id}", id, table) for id, table in tables.items()}


def _bug(where: str, id: str, table: object) -> Bug:
    if not isinstance(table, dict) or "id" in table:
        raise BugError(f"{where}: it is no table; accepted: [id] and below it address, says, browsers, shown")
    if not ID.fullmatch(id):
        raise BugError(f"{where}: that is no id; accepted: such as bug-1465514")
    try:
        made = msgspec.convert({**table, "id": id}, Bug)
    except msgspec.ValidationError as error:
        what, accepted = explained(error, table, Bug)
        raise BugError(f"{where}: {what}; accepted: {accepted.removeprefix('id, ')}") from None
    if wrong := _wrong(made):
        raise BugError(f"{where}: {wrong}")
    return made


def _wrong(bug: Bug) -> str:
    """What is wrong with an entry, and what is accepted; nothing if nothing is."""
    if not ADDRESS.fullmatch(bug.address):
        return f"{bug.address!r} is no address; accepted: https://…"
    if not bug.says.strip():
        return "it says nothing; accepted: a sentence"
    if not bug.browsers:
        return f"it is of no browser; accepted: {', '.join(FAMILIES)}"
    if not bug.shown:
        return "no scenario shows it; accepted: one or more"
    for each in bug.shown:
        if not each.present or not each.absent:
            return f"{each.scenario} has no verdict that is {'the fix' if each.present else 'the bug'}; accepted: one or more of each"
        if both := set(each.present) & set(each.absent):
            return f"{each.scenario} has {', '.join(sorted(both))} as the bug and as the fix; accepted: one of them"
    return ""


def check_bugs(bugs: Iterable[Bug], scenarios: Mapping[str, Scenario]) -> None:
    """Raise BugError for the first bug that names a scenario or a verdict that there is not."""
    for bug in bugs:
        for each in bug.shown:
            if each.scenario not in scenarios:
                raise BugError(f"{bug.id}: there is no scenario {each.scenario}; accepted: the name of one")
            for verdict in (*each.present, *each.absent):
                if not _possible(verdict, scenarios[each.scenario]):
                    raise BugError(
                        f"{bug.id}: the scenario {each.scenario} has no verdict {verdict!r}; accepted: {', '.join(_verdicts(scenarios[each.scenario]))}"
                    )


def _verdicts(scenario: Scenario) -> list[str]:
    """The verdicts that say something of the browser; those of several open points by their parts."""
    names = [variant.id for point in scenario.open_points for variant in point.variants]
    return [FAIL, *([VARIANT + name for name in names] or [PASS])]


def _possible(verdict: str, scenario: Scenario) -> bool:
    if not verdict.startswith(VARIANT):
        return verdict in _verdicts(scenario)
    seen = {""}
    for number, point in enumerate(scenario.open_points):
        joint = " + " if number else ""
        seen = {before + joint + variant.id for before in seen for variant in point.variants}
        seen = {each for each in seen if verdict.removeprefix(VARIANT).startswith(each)}
    return verdict.removeprefix(VARIANT) in seen


def find_bug(id: str, bugs: Mapping[str, Bug]) -> Bug:
    """The bug of this id. Raises BugError."""
    if id not in bugs:
        raise BugError(f"there is no bug {id}; there are {', '.join(bugs)}")
    return bugs[id]


def bugs_of(scenario: str, bugs: Iterable[Bug]) -> list[Bug]:
    """The bugs that a scenario shows."""
    return [bug for bug in bugs if bug.by(scenario)]
