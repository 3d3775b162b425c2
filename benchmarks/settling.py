"""Proves settling: after each settle, does anything still come?

``python -m benchmarks.settling`` plays each opener with each cause of an end, again and again, and lingers after every
settle. An event that comes while it lingers is a miss: a verdict given at the settle would have been wrong.
With ``--load`` every core is kept busy by other processes meanwhile. ``docs/settling.md`` has the figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import click
from rich.console import Console
from rich.table import Table

from portolan.conformance.language.actors import Document
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play
from portolan.conformance.language.scenario import Scenario
from portolan.runners.playing.player import Player
from portolan.runners.playing.settle import Settler
from portolan.runners.session.session import Session

LINGER_SECONDS = 0.4

Cause = Callable[[Document], object]
FRAME_CAUSES: dict[str, Cause] = {
    "frame removed": lambda frame: frame.remove(),
    "frame navigated": lambda frame: frame.navigate(),
    "frame navigated to another site": lambda frame: frame.navigate(site="cross-site"),
}


def cases() -> dict[str, Callable[[Play], None]]:
    """Every opener with every cause, by name."""
    made: dict[str, Callable[[Play], None]] = {}
    for cause, do in FRAME_CAUSES.items():
        for spec in ("same-site", "cross-site"):
            made[f"background opens, {spec}, receiver's {cause}"] = _receiver_frame(spec, do)
            made[f"content script opens, {spec}, opener's {cause}"] = _opener_frame(spec, do)
            made[f"extension page opens, {spec}, receiver's {cause}"] = _page_opens(spec, do)
    made |= {
        "content script opens, opener's tab closed": _opener_tab(lambda page: page.close()),
        "content script opens, opener's tab navigated": _opener_tab(lambda page: page.navigate()),
        "content script opens, opener's tab navigated to another site": _opener_tab(
            lambda page: page.navigate(site="cross-site")
        ),
        "background opens, receiver's tab closed": _receiver_tab(lambda page: page.close()),
        "background opens, receiver's tab navigated to another site": _receiver_tab(
            lambda page: page.navigate(site="cross-site")
        ),
        "extension page opens, opener's tab closed": _extension_page(opens=True),
        "content script opens, receiving extension page closed": _extension_page(opens=False),
        "background opens, native application exits": _native(lambda application: application.exit()),
        "background opens, native application crashes": _native(lambda application: application.crash()),
        "background opens, native application sends too much": _native(
            lambda application: application.post_of_size(1024 * 1024 + 1)
        ),
        "background opens, hundred messages echoed": _echo,
        "native application echoes fifty messages": _native_echo,
    }
    return made


def _receiver_frame(spec: str, do: Cause) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        background, page = play.background(), play.page(frames=[spec, "same-site"])  # type: ignore[list-item]
        page.frames[0].listen()
        port = background.connect_tab(page)
        play.settle()
        do(page.frames[0])
        play.settle()
        play.expect(port.disconnected())

    return case


def _opener_frame(spec: str, do: Cause) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        background, page = play.background(), play.page(frames=[spec])  # type: ignore[list-item]
        heard = background.listen()
        page.frames[0].connect()
        play.settle()
        do(page.frames[0])
        play.settle()
        play.expect(heard.port.disconnected())

    return case


def _page_opens(spec: str, do: Cause) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        opener, page = play.extension_page(), play.page(frames=[spec])  # type: ignore[list-item]
        page.frames[0].listen()
        port = opener.connect_tab(page)
        play.settle()
        do(page.frames[0])
        play.settle()
        play.expect(port.disconnected())

    return case


def _opener_tab(do: Cause) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        background, page = play.background(), play.page()
        heard = background.listen()
        page.connect()
        play.settle()
        do(page)
        play.settle()
        play.expect(heard.port.disconnected())

    return case


def _receiver_tab(do: Cause) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        background, page = play.background(), play.page(frames=["cross-site"])
        page.frames[0].listen()
        port = background.connect_tab(page)
        play.settle()
        do(page)
        play.settle()
        play.expect(port.disconnected())

    return case


def _extension_page(*, opens: bool) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        page, other = play.page(), play.extension_page()
        if opens:
            heard = play.background().listen()
            other.connect()
        else:
            heard = other.listen()
            port = page.connect()
        play.settle()
        other.close()
        play.settle()
        play.expect(heard.port.disconnected() if opens else port.disconnected())

    return case


def _native(do: Callable[..., object]) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        background, application = play.background(), play.application()
        port = background.connect_native(application)
        play.settle()
        do(application)
        play.settle()
        play.expect(port.disconnected())

    return case


def _echo(play: Play) -> None:
    background, page = play.background(), play.page(frames=["cross-site"])
    heard = page.frames[0].listen(then=lambda port: port.echo())
    with background.one_turn():
        port = background.connect_tab(page)
        for number in range(100):
            port.post(number)
    play.settle()
    play.expect(heard.fired())
    play.expect(port.received(*range(100)))


def _native_echo(play: Play) -> None:
    background, application = play.background(), play.application(echo=True)
    with background.one_turn():
        port = background.connect_native(application)
        for number in range(50):
            port.post(number)
    play.settle()
    play.expect(port.received(*range(50)))


def built() -> list[Scenario]:
    """The cases as scenarios."""
    return [
        build(scenario(name=re.sub(r"\W+", "_", name))(_copy(function, name)), "settling")
        for name, function in cases().items()
    ]


def _copy(function: Callable[[Play], None], name: str) -> Callable[[Play], None]:
    def case(play: Play) -> None:
        function(play)

    case.__doc__ = name
    return case


class Lingering(Settler):
    """A settler that waits on after each settle, and counts what still comes."""

    late: ClassVar[Counter[str]] = Counter()

    async def settle(self) -> None:
        await super().settle()
        before = len(self.player.events)
        await asyncio.sleep(LINGER_SECONDS)
        if missed := self.player.events[before:]:
            self.late[self.player.scenario.name] += len(missed)


class Plain(Lingering):
    """The control: one barrier round and no signs of ends. Where this misses and the other does not, the proof can see."""

    async def _documents_ended(self) -> None:
        self.ending.clear()

    async def rounds(self, stable: int) -> None:
        await super().rounds(1)


@contextlib.contextmanager
def load(*, on: bool) -> Iterator[None]:
    """Keep every core busy."""
    workers = [
        multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
        for _ in range((os.cpu_count() or 1) if on else 0)
    ]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()


def _spin() -> None:
    while True:
        pass


def prove(session: Session, plays: int, wanted: str, console: Console) -> Table:
    """Play every case, and count misses, plays that did not settle, and ends that were due and did not come."""
    table = Table("case", "plays", "misses", "not ok", "end came")
    for case in built():
        if wanted not in case.title:
            continue
        Lingering.late.clear()
        done = [session.play(case) for _ in range(plays)]
        bad = [play for play in done if play.outcome != "ok"]
        came = sum(bool(case.requirements[-1].check.judge(play).holds) for play in done)
        table.add_row(case.name, str(plays), str(Lingering.late[case.name]), str(len(bad)), f"{came}")
        console.print(
            f"{case.name}: {Lingering.late[case.name]} late, {len(bad)} not ok {bad[0].reason if bad else ''}, end came in {came}",
            highlight=False,
        )
        if session.broken:
            console.print(f"stopped: {session.broken}")
            break
    return table


@click.command()
@click.argument("family", type=click.Choice(["firefox", "chromium"]))
@click.option("--plays", default=20, show_default=True, help="Plays of each case.")
@click.option("--manifest", default=3, show_default=True)
@click.option("--only", default="", help="Only cases whose name has this in it.")
@click.option("--load", "loaded", is_flag=True, help="Keep every core busy meanwhile.")
@click.option("--plain", is_flag=True, help="The control: one barrier round, no signs of ends.")
@click.option("--browser-path", type=click.Path(path_type=Path))
@click.option("--driver-path", type=click.Path(path_type=Path))
def main(
    family: str,
    plays: int,
    manifest: int,
    only: str,
    loaded: bool,
    plain: bool,
    browser_path: Path | None,
    driver_path: Path | None,
) -> None:
    """Prove settling on one family, such as: python -m benchmarks.settling firefox --plays 50 --load."""
    from benchmarks.tools import session_of

    console = Console()
    Player.settler_class = Plain if plain else Lingering
    session = session_of(family, manifest, browser_path, driver_path)
    session.start()
    try:
        with load(on=loaded):
            console.print(prove(session, plays, only, console))
    finally:
        session.close()


if __name__ == "__main__":
    main()
