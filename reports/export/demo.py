"""All files of an exported demo, by their names: the extension for Firefox and for Chromium, its web pages, and what to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import jinja2

from portolan.conformance.judging.bugs import Bug, Shown
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import plain
from portolan.reports.export.code import Actor, block
from portolan.reports.export.limits import before, has_one_time_messages, speaks_natively, unshown
from portolan.reports.export.literals import host, text
from portolan.reports.export.report import report_of, should_lines
from portolan.reports.export.stage import Demo, Part, demo_steps, parts
from portolan.reports.load import JudgedRun

TEMPLATES = resources.files("portolan.reports.export") / "templates"
SITES = ("http://127.0.0.1/", "http://localhost/")
FIXED = ("tell.js", "demo.js", "demo.css", "open.js")
"""Files that are the same in every demo."""

CARRIERS = {False: "by-messages.js", True: "by-storage.js"}
"""How the demo's contexts speak with its page, by whether one-time messages are a part of what is shown."""

Family = Literal["firefox", "chromium"]


def demo_files(
    scenario: Scenario, bug: Bug | None = None, runs: Sequence[JudgedRun] = (), manifest: int = 2
) -> dict[str, str]:
    """The texts of all files, by path. ``runs``: what the bug report tells; ``manifest``: the manifest version in Firefox."""
    shown = bug.by(scenario.name) if bug else None
    common = dict(_extension(scenario, bug, shown))
    files = {f"{family}/{name}": content for family in ("firefox", "chromium") for name, content in common.items()}
    files["firefox/manifest.json"] = _json(_manifest(scenario, "firefox", manifest))
    files["chromium/manifest.json"] = _json(_manifest(scenario, "chromium", 3))
    files |= {f"pages/{part.name}.html": _web_page(part) for part in _web(scenario)}
    if _web(scenario):
        files["serve.py"] = _source("serve.py")
    steps = demo_steps(scenario)
    about = {**_about(scenario, bug, shown), "by_hand": [each for each in steps if each.by_hand], "asks": manifest == 3}
    files["README.md"] = _render("README.md", **about, name=scenario.name, background="background.js")
    files["bug-report.md"] = _render("bug-report.md", bug=bug, **report_of(scenario, bug, shown, runs))
    return files


def _about(scenario: Scenario, bug: Bug | None, shown: Shown | None) -> dict[str, Any]:
    should, instead = should_lines(scenario, shown)
    return {
        "title": plain(scenario.title),
        "bug": bug,
        "web": bool(_web(scenario)),
        "should": should,
        "instead": instead,
        "before": before(scenario),
        "unshown": unshown(scenario),
    }


def _extension(scenario: Scenario, bug: Bug | None, shown: Shown | None) -> Iterator[tuple[str, str]]:
    """The files that both families' extensions have."""
    for name in FIXED:
        yield name, _source(name)
    yield "carrier.js", _source(CARRIERS[has_one_time_messages(scenario)])
    yield "demo.html", _render("demo.html", **_about(scenario, bug, shown))
    yield "steps.js", steps_source(demo_steps(scenario))
    yield "background.js", _background(scenario)
    for part in parts(scenario).values():
        is_web = part.kind == "web"
        intro = (
            f"The content script of {part.name}." if is_web else f"The script of {part.name}, a page of the extension."
        )
        source = Actor(part.name, _tasks(scenario, part.name)).source(intro)
        yield f"{part.name}.js", _well_called(scenario, source)
        if not is_web:
            yield f"{part.name}.html", _render("extension.html", name=part.name, frames=_frames(part))


def _background(scenario: Scenario) -> str:
    own = [each for each in scenario.cast.backgrounds if each.extension == "subject"]
    name, listeners = (own[0].actor, own[0].listeners) if own else ("background", ())
    intro = "The background: a background page in Firefox, a service worker in Chromium."
    loaded = ["// A service worker loads by itself what the manifest loads into a page."]
    loaded += block("if (globalThis.importScripts) {", ['importScripts("carrier.js", "tell.js", "open.js");'])
    return _well_called(scenario, Actor(name, _tasks(scenario, name), listeners).source(intro, loaded))


def _well_called(scenario: Scenario, source: str) -> str:
    """With the names of applications that are called as none may be: with a hyphen."""
    for name in (host(each.actor) for each in scenario.cast.applications if each.manifest == "misnamed"):
        source = source.replace(text(name), text(name.replace("portolan.demo.", "portolan.demo-")))
    return source


def _tasks(scenario: Scenario, actor: str) -> list[tuple[int, s.Task]]:
    return [
        (number, step)
        for number, step in enumerate(scenario.steps, 1)
        if isinstance(step, s.Task) and step.actor == actor
    ]


