"""A mistake in a scenario is an error that names the file and the line. Nothing is dropped silently."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.discovery import from_file

HEAD = """\
from portolan import Play, all_of, any_of, at_least_once, exactly_once, in_order, never, scenario, variant

@scenario
def mine(play: Play) -> None:
    background, page = play.background(), play.page()
    listener = background.listen()
    port = page.connect()
    play.settle()
"""
"""Eight lines that are right; a test adds what is wrong in line 9."""

RIGHT = "    play.expect(port.stayed_open())\n"


@pytest.fixture
def error(tmp_path: Path) -> Callable[[str], str]:
    """The error of a file, without its folder."""

    def of(text: str) -> str:
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ScenarioError) as caught:
            from_file(path)
        assert "\n" not in str(caught.value)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return of


def test_the_frame_of_these_tests_is_right(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + RIGHT, encoding="utf-8")
    assert [each.name for each in from_file(path)] == ["mine"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        # what is built and never used
        ("port.stayed_open()", "the check “port1.onDisconnect never fires” is never used; pass it to play.expect"),
        ("check = listener.fired()", "is never used; pass it to play.expect(…), or to a variant(…)"),
        ("port.disconnect_event()", "is never used; make a check of it: exactly_once(…)"),
        ("all_of(port.stayed_open(), listener.fired())", "is never used; pass it to play.expect"),
        ("variant('stays-open', port.stayed_open())", "the variant 'stays-open' is never used; pass it to play.expect_one_of"),
        # what was not called
        ("play.expect(port.stayed_open)", "play.expect is given stayed_open, which was not called; write stayed_open(…)"),
        ("variant('x', port.stayed_open)", "the variant 'x' is given stayed_open, which was not called"),
        ("play.settle", "the statement “play.settle” does nothing; write play.settle()"),
        ("port.disconnect", "the statement “port.disconnect” does nothing; write port.disconnect()"),
        ("port.name == 'x'", "the statement “port.name == 'x'” does nothing"),
        ("port.post('a') and port.post('b')", "the statement “port.post('a') and port.post('b')” does nothing"),
        ("play.expect(port.disconnected(after=port.disconnect))", "after is the function disconnect, a method that was not called: write disconnect(); accepted: a StepRef or None"),
        # what has no truth value
        ("play.expect(port.stayed_open() and listener.fired())", "a check is neither true nor false before the play"),
        ("play.expect(not port.disconnected())", "a check is neither true nor false before the play"),
        ("assert port.stayed_open()", "a check is neither true nor false before the play"),
        ("play.expect(exactly_once(port.disconnect_event() or listener.connect_event()))", "a pattern is neither true nor false"),
        # the wrong kind of thing
        ("play.expect(port.disconnect_event())", "play.expect is given the pattern “port1.onDisconnect fires”; accepted: a check of it"),
        ("play.expect(variant('x', port.stayed_open()))", "play.expect is given the variant 'x'; accepted: a check; variants go into"),
        ("play.expect(None)", "play.expect is given None, a NoneType; accepted: a check such as port.stayed_open()"),
        ("play.expect_one_of('topic', port.stayed_open())", "expect_one_of(): variants is a Times; accepted: a Variant"),
        ("port.add_message_listener(lambda port: port.post(1))", "add_message_listener(): label is the function <lambda>; accepted: text"),
        ("listener = page.listen(lambda port: port.post(1))", "listen(): event is the function <lambda>; accepted: 'onConnect', 'onConnectExternal'"),
        ("page.listen('onConect')", "listen(): event is 'onConect'; did you mean 'onConnect'?; accepted: 'onConnect', 'onConnectExternal'"),
        ("page.listen('onMessage')", "listen(): event is 'onMessage'"),
        ("play.page('other', site='elsewhere')", "page(): site is 'elsewhere'; accepted: 'same-site', 'cross-site'"),
        ("play.page('other', frames=['sandbox'])", "page(): frames has 'sandbox'; did you mean 'sandboxed'?; accepted: 'same-site', 'cross-site'"),
        ("play.extension_page(frames=['srcdoc'])", "a frame of an extension's page cannot be 'srcdoc'; accepted: same-site, cross-site, extension"),
        ("page.add_frame('sandboxed')", "a frame that is added later cannot be 'sandboxed'; accepted: same-site, cross-site, extension"),
        ("listener.fired('twice')", "fired(): times is 'twice'; accepted: a whole number"),
        ("page.connect_tab(port)", "connect_tab(): page is an OpenedPort; accepted: a Document"),
        ("play.expect(port.disconnected(error='none'))", "disconnected(): error is 'none'; accepted: 'anything', 'nothing', 'something' or None"),
        ("play.expect(port.has('name', 'strng'))", "has(): is_ is 'strng'; did you mean 'string'?"),
        # misspelled words
        ("play.expekt(port.stayed_open())", "AttributeError: a Play has no 'expekt'; did you mean 'expect'?"),
        ("play.expect(port.stayed_opn())", "AttributeError: an OpenedPort has no 'stayed_opn'; did you mean 'stayed_open'?"),
        ("play.expect(port.stayed_open(), clams='P1')", "expect() has no parameter 'clams'; did you mean 'claims'?"),
        ("play.expect(prt.stayed_open())", "NameError: name 'prt' is not defined; did you mean 'port'?"),
        # what would hold whatever happens
        ("play.expect(all_of())", "an all_of(…) or any_of(…) is empty; accepted: one check or more"),
        ("play.expect_one_of('topic')", "the open point 'topic' has no variant; accepted: one variant(…) or more"),
        ("with page.one_turn(): pass", "a turn of page does nothing; write what it does inside the with statement"),
        # what is in the wrong place
        ("page.connect().add_message_listener('x', lambda port: play.expect(port.received()))", "play.expect(…) stands inside a turn or a reaction"),
        ("with page.one_turn(): play.settle()", "the stage cannot change in the middle of a turn of page"),
        ("return port.stayed_open()", "the function returns a Times, which is never used; accepted: no return value"),
        # variants
        ("play.expect_one_of('topic', variant('Stays open', port.stayed_open()))", "a variant is called 'Stays open'; accepted: small letters and digits"),
        ("play.expect_one_of('topic', variant('a', port.stayed_open()), variant('a', port.disconnected()))", "two variants called 'a'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(error: Callable[[str], str], wrong: str, said: str) -> None:
    told = error(HEAD + f"    {wrong}\n" + RIGHT)
    assert told.startswith("mine.py, line ")
    assert said in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("async def mine(play):\n    pass\n", "is async or a generator; accepted: a plain function"),
        ("def mine(play):\n    yield\n", "is async or a generator; accepted: a plain function"),
        ("def mine():\n    pass\n", "takes 0 arguments; accepted: one, the play"),
        ("def mine(play, page):\n    pass\n", "takes 2 arguments; accepted: one, the play"),
        ("class Mine:\n    pass\n", "@scenario marks a type; accepted: a function that takes a play"),
    ],
)
def test_what_no_scenario_can_be(error: Callable[[str], str], text: str, said: str) -> None:
    told = error("from portolan import scenario\n\n@scenario\n" + text)
    assert told.startswith("mine.py, line ")
    assert said in told


def test_a_scenario_needs_a_check_or_the_mark_of_an_observation(error: Callable[[str], str]) -> None:
    assert "checks nothing; give it play.expect(…)" in error(HEAD)
    assert "@scenario(observation=True)" in error(HEAD)
    observation = HEAD.replace("@scenario", "@scenario(observation=True)")
    assert "an observation has checks; accepted: either checks or observation=True" in error(observation + RIGHT)


def test_an_observation_is_recorded_without_a_verdict(tmp_path: Path) -> None:
    from portolan.conformance.judging.judge import judge
    from portolan.runners.fake import FakeBrowser

    path = tmp_path / "mine.py"
    path.write_text(textwrap.dedent(HEAD.replace("@scenario", "@scenario(observation=True)")), encoding="utf-8")
    (observation,) = from_file(path)
    played = FakeBrowser("chromium").play(observation)
    assert judge(observation, played).verdict == "recorded"
