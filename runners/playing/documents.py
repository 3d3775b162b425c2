"""The documents of one play: opening, loading, removing and finding them."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import FILES, TABLESS, Document, Envelope, NotThere
from portolan.runners.playing.stage import once_more

if TYPE_CHECKING:
    from portolan.runners.session.extensions import Made

NO_ADDRESS = ("about:blank", "srcdoc")


class Documents:
    """The documents that a play has on the stage, by name, and the steps that change them."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.stage = player.stage
        self.known: dict[str, Document] = {}
        self.windows: list[int] = []

    @property
    def tabs(self) -> list[int]:
        """The tabs that are open."""
        return sorted({document.tab for document in self.known.values() if document.tab is not None})

    @property
    def _subject(self) -> Made:
        return self.player.setting.extensions["subject"]

    def there(self) -> list[Document]:
        """The documents whose actors are there."""
        return [document for name, document in self.known.items() if self.player.alive(name)]

    def extension_channels(self) -> set[int]:
        """The channels of the extension's own pages that are there."""
        living = [one for one in self.stage.incarnations.values() if one.alive and one.play == self.player.id]
        return {one.channel for one in living if one.role.get("context") == "extension-page"}

    def _place(self, name: str, kind: str, site: str, parent: Document | None = None) -> Document:
        document = Document(name, kind, site, parent=parent, tab=parent.tab if parent else None)
        self.known[name] = document
        if parent:
            parent.children.append(document)
        return document

    def _address(self, document: s.Frame | s.OpenPage, name: str) -> str:
        frames = [self._described(frame) for frame in getattr(document, "frames", ())]
        more = {} if getattr(document, "kept", True) else {"kept": "no"}
        return self.address(name, document.kind, document.site, frames, **more)

    def _described(self, frame: s.Frame) -> dict[str, str]:
        blank = frame.holds in NO_ADDRESS
        url = "about:blank" if blank else self._address(frame, frame.document)
        return {"name": frame.document, "url": url, "holds": frame.holds}

    def address(self, name: str, kind: str, site: str, frames: list[dict[str, str]], **more: str) -> str:
        """The address of a document of this play."""
        query = {"play": self.player.id, "document": name, **more}
        if frames:
            query["frames"] = json.dumps(frames)
        if kind == "web":
            if f"{name}.script" in self.player.scenario.actors:
                query["script"] = "1"
            if f"{name}.second_script" in self.player.scenario.actors:
                query["second"] = "1"
            peer = f"{name}.peer" in self.player.scenario.actors
            return self.player.setting.pages.address(site, self.player.troupe, peer=peer, **query)
        return f"{self._subject.origin}{FILES[kind]}?{urlencode(query)}"

    def _due(self, document: Document) -> list[str]:
        names = [document.name]
        if document.kind == "web":
            names += [actor for suffix in s.SCRIPTS if (actor := document.name + suffix) in self.player.scenario.actors]
        return names

    def _bind(self, document: Document) -> None:
        if channel := document.channel:
            self.player.bindings[f"tab-of {document.name}"] = document.tab
            self.player.bindings[f"frame-of {document.name}"] = channel.frame
            self.player.bindings[f"document-id-of {document.name}"] = channel.document_id

    async def arrived(self, documents: list[Document]) -> None:
        """Wait until every actor of new documents has said hello, and the observer has its twins with them."""
        due = [actor for document in documents for actor in self._due(document)]
        await self.stage.until(
            lambda: all(self.player.alive(actor) for actor in due),
            self.player.opening,
            lambda: "hello of " + ", ".join(actor for actor in due if not self.player.alive(actor)),
        )
        for document in documents:
            living = self.player.alive(document.name)
            assert living
            document.channel = channel = self.stage.channels[living.channel]
            if channel.tab is not None:
                document.tab = channel.tab
            self._bind(document)
            if document.kind == "web":
                await self.stage.until(
                    partial(getattr, channel, "twin"), self.player.opening, f"the observer's twin with {document.name}"
                )

    async def _do_OpenPage(self, step: s.OpenPage) -> None:
        document = self._place(step.document, step.kind, step.site)
        for frame in step.frames:
            self._place(frame.document, frame.kind, frame.site, document)
        address = self._address(step, step.document)
        if step.kind == "web":
            if step.window == "same":
                answer = await self.stage.command("openTab", self.player.opening, url=address, active=False)
            else:
                private = step.window == "private"
                answer = await self.stage.command("openWindow", self.player.opening, url=address, incognito=private)
                self._raise_lacking(step, answer)
                self.windows.append(answer["window"])
            for each in document.tree():
                each.tab = answer["tab"]
            await self._loaded(answer["tab"], address, step.document)
            if any(frame.holds == "sandboxed" for frame in step.frames):
                await self._need_scripts_in_sandboxed_frames(step)
        elif step.kind == "devtools":
            document.inspects = self.known[step.inspects]
            inspected = await self.player.living(step.inspects)
            await self.player.outside(self.player.setting.outside.open_devtools, inspected.url)
        elif step.kind == "popup":
            await once_more(lambda: self._popup_opens(step, document, address))
            return
        else:
            await self._opens_by_itself(step, address, "prepareSidebar" if step.kind == "sidebar" else "openTab")
            if step.kind == "sidebar":
                await self.player.outside(self.player.setting.outside.open_sidebar, self._subject)
        await self.arrived(document.tree())

    async def _opens_by_itself(self, step: s.OpenPage, address: str, how: str) -> None:
        """Have the subject's background open a page of its own."""
        opener = await self.player.background("subject")
        answer = await self.stage.send(opener, self.player.deadline, do=how, url=address)
        self._raise_lacking(step, answer)

    async def _popup_opens(self, step: s.OpenPage, document: Document, address: str) -> None:
        """Open it, and wait for it: behind the end of a private window it did not come, in Firefox [M: 2 in some thousands, 140 and 159]."""
        await self._opens_by_itself(step, address, "openPopup")
        await self.arrived([document])

    async def _need_scripts_in_sandboxed_frames(self, step: s.OpenPage) -> None:
        """Raise NotThere where no content script runs in them: Firefox 115 [M].

        The page is loaded whole, so theirs have run; what they said came out of the same process as the page's answers.
        """
        if self.player.setting.family != "firefox":
            return
        await self.arrived([self.known[step.document]])
        await self.player.settler.rounds(3)
        if any(frame.holds == "sandboxed" and not self.player.alive(frame.document) for frame in step.frames):
            raise NotThere("content scripts in sandboxed frames")

    def _raise_lacking(self, step: s.OpenPage, answer: Envelope) -> None:
        """Raise NotThere where the browser has not opened it."""
        if lacking := answer.get("lacking"):
            for name in (step.document, *(frame.document for frame in step.frames)):
                del self.known[name]
            raise NotThere(str(lacking))

    async def _do_AddFrame(self, step: s.AddFrame) -> None:
        parent = self.known[step.into]
        document = self._place(step.frame.document, step.frame.kind, step.frame.site, parent)
        owner = await self.player.living(step.into)
        url = self._address(step.frame, step.frame.document)
        await self.stage.send(owner, self.player.deadline, do="addFrame", name=step.frame.document, url=url)
        await self.arrived([document])

    async def _do_RemoveFrame(self, step: s.RemoveFrame) -> None:
        document = self.known[step.document]
        assert document.parent
        owner = await self.player.living(document.parent.name)
        self.player.settler.ends(document.tree())
        document.parent.children.remove(document)  # going back to the page does not bring it back
        await self.stage.send(owner, self.player.deadline, do="removeFrame", name=step.document)

    async def _do_NavigateFrame(self, step: s.NavigateFrame) -> None:
        document = self.known[step.document]
        assert document.parent
        owner = await self.player.living(document.parent.name)
        self.player.settler.ends(document.tree())
        document.parent.children.remove(document)
        successor = self._place(step.to.document, step.to.kind, step.to.site, document.parent)
        url = self._address(step.to, step.to.document)
        await self.stage.send(
            owner, self.player.deadline, do="navigateFrame", name=step.document, url=url, successor=step.to.document
        )
        await self.arrived([successor])

    async def _do_Navigate(self, step: s.Navigate) -> None:
        document = self.known[step.document]
        self.player.settler.ends(document.tree())
        successor = self._place(step.to, "web", step.site)
        assert document.tab is not None
        if step.how == "replace":
            await self._replace(document, successor, step)
            return
        address = self.address(step.to, "web", step.site, [], hold=f"{self.player.id}-{step.to}")
        await self._leave(document.tab, address, f"{self.player.id}-{step.to}")
        await self._loaded(document.tab, address, step.to)
        await self.arrived([successor])

    async def _replace(self, document: Document, successor: Document, step: s.Navigate) -> None:
        address = self.address(step.to, "web", step.site, [])
        owner = await self.player.living(document.name)
        await self.stage.send(owner, self.player.deadline, do="replaceLocation", url=address)
        assert document.tab is not None
        await self._loaded(document.tab, address, step.to)
        await self.arrived([successor])

    async def _do_RewriteDocument(self, step: s.RewriteDocument) -> None:
        page = await self.player.living(f"{step.document}.script")  # Firefox lets no content script do it
        await self.stage.send(page, self.player.deadline, do="rewriteDocument")

    async def _leave(self, tab: int, address: str, hold: str) -> None:
        """Navigate a tab, and let what the old page's process has to say reach the browser before the new page comes.

        Firefox's child process tells its parent late that the navigation's own request is the only one that goes on. A
        response that is faster (this server's, within 4 ms) finds "requests in the loadgroup", and the page is not kept in
        the bfcache: about one time in 20 under load, in 153.
        """
        loop, asked = asyncio.get_running_loop(), asyncio.Event()

        def on_asked() -> None:
            loop.call_soon_threadsafe(asked.set)
            loop.call_soon_threadsafe(self.stage.changed)

        with self.player.setting.pages.held(hold, on_asked):
            await self.stage.command("updateTab", self.player.opening, tab=tab, url=address)
            await self.stage.until(asked.is_set, self.player.opening, "the request for the next page")
            await self.player.settler.rounds(2)

    async def _loaded(self, tab: int, address: str, document: str) -> None:
        """Wait until the tab has loaded this address whole; a new tab is "complete" with about:blank before.

        Firefox keeps a page that is left earlier out of the bfcache.
        """
        wanted = ("complete", address)
        await self.stage.until(
            lambda: self.stage.tab_status.get(tab) == wanted, self.player.opening, f"{document} to load"
        )

    async def _do_Reload(self, step: s.Reload) -> None:
        document = self.known[step.document]
        living = await self.player.living(document.name)
        self.player.settler.ends([document])
        successor = self._place(document.name, document.kind, document.site)
        successor.tab = document.tab
        await self.stage.send(living, self.player.deadline, do="reload")
        for one in self.stage.incarnations.values():
            if one.play == self.player.id and one.channel == living.channel:
                one.alive = False
        await self.arrived([successor])

    async def _do_GoBack(self, step: s.GoBack) -> None:
        leaving, target = self.known[step.document], self.known[step.to]
        self.player.settler.ends(leaving.tree())
        hidden = [
            one
            for one in self.stage.incarnations.values()
            if one.play == self.player.id and one.actor in [d.name for d in target.tree()]
        ]
        for incarnation in hidden:
            incarnation.alive = False  # until it says that it is shown again
        # Not tabs.goBack: Chromium's skips documents that nobody has touched.
        await self.stage.send(await self.player.living(leaving.name), self.player.deadline, do="goBack")
        await self.arrived(target.tree())

    async def _do_CloseTab(self, step: s.CloseTab) -> None:
        document = self.known[step.document]
        self.player.settler.ends(document.tree())
        if document.kind in TABLESS:
            await self._close_tabless(document)
            return
        self.player.settler.ends(self._inspecting(document))
        await self.stage.command("closeTabs", self.player.deadline, tabs=[document.tab])
        self._moves(document.tab, None)

    async def _close_tabless(self, document: Document) -> None:
        living = await self.player.living(document.name)
        outside = self.player.setting.outside
        if document.kind == "devtools":
            await self.player.outside(outside.close_devtools)
        elif document.kind != "sidebar" or not await self.player.outside(outside.close_sidebar):
            await self.stage.send(living, self.player.deadline, do="closeWindow")
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"the end of {document.name}")

    async def close_windows(self) -> None:
        """The play is over: its windows have gone before the next one begins, so that nothing of that meets one that goes."""
        if self.windows:
            await self.stage.command("closeWindows", self.player.opening, windows=self.windows)

    async def close_tabless(self) -> None:
        """The play is over: no popup, no sidebar and no DevTools stay open."""
        for document in self.there():
            if document.kind in TABLESS:
                await self._close_tabless(document)

    def _inspecting(self, page: Document) -> list[Document]:
        """The devtools page of a page's tab, if it is there: it goes with the tab."""
        return [document for document in self.there() if document.inspects is page]

    def _moves(self, tab: int | None, to: int | None) -> None:
        """A tab is closed, or goes on under another id."""
        for each in self.known.values():
            if each.tab == tab:
                each.tab = to

    async def _do_CloseWindow(self, step: s.CloseWindow) -> None:
        document = self.known[step.document]
        self.player.settler.ends([*document.tree(), *self._inspecting(document)])
        await self.stage.command("closeWindow", self.player.deadline, tab=document.tab)
        self._moves(document.tab, None)

    async def _do_DiscardTab(self, step: s.DiscardTab) -> None:
        document = self.known[step.document]
        self.player.settler.ends(document.tree())
        answer = await self.stage.command("discardTab", self.player.deadline, tab=document.tab)
        self._moves(document.tab, answer["tab"])

    def _extension_goes_with(self, document: Document) -> None:
        """What a process that renders an extension's page has besides: all of the extension's pages, and its background."""
        outside = self.player.setting.outside
        if outside.extensions_share_a_process:
            raise NotThere("a process for the pages of one extension alone")
        self.player.settler.extension_ends("subject")
        if not outside.background_stops:
            # The extension has ended, and nothing but a reload brings it back [M: Chromium 120 and 150].
            self.stage.spent = f"{self.player.scenario.name} has crashed the process of {document.name}"

    async def _do_CrashTab(self, step: s.CrashTab) -> None:
        document = self.known[step.document]
        living = await self.player.living(step.document)
        if document.kind != "web":
            self._extension_goes_with(document)
        self.player.settler.ends(document.tree())
        await self.player.outside(self.player.setting.outside.crash_tab, living.url)
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"the end of {step.document}")
