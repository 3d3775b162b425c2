"""A runner in a process of its own, to be killed: it says when its play is held in the middle, and how the play ended."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import msgspec

import portolan.runners.session.server
from portolan.runners.session.extensions import Family
from portolan.runners.session.launch import launch
from portolan.runners.sources import Kind, Tool

from .holding import FACTOR, HELD, Latch


class Orders(msgspec.Struct, frozen=True):
    """What to start, and where."""

    family: Family
    tools: dict[Kind, Tool]
    sessions: str


def say(**what: object) -> None:
    """Print one line of JSON."""
    print(msgspec.json.encode(what).decode(), flush=True)


def main(orders: Orders) -> None:
    """Play the scenario that is held."""
    latch = Latch()
    portolan.runners.session.server.page = latch
    session = launch(orders.family, 3, orders.tools, sessions_folder=Path(orders.sessions), factor=FACTOR)

    def announce() -> None:
        latch.wait_until_held()
        say(held=session.id)

    try:
        session.start()
        threading.Thread(target=announce, daemon=True).start()
        say(outcome=session.play(HELD).outcome)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        session.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started with it ignored
    main(msgspec.json.decode(sys.argv[1], type=Orders))
