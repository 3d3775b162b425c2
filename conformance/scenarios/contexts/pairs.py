"""Who reaches whom: every kind of context as the opener, and every kind at the other end. Claims C1, C2, C4, C6, C10, P38.

One play for each opener: it opens a port in each of the ways that there are, one after the other, while every other context
listens. That says the same as a play for each pair would: who is given a port depends on the opener and on the way, never on
who else listens; and a connect is a broadcast, so that who hears it is the question itself. ``portolan pairs`` draws the matrix.

A new context is one line of CONTEXTS. One that is ``called`` is not on the stage of the others' plays, so that these take no
longer and lose nothing where a version cannot open it: as a receiver it has a play of its own, in which one opener follows the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from portolan import (
    Actor,
    AnyCheck,
    ConnectEventName,
    ConnectListener,
    Document,
    FrameSpec,
    OpenedPort,
    Play,
    StepRef,
    all_of,
    any_of,
    generated,
    variant,
)
from portolan.conformance.checks.checks import AllOf

Side = Literal["inside", "user script", "outside"]
"""Where a context is: of the extension, a user script of it, or of another extension or the web."""

EVENTS: dict[str, ConnectEventName] = {
    "inside": "onConnect",
    "user script": "onUserScriptConnect",
    "outside": "onConnectExternal",
}
FRAMES: tuple[FrameSpec, ...] = ("same-site", "cross-site", "about:blank", "srcdoc", "extension")


class Everyone:
    """The contexts of one play: two backgrounds, a page with a frame of each kind, and pages of the extension."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.background, self.peer = play.background(), play.peer()
        self.page = play.page(frames=FRAMES)
        self.same_site, self.other_site, self.blank, self.srcdoc, self.embedded = self.page.frames
        self.extension_page = play.extension_page(frames=1)
        self.extension_frame = self.extension_page.frames[0]
        self.options_page = play.options_page()

    def popup(self) -> Actor:
        """The popup, last of all: it closes when something else comes to the front. Not every version can open it."""
        return self.play.popup()

    def sidebar(self) -> Actor:
        """The sidebar, or side panel. Not every version has one."""
        return self.play.sidebar()

    def devtools_page(self) -> Actor:
        """The devtools page, in DevTools for the tab of the page."""
        return self.play.devtools(self.page)

    def sandboxed(self) -> Actor:
        """A sandboxed frame, in a page of its own."""
        return self.play.page("another_page", frames=["sandboxed"]).frames[0]

    def private_page(self) -> Actor:
        """A page in a private window."""
        return self.play.page("private_page", window="private")

    @property
    def own_pages(self) -> list[Actor]:
        """The extension's background and pages, in tabs and in a frame of one of its own."""
        return [self.background, self.extension_page, self.extension_frame, self.options_page]

    @property
    def content_scripts(self) -> list[Actor]:
        """The extension's content scripts in one tab: in the page and in each kind of frame."""
        return [self.page, self.same_site, self.other_site, self.blank, self.srcdoc]


@dataclass(frozen=True)
class Context:
    """One kind of context, as an opener. ``called``: it comes only where it is needed, and has a play as a receiver, too.

    ``tabs_differ``: browsers differ in whether it has ``tabs`` (of devtools pages, Chromium's have, and Firefox's have not).
    """

    name: str
    who: Callable[[Everyone], Actor]
    side: Side = "inside"
    pages_say: tuple[str, ...] = ()
    privileged: bool = False
    called: bool = False
    tabs_differ: bool = False

    @property
    def is_page(self) -> bool:
        """Whether it is no content script: these have no ``tabs``, and are reached by ``tabs.connect``."""
        return not self.name.startswith("content_script")

    @property
    def tabs(self) -> bool | None:
        """Whether ``tabs`` is to be there. None: browsers differ."""
        return None if self.tabs_differ else self.is_page


