"""A trace as a sequence diagram: where everything stands, in whole pixels, for a template to write as SVG.

Down is the order of events, each in a row of its own. An actor has a life line, an end of a port a bar on it for as
long as it lives, numbered as its port; an arrow goes from a call to the event that it caused.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import msgspec

from portolan.conformance.trace.steps import Settle
from portolan.conformance.trace.values import plain
from portolan.reports.html.traces import Drawn, Trace
from portolan.reports.text.event_rows import HEARS, NOTES, THROWS
from portolan.reports.text.prose import step_sentence

WIDTH, LEFT, RIGHT = 560, 44, 30
ROW, STEP_LINE, SETTLE, HEAD_LINE, LIFE = 27, 14, 17, 15, 22
LETTER = 6.8
"""The width of a letter of a label, on the average."""

STEP_LETTERS = 92
BAR, BAR_GAP = 7, 9
PORTS = 6
"""So many looks there are for ports; their numbers tell apart more."""


class Text(msgspec.Struct, frozen=True):
    """Some words at a place."""

    x: int
    y: int
    text: str
    kind: str = ""


class Dots(msgspec.Struct, frozen=True):
    """All signs of one look on the life lines, as one path of points or of small figures."""

    look: str
    path: str


class Line(msgspec.Struct, frozen=True):
    """A life line, from y to y; ``end``: whether that life ended there, and another began."""

    x: int
    y: int
    to: int


class Bars(msgspec.Struct, frozen=True):
    """All ends of ports of one look, as one path; ``open``: they were still there when the play ended."""

    look: str
    open: bool
    path: str


class Arrows(msgspec.Struct, frozen=True):
    """All arrows of one look, as one path."""

    look: str
    kind: str
    path: str


class Diagram(msgspec.Struct, frozen=True):
    """Everything of one diagram. ``places`` is where each row of the trace stands."""

    width: int
    height: int
    heads: tuple[Text, ...]
    steps: tuple[Text, ...]
    step_rules: str
    settles: tuple[Text, ...]
    settle_rules: str
    lives: tuple[Line, ...]
    bars: tuple[Bars, ...]
    arrows: tuple[Arrows, ...]
    marks: tuple[Dots, ...]
    labels: tuple[Text, ...]
    proofs: tuple[int, ...]
    places: tuple[int, ...]


def look_of(port: int | None) -> str:
    """The class by which a port's parts look alike."""
    return f"p{(port - 1) % PORTS + 1}" if port else "p0"


def circled(port: int | None) -> str:
    """A port's number as it stands in a diagram."""
    if not port:
        return ""
    return chr(0x2460 + port - 1) if port <= 20 else f"({port})"


def diagram(trace: Trace) -> Diagram:
    """Where everything of a trace stands."""
    return _Drawing(trace).done()


