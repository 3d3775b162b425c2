"""What the benchmarks found, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from benchmarks.figures import Spread
from benchmarks.growth import Growth, Sample, numbers
from benchmarks.profiling import Profile, totals
from benchmarks.summary import Summary

GOALS: dict[str, dict[str, tuple[float, float]]] = {
    "times_cheaper": {"firefox": (5, 20), "chromium": (5, 10)},
    "times_tab_cycle": {"firefox": (2, 1), "chromium": (2, 1)},
}
"""For each ratio and family: where the first issue may end, and the goal. Cheaper wants more, cycles want fewer."""

NEGLIGIBLE_MS = 0.05
"""What is waited for shorter than this is not shown."""

RATIOS = {
    "times_cheaper": "times cheaper than a browser per scenario",
    "times_tab_cycle": "times the bare tab cycle",
}
TIMES = {
    "scenario_ms": "a scenario, as the user pays it",
    "play_ms": "… by the play's own clock",
    "browser_per_scenario_ms": "a browser per scenario",
    "tab_cycle_ms": "the bare tab cycle",
    "empty_tab_cycle_ms": "… without any content script",
    "pass_ms": "one full pass of the suite",
    "start_ms": "… the browser's start before it",
    "close_ms": "… its end after it",
    "native_round_trip_ms": "native round trip",
    "events_per_second": "events a second, one by one",
    "events_per_second_in_one_turn": "events a second, all in one turn",
}


def figure(number: float) -> str:
    """A figure with as many digits as it deserves."""
    if abs(number) >= 1000:
        return f"{number:,.0f}".replace(",", " ")
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def around(each: Spread) -> str:
    """The quartiles."""
    return f"{figure(each.low)} to {figure(each.high)}"


def goal(name: str, family: str, value: float) -> Text:
    """Whether a ratio is where it shall be."""
    first, wanted = GOALS[name][family]
    more = name == "times_cheaper"
    reached = value >= wanted if more else value <= wanted
    enough = value >= first if more else value <= first
    word = "at least" if more else "at most"
    text = f"{word} {first:g}, goal {wanted:g}: "
    if reached:
        return Text(text + "goal reached", style="green")
    return Text(text + ("enough" if enough else "missed"), style="yellow" if enough else "red")


def ratio_table(summaries: Sequence[Summary]) -> Table:
    """The ratios, beside their goals."""
    table = Table("", "is", "median", "quartiles", "wanted", title="Ratios")
    for each in summaries:
        for name, words in RATIOS.items():
            ratio = each.spreads[name]
            table.add_row(
                each.family, words, figure(ratio.median), around(ratio), goal(name, each.family, ratio.median)
            )
    return table


def time_table(summaries: Sequence[Summary]) -> Table:
    """The times behind the ratios: a column a family, medians with quartiles."""
    table = Table("ms", *(f"{each.browser or each.family}" for each in summaries), title="Medians (quartiles)")
    for name, words in TIMES.items():
        table.add_row(
            words, *(f"{figure(each.spreads[name].median)} ({around(each.spreads[name])})" for each in summaries)
        )
    table.add_row(
        "all scenarios together", *(f"{figure(each.sum_ms)} ({len(each.scenarios)} scenarios)" for each in summaries)
    )
    return table


def slowest_table(summaries: Sequence[Summary]) -> Table:
    """The dearest scenarios of each family."""
    table = Table("", "ms", "scenario", title="Dearest scenarios")
    for each in summaries:
        for name, ms in each.slowest:
            table.add_row(each.family, figure(ms), Text(name))
        table.add_section()
    return table


def left_out_lines(summaries: Iterable[Summary]) -> list[str]:
    """What does not count, and why."""
    return [f"{each.family}: not counted: {name} ({why})" for each in summaries for name, why in each.left_out.items()]


def growth_table(growth: Growth) -> Table:
    """A column a sample, and what each figure grows by in a thousand plays."""
    columns = [numbers(sample) for sample in growth.samples]
    title = f"{growth.family}: {growth.scenarios} scenarios again and again in one browser; memory in MB"
    table = Table("after plays", title=title)
    for sample in growth.samples:
        table.add_column(str(sample.plays), justify="right")
    table.add_column("per 1000", justify="right")
    for name in columns[-1] if columns else ():
        table.add_row(name, *(_count(column.get(name)) for column in columns), f"{growth.trends.get(name, 0.0):+.1f}")
    return table


def _count(number: float | None) -> str:
    if number is None:
        return "–"
    return str(int(number)) if number == int(number) else figure(number)


def sample_line(family: str, sample: Sample) -> str:
    """One sample, while the plays go on."""
    words = ", ".join(f"{name} {_count(number)}" for name, number in numbers(sample).items())
    return f"{family}, {sample.plays} plays: {words}, failed {sample.failed}"


def profile_table(profile: Profile) -> Table:
    """The parts of a play in their order, with what each waited for below it."""
    title = f"{profile.family}: {profile.scenario}, {figure(profile.whole.median)} ms ({around(profile.whole)}), {profile.plays} plays"
    table = Table("part", "times", "ms", "quartiles", "share", title=Text(title))
    for part in profile.parts:
        table.add_row(
            Text(part.name, style="bold"), "", figure(part.took.median), around(part.took), f"{part.share:.0%}"
        )
        for wait in part.waits:
            if wait.took.high >= NEGLIGIBLE_MS:
                table.add_row(
                    Text(f"  {wait.what}", style="dim"),
                    f"{wait.times:g}",
                    figure(wait.took.median),
                    around(wait.took),
                    "",
                )
    return table


def total_table(family: str, profiles: Sequence[Profile]) -> Table:
    """The kinds of steps over many scenarios, with what was waited for below each."""
    count = len(profiles)
    table = Table("kind of step", "ms a play", "share", title=f"{family}: where the time of {count} scenarios goes")
    for total in totals(profiles):
        table.add_row(Text(total.kind, style="bold"), figure(total.took / count), f"{total.share:.0%}")
        for name, ms in sorted(total.waits.items(), key=lambda item: -item[1]):
            if ms / count >= NEGLIGIBLE_MS:
                table.add_row(Text(f"  {name}", style="dim"), figure(ms / count), "")
    return table
