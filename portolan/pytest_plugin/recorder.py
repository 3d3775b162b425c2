"""Keeps the plays of a run in its run files, as they come in: in the one process that hears of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from portolan.conformance.errors import RunFileError
from portolan.conformance.trace.recording import Browser, Header
from portolan.conformance.trace.run_file import RunWriter, run_file_name
from portolan.pytest_plugin.worker_result import Played, omitted_of, played_of
from portolan.run_header import header_for
from portolan.selection.targets import Target

RESULTS_INCOMPLETE = 3
"""The exit code of a run that is no result: crash, timeout, harness error, cut off."""


class Recorder:
    """A plugin for the controlling process: one file a target, begun with its first play.

    A browser that has played everything has its file ended at once, and keeps it whole, whatever becomes of the others.
    ``once``: each play is played once; not so where every worker of pytest-xdist plays everything (``--dist each``).
    """

    def __init__(
        self,
        out: Path,
        targets: Sequence[Target],
        header: Callable[[Browser, int], Header] = header_for,
        *,
        once: bool = True,
    ) -> None:
        self.out, self._targets, self._header, self._once = out, targets, header, once
        self._writers: dict[Target, RunWriter] = {}
        self._orders: dict[tuple[str, int], int] = {}
        self._ended: dict[Target, str] = {}
        self._names: dict[str, Target] = {}
        self._interrupted = False
        self.left_out: dict[Target, str] = {}
        self.incomplete = False
        self.problem = ""

    @property
    def paths(self) -> list[Path]:
        """The files that were begun, in the order of the targets."""
        return [self._writers[target].path for target in self._targets if target in self._writers]

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the play that a report carries."""
        if played := played_of(report):
            self.add(played)
        elif omitted := omitted_of(report):
            self.left_out[omitted.target] = omitted.sentence
        elif report.failed and report.when not in ("setup", "call", "teardown") and self._writers:
            self.incomplete = True  # a worker of pytest-xdist died with an item in its hands

    def add(self, played: Played) -> None:
        """Write one play. A file that cannot be written ends the run, with everything before in it."""
        self.incomplete |= played.status == "incomplete"
        self._orders[played.play.scenario, played.play.repeat] = played.order
        if played.play.outcome == "not-run":
            self._ended.setdefault(played.target, played.play.reason)
        if self.problem:
            return
        try:
            writer = self._writer(played)
            writer.add(played.play)
            if self._once and writer.plays == played.of:
                self._end(played.target)
        except RunFileError as problem:
            self.problem, self.incomplete = str(problem), True

    def _writer(self, played: Played) -> RunWriter:
        if played.target not in self._writers:
            header = self._header(played.browser, played.target.manifest)
            self._writers[played.target] = RunWriter(self.out / self._name(played.target, header), header)
        return self._writers[played.target]

    def _name(self, target: Target, header: Header) -> str:
        """The name of a target's file; two builds of one version get a number."""
        name, number = run_file_name(header), 1
        stem = name.removesuffix(".jsonl")
        while self._names.setdefault(name, target) != target:
            number += 1
            name = f"{stem}-{number}.jsonl"
        return name

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """What was recorded stays, cut off."""
        self._interrupted = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the files, and tell an incomplete run by the exit code."""
        stopped = session.shouldfail or session.shouldstop
        crashed = session.exitstatus == pytest.ExitCode.INTERNAL_ERROR
        self.finish(str(stopped or ""), cut_off=self._interrupted or crashed or bool(self.problem))
        if self.incomplete and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = RESULTS_INCOMPLETE
        elif self.left_out and not self._writers and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR  # there was nothing to play in, which is no success

    def finish(self, ended: str = "", *, cut_off: bool = False) -> None:
        """End the files that have not ended: whole, stopped early for a reason, or cut off as they are."""
        for target, writer in self._writers.items():
            if writer.closed:
                continue
            if cut_off:
                writer.abandon()
                continue
            try:
                self._end(target, ended)
            except RunFileError as problem:
                self.problem, self.incomplete = str(problem), True
                writer.abandon()

    def _end(self, target: Target, ended: str = "") -> None:
        order = sorted(self._orders, key=lambda play: (self._orders[play], play[1]))
        self._writers[target].close(ended or self._ended.get(target, ""), order)
