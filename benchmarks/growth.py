"""Does anything grow with the number of plays already done? Many plays in one browser, looked at now and then."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import psutil

from benchmarks.figures import spread, trend
from benchmarks.tools import Inside, NotMeasured, session_with
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.runners.playing.incarnations import Fault
from portolan.runners.session.extensions import Family
from portolan.runners.session.session import Session
from portolan.runners.sources import Kind, Tool

QUICK_MS = 1000.0
OBSERVERS_COMMAND = "sizes"
"""The observer's command that tells how much it keeps. An observer without it is not asked again."""

MEGABYTE = 1024 * 1024


class Sample(msgspec.Struct, frozen=True):
    """What there is after so many plays. Memory in megabytes; ``play_ms`` is the median of the plays since the sample before.

    ``kept`` counts what the runner keeps of the stage, ``observer`` what the observer keeps; None is: it cannot be known.
    """

    plays: int
    play_ms: float
    runner_rss: float
    runner_objects: int
    runner_files: int
    browser_rss: float
    browser_pss: float | None
    browser_uss: float | None
    processes: int
    kept: dict[str, int]
    observer: dict[str, int] | None
    failed: int


class Memory(msgspec.Struct, frozen=True):
    """A tree of processes: summed resident, proportional and unique megabytes."""

    rss: float
    pss: float | None
    uss: float | None
    processes: int


class Growth(msgspec.Struct, frozen=True):
    """The samples of one family, and how many scenarios were cycled through."""

    family: Family
    scenarios: int
    samples: list[Sample]

    @property
    def trends(self) -> dict[str, float]:
        """What each figure grows by in a thousand plays. The first sample, of a browser that still warms up, is left out."""
        later = self.samples[1:]
        at = [sample.plays / 1000 for sample in later]
        rows = [numbers(sample) for sample in later]
        return {name: trend(at, [row[name] for row in rows]) for name in (rows[0] if rows else {})}


def numbers(sample: Sample) -> dict[str, float]:
    """Every figure of a sample that is known, by the name it is shown under."""
    single: dict[str, float | None] = {
        "play ms": sample.play_ms,
        "runner RSS": sample.runner_rss,
        "runner objects": sample.runner_objects,
        "runner files": sample.runner_files,
        "browser RSS": sample.browser_rss,
        "browser PSS": sample.browser_pss,
        "browser USS": sample.browser_uss,
        "processes": sample.processes,
    }
    observer = {f"observer's {name}": count for name, count in (sample.observer or {}).items()}
    return {name: float(figure) for name, figure in {**single, **sample.kept, **observer}.items() if figure is not None}


def memory(process: psutil.Process) -> Memory:
    """The memory of a process and of everything below it."""
    rss, pss, uss, count = 0, 0, 0, 0
    for each in [process, *process.children(recursive=True)]:
        try:
            full = each.memory_full_info()
        except psutil.Error:
            continue  # it has ended meanwhile, or is not ours to look into
        rss, pss, uss, count = rss + full.rss, pss + getattr(full, "pss", 0), uss + full.uss, count + 1
    return Memory(rss / MEGABYTE, pss / MEGABYTE if pss else None, uss / MEGABYTE, count)


def grow(
    family: Family,
    scenarios: Sequence[Scenario],
    tools: Mapping[Kind, Tool],
    plays: int,
    every: int,
    seen: Callable[[Sample], None],
) -> Growth:
    """Play that many plays in one browser. Raises NotMeasured, BrowserDidNotStart."""
    session = session_with(family, tools)
    session.start()
    try:
        inside = Inside(session)
        quick = _quick(inside, scenarios)
        growth = Growth(family, len(quick), [])
        turn = itertools.cycle(quick)
        for done, count in _steps(plays, every):
            durations, failed = _plays(inside, turn, count)
            sample = _sample(session, inside, done, spread(durations).median, failed)
            growth.samples.append(sample)
            seen(sample)
        return growth
    finally:
        session.close()


def _steps(plays: int, every: int) -> Iterator[tuple[int, int]]:
    """After how many plays to look, and how many those are since the look before."""
    for before in range(0, plays, every):
        count = min(every, plays - before)
        yield before + count, count


def _quick(inside: Inside, scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios that this browser plays quickly and wholly. Chromium ends an extension that is reloaded often."""
    found = []
    for scenario in scenarios:
        if not any(isinstance(step, s.ReloadExtension) for step in scenario.steps):
            play = inside.session.play(scenario)
            inside.check(f"in {scenario.name}")
            if play.outcome == "ok" and not play.lacking and play.duration < QUICK_MS:
                found.append(scenario)
    if not found:
        raise NotMeasured(f"{inside.setting.family}: no scenario was played within {QUICK_MS:g} ms")
    return found


def _plays(inside: Inside, turn: Iterator[Scenario], count: int) -> tuple[list[float], int]:
    durations, failed = [], 0
    for scenario in itertools.islice(turn, count):
        began = time.perf_counter()
        play = inside.session.play(scenario)
        durations.append((time.perf_counter() - began) * 1000)
        failed += play.outcome != "ok"
        inside.check(f"in {scenario.name}")
    return durations, failed


def _sample(session: Session, inside: Inside, plays: int, play_ms: float, failed: int) -> Sample:
    gc.collect()
    me = psutil.Process()
    browser = memory(session.process) if session.process else Memory(0, None, None, 0)
    return Sample(
        plays=plays,
        play_ms=play_ms,
        runner_rss=me.memory_info().rss / MEGABYTE,
        runner_objects=len(gc.get_objects()),
        runner_files=me.num_fds() if hasattr(me, "num_fds") else 0,
        browser_rss=browser.rss,
        browser_pss=browser.pss,
        browser_uss=browser.uss,
        processes=browser.processes,
        kept=_kept(inside),
        observer=_observers(inside),
        failed=failed,
    )


def _kept(inside: Inside) -> dict[str, int]:
    stage = inside.stage
    return {
        "incarnations": len(stage.incarnations),
        "channels": len(stage.channels),
        "answers": len(stage._answers),
        "tabs": len(stage.tab_status),
        "twins": len(stage.twin_news),
        "applications": len(stage.applications),
        "plays": len(stage.plays),
    }


def _observers(inside: Inside) -> dict[str, int] | None:
    try:
        answer = inside.do(inside.stage.command(OBSERVERS_COMMAND, 5))
    except Fault:
        return None
    return {name: count for name, count in answer.items() if isinstance(count, int)}
