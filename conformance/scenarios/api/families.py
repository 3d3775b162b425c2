"""What the documentation says of Firefox and of Chrome apart: each scenario asks for an API that only one of them has."""

from portolan import (
    Actor,
    AnyCheck,
    Document,
    Play,
    StepRef,
    all_of,
    date,
    js_map,
    scenario,
    variant,
)
from portolan.conformance.language.families import ONLY_IN_CHROMIUM, ONLY_IN_FIREFOX

SENT = (date("2026-11-21T10:00:00Z"), js_map(("key", 1)))


@scenario(claims=["CI1", "P60"])
def in_firefox_messages_are_cloned(play: Play) -> None:
    """A Date and a Map arrive as what they were."""
    background, page = play.background(), play.page()
    play.require_api(background, ONLY_IN_FIREFOX)
    heard = background.listen()
    port = page.connect()
    for value in SENT:
        port.post(value)
    play.settle()

    play.expect(heard.port.received(*SENT), claims=["CI1", "P60"])


@scenario(claims=["CI1", "P60"])
def in_chromium_messages_are_json(play: Play) -> None:
    """A Date arrives as the text that JSON makes of it, a Map as an object without properties."""
    background, page = play.background(), play.page()
    play.require_api(background, ONLY_IN_CHROMIUM)
    heard = background.listen()
    port = page.connect()
    for value in SENT:
        port.post(value)
    play.settle()

    play.expect(heard.port.received("2026-11-21T10:00:00.000Z", {}), claims=["CI1", "P60"])


@scenario(claims=["C14"])
def in_firefox_an_extension_is_addressed_by_the_id_that_it_set(play: Play) -> None:
    """The other extension has its id from browser_specific_settings in its manifest."""
    background, peer = play.background(), play.peer()
    play.require_api(background, ONLY_IN_FIREFOX)
    external = peer.listen("onConnectExternal")
    port = background.connect("peer@portolan.test")
    play.settle()

    play.expect(all_of(external.fired(), port.stayed_open()), claims="C14")


@scenario(claims=["C15"])
def in_chromium_an_extension_is_addressed_by_the_id_that_was_made_for_it(play: Play) -> None:
    """No manifest can set an id: the browser makes it from the extension's key."""
    background, peer = play.background(), play.peer()
    play.require_api(background, ONLY_IN_CHROMIUM)
    external = peer.listen("onConnectExternal")
    port = background.connect(to="peer")
    play.settle()

    play.expect(all_of(external.fired(), port.stayed_open()), claims="C15")


def away_and_back(play: Play, only_in: str) -> tuple[Document, StepRef]:
    """A page without a port is navigated away from and comes back; its content script connects. The page, and the way back."""
    background, page = play.background(), play.page()
    play.require_api(background, only_in)
    heard = background.listen()
    other = page.navigate("other")
    play.settle()
    back = other.go_back(page)
    play.settle()
    page.connect()
    play.settle()

    play.expect(heard.fired())
    return page, back


@scenario(claims=["CI4"])
def in_firefox_content_scripts_stay_in_a_page_that_comes_back(play: Play) -> None:
    """A page without a port is navigated away from and comes back: its content scripts are those of before."""
    page, back = away_and_back(play, ONLY_IN_FIREFOX)

    play.expect(page.acted_in(1, after=back), claims="CI4")


@scenario(claims=["CI4"])
def in_chromium_content_scripts_of_a_page_that_comes_back(play: Play) -> None:
    """A page without a port is navigated away from and comes back: its content scripts are there, or run again."""
    page, back = away_and_back(play, ONLY_IN_CHROMIUM)

    play.expect_one_of(
        "content scripts of a page that comes back",
        variant("run-again", page.acted_in(2, after=back), claims="CI4"),
        variant("stay", page.acted_in(1, after=back), title="are the same as before"),
    )


def probe_namespaces(play: Play, only_in: str) -> list[Actor]:
    """A background, a content script and an extension page look for connect() in each namespace."""
    actors: list[Actor] = [play.background(), play.page(), play.extension_page()]
    play.require_api(actors[0], only_in)
    for actor in actors:
        with actor.one_turn():
            for namespace in ("browser", "chrome"):
                actor.probe(f"{namespace}.runtime.connect")
    play.settle()
    return actors


def all_found(actors: list[Actor], namespace: str, type: str = "function") -> AnyCheck:
    """Each actor found connect() in the namespace; ``"undefined"``: none did."""
    return all_of(*(actor.found(f"{namespace}.runtime.connect", type) for actor in actors))


@scenario(claims=["CI5"])
def in_firefox_the_api_is_in_browser_and_gives_promises(play: Play) -> None:
    """Every context has browser.runtime, and chrome.runtime beside it; a call without a callback gives a promise."""
    background, page, _ = actors = probe_namespaces(play, ONLY_IN_FIREFOX)
    heard = background.listen_for_messages(answer="here you are")
    asked = page.send_message("a promise?")
    play.settle()

    play.expect(all_of(all_found(actors, "browser"), all_found(actors, "chrome")), claims="CI5")
    play.expect(all_of(heard.received("a promise?"), asked.answered("here you are")), claims="CI5")


@scenario(claims=["CI5"])
def in_chromium_the_api_is_in_chrome(play: Play) -> None:
    """Every context has chrome.runtime; from 148 on, in Manifest V3, browser.runtime beside it."""
    actors = probe_namespaces(play, ONLY_IN_CHROMIUM)

    play.expect(all_found(actors, "chrome"), claims="CI5")
    play.expect_one_of(
        "the namespaces of the API",
        variant("chrome-alone", all_found(actors, "browser", "undefined")),
        variant("chrome-and-browser", all_found(actors, "browser")),
    )
