"""A report as mdn-bcd-collector makes them, of the features that browser-compat-data has a key for.

Its ``update-bcd`` reads the name of a feature (a dotted path), the result (true, false, null: cannot tell) and, for the
browser and its version, the user agent; this one is made from the run's header, as the browser would write it. It
updates keys that exist; :mod:`portolan.reports.formats.bcd_gaps` lists those that could. Presence is not behaviour: for that, see
the claims.
"""

from __future__ import annotations

import json
import re

from portolan.reports.formats import Given
from portolan.reports.knowledge.compat import (
    Answers,
    Feature,
    Happens,
    Lacking,
    LastErrorThere,
    PortProperty,
    SenderProperty,
    support,
)
from portolan.reports.versions import version_key

SUFFIX, ONE_RUN = ".bcd.json", True

API = "webextensions.api"
SENDER = f"{API}.runtime.MessageSender"
COLLECTED_AT = "https://portolan.test/ports"
"""Reports are grouped by the page that made them; ours is made by none."""

FEATURES = (
    Feature(f"{API}.runtime.connect", Happens("return", "runtime.connect")),
    Feature(f"{API}.runtime.connectNative", Happens("return", "runtime.connectNative")),
    Feature(f"{API}.runtime.lastError", LastErrorThere()),
    Feature(f"{API}.runtime.onConnect", Happens("fire", "runtime.onConnect")),
    Feature(f"{API}.runtime.onConnectExternal", Happens("fire", "runtime.onConnectExternal")),
    Feature(f"{API}.runtime.onUserScriptConnect", Lacking("fire", "runtime.onUserScriptConnect", "runtime.onUserScript", 3)),
    Feature(f"{API}.runtime.Port", Happens("fire", "onMessage")),
    Feature(f"{API}.runtime.Port.error", PortProperty("error")),
    Feature(SENDER, SenderProperty("id", of_tabs=False)),
    Feature(f"{SENDER}.id", SenderProperty("id", of_tabs=False)),
    Feature(f"{SENDER}.url", SenderProperty("url", of_tabs=False)),
    Feature(f"{SENDER}.tab", SenderProperty("tab", of_tabs=False)),
    Feature(f"{SENDER}.origin", SenderProperty("origin")),
    Feature(f"{SENDER}.frameId", SenderProperty("frameId")),
    Feature(f"{SENDER}.documentId", SenderProperty("documentId")),
    Feature(f"{SENDER}.documentLifecycle", SenderProperty("documentLifecycle")),
    Feature(f"{API}.tabs.connect", Happens("return", "tabs.connect")),
    Feature(f"{API}.tabs.connect.connectInfo.name", Answers("the_name_of_a_port_made_by_tabs_connect")),
    Feature(f"{API}.tabs.connect.connectInfo.frameId", Answers("background_connects_to_one_frame_of_a_tab")),
    Feature(f"{API}.tabs.connect.connectInfo.documentId", Answers("connecting_to_a_document")),
    Feature("webextensions.manifest.externally_connectable", Answers("a_web_page_connects", not_there=("not-applicable",))),
)  # fmt: skip
"""Keys of browser-compat-data 8.1.9 that a trace can say something of."""

CANNOT_TELL = "No scenario of this run shows whether it is there."


def render(given: Given) -> str:
    """The report of one run."""
    (run,) = given.runs
    header = run.run.header
    results = [
        {"exposure": "Window", "name": name, "result": result} | ({"message": CANNOT_TELL} if result is None else {})
        for name, result in support(FEATURES, run).items()
    ]
    version = ".".join(re.findall(r"\d+", header.suite)[:3]) or "0"
    report = {
        "__version": version,
        "results": {COLLECTED_AT: results},
        "userAgent": user_agent(header.browser.family, header.browser.version),
    }
    return json.dumps(report, indent=2) + "\n"


def user_agent(family: str, version: str) -> str:
    """What this browser calls itself on Linux: ``update-bcd`` finds the browser and its major version in it."""
    numbers, _, _ = version_key(version)
    major = numbers[0] if numbers else 0
    if family == "firefox":
        return f"Mozilla/5.0 (X11; Linux x86_64; rv:{major}.0) Gecko/20100101 Firefox/{major}.0"
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
