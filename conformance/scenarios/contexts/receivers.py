"""One, two and three receivers of one port, of one kind and mixed, from one table. Claims P69, P70 and TC2.

``receivers_of_tabs_connect_page_and_frame``: each hears what the opener says and is heard by it, and none hears another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from portolan import (
    Actor,
    FrameSpec,
    Play,
    all_of,
    generated,
)


@dataclass(frozen=True)
class Audience:
    """Who receives one port: how it is opened, by whom, and the receivers, by what the page is made of."""

    name: str
    call: Literal["runtime.connect", "tabs.connect"]
    opener: Literal["background", "content script"] = "background"
    background: bool = False
    pages: int = 0
    page_itself: bool = False
    frames: tuple[FrameSpec, ...] = ()


AUDIENCES = (
    Audience("background", "runtime.connect", "content script", background=True),
    Audience("background_and_page", "runtime.connect", "content script", background=True, pages=1),
    Audience("background_and_two_pages", "runtime.connect", "content script", background=True, pages=2),
    Audience("one_page", "runtime.connect", pages=1),
    Audience("two_pages", "runtime.connect", pages=2),
    Audience("three_pages", "runtime.connect", pages=3),
    Audience("page", "tabs.connect", page_itself=True),
    Audience("page_and_frame", "tabs.connect", page_itself=True, frames=("same-site",)),
    Audience("three_frames", "tabs.connect", frames=("same-site", "same-site", "same-site")),
    Audience("frames_of_two_sites", "tabs.connect", page_itself=True, frames=("same-site", "cross-site")),
    Audience("frame_and_embedded_page", "tabs.connect", frames=("same-site", "extension")),
)


def one_port_for(audience: Audience) -> Callable[[Play], None]:
    """A port for this audience: every receiver has an end of its own."""

    def play_it(play: Play) -> None:
        background = play.background()
        pages: list[Actor] = [play.extension_page(f"page_{n}") for n in range(1, audience.pages + 1)]
        needs_tab = audience.call == "tabs.connect" or audience.opener == "content script"
        tab = play.page("tab", frames=audience.frames) if needs_tab else None
        receivers: list[Actor] = [background] if audience.background else []
        receivers = [*receivers, *pages, *([tab] if tab and audience.page_itself else []), *(tab.frames if tab else [])]
        heard = [each.listen() for each in receivers]
        play.settle()
        if audience.call == "tabs.connect" and tab:
            port = background.connect_tab(tab)
        else:
            port = (tab if audience.opener == "content script" and tab else background).connect()
        play.settle()
        port.post("to all")
        play.settle()
        for number, each in enumerate(heard):
            each.port.post(number)
            play.settle()
        end = port.disconnect()
        play.settle()

        says = ["P69"] if audience.call == "runtime.connect" else ["P70", "TC2"]
        play.expect(all_of(*(each.fired() for each in heard)), claims=says)
        play.expect(all_of(*(each.port.received("to all") for each in heard)), claims=says[:1])
        play.expect(port.received(*range(len(heard))))
        play.expect(all_of(*(each.port.disconnected(error=None, after=end) for each in heard)))

    return play_it


for audience in AUDIENCES:
    way = audience.call.replace(".", "_")
    generated(
        globals(),
        f"receivers_of_{way}_{audience.name}",
        f"A port made by {audience.call}, for this audience: {audience.name.replace('_', ' ')}.",
        one_port_for(audience),
        claims=["P69"] if audience.call == "runtime.connect" else ["P70", "TC2"],
    )
