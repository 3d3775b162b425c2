"""Features of ports that browser-compat-data has no key for: a key that each could have, and what the runs say of it.

Keys are in the style of those that exist (browser-compat-data 8.1.9, November 2026, has none of them). ``null``: no play of
the run tells; where there is no evidence at all, no scenario is about it yet.
"""

from __future__ import annotations

import json

from portolan.reports.formats import Given
from portolan.reports.knowledge.compat import (
    Answers,
    Feature,
    Happens,
    LastErrorAtEnds,
    PortProperty,
    SenderProperty,
    support,
)
from portolan.reports.text.table import labels

SUFFIX, ONE_RUN = ".bcd-gaps.json", False

PORT = "webextensions.api.runtime.Port"
CONNECT = "webextensions.api.runtime.connect"
SENDER = "webextensions.api.runtime.MessageSender"
EXTERNALLY = "webextensions.manifest.externally_connectable"

GAPS = (
    Feature(f"{PORT}.name", PortProperty("name"), "The port's name."),
    Feature(f"{PORT}.sender", SenderProperty("id", of_tabs=False), "Who opened the port, at the receiver's end."),
    Feature(f"{PORT}.disconnect", Happens("return", "disconnect"), "Ending a port."),
    Feature(f"{PORT}.postMessage", Happens("return", "postMessage"), "Sending through a port."),
    Feature(f"{PORT}.onMessage", Happens("fire", "onMessage"), "Receiving through a port."),
    Feature(f"{PORT}.onDisconnect", Happens("fire", "onDisconnect"), "Being told of a port's end."),
    Feature(
        f"{PORT}.onDisconnect.sets_lastError",
        LastErrorAtEnds(),
        "runtime.lastError is set inside the listener where a port ended with an error.",
    ),
    Feature(
        f"{PORT}.survives_single_receiver_unload",
        Answers(
            "one_of_two_receiving_frames_is_removed",
            ("lives-until-all-receivers-unload",),
            ("dies-with-the-first-receiver",),
        ),
        "A port with several receivers stays open when one of them unloads (Firefox bug 1465514).",
    ),
    Feature(
        f"{PORT}.disconnected_in_bfcache",
        Answers(
            "a_page_with_an_open_port_is_navigated_away_and_comes_back",
            ("ends-with-an-error-unseen-by-the-page",),
            ("stays-open-and-loses-messages",),
        ),
        "A port is closed when its page goes into the back/forward cache (w3c/webextensions issue 474).",
    ),
    Feature(
        f"{PORT}.does_not_keep_background_alive",
        Answers("an_idle_background_is_stopped_in_spite_of_an_open_port"),
        "An idle background is stopped although a port is open.",
    ),
    Feature(f"{PORT}.postMessage.structured_clone", None, "Messages are cloned structurally, not through JSON."),
    Feature(
        f"{CONNECT}.extensionId",
        Happens("fire", "runtime.onConnectExternal"),
        "Connecting to another extension by its id.",
    ),
    Feature(f"{CONNECT}.connectInfo.name", Answers("the_name_is_seen_on_both_ends"), "Naming a port."),
    Feature(f"{CONNECT}.connectInfo.includeTlsChannelId", None, "Asking for the TLS channel's id."),
    Feature(
        f"{CONNECT}.web_page",
        Answers("a_web_page_connects", not_there=("not-applicable",)),
        "runtime.connect is there for the script of a web page that externally_connectable lists.",
    ),
    Feature(
        f"{SENDER}.userScriptWorldId",
        SenderProperty("userScriptWorldId", "runtime.onUserScriptConnect"),
        "The world of the user script that opened the port.",
    ),
    Feature(f"{SENDER}.nativeApplication", None, "The native application that opened the port."),
    Feature(
        f"{EXTERNALLY}.matches",
        Answers("a_web_page_connects", not_there=("not-applicable",)),
        "Web pages whose addresses match can connect.",
    ),
    Feature(
        f"{EXTERNALLY}.ids",
        Answers("ids_that_name_another_extension", ("is-excluded",), ("is-admitted",)),
        "Only the extensions that are listed can connect.",
    ),
    Feature(f"{EXTERNALLY}.accepts_tls_channel_id", None, "TLS channel ids are handed on."),
)


def render(given: Given) -> str:
    """The list, with a column for each run."""
    columns = list(labels(given.runs))
    told = [support(GAPS, run) for run in given.runs]
    data = {
        "runs": columns,
        "features": [
            {
                "key": gap.key,
                "what": gap.what,
                "tested": gap.evidence is not None,
                "support": {column: found[gap.key] for column, found in zip(columns, told, strict=True)},
            }
            for gap in GAPS
        ],
    }
    return json.dumps(data, indent=2) + "\n"
