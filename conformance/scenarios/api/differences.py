"""What is known to differ between browsers, and that nobody promised: who is reached, and what outlives its extension."""

from portolan import (
    Play,
    all_of,
    scenario,
    variant,
)


@scenario()
def an_extension_page_connects_to_its_own_tab(play: Play) -> None:
    """tabs.connect from a page to the tab that it is in: its frame hears it; the caller itself hears it too, or not."""
    play.background()
    page = play.extension_page(frames=1)
    own, frame = page.listen(), page.frames[0].listen()
    port = page.connect_tab(page, name="to my own tab")
    port.post("is it me?")
    play.settle()

    play.expect(all_of(frame.fired(), frame.port.received("is it me?")))
    play.expect_one_of(
        "tabs.connect to the caller's own tab",
        variant("reaches-the-caller", all_of(own.fired(), own.port.received("is it me?"))),
        variant("reaches-the-others-only", own.silent()),
    )


@scenario()
def an_extension_page_alone_in_a_tab_connects_to_it(play: Play) -> None:
    """tabs.connect from a page to its own tab, in which nobody else is: it hears itself, or nobody is there."""
    play.background()
    page = play.extension_page()
    own = page.listen()
    port = page.connect_tab(page)
    play.settle()

    play.expect_one_of(
        "tabs.connect to a tab that holds the caller alone",
        variant("reaches-the-caller", all_of(own.fired(), port.stayed_open())),
        variant("reaches-nobody", all_of(own.silent(), port.disconnected(error="something"))),
    )


@scenario()
def an_extension_page_in_a_web_page_listens(play: Play) -> None:
    """A page of the extension in a frame of a web page: runtime.connect of the background reaches it, or nobody."""
    background, page = play.background(), play.page(frames=["extension"])
    heard = page.frames[0].listen()
    port = background.connect(name="to every page of the extension")
    port.post("anyone?")
    play.settle()

    play.expect_one_of(
        "runtime.connect to an extension page in a web page",
        variant("reaches-it", all_of(heard.fired(), heard.port.received("anyone?"))),
        variant("does-not-reach-it", all_of(heard.silent(), port.disconnected(error="something"))),
    )


@scenario()
def an_extension_page_in_a_web_page_is_in_its_tab(play: Play) -> None:
    """tabs.connect reaches a page of the extension in a frame of a web page, in every browser."""
    background, page = play.background(), play.page(frames=["extension"])
    heard = page.frames[0].listen()
    port = background.connect_tab(page)
    port.post("anyone?")
    play.settle()

    play.expect(all_of(heard.fired(), heard.port.received("anyone?"), port.stayed_open()))


@scenario()
def a_content_script_connects_after_a_reload_of_its_extension(play: Play) -> None:
    """The extension is reloaded: the content script of before cannot connect any more, or a new one is there that can."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect()
    play.settle()
    reload = background.reload()
    play.settle()
    again = page.connect(name="after the reload", record=False)
    play.settle()

    play.expect_one_of(
        "a content script after a reload of its extension",
        variant(
            "old-one-invalidated",
            all_of(again.call().threw("context invalidated"), page.acted_in(1, after=reload)),
            title="the old one, invalidated",
        ),
        variant(
            "a-new-one", all_of(again.call().returned(), page.acted_in(2, after=reload), heard.fired(after=reload))
        ),
    )
