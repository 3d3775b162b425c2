"""The manifest key ``externally_connectable``, as an author writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import SITES, SiteName, site_of
from portolan.conformance.language.arguments import did_you_mean
from portolan.conformance.trace import steps as s


class ExternallyConnectable(TypedDict, total=False):
    """Who may connect from outside. An empty one means a manifest without the key.

    ``ids``: ``"subject"``, ``"peer"``, ``"*"``, or any id as it is. ``matches``: the sites whose pages may connect.
    """

    ids: Sequence[str]
    matches: Sequence[SiteName]


def connectable_record(key: ExternallyConnectable | None) -> s.Connectable | None:
    """The key as steps record it. Raises ScenarioError for what it cannot say."""
    if key is None:
        return None
    for name in key:
        if name not in ExternallyConnectable.__annotations__:
            known = ExternallyConnectable.__annotations__
            raise ScenarioError(
                f"externally_connectable has no property {name!r}{did_you_mean(name, known)}; accepted: ids, matches"
            )
    for site in key.get("matches", ()):
        if site not in SITES:
            raise ScenarioError(f"externally_connectable matches the site {site!r}; accepted: {' and '.join(SITES)}")
    return s.Connectable(tuple(key.get("ids", ())), tuple(site_of(site) for site in key.get("matches", ())))
