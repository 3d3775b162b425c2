"""Portolan, a conformance suite for WebExtension messaging ports.

This module is the public API for authors of scenarios: everything that a scenario needs is imported from here.
"""

from portolan.conformance.checks.checks import (
    all_of,
    any_of,
    at_least_once,
    at_most_once,
    different_fields,
    exactly_once,
    in_order,
    never,
    same_field,
)
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.scenario import generated, scenario
from portolan.conformance.trace.values import tag

__all__ = [
    "Play",
    "all_of",
    "any_of",
    "at_least_once",
    "at_most_once",
    "different_fields",
    "exactly_once",
    "generated",
    "in_order",
    "never",
    "same_field",
    "scenario",
    "tag",
    "variant",
]
