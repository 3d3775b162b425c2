"""Where browsers, drivers and development tools come from: one module a source, behind one small interface."""

from runners.sources.base import (
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
from runners.sources.progress import RichProgress
from runners.sources.resolve import ORDER, SOURCES, Finding, resolve, survey

__all__ = [
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
