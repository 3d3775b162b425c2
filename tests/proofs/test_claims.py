"""Each claim that the suite judges can come out either way: some bug turns it, and so does the very bug that it is about."""

import pytest

from portolan.conformance.judging.judge import judge
from portolan.runners.fake import Bug

from .proof import BOTH, BY_NAME, SCENARIOS, Family, likely_first, play, proves, where

CLAIMED = [(scenario.name, claim) for scenario in SCENARIOS for claim in scenario.claims]

ABOUT: dict[Bug, tuple[str, ...]] = {
    Bug.ANY_FRAME_COUNTS: ("P76",),
    Bug.A_GLOBAL_FOR_EACH_SCRIPT: ("CS6",),
    Bug.CHANGES_WORLDS_AT_ONCE: ("US3",),
    Bug.CONFIGURES_NOTHING: ("OU4", "US1", "US3", "US6"),
    Bug.DEFAULT_CONFIGURATION_OPPOSITE: ("US6",),
    Bug.FORBIDDEN_PERMISSION_OPPOSITE: ("US7",),
    Bug.FORBIDS_NOTHING: ("US7",),
    Bug.FORGETS_WORLDS: ("US5",),
    Bug.MESSAGING_EVERYWHERE: ("OU4", "US1"),
    Bug.OWN_CONFIGURATION_IGNORED: ("US6",),
    Bug.RESETS_NOTHING: ("US5",),
    Bug.UPDATED_WORLDS_OPPOSITE: ("US5",),
    Bug.USER_SCRIPT_COMES_FROM_OUTSIDE: ("US2",),
    Bug.CONNECTS_TO_NOBODY: ("C1", "C2", "C10", "C11", "C14", "C17", "P31", "P32", "P38", "P39", "P41"),
    Bug.CONNECTS_TO_THE_FIRST_ONLY: ("C2", "P69", "P70"),
    Bug.CRASH_IS_FOR_GOOD: ("BG7",),
    Bug.CRASH_RELOADS_OPPOSITE: ("BG7",),
    Bug.DIES_WITH_FIRST_RECEIVER: ("P71",),
    Bug.DISCONNECT_DOES_NOTHING: ("P34", "P35", "P45", "P46"),
    Bug.DISCONNECT_FIRES_AT_THE_CALLER: ("P45",),
    Bug.DUPLICATES_MESSAGES: ("P79",),
    Bug.ERROR_ALWAYS: ("P48",),
    Bug.ERROR_IN_THE_WRONG_PLACE: ("P53", "P54", "P55"),
    Bug.ERROR_NEVER: ("P47",),
    Bug.ERROR_WITHOUT_TEXT: ("P47",),
    Bug.EXTERNAL_IS_INTERNAL: ("C8", "C9", "C10", "C11", "P41"),
    Bug.FIRES_DISCONNECT_TWICE: ("P51",),
    Bug.IGNORES_EXTENSION_ID: ("C3", "C6", "C14", "P41"),
    Bug.IGNORES_SECOND_LISTENER: ("P61",),
    Bug.INSTALLED_PERMISSION_OPPOSITE: ("US7",),
    Bug.LIVES_WITH_ONE_RECEIVER_LEFT: ("P73", "P74"),
    Bug.LOSES_FIRST_MESSAGE: ("C20", "C22", "C23", "C24", "C25", "C27", "C28", "P33", "P62"),
    Bug.MANGLES_VALUES: ("C26", "P58", "P60", "P62", "P83"),
    Bug.MESSAGES_COME_BACK: ("P57",),
    Bug.NATIVE_IS_A_CONNECT: ("P40",),
    Bug.NATIVE_SURVIVES_DISCONNECT: ("P46",),
    Bug.NEVER_FIRES_DISCONNECT: ("C21", "P34", "P35", "P36", "P50", "P68", "P72", "P73", "P74"),
    Bug.NO_NAMES: ("C16", "P42", "P43", "P44"),
    Bug.NO_SENDER: ("P63", "P64", "P65", "P66", "P78", "P80"),
    Bug.OUTLIVES_ITS_OPENER: ("P36", "P68"),
    Bug.OUTLIVES_ITS_RECEIVERS: ("P72",),
    Bug.REACHES_CONTENT_SCRIPTS: ("C4",),
    Bug.REMOVED_LISTENERS_STILL_CALLED: ("P49", "P56"),
    Bug.SENDER_EVERYWHERE: ("P67",),
    Bug.WRONG_ARGUMENT: ("P52",),
    Bug.WRONG_NAMES: ("C16", "P42", "P43"),
    Bug.WRONG_OWN_NAMES: ("P42", "P43", "P44"),
}


def refutes(name: str, family: Family, bug: Bug, claim: str) -> bool:
    """Whether the claim holds in a good play of the scenario, and not in one with the bug."""
    good, bad = (judge(BY_NAME[name], play(name, family, 3, each)).claims.get(claim) for each in (None, bug))
    return (good, bad) == ("holds", "does not hold")


def turns(name: str, browser: tuple[Family, int], bug: Bug, claim: str) -> bool:
    """Whether the bug makes a claim that held not hold, or one that did not hold."""
    told = {judge(BY_NAME[name], play(name, *browser, each)).claims.get(claim) for each in (None, bug)}
    if turned := told == {"holds", "does not hold"}:
        proves(bug)
    return turned


@pytest.mark.parametrize(("name", "claim"), CLAIMED)
def test_some_bug_turns_the_claim(name: str, claim: str) -> None:
    assert any(turns(name, browser, bug, claim) for browser in where(name) for bug in likely_first(name))


@pytest.mark.parametrize(("bug", "claim"), [(bug, claim) for bug, claims in ABOUT.items() for claim in claims])
def test_the_bug_that_it_is_about_refutes_the_claim(bug: Bug, claim: str) -> None:
    naming = [name for name, named in CLAIMED if named == claim]
    assert naming, f"no scenario names {claim} any more: take it out of the table"
    assert any(refutes(name, family, bug, claim) for name in naming for family, _ in BOTH)
