"""The lifetime of a port that was handed to several receivers: Firefox bug 1465514, claims P68 to P76."""

from portolan import (
    Call,
    ConnectListener,
    OpenedPort,
    Play,
    ReceivedPort,
    StepRef,
    all_of,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import AllOf

BUG = "https://bugzilla.mozilla.org/show_bug.cgi?id=1465514"
QUESTION = "anyone there?"


def lives(port: OpenedPort, asked: Call, survivor: ReceivedPort) -> AllOf:
    """The port outlives the receiver that left: the opener hears nothing, and the other receiver is still reached."""
    return all_of(port.stayed_open(), asked.returned(), survivor.received(QUESTION), survivor.stayed_open())


def dies(port: OpenedPort, asked: Call, survivor: ReceivedPort, left: StepRef) -> AllOf:
    """The port ends with the first receiver: for the opener, and for the receiver that is still there."""
    return all_of(
        port.disconnected(error=None, after=left),
        asked.threw("disconnected port"),
        survivor.received(),
        survivor.disconnected(error=None, after=left),
    )


def lifetime(play: Play, port: OpenedPort, asked: Call, survivor: ReceivedPort, left: StepRef) -> None:
    """The open point of bug 1465514."""
    play.expect_one_of(
        "lifetime of a port with several receivers",
        variant("lives-until-all-receivers-unload", lives(port, asked, survivor), claims=["P71", "P75"]),
        variant("dies-with-the-first-receiver", dies(port, asked, survivor, left), claims=["P73", "P74", "P75"]),
    )


@scenario(claims=["P70", "P71", "P73", "P74", "P75"], bug=BUG)
def one_of_two_receiving_frames_is_removed(play: Play) -> None:
    """A port handed to two frames of one tab, one of which goes away."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    heard_first, heard_second = first.listen(), second.listen()
    port = background.connect_tab(page)
    play.settle()

    removal = first.remove()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(all_of(heard_first.fired(), heard_second.fired()), claims="P70")
    lifetime(play, port, asked, heard_second.port, removal)


@scenario(claims=["P71", "P73", "P74", "P75"], bug=BUG)
def one_of_two_receiving_frames_of_another_site_is_removed(play: Play) -> None:
    """The same with a frame that lives in a process of its own."""
    background, page = play.background(), play.page(frames=["cross-site", "same-site"])
    first, second = page.frames
    first.listen()
    heard = second.listen()
    port = background.connect_tab(page)
    play.settle()

    removal = first.remove()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    lifetime(play, port, asked, heard.port, removal)


@scenario(claims=["P71", "P73", "P74", "P75"], bug=BUG)
def one_of_two_receiving_frames_is_navigated(play: Play) -> None:
    """A port handed to two frames of one tab, one of which loads another document."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    first.listen()
    heard = second.listen()
    port = background.connect_tab(page)
    play.settle()

    first.navigate()
    play.settle()
    navigation = play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect_one_of(
        "lifetime of a port with several receivers",
        variant("lives-until-all-receivers-unload", lives(port, asked, heard.port), claims=["P71", "P75"]),
        variant(
            "dies-with-the-first-receiver",
            all_of(
                port.disconnected(error=None, before=navigation),
                asked.threw("disconnected port"),
                heard.port.disconnected(error=None),
            ),
            claims=["P73", "P74", "P75"],
        ),
    )


@scenario(claims=["P69", "P71", "P73", "P74", "P75"], bug=BUG)
def one_of_two_receiving_extension_pages_is_closed(play: Play) -> None:
    """A port made by runtime.connect, handed to the background and to an extension page, which is closed."""
    background, options, page = play.background(), play.extension_page(), play.page()
    heard, leaving = background.listen(), options.listen()
    port = page.connect()
    play.settle()

    closing = options.close()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(all_of(heard.fired(), leaving.fired()), claims="P69")
    lifetime(play, port, asked, heard.port, closing)


@scenario(claims=["P69", "P71", "P73", "P74", "P75"], bug=BUG)
def one_of_two_receiving_frames_of_an_extension_page_is_removed(play: Play) -> None:
    """A port made by runtime.connect, handed to two frames of an extension page, one of which goes away."""
    background, page = play.background(), play.extension_page(frames=2)
    first, second = page.frames
    leaving, heard = first.listen(), second.listen()
    port = background.connect()
    play.settle()

    removal = first.remove()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(all_of(leaving.fired(), heard.fired()), claims="P69")
    lifetime(play, port, asked, heard.port, removal)


@scenario(claims=["P72", "P75"], bug=BUG)
def all_receiving_frames_are_removed(play: Play) -> None:
    """A port handed to two frames of one tab, which both go away: it is disconnected, once, without an error."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    first.listen()
    second.listen()
    port = background.connect_tab(page)
    play.settle()

    first.remove()
    play.settle()
    second.remove()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(port.disconnected(error=None), claims=["P72", "P75"])
    play.expect(asked.threw("disconnected port"), claims="P72")


@scenario(claims=["P72", "P75"], bug=BUG)
def all_receiving_extension_pages_are_closed(play: Play) -> None:
    """A port made by runtime.connect and handed to two extension pages, which are both closed."""
    background, one, two = play.background(), play.extension_page("one"), play.extension_page("two")
    one.listen()
    two.listen()
    port = background.connect()
    play.settle()
    one.close()
    play.settle()
    two.close()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(port.disconnected(error=None), claims=["P72", "P75"])
    play.expect(asked.threw("disconnected port"), claims="P72")


@scenario(claims=["P76"], bug=BUG)
def a_frame_without_a_listener_is_removed(play: Play) -> None:
    """Only frames that received the port count: another one goes away, and nothing changes."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    heard = second.listen()
    port = background.connect_tab(page)
    play.settle()

    first.remove()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(all_of(port.stayed_open(), asked.returned(), heard.port.received(QUESTION)), claims="P76")


@scenario(claims=["P76"], bug=BUG)
def an_extension_page_without_a_listener_is_closed(play: Play) -> None:
    """A port made by runtime.connect outlives extension pages that did not listen."""
    background, silent, listening = play.background(), play.extension_page("silent"), play.extension_page("listening")
    heard = listening.listen()
    port = background.connect()
    play.settle()

    silent.close()
    play.settle()
    asked = port.post(QUESTION)
    play.settle()

    play.expect(all_of(port.stayed_open(), asked.returned(), heard.port.received(QUESTION)), claims="P76")


def one_disconnects(play: Play, port: OpenedPort, leaving: ConnectListener, staying: ConnectListener) -> None:
    """One of two receivers calls disconnect(); the other one posts."""
    called = leaving.port.disconnect()
    play.settle()
    asked = staying.port.post("still here")
    play.settle()

    play.expect(port.disconnected(error=None, after=called), claims="P35")
    play.expect(port.received())
    play.expect_one_of(
        "what the other receiver hears of it",
        variant(
            "sees-the-end",
            all_of(staying.port.disconnected(error=None, after=called), asked.threw("disconnected port")),
            title="its onDisconnect fires",
        ),
        variant(
            "sees-nothing-and-posts-in-vain",
            all_of(staying.port.stayed_open(), asked.returned()),
            title="it sees nothing, and what it posts is lost",
        ),
    )


@scenario(claims=["P35"], bug=BUG)
def one_of_two_receivers_disconnects(play: Play) -> None:
    """One of two receiving frames calls disconnect(): the opener hears it; what becomes of the other one differs."""
    background, page = play.background(), play.page(frames=2)
    leaving, staying = (frame.listen() for frame in page.frames)
    port = background.connect_tab(page)
    play.settle()
    one_disconnects(play, port, leaving, staying)


@scenario(claims=["P35"], bug=BUG)
def one_of_two_receiving_extension_pages_disconnects(play: Play) -> None:
    """The same with a port made by runtime.connect: an extension page calls disconnect(), the background stays."""
    background, options, page = play.background(), play.extension_page(), play.page()
    staying, leaving = background.listen(), options.listen()
    port = page.connect()
    play.settle()
    one_disconnects(play, port, leaving, staying)


@scenario(claims=["P68"])
def the_opener_of_a_broadcast_disconnects(play: Play) -> None:
    """The opener calls disconnect(): every receiver hears it."""
    background, page = play.background(), play.page(frames=["same-site", "cross-site"])
    heard = [frame.listen() for frame in page.frames]
    port = background.connect_tab(page)
    play.settle()
    called = port.disconnect()
    play.settle()

    play.expect(all_of(*(listening.port.disconnected(error=None, after=called) for listening in heard)), claims="P68")
