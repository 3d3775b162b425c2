"""The lifetime of a port that was handed to several receivers: Firefox bug 1465514, claims P68 to P76."""

from conformance.core.play import Play, variant
from conformance.core.handles import both
from conformance.core.scenario import scenario

BUG = "https://bugzilla.mozilla.org/show_bug.cgi?id=1465514"


@scenario(claims=["P71", "P73", "P75"], bug=BUG)
def one_of_two_receiving_frames_is_removed(play: Play) -> None:
    """A port handed to two frames of one tab, one of which goes away."""
    background, page = play.background(), play.page(frames=2)
    first, second = page.frames
    heard_first, heard_second = first.listens(), second.listens()
    port = background.connect_tab(page)
    play.settle()

    removal = first.remove()
    play.settle()
    asked = port.post("anyone there?")
    play.settle()

    play.expect(both(heard_first.fired(), heard_second.fired()))
    play.expect_one_of(
        "lifetime of a port with several receivers",
        variant(
            "lives until all receivers unload",
            both(port.open(), asked.returned(), heard_second.port.received("anyone there?")),
            says=["P71", "P75"],
        ),
        variant(
            "dies with the first receiver",
            both(port.disconnected(error=None, after=removal), heard_second.port.disconnected(error=None, after=removal), asked.threw()),
            says=["P73", "P75"],
        ),
    )
