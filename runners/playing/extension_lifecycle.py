"""What a play does to extensions and their backgrounds: stops, reloads, updates, takes away, and brings back."""

from __future__ import annotations

import asyncio
from typing import Any

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import Missing, NotThere
from portolan.runners.session.extensions import (
    BOTH_BACKGROUNDS_SINCE,
    Made,
    both_backgrounds,
    make_newer,
    manifest_of,
)
from portolan.runners.session.server import SITES


class Extensions:
    """The steps of one play that change extensions. What it takes away is there again when the play is over."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.stage = player.stage
        self.taken: dict[s.Extension, str] = {}
        self.said: dict[s.Extension, dict[str, Any]] = {}
        """What the manifests said, before the play, of what updates have changed in them."""
        self.forbidden = False
        self._outside = player.setting.outside

    @property
    def removed(self) -> set[str]:
        """The extensions that are uninstalled in this play."""
        return {step.extension for step in self.player.scenario.steps if isinstance(step, s.UninstallExtension)}

    async def make_removable(self) -> None:
        """See that what is uninstalled in this play can be installed again. Raises NotThere where it cannot."""
        for extension in self.removed:
            living = await self.player.background(extension)
            if await self.player.outside(self._outside.make_removable, self.player.setting.extensions[extension]):
                await self.stage.until(lambda living=living: not living.alive, self.player.deadline, "a reload")  # type: ignore[misc]
                await self.player.background(extension)

    @property
    def devtools_page(self) -> s.OpenPage | None:
        """The devtools page that this play has, if it has one."""
        opened = (step for step in self.player.scenario.steps if isinstance(step, s.OpenPage))
        return next((step for step in opened if step.kind == "devtools"), None)

    @property
    def needs_other_manifest(self) -> bool:
        """Whether the subject's manifest names another devtools page than this play has, or one that it has not."""
        return manifest_of(self._subject).get("devtools_page") != self._path_of_devtools_page

    @property
    def _subject(self) -> Made:
        return self.player.setting.extensions["subject"]

    @property
    def _path_of_devtools_page(self) -> str | None:
        if not (page := self.devtools_page):
            return None
        address = self.player.documents.address(page.document, page.kind, page.site, [])
        return address.removeprefix(f"{self._subject.origin}/")

    async def name_devtools_page(self) -> None:
        """Let the subject's manifest name this play's devtools page alone: one that names any changes what others observe."""
        if self.needs_other_manifest:
            await self._update("subject", {"devtools_page": self._path_of_devtools_page})

    async def bring_back(self) -> None:
        """The play is over: what it has taken away comes back."""
        for extension, how in self.taken.items():
            await self.player.outside(getattr(self._outside, how), self.player.setting.extensions[extension])
            await self._comes(extension)
        for changed, said in self.said.items():
            await self._update(changed, said)
        if self.forbidden:
            await self.player.outside(self._outside.allow_user_scripts, self.player.setting.extensions["subject"])

    async def restart_with_short_idle_time(self) -> None:
        """A background that runs keeps the timer with which it was started."""
        await self.player.outside(self._outside.shorten_idle_time, True)
        idle: set[s.Extension] = {"subject"}
        idle |= {step.extension for step in self.player.scenario.steps if isinstance(step, s.AwaitIdleStop)}
        for extension in sorted(idle):
            await self._do_StopBackground(s.StopBackground(extension))
            await self.player.background(extension)

    async def _do_StopBackground(self, step: s.StopBackground) -> None:
        actor = s.BACKGROUNDS[step.extension]
        living = await self.player.background(step.extension)
        await self.player.outside(self._outside.stop_background, self.player.setting.extensions[step.extension])
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"{actor}'s end")

    async def _do_BeginStop(self, step: s.BeginStop) -> None:
        """Nothing of ours may reach it until the play's own event has: a message on any port would be an event to it."""
        living = await self.player.background(step.extension)
        before = len(self.player.events)
        await self.player.outside(
            self._outside.begin_stop_of_background, self.player.setting.extensions[step.extension]
        )
        await self.stage.until(
            lambda: any(
                event.actor == living.actor and event.operation == "runtime.onSuspend"
                for event in self.player.events[before:]
            ),
            self.player.opening,
            f"onSuspend in {living.actor}",
        )
        self.player.settler.suspending.add(step.extension)

    async def _do_AwaitIdleStop(self, step: s.AwaitIdleStop) -> None:
        living = await self.player.background(step.extension)
        await self.stage.until(
            lambda: not living.alive, 90 * self.player.setting.factor, f"{living.actor} to be stopped for being idle"
        )

    async def _do_ReloadExtension(self, step: s.ReloadExtension) -> None:
        actor = s.BACKGROUNDS[step.extension]
        living = await self.player.background(step.extension)
        await self.player.outside(self._outside.reload_extension, self.player.setting.extensions[step.extension])
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"{actor}'s end")
        await self._comes(step.extension)

    async def _do_DisableExtension(self, step: s.DisableExtension) -> None:
        await self._take_away(step.extension, "disable_extension", "enable_extension")

    async def _do_UninstallExtension(self, step: s.UninstallExtension) -> None:
        await self._take_away(step.extension, "uninstall_extension", "install_extension")

    async def _take_away(self, extension: s.Extension, how: str, back: str) -> None:
        living = await self.player.background(extension)
        self.player.settler.extension_ends(extension)
        await self.player.outside(getattr(self._outside, how), self.player.setting.extensions[extension])
        self.taken[extension] = back
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"{living.actor}'s end")

    async def _do_UpdateExtension(self, step: s.UpdateExtension) -> None:
        self.player.settler.extension_ends(step.extension)
        if step.both_backgrounds and not self._takes_both_backgrounds():
            raise NotThere("a background that may be listed as scripts and as a service worker (Manifest V3, from 121)")
        await self._change(step.extension, self._changes(step))

    async def _change(self, name: s.Extension, changes: dict[str, Any]) -> None:
        """Update an extension to a manifest with these changes, until the play is over."""
        before = await self._update(name, changes)
        if changes:
            said = {key: before.get(key) for key in changes}
            self.said[name] = said | self.said.get(name, {})

    def _takes_both_backgrounds(self) -> bool:
        return self._outside.background_stops and self._outside.major >= BOTH_BACKGROUNDS_SINCE

    def _changes(self, step: s.UpdateExtension) -> dict[str, Any]:
        """What the newer version's manifest says otherwise than the one that is there."""
        changes: dict[str, Any] = {}
        if step.externally_connectable is not None:
            changes["externally_connectable"] = self._connectable(step.externally_connectable) or None
        if step.permissions:
            asked = manifest_of(self.player.setting.extensions[step.extension])["permissions"]
            changes["permissions"] = [*asked, *step.permissions]
        if step.both_backgrounds:
            changes["background"] = both_backgrounds(step.extension)
        return changes

    async def _do_ForbidUserScripts(self, step: s.ForbidUserScripts) -> None:
        await self.player.background("subject")
        self.forbidden = True
        await self.player.outside(self._outside.forbid_user_scripts, self.player.setting.extensions["subject"])

    async def _update(self, name: s.Extension, changes: dict[str, Any]) -> dict[str, Any]:
        """Install a newer version with these changes of its manifest; what the manifest was."""
        living = await self.player.background(name)
        extension = self.player.setting.extensions[name]
        before = await asyncio.to_thread(make_newer, extension, changes)
        await self.player.outside(self._outside.update_extension, extension)
        await self.stage.until(lambda: not living.alive, self.player.deadline, f"{living.actor}'s end")
        await self._comes(name)
        return before

    async def _comes(self, name: s.Extension) -> None:
        """Wait for the background of an extension that was loaded anew.

        Chromium 156, when the machine is busy, now and then starts no service worker then, however often it is called [M: 3
        in some hundreds]: nothing of that extension can happen, and so it is loaded once more.
        """
        try:
            await self.player.background(name)
        except Missing:
            await self.player.outside(self._outside.update_extension, self.player.setting.extensions[name])
            await self.player.background(name)

    def _connectable(self, key: s.Connectable) -> dict[str, Any]:
        """The key as a manifest writes it."""
        made, troupe = self.player.setting.extensions, self.player.troupe
        ids = [made[id].id if id in made else id for id in key.ids]
        matches = [f"http://{SITES[site]}/{troupe}/*" for site in key.matches]
        return {name: value for name, value in {"ids": ids, "matches": matches}.items() if value}
