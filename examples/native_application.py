"""A native application: it answers, and then it exits while its port is open."""

from portolan import Play, scenario


@scenario
def a_native_application_answers_and_exits(play: Play) -> None:
    """A native application sends each message back; then it exits, and its port ends."""
    background = play.background()

    # Portolan installs the application's manifest in the profile of the test browser. Your own is never touched.
    application = play.application(echo=True)
    port = background.connect_native(application)
    port.post({"question": "are you there?"})
    play.settle()

    leaving = application.exit(0)
    play.settle()

    play.expect(application.started())
    play.expect(application.received({"question": "are you there?"}))
    play.expect(port.received({"question": "are you there?"}), because="it sends each message back")
    play.expect(port.disconnected(after=leaving))
