"""Claims: what the documentation says of ports, each in one testable statement with its source."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from portolan.conformance.errors import ClaimError
from portolan.conformance.explain import explained
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain

FILE = Path(__file__).parent.parent / "claims.toml"


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One statement of the documentation, in our own words.

    ``subject``: the API or the habit that it is about. ``source``: the address of the page, with the section's anchor.
    ``level``: ``agreed`` (by the vendors or a standards group), ``documented``, or ``observed`` (nobody promised it).
    ``strength``: said ``outright``, or ``implied`` by wording or example. ``browsers``: of which it speaks; empty
    for all. ``contradicts``: claims that cannot be meant beside it. ``untestable``: why no machine can show it.
    """

    id: str
    subject: str
    statement: str
    source: str
    level: Literal["agreed", "documented", "observed"]
    strength: Literal["outright", "implied"]
    browsers: tuple[Literal["firefox", "chromium", "safari"], ...] = ()
    contradicts: tuple[str, ...] = ()
    untestable: str = ""


def load_claims(path: Path | str = FILE) -> dict[str, Claim]:
    """The table of claims, by id. Raises ClaimError, naming file and claim, for whatever is wrong in it."""
    try:
        return dict(_claims(path, Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise ClaimError(f"{path}: the claims cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ClaimError(f"{path}: it is not TOML: {error}") from error


@lru_cache(maxsize=4)
def _claims(path: Path | str, text: str) -> dict[str, Claim]:
    tables = tomllib.loads(text)
    claims = {id: _claim(f"{path}, claim {id}", id, table) for id, table in tables.items()}
    for claim in claims.values():
        for other in claim.contradicts:
            if other not in claims or other == claim.id:
                raise ClaimError(
                    f"{path}, claim {claim.id}: it contradicts {other}, which is no other claim of the table; {nearest(other, claims)}"
                )
    return claims


def _claim(where: str, id: str, table: object) -> Claim:
    if not isinstance(table, dict) or "id" in table:
        fields = ", ".join(Claim.__struct_fields__[1:])
        raise ClaimError(f"{where}: it is no table of a claim; accepted: [id] and below it {fields}")
    try:
        claim = msgspec.convert({**table, "id": id}, Claim)
    except msgspec.ValidationError as error:
        what, accepted = explained(error, table, Claim)
        raise ClaimError(f"{where}: {what}; accepted: {accepted.removeprefix('id, ')}") from None
    if not claim.statement.strip():
        raise ClaimError(f"{where}: the statement is empty; accepted: a sentence")
    if not claim.subject.strip():
        raise ClaimError(f"{where}: the subject is empty; accepted: what the claim is about")
    if not re.match(r"https://\S+$", claim.source):
        raise ClaimError(f"{where}: the source {claim.source!r} is no address; accepted: https://…")
    return claim


def check_claims(scenarios: Iterable[Scenario], claims: Mapping[str, Claim] | None = None) -> None:
    """Raise ClaimError for the first scenario that names a claim which is not in the table (the suite's own)."""
    known = load_claims() if claims is None else claims
    for each in scenarios:
        for id in each.claims:
            if id not in known:
                raise ClaimError(
                    f"the scenario {each.name} names the claim {id!r}, which is not in the table; {nearest(id, known)}"
                )


def select_claims(claims: Mapping[str, Claim], ids: Iterable[str]) -> dict[str, Claim]:
    """The claims of these ids (however their letters are written), in the table's order; all where none is given.

    Raises ClaimError for an id of no claim, naming what comes close.
    """
    wanted = set()
    for id in ids:
        if id.upper() not in claims:
            raise ClaimError(f"there is no claim {plain(id)!r}; {nearest(id, claims, 3)}; “portolan claims” lists them")
        wanted.add(id.upper())
    return {id: claim for id, claim in claims.items() if not wanted or id in wanted}


def nearest(id: str, known: Iterable[str], count: int = 1) -> str:
    """Which known ids are the nearest to this one, in words."""
    close = difflib.get_close_matches(id.upper(), list(known), n=count, cutoff=0)
    if not close:
        return "the table is empty"
    return f"the nearest {'is' if len(close) == 1 else 'are'} {', '.join(close)}"
