"""The stage without twins: no port of the observer's in any document of the web, and no sign of a document's end.

Settling has nothing but barrier rounds then, and takes many of them: enough on a quiet machine, and no recipe.
An extension's own page keeps its one port: nothing else leads to it without passing its background.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import portolan.runners.session.extensions
from portolan.runners.playing.incarnations import Incarnation
from portolan.runners.playing.player import Player
from portolan.runners.playing.settle import Settler
from portolan.runners.session.extensions import Made, Variant

LETTERS = Path(__file__).with_name("letters")
STABLE_ROUNDS = 60


class RoundsOnly(Settler):
    """Settles by barrier rounds alone."""

    async def _documents_ended(self) -> None:
        self.ending.clear()

    async def rounds(self, stable: int) -> None:
        await super().rounds(max(stable, STABLE_ROUNDS))


class WithoutTwins(Player):
    """Plays without waiting for twins."""

    settler_class = RoundsOnly

    def on_hello(self, incarnation: Incarnation) -> None:
        self.stage.channels[incarnation.channel].twin = True  # nobody shall wait for it
        super().on_hello(incarnation)


def generate(variant: Variant, into: Path, adapt: Callable[[dict[str, Any]], None]) -> dict[str, Made]:
    """Generate the stage's extensions with an observer that opens no ports."""
    made = portolan.runners.session.extensions.generate(variant, into, adapt)
    if observer := made.get("observer"):
        shutil.copyfile(LETTERS / "frame.js", observer.folder / "frame.js")
        with (observer.folder / "background.js").open("a") as file:
            file.write((LETTERS / "background.js").read_text())
    return made


def switch_off(patch: pytest.MonkeyPatch) -> None:
    """Let sessions that are started from now on have no twins."""
    patch.setattr("portolan.runners.session.session.generate", generate)
    patch.setattr("portolan.runners.session.session.Player", WithoutTwins)