CONTEXTS = (
    Context("background", lambda there: there.background, pages_say=("C2",), privileged=True),
    Context("extension_page", lambda there: there.extension_page, privileged=True),
    Context("extension_frame", lambda there: there.extension_frame, privileged=True),
    Context("options_page", lambda there: there.options_page, privileged=True),
    Context("popup", lambda there: there.popup(), privileged=True, called=True),
    Context("sidebar", lambda there: there.sidebar(), privileged=True, called=True),
    Context("devtools_page", lambda there: there.devtools_page(), privileged=True, called=True, tabs_differ=True),
    Context("extension_page_in_a_web_page", lambda there: there.embedded),
    Context("content_script", lambda there: there.page, pages_say=("C1", "C2")),
    Context("content_script_in_a_frame", lambda there: there.same_site, pages_say=("C1",)),
    Context("content_script_in_a_frame_of_another_site", lambda there: there.other_site, pages_say=("C1",)),
    Context("content_script_in_about_blank", lambda there: there.blank, pages_say=("C1",)),
    Context("content_script_in_srcdoc", lambda there: there.srcdoc, pages_say=("C1",)),
    Context("content_script_in_a_sandboxed_frame", lambda there: there.sandboxed(), pages_say=("C1",), called=True),
    Context("content_script_in_a_private_window", lambda there: there.private_page(), pages_say=("C1",), called=True),
    Context("user_script", lambda there: there.page.user_script, "user script", pages_say=("OU1",)),
    Context("web_page", lambda there: there.page.script, "outside"),
    Context("another_extension", lambda there: there.peer, "outside", pages_say=("C10",)),
    Context("content_script_of_another_extension", lambda there: there.page.peer, "outside", pages_say=("C10",)),
)


@dataclass(frozen=True)
class Way:
    """One call that opens a port, and the next one: what comes between is of this one."""

    call: OpenedPort
    next: OpenedPort | None = None

    def heard(self, who: Sequence[ConnectListener], times: int) -> list[AnyCheck]:
        """Each of them was given so many ports by it."""
        before = StepRef(self.next.step) if self.next else None
        return [each.fired(times, after=StepRef(self.call.step), before=before) for each in who]

    def connects(self, *who: ConnectListener) -> AllOf:
        """It returned, and each of them heard it."""
        return all_of(self.call.call().returned(), *self.heard(who, 1))

    def finds_nobody(self, *who: ConnectListener) -> AllOf:
        """It returned, and none of them heard it."""
        return all_of(self.call.call().returned(), *self.heard(who, 0))


def answer(play: Play, what: str, way: Way, who: Sequence[ConnectListener], says: tuple[str, ...] = ()) -> None:
    """The open point of one group of receivers: each is given the port, or none is, or the call throws."""
    slug = what.replace(" ", "-")
    play.expect_one_of(
        f"{what} as receivers",
        variant(f"{slug}-connected", way.connects(*who), claims=says, title=f"{what}: connected"),
        variant(f"{slug}-nobody-listens", way.finds_nobody(*who), title=f"{what}: nobody listens"),
        variant(f"{slug}-refused", way.call.call().threw(), title=f"{what}: refused"),
    )


def answer_of_embedded(play: Play, runtime: Way, tab: Way, who: ConnectListener, *, tabs: bool | None) -> None:
    """The open point of an extension's page in a frame of a web page, which some browsers take for a content script."""
    into_tab: AnyCheck = tab.connects(who) if tabs or tabs is None else tab.call.call().threw()
    if tabs is None:
        into_tab = any_of(into_tab, tab.call.call().threw())
    play.expect_one_of(
        "an embedded page as the receiver",
        variant("embedded-page-connected", all_of(runtime.connects(who), into_tab), title="embedded page: connected"),
        variant(
            "embedded-page-nobody-listens-to-runtime-connect",
            all_of(runtime.finds_nobody(who), into_tab),
            title="embedded page: nobody listens to runtime.connect",
        ),
    )


