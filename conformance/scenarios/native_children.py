"""The child processes of native applications, after the end of their application: claims CI6 and NM11.

In every play there is one more application, which outstays its port. When the browser has ended it, the time that the browser
gives to applications is over, by the browser's own clock; what it does to the children of the one before it has done by then.

The page that claim CI6 is from explains it by Windows' job objects. What breaking away is on Linux, where this is played, is said by
the page of claim NM11: to leave the process group. That one is of signals, and so of an application that has to be ended.
"""

from conformance.core.play import Play, variant
from conformance.core.ports import Done
from conformance.core.processes import Application, Child
from conformance.core.scenario import scenario


def with_children(application: Application) -> tuple[Child, Child]:
    """One child in its application's process group, and one that has broken away from it."""
    return application.starts_child(), application.starts_child("broken_away", breaks_away=True)


def asked(play: Play, children: tuple[Child, Child]) -> Done:
    """Both are asked whether they are alive."""
    first, _ = (child.is_asked() for child in children)
    play.settle()
    return first


def fate(play: Play, children: tuple[Child, Child], asking: Done, claims: list[str]) -> None:
    """Whether the one is ended with its application; the other is not."""
    child, broken_away = children
    play.expect_one_of(
        "a child in the process group of an application that has ended",
        variant("is ended", child.ended(), says=claims),
        variant("lives on", child.lives_on(after=asking)),
    )
    play.expect(broken_away.lives_on(after=asking), says=claims)


@scenario(claims=["CI6"])
def a_native_application_exits_and_leaves_children(play: Play) -> None:
    """The extension disconnects, and the application ends by itself: its children end with it, or live on."""
    background, application, slow = play.background(), play.application(), play.application("slow", outstays=True)
    port, other = background.connect_native(application), background.connect_native(slow)
    play.settle()
    children = with_children(application)
    play.settle()
    with background.one_turn():
        port.disconnect()
        other.disconnect()
    play.settle()

    fate(play, children, asked(play, children), ["CI6"])


@scenario(claims=["CI6", "NM11"])
def a_native_application_is_ended_and_leaves_children(play: Play) -> None:
    """The extension disconnects, and the browser has to end the application: its children end with it, or live on."""
    background, application = play.background(), play.application(outstays=True)
    slow = play.application("slow", outstays=True)
    port, other = background.connect_native(application), background.connect_native(slow)
    play.settle()
    children = with_children(application)
    play.settle()
    port.disconnect()
    play.settle()
    other.disconnect()
    play.settle()

    fate(play, children, asked(play, children), ["CI6", "NM11"])


@scenario(claims=["CI6"])
def a_native_application_crashes_and_leaves_children(play: Play) -> None:
    """The application is killed, and with it the connection ends: its children end with it, or live on."""
    background, application, slow = play.background(), play.application(), play.application("slow", outstays=True)
    port, other = background.connect_native(application), background.connect_native(slow)
    play.settle()
    children = with_children(application)
    play.settle()
    end = application.crashes()
    play.settle()
    other.disconnect()
    play.settle()

    play.expect(port.disconnected(after=end))
    fate(play, children, asked(play, children), ["CI6"])
