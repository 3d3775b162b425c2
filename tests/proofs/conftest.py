"""Tests of one scenario go to one worker: each of them looks at the same plays, and a worker makes a play once."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if (name := _scenario_of(item)) and "proofs" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group(name))


def _scenario_of(item: pytest.Item) -> str:
    arguments = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return str(arguments["part"].scenario if "part" in arguments else arguments.get("name", ""))
