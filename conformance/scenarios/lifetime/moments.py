"""Messages at difficult moments: before a listener is there, in the turn of disconnect, inside listeners, ten thousand at once.

Nothing of it is promised, but that messages come in order. Claims P33, P57.
"""

from portolan import (
    Call,
    Play,
    PortEnd,
    all_of,
    in_order,
    scenario,
)


@scenario(claims=["P33"])
def ten_thousand_messages(play: Play) -> None:
    """10,000 messages in one turn, and 10,000 back: none is missing, none comes twice, all are in order."""
    background, page = play.background(), play.page()
    heard = background.listen(record=False, then=lambda port: port.count_messages())
    port = page.connect(record=False)
    port.count_messages()
    play.settle()
    there = port.post_many(10_000)
    play.settle()
    back = heard.port.post_many(10_000)
    play.settle()

    play.expect(all_of(there.returned(), back.returned(), heard.port.counted(10), port.counted(10)), claims="P33")


@scenario()
def messages_before_a_listener_is_there(play: Play) -> None:
    """What comes while onMessage has no listener is lost at both ends: nothing is kept for a listener that comes later."""
    background, page = play.background(), play.page()
    heard = background.listen(record=False)
    port = page.connect(record=False)
    port.post("too early")
    play.settle()
    heard.port.post("too early as well")
    play.settle()
    for end in (port, heard.port):
        end.add_message_listener(label="")
    play.settle()
    port.post("in time")
    heard.port.post("in time as well")
    play.settle()

    play.expect(all_of(heard.port.received("in time"), port.received("in time as well")))


@scenario(claims=["P57"])
def a_message_in_the_turn_of_disconnect(play: Play) -> None:
    """What is posted right before disconnect() arrives, and before onDisconnect: from the opener, and from the receiver."""
    background, page = play.background(), play.page()
    heard = background.listen()
    ports = [page.connect(name="opener"), page.connect(name="receiver")]
    play.settle()
    with page.one_turn():
        ports[0].post("farewell")
        ports[0].disconnect()
    play.settle()
    with background.one_turn():
        heard.nth(2).post("farewell")
        heard.nth(2).disconnect()
    play.settle()

    for end in (heard.nth(1), ports[1]):
        play.expect(
            all_of(end.received("farewell"), in_order(end.event("onMessage"), end.disconnect_event())), claims="P57"
        )


@scenario()
def disconnecting_inside_on_message(play: Play) -> None:
    """A listener answers and disconnects: the answer arrives, a message that is under way does not, a post after it throws."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()

    def answers(port: PortEnd) -> None:
        port.post("goodbye")
        port.disconnect()
        thrown.append(port.post("too late"))

    thrown: list[Call] = []
    port.add_message_listener("leaving", answers)
    with background.one_turn():
        heard.port.post("first")
        heard.port.post("second")
    play.settle()

    play.expect(all_of(heard.port.received("goodbye"), heard.port.disconnected(error=None)))
    play.expect(all_of(port.received("first"), port.stayed_open(), thrown[0].threw("disconnected port")))


@scenario()
def posting_inside_on_disconnect(play: Play) -> None:
    """Inside onDisconnect the port is disconnected already: postMessage throws."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    thrown: list[Call] = []
    port.add_disconnect_listener("posting", lambda port: thrown.append(port.post("is anybody there?")))
    play.settle()
    heard.port.disconnect()
    play.settle()

    play.expect(all_of(port.disconnected(error=None), thrown[0].threw("disconnected port")))
    play.expect(heard.port.received())


@scenario()
def connecting_again_inside_on_disconnect(play: Play) -> None:
    """A listener of onDisconnect opens the next port and posts: all of it is heard, in order."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()

    def again(_: PortEnd) -> None:
        opened = page.connect(name="the next")
        opened.post("here I am again")

    port.add_disconnect_listener("again", again)
    play.settle()
    heard.port.disconnect()
    play.settle()

    next_one = heard.nth(2)
    play.expect(all_of(next_one.has_name("the next"), next_one.received("here I am again")))
    play.expect(in_order(next_one.opened_event(), next_one.event("onMessage")))
