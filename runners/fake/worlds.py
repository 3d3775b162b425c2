"""The worlds of user scripts: what each is configured to allow, and which functions the scripts in it have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import NO_RECEIVER, JsError
from portolan.runners.fake.interface import Model

if TYPE_CHECKING:
    from portolan.runners.fake.state import Context

DEFAULT = ""
"""The name of the default world."""
WORLDS = {".user_script": DEFAULT, ".other_user_script": "other"}
"""The worlds of user scripts, by the ends of their actors' names."""
MESSAGING = {"runtime": "object", "runtime.connect": "function", "runtime.sendMessage": "function"}


API = {"userScripts": "object", "userScripts.configureWorld": "function"}


class Worlds:
    """The worlds of one fake browser, and who may have any: ``permitted`` have the permission, ``running`` may use it, too.

    A play begins with messaging allowed in the subject's default world.
    """

    def __init__(self, network: Model) -> None:
        self.network = network
        self.configured = {DEFAULT: True}
        self.permitted = {"subject"} if network.user_scripts else set()
        self.running = set(self.permitted)

    def forbid(self) -> None:
        """A person takes user scripts from the subject."""
        bugs, family = self.network.bugs, self.network.family
        if Bug.FORBIDS_NOTHING in bugs:
            return
        self.running.discard("subject")
        if not self.network.rule(family.user_scripts_by_installation, Bug.FORBIDDEN_PERMISSION_OPPOSITE):
            self.permitted.discard("subject")

    def asked_for(self, extension: str) -> None:
        """An extension is installed that asks for the permission at once."""
        by_installation = self.network.family.user_scripts_by_installation
        if self.network.user_scripts and self.network.rule(by_installation, Bug.INSTALLED_PERMISSION_OPPOSITE):
            self.permitted.add(extension)
            self.running.add(extension)

    def may_send(self, world: str) -> bool:
        """Whether a user script in a world that is made now may send messages."""
        if Bug.MESSAGING_EVERYWHERE in self.network.bugs:
            return True
        if world in self.configured and Bug.OWN_CONFIGURATION_IGNORED not in self.network.bugs:
            return self.configured[world]
        family = self.network.family
        for_all = world == DEFAULT or self.network.rule(
            family.default_world_is_for_all, Bug.DEFAULT_CONFIGURATION_OPPOSITE
        )
        return for_all and self.configured.get(DEFAULT, False)

    def enter(self, context: Context, world: str) -> None:
        """A document's world is made."""
        context.world = world
        context.apis.clear()
        if self.may_send(world):
            context.apis.update(MESSAGING)

    def configure(self, world: str, *, messaging: bool) -> None:
        """Do what ``userScripts.configureWorld`` does."""
        if Bug.CONFIGURES_NOTHING in self.network.bugs:
            return
        self.configured[world] = messaging
        self._changed()

    def reset(self, world: str) -> None:
        """Do what ``userScripts.resetWorldConfiguration`` does."""
        if Bug.RESETS_NOTHING in self.network.bugs:
            return
        self.configured.pop(world, None)
        self._changed(unseen=self.network.family.resets_reach_unseen_worlds)

    def background_ends(self) -> None:
        """The background that configured them is stopped."""
        if Bug.FORGETS_WORLDS in self.network.bugs:
            self.configured = {}

    def is_updated(self) -> None:
        """The extension is updated."""
        if self.network.rule(not self.network.family.worlds_outlive_updates, Bug.UPDATED_WORLDS_OPPOSITE):
            self.configured = {}

    def _changed(self, *, unseen: bool = False) -> None:
        """Only new worlds are other ones than before, but with a bug; ``unseen``: and those at whose API no script has looked."""
        bugs = self.network.bugs
        for context in self.network.contexts:
            if context.kind != "user-script" or not context.alive:
                continue
            if Bug.CHANGES_WORLDS_AT_ONCE in bugs or (unseen and not context.looked):
                self.enter(context, context.world)
            context.forbidden = not self.may_send(context.world)
            if context.forbidden and Bug.FORBIDDEN_PORTS_END in bugs:
                for end in context.ends:
                    self.network.later(lambda end=end: self.network.end_channel(end.channel))  # type: ignore[misc]


def throw_if_forbidden(network: Model, context: Context) -> None:
    """Raise what a call throws in a world that may not send messages any more, where the fake has that bug."""
    if context.forbidden and Bug.FORBIDDEN_CALLS_THROW in network.bugs:
        raise JsError("Error", NO_RECEIVER)
