"""What the errors say of a native application that is not started, one cause each. Claim NM14.

There are two errors: the one that the port ends with, and the one in the browser's console, for the developer.
"""

from collections.abc import Callable

from portolan import (
    Play,
    all_of,
    exactly_once,
    generated,
    never,
    variant,
)
from portolan.conformance.trace.steps import NativeManifest

CAUSES: dict[NativeManifest, tuple[str, str]] = {
    "missing": ("that_is_missing", "no such native application|host not found"),
    "typeless": ("with_an_invalid_manifest", "invalid|not valid|type must be"),
    "fileless": ("whose_file_is_missing", "does not exist|no such file|failed to start"),
    "unrunnable": ("whose_file_cannot_be_run", "not executable|cannot be executed|failed to start"),
    "forbidden": ("that_does_not_permit_the_extension", "forbidden|permission"),
}
"""By what is wrong with an application: its place in a name, and what an error says that names this cause."""


def refused_because(manifest: NativeManifest, names_it: str) -> Callable[[Play], None]:
    """connectNative() is called for an application that cannot be started."""

    def play_it(play: Play) -> None:
        background, application = play.background(), play.application(manifest=manifest)
        port = background.connect_native(application)
        play.settle()
        console = play.read_console(names_it, of=background)

        said = port.event("onDisconnect", like=names_it)
        play.expect(port.disconnected(error="something"), because="only an error can name its cause")
        play.expect_one_of(
            "the cause",
            variant("named-in-port-error", exactly_once(said), claims="NM14", title="is named in the port's error"),
            variant(
                "named-in-the-console-only",
                all_of(never(said), console.showed()),
                claims="NM14",
                title="is named in the console only",
            ),
            variant("not-named", all_of(never(said), console.showed_nothing()), title="is not named"),
        )

    return play_it


for manifest, (which, names_it) in CAUSES.items():
    title = f"connectNative() is called for a native application {which.replace('_', ' ')}: where the cause is named."
    name = f"the_error_for_a_native_application_{which}"
    generated(globals(), name, title, refused_because(manifest, names_it), claims=["NM14"])
