"""The examples are scenarios that play on the fake browser, in every family and manifest version."""

from __future__ import annotations

from pathlib import Path

import pytest

from portolan.conformance.judging.judge import judge
from portolan.conformance.language.discovery import from_file
from portolan.runners.fake import FakeBrowser

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
VERDICTS = {
    "hello": {"pass"},
    "broadcast_lifetime": {"variant:lives-on", "variant:dies-with-the-first"},
    "stopped_background": {"pass", "not-applicable"},
    "native_application": {"pass"},
    "observation": {"recorded"},
}


def test_there_are_examples_and_each_is_known_here() -> None:
    assert {path.stem for path in EXAMPLES} == set(VERDICTS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_plays_on_the_fake_browser(path: Path) -> None:
    (example,) = from_file(path)
    verdicts = set()
    for family, manifests in {"firefox": (2, 3), "chromium": (2, 3)}.items():
        for manifest in manifests:
            played = FakeBrowser(family, manifest=manifest).play(example)
            assert played.outcome == "ok", played.reason
            verdicts.add(judge(example, played).verdict)
    assert verdicts == VERDICTS[path.stem]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_explains_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert text.count("    # ") >= 1 or "observation" in path.stem
