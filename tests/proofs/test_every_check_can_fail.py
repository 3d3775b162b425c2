"""Each check of each scenario can hold, and can fail: a check that nothing breaks would prove nothing.

Both are found by trying: the bugs of the fake first, then every mutation of the good trace. A new scenario needs nothing here.
"""

import pytest

from .proof import SCENARIOS, Part, breaking_bugs, breaking_mutations, good_plays, parts_of, ways_to_hold

PARTS = [part for scenario in SCENARIOS for part in parts_of(scenario)]


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_the_check_can_hold(part: Part) -> None:
    assert good_plays(part) or any(ways_to_hold(part)), (
        f"{part}: neither a browser nor a bug makes it hold; it accepts: {part.whole}"
    )


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_the_check_can_fail(part: Part) -> None:
    for browser, good in good_plays(part):
        assert part.check.judge(good).holds
        broken = any(breaking_bugs(part, browser)) or any(breaking_mutations(part, good))
        assert broken, (
            f"{part}: in {browser}, no bug and no mutation makes it fail; it accepts: {part.check.judge(good).accepted}"
        )


def test_bugs_prove_almost_everything() -> None:
    """A mutation proves that a check looks at its events; a bug proves that it would find something wrong with a browser."""
    by_mutation_only = {
        str(part) for part in PARTS for browser, _ in good_plays(part) if not any(breaking_bugs(part, browser))
    }

    assert len(by_mutation_only) <= len(PARTS) / 50, sorted(by_mutation_only)
