"""What the browser's console shows, and the other name of runtime.lastError. Claims LE4, LE5, NM13.

Firefox has one console of its own; in Chromium an extension's errors are shown in a list of that extension.
"""

from portolan.conformance.checks.checks import all_of
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.scenario import scenario


@scenario(claims=["LE4"])
def an_error_that_a_callback_does_not_read(play: Play) -> None:
    """A message to nobody, with a callback that does not look at runtime.lastError: the console shows the error."""
    play.background()
    page = play.extension_page()
    asked = page.asks("is anybody there?", callback="unread")
    play.settle()
    console = play.console("lastError.*Receiving end does not exist", of=page)

    play.expect(asked.left("value", "nothing"), because="the callback was called, as for an error")
    play.expect(console.shows(), says="LE4")


@scenario(claims=["LE4"])
def an_error_that_a_callback_reads(play: Play) -> None:
    """The same with a callback that does look at it: the console shows nothing."""
    play.background()
    page = play.extension_page()
    asked = page.asks("is anybody there?", callback=True)
    play.settle()
    console = play.console("lastError", of=page)

    play.expect(asked.left("last_error", "error"), because="only an error can be shown")
    play.expect(console.silent(), says="LE4")


@scenario(claims=["LE5"])
def the_other_name_of_last_error(play: Play) -> None:
    """In the callback of a message to nobody: extension.lastError beside runtime.lastError."""
    play.background()
    page = play.extension_page()
    asked = page.asks("is anybody there?", callback="both")
    play.settle()

    play.expect(asked.left("last_error", "error"), because="only an error has a name")
    play.expect_one_of(
        "extension.lastError",
        variant("the same object", asked.noted("same", wanted=True), says="LE5"),
        variant("another object", all_of(asked.noted("same", wanted=False), asked.noted("error", "error"))),
        variant("is not there", asked.noted("error", "nothing")),
    )


@scenario(claims=["NM13"])
def what_a_native_application_writes_to_its_standard_error(play: Play) -> None:
    """A line on an application's standard error: in the console, or where the browser's own standard error goes."""
    background, application = play.background(), play.application()
    background.connect_native(application)
    play.settle()
    application.writes_to_stderr("a line of its own")
    play.settle()
    console = play.console("a line of its own", of=application)

    play.expect_one_of(
        "the standard error of an application",
        variant("is shown in the console", console.shows(), says="NM13"),
        variant("is the browser's own", all_of(application.shares_stderr(), console.silent())),
    )
