"""Every step has a handler, and the player does it through one table."""

from __future__ import annotations

from typing import get_args

import pytest

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.player import STEP_HANDLERS, Player


def test_every_step_has_a_handler() -> None:
    assert set(STEP_HANDLERS) == set(get_args(s.AnyStep))


@pytest.mark.parametrize("step", STEP_HANDLERS, ids=lambda step: step.__name__)
def test_a_handler_is_the_method_of_its_step(step: type[s.Step]) -> None:
    class Anything:
        """Has every attribute, which says its own name."""

        def __init__(self, name: str = "") -> None:
            self.name = name

        def __getattr__(self, name: str) -> Anything:
            return Anything(name)

    handler: object = STEP_HANDLERS[step](Anything())  # type: ignore[arg-type]
    assert getattr(handler, "name", "") == f"_do_{step.__name__}"


def test_the_player_is_the_context_that_handlers_receive() -> None:
    assert issubclass(Player, PlayContext)
