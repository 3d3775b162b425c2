"""What port.sender says: each field for each kind of opener, and over the life of a page. Claims P63 to P66, MS1 to MS12, WD1 to WD3.

The documentation names id, url, origin, tab, frameId, documentId, documentLifecycle, tlsChannelId and userScriptWorldId;
Chromium's schema nativeApplication besides; Firefox tells contextId and envType, which nobody documents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portolan import (
    Actor,
    AnyCheck,
    ConnectListener,
    Pattern,
    Play,
    ReceivedPort,
    Variant,
    all_of,
    different_fields,
    id_of,
    same_field,
    scenario,
    tag,
    variant,
)
from portolan.conformance.checks.checks import Field

EXTENSION = r"^(moz|chrome)-extension://[^/]+/"
INTERNAL, EXTERNAL = ("P63", "P64", "MS1"), ("P63", "P65", "OX4", "MS1")


@dataclass(frozen=True)
class Opener:
    """Who opens the port, in words; what makes it, with a listening that hears it; its document, if it is in a tab.

    ``url``: a regular expression for the address of the page or frame.
    """

    title: str
    makes: Callable[[Play], tuple[Actor, ConnectListener, dict[str, Any]]]
    document: str = ""
    extension: str = "subject"
    url: str = "^http://"
    claims: tuple[str, ...] = INTERNAL

    @property
    def address(self) -> str:
        """The claim about what its address is."""
        return "MS10" if self.url.startswith(EXTENSION) else "MS9"


def _content_script(play: Play) -> Any:
    heard = play.background().listen()
    return play.page(), heard, {}


def _content_script_in_a_frame(play: Play) -> Any:
    heard = play.background().listen()
    return play.page(frames=["cross-site"]).frames[0], heard, {}


def _extension_page(play: Play) -> Any:
    heard = play.background().listen()
    return play.extension_page(), heard, {}


def _frame_of_an_extension_page(play: Play) -> Any:
    heard = play.background().listen()
    return play.extension_page(frames=1).frames[0], heard, {}


def _extension_page_in_a_web_page(play: Play) -> Any:
    heard = play.background().listen()
    return play.page(frames=["extension"]).frames[0], heard, {}


def _options_page(play: Play) -> Any:
    heard = play.background().listen()
    return play.options_page(), heard, {}


def _devtools_page(play: Play) -> Any:
    heard = play.background().listen()
    return play.devtools(play.page()), heard, {}


def _background(play: Play) -> Any:
    background, page = play.background(), play.extension_page()
    return background, page.listen(), {}


def _another_extension(play: Play) -> Any:
    heard = play.background().listen("onConnectExternal")
    return play.peer(), heard, {"to": "subject"}


def _another_extensions_content_script(play: Play) -> Any:
    heard = play.background().listen("onConnectExternal")
    return play.page().peer, heard, {"to": "subject"}


def _user_script(play: Play) -> Any:
    heard = play.background().listen("onUserScriptConnect")
    return play.page().user_script, heard, {}


def _web_page(play: Play) -> Any:
    heard = play.background().listen("onConnectExternal")
    page = play.page()
    play.require_api(page.script, "runtime.connect")
    return page.script, heard, {"to": "subject"}


OPENERS = {
    "a_content_script": Opener("A content script", _content_script, "page"),
    "a_content_script_in_a_frame": Opener("A content script in a frame of another site", _content_script_in_a_frame, "page.frame1"),
    "an_extension_page": Opener("A page of the extension in a tab", _extension_page, "extension_page", url=EXTENSION),
    "a_frame_of_an_extension_page": Opener("A frame of a page of the extension", _frame_of_an_extension_page, "extension_page.frame1", url=EXTENSION),
    "an_extension_page_in_a_web_page": Opener("A page of the extension in a frame of a web page", _extension_page_in_a_web_page, "page.frame1", url=EXTENSION),
    "an_options_page": Opener("The options page", _options_page, "options_page", url=EXTENSION),
    "a_devtools_page": Opener("The devtools page", _devtools_page, url=rf"{EXTENSION}.*[?&]document=devtools(&|$)"),
    "a_background": Opener("The background", _background, url=EXTENSION),
    "another_extensions_background": Opener("Another extension's background", _another_extension, "", "peer", url=EXTENSION, claims=EXTERNAL),
    "another_extensions_content_script": Opener(
        "Another extension's content script", _another_extensions_content_script, "page", "peer", claims=EXTERNAL
    ),
    "a_user_script_in_a_page": Opener("A user script", _user_script, "page", claims=("P63", "P66", "MS1")),
    "a_web_page": Opener("A web page's own script", _web_page, "page", "", claims=EXTERNAL),
}  # fmt: skip


Told = list[tuple[AnyCheck, tuple[str, ...]]]


def told_of(end: ReceivedPort, opener: Opener) -> Told:
    """The fields that are documented, where the documentation says that they are there, and the claims that say so."""
    url = opener.url + (rf".*[?&]document={opener.document}(&|$)" if opener.document else "")
    told: Told = [(end.has("sender.url", "like", url), (opener.address,))]
    told += [(end.has(f"sender.{field}", "nothing"), ()) for field in ("tlsChannelId", "nativeApplication")]
    if opener.extension:
        claims = tuple(claim for claim in ("OX4",) if claim in opener.claims)
        told.append((end.has("sender.id", wanted=id_of(opener.extension)), ("MS5", *claims)))  # type: ignore[arg-type]
    else:
        told.append((end.has("sender.id", "absent"), ("MS5",)))
    if not opener.document:
        return [*told, (end.has("sender.tab", "absent"), ("MS7",)), (end.has("sender.frameId", "absent"), ("MS4",))]
    frame, tab = (tag(kind, document=opener.document) for kind in ("frame-of", "tab-of"))
    told.append((end.has("sender.tab.id", wanted=tab), ("MS7",)))
    told.append((end.has("sender.frameId", wanted=frame if "." in opener.document else 0), ("MS4",)))
    return told


def told_besides(end: ReceivedPort, opener: Opener) -> list[Variant]:
    """The fields that one browser tells and another does not."""
    fields = ("documentLifecycle", "contextId", "envType")
    absent = {field: end.has(f"sender.{field}", "absent") for field in fields}
    inner = [end.has("sender.contextId", "integer"), end.has("sender.envType", "string")]
    variants = [
        variant("context-id-and-env-type", all_of(*inner, absent["documentLifecycle"]), title="contextId and envType"),
        variant("nothing", all_of(*absent.values())),
    ]
    if opener.document:
        lifecycle = all_of(end.has("sender.documentLifecycle", wanted="active"), absent["envType"])
        variants.insert(0, variant("document-lifecycle", lifecycle, title="documentLifecycle"))
    return variants


def sender_of(name: str, opener: Opener) -> None:
    """Make the scenario of one opener."""

    @scenario(name=f"sender_of_{name}", claims=[*opener.claims, "MS4", "MS5", "MS7", opener.address])
    def tells(play: Play) -> None:
        actor, heard, more = opener.makes(play)
        actor.connect(**more)
        play.settle()

        end = heard.port
        play.expect(end.has("sender", "object"), claims=opener.claims)
        for check, claims in told_of(end, opener):
            play.expect(check, claims=claims)
        if opener.extension:
            play.expect_one_of("what is told besides", *told_besides(end, opener))
        else:
            play.expect(end.has("sender.documentLifecycle", wanted="active"))

    tells.__doc__ = (
        f"{opener.title} connects: id, url, tab and frameId are what they should be, and there where they should."
    )
    globals()[f"sender_of_{name}"] = tells


for _name, _opener in OPENERS.items():
    sender_of(_name, _opener)


@scenario()
def the_origin_of_a_sender(play: Play) -> None:
    """Sender.origin of a content script, of one in a frame of another site, of an extension page: the document's own."""
    background, page, extension_page = play.background(), play.page(frames=["cross-site"]), play.extension_page()
    heard = background.listen()
    for document in (page, *page.frames, extension_page):
        document.connect()
        play.settle()

    ends = [heard.nth(number) for number in (1, 2, 3)]
    play.expect(all_of(*(end.has("sender.origin", "not-empty") for end in ends)))
    play.expect(different_fields("sender.origin", *(end.opened_event() for end in ends)))


