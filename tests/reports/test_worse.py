"""What worse means: every rule, in both directions."""

from __future__ import annotations

import pytest
from making import BUG, KNOWN, a_side, judged_play

from portolan.reports.comparison.regressions import Side, appeared, change

UNEXPECTED = judged_play("variant:other", expected=BUG)
DIES = judged_play("variant:dies", expected=BUG)
FAILS_AS_KNOWN = judged_play("fail", expected=KNOWN)
GOES_UNEXPECTEDLY = judged_play("pass", expected=KNOWN)


@pytest.mark.parametrize(
    ("before", "after", "kind", "why"),
    [
        # 1, 2: results
        (a_side("pass"), a_side("timeout"), "worse", "no result any more"),
        (a_side("fail"), a_side("crash"), "worse", "no result any more"),
        (a_side("timeout"), a_side("crash"), "incomparable", "neither has a result"),
        (a_side("timeout"), a_side("pass"), "fixed", "a result now"),
        (a_side("timeout"), a_side("fail"), "worse", "a result now: a check fails"),
        # 3, 7: some results
        (a_side("pass", "pass"), a_side("pass", "crash"), "worse", "some plays have no result any more"),
        (a_side("pass", "crash"), a_side("pass", "pass"), "fixed", "each play has a result now"),
        (a_side("pass", "crash"), a_side("pass", "crash"), "same", ""),
        # 4: what is known
        (a_side(FAILS_AS_KNOWN), a_side(GOES_UNEXPECTEDLY), "fixed", "what was known to be wrong is no longer so"),
        (a_side(FAILS_AS_KNOWN), a_side("fail"), "worse", "a check fails"),
        (a_side("pass"), a_side(FAILS_AS_KNOWN), "changed", ""),
        (a_side(DIES), a_side(DIES), "same", ""),
        # 5: features
        (a_side("pass"), a_side("not-applicable"), "worse", "the feature is gone"),
        (a_side("fail"), a_side("not-applicable"), "changed", "the feature is gone"),
        (a_side(FAILS_AS_KNOWN), a_side("not-applicable"), "changed", "the feature is gone"),
        (a_side("not-applicable"), a_side("pass"), "fixed", "it has it now"),
        (a_side("not-applicable"), a_side("fail"), "worse", "the feature is new, and a check fails"),
        # 6: grades
        (a_side("pass"), a_side("fail"), "worse", "a check fails"),
        (a_side("fail"), a_side("pass"), "fixed", "all as expected"),
        (a_side("pass"), a_side("inconclusive"), "worse", "the trace cannot tell"),
        (a_side("pass"), a_side("pass", "fail"), "worse", "a check fails"),
        (a_side("variant:a"), a_side("variant:a", "variant:b"), "worse", "the verdict changes between repeats"),
        (a_side("variant:a", "variant:b"), a_side("variant:a"), "fixed", "all as expected"),
        (a_side("fail"), a_side("inconclusive"), "fixed", "the trace cannot tell"),
        (a_side(UNEXPECTED), a_side(DIES), "fixed", "all as expected"),
        (a_side(DIES), a_side(UNEXPECTED), "worse", "an expectation does not hold"),
        # 8: neither
        (a_side("variant:a"), a_side("variant:b"), "changed", ""),
        (a_side("pass"), a_side("pass"), "same", ""),
        (a_side("fail"), a_side("fail"), "same", ""),
    ],
)
def test_every_rule(before: Side, after: Side, kind: str, why: str) -> None:
    assert change(before, after) == (kind, why)


@pytest.mark.parametrize(
    ("after", "kind"),
    [("pass", "new"), ("variant:a", "new"), ("fail", "worse"), ("timeout", "worse"), ("not judged", "incomparable")],
)
def test_what_only_the_newer_run_has(after: str, kind: str) -> None:
    assert appeared(a_side(after))[0] == kind
