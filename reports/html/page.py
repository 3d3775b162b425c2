"""The file as a whole: everything that the templates need, and what they make of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources

import jinja2

from portolan.conformance.judging.claims import Claim
from portolan.conformance.judging.contradictions import Contradiction
from portolan.conformance.language.scenario import Scenario
from portolan.reports.html.causes import cause_page
from portolan.reports.html.contexts import pair_page
from portolan.reports.html.evidence import claim_page, contradiction_page, history_page
from portolan.reports.html.matrix import (
    SIGNS,
    WIDE,
    WORDS,
    Group,
    columns_of,
    groups_of,
    matrix_of,
    played_scenarios,
    sorted_runs,
)
from portolan.reports.html.scenarios import Page, page_of
from portolan.reports.load import JudgedRun

EARLY = 'document.documentElement.classList.add("js")'
"""Done before anything is drawn: what JavaScript shows one at a time is not laid out all at once."""

TEMPLATES = resources.files("portolan.reports.html") / "templates"


def html_report(
    runs: Sequence[JudgedRun],
    scenarios: Mapping[str, Scenario],
    claims: Mapping[str, Claim],
    contradictions: Mapping[str, Contradiction],
) -> str:
    """The report of these runs as one HTML document that needs nothing else, not even JavaScript."""
    runs = sorted_runs(runs)
    columns = columns_of(runs)
    pages: list[Page] = []
    traces: dict[str, Mapping[int, int]] = {}
    anchors: dict[str, str] = {}
    number = 0
    for topic, names in played_scenarios(runs, scenarios).items():
        for name in names:
            number += 1
            page, traces[name] = page_of(name, number, topic, scenarios.get(name), runs, columns, claims)
            pages.append(page)
            anchors[name] = page.anchor

    def door(name: str, column: int) -> str:
        trace = traces.get(name, {}).get(column)
        return f"{anchors[name]}/{trace}" if trace else anchors.get(name, "")

    claim_part, rows = claim_page(claims, scenarios, runs, columns, door)
    style = "\n".join([*_column_rules(groups_of(columns)), _source("report.css")])
    script = _source("report.js")
    document = (
        _environment()
        .get_template("index.html")
        .render(
            columns=columns,
            groups=groups_of(columns),
            topics=matrix_of(runs, scenarios, traces),
            pages=pages,
            wide=len(columns) >= WIDE,
            signs=SIGNS,
            words=WORDS,
            claims=claim_part,
            contradictions=contradiction_page(contradictions, rows, runs, columns, door),
            history=history_page(runs, columns, door),
            pairs=pair_page(runs, columns, door),
            causes=cause_page(runs, columns, door),
            style=style,
            script=script,
            early=EARLY,
            policy=_policy(style, EARLY, script),
        )
    )
    return compact(document)


_TEXT_WITH_QUOTES = re.compile(r">[^<>]*&#3[49];[^<>]*<")
"""Text between two tags: no attribute has a < or > that is not escaped."""

_ENDS = re.compile(r"</(?:td|th|tr|li|dt|dd|option)>\s*")
"""End tags that HTML does without, where the next tag tells the same: in these templates it always does."""


def compact(document: str) -> str:
    """The same document in fewer bytes: what stands in it thousands of times stands in its shortest form."""
    return _ENDS.sub("", _TEXT_WITH_QUOTES.sub(_with_quotes, document))


def _with_quotes(found: re.Match[str]) -> str:
    return found[0].replace("&#34;", '"').replace("&#39;", "'")


def _column_rules(groups: Sequence[Group]) -> Iterator[str]:
    """How many columns the matrix has; and for each group a rule by which it has these alone, and nothing of the others."""
    yield f":root{{--columns:{sum(group.count for group in groups)}}}"
    before = 0
    for index, group in enumerate(groups):
        matrix, first, last = f'#matrix[data-group="{index}"]', before + 1, before + group.count
        others = (
            f"{matrix} thead tr:first-child>.family:not(:nth-child({index + 2}))",
            f"{matrix} thead tr+tr>:not(:nth-child(n+{first}):nth-child(-n+{last}))",
            f"{matrix} tbody td:not(:nth-child(n+{first + 1}):nth-child(-n+{last + 1}))",
        )
        yield f"{matrix}{{--columns:{group.count}}}{','.join(others)}{{display:none}}"
        before = last


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def _policy(style: str, *scripts: str) -> str:
    """A Content Security Policy that permits these sources, and nothing else: whatever a run file says, it is never run."""
    permitted = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {permitted}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