class _Drawing:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        count = len(trace.lanes)
        gap = (WIDTH - LEFT - RIGHT) // max(count - 1, 1)
        self.x = {name: LEFT + index * gap for index, name in enumerate(trace.lanes)}
        self.gap = gap
        self.steps: list[Text] = []
        self.settles: list[Text] = []
        self.rules: dict[str, list[str]] = {"step": [], "settle": []}
        self.places: list[int] = []
        self.labels: list[Text] = []
        self.lives: list[Line] = []
        self.heads, self.top = self._heads()
        self.y = self.top
        self.began: dict[str, tuple[int, int]] = dict.fromkeys(trace.lanes, (1, self.top))
        self._rows()

    def _heads(self) -> tuple[tuple[Text, ...], int]:
        """The actors' names, each in a line of its own where they do not fit side by side."""
        names = [plain(name, 40) for name in self.trace.lanes]
        crowded = any(len(name) * (LETTER + 1) > self.gap - 8 for name in names) and len(names) > 2
        heads = []
        for index, name in enumerate(names):
            line = index % 3 if crowded else 0
            last = index == len(names) - 1 and len(names) > 1
            kind = "end" if last else "" if index == 0 else "mid"
            heads.append(Text(self.x[self.trace.lanes[index]], HEAD_LINE * (line + 1), name, kind))
        return tuple(heads), HEAD_LINE * (3 if crowded else 1) + 8

    def _rows(self) -> None:
        at, rows = 0, self.trace.rows
        for number, step in enumerate(self.trace.steps):
            self._rule(number + 1, step_sentence(step), settle=isinstance(step, Settle))
            while at < len(rows) and (rows[at].step <= number or number == len(self.trace.steps) - 1):
                self._row(rows[at])
                at += 1
        for row in rows[at:]:
            self._row(row)
        self.bottom = self.y + 6
        for name, (_, since) in self.began.items():
            self.lives.append(Line(self.x[name], since, self.bottom))

    def _rule(self, number: int, sentence: str, *, settle: bool) -> None:
        if settle:
            self.rules["settle"].append(f"M0 {self.y + 9}h{WIDTH}")
            self.settles.append(Text(4, self.y + 13, f"{number}. settled"))
            self.y += SETTLE
            return
        lines = textwrap.wrap(f"{number}. {sentence}", STEP_LETTERS, max_lines=1, placeholder=" …") or [""]
        top = self.y + 5
        self.rules["step"].append(f"M0 {top}h{WIDTH}")
        self.steps += [Text(4, top + 12 + STEP_LINE * index, line) for index, line in enumerate(lines)]
        self.y = top + STEP_LINE * len(lines) + 6

    def _row(self, row: Drawn) -> None:
        life, since = self.began[row.actor]
        if row.life != life:
            self.lives.append(Line(self.x[row.actor], since, self.y - 2))
            self._label(row.actor, self.y + 14, f"life {row.life}", "life")
            self.y += LIFE
            self.began[row.actor] = (row.life, self.y - 4)
        middle = self.y + ROW // 2
        self.places.append(middle)
        below = row.sign in (HEARS, NOTES)  # an arrow comes from above, and one that leaves goes down
        self._label(row.actor, middle + (12 if below else -1), row.words, "proof" if row.proof else row.kind, row.port)
        self.y += ROW

    def _label(self, actor: str, y: int, words: str, kind: str, port: int | None = None) -> None:
        """Words beside a life line, on the side that has more room for them."""
        x = self.x[actor]
        ends = x > WIDTH // 2
        room = ((x - LEFT) if ends else (WIDTH - x)) - 20
        text = words if len(words) * LETTER <= room else words[: max(int(room / LETTER) - 1, 1)] + "…"
        look = " ".join(filter(None, ("" if kind == "event" else kind, "end" if ends else "")))
        self.labels.append(Text(x - 14 if ends else x + 14, y, f"{circled(port)} {text}".strip(), look))

    def done(self) -> Diagram:
        rows = self.trace.rows
        proofs = tuple(y for row, y in zip(rows, self.places, strict=True) if row.proof)
        return Diagram(
            WIDTH,
            self.bottom + 4,
            self.heads,
            tuple(self.steps),
            "".join(self.rules["step"]),
            tuple(self.settles),
            "".join(self.rules["settle"]),
            tuple(self.lives),
            tuple(self._bars()),
            tuple(self._arrows()),
            tuple(self._marks()),
            tuple(self.labels),
            proofs,
            tuple(self.places),
        )

    def _marks(self) -> Sequence[Dots]:
        """The signs: a dot for a call, a ring (a small dot upon a dot) for what is told, a cross, a square."""
        paths: dict[str, list[str]] = {}
        for row, y in zip(self.trace.rows, self.places, strict=True):
            x = self.x[row.actor]
            if row.sign == THROWS:
                paths.setdefault("throws", []).append(f"M{x - 5} {y - 5}l10 10m0-10l-10 10")
            elif row.sign == NOTES:
                paths.setdefault("notes", []).append(f"M{x - 4} {y - 4}h8v8h-8z")
            else:
                paths.setdefault(f"dot {look_of(row.port)}", []).append(f"M{x} {y}h0")
                if row.sign == HEARS:
                    paths.setdefault("ring", []).append(f"M{x} {y}h0")
        looks = sorted(paths, key=lambda look: look == "ring")
        return [Dots(look, "".join(paths[look])) for look in looks]

    def _bars(self) -> Sequence[Bars]:
        paths: dict[tuple[str, bool], list[str]] = {}
        busy: dict[str, list[int]] = {}
        rows = self.trace.rows
        for index, row in enumerate(rows):
            if not row.opens:
                continue
            end = self._closing(index)
            to = self.places[end] if end is not None else self._life_end(row)
            slots = busy.setdefault(row.actor, [])
            slot = next((at for at, until in enumerate(slots) if until < self.places[index]), len(slots))
            slots[slot : slot + 1] = [to]
            top = self.places[index]
            x = self.x[row.actor] + min(slot, 3) * BAR_GAP * (-1 if self.x[row.actor] > WIDTH // 2 else 1) * -1
            still = end is None and to == self.bottom
            path = f"M{x - BAR // 2} {top}h{BAR}v{max(to - top, 2)}h-{BAR}z"
            paths.setdefault((look_of(row.port), still), []).append(path)
        return [Bars(look, still, "".join(parts)) for (look, still), parts in paths.items()]

    def _closing(self, index: int) -> int | None:
        """The row at which the end of a port that begins here ends."""
        born = self.trace.rows[index]
        for later in range(index, len(self.trace.rows)):
            row = self.trace.rows[later]
            if row.closes and (row.actor, row.end) == (born.actor, born.end):
                return later
        return None

    def _life_end(self, row: Drawn) -> int:
        """Where the life ends in which a port was never closed."""
        lines = [line for line in self.lives if line.x == self.x[row.actor]]
        return lines[row.life - 1].to if row.life <= len(lines) else self.bottom

    def _arrows(self) -> Sequence[Arrows]:
        paths: dict[tuple[str, str], list[str]] = {}
        for link in self.trace.links:
            start, end = self.trace.rows[link.start], self.trace.rows[link.end]
            path = arrow(self.x[start.actor], self.places[link.start], self.x[end.actor], self.places[link.end])
            paths.setdefault((look_of(link.port), link.kind), []).append(path)
        return [Arrows(look, kind, "".join(parts).replace(" -", "-")) for (look, kind), parts in paths.items()]


def arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    """A line with a head, as a path. An actor that tells itself something has a line that goes out and back."""
    if x == to_x:
        return f"M{x + 5} {y}h12V{to_y}h-7m5-4l-5 4l5 4"
    side = 1 if to_x > x else -1
    x, to_x = x + side * 6, to_x - side * 7
    dx, dy = to_x - x, to_y - y
    length = max((dx * dx + dy * dy) ** 0.5, 1)
    ux, uy = dx / length, dy / length
    left = (round(-8 * ux + 4 * uy), round(-8 * uy - 4 * ux))
    right = (round(-8 * ux - 4 * uy), round(-8 * uy + 4 * ux))
    return f"M{x} {y}L{to_x} {to_y}l{left[0]} {left[1]}M{to_x} {to_y}l{right[0]} {right[1]}"
