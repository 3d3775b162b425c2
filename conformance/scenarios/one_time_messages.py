"""One-time messages, which the documentation sets beside ports. Claims SN1 to SN5, SM1, LE1, LE2."""

from conformance.core.checks import Pattern, Times, all_of
from conformance.core.play import Play, variant
from conformance.core.scenario import scenario


@scenario(claims=["SN1", "SN2", "SN3", "SN4"])
def native_messages_are_answered_one_by_one(play: Play) -> None:
    """sendNativeMessage() twice: a process each, which answers and is ended; onMessage hears nothing of it.

    The messages are objects, as Chromium takes no others here.
    """
    background, application = play.background(), play.application(echo=True)
    page = play.extension_page()
    heard = page.hears_messages()
    first = background.asks_native(application, {"ping": 1})
    play.settle()
    second = background.asks_native(application, {"ping": 2})
    play.settle()

    play.expect(application.started(2), says="SN1")
    play.expect(all_of(first.answered({"ping": 1}), second.answered({"ping": 2})), says="SN2")
    play.expect(Times(Pattern("note", "ended", actor=application.name), 2, 2), says="SN3")
    play.expect(heard.received(), says="SN4")


@scenario(claims=["SN5"])
def a_native_message_to_an_application_that_is_unknown(play: Play) -> None:
    """sendNativeMessage() to nobody: the promise is rejected."""
    background, application = play.background(), play.application(manifest="missing")
    asked = background.asks_native(application, {"ping": 1})
    play.settle()

    play.expect(asked.rejected(), says="SN5")
    play.expect(application.started(0))


@scenario(claims=["SM1"])
def one_message_to_every_page(play: Play) -> None:
    """sendMessage() from an extension page reaches the background and another page, and not the page itself."""
    background, page, other = play.background(), play.extension_page(), play.extension_page("other")
    heard, reached, own = background.hears_messages(), other.hears_messages(), page.hears_messages()
    page.asks("to all of you")
    play.settle()

    play.expect(all_of(heard.received("to all of you"), reached.received("to all of you")), says="SM1")
    play.expect(own.received(), says="SM1")


@scenario(claims=["LE1", "LE2"])
def what_last_error_is_in_a_callback(play: Play) -> None:
    """A message to nobody, with a callback: runtime.lastError is an Error, or a plain object; it has a message."""
    play.background()
    page = play.extension_page()
    asked = page.asks("is anybody there?", callback=True)
    play.settle()

    play.expect(asked.left("last_error.message", "string"), says=["LE1", "LE2"])
    play.expect_one_of(
        "the kind of runtime.lastError",
        variant("an Error", asked.left("last_error", "Error"), says="LE2"),
        variant("a plain object", asked.left("last_error", "object")),
    )
