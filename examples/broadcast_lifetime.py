"""Where browsers differ: a port with two receivers, one of which goes away (Firefox bug 1465514).

A scenario does not have to take sides. An *open point* has several variants, and exactly one of them must be seen.
"""

from portolan import Play, all_of, scenario, variant


@scenario(bug="https://bugzilla.mozilla.org/show_bug.cgi?id=1465514")
def one_of_two_frames_is_removed(play: Play) -> None:
    """A port to two frames of one tab, one of which is removed."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    first_listener, second_listener = first.listen(), second.listen()

    # tabs.connect() reaches every frame of the tab: one port, two receivers.
    port = background.connect_tab(page)
    play.settle()

    # What a step returns can be used as `after` and `before` in checks.
    removal = first.remove()
    play.settle()
    port.post("is anybody there?")
    play.settle()

    play.expect(all_of(first_listener.fired(), second_listener.fired()), because="both frames receive the port")
    play.expect_one_of(
        "the port after one of its two receivers is gone",
        variant(
            "lives-on",
            all_of(port.stayed_open(), second_listener.port.received("is anybody there?")),
            title="it lives until all receivers are gone",
        ),
        variant(
            "dies-with-the-first",
            port.disconnected(error=None, after=removal),
            title="it dies with the first receiver",
        ),
    )
