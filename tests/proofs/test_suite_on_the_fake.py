"""Every scenario of the suite plays on the fakes, holds, and shows exactly one variant of each open point."""

import msgspec
import pytest

from portolan.conformance.judging.judge import NOT_APPLICABLE, PASS, VARIANT, judge
from portolan.conformance.trace.recording import Recording
from portolan.runners.fake import FakeBrowser

from .proof import BROWSERS, BY_NAME, SCENARIOS, Family, play

NAMES = [scenario.name for scenario in SCENARIOS]


@pytest.mark.parametrize(("family", "manifest"), BROWSERS)
@pytest.mark.parametrize("name", NAMES)
def test_the_scenario_holds_however_late_things_arrive(name: str, family: Family, manifest: int) -> None:
    late, soon = (play(name, family, manifest, eager=eager) for eager in (False, True))

    judgement = judge(BY_NAME[name], late)
    assert (late.outcome, late.reason) == ("ok", "")
    assert judgement.verdict is not None
    assert judgement.verdict in (PASS, NOT_APPLICABLE) or judgement.verdict.startswith(VARIANT), judgement.reasons
    assert judge(BY_NAME[name], soon).verdict == judgement.verdict, (
        "it depends on what arrives between two steps that no settle parts"
    )


@pytest.mark.parametrize(("family", "manifest"), BROWSERS)
@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS if scenario.open_points])
def test_variants_are_exclusive(name: str, family: Family, manifest: int) -> None:
    good = play(name, family, manifest)
    for point in BY_NAME[name].open_points if not good.lacking else ():
        assert len([variant for variant in point.variants if variant.check.judge(good).holds]) == 1, point.topic


@pytest.mark.parametrize("name", NAMES)
def test_the_scenario_applies_somewhere(name: str) -> None:
    assert any(not play(name, family, manifest).lacking for family, manifest in BROWSERS)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_play_comes_out_again(name: str) -> None:
    browser = FakeBrowser("firefox")
    first, second = browser.play(BY_NAME[name]), browser.play(BY_NAME[name])

    assert first == second
    assert msgspec.json.decode(msgspec.json.encode(first), type=Recording) == first


@pytest.mark.parametrize("name", NAMES)
def test_counters_have_no_gap(name: str) -> None:
    for family, manifest in BROWSERS:
        lives: dict[tuple[str, int], list[int]] = {}
        for event in play(name, family, manifest).events:
            lives.setdefault((event.actor, event.incarnation), []).append(event.counter)
        assert all(counters == list(range(1, len(counters) + 1)) for counters in lives.values())
