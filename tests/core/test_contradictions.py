"""The table of contradictions: it is whole, its links are those of the claims, and what is wrong in it is named."""

from pathlib import Path

import pytest

from portolan.conformance.errors import ContradictionError
from portolan.conformance.judging.claims import Claim, load_claims
from portolan.conformance.judging.contradictions import Contradiction, Seen, Side, check_variants, load_contradictions
from portolan.conformance.language.discovery import suite

SIDES = '[[X1.sides]]\nsays = "Yes."\nclaims = ["P1"]\n[[X1.sides]]\nsays = "No."\nclaims = ["P2"]\n'
ENTRY = '[X1]\nabout = "Is it so?"\n' + SIDES


def claim(id: str, *contradicts: str) -> Claim:
    """A claim of a test."""
    return Claim(
        id, "ports", f"{id} is so.", "https://docs.test/", "documented", "outright", contradicts=tuple(contradicts)
    )


CLAIMS = {"P1": claim("P1", "P2"), "P2": claim("P2", "P1"), "P3": claim("P3")}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Where a table is written."""
    return tmp_path / "contradictions.toml"


def test_the_sixteen_contradictions_are_there() -> None:
    contradictions = load_contradictions(load_claims())
    assert list(contradictions) == [f"X{number}" for number in range(1, 17)]
    assert all(each.about.endswith("?") for each in contradictions.values())


def test_the_suite_has_the_variants_that_they_name() -> None:
    check_variants(load_contradictions(load_claims()).values(), {each.name: each for each in suite()})


def test_a_table(table: Path) -> None:
    table.write_text(ENTRY + 'variants = [{ scenario = "a", variant = "b" }]\nsource = "https://docs.test/"\n')
    assert load_contradictions(CLAIMS, table)["X1"] == Contradiction(
        "X1",
        "Is it so?",
        (Side("Yes.", ("P1",)), Side("No.", ("P2",), (Seen("a", "b"),), "https://docs.test/")),
    )


UNLINKED = "P1 and P3 are on different sides, but claim P1 does not name P3 as a contradiction"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[X1\n", ": it is not TOML: "),
        ("X1 = 1\n", ", contradiction X1: it is no table; accepted: [id] and below it about, sides, browsers"),
        ('[X1]\nid = "X2"\n', ", contradiction X1: it is no table"),
        (ENTRY.replace("about", "colour"), ", contradiction X1: object contains unknown field colour; accepted: about"),
        (ENTRY.partition("[[")[0] + "sides = []\n", ", contradiction X1: it has 0 sides; accepted: two or more"),
        (ENTRY.replace("P2", "P9"), ", contradiction X1: the side “No.” names P9, which is no claim; the nearest is P"),
        (ENTRY.replace('["P2"]', "[]"), ", contradiction X1: nobody says “No.”; accepted: claims, or the source of it"),
        (ENTRY.replace('claims = ["P2"]', 'source = "https://a"'), ", contradiction X1: the side “No.” can be recognised by nothing"),
        (ENTRY + 'unplayed = "too dear"\n', ", contradiction X1: the side “No.” can be recognised by nothing"),
        (ENTRY.replace("P2", "P3"), f", contradiction X1: {UNLINKED}"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_named_with_its_entry(table: Path, text: str, said: str) -> None:
    table.write_text(text)
    with pytest.raises(ContradictionError) as caught:
        load_contradictions(CLAIMS, table)
    assert str(caught.value).startswith(f"{table}{said}")


def test_a_table_that_cannot_be_read(table: Path) -> None:
    with pytest.raises(ContradictionError, match="the contradictions cannot be read: No such file or directory"):
        load_contradictions(CLAIMS, table)


def test_variants_that_are_not_there() -> None:
    scenarios = {each.name: each for each in suite()}
    name = "where_an_error_is_reported"
    for seen, said in (
        (Seen("nothing", "x"), "the scenario nothing has no variant “x”; there is no such scenario"),
        (Seen(name, "x"), f"the scenario {name} has no variant “x”; it has in-port-error, in-runtime-last-error"),
        (Seen("nobody_listens", "x"), "the scenario nobody_listens has no variant “x”; it has none"),
    ):
        with pytest.raises(ContradictionError, match=f"^contradiction X1: {said}$"):
            check_variants([Contradiction("X1", "Is it so?", (Side("Yes.", variants=(seen,)),))], scenarios)
    check_variants([Contradiction("X1", "", (Side("", variants=(Seen(name, "in-port-error"),)),))], scenarios)
