"""One-time messages, which the documentation sets beside ports. Claims SN1 to SN5, SM1 to SM3, LE1, LE2."""

from portolan import (
    MessageCall,
    MessageListener,
    Pattern,
    Play,
    all_of,
    id_of,
    scenario,
    variant,
)
from portolan.conformance.checks.checks import Times
from portolan.conformance.language.families import ONLY_IN_CHROMIUM, ONLY_IN_FIREFOX


@scenario(claims=["SN1", "SN2", "SN3", "SN4"])
def native_messages_are_answered_one_by_one(play: Play) -> None:
    """sendNativeMessage() twice: a process each, which answers and is ended; onMessage hears nothing of it.

    The messages are objects, as Chromium takes no others here.
    """
    background, application = play.background(), play.application(echo=True)
    page = play.extension_page()
    heard = page.listen_for_messages()
    first = background.send_native_message(application, {"ping": 1})
    play.settle()
    second = background.send_native_message(application, {"ping": 2})
    play.settle()

    play.expect(application.started(2), claims="SN1")
    play.expect(all_of(first.answered({"ping": 1}), second.answered({"ping": 2})), claims="SN2")
    play.expect(Times(Pattern("note", "ended", actor=application.name), 2, 2), claims="SN3")
    play.expect(heard.received(), claims="SN4")


@scenario(claims=["SN5"])
def a_native_message_to_an_application_that_is_unknown(play: Play) -> None:
    """sendNativeMessage() to nobody: the promise is rejected."""
    background, application = play.background(), play.application(manifest="missing")
    asked = background.send_native_message(application, {"ping": 1})
    play.settle()

    play.expect(asked.rejected(), claims="SN5")
    play.expect(application.started(0))


@scenario(claims=["SM1"])
def one_message_to_every_page(play: Play) -> None:
    """sendMessage() from an extension page reaches the background and another page, and not the page itself."""
    background, page, other = play.background(), play.extension_page(), play.extension_page("other")
    heard, reached, own = background.listen_for_messages(), other.listen_for_messages(), page.listen_for_messages()
    page.send_message("to all of you")
    play.settle()

    play.expect(all_of(heard.received("to all of you"), reached.received("to all of you")), claims="SM1")
    play.expect(own.received(), claims="SM1")


@scenario(claims=["LE1", "LE2"])
def what_last_error_is_in_a_callback(play: Play) -> None:
    """A message to nobody, with a callback: runtime.lastError is an Error, or a plain object; it has a message."""
    play.background()
    page = play.extension_page()
    asked = page.send_message("is anybody there?", callback=True)
    play.settle()

    play.expect(asked.callback_saw("last_error.message", "string"), claims=["LE1", "LE2"])
    play.expect_one_of(
        "the kind of runtime.lastError",
        variant("an-error", asked.callback_saw("last_error", "Error"), claims="LE2", title="an Error"),
        variant("a-plain-object", asked.callback_saw("last_error", "object")),
    )


@scenario(claims=["SM3"])
def send_message_with_two_arguments(play: Play) -> None:
    """Two arguments are an id and a message, or a message and options: which, is told by the second, or by the first.

    With a callback besides: older Chromium gives no promise in Manifest V2.
    """
    background, peer, page = play.background(), play.peer(), play.extension_page()
    heard = background.listen_for_messages(answer="inside")
    external = peer.listen_for_messages("onMessageExternal", answer="outside")
    asked: list[MessageCall] = []
    for first, second in (({"an": "object"}, {}), (id_of("peer"), "text"), ("text", {}), (id_of("peer"), {})):
        asked.append(page.send_message(first, second, callback=True))
        play.settle()

    both = [asked[0].answered("inside"), asked[1].answered("outside")]
    options = all_of(heard.received({"an": "object"}, "text", id_of("peer")), external.received("text"))
    id_first = all_of(heard.received({"an": "object"}), external.received("text", {}), asked[2].rejected())
    play.expect(all_of(*both), claims="SM3")
    play.expect_one_of(
        "text and an empty object",
        variant("are-a-message-and-options", options, claims="SM3"),
        variant("are-an-id-and-a-message", id_first),
    )


def with_a_tls_channel_id(play: Play, only_in: str, *, callback: bool = False) -> tuple[MessageListener, MessageCall]:
    """The other extension is sent a message without the option includeTlsChannelId, and one with it; what comes of that."""
    background, peer, page = play.background(), play.peer(), play.extension_page()
    play.require_api(background, only_in)
    heard = peer.listen_for_messages("onMessageExternal", answer="yes")
    page.send_message(id_of("peer"), "without the option", {}, callback=callback)
    play.settle()
    asked = page.send_message(id_of("peer"), "with it", {"includeTlsChannelId": True}, callback=callback)
    play.settle()

    return heard, asked


@scenario(claims=["SM2"])
def in_firefox_sendMessage_has_no_option_for_tls_channel_ids(play: Play) -> None:
    """sendMessage() with includeTlsChannelId is refused, as an option that there is not."""
    heard, asked = with_a_tls_channel_id(play, ONLY_IN_FIREFOX)

    play.expect(all_of(heard.received("without the option"), asked.rejected()), claims="SM2")


@scenario(claims=["SM2"])
def in_chromium_sendMessage_has_an_option_for_tls_channel_ids(play: Play) -> None:
    """sendMessage() with includeTlsChannelId sends the message as without it."""
    heard, asked = with_a_tls_channel_id(play, ONLY_IN_CHROMIUM, callback=True)

    play.expect(all_of(heard.received("without the option", "with it"), asked.answered("yes")), claims="SM2")
