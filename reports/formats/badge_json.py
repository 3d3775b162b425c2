"""A badge as shields.io's endpoint takes it (https://shields.io/badges/endpoint-badge)."""

from __future__ import annotations

import json

from portolan.reports.formats import Given
from portolan.reports.formats.badge import LABEL, badge

SUFFIX, ONE_RUN = ".json", False


def render(given: Given) -> str:
    """The endpoint's answer."""
    said = badge(given)
    data = {"schemaVersion": 1, "label": LABEL, "message": said.message, "color": said.color}
    return json.dumps(data | ({"isError": True} if said.color == "red" else {})) + "\n"
