"""Backgrounds of extensions as actors, and what happens to their extensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from portolan.conformance.checks.patterns import Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import Actor, ConnectEventName
from portolan.conformance.language.arguments import checked
from portolan.conformance.language.connectable import ExternallyConnectable, connectable_record
from portolan.conformance.language.ports import BackgroundCrash, ConnectListener, PortEnd, StepRef
from portolan.conformance.language.script import Script
from portolan.conformance.trace import steps as s

SuspendEventName = Literal["onSuspend", "onSuspendCanceled", "pagehide"]
World = Literal["", "other"]


@checked
class Background(Actor):
    """The background of an extension. Its listeners are registered at its top level, in each of its incarnations."""

    def __init__(self, script: Script, name: str, extension: s.Extension) -> None:
        super().__init__(script, name)
        self.extension = extension

    def _step(self, step: s.AnyStep) -> StepRef:
        return StepRef(self._script.step(step))

    def listen(
        self,
        event: ConnectEventName = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> ConnectListener:
        """Listen for new ports, from the start and in each incarnation.

        A listener with a ``label`` is added where it is written instead, in the incarnation that is there then.

        Args:
            event: the event of ``runtime`` to listen to.
            label: what tells a second listener of the same event from the first.
            then: a function of the port; what it writes is done inside the listener, in the same turn.
            record: whether what each port receives is recorded.
        """
        if label:
            return super().listen(event, label=label, then=then, record=record)
        name = self._listener_name(event, label)
        cast = self._script.backgrounds[self.name]
        listener = s.Listener(name, f"runtime.{event}", self._reaction(name, then, record))  # type: ignore[arg-type]
        self._script.backgrounds[self.name] = msgspec.structs.replace(cast, listeners=(*cast.listeners, listener))
        return ConnectListener(self._script, self.name, name, f"runtime.{event}")

    # ---- what the scenario needs

    def require_stoppable(self) -> None:
        """Go on only if this background can be stopped: not applicable to persistent pages."""
        self._step(s.Need(self.name, "background.stops"))

    def require_persistent(self) -> None:
        """Go on only if this background is a persistent page: not applicable to event pages and service workers."""
        self._step(s.Need(self.name, "background.stays"))

    # ---- its life

    def stop(self) -> StepRef:
        """Let the browser stop it by force."""
        return self._step(s.StopBackground(self.extension))

    def begin_stop(self) -> StepRef:
        """Let the browser begin to stop it, and wait for its ``onSuspend``: see ``listen_for_suspend``. For event pages."""
        return self._step(s.BeginStop(self.extension))

    def wait_for_idle_stop(self) -> StepRef:
        """Do nothing until the browser stops it because it is idle."""
        return self._step(s.AwaitIdleStop(self.extension))

    def crash(self) -> BackgroundCrash:
        """Kill the process in which it runs: in Firefox that of all extensions. Not applicable to Chromium."""
        return BackgroundCrash(self._script.step(s.CrashExtensions()), self.name)

    def listen_for_suspend(self, *, hold: bool = False) -> None:
        """Listen to ``runtime.onSuspend`` and ``onSuspendCanceled``, and to the ``pagehide`` of its page.

        ``hold``: its listener of ``onSuspend`` keeps the browser waiting as long as the browser ever waits.
        """
        self._script.do(self.name, s.HearEnd(hold))
        for event in ("runtime.onSuspend", "runtime.onSuspendCanceled", "pagehide"):
            self._script.listeners[f"{self.name}.{event}"] = self.name

    def suspend_event(self, event: SuspendEventName) -> Pattern:
        """One of the events that ``listen_for_suspend`` listens to. A pattern."""
        return Pattern("fire", event if event == "pagehide" else f"runtime.{event}", actor=self.name)

    # ---- its extension

    def reload(self) -> StepRef:
        """Reload its extension."""
        return self._step(s.ReloadExtension(self.extension))

    def disable(self) -> StepRef:
        """Disable its extension. It is enabled again after the play."""
        return self._step(s.DisableExtension(self.extension))

    def uninstall(self) -> StepRef:
        """Remove its extension from the browser. It is installed again after the play."""
        return self._step(s.UninstallExtension(self.extension))

    def update(
        self,
        *,
        externally_connectable: ExternallyConnectable | None = None,
        permissions: Sequence[str] = (),
        both_backgrounds: bool = False,
    ) -> StepRef:
        """Install a newer version of its extension. After the play the manifest is as before.

        Args:
            externally_connectable: this key of the new manifest, as ``{"ids": […], "matches": […]}``; ``{}``: the
                manifest has no such key. ``ids`` are extensions as in ``connect(to=…)``, or ``"*"``; ``matches`` are sites.
            permissions: permissions that it asks for at installation, besides those that it has.
            both_backgrounds: the manifest lists its background as ``scripts`` and as a ``service_worker``.
        """
        key = connectable_record(externally_connectable)
        return self._step(s.UpdateExtension(self.extension, key, tuple(permissions), both_backgrounds))

    # ---- user scripts

    def configure_world(self, *, messaging: bool, world: World = "") -> StepRef:
        """Call ``userScripts.configureWorld``: may user scripts send messages, in the default world or in the other one?"""
        return self._user_scripts(s.ConfigureWorld(messaging, world))

    def reset_world(self, world: World = "") -> StepRef:
        """Call ``userScripts.resetWorldConfiguration``."""
        return self._user_scripts(s.ResetWorld(world))

    def register_user_scripts(self) -> StepRef:
        """Register the play's user scripts once more: an update removes them."""
        return self._user_scripts(s.RegisterUserScripts())

    def forbid_user_scripts(self) -> StepRef:
        """Forbid user scripts, as a user can: the optional permission in Firefox, the switch for them in Chromium."""
        return self._user_scripts(s.ForbidUserScripts())

    def _user_scripts(self, step: s.AnyStep) -> StepRef:
        if self.extension != "subject":
            raise ScenarioError(f"{self.name} has no user scripts; accepted: play.background()")
        return self._step(step)
