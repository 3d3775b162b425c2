"""Where browsers, drivers and development tools come from: one module a source, behind one small interface."""

from portolan.runners.sources.base import (
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
from portolan.runners.sources.catalogue import Catalogue, browser_at, newest_of_each_major
from portolan.runners.sources.choosing import ORDER, SOURCES, Finding, order_of, resolve, survey
from portolan.runners.sources.progress import RichProgress

__all__ = [
    "CHANNELS",
    "KINDS",
    "ORDER",
    "SOURCES",
    "Catalogue",
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
    "browser_at",
    "environment_for",
    "newest_of_each_major",
    "order_of",
    "resolve",
    "survey",
]
