"""The child processes of native applications, after the end of their application: claims CI6 and NM11.

In every play there is one more application, which outstays its port. When the browser has ended it, the time that the browser
gives to applications is over, by the browser's own clock; what it does to the children of the one before it has done by then.

The page that claim CI6 is from explains it by Windows' job objects. What breaking away is on Linux, where this is played, is said by
the page of claim NM11: to leave the process group. That one is of signals, and so of an application that has to be ended.
"""

from portolan import (
    Application,
    Background,
    Child,
    OpenedPort,
    Play,
    StepRef,
    scenario,
    variant,
)


def with_children(
    play: Play, background: Background, application: Application
) -> tuple[OpenedPort, OpenedPort, tuple[Child, Child]]:
    """Its port, that of the one which outstays its own, and its children: one in its process group, one broken away from it."""
    slow = play.application("slow", ignores_eof=True)
    port, other = background.connect_native(application), background.connect_native(slow)
    play.settle()
    children = application.start_child(), application.start_child("broken_away", breaks_away=True)
    play.settle()
    return port, other, children


def fate(play: Play, children: tuple[Child, Child], end: StepRef, claims: list[str]) -> None:
    """Both are asked whether they are alive: whether the one is ended with its application; the other is not."""
    child, broken_away = children
    asking, _ = (each.ask() for each in children)
    play.settle()

    play.expect_one_of(
        "a child in the process group of an application that has ended",
        variant("is-ended", child.ended(after=end), claims=claims),
        variant("lives-on", child.answered(after=asking)),
    )
    play.expect(broken_away.answered(after=asking), claims=claims)


@scenario(claims=["CI6"])
def a_native_application_exits_and_leaves_children(play: Play) -> None:
    """The extension disconnects, and the application ends by itself: its children end with it, or live on."""
    background, application = play.background(), play.application()
    port, other, children = with_children(play, background, application)
    with background.one_turn():
        end = port.disconnect()
        other.disconnect()
    play.settle()

    fate(play, children, end, ["CI6"])


@scenario(claims=["CI6", "NM11"])
def a_native_application_is_ended_and_leaves_children(play: Play) -> None:
    """The extension disconnects, and the browser has to end the application: its children end with it, or live on."""
    background, application = play.background(), play.application(ignores_eof=True)
    port, other, children = with_children(play, background, application)
    end = port.disconnect()
    play.settle()
    other.disconnect()
    play.settle()

    fate(play, children, end, ["CI6", "NM11"])


@scenario(claims=["CI6"])
def a_native_application_crashes_and_leaves_children(play: Play) -> None:
    """The application is killed, and with it the connection ends: its children end with it, or live on."""
    background, application = play.background(), play.application()
    port, other, children = with_children(play, background, application)
    end = application.crash()
    play.settle()
    other.disconnect()
    play.settle()

    fate(play, children, end, ["CI6"])
    play.expect(port.disconnected(after=end))
