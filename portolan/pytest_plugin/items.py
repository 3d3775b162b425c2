"""One item of pytest: a scenario, played once in one target, then judged."""

from __future__ import annotations

from typing import Any

import pytest

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.pytest_plugin.play_service import PLAY_SERVICE
from portolan.pytest_plugin.running_browsers import LeftOut
from portolan.pytest_plugin.worker_result import Played
from portolan.reports.load import JudgedPlay, earlier
from portolan.reports.text.failure import explanation, plain_lines
from portolan.selection.targets import Target

NOT_BEHAVIOUR = "This says nothing about the browser's behaviour: the play itself went wrong, so it was not judged."


class PlayFault(Exception):
    """A play that is no result: crash, timeout, harness error, not run, or nothing that could be judged."""


class UnexpectedVerdict(Exception):
    """A verdict that was not known."""


class ScenarioItem(pytest.Item):
    """Set up by playing it, run by looking at the verdict: so our own faults are pytest's errors, not failures."""

    def __init__(self, *, target: Target, scenario: Scenario, repeat: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.target, self.scenario, self.repeat = target, scenario, repeat
        self.order = 0
        self.of = 0
        self.played: Played | None = None
        self.left_out = ""
        self._judged: JudgedPlay | None = None
        self.extra_keyword_matches |= {scenario.topic, *scenario.claims, *(["idle"] if scenario.idle else [])}

    def setup(self) -> None:
        """Play it and judge the play."""
        hand = self.config.stash[PLAY_SERVICE]
        try:
            browser, judged = hand.play(self)
        except LeftOut as reason:
            self.left_out = str(reason)
            pytest.skip(self.left_out)
        self._judged = judged
        self.played = Played(
            self.target, browser, self.order, judged.play, judged.status, judged.answer, judged.sentence, self.of
        )
        self.user_properties += [
            ("browser", f"{browser.family} {browser.version} mv{self.target.manifest}"),
            ("verdict", judged.answer),
        ]
        if judged.play.attempts:
            self.user_properties.append(("attempts", earlier(judged.play)))
        if judged.status == "incomplete":
            raise PlayFault("\n".join(self._fault(judged)))

    def runtest(self) -> None:
        """Pass, fail or skip, as the verdict says."""
        judged = self._judged
        assert judged
        if judged.status == "unexpected":
            raise UnexpectedVerdict("\n".join([f"{self._where()}: {judged.answer}", *explanation(judged)]))
        if judged.play.lacking:
            pytest.skip(f"the browser lacks {plain(judged.play.lacking)}")

    def _fault(self, judged: JudgedPlay) -> list[str]:
        lines = [f"{self._where()}: {judged.answer}", *plain_lines(judged.play.reason), NOT_BEHAVIOUR]
        if judged.play.outcome == "not-run":
            return lines
        return [*lines, "", *explanation(judged)]

    def _where(self) -> str:
        return f"{self.scenario.name} in {dict(self.user_properties)['browser']}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Our own failures are told in full by their text."""
        if isinstance(excinfo.value, PlayFault | UnexpectedVerdict):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it is and what it is called."""
        return self.path, None, self.name
