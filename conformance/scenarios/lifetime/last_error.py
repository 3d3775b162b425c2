"""What runtime.lastError is while listeners of onDisconnect run. Claim LE3."""

from portolan import (
    UNDEFINED,
    Play,
    scenario,
    variant,
)


@scenario(claims=["LE3"])
def what_last_error_is_without_an_error(play: Play) -> None:
    """A port ends without an error: runtime.lastError is null, or undefined."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    port.disconnect()
    play.settle()

    play.expect(heard.port.disconnected(error=None))
    play.expect_one_of(
        "runtime.lastError without an error",
        variant("null", heard.port.disconnect_saw("last_error", wanted=None), claims="LE3"),
        variant("undefined", heard.port.disconnect_saw("last_error", wanted=UNDEFINED)),
    )
