"""How a port ends: disconnect() from each side, once, with or without an error. Claims P34, P35, P45 to P56."""

from portolan import (
    Play,
    all_of,
    any_of,
    scenario,
    variant,
)


@scenario(claims=["P34", "P45", "P48", "P50", "P51", "P52"])
def the_opener_disconnects(play: Play) -> None:
    """disconnect() by the opener: the receiver's onDisconnect fires, the opener's own does not."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    called = port.disconnect()
    play.settle()

    there = heard.port
    play.expect(there.disconnected(after=called), claims=["P34", "P45", "P50", "P51"])
    play.expect(there.disconnected(error=None), claims="P48")
    play.expect(there.disconnect_saw("value", wanted={"$": "port", "port": there.name}), claims="P52")
    play.expect(port.stayed_open(), claims="P45", because="onDisconnect is for the other end")


@scenario(claims=["P35", "P45", "P48", "P50", "P52"])
def the_receiver_disconnects(play: Play) -> None:
    """disconnect() by the receiver: the opener's onDisconnect fires, the receiver's own does not."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    called = heard.port.disconnect()
    play.settle()

    play.expect(port.disconnected(error=None, after=called), claims=["P35", "P45", "P48", "P50"])
    play.expect(port.disconnect_saw("value", wanted={"$": "port", "port": port.name}), claims="P52")
    play.expect(heard.port.stayed_open(), claims="P45")


@scenario(claims=["P51"])
def disconnecting_twice(play: Play) -> None:
    """A second disconnect() is silent, at the same end and at the other; nobody hears onDisconnect twice."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    port.disconnect()
    again = port.disconnect()
    play.settle()
    answered = heard.port.disconnect()
    play.settle()

    play.expect(heard.port.disconnected(), claims="P51")
    play.expect(all_of(again.returned(), answered.returned()), because="nobody says so; every browser does")
    play.expect(port.stayed_open())


@scenario()
def posting_after_disconnect(play: Play) -> None:
    """PostMessage on a port that was disconnected throws, at both ends."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    port.disconnect()
    own = port.post("too late")
    play.settle()
    other = heard.port.post("too late as well")
    play.settle()

    play.expect(all_of(own.threw("disconnected port"), other.threw("disconnected port")))
    play.expect(all_of(port.received(), heard.port.received()))


@scenario()
def disconnecting_inside_on_disconnect(play: Play) -> None:
    """disconnect() inside one's own onDisconnect is silent, and nothing comes back."""
    background, page = play.background(), play.page()
    heard = background.listen(then=lambda port: port.add_disconnect_listener("again", lambda port: port.disconnect()))
    port = page.connect()
    play.settle()
    port.disconnect()
    play.settle()

    play.expect(heard.port.disconnected(error=None))
    play.expect(port.stayed_open())


@scenario(claims=["P49", "P56"])
def removed_listeners_are_not_called(play: Play) -> None:
    """removeListener: of two listeners only the one that is left is called."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    with page.one_turn():
        message, end = port.add_message_listener("removed"), port.add_disconnect_listener("removed")
        port.remove_listener(message)
        port.remove_listener(end)
    play.settle()
    heard.port.post("anyone?")
    play.settle()
    heard.port.disconnect()
    play.settle()

    play.expect(all_of(port.received("anyone?"), port.listener_received(message)), claims="P56")
    play.expect(all_of(port.disconnected(), port.disconnect_listener_called(end, 0)), claims="P49")


@scenario(claims=["P47", "P53", "P54", "P55"])
def where_an_error_is_reported(play: Play) -> None:
    """A port that ends with an error: port.error has it (Firefox), or runtime.lastError (Chromium)."""
    play.background()
    page = play.page()
    port = page.connect()
    play.settle()

    play.expect(port.disconnected(error="something"))
    play.expect_one_of(
        "where the error of a port is reported",
        variant(
            "in-port-error",
            all_of(
                port.disconnect_saw("error", "error"),
                port.disconnect_saw("error.message", "string"),
                port.disconnect_saw("last_error", "nothing"),
            ),
            claims=["P47", "P53"],
            title="in port.error",
        ),
        variant(
            "in-runtime-last-error",
            all_of(
                port.disconnect_saw("error", "absent"),
                port.disconnect_saw("last_error", "error"),
                port.disconnect_saw("last_error.message", "string"),
            ),
            claims=["P54", "P55"],
            title="in runtime.lastError",
        ),
    )


@scenario(claims=["P36", "P48", "P68"])
def the_openers_frame_is_removed(play: Play) -> None:
    """The frame that called connect() goes away: the receiver's onDisconnect fires, without an error."""
    background, page = play.background(), play.page(frames=["cross-site"])
    heard = background.listen()
    page.frames[0].connect()
    play.settle()
    removal = page.frames[0].remove()
    play.settle()

    play.expect(heard.port.disconnected(error=None, after=removal), claims=["P36", "P48", "P68"])


@scenario(claims=["P36", "P68", "CS5"])
def the_openers_tab_is_closed(play: Play) -> None:
    """The tab that holds the port is closed: the receiver's onDisconnect fires, without an error."""
    background, page = play.background(), play.page(frames=1)
    heard = background.listen()
    page.connect(name="top")
    play.settle()
    page.frames[0].connect(name="frame")
    play.settle()
    closing = page.close()
    play.settle()

    both = (heard.nth(1), heard.nth(2))
    play.expect(all_of(*(port.disconnected(error=None, after=closing) for port in both)), claims=["P36", "P68", "CS5"])


@scenario()
def connect_and_disconnect_in_one_turn(play: Play) -> None:
    """Ten ports, each opened and closed at once: the receiver hears of both, or of neither.

    Ten, because Firefox 115 loses such an end nearly always, but not always.
    """
    background, page = play.background(), play.page()
    heard = background.listen()
    ports = []
    for _ in range(10):
        with page.one_turn():
            ports.append(page.connect())
            ports[-1].disconnect()
    play.settle()

    told = [heard.nth(number).disconnected() for number in range(1, 11)]
    play.expect(any_of(heard.silent(), all_of(heard.fired(10), *told)))
    play.expect(all_of(*(port.stayed_open() for port in ports)))
