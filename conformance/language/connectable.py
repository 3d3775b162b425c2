"""The manifest's key ``externally_connectable``, as a scenario writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, get_args

from portolan.conformance.errors import ScenarioError
from portolan.conformance.trace import steps as s


class Connectable(TypedDict, total=False):
    """Who may connect from outside; an empty one is a manifest without the key.

    ``ids``: ``"subject"``, ``"peer"``, ``"*"``, or any id as it is. ``matches``: sites, whose pages may connect.
    """

    ids: Sequence[str]
    matches: Sequence[s.Site]


def as_step(scenario: str, key: Connectable | None) -> s.Connectable | None:
    """The key as a step holds it. Raises ScenarioError for what it cannot say."""
    if key is None:
        return None
    sites = get_args(s.Site)
    wrong = [f"the property {name!r}" for name in key if name not in Connectable.__annotations__]
    wrong += [f"the site {site!r}" for site in key.get("matches", ()) if site not in sites]
    if wrong:
        raise ScenarioError(
            f"{scenario}: externally_connectable has {wrong[0]}; accepted: ids, and matches of {' and '.join(sites)}"
        )
    return s.Connectable(tuple(key.get("ids", ())), tuple(key.get("matches", ())))
