"""The scenario that proves the instrument itself: a content script and the background talk. No suite is complete without it working."""

from __future__ import annotations

from portolan import (
    Play,
    scenario,
)
from portolan.conformance.language.building import build
from portolan.conformance.language.scenario import Scenario


@scenario()
def smoke(play: Play) -> None:
    """A content script opens a port, its message is answered, and the background hears of its end."""
    background = play.background()
    heard = background.listen(then=lambda port: port.echo())
    page = play.page()
    port = page.connect(name="smoke")
    play.settle()
    port.post("are you there?")
    play.settle()
    port.disconnect()
    play.settle()
    play.expect(heard.fired())
    play.expect(port.received("are you there?"))
    play.expect(heard.port.disconnected())


def smoke_scenario() -> Scenario:
    """The scenario, built."""
    return build(smoke, "smoke")
