"""The life of a background: an event page or a service worker is stopped, and a connection starts it again."""

from portolan import Play, scenario


@scenario
def a_stopped_background_is_started_by_a_connection(play: Play) -> None:
    """The background is stopped; then a content script connects, which starts it again."""
    background, page = play.background(), play.page()

    # Not applicable where the background is a persistent page (Manifest V2): the verdict says so.
    background.require_stoppable()

    # A background's listeners are registered at its top level, in each of its incarnations.
    listener = background.listen()
    first = page.connect(name="before")
    play.settle()

    stop = background.stop()
    play.settle()

    second = page.connect(name="after")
    play.settle()

    play.expect(first.disconnected(after=stop), because="a stopped background cannot keep its ports")
    play.expect(listener.fired(1, after=stop), because="the connection starts the background")
    play.expect(background.acted_in(2), because="it is a new incarnation of the background")
    play.expect(second.stayed_open())