def steps_source(steps: Sequence[Demo]) -> str:
    """The steps as the demo page does them."""
    lines = []
    for step in steps:
        does = f", byHand: {text(step.by_hand)}" if step.by_hand else ""
        does += f", {'press' if step.press else 'does'}: () => {step.code}" if step.code else ""
        lines.append(f"{{ number: {step.number}, says: {text(step.says)}{does} }},")
    intro = "// The steps of this demo: what demo.js does itself, and what it has the other contexts do."
    return "\n".join([intro, '"use strict";', "", *block("const STEPS = [", lines, "];"), "", "listSteps();", ""])


def _web(scenario: Scenario) -> list[Part]:
    return [part for part in parts(scenario).values() if part.kind == "web"]


def _frames(part: Part) -> list[dict[str, Any]]:
    return [
        {
            "name": frame.document,
            "file": f"{frame.document}.html",
            "site": "extension" if frame.kind != "web" else frame.site,
            "sandboxed": frame.holds == "sandboxed",
        }
        for frame in part.frames
    ]


def _web_page(part: Part) -> str:
    return _render("web.html", name=part.name, frames=_frames(part))


# ---- the manifests

LONGEST_NAME, LONGEST_DESCRIPTION = 45, 132
"""Characters that addons.mozilla.org, and Chromium, take."""


def _short(said: str, longest: int) -> str:
    return said if len(said) <= longest else f"{said[: longest - 1]}…"


def _manifest(scenario: Scenario, family: Family, version: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "manifest_version": version,
        "name": _short(f"Demo: {plain(scenario.title)}", LONGEST_NAME),
        "version": "1.0",
        "description": _short(plain(scenario.title), LONGEST_DESCRIPTION),
    }
    if family == "firefox":
        # No data_collection_permissions: before Firefox 140 they make a manifest invalid [measured in 115].
        made["browser_specific_settings"] = {"gecko": {"id": "demo@portolan.test"}}
    made["background"] = _background_entry(family, version)
    if scripts := [_content_script(part) for part in _web(scenario)]:
        made["content_scripts"] = scripts
    if permissions := _permissions(scenario, family):
        made["permissions"] = permissions
    made["action" if version == 3 else "browser_action"] = {"default_title": "Open the demo"}
    return {**made, **_pages_entry(scenario, family, version)}


def _permissions(scenario: Scenario, family: Family) -> list[str]:
    sidebar = any(part.kind == "sidebar" for part in parts(scenario).values())
    wanted = {
        "nativeMessaging": speaks_natively(scenario),
        "sidePanel": sidebar and family == "chromium",
        "storage": has_one_time_messages(scenario),
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def _background_entry(family: Family, version: int) -> dict[str, Any]:
    if family == "chromium":
        return {"service_worker": "background.js"}
    scripts: dict[str, Any] = {"scripts": ["carrier.js", "tell.js", "open.js", "background.js"]}
    return scripts if version == 3 else {**scripts, "persistent": True}


def _content_script(part: Part) -> dict[str, Any]:
    """A script for one document alone, told by its address."""
    return {
        "matches": [f"{site}{part.name}.html*" for site in SITES],
        "js": ["carrier.js", "tell.js", f"{part.name}.js"],
        "run_at": "document_end",
        "all_frames": True,
    }


def _pages_entry(scenario: Scenario, family: Family, version: int) -> Mapping[str, Any]:
    known = parts(scenario)
    made: dict[str, Any] = {}
    for part in known.values():
        if part.kind == "options":
            made["options_ui"] = {"page": f"{part.name}.html", "open_in_tab": True}
        elif part.kind == "devtools":
            made["devtools_page"] = f"{part.name}.html"
        elif part.kind == "sidebar" and family == "firefox":
            made["sidebar_action"] = {"default_panel": f"{part.name}.html", "open_at_install": False}
        elif part.kind == "sidebar":
            made["side_panel"] = {"default_path": f"{part.name}.html"}
    does_itself = any(isinstance(step, s.Task) and step.actor.endswith(".script") for step in scenario.steps)
    if does_itself and family == "chromium":  # by hand, in the page's console
        made["externally_connectable"] = {"matches": [f"{site}*" for site in SITES]}
    if inside := [f"{part.name}.html" for part in known.values() if part.kind != "web" and part.parent]:
        matches = [f"{site}*" for site in SITES]
        made["web_accessible_resources"] = inside if version == 2 else [{"resources": inside, "matches": matches}]
    return made


def _json(data: object) -> str:
    return json.dumps(data, indent=2) + "\n"


# ---- templates


@lru_cache
def _environment(markup: bool) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=markup,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _render(template: str, /, **values: Any) -> str:
    return _environment(template.endswith(".html")).get_template(template).render(**values)


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
