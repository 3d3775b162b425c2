"""Contradictions: where the documentation disagrees with itself or with a vendor, and how each side can be recognised."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from itertools import permutations
from pathlib import Path
from typing import Literal

import msgspec

from portolan.conformance.errors import ContradictionError
from portolan.conformance.explain import explained
from portolan.conformance.judging.claims import Claim, nearest
from portolan.conformance.language.scenario import Scenario

FILE = Path(__file__).parent.parent / "contradictions.toml"


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A variant of a scenario, by which a side is recognised."""

    scenario: str
    variant: str


class Side(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One of the things that are said.

    A browser is on this side if each of its ``claims`` holds there and each of its ``variants`` is what was seen.
    ``source``: the address where it is said, if none of the claims says it. ``unplayed``: why there is neither.
    """

    says: str
    claims: tuple[str, ...] = ()
    variants: tuple[Seen, ...] = ()
    source: str = ""
    unplayed: str = ""


class Contradiction(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A question to which the documentation gives two answers. ``browsers``: of which it is asked; empty for all."""

    id: str
    about: str
    sides: tuple[Side, ...]
    browsers: tuple[Literal["firefox", "chromium"], ...] = ()


def load_contradictions(claims: Mapping[str, Claim], path: Path | str = FILE) -> dict[str, Contradiction]:
    """The contradictions, by id. Raises ContradictionError, naming file and entry, for whatever is wrong in them."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ContradictionError(f"{path}: the contradictions cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ContradictionError(f"{path}: it is not TOML: {error}") from error
    return {id: _contradiction(f"{path}, contradiction {id}", id, table, claims) for id, table in tables.items()}


def _contradiction(where: str, id: str, table: object, claims: Mapping[str, Claim]) -> Contradiction:
    if not isinstance(table, dict) or "id" in table:
        raise ContradictionError(f"{where}: it is no table; accepted: [id] and below it about, sides, browsers")
    try:
        made = msgspec.convert({**table, "id": id}, Contradiction)
    except msgspec.ValidationError as error:
        what, accepted = explained(error, table, Contradiction)
        raise ContradictionError(f"{where}: {what}; accepted: {accepted.removeprefix('id, ')}") from None
    if len(made.sides) < 2:
        raise ContradictionError(f"{where}: it has {len(made.sides)} sides; accepted: two or more")
    for side in made.sides:
        _check_side(where, side, claims)
    for one, other in permutations(made.sides, 2):
        _check_links(where, one, other, claims)
    return made


def _check_side(where: str, side: Side, claims: Mapping[str, Claim]) -> None:
    for id in side.claims:
        if id not in claims:
            raise ContradictionError(
                f"{where}: the side “{side.says}” names {id}, which is no claim; {nearest(id, claims)}"
            )
    if not side.claims and not side.source:
        raise ContradictionError(f"{where}: nobody says “{side.says}”; accepted: claims, or the source of it")
    if bool(side.unplayed) == bool(side.claims or side.variants):
        raise ContradictionError(
            f"{where}: the side “{side.says}” can be recognised by nothing; accepted: claims, variants, or why it is unplayed"
        )


def _check_links(where: str, one: Side, other: Side, claims: Mapping[str, Claim]) -> None:
    for id in one.claims:
        for against in other.claims:
            if against not in claims[id].contradicts:
                raise ContradictionError(
                    f"{where}: {id} and {against} are on different sides, but claim {id} does not name {against} as a contradiction"
                )


def check_variants(contradictions: Iterable[Contradiction], scenarios: Mapping[str, Scenario]) -> None:
    """Raise ContradictionError for the first side that names a variant which no scenario has."""
    for each in contradictions:
        for seen in (seen for side in each.sides for seen in side.variants):
            scenario = scenarios.get(seen.scenario)
            points = scenario.open_points if scenario else ()
            names = [variant.id for point in points for variant in point.variants]
            if seen.variant not in names:
                known = f"it has {', '.join(names) or 'none'}" if scenario else "there is no such scenario"
                raise ContradictionError(
                    f"contradiction {each.id}: the scenario {seen.scenario} has no variant “{seen.variant}”; {known}"
                )
