"""Causes of an end, from one table: what the other end of a port hears of it. Claims P36 and P68.

Each cause is played twice: at the opener, and at the receiver. ``end_by_tab_closed_at_the_opener``: the opener's tab is closed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portolan import (
    Play,
    PortEnd,
    StepRef,
    all_of,
    generated,
    variant,
)

SIDES = ("opener", "receiver")
ENDS = "without-an-error"
END_IN_ERROR = "with-an-error"
ENDS_LATE = "without-an-error-after-it-posted"
STAYS = "stays-open"
GONE = "gone-itself"


def heard_of(play: Play, end: PortEnd, cause: StepRef, claims: tuple[str, ...], *, evicted: bool = False) -> None:
    """The open point of every cause: whether and how the other end hears of it. Where it does, it cannot post any more.

    ``evicted``: the document may be in the bfcache, where a message would end it (Chromium before 123).
    """
    late = end.post("still there?")
    play.settle()
    threw = late.threw("disconnected port")
    play.expect_one_of(
        "what the other end hears",
        variant(ENDS, all_of(end.disconnected(error=None, after=cause), threw), claims=claims),
        variant(END_IN_ERROR, all_of(end.disconnected(error="something", after=cause), threw), claims=claims),
        variant(STAYS, all_of(end.stayed_open(), late.returned()), title="not at all: the port stays open"),
        *(
            [
                variant(
                    ENDS_LATE,
                    all_of(late.returned(), end.disconnected(error=None, after=late)),
                    title="without an error, after it has posted",
                )
            ]
            if evicted
            else []
        ),
    )


def heard_by_content_script(play: Play, end: PortEnd, cause: StepRef, claims: tuple[str, ...]) -> None:
    """The same at an end that may be gone itself, and so is not asked to post."""
    play.expect_one_of(
        "what the content script hears",
        variant(ENDS, end.disconnected(error=None, after=cause), claims=claims),
        variant(END_IN_ERROR, end.disconnected(error="something", after=cause), claims=claims),
        variant(GONE, end.stayed_open(), title="not at all: it no longer exists itself"),
    )


@dataclass(frozen=True)
class Cause:
    """One way in which an end of a port goes. ``does``: what happens to the page, its frame, or the other extension.

    ``ends=False``: no browser lets it end a port, and nobody says that it does.
    """

    name: str
    title: str
    does: Callable[[Any], object]
    where: str = "page"
    frames: tuple[Any, ...] = ()
    window: Any = "same"
    bfcache: bool = True
    claims: tuple[str, ...] = ("P36", "P68")
    ends: bool = True


OF_DOCUMENTS = (
    Cause("frame_removed", "its frame is removed", lambda frame: frame.remove(), "frame", ("same-site",)),
    Cause("frame_of_another_site_removed", "its frame, of another site, is removed", lambda frame: frame.remove(), "frame", ("cross-site",)),
    Cause("frame_navigated", "its frame loads another document", lambda frame: frame.navigate(), "frame", ("same-site",)),
    Cause("frame_navigated_to_another_site", "its frame loads a document of another site", lambda frame: frame.navigate(site="cross-site"), "frame", ("same-site",)),
    Cause("tab_closed", "its tab is closed", lambda page: page.close()),
    Cause("window_closed", "its window is closed", lambda page: page.close_window(), window="new"),
    Cause("page_navigated", "its tab loads another page, and it goes into the bfcache", lambda page: page.navigate(), claims=("P68",)),
    Cause("page_navigated_that_is_not_kept", "its tab loads another page, and no bfcache may keep it", lambda page: page.navigate(), bfcache=False),
    Cause("page_replaced", "location.replace() loads another page in its place", lambda page: page.navigate(replacing=True), bfcache=False),
    Cause("document_opened_anew", "document.open() empties its document", lambda page: page.rewrite(), ends=False),
    Cause("tab_discarded", "its tab is discarded", lambda page: page.discard()),
    Cause("page_crashed", "the process that renders its page is killed", lambda page: page.crash()),
)  # fmt: skip
"""What happens to a content script's document; the background is at the other end."""

OF_EXTENSION_PAGES = (
    Cause("extension_page_closed", "an extension page's tab is closed", lambda page: page.close()),
    Cause("extension_frame_removed", "a frame of an extension page is removed", lambda frame: frame.remove(), "frame", ("extension",)),
    Cause("extension_page_navigated", "an extension page's tab loads a web page", lambda page: page.navigate()),
    Cause("extension_page_discarded", "an extension page's tab is discarded", lambda page: page.discard()),
)  # fmt: skip
"""What happens to a page of the extension; the background is at the other end."""

OF_THEIR_PROCESSES = (
    Cause("extension_page_crashed", "the process that renders an extension page is killed", lambda page: page.crash()),
)  # fmt: skip
"""What happens to a page of the extension, and perhaps to its background: a content script is at the other end."""

OF_ANOTHER_EXTENSION = (
    Cause("extension_stopped", "its background is stopped by force", lambda peer: peer.stop(), claims=("P36",)),
    Cause("extension_reloaded", "its extension is reloaded", lambda peer: peer.reload(), claims=("P36",)),
    Cause("extension_updated", "its extension is updated", lambda peer: peer.update(), claims=("P36",)),
    Cause("extension_disabled", "its extension is disabled", lambda peer: peer.disable(), claims=("P36",)),
    Cause("extension_uninstalled", "its extension is removed", lambda peer: peer.uninstall(), claims=("P36",)),
)
"""What happens to another extension; the subject's background is at the other end."""

