"""A thousand ports, two hundred frames, and listeners that come and go while ports are opened: what breaks, and what recovers."""

from portolan import (
    Pattern,
    Play,
    all_of,
    scenario,
)
from portolan.conformance.checks.checks import Times

PORTS, FRAMES, ROUND = 1000, 200, 50


@scenario(claims=["P36"])
def a_thousand_ports_are_open_at_once(play: Play) -> None:
    """A content script opens a thousand ports in one turn: each carries a message there and back, and ends with the page."""
    background, page = play.background(), play.page()
    welcome = background.accept_many()
    many = page.connect_many(PORTS)
    play.settle()
    here, there = (each.counted(ports=PORTS, heard=PORTS, ended=0) for each in (many, welcome))
    port = page.connect(name="one more")
    port.post("and one more")
    play.settle()
    page.close()
    play.settle()
    over = welcome.counted(ports=PORTS + 1, heard=PORTS + 1, ended=PORTS + 1)
    play.settle()

    play.expect(all_of(here, there))
    play.expect(all_of(port.received("and one more"), port.stayed_open()), because="nothing is exhausted")
    play.expect(over, claims="P36")


@scenario(claims=["P70"])
def two_hundred_frames_receive_one_port(play: Play) -> None:
    """One port for two hundred listening frames of a tab: each is given an end, and each is heard."""
    background, page = play.background(), play.page(frames=FRAMES)
    for frame in page.frames:
        frame.listen(then=lambda port: port.post("here"))
    play.settle()
    port = background.connect_tab(page)
    play.settle()

    play.expect(Times(Pattern("fire", "runtime.onConnect"), FRAMES, FRAMES), claims="P70")
    play.expect(all_of(port.received_count(FRAMES), port.stayed_open()))


@scenario()
def ports_are_opened_while_listeners_reload(play: Play) -> None:
    """The background opens fifty ports to a frame, which is navigated at once, three times over: then all goes on as ever."""
    background, page = play.background(), play.page(frames=1)
    (frame,) = page.frames
    for turn in range(3):
        frame.accept_many()
        background.connect_many(ROUND, page)
        frame = frame.navigate(f"next_{turn}")
    play.settle()
    welcome = frame.accept_many()
    play.settle()
    many = background.connect_many(ROUND, page)
    play.settle()

    play.expect(many.counted(ports=ROUND, heard=ROUND, ended=0))
    play.expect(welcome.counted(ports=ROUND, heard=ROUND, ended=0))
