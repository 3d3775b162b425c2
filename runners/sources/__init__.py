"""Where browsers, drivers and development tools come from: one module a source, behind one small interface."""

from runners.sources.base import (
    CHANNELS,
    KINDS,
    Kind,
    Offer,
    Place,
    Progress,
    Silent,
    Source,
    Tool,
    Want,
    environment_for,
)
from runners.sources.choosing import ORDER, SOURCES, Finding, resolve, survey
from runners.sources.progress import RichProgress

__all__ = [
    "CHANNELS",
    "KINDS",
    "ORDER",
    "SOURCES",
    "Finding",
    "Kind",
    "Offer",
    "Place",
    "Progress",
    "RichProgress",
    "Silent",
    "Source",
    "Tool",
    "Want",
    "environment_for",
    "resolve",
    "survey",
]
