"""A scenario's own page: what is done, what must hold, what the documentation says of it, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from portolan.conformance.judging.claims import Claim
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.html.diagram import Diagram, circled, diagram, look_of
from portolan.reports.html.matrix import Column, anchor_of
from portolan.reports.html.traces import Trace, differences, traces_of
from portolan.reports.load import JudgedPlay, JudgedRun, earlier
from portolan.reports.text.failure import HOLDS, in_question
from portolan.reports.text.prose import cast_sentences, check_phrase, step_sentence

LONG = 2000
SHORT = 60
"""So long a text may stand twice in the tables of a scenario's events."""


class EventRow(msgspec.Struct, frozen=True):
    """One event as a row of the table beside a diagram."""

    number: int
    step: int
    who: str
    sign: str
    words: str
    kind: str
    port: str
    look: str
    proof: bool
    details: tuple[tuple[str, str], ...]
    """What it says more, by whom: the browsers in words where they do not agree."""


class Figure(msgspec.Struct, frozen=True):
    """One trace: who had it, its diagram, its events. ``parts``: where it leaves each other trace, by number."""

    number: int
    id: str
    browsers: str
    answers: tuple[str, ...]
    drawing: Diagram
    lanes: tuple[str, ...]
    events: tuple[EventRow, ...]
    hidden: int
    parts: tuple[tuple[int, int], ...]

    @property
    def first_part(self) -> int | None:
        """Where it leaves the trace that stands beside it while nobody has chosen another one."""
        other = 1 if self.number > 1 else 2
        return dict(self.parts).get(other)