@scenario()
def the_origin_of_a_background(play: Play) -> None:
    """Sender.origin of a background: there, or not."""
    background, page = play.background(), play.extension_page()
    heard = page.listen()
    background.connect()
    play.settle()

    play.expect_one_of(
        "sender.origin of a background",
        variant("exists", heard.port.has("sender.origin", "not-empty")),
        variant("does-not-exist", heard.port.has("sender.origin", "absent")),
    )


@scenario(claims=["MS11"])
def the_url_of_a_background(play: Play) -> None:
    """Sender.url of a background: a page that the browser generated, or a script."""
    background, page = play.background(), play.extension_page()
    heard = page.listen()
    background.connect()
    play.settle()

    generated = r"^(moz|chrome)-extension://[^/]+/_generated_background_page\.html$"
    play.expect_one_of(
        "sender.url of a background",
        variant("a-generated-page", heard.port.has("sender.url", "like", generated), claims="MS11"),
        variant("a-script", heard.port.has("sender.url", "like", r"^chrome-extension://[^/]+/.*\.js$")),
    )


@scenario(claims=["MS12"])
def the_world_of_a_user_script(play: Play) -> None:
    """Sender.userScriptWorldId of a user script in the default world: the empty string, or absent; absent of a content script."""
    background, page = play.background(), play.page()
    heard, plain = background.listen("onUserScriptConnect"), background.listen()
    page.user_script.connect()
    page.connect()
    play.settle()

    play.expect(plain.port.has("sender.userScriptWorldId", "absent"), claims="MS12")
    play.expect_one_of(
        "the world of a user script of the default world",
        variant("the-empty-string", heard.port.has("sender.userScriptWorldId", wanted="")),
        variant("absent", heard.port.has("sender.userScriptWorldId", "absent")),
    )


