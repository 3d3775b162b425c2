"""Exported demos: every scenario makes one, its scripts are JavaScript, and what an extension cannot do is left to the person."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import msgspec
import pytest
from making import a_run

from portolan.conformance.judging.bugs import load_bugs
from portolan.conformance.language.discovery import suite
from portolan.conformance.trace import steps, values
from portolan.reports.export.demo import demo_files
from portolan.reports.export.limits import unshown
from portolan.reports.export.literals import literal
from portolan.reports.export.stage import demo_steps, left_to_the_person

NODE = shutil.which("node")
SCENARIOS = {each.name: each for each in suite()}
ONE = "one_of_two_receiving_frames_is_removed"
COMPILES = """
const sources = JSON.parse(require("fs").readFileSync(0, "utf8"));
const wrong = {};
for (const [name, source] of Object.entries(sources)) {
  try { new (require("vm").Script)(source); } catch (error) { wrong[name] = String(error); }
}
console.log(JSON.stringify(wrong));
"""
SHOWS = """
const made = eval(`(${require("fs").readFileSync(0, "utf8")})`);
console.log(require("util").inspect(made, { depth: 5, breakLength: Infinity }));
"""
NEEDS = """
const [source, needs] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const said = [];
for (const manifest of [{ manifest_version: 2, background: { persistent: true } }, { manifest_version: 3, background: {} }]) {
  const page = { textContent: "", addEventListener() {} };
  const globals = { performance, navigator: {}, document: { getElementById: () => page }, carrier: { hear() {} }, setTimeout };
  const api = { runtime: { getManifest: () => manifest }, windows: { getCurrent() {} } };
  const context = require("vm").createContext({ ...globals, api });
  require("vm").runInContext(source, context);
  for (const need of needs) said.push(context.need("background", need).then(() => "", ({ message }) => message));
}
Promise.all(said).then((all) => console.log(JSON.stringify(all)));
"""


def node(script: str, given: str) -> str:
    assert NODE
    done = subprocess.run([NODE, "-e", script], input=given, capture_output=True, text=True, timeout=600, check=True)
    return done.stdout.strip()


needs_node = pytest.mark.skipif(NODE is None, reason="there is no node")


@needs_node
def test_every_script_of_every_scenario_is_javascript() -> None:
    sources: dict[str, str] = {}
    for name, scenario in SCENARIOS.items():
        files = demo_files(scenario)
        sources |= {
            f"{name}/{path}": text
            for path, text in files.items()
            if path.startswith("chromium/") and path.endswith(".js")
        }
    assert len(sources) > 5 * len(SCENARIOS)
    assert json.loads(node(COMPILES, json.dumps(sources))) == {}


@needs_node
def test_what_is_no_javascript_is_found() -> None:
    assert json.loads(node(COMPILES, json.dumps({"a": "let a; let a;", "b": "1"}))).keys() == {"a"}


@needs_node
def test_what_backgrounds_must_be_is_looked_up_in_the_manifest() -> None:
    demo = demo_files(SCENARIOS[ONE])["firefox/demo.js"]
    said = json.loads(node(NEEDS, json.dumps([demo, list(steps.BACKGROUND_NEEDS)])))
    sentence = "This browser does not have {} in background: the rest does not apply to it."
    lacking = [sentence.format(f"a {kind}") for kind in ("background that can be stopped", "persistent background")]
    assert list(steps.BACKGROUND_NEEDS) == ["background.stops", "background.stays"]
    assert said == [lacking[0], "", "", lacking[1]]


@needs_node
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ({"a": [1, -2.5, True], "b c": "\u2028</script>"}, "{ a: [ 1, -2.5, true ], 'b c': '\u2028</script>' }"),
        (values.UNDEFINED, "undefined"),
        (values.NAN, "NaN"),
        (values.tag("number", value="-0"), "-0"),
        (values.bigint(2**70), "1180591620717411303424n"),
        (values.date("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z"),
        (values.date("invalid"), "Invalid Date"),
        (values.js_map((1, "a")), "Map(1) { 1 => 'a' }"),
        (values.js_set(1, 2), "Set(2) { 1, 2 }"),
        (values.text_of(3), "'xxx'"),
        (values.cycle(), "<ref *1> { self: [Circular *1] }"),
        ({"a": {"x": 1}, "b": values.tag("ref", to="/a")}, "{ a: { x: 1 }, b: { x: 1 } }"),
        (values.encode("\ud800"), "'\\uD800'"),
        (values.tag("view", kind="Uint8Array", bytes="00ff"), "Uint8Array(2) [ 0, 255 ]"),
        (values.tag("regexp", source="a/b", flags="g"), "/a\\/b/g"),
        ({"x": values.getter(7)}, "{ x: [Getter] }"),
        (values.instance("Point", x=1), "Point { x: 1 }"),
        (values.tag("object", entries=[["$", 1]]), "{ '$': 1 }"),
    ],
)
def test_values_as_source(value: Any, shown: str) -> None:
    assert node(SHOWS, literal(value)).casefold() == shown.casefold()


def test_the_files_of_the_demo() -> None:
    files = demo_files(SCENARIOS[ONE], load_bugs()["bug-1465514"])
    background = files["firefox/background.js"]
    assert "api.tabs.connect(stage.tabs.page)" in background
    assert 'port1.postMessage("anyone there?")' in background
    assert "// Step 8: background posts" in background
    assert files["chromium/background.js"] == background
    assert 'removeFrame("page", "page.frame1")' in files["firefox/steps.js"]
    assert "lives until all receivers unload" in files["README.md"]
    assert "https://bugzilla.mozilla.org/show_bug.cgi?id=1465514" in files["bug-report.md"]
    assert set(json.loads(files["chromium/manifest.json"])["background"]) == {"service_worker"}


def test_nothing_of_the_suite_is_in_it() -> None:
    for name, text in demo_files(SCENARIOS[ONE]).items():
        if name != "README.md":  # which says where it comes from
            assert "ortolan" not in text.replace("demo@portolan.test", ""), name


def test_no_element_hides_the_api() -> None:
    """An element with an id is a property of the window: Chromium before it had a ``browser`` would take the element for it."""
    page = demo_files(SCENARIOS[ONE])["chromium/demo.html"]
    assert not {"browser", "chrome", "api", "stage"} & set(re.findall(r'id="([^"]*)"', page))


def test_old_versions_take_the_manifest() -> None:
    gecko = json.loads(demo_files(SCENARIOS[ONE])["firefox/manifest.json"])["browser_specific_settings"]["gecko"]
    assert "data_collection_permissions" not in gecko


@pytest.mark.parametrize("manifest", [2, 3])
def test_the_manifest_version_of_firefox(manifest: int) -> None:
    files = demo_files(SCENARIOS[ONE], manifest=manifest)
    assert json.loads(files["firefox/manifest.json"])["manifest_version"] == manifest
    assert ("Before Firefox 127" in files["README.md"]) == (manifest == 3)


def test_every_step_is_done_or_left_to_the_person() -> None:
    for scenario in SCENARIOS.values():
        steps = demo_steps(scenario)
        assert [each.number for each in steps] == list(range(1, len(scenario.steps) + 1))
        assert all(bool(each.code and each.by_hand) == each.press for each in steps)


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        ("crash-tab", "about:processes"),
        ("crash-extensions", "about:crashextensions"),
        ("stop-background", "serviceworker-internals"),
        ("await-idle-stop", "half a minute"),
        ("reload-extension", "Reload the extension"),
        ("disable-extension", "Disable"),
        ("uninstall-extension", "Remove"),
        ("update-extension", "Raise the version"),
    ],
)
def test_what_an_extension_cannot_do(step: str, asked: str) -> None:
    having = [
        each for each in SCENARIOS.values() if any(msgspec.to_builtins(one)["step"] == step for one in each.steps)
    ]
    assert having
    said = [each.by_hand for each in left_to_the_person(having[0])]
    assert any(asked in each for each in said)
    assert any(asked in line for line in demo_files(having[0])["README.md"].splitlines())


def test_the_versions_that_were_tried() -> None:
    runs = [
        a_run(**{ONE: "variant:dies-with-the-first-receiver"}),
        a_run(family="chromium", version="156.0", **{ONE: "variant:lives-until-all-receivers-unload"}),
    ]
    report = demo_files(SCENARIOS[ONE], load_bugs()["bug-1465514"], runs)["bug-report.md"]
    assert "| firefox 153.0 mv3 | present | variant:dies-with-the-first-receiver |" in report
    assert "| chromium 156.0 mv3 | absent | variant:lives-until-all-receivers-unload |" in report
    assert "## The trace, in firefox 153.0 mv3" in report


def test_a_title_of_ones_own_is_harmless() -> None:
    hostile = msgspec.structs.replace(SCENARIOS[ONE], title="</title><script>alert(1)</script>\u202e")
    files = demo_files(hostile)
    assert "<script>alert" not in files["firefox/demo.html"]
    assert "\u202e" not in "".join(files.values())


def test_going_back_ends_when_the_page_is_there_again() -> None:
    (back,) = (
        each
        for each in demo_steps(SCENARIOS["a_page_with_an_open_port_is_navigated_away_and_comes_back"])
        if each.says.startswith("the tab goes back")
    )
    assert back.code == 'goBack("other", "page")'


PAGE_AND_BACK = "a_page_with_an_open_port_is_navigated_away_and_comes_back"
"""A scenario in which a page goes into the bfcache."""


def test_the_demos_own_messages_are_no_part_of_what_is_shown() -> None:
    files = demo_files(SCENARIOS["one_message_to_every_page"])
    assert "storage.local" in files["firefox/carrier.js"]
    assert json.loads(files["firefox/manifest.json"])["permissions"] == ["storage"]
    assert "if (isOurs(message)) {" in files["firefox/other.js"]
    assert 'ask("runtime.sendMessage(\\"to all of you\\")"' in files["firefox/extension_page.js"]
    without = demo_files(SCENARIOS[ONE])
    assert "storage" not in without["firefox/carrier.js"]
    assert "permissions" not in json.loads(without["firefox/manifest.json"])


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        (
            "what_last_error_is_in_a_callback",
            'chrome.runtime.sendMessage("is anybody there?", callback), ["runtime.lastError"]);',
        ),
        ("native_messages_are_answered_one_by_one", 'api.runtime.sendNativeMessage("portolan.demo.application"'),
        (
            "a_native_application_whose_name_is_not_well_formed",
            'api.runtime.connectNative("portolan.demo-application")',
        ),
        ("a_thousand_ports_are_open_at_once", "1000, () => api.runtime.connect("),
        ("a_thousand_ports_are_open_at_once", "welcomeMany("),
        ("in_firefox_messages_are_cloned", 'does: () => need("background", "runtime.getBrowserInfo")'),
        ("end_by_page_navigated_that_is_not_kept_at_the_opener", 'file: "page.html", site: "here", kept: false'),
        ("a_popup_with_a_port_is_closed", 'does: () => closePopup("popup")'),
        ("a_sidebar_with_a_port_is_closed", 'press: () => openSidebar("sidebar")'),
        ("an_extension_page_in_a_web_page_listens", 'inExtensionFrame("page.frame1", 2)'),
        (PAGE_AND_BACK, 'goBack("other", "page")'),
        (PAGE_AND_BACK, "settle()"),
        ("a_message_of_64_mebibytes", "settle(5000)"),
    ],
)
def test_what_is_done(scenario: str, line: str) -> None:
    files = demo_files(SCENARIOS[scenario])
    assert any(line in text for path, text in files.items() if path.startswith("firefox/") and path.endswith(".js"))


def test_the_port_of_an_event_has_the_name_that_it_has_there() -> None:
    source = demo_files(SCENARIOS["disconnecting_inside_on_message"])["firefox/page.js"]
    assert "port1.disconnect()" in source
    assert "=> port.disconnect()" not in source


def test_web_pages_are_served_by_the_demos_own_server() -> None:
    for scenario in SCENARIOS.values():
        files = demo_files(scenario)
        has_pages = any(path.startswith("pages/") for path in files)
        assert ("serve.py" in files) == has_pages == ("python3 serve.py" in files["README.md"])
    compile(demo_files(SCENARIOS[ONE])["serve.py"], "serve.py", "exec")


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("the_sender_of_another_extension", "Another extension has a part in this"),
        ("the_sender_of_a_native_port", "in a manifest that allows this extension ("),
        ("a_native_application_of_an_unknown_type", "that there is not"),
        ("a_background_with_a_native_port_is_stopped", "how long it stays stopped is not shown"),
        ("pairs_into_content_script_in_a_private_window", "frames without an address"),
    ],
)
def test_what_a_demo_cannot_show(scenario: str, said: str) -> None:
    files = demo_files(SCENARIOS[scenario])
    assert said in files["README.md"].partition("What this demo cannot show")[2]
    assert said in files["chromium/demo.html"].partition('<ul id="unshown">')[2]


@pytest.mark.parametrize(
    "scenario",
    [ONE, "a_content_script_calls_connect_native", "a_native_application_whose_name_is_not_well_formed"],
)
def test_a_demo_that_shows_everything(scenario: str) -> None:
    assert unshown(SCENARIOS[scenario]) == []
    assert "cannot show" not in demo_files(SCENARIOS[scenario])["README.md"]


def test_what_is_asked_before_the_first_step() -> None:
    files = demo_files(SCENARIOS["a_content_script_in_a_private_window_connects"])
    assert "“Run in Private Windows”" in files["README.md"]
    assert "“Allow in Incognito”" in files["firefox/demo.html"]


def test_a_sidebar_is_in_the_manifest() -> None:
    files = demo_files(SCENARIOS["a_sidebar_with_a_port_is_closed"])
    firefox, chromium = (json.loads(files[f"{family}/manifest.json"]) for family in ("firefox", "chromium"))
    assert firefox["sidebar_action"]["default_panel"] == chromium["side_panel"]["default_path"] == "sidebar.html"
    assert "sidePanel" in chromium["permissions"]
    assert "permissions" not in firefox


def test_what_a_web_page_does_itself_can_be_done_in_its_console() -> None:
    having = [
        each for each in SCENARIOS.values() if any(getattr(one, "actor", "").endswith(".script") for one in each.steps)
    ]
    files = demo_files(having[0])
    assert json.loads(files["chromium/manifest.json"])["externally_connectable"]["matches"]
    assert "externally_connectable" not in json.loads(files["firefox/manifest.json"])
    assert "id is in the page's address" in files["README.md"]