class Line(msgspec.Struct, frozen=True):
    """What must hold, as one line: the claims, the words, and if it is one of several answers which."""

    claims: tuple[str, ...]
    words: str
    topic: str = ""
    variant: str = ""
    because: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What one or more runs came to, and why."""

    answer: str
    status: str
    browsers: str
    why: str
    bug: str
    findings: tuple[tuple[str, str, str, str], ...]
    trace: int | None


class Page(msgspec.Struct, frozen=True):
    """Everything about one scenario."""

    name: str
    anchor: str
    title: str
    topic: str
    bug: str
    description: str
    cast: tuple[str, ...]
    steps: tuple[str, ...]
    checks: tuple[Line, ...]
    claims: tuple[Claim, ...]
    answers: tuple[Answer, ...]
    figures: tuple[Figure, ...]
    commands: tuple[str, ...]


def page_of(
    name: str,
    number: int,
    topic: str,
    scenario: Scenario | None,
    runs: Sequence[JudgedRun],
    columns: Sequence[Column],
    claims: Mapping[str, Claim],
) -> tuple[Page, dict[int, int]]:
    """The page of a scenario, and for each column the number of its first trace."""
    plays = [(column.index, each) for column, run in zip(columns, runs, strict=True) for each in run.of(name)]
    traces, numbers = traces_of(plays)
    anchor = anchor_of(name, number)
    of_column: dict[int, int] = {}
    for index, trace in numbers.items():
        of_column.setdefault(plays[index][0], trace)
    steps = plays[0][1].play.steps if plays else ()
    cast = plays[0][1].play.cast
    page = Page(
        plain(name),
        anchor,
        plain(scenario.title, LONG) if scenario else "",
        topic,
        scenario.bug if scenario and scenario.bug.startswith("https://") else "",
        plain(scenario.description, LONG) if scenario else "",
        tuple(cast_sentences(cast)),
        tuple(map(step_sentence, steps)),
        tuple(_checks(scenario)) if scenario else (),
        tuple(claims[id] for id in scenario.claims if id in claims) if scenario else (),
        _answers(plays, numbers, columns),
        _figures(traces, plays, numbers, columns, anchor),
        _commands(name, plays, columns) if scenario else (),
    )
    return page, of_column


def _checks(scenario: Scenario) -> list[Line]:
    lines = [
        Line(each.claims, check_phrase(each.check), because=plain(each.because, LONG)) for each in scenario.requirements
    ]
    return lines + [
        Line(one.claims, check_phrase(one.check), plain(point.topic), plain(one.title))
        for point in scenario.open_points
        for one in point.variants
    ]


# ---- what came


def _answers(
    plays: Sequence[tuple[int, JudgedPlay]], numbers: Mapping[int, int], columns: Sequence[Column]
) -> tuple[Answer, ...]:
    """The distinct answers with their reasons, each with who gave it."""
    groups: dict[tuple[object, ...], list[tuple[int, Answer]]] = {}
    for index, (column, each) in enumerate(plays):
        answer = _answer(each, numbers.get(index))
        groups.setdefault((answer,), []).append((column, answer))
    return tuple(
        msgspec.structs.replace(group[0][1], browsers=browsers(columns, [column for column, _ in group]))
        for group in groups.values()
    )


def _answer(each: JudgedPlay, trace: int | None) -> Answer:
    known = each.expected if each.expected and each.status != "incomplete" else None
    why = known.reason if known else each.sentence if each.judgement is None or each.status == "incomplete" else ""
    bug = (known.bug or "") if known else ""
    findings = tuple(
        (
            plain(judged.title),
            HOLDS[judged.finding.holds],
            plain(judged.finding.accepted, LONG),
            plain(judged.finding.came, LONG),
        )
        for judged in (in_question(each) if _asks_why(each) else ())
    )
    if again := earlier(each.play):
        why = f"{why} {again[0].upper()}{again[1:]}.".lstrip()
    text = each.answer.removeprefix("variant:")
    return Answer(text, each.status, "", plain(why, LONG), bug if bug.startswith("https://") else "", findings, trace)


def _asks_why(each: JudgedPlay) -> bool:
    """Whether the findings are told: an answer that was expected is explained by its checks, which stand beside it."""
    return each.status == "unexpected" or each.answer in ("fail", "inconclusive")


def browsers(columns: Sequence[Column], indexes: Sequence[int]) -> str:
    """Some columns in words: ``all Firefox; Chromium MV3 156``."""
    chosen = [columns[index] for index in dict.fromkeys(indexes)]
    said = []
    for (family, browser), group in groupby(chosen, key=lambda column: (column.family, column.browser)):
        each = list(group)
        if len(each) > 1 and len(each) == sum(column.family == family for column in columns):
            said.append(f"all {browser}")
            continue
        for manifest, same in groupby(each, key=lambda column: column.manifest):
            said.append(f"{browser} MV{manifest} {', '.join(column.short for column in same)}")
    return "; ".join(said)


def _figures(
    traces: Sequence[Trace],
    plays: Sequence[tuple[int, JudgedPlay]],
    numbers: Mapping[int, int],
    columns: Sequence[Column],
    anchor: str,
) -> tuple[Figure, ...]:
    parts: dict[int, list[tuple[int, int]]] = {}
    for left, right, row in differences(traces):
        if row is not None:
            parts.setdefault(left, []).append((right, row))
    figures = []
    told: dict[str, tuple[int, int]] = {}
    for trace in traces:
        answers = dict.fromkeys(
            plays[index][1].answer.removeprefix("variant:")
            for index, number in numbers.items()
            if number == trace.number
        )
        figures.append(
            Figure(
                trace.number,
                f"{anchor}/{trace.number}",
                browsers(columns, trace.columns),
                tuple(answers),
                diagram(trace),
                tuple(plain(name, 60) for name in trace.lanes),
                tuple(_events(trace, columns, told)),
                trace.total - sum(bool(row.words) for row in trace.rows),
                tuple(parts.get(trace.number, ())),
            )
        )
    return tuple(figures)


def _events(trace: Trace, columns: Sequence[Column], told: dict[str, tuple[int, int]]) -> list[EventRow]:
    """The rows of a trace. ``told``: what an event of this scenario has said already, by trace and event."""
    rows = []
    for index, row in enumerate(trace.rows):
        details = trace.details[index]
        place = trace.number, index + 1
        texts = [(who, _once(text, place, told)) for who, text in details if text]
        alike = len(texts) == len(details) and len({text for _, text in texts}) == 1
        said = tuple((browsers(columns, who), text) for who, text in texts)
        said = (("", said[0][1]),) if alike else said
        who = plain(row.actor, 60) + (f" (life {row.life})" if row.life > 1 else "")
        rows.append(
            EventRow(
                index + 1,
                row.step + 1,
                who,
                row.sign,
                row.words,
                row.kind,
                circled(row.port),
                look_of(row.port),
                row.proof,
                said,
            )
        )
    return rows


def _once(text: str, place: tuple[int, int], told: dict[str, tuple[int, int]]) -> str:
    """A long text the first time, and later where it stands."""
    trace, event = told.setdefault(text, place)
    if (trace, event) == place or len(text) < SHORT:
        return text
    return f"as at event {event}" if trace == place[0] else f"as in trace {trace}, event {event}"


def _commands(name: str, plays: Sequence[tuple[int, JudgedPlay]], columns: Sequence[Column]) -> tuple[str, ...]:
    """How to see what it does, to play it again where it was played, and to have it as an extension."""
    families = dict.fromkeys(columns[column].family for column, _ in plays)
    played = " ".join(f"--browser {family}" for family in families)
    return (
        f"portolan scenarios show {name}",
        f"portolan run {name} {played}",
        f"portolan reproduce {name} --export DIR",
    )