@scenario()
def the_sender_of_tabs_connect_from_an_extension_page(play: Play) -> None:
    """tabs.connect from an extension page in a tab: whether a content script is told of that tab and frame."""
    page, opener = play.page(), play.extension_page()
    heard = page.listen()
    opener.connect_tab(page)
    play.settle()

    told = [heard.port.has("sender.id", wanted=id_of("subject")), heard.port.has("sender.url", "not-empty")]
    play.expect(all_of(*told))
    tab = tag("tab-of", document=opener.name)
    play.expect_one_of(
        "whether sender of tabs.connect has a tab",
        variant("has-it", heard.port.has("sender.tab.id", wanted=tab), title="it has"),
        variant(
            "does-not-have-it",
            all_of(heard.port.has("sender.tab", "absent"), heard.port.has("sender.frameId", "absent")),
            title="it does not have it",
        ),
    )


# ---- over the life of a page


def document_id_told_to(event: str, opener: Opener) -> None:
    """Make the scenario of one event."""

    @scenario(name=f"document_id_told_to_{event}", claims=["WD1", "MS2"])
    def tells(play: Play) -> None:
        actor, heard, more = opener.makes(play)
        actor.connect(**more)
        play.settle()

        play.expect(heard.port.has("sender.documentId", wanted=tag("document-id-of", document=opener.document)))
        play.expect_one_of(
            "the form of a documentId",
            variant("a-uuid", heard.port.has("sender.documentId", "like", UUID), claims=["WD1", "MS2"], title="a UUID"),
            variant("32-hexadecimal-digits", heard.port.has("sender.documentId", "like", "^[0-9A-F]{32}$")),
        )

    tells.__doc__ = f"Sender.documentId in a listener of {event}: the document's own, in the form of a UUID or another."
    globals()[f"document_id_told_to_{event}"] = tells


UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
for _name, _opener in {
    "onConnect": OPENERS["a_content_script"],
    "onConnectExternal": OPENERS["another_extensions_content_script"],
    "onUserScriptConnect": OPENERS["a_user_script_in_a_page"],
}.items():
    document_id_told_to(_name, _opener)


