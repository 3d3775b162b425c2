"""Portolan, a conformance suite for WebExtension messaging ports.

This module is the public API for authors of scenarios: everything that a scenario needs is imported from here. For example:

    from portolan import Play, scenario


    @scenario
    def a_content_script_says_hello(play: Play) -> None:
        background, page = play.background(), play.page()
        listener = background.listen()
        port = page.connect(name="greeter")
        port.post("hello")
        play.settle()

        play.expect(listener.port.received("hello"))
        play.expect(port.stayed_open())
"""

from portolan.conformance.checks.checks import (
    AnyCheck,
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
from portolan.conformance.checks.patterns import Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.actors import (
    Actor,
    ConnectEventName,
    Document,
    FrameSpec,
    PortGroup,
    SiteName,
    id_of,
)
from portolan.conformance.language.backgrounds import Background
from portolan.conformance.language.building import generated, scenario
from portolan.conformance.language.native import Application, Child
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.ports import (
    BackgroundCrash,
    Call,
    ConnectListener,
    ConsoleReading,
    MessageCall,
    MessageListener,
    OpenedPort,
    PortEnd,
    ReceivedPort,
    StepRef,
)
from portolan.conformance.language.scenario import Variant
from portolan.conformance.trace.values import (
    NAN,
    UNDEFINED,
    bigint,
    cycle,
    date,
    function,
    getter,
    instance,
    js_map,
    js_set,
    nested,
    tag,
    text_of,
)

__all__ = [
    "NAN",
    "UNDEFINED",
    "Actor",
    "AnyCheck",
    "Application",
    "Background",
    "BackgroundCrash",
    "Call",
    "Child",
    "ConnectEventName",
    "ConnectListener",
    "ConsoleReading",
    "Document",
    "FrameSpec",
    "MessageCall",
    "MessageListener",
    "OpenedPort",
    "Pattern",
    "Play",
    "PortEnd",
    "PortGroup",
    "ReceivedPort",
    "ScenarioError",
    "SiteName",
    "StepRef",
    "Variant",
    "all_of",
    "any_of",
    "at_least_once",
    "at_most_once",
    "bigint",
    "cycle",
    "date",
    "different_fields",
    "exactly_once",
    "function",
    "generated",
    "getter",
    "id_of",
    "in_order",
    "instance",
    "js_map",
    "js_set",
    "nested",
    "never",
    "same_field",
    "scenario",
    "tag",
    "text_of",
    "variant",
]
