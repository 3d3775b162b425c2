"""Content scripts and the background: the documentation's first example, claims C1 to C29, P31 to P39 and CS6."""

from portolan import (
    Pattern,
    Play,
    all_of,
    in_order,
    scenario,
)

HELLO = {"greeting": "hello from content script"}
HI = {"greeting": "hi there content script!"}


@scenario(claims=["C1", "C5", "C9", "C12", "C13", "C26", "P31", "P32", "P39", "OC1", "CS2"])
def content_script_connects_to_the_background(play: Play) -> None:
    """A content script opens a port, and the background gets its other end."""
    background, page = play.background(), play.page()
    heard, foreign = background.listen(), background.listen("onConnectExternal")
    port = page.connect()
    port.post(HELLO)
    play.settle()

    play.expect(all_of(port.call().returned(), port.has("name", "string")), claims=["C12", "C13"])
    play.expect(heard.fired(), claims=["C1", "C5", "P31", "P32", "P39", "OC1", "CS2"])
    play.expect(foreign.silent(), claims="C9")
    play.expect(heard.port.received(HELLO), claims="C26")


@scenario(claims=["C22", "C23", "C24", "C25", "P77", "OC4"])
def messages_posted_before_anybody_listens(play: Play) -> None:
    """Both sides post first and add their listeners afterwards, in the same turn, as the documentation's example does."""
    background, page = play.background(), play.page()
    heard = background.listen(record=False, then=lambda port: (port.post(HI), port.add_message_listener("late")))
    with page.one_turn():
        port = page.connect(name="port-from-cs", record=False)
        port.post(HELLO)
        late = port.add_message_listener("late")
    play.settle()

    play.expect(
        heard.port.listener_received(f"{heard.port.name}.onMessage.late", HELLO), claims=["C22", "C25", "P77", "OC4"]
    )
    play.expect(port.listener_received(late, HI), claims=["C23", "C24", "P77", "OC4"])


@scenario(claims=["C20", "C27", "C28", "P33", "P57", "P58", "P77", "OC4"])
def a_port_carries_messages_both_ways_for_as_long_as_it_is_open(play: Play) -> None:
    """Messages of both ends, in later turns, over the same two ports."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    port.post("they clicked the page!")
    heard.port.post("they clicked the button!")
    play.settle()
    port.post("again")
    heard.port.post("and again")
    play.settle()

    play.expect(
        heard.port.received("they clicked the page!", "again"), claims=["C20", "C27", "P33", "P58", "P77", "OC4"]
    )
    play.expect(
        port.received("they clicked the button!", "and again"),
        claims=["C20", "C27", "C28", "P33", "P57", "P58", "P77", "OC4"],
    )
    play.expect(port.stayed_open())


@scenario(claims=["C29"])
def a_second_content_script_connects(play: Play) -> None:
    """Two content scripts connect one after the other: the first port stays open."""
    background, one, two = play.background(), play.page("one"), play.page("two")
    heard = background.listen()
    first = one.connect(name="first")
    play.settle()
    second = two.connect(name="second")
    play.settle()
    heard.nth(1).post("to the first")
    heard.nth(2).post("to the second")
    play.settle()

    play.expect(
        all_of(first.received("to the first"), second.received("to the second"), first.stayed_open()), claims="C29"
    )


@scenario(claims=["P61", "P57"])
def two_listeners_on_one_port(play: Play) -> None:
    """One message reaches every listener of the other end, in the order of registration, and none of the poster's own."""
    background, page = play.background(), play.page()
    heard = background.listen(then=lambda port: port.add_message_listener("second"))
    port = page.connect()
    port.post("to both")
    play.settle()

    there = heard.port
    second = f"{there.name}.onMessage.second"
    play.expect(all_of(there.received("to both"), there.listener_received(second, "to both")), claims="P61")
    play.expect(in_order(there.event("onMessage"), Pattern("fire", "onMessage", listener=second)))
    play.expect(port.received(), claims="P57")


@scenario(claims=["P60", "CI3"])
def values_that_every_browser_can_send(play: Play) -> None:
    """JSON's own values arrive as they were."""
    background, page = play.background(), play.page()
    heard = background.listen()
    sent = ["", "ä€😀", 0, -1.5, 9007199254740991, True, False, None, [1, [2, []]], {"a": {"b": {}}, "": "empty key"}]
    port = page.connect()
    for value in sent:
        port.post(value)
    play.settle()

    play.expect(heard.port.received(*sent), claims=["P60", "CI3"])


@scenario(claims=["CS3"])
def messages_arrive_in_the_order_in_which_they_were_posted(play: Play) -> None:
    """Two hundred messages in one turn, answered one by one."""
    background, page = play.background(), play.page()
    heard = background.listen(then=lambda port: port.echo())
    with page.one_turn():
        port = page.connect()
        for number in range(200):
            port.post(number)
    play.settle()

    play.expect(heard.port.received(*range(200)), because="a port is a channel; nobody promises the order outright")
    play.expect(port.received(*range(200)), claims="CS3")


@scenario()
def a_message_posted_in_the_turn_of_disconnect(play: Play) -> None:
    """What was posted before disconnect() arrives, and arrives first."""
    background, page = play.background(), play.page()
    heard = background.listen()
    port = page.connect()
    play.settle()
    with page.one_turn():
        port.post("last words")
        port.disconnect()
    play.settle()

    play.expect(heard.port.received("last words"))
    play.expect(heard.port.disconnected(error=None))
    play.expect(in_order(heard.connect_event(), heard.port.event("onMessage"), heard.port.disconnect_event()))


@scenario(claims=["CS6"])
def two_content_scripts_in_one_frame(play: Play) -> None:
    """They share one global, and are one receiver: of one port, which one of them disconnects for both."""
    background, page = play.background(), play.page()
    second = page.second_script
    page.set_global("greeting", "hello")
    second.read_global("greeting")
    heard, also_heard = page.listen(), second.listen()
    port = background.connect_tab(page)
    play.settle()
    also_heard.port.disconnect()
    play.settle()

    play.expect(second.global_was("greeting", "same", "hello"), claims="CS6")
    play.expect(all_of(heard.fired(), also_heard.fired()), claims="CS6")
    play.expect(port.disconnected(error=None), claims="CS6")
    play.expect(
        heard.port.stayed_open(), claims="CS6", because="the end that disconnects is told nothing, and it is one end"
    )
