"""The processes of native applications: how many there are, what they are told, and what ends them. Claims CN3, NM3 to NM10, NA2 to NA5."""

from portolan import (
    Application,
    Play,
    all_of,
    any_of,
    scenario,
    tag,
    variant,
)


@scenario(claims=["NM4"])
def two_ports_to_one_native_application(play: Play) -> None:
    """connectNative() is called twice with one name: one process, or two."""
    background, application = play.background(), play.application()
    first = background.connect_native(application)
    play.settle()
    second = background.connect_native(application)
    play.settle()

    play.expect(all_of(first.stayed_open(), second.call().returned()))
    play.expect_one_of(
        "the processes of two ports to one application",
        variant("one-for-each-port", application.started(2)),
        variant("one-for-both", application.started(1), claims="NM4"),
    )


@scenario(claims=["NM5", "NM6", "NA5"])
def what_a_native_application_is_started_with(play: Play) -> None:
    """The arguments of an application tell who called it: the manifest in the home folder and an id, or an origin."""
    background, application = play.background(), play.application()
    background.connect_native(application)
    play.settle()

    caller, nothing_more = tag("id-of", extension="subject"), application.argument(1, "absent")
    play.expect_one_of(
        "the arguments of a native application",
        variant(
            "manifest-path-and-extension-id",
            all_of(application.argument(0, "absolute path"), application.argument(1, wanted=caller)),
            claims=["NM5", "NA5"],
            title="its manifest's path and the extension's id",
        ),
        variant(
            "origin-with-slash",
            all_of(application.argument(0, "origin and slash"), nothing_more),
            title="the origin, with a slash",
        ),
        variant(
            "origin-without-slash",
            all_of(application.argument(0, "origin"), nothing_more),
            claims="NM6",
            title="the origin, without a slash",
        ),
    )


@scenario(claims=["CN3", "NM10"])
def an_extension_page_with_a_native_port_is_closed(play: Play) -> None:
    """The page that called connectNative() goes away: its application ends."""
    play.background()
    page, application = play.extension_page(), play.application()
    page.connect_native(application)
    play.settle()
    closing = page.close()
    play.settle()

    play.expect(application.started(), because="only what runs can end")
    play.expect(application.ended(after=closing), claims=["CN3", "NM10"])


@scenario(claims=["CN3"])
def a_background_with_a_native_port_is_stopped(play: Play) -> None:
    """The event page or service worker that called connectNative() is stopped by force: its application ends."""
    background, application = play.background(), play.application()
    background.require_stoppable()
    background.connect_native(application)
    play.settle()
    stop = background.stop()
    play.settle()

    play.expect(application.ended(after=stop), claims="CN3")


@scenario()
def an_idle_background_with_a_native_port(play: Play) -> None:
    """A background has a port to an application, and is idle for longer than another one without, which is stopped for it."""
    background, peer, application = play.background(), play.peer(), play.application()
    background.require_stoppable()
    port = background.connect_native(application)
    play.settle()
    peer.probe("runtime.connect")  # so the other one's idle time begins after this one's
    peer.wait_for_idle_stop()
    play.settle()

    play.expect(application.started(), because="only what runs can stay")
    play.expect_one_of(
        "an idle background with a native port",
        variant("stays", all_of(port.stayed_open(), application.kept_running())),
        variant(
            "is-stopped-and-its-application-ends", application.ended(), title="is stopped, and its application ends"
        ),
    )


@scenario(claims=["NM3"])
def a_content_script_calls_connect_native(play: Play) -> None:
    """connectNative() is not for content scripts: it is not there, or its port ends with an error; nothing is started."""
    play.background()
    page, application = play.page(), play.application()
    port = page.connect_native(application)
    play.settle()

    play.expect(any_of(port.call().threw(), port.disconnected(error="something")), claims="NM3")
    play.expect(application.started(0), claims="NM3")


def refused(play: Play, application: Application, claim: str) -> None:
    """connectNative() throws, or its port ends with an error; nothing is started."""
    port = play.background().connect_native(application)
    play.settle()

    play.expect(any_of(port.call().threw(), port.disconnected(error="something")), claims=claim)
    play.expect(application.started(0), claims=claim)


@scenario(claims=["NA2"])
def a_native_application_whose_name_is_not_well_formed(play: Play) -> None:
    """A manifest is there and permits the extension, but there is a hyphen in the name."""
    refused(play, play.application(manifest="misnamed"), "NA2")


@scenario(claims=["NA3"])
def a_native_application_whose_path_is_relative(play: Play) -> None:
    """The manifest names the application by its file's name only."""
    refused(play, play.application(manifest="relative"), "NA3")


@scenario(claims=["NA4"])
def a_native_application_of_an_unknown_type(play: Play) -> None:
    """The manifest's type is another than stdio."""
    refused(play, play.application(manifest="typeless"), "NA4")
