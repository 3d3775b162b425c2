"""The page on CI says what the action has."""

from pathlib import Path

import yaml

HERE = Path(__file__).parents[2]
PAGE = (HERE / "docs" / "ci.md").read_text(encoding="utf-8")


def test_every_input_of_the_action_is_described_with_its_default() -> None:
    inputs = yaml.safe_load((HERE / "action.yml").read_text(encoding="utf-8"))["inputs"]
    rows = {
        cells[1].strip(" `"): cells[3].strip(" `")
        for line in PAGE.splitlines()
        if (cells := line.split("|"))[1:] and cells[1].startswith(" `")
    }
    assert set(rows) == set(inputs)
    assert {name: default for name, default in rows.items() if default not in ("all", "none")} == {
        name: each["default"] for name, each in inputs.items() if each["default"]
    }


def test_the_workflow_is_one() -> None:
    workflow = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])
    (job,) = workflow["jobs"].values()
    (step,) = [each for each in job["steps"] if "portolan" in each["uses"]]
    assert set(step["with"]) <= set(yaml.safe_load((HERE / "action.yml").read_text(encoding="utf-8"))["inputs"])
