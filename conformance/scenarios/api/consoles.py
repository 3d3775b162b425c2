"""What the browser's console shows, and the other name of runtime.lastError. Claims LE4, LE5, NM13.

Firefox has one console of its own; in Chromium an extension's errors are shown in a list of that extension.
"""

from portolan import (
    Play,
    all_of,
    scenario,
    variant,
)


@scenario(claims=["LE4"])
def an_error_that_a_callback_does_not_read(play: Play) -> None:
    """A message to nobody, with a callback that does not look at runtime.lastError: the console shows the error."""
    play.background()
    page = play.extension_page()
    asked = page.send_message("is anybody there?", callback="unread")
    play.settle()
    console = play.read_console("lastError.*Receiving end does not exist", of=page)

    play.expect(asked.callback_saw("value", "nothing"), because="the callback was called, as for an error")
    play.expect(console.showed(), claims="LE4")


@scenario(claims=["LE4"])
def an_error_that_a_callback_reads(play: Play) -> None:
    """The same with a callback that does look at it: the console shows nothing."""
    play.background()
    page = play.extension_page()
    asked = page.send_message("is anybody there?", callback=True)
    play.settle()
    console = play.read_console("lastError", of=page)

    play.expect(asked.callback_saw("last_error", "error"), because="only an error can be shown")
    play.expect(console.showed_nothing(), claims="LE4")


@scenario(claims=["LE5"])
def the_other_name_of_last_error(play: Play) -> None:
    """In the callback of a message to nobody: extension.lastError beside runtime.lastError."""
    play.background()
    page = play.extension_page()
    asked = page.send_message("is anybody there?", callback="both")
    play.settle()

    play.expect(asked.callback_saw("last_error", "error"), because="only an error has a name")
    play.expect_one_of(
        "extension.lastError",
        variant("the-same-object", asked.extension_error("same", wanted=True), claims="LE5"),
        variant(
            "another-object",
            all_of(asked.extension_error("same", wanted=False), asked.extension_error("error", "error")),
        ),
        variant("does-not-exist", asked.extension_error("error", "nothing")),
    )


@scenario(claims=["NM13"])
def what_a_native_application_writes_to_its_standard_error(play: Play) -> None:
    """A line on an application's standard error: in the console, or where the browser's own standard error goes."""
    background, application = play.background(), play.application()
    background.connect_native(application)
    play.settle()
    application.write_to_stderr("a line of its own")
    play.settle()
    console = play.read_console("a line of its own", of=application)

    play.expect_one_of(
        "the standard error of an application",
        variant("is-shown-in-the-console", console.showed(), claims="NM13"),
        variant(
            "is-the-browsers-own",
            all_of(application.shared_stderr(), console.showed_nothing()),
            title="is the browser's own",
        ),
    )
