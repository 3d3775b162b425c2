"""Looking without judging: an observation has no checks.

It is played and recorded, and its verdict is `recorded`. Look at it with `portolan show`; `portolan compare` and `portolan diff`
compare browsers by what was recorded. Once you know what you want to require, add checks and remove the mark.
"""

from portolan import Play, scenario


@scenario(observation=True)
def what_a_port_looks_like_in_each_context(play: Play) -> None:
    """The properties of a port, as its opener and its receiver see them."""
    background, page = play.background(), play.page()

    # `then` is a function of the port: what it writes is done inside the listener, in the same turn.
    background.listen(then=lambda port: port.describe())
    port = page.connect(name="look at me")
    port.describe()
    port.describe("onMessage")
    play.settle()