def from_inside(context: Context) -> Callable[[Play], None]:
    """A context of the extension opens ports to its extension, into a tab, and to another extension."""

    def play_it(play: Play) -> None:
        everyone = Everyone(play)
        opener = context.who(everyone)
        pages, scripts = (
            [each.listen() for each in group if each.name != opener.name]
            for group in (everyone.own_pages, everyone.content_scripts)
        )
        embedded = [] if opener.name == everyone.embedded.name else [everyone.embedded.listen()]
        other = everyone.peer.listen("onConnectExternal")
        play.settle()
        own = opener.connect(name="to the extension")
        play.settle()
        into_the_tab = opener.connect_tab(everyone.page, name="into the tab")
        play.settle()
        outside = opener.connect(to="peer", name="to another extension")
        play.settle()

        runtime, tab = Way(own, into_the_tab), Way(into_the_tab, outside)
        answer(play, "pages", runtime, pages, context.pages_say)
        if context.is_page:
            answer(play, "content scripts", tab, scripts)
        else:
            play.expect(into_the_tab.call().threw(), because="tabs is not for content scripts")
        for each in embedded:
            answer_of_embedded(play, runtime, tab, each, tabs=context.tabs)
        answer(play, "another extension", Way(outside), [other], ("C6",) if context.name == "background" else ())
        play.expect(all_of(*runtime.heard(scripts, 0)), claims=["C4"] if context.privileged else [])

    return play_it


def from_elsewhere(context: Context) -> Callable[[Play], None]:
    """A user script, or somebody from outside the extension, opens a port to it."""

    def play_it(play: Play) -> None:
        everyone = Everyone(play)
        opener = context.who(everyone)
        pages = [each.listen(EVENTS[context.side]) for each in everyone.own_pages]
        inside = [each.listen(label="inside") for each in everyone.own_pages]
        play.settle()
        port = opener.connect(name="in") if context.side == "user script" else opener.connect(to="subject", name="in")
        play.settle()

        way = Way(port)
        play.expect_one_of(
            "pages as receivers",
            variant(
                "pages-connected",
                all_of(way.connects(*pages), *way.heard(inside, 0)),
                claims=context.pages_say,
                title="pages: connected",
            ),
            variant("pages-nobody-listens", way.finds_nobody(*pages, *inside), title="pages: nobody listens"),
            variant("pages-refused", port.call().threw(), title="pages: refused"),
        )

    return play_it


def into(context: Context) -> Callable[[Play], None]:
    """Everybody who can opens a port to a context that comes only where it is needed, one after the other."""

    def play_it(play: Play) -> None:
        everyone = Everyone(play)
        receiver = context.who(everyone)
        assert isinstance(receiver, Document)
        who = receiver.listen()
        openers = [everyone.background, everyone.extension_page, everyone.options_page]
        scripts = [everyone.embedded, *everyone.content_scripts] if context.is_page else []
        play.settle()
        calls = []
        for opener in (*openers, *scripts):
            calls.append(opener.connect(name="in") if context.is_page else opener.connect_tab(receiver, name="in"))
            play.settle()

        ways = [Way(*each) for each in zip(calls, [*calls[1:], None], strict=True)]
        reached_by(play, "pages", ways[: len(openers)], who)
        if context.is_page:
            reached_by(play, "embedded page", ways[len(openers) : len(openers) + 1], who)
            reached_by(play, "content scripts", ways[len(openers) + 1 :], who)

    return play_it


def reached_by(play: Play, what: str, ways: Sequence[Way], who: ConnectListener) -> None:
    """The open point of one group of openers: each reaches the receiver, or none does, or their calls throw."""
    slug = what.replace(" ", "-")
    play.expect_one_of(
        f"{what} as openers",
        variant(f"{slug}-reached-it", all_of(*(way.connects(who) for way in ways)), title=f"{what}: reached it"),
        variant(
            f"{slug}-nobody-listens", all_of(*(way.finds_nobody(who) for way in ways)), title=f"{what}: nobody listens"
        ),
        variant(f"{slug}-refused", all_of(*(way.call.call().threw() for way in ways)), title=f"{what}: refused"),
    )


for context in CONTEXTS:
    inside = context.side == "inside"
    generated(
        globals(),
        f"pairs_from_{context.name}",
        f"{context.name.replace('_', ' ').capitalize()}: whom it reaches, in each way that there is.",
        (from_inside if inside else from_elsewhere)(context),
        claims=(
            *context.pages_say,
            *(("C4",) if context.privileged else ()),
            *(("C6",) if context.name == "background" else ()),
        ),
    )
    if context.called:
        generated(
            globals(),
            f"pairs_into_{context.name}",
            f"{context.name.replace('_', ' ').capitalize()}: who reaches it, one opener after the other.",
            into(context),
            claims=(),
        )
