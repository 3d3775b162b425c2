"""Content scripts and the background: the documentation's first example, claims C1 to C29, P31 to P39 and CS6."""

from portolan.conformance.checks.checks import Pattern, all_of, in_order
from portolan.conformance.language.play import Play
from portolan.conformance.language.scenario import scenario

HELLO = {"greeting": "hello from content script"}
HI = {"greeting": "hi there content script!"}


@scenario(claims=["C1", "C5", "C9", "C12", "C13", "C26", "P31", "P32", "P39", "OC1", "CS2"])
def content_script_connects_to_the_background(play: Play) -> None:
    """A content script opens a port, and the background gets its other end."""
    background, page = play.background(), play.page()
    heard, foreign = background.listens(), background.listens("onConnectExternal")
    port = page.connect()
    port.post(HELLO)
    play.settle()

    play.expect(all_of(port.call().returned(), port.has("name", "string")), says=["C12", "C13"])
    play.expect(heard.fired(), says=["C1", "C5", "P31", "P32", "P39", "OC1", "CS2"])
    play.expect(foreign.silent(), says="C9")
    play.expect(heard.port.received(HELLO), says="C26")


@scenario(claims=["C22", "C23", "C24", "C25", "P77", "OC4"])
def messages_posted_before_anybody_listens(play: Play) -> None:
    """Both sides post first and add their listeners afterwards, in the same turn, as the documentation's example does."""
    background, page = play.background(), play.page()
    heard = background.listens(record=False, then=lambda port: (port.post(HI), port.on_message("late")))
    with page.one_turn():
        port = page.connect(name="port-from-cs", record=False)
        port.post(HELLO)
        late = port.on_message("late")
    play.settle()

    play.expect(heard.port.heard_by(f"{heard.port.name}.onMessage.late", HELLO), says=["C22", "C25", "P77", "OC4"])
    play.expect(port.heard_by(late, HI), says=["C23", "C24", "P77", "OC4"])


@scenario(claims=["C20", "C27", "C28", "P33", "P57", "P58", "P77", "OC4"])
def a_port_carries_messages_both_ways_for_as_long_as_it_is_open(play: Play) -> None:
    """Messages of both ends, in later turns, over the same two ports."""
    background, page = play.background(), play.page()
    heard = background.listens()
    port = page.connect()
    play.settle()
    port.post("they clicked the page!")
    heard.port.post("they clicked the button!")
    play.settle()
    port.post("again")
    heard.port.post("and again")
    play.settle()

    play.expect(heard.port.received("they clicked the page!", "again"), says=["C20", "C27", "P33", "P58", "P77", "OC4"])
    play.expect(
        port.received("they clicked the button!", "and again"),
        says=["C20", "C27", "C28", "P33", "P57", "P58", "P77", "OC4"],
    )
    play.expect(port.open())


@scenario(claims=["C29"])
def a_second_content_script_connects(play: Play) -> None:
    """Two content scripts connect one after the other: the first port stays open."""
    background, one, two = play.background(), play.page("one"), play.page("two")
    heard = background.listens()
    first = one.connect(name="first")
    play.settle()
    second = two.connect(name="second")
    play.settle()
    heard.nth(1).post("to the first")
    heard.nth(2).post("to the second")
    play.settle()

    play.expect(all_of(first.received("to the first"), second.received("to the second"), first.open()), says="C29")


@scenario(claims=["P61", "P57"])
def two_listeners_on_one_port(play: Play) -> None:
    """One message reaches every listener of the other end, in the order of registration, and none of the poster's own."""
    background, page = play.background(), play.page()
    heard = background.listens(then=lambda port: port.on_message("second"))
    port = page.connect()
    port.post("to both")
    play.settle()

    there = heard.port
    second = f"{there.name}.onMessage.second"
    play.expect(all_of(there.received("to both"), there.heard_by(second, "to both")), says="P61")
    play.expect(in_order(there.fired("onMessage"), Pattern("fire", "onMessage", listener=second)))
    play.expect(port.received(), says="P57")


@scenario(claims=["P60", "CI3"])
def values_that_every_browser_can_send(play: Play) -> None:
    """JSON's own values arrive as they were."""
    background, page = play.background(), play.page()
    heard = background.listens()
    sent = ["", "ä€😀", 0, -1.5, 9007199254740991, True, False, None, [1, [2, []]], {"a": {"b": {}}, "": "empty key"}]
    port = page.connect()
    for value in sent:
        port.post(value)
    play.settle()

    play.expect(heard.port.received(*sent), says=["P60", "CI3"])


@scenario(claims=["CS3"])
def messages_arrive_in_the_order_in_which_they_were_posted(play: Play) -> None:
    """Two hundred messages in one turn, answered one by one."""
    background, page = play.background(), play.page()
    heard = background.listens(then=lambda port: port.echoes())
    with page.one_turn():
        port = page.connect()
        for number in range(200):
            port.post(number)
    play.settle()

    play.expect(heard.port.received(*range(200)), because="a port is a channel; nobody promises the order outright")
    play.expect(port.received(*range(200)), says="CS3")


@scenario()
def a_message_posted_in_the_turn_of_disconnect(play: Play) -> None:
    """What was posted before disconnect() arrives, and arrives first."""
    background, page = play.background(), play.page()
    heard = background.listens()
    port = page.connect()
    play.settle()
    with page.one_turn():
        port.post("last words")
        port.disconnect()
    play.settle()

    play.expect(heard.port.received("last words"))
    play.expect(heard.port.disconnected(error=None))
    play.expect(in_order(heard.arrives(), heard.port.fired("onMessage"), heard.port.disconnects()))


@scenario(claims=["CS6"])
def two_content_scripts_in_one_frame(play: Play) -> None:
    """They share one global, and are one receiver: of one port, which one of them disconnects for both."""
    background, page = play.background(), play.page()
    second = page.second_script
    page.sets_global("greeting", "hello")
    second.reads_global("greeting")
    heard, also_heard = page.listens(), second.listens()
    port = background.connect_tab(page)
    play.settle()
    also_heard.port.disconnect()
    play.settle()

    play.expect(second.has_global("greeting", "same", "hello"), says="CS6")
    play.expect(all_of(heard.fired(), also_heard.fired()), says="CS6")
    play.expect(port.disconnected(error=None), says="CS6")
    play.expect(heard.port.open(), says="CS6", because="the end that disconnects is told nothing, and it is one end")