@scenario(claims=["MS3"])
def the_document_lifecycle_of_a_sender(play: Play) -> None:
    """Sender.documentLifecycle: "active" when the port is made, and still when the page has gone into the bfcache; or absent."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect()
    play.settle()
    page.navigate("other")
    play.settle()
    heard.port.read("sender")
    play.settle()

    now = Field(Pattern("note", "sender", port=heard.port.name), "value.documentLifecycle", wanted="active")
    play.expect_one_of(
        "sender.documentLifecycle",
        variant(
            "is-called-once", all_of(heard.port.has("sender.documentLifecycle", wanted="active"), now), claims="MS3"
        ),
        variant("does-not-exist", heard.port.has("sender.documentLifecycle", "absent")),
    )


@scenario()
def the_document_id_of_a_sender(play: Play) -> None:
    """Sender.documentId is the document's own, another in each of two frames."""
    background, page = play.background(), play.page(frames=1)
    heard = background.listen()
    page.connect()
    play.settle()
    page.frames[0].connect()
    play.settle()

    top, frame = heard.nth(1), heard.nth(2)
    play.expect(different_fields("sender.documentId", top.opened_event(), frame.opened_event()))
    play.expect(top.has("sender.documentId", wanted=tag("document-id-of", document=page.name)))
    play.expect(frame.has("sender.documentId", wanted=tag("document-id-of", document=page.frames[0].name)))


@scenario(claims=["WD2"])
def a_sender_after_pushState(play: Play) -> None:
    """history.pushState: the same documentId; sender.url is the address of before, tab.url that of now."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect()
    play.settle()
    page.push_state("pushed")
    page.connect()
    play.settle()

    before, after = heard.nth(1), heard.nth(2)
    kept = [
        same_field(f"sender.{field}", before.opened_event(), after.opened_event())
        for field in ("documentId", "frameId")
    ]
    play.expect(all_of(*kept), claims="WD2")
    play.expect(different_fields("sender.tab.url", before.opened_event(), after.opened_event()))
    play.expect_one_of(
        "sender.url after history.pushState",
        variant(
            "loaded-address",
            same_field("sender.url", before.opened_event(), after.opened_event()),
            title="the address that was loaded",
        ),
        variant(
            "current-address",
            different_fields("sender.url", before.opened_event(), after.opened_event()),
            title="the current address",
        ),
    )


@scenario(claims=["WD2"])
def a_sender_after_a_reload(play: Play) -> None:
    """The page is loaded anew: another documentId, the same tab, frame and address."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect()
    play.settle()
    page.reload()
    page.connect()
    play.settle()

    before, after = heard.nth(1).opened_event(), heard.nth(2).opened_event()
    play.expect(different_fields("sender.documentId", before, after), claims="WD2")
    play.expect(same_field("sender.frameId", before, after), claims="WD2")
    play.expect(all_of(*(same_field(f"sender.{field}", before, after) for field in ("tab.id", "url"))))


@scenario(claims=["WD2", "WD3"])
def a_sender_after_a_navigation_and_back(play: Play) -> None:
    """Another page in the tab has another documentId and url; the first, back from the bfcache, has its own again."""
    background, page = play.background(), play.page()
    heard = background.listen()
    page.connect()
    play.settle()
    other = page.navigate("other")
    play.settle()
    other.connect()
    play.settle()
    back = other.go_back(page)
    play.settle()
    page.connect()
    play.settle()

    first, second, third = (heard.nth(number).opened_event() for number in (1, 2, 3))
    play.expect(
        all_of(*(different_fields(f"sender.{field}", first, second) for field in ("documentId", "url"))), claims="WD2"
    )
    play.expect(
        all_of(*(same_field(f"sender.{field}", first, second) for field in ("tab.id", "frameId"))), claims="WD2"
    )
    play.expect(page.acted_in(1, after=back), because="what follows is about a page that was in the bfcache")
    play.expect(same_field("sender.documentId", first, third), claims="WD3")
    play.expect(all_of(*(same_field(f"sender.{field}", first, third) for field in ("tab.id", "url"))))
