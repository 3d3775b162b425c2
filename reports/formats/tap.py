"""TAP 13, the Test Anything Protocol: a line a play.

A browser that lacks a feature is a skipped test; a failure that is known is a TODO test, as TAP calls a failure that is
expected. A play without a result, and a run that did not come to its end, are failures: TAP has no word for "cannot tell".
"""

from __future__ import annotations

from collections.abc import Iterator

from portolan.conformance.judging.judge import FAIL, INCONCLUSIVE, NOT_APPLICABLE
from portolan.conformance.trace.values import plain
from portolan.reports.formats import Given
from portolan.reports.load import JudgedPlay, JudgedRun

SUFFIX, ONE_RUN = ".tap", False


def render(given: Given) -> str:
    """The whole stream."""
    tests = [test for run in given.runs for test in _tests(run)]
    lines = ["TAP version 13", f"1..{len(tests)}"]
    for number, (ok, description, diagnostic) in enumerate(tests, 1):
        lines.append(f"{'ok' if ok else 'not ok'} {number} - {description}")
        lines += [f"# {diagnostic}"] if diagnostic else []
    return "\n".join(lines) + "\n"


Test = tuple[bool, str, str]
"""Whether it is ok, its description with a directive if it has one, and what is said of it."""


def _tests(run: JudgedRun) -> Iterator[Test]:
    yield from (_test(run, each) for each in run.plays)
    if not run.whole:
        how = "was cut off" if run.run.cut_off else "ended early"
        yield False, f"{_word(run.label)}: the whole run", f"the run {how}; what is here is not all of it"


def _test(run: JudgedRun, each: JudgedPlay) -> Test:
    repeat = f" (repeat {each.play.repeat})" if each.play.repeat > 1 else ""
    name = f"{_word(run.label)}: {_word(each.play.scenario)}{repeat}"
    if each.answer == NOT_APPLICABLE and each.status == "expected":
        return True, f"{name} # SKIP the browser lacks {_word(each.play.lacking)}", ""
    if each.status == "expected" and each.answer in (FAIL, INCONCLUSIVE):
        return False, f"{name} # TODO {_word(each.expected.why if each.expected else 'known')}", ""
    answer = f"{_word(each.answer)}: " if each.status != "expected" else ""
    return each.status == "expected", name, f"{answer}{_word(each.sentence)}" if answer else ""


def _word(text: str) -> str:
    """Text that is no directive: readers do not agree on how a number sign is escaped, so it is spelled out."""
    return plain(text, 1000).replace("#", "\\u0023")