OF_ITS_OWN_EXTENSION = (
    Cause("own_extension_reloaded", "its own extension is reloaded", lambda own: own.reload(), claims=()),
    Cause("own_extension_updated", "its own extension is updated", lambda own: own.update(), claims=()),
    Cause("own_extension_disabled", "its own extension is disabled", lambda own: own.disable(), claims=()),
    Cause("own_extension_uninstalled", "its own extension is removed", lambda own: own.uninstall(), claims=()),
)
"""What happens to a content script's own extension, with the background at the other end: what the content script hears.

No claim speaks of it: P36 says that a port can end so, which a content script that goes itself does not refute.
"""


def of_a_document(cause: Cause, side: str, *, extension: bool = False) -> Callable[[Play], None]:
    """A document of the extension, or with its content script, has one end; the background has the other."""

    def play_it(play: Play) -> None:
        background = play.background()
        frames = list(cause.frames)
        if extension:
            page = play.extension_page(frames=frames)
        else:
            page = play.page(frames=frames, window=cause.window, bfcache=cause.bfcache)
        leaving = page.frames[0] if cause.where == "frame" else page
        if side == "opener":
            other: PortEnd = background.listen().port
            leaving.connect()
        else:
            leaving.listen()
            other = background.connect() if extension else background.connect_tab(page, frame=leaving)
        play.settle()
        happens = play.next_step()
        cause.does(leaving)
        play.settle()
        if cause.ends:
            heard_of(play, other, happens, cause.claims, evicted=cause.name == "page_navigated")
        else:
            late = other.post("still there?")
            play.settle()
            play.expect(
                all_of(other.stayed_open(), late.returned()), because="the document and its content script are the same"
            )

    return play_it


def of_an_extension_page(cause: Cause, side: str) -> Callable[[Play], None]:
    """A page of the extension has one end; the background has the other."""
    return of_a_document(cause, side, extension=True)


def of_another_extension(cause: Cause, side: str) -> Callable[[Play], None]:
    """The other extension's background has one end; the subject's has the other."""

    def play_it(play: Play) -> None:
        background, peer = play.background(), play.peer()
        if cause.name == "extension_stopped":
            peer.require_stoppable()
        if side == "opener":
            other: PortEnd = background.listen("onConnectExternal").port
            peer.connect(to="subject")
        else:
            peer.listen("onConnectExternal")
            other = background.connect(to="peer")
        play.settle()
        happens = play.next_step()
        cause.does(peer)
        play.settle()
        heard_of(play, other, happens, cause.claims)

    return play_it


def of_a_process(cause: Cause, side: str) -> Callable[[Play], None]:
    """A page of the extension has one end; a content script has the other."""
    return of_its_own_extension(cause, side, of_page=True)


def of_its_own_extension(cause: Cause, side: str, *, of_page: bool = False) -> Callable[[Play], None]:
    """The background, or a page, has one end, and goes; a content script of the same extension has the other, and perhaps goes too."""

    def play_it(play: Play) -> None:
        background, page = play.background(), play.page()
        leaving = play.extension_page() if of_page else background
        if side == "opener":
            other: PortEnd = page.listen().port
            leaving.connect_tab(page)
        else:
            leaving.listen()
            other = page.connect()
        play.settle()
        happens = play.next_step()
        cause.does(leaving)
        play.settle()
        heard_by_content_script(play, other, happens, cause.claims)

    return play_it


ELSEWHERE = {
    "end_by_frame_of_another_site_removed_at_the_opener": "the_openers_frame_is_removed",
    "end_by_tab_closed_at_the_opener": "the_openers_tab_is_closed",
    "end_by_page_navigated_at_the_opener": "a_page_with_an_open_port_is_navigated_away_and_comes_back",
    "end_by_extension_reloaded_at_the_receiver": "another_extension_is_reloaded_with_a_port_open",
    "end_by_own_extension_reloaded_at_the_receiver": "the_extension_is_reloaded_with_a_port_open",
}
"""What an older scenario shows already, with more to it."""

FAMILIES: tuple[tuple[tuple[Cause, ...], Callable[[Cause, str], Callable[[Play], None]], str], ...] = (
    (OF_DOCUMENTS, of_a_document, "A content script has a port as its {}, and {}: what the background hears."),
    (OF_EXTENSION_PAGES, of_an_extension_page, "An extension page is a port's {}, and {}: what the background hears."),
    (OF_THEIR_PROCESSES, of_a_process, "An extension page is a port's {}, and {}: what a content script hears."),
    (
        OF_ANOTHER_EXTENSION,
        of_another_extension,
        "Another extension is a port's {}, and {}: what the background hears.",
    ),
    (OF_ITS_OWN_EXTENSION, of_its_own_extension, "A background is a port's {}, and {}: what a content script hears."),
)

for causes, how, title in FAMILIES:
    for cause in causes:
        for side in SIDES:
            name = f"end_by_{cause.name}_at_the_{side}"
            claims = cause.claims if cause.ends else ()
            if name not in ELSEWHERE:
                generated(globals(), name, title.format(side, cause.title), how(cause, side), claims=claims)
