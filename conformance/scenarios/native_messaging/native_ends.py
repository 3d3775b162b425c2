"""More that can happen to a port to a native application: a closed output, nobody who reads, an extension that goes."""

from portolan import (
    Pattern,
    Play,
    all_of,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import Times


@scenario()
def a_native_application_closes_its_output(play: Play) -> None:
    """The application closes its output and goes on running: the port ends, and the browser ends the process."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    end = application.close_output()
    play.settle()

    play.expect(application.ended(after=end))
    play.expect_one_of(
        "whether the end of an application's output is an error",
        variant("an-error", port.disconnected(error="something", after=end)),
        variant("no-error", port.disconnected(error=None, after=end)),
    )


@scenario()
def a_native_application_never_reads(play: Play) -> None:
    """Ten times 100,000 characters for an application that reads nothing: every call returns, and the port stays open."""
    background, application = play.background(), play.application(never_reads=True)
    with background.one_turn():
        port = background.connect_native(application)
        for number in range(10):
            port.post(f"{number}" * 100_000)
    play.settle()

    play.expect(all_of(application.started(), port.stayed_open()))
    returns = Pattern("return", "postMessage", port=port.name)
    play.expect(Times(returns, 10, 10), because="what nobody reads waits in the browser")


@scenario()
def an_extension_with_a_native_port_is_reloaded(play: Play) -> None:
    """The extension that opened the port is reloaded: the application's process ends."""
    background, application = play.background(), play.application()
    background.connect_native(application)
    play.settle()
    reload = background.reload()
    play.settle()

    play.expect(application.ended(after=reload))


@scenario()
def an_extension_with_a_native_port_is_disabled(play: Play) -> None:
    """The extension that opened the port is disabled: the application's process ends."""
    background, application = play.background(), play.application()
    background.connect_native(application)
    play.settle()
    disabled = background.disable()
    play.settle()

    play.expect(application.ended(after=disabled))
