"""What a scenario function receives: actors to act with, a stage to change, and checks to require.

Nothing happens here: every method writes a step, or notes a check.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from portolan.conformance.checks.checks import AnyCheck, Check
from portolan.conformance.checks.patterns import Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import LOADED_FRAMES, Actor, Document, FrameSpec, SiteName, frame_of, site_of
from portolan.conformance.language.arguments import checked, checked_function
from portolan.conformance.language.backgrounds import Background
from portolan.conformance.language.native import Application
from portolan.conformance.language.ports import ConsoleReading, StepRef
from portolan.conformance.language.scenario import VARIANT_ID, OpenPoint, Requirement, Variant
from portolan.conformance.language.script import Script
from portolan.conformance.trace import steps as s


def variant(id: str, check: AnyCheck, *, claims: str | Sequence[str] = (), title: str = "") -> Variant:
    """One accepted answer to an open point. For ``play.expect_one_of``.

    Args:
        id: a short name such as ``"dies-with-the-first"``: small letters, digits and hyphens. Expectations refer to it.
        check: what is seen where this is the answer.
        claims: the claims that hold where it is seen.
        title: the same as ``id``, in words for people; without it, the id's own words.
    """
    if not isinstance(id, str) or not VARIANT_ID.fullmatch(id):
        raise ScenarioError(
            f"a variant is called {id!r}; accepted: small letters and digits, with hyphens, as in 'dies-with-the-first'"
        )
    return Variant(id, title or id.replace("-", " "), _check(check, f"the variant {id!r}"), _claims(claims))


def _claims(claims: str | Sequence[str]) -> tuple[str, ...]:
    return (claims,) if isinstance(claims, str) else tuple(claims)


def _check(check: object, where: str) -> Any:
    """The check, if it is one. Raises ScenarioError that says what was forgotten."""
    if isinstance(check, Check):
        return check
    if isinstance(check, Pattern):
        raise ScenarioError(
            f"{where} is given the pattern “{check}”; accepted: a check of it, as exactly_once(…), never(…) or in_order(…)"
        )
    if isinstance(check, Variant):
        raise ScenarioError(
            f"{where} is given the variant {check.id!r}; accepted: a check; variants go into play.expect_one_of(…)"
        )
    if callable(check):
        name = getattr(check, "__name__", "it")
        raise ScenarioError(f"{where} is given {name}, which was not called; write {name}(…)")
    raise ScenarioError(
        f"{where} is given {check!r}, a {type(check).__name__}; accepted: a check such as port.stayed_open()"
    )


@checked
class Play:
    """A play as the author of a scenario describes it.

    A scenario function receives one. Ask it for actors (``background()``, ``page()``, …), let them act, and say what must
    hold (``expect()``, ``expect_one_of()``).
    """

    def __init__(self, script: Script) -> None:
        self._script = script

    # ---- actors

    def background(self) -> Background:
        """The background of the extension under test: a persistent page, an event page or a service worker."""
        return self._background("background", "subject")

    def peer(self) -> Background:
        """The background of the second extension."""
        return self._background("peer", "peer")

    def _background(self, actor: str, extension: s.Extension) -> Background:
        self._script.add_background(actor, extension)
        return Background(self._script, actor, extension)

    def application(
        self,
        name: str = "application",
        *,
        manifest: s.NativeManifest = "allowed",
        echo: bool = False,
        ignores_eof: bool = False,
        never_reads: bool = False,
    ) -> Application:
        """A native application, for ``connect_native``.

        Args:
            name: the actor's name.
            manifest: whether and how the application's manifest is wrong.
            echo: it answers each message with the same message.
            ignores_eof: it goes on running at the end of its input, until the browser kills it.
            never_reads: it never reads its input.
        """
        on_message: Literal["record", "echo", "ignore"] = "ignore" if never_reads else "echo" if echo else "record"
        self._script.add_application(s.Application(name, manifest, on_message, "stay" if ignores_eof else "exit"))
        return Application(self._script, name)

    def page(
        self,
        name: str = "page",
        *,
        site: SiteName = "same-site",
        frames: int | Sequence[FrameSpec] = 0,
        window: s.Window = "same",
        bfcache: bool = True,
    ) -> Document:
        """A web page in a tab of its own. What it does is done by the content script of the extension under test in it.

        Args:
            name: the actor's name.
            site: one of two web sites; documents of different sites live in different processes.
            frames: how many frames it has, or for each frame where its document comes from.
            window: whether its tab is in the window that is there, in a new one, or in a new private one.
            bfcache: whether the browser may keep the page in its back/forward cache when it is left.
        """
        return self._open(name, "web", frames, site=site, window=window, bfcache=bfcache)

    def extension_page(self, name: str = "extension_page", *, frames: int | Sequence[FrameSpec] = 0) -> Document:
        """A page of the extension under test, in a tab of its own. ``frames`` given as a number are its own pages too."""
        return self._open(name, "extension", ["extension"] * frames if isinstance(frames, int) else frames)

    def options_page(self, name: str = "options_page") -> Document:
        """The options page of the extension under test, in a tab of its own."""
        return self._open(name, "options", 0)

    def popup(self, name: str = "popup") -> Document:
        """The popup of the extension's button, opened by ``action.openPopup()``; not applicable without that function."""
        return self._open(name, "popup", 0)

    def sidebar(self, name: str = "sidebar") -> Document:
        """The extension's sidebar in Firefox, its side panel in Chromium; not applicable where there is neither."""
        return self._open(name, "sidebar", 0)

    def devtools(self, page: Document, name: str = "devtools") -> Document:
        """The extension's devtools page, in developer tools that are opened for the tab of a web page. One in a play.

        The manifest lists it during this play alone: the play begins and ends with an update of the extension.
        """
        return self._open(name, "devtools", 0, inspects=page.name)

    def _open(
        self,
        name: str,
        kind: s.Document,
        frames: int | Sequence[FrameSpec],
        *,
        site: SiteName = "same-site",
        window: s.Window = "same",
        bfcache: bool = True,
        inspects: str = "",
    ) -> Document:
        specs: Sequence[FrameSpec] = ["same-site"] * frames if isinstance(frames, int) else frames
        if kind != "web" and (other := next((spec for spec in specs if spec not in LOADED_FRAMES), None)):
            raise ScenarioError(
                f"a frame of an extension's page cannot be {other!r}; accepted: {', '.join(LOADED_FRAMES)}"
            )
        made = tuple(frame_of(f"{name}.frame{n}", spec) for n, spec in enumerate(specs, 1))
        self._script.check_new(name)
        self._script.step(s.OpenPage(name, site_of(site), kind, made, window, bfcache, inspects))
        page = Document(self._script, name)
        page.frames = [Document(self._script, frame.document, page) for frame in made]
        return page

    # ---- steps

    def settle(self) -> StepRef:
        """Wait until everything that was set in motion has arrived."""
        return StepRef(self._script.step(s.Settle()))

    def next_step(self) -> StepRef:
        """The step that will be written next, for ``after`` and ``before``."""
        return StepRef(len(self._script.steps))

    def read_console(self, like: str, *, of: Actor | Application) -> ConsoleReading:
        """Look in the browser's console for lines in which this regular expression is found.

        Args:
            like: the regular expression.
            of: the actor that may have caused the lines; what it caused before has reached the console by then.
                In Chromium the console is the extension's list of errors.
        """
        return ConsoleReading(self._script.step(s.ReadConsole(of.name, like)))

    def require_api(self, actor: Actor, path: str) -> None:
        """Go on only if the actor's context has the API at ``path``; otherwise the scenario is not applicable."""
        self._script.step(s.Need(actor.name, path))

    # ---- what must hold

    def expect(self, check: AnyCheck, *, claims: str | Sequence[str] = (), because: str = "") -> None:
        """Require that a check holds.

        Args:
            check: the check, such as ``port.stayed_open()``.
            claims: the claims that it judges.
            because: why it must hold, for people.
        """
        self._outside_turns("play.expect(…)")
        self._script.requirements.append(Requirement(_check(check, "play.expect"), _claims(claims), because))

    def expect_one_of(self, topic: str, *variants: Variant) -> None:
        """Say where browsers may differ: exactly one of the variants must be seen.

        Args:
            topic: what is open, in words.
            variants: the accepted answers, each made by ``variant(…)``.
        """
        self._outside_turns("play.expect_one_of(…)")
        self._script.open_points.append(OpenPoint(topic, variants))

    def _outside_turns(self, call: str) -> None:
        if self._script.in_turn:
            raise ScenarioError(f"{call} stands inside a turn or a reaction; write it at the end of the scenario")


variant = checked_function(variant)
