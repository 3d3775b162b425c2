"""A first scenario: a content script says hello to the background.

Play it with:  portolan run examples/hello.py --fake     (without a browser, in a second)
               portolan run examples/hello.py            (in real browsers)
"""

from portolan import Play, scenario


@scenario
def a_content_script_says_hello(play: Play) -> None:
    """A content script connects to the background, and says hello."""
    # Ask the play for actors. The content script runs in the page, so the page stands for it.
    background, page = play.background(), play.page()

    # Let the actors act. Nothing happens yet: these lines write the steps of the play.
    listener = background.listen()
    port = page.connect(name="greeter")
    port.post("hello")

    # Wait until everything that was set in motion has arrived.
    play.settle()

    # Say what must hold. A check looks at the recording, after the play.
    play.expect(listener.fired())
    play.expect(listener.port.has_name("greeter"))
    play.expect(listener.port.received("hello"))
    play.expect(port.stayed_open(), because="nobody has disconnected it")
