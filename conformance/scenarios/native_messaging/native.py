"""Ports to native applications: claims P40, P44, P46, P62, P82 to P84, and every way such an application can end."""

from portolan import (
    Play,
    all_of,
    exactly_once,
    in_order,
    never,
    scenario,
    tag,
    variant,
)

MEBIBYTE = 1024 * 1024


@scenario(claims=["P37", "P40", "P62", "P82", "P83", "P84", "CN1", "CN2", "CN5", "NA1", "NM2"])
def a_native_application_answers(play: Play) -> None:
    """The documentation's ping-pong: a bare string there and back, more than once; no connect event anywhere."""
    background, application = play.background(), play.application()
    internal, external = background.listen(), background.listen("onConnectExternal")
    port = background.connect_native(application)
    port.post("ping")
    play.settle()
    application.post("pong")
    play.settle()
    port.post("ping")
    play.settle()
    application.post("pong")
    play.settle()

    play.expect(
        all_of(port.call().returned(), port.has("name", "string"), application.started()),
        claims=["P40", "P82", "CN1", "CN2", "NA1", "NM2"],
    )
    play.expect(all_of(internal.silent(), external.silent()), claims="P40")
    play.expect(application.received("ping", "ping"), claims=["P37", "P62", "P84", "CN5"])
    play.expect(port.received("pong", "pong"), claims=["P37", "P83", "P84", "CN5"])
    play.expect(port.stayed_open(), claims="P84")


@scenario(claims=["P44"])
def the_name_of_a_native_port(play: Play) -> None:
    """port.name of a native port: the application's name, or nothing."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()

    name = tag("host-of", application=application.name)
    play.expect_one_of(
        "the name of a native port",
        variant("the-applications-name", port.has("name", wanted=name), claims="P44", title="the application's name"),
        variant("the-empty-string", port.has_name("")),
    )


@scenario(claims=["P62", "P83", "NM7"])
def values_to_a_native_application_and_back(play: Play) -> None:
    """JSON's own values come back as they went, in order."""
    background, application = play.background(), play.application(echo=True)
    sent = ["text", "ä€😀", 0, -1.5, True, None, [1, [2]], {"a": {"b": {}}}]
    with background.one_turn():
        port = background.connect_native(application)
        for value in sent:
            port.post(value)
    play.settle()

    play.expect(application.received(*sent), claims=["P62", "NM7"])
    play.expect(port.received(*sent), claims=["P83", "NM7"])


@scenario(claims=["P46", "CN3", "NM10"])
def the_extension_disconnects_a_native_application(play: Play) -> None:
    """disconnect() ends the application's process."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    called = port.disconnect()
    play.settle()

    play.expect(application.ended(after=called), claims=["P46", "CN3", "NM10"])
    play.expect(port.stayed_open(), because="onDisconnect is for the other end")


@scenario(claims=["P46", "CN4", "NM11"])
def the_extension_disconnects_an_application_that_stays(play: Play) -> None:
    """disconnect() ends the process of an application that ignores the end of its input, too."""
    background, application = play.background(), play.application(ignores_eof=True)
    port = background.connect_native(application)
    play.settle()
    called = port.disconnect()
    play.settle()

    play.expect(application.ended(after=called), claims=["P46", "CN4"])
    eof, terminated = application.end_request_event("end-of-input"), application.end_request_event("SIGTERM")
    play.expect_one_of(
        "how an application is told to end",
        variant(
            "end-of-input-then-sigterm",
            in_order(eof, terminated),
            claims="NM11",
            title="by the end of its input, then by SIGTERM",
        ),
        variant(
            "end-of-input-then-sigkill",
            all_of(exactly_once(eof), never(terminated)),
            title="by the end of its input, then by SIGKILL",
        ),
    )


@scenario()
def a_native_application_exits(play: Play) -> None:
    """The application ends by itself: onDisconnect; whether that is an error differs."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    end = application.exit(0)
    play.settle()

    play.expect(port.disconnected(after=end))
    play.expect_one_of(
        "whether an application's end is an error",
        variant("an-error", port.disconnected(error="something")),
        variant("no-error", port.disconnected(error=None)),
    )


@scenario()
def a_native_application_crashes(play: Play) -> None:
    """The application is killed: onDisconnect; whether that is an error differs."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    port.post("are you well?")
    play.settle()
    end = application.crash()
    play.settle()

    play.expect(port.disconnected(after=end))
    play.expect_one_of(
        "whether an application's crash is an error",
        variant("an-error", port.disconnected(error="something")),
        variant("no-error", port.disconnected(error=None)),
    )


@scenario(claims=["P47", "NA1"])
def a_native_application_that_is_unknown(play: Play) -> None:
    """No manifest of that name: a port is returned, and disconnected with an error."""
    background, application = play.background(), play.application(manifest="missing")
    port = background.connect_native(application)
    play.settle()

    play.expect(port.call().returned())
    play.expect(port.disconnected(error="something"), claims="P47")
    play.expect(application.started(0), claims="NA1")


@scenario(claims=["P47", "NM2"])
def a_native_application_that_is_not_permitted(play: Play) -> None:
    """The application's manifest names other extensions only: disconnected with an error, and nothing is started."""
    background, application = play.background(), play.application(manifest="forbidden")
    port = background.connect_native(application)
    play.settle()

    play.expect(port.call().returned())
    play.expect(port.disconnected(error="something"), claims="P47")
    play.expect(application.started(0), claims="NM2")


@scenario()
def a_native_application_writes_garbage(play: Play) -> None:
    """A frame whose body is not JSON: the port ends, or the frame is ignored."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    written = application.write_garbage()
    play.settle()

    play.expect(port.received())
    play.expect_one_of(
        "a message that is not JSON",
        variant("ends-the-port-with-an-error", port.disconnected(error="something", after=written)),
        variant("ends-the-port-without-an-error", port.disconnected(error=None, after=written)),
        variant("is-ignored", port.stayed_open()),
    )


@scenario(claims=["P47", "NM8"])
def a_native_application_sends_too_much(play: Play) -> None:
    """One message of more than 1 MiB: the port ends with an error, and nothing of it arrives."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    written = application.post_of_size(MEBIBYTE + 1)
    play.settle()

    play.expect(port.disconnected(error="something", after=written), claims="P47")
    play.expect(port.received(), claims="NM8")


@scenario(claims=["NM8"])
def a_native_application_sends_just_enough(play: Play) -> None:
    """One message of exactly 1 MiB arrives."""
    background, application = play.background(), play.application()
    port = background.connect_native(application)
    play.settle()
    application.post_of_size(MEBIBYTE)
    play.settle()

    play.expect(port.received_count(1), claims="NM8")
    play.expect(port.stayed_open(), claims="NM8")
