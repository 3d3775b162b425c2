"""The table of claims: complete, well formed, and named by scenarios only as it is."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from portolan.conformance.errors import ClaimError
from portolan.conformance.judging.claims import Claim, check_claims, load_claims, select_claims
from portolan.conformance.language.discovery import suite

from .writing import written

CLAIM = '[P1]\nsubject = "ports"\nstatement = "A port is."\nsource = "https://docs.test/port#is"\nlevel = "documented"\nstrength = "outright"\n'


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Where a table is written."""
    return tmp_path / "claims.toml"


# ---- the suite's own


SIBLINGS = {
    "OC": 4, "OX": 6, "OU": 5, "US": 7, "CN": 5, "SN": 5, "TC": 7, "WD": 5, "MS": 12, "LE": 6,
    "EC": 8, "NM": 14, "NA": 5, "CI": 7, "CS": 6, "BG": 8, "SM": 3,
}  # fmt: skip
"""How many claims each of the founding documents' sibling pages makes, by the letters of their ids."""


def test_every_claim_of_the_documentation_is_there_once() -> None:
    claims = load_claims()
    founding = {f"C{number}" for number in range(1, 31)} | {f"P{number}" for number in range(31, 85)}
    siblings = {f"{page}{number}" for page, count in SIBLINGS.items() for number in range(1, count + 1)}
    assert set(claims) == founding | siblings
    assert len(claims) == 197
    assert len({claim.statement for claim in claims.values()}) == len(claims)


def test_few_claims_are_untestable_and_none_of_those_has_a_scenario() -> None:
    untestable = {claim.id for claim in load_claims().values() if claim.untestable}
    assert 0 < len(untestable) <= 12
    assert not untestable & {id for scenario in suite() for id in scenario.claims}


def test_every_claim_is_a_sentence_with_a_source() -> None:
    for claim in load_claims().values():
        assert claim.statement.endswith("."), claim.id
        assert claim.source.startswith("https://developer."), claim.id


def test_contradictions_are_mutual() -> None:
    claims = load_claims()
    for claim in claims.values():
        for other in claim.contradicts:
            assert claim.id in claims[other].contradicts, f"{claim.id} contradicts {other}"


def test_the_suite_names_claims_of_the_table_only() -> None:
    check_claims(suite())


# ---- claims that people name


def test_claims_are_selected_in_the_tables_order() -> None:
    claims = load_claims()
    assert list(select_claims(claims, ["p71", "C1", "P71"])) == ["C1", "P71"]
    assert select_claims(claims, []) == claims


@pytest.mark.parametrize("id", ["P711", "", "x", "\x1b[2J"])
def test_a_claim_that_nobody_makes(id: str) -> None:
    with pytest.raises(
        ClaimError, match=r"^there is no claim '.*'; the nearest are \w+, \w+, \w+; “portolan claims”"
    ) as caught:
        select_claims(load_claims(), [id])
    assert "\x1b" not in str(caught.value)
    with pytest.raises(ClaimError, match="the table is empty"):
        select_claims({}, ["P71"])


# ---- scenarios that name what is not there


def test_a_claim_that_is_not_in_the_table() -> None:
    wrong = msgspec.structs.replace(written(lambda play: play.background()), claims=("P71", "P7I"))
    with pytest.raises(
        ClaimError, match=r"^the scenario hand_made names the claim 'P7I', which is not in the table; the nearest is P7"
    ):
        check_claims([wrong])
    with pytest.raises(ClaimError, match="'P71', which is not in the table; the table is empty"):
        check_claims([wrong], {})


# ---- tables that are wrong


def test_a_table(table: Path) -> None:
    table.write_text(CLAIM + 'browsers = ["firefox"]\ncontradicts = ["P2"]\n' + CLAIM.replace("P1", "P2"))
    claim = load_claims(table)["P1"]
    assert claim == Claim(
        "P1", "ports", "A port is.", "https://docs.test/port#is", "documented", "outright", ("firefox",), ("P2",)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[P1\n", ": it is not TOML: "),
        (CLAIM + CLAIM, ": it is not TOML: Cannot declare ('P1',) twice"),
        ("P1 = 1\n", ", claim P1: it is no table of a claim; accepted: [id] and below it subject, statement, source, level"),
        (CLAIM + 'id = "P2"\n', ", claim P1: it is no table of a claim"),
        (CLAIM + "colour = 1\n", ", claim P1: object contains unknown field colour; accepted: subject, statement, source"),
        (CLAIM.replace("documented", "promised"), ", claim P1: invalid enum value 'promised' at level; accepted: agreed, documented, observed"),
        (CLAIM.replace("outright", "loudly"), ", claim P1: invalid enum value 'loudly' at strength; accepted: implied, outright"),
        (CLAIM + 'browsers = ["chrome"]\n', ", claim P1: invalid enum value 'chrome' at browsers[0]; accepted: chromium, firefox, safari"),
        (CLAIM.replace("A port is.", " "), ", claim P1: the statement is empty; accepted: a sentence"),
        (CLAIM.replace('"ports"', '""'), ", claim P1: the subject is empty; accepted: what the claim is about"),
        (CLAIM.replace("https://docs", "docs"), ", claim P1: the source 'docs.test/port#is' is no address; accepted: https://…"),
        (CLAIM + 'contradicts = ["P2"]\n', ", claim P1: it contradicts P2, which is no other claim of the table; the nearest is P1"),
        (CLAIM + 'contradicts = ["P1"]\n', ", claim P1: it contradicts P1, which is no other claim of the table"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_named_with_its_claim(table: Path, text: str, said: str) -> None:
    table.write_text(text)
    with pytest.raises(ClaimError) as caught:
        load_claims(table)
    assert str(caught.value).startswith(f"{table}{said}")


def test_a_table_that_cannot_be_read(table: Path) -> None:
    with pytest.raises(ClaimError, match="the claims cannot be read: No such file or directory"):
        load_claims(table)
    table.write_bytes(b"\xff")
    with pytest.raises(ClaimError, match="it is not TOML: 'utf-8' codec"):
        load_claims(table)
