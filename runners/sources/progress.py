"""Progress for people, on stderr: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import msgspec
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from portolan.runners.sources.process import plain

QUIET_SECONDS = 10.0
"""How long a log without a terminal stays quiet between two lines about one item."""


class _Item(msgspec.Struct):
    """What is being fetched now."""

    what: str
    size: int | None
    begun: float
    told: float
    silent: bool = True
    doing: str = ""
    amount: str = ""


class _Amount(ProgressColumn):
    """How much is done, in bytes or steps."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields["amount"]))


class RichProgress:
    """The progress of one fetch after the other. Not for two threads at once."""

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(file=sys.stderr, soft_wrap=True, highlight=False)
        self._clock = clock
        self._item: _Item | None = None
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def started(self, what: str, origin: str, size: int | None) -> None:
        """Say what comes from where, and begin the bar."""
        now = self._clock()
        self._item = _Item(what=plain(what), size=size, begun=now, told=now)
        much = f", {decimal(size)}" if size else ""
        self._print(f"Getting {what} from {origin}{much}")
        if self._console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), _Amount())
            self._bar = Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True)
            self._task = self._bar.add_task(self._item.what, total=None, amount="")
            self._bar.start()

    def advanced(self, done: int, total: int | None) -> None:
        """Move the bar, or tell how far it is if nothing was told for a while."""
        if self._item is None:
            return
        self._item.amount = _amount(done, total, counts_bytes=self._item.size is not None)
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, amount=self._item.amount)
        else:
            self._tell_now_and_then()

    def said(self, text: str) -> None:
        """Show what goes on: beside the bar; else as a line, the first of an item at once and others now and then."""
        if self._item is None:
            self._print(text)
            return
        self._item.doing = plain(text)
        if self._bar is not None:
            shown = self._item.doing if len(self._item.doing) <= 50 else self._item.doing[:49] + "…"
            self._bar.update(self._task, description=shown)
        elif self._item.silent:
            self._tell()
        else:
            self._tell_now_and_then()

    def noted(self, text: str) -> None:
        """Show a sentence on a line of its own, above the bar."""
        self._print(text)

    def finished(self, problem: str = "") -> None:
        """End the bar, and say how it went."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        item, self._item = self._item, None
        if item is not None:
            seconds = f"{self._clock() - item.begun:.0f} s"
            self._print(f"{item.what}: {problem or 'ready'} ({seconds})")

    def _tell_now_and_then(self) -> None:
        if self._item is not None and self._clock() - self._item.told >= QUIET_SECONDS:
            self._tell()

    def _tell(self) -> None:
        item = self._item
        if item is not None:
            item.told, item.silent = self._clock(), False
            self._print(f"{item.what}: {', '.join(part for part in (item.amount, item.doing) if part)}")

    def _print(self, text: str) -> None:
        self._console.print(plain(text), markup=False)


def _amount(done: int, total: int | None, *, counts_bytes: bool) -> str:
    show = decimal if counts_bytes else str
    return f"{show(done)} of {show(total)}" if total else show(done)
