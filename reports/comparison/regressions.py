"""What "worse" means: the one place that says so. Of one scenario, in an older run and in a newer one.

Only runs of one browser family and one manifest version are older and newer. The first rule that fits decides:

1. The newer run has no result (crash, timeout, fault of the instrument, cut off before it): **worse**, unless the
   older one has none either; then nothing can be compared.
2. The older run has no result: **worse** if the newer one is not as expected, else **fixed**.
3. Some plays of the newer run have no result, and all of the older have one: **worse**.
4. The older run fails, or cannot tell, as is known of it, and the newer one works: **fixed**.
5. The newer run lacks the feature: **worse** if the older was as expected; the older lacks it: **fixed** if the newer
   is as expected, else **worse**.
6. By the worst that a play came to: an unexpected fail is worse than verdicts that change between repeats, this is
   worse than an unexpected ``inconclusive``, this is worse than an expectation that does not hold, this is worse than
   all as expected. **Worse** or **fixed**.
7. Some plays of the older run had no result, and all of the newer have one: **fixed**.
8. Otherwise it is the **same** if the answers and the traces are, else **changed**.

A scenario that only the newer run has is **worse** if it is not as expected there, for nothing excuses it. What today's
suite cannot judge is compared by its traces alone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from portolan.conformance.judging.judge import FAIL, INCONCLUSIVE, NOT_APPLICABLE
from portolan.reports.load import JudgedPlay
from portolan.reports.text.table import in_words

Kind = Literal["worse", "fixed", "changed", "same", "new", "gone", "incomparable"]

GRADES = (
    "all as expected",
    "an expectation does not hold",
    "the trace cannot tell",
    "the verdict changes between repeats",
    "a check fails",
)
"""The worst that the plays of a scenario came to, from the best to the worst."""


WRONG = (FAIL, INCONCLUSIVE, NOT_APPLICABLE)
"""The verdicts by which nothing can be said to work."""


class Side(msgspec.Struct, frozen=True):
    """The plays of one scenario in one run."""

    plays: tuple[JudgedPlay, ...]

    @property
    def results(self) -> list[JudgedPlay]:
        """The plays that have a verdict."""
        return [each for each in self.plays if each.status != "incomplete"]

    @property
    def unjudged(self) -> bool:
        """Whether it was played to its end, and today's suite cannot judge it."""
        return not self.results and any(each.play.outcome == "ok" for each in self.plays)

    @property
    def complete(self) -> bool:
        """Whether each play has a verdict."""
        return len(self.results) == len(self.plays)

    @property
    def answer(self) -> str:
        """All answers that were given, in words; without results, how the plays went."""
        answers = sorted({each.answer for each in self.results or self.plays})
        return " or ".join(in_words(answer.removeprefix("variant:")) for answer in answers)

    @property
    def answers(self) -> frozenset[str]:
        """The verdicts."""
        return frozenset(each.answer for each in self.results)

    @property
    def lacking(self) -> bool:
        """Whether the browser lacks the feature, and nothing known says that it should."""
        return self.answers == {NOT_APPLICABLE}

    @property
    def known_wrong(self) -> bool:
        """Whether it fails, or cannot tell, and that is known."""
        return any(each.status == "expected" and each.answer in (FAIL, INCONCLUSIVE) for each in self.results)

    @property
    def grade(self) -> int:
        """The worst that a play came to: an index of ``GRADES``."""
        grades = [_grade(each) for each in self.results]
        return max([*grades, 3 if len(self.answers) > 1 else 0])

    @property
    def sentence(self) -> str:
        """What there is to say: of the first play that was not as expected, or of the first."""
        return next((each.sentence for each in self.plays if each.status != "expected"), self.plays[0].sentence)


def _grade(each: JudgedPlay) -> int:
    if each.status == "expected":
        return 0
    return {FAIL: 4, INCONCLUSIVE: 2}.get(each.answer, 1)


def appeared(after: Side) -> tuple[Kind, str]:
    """What a scenario is that only the newer run has, and why."""
    if after.unjudged:
        return "incomparable", after.sentence
    if not after.results:
        return "worse", f"new, without a result: {after.answer}"
    return ("worse", f"new, and {GRADES[after.grade]}") if after.grade else ("new", "")


def change(before: Side, after: Side) -> tuple[Kind, str]:
    """Whether it got worse or was fixed, and why. ``same`` says that neither is so: traces are not looked at."""
    if not after.results:
        return ("worse", "no result any more") if before.results else ("incomparable", "neither has a result")
    if not before.results:
        return ("worse", f"a result now: {GRADES[after.grade]}") if after.grade else ("fixed", "a result now")
    if before.complete and not after.complete:
        return "worse", "some plays have no result any more"
    return _by_verdicts(before, after)


def _by_verdicts(before: Side, after: Side) -> tuple[Kind, str]:
    if before.known_wrong and after.answers.isdisjoint(WRONG):
        return "fixed", "what was known to be wrong is no longer so"
    if before.lacking != after.lacking:
        if after.lacking:
            fine = before.grade == 0 and not before.known_wrong
            return ("worse" if fine else "changed"), "the feature is gone"
        return (
            ("worse", f"the feature is new, and {GRADES[after.grade]}") if after.grade else ("fixed", "it has it now")
        )
    if before.grade != after.grade:
        return ("worse", GRADES[after.grade]) if after.grade > before.grade else ("fixed", GRADES[after.grade])
    if after.complete and not before.complete:
        return "fixed", "each play has a result now"
    return ("same", "") if before.answers == after.answers else ("changed", "")
