"""CSV, for spreadsheets: a row a play. No cell is taken for a formula, whatever a browser said."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from portolan.conformance.trace.values import plain
from portolan.reports.formats import Given
from portolan.reports.load import JudgedPlay, JudgedRun

SUFFIX, ONE_RUN = ".csv", False

COLUMNS = (
    "family", "version", "build", "manifest", "started", "topic", "scenario", "repeat",
    "outcome", "verdict", "status", "sentence", "lacking", "duration_ms", "claims", "bug",
)  # fmt: skip

FORMULAS = "=+-@|%"
"""What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"); full-width forms count too."""

LONGEST_CELL = 4000


def render(given: Given) -> str:
    """The whole table, every cell in quotes, lines ended as RFC 4180 has it."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([safe(str(cell)) for cell in _row(given, run, each)] for run in given.runs for each in run.plays)
    return file.getvalue()


def _row(given: Given, run: JudgedRun, each: JudgedPlay) -> Iterator[object]:
    browser, play, judgement = run.run.header.browser, each.play, each.judgement
    yield from (browser.family, browser.version, browser.build, run.run.header.manifest, run.run.header.started)
    yield from (given.topic(play.scenario), play.scenario, play.repeat, play.outcome)
    yield from (judgement.verdict or "" if judgement else "", each.status, each.sentence, play.lacking)
    yield f"{play.duration:.1f}"
    yield "; ".join(f"{claim} {standing}" for claim, standing in judgement.claims.items()) if judgement else ""
    yield each.expected.bug if each.expected else ""


def safe(text: str) -> str:
    """Text that is a text in every spreadsheet.

    A leading apostrophe keeps a cell from being a formula. The same is done behind what another program could take for
    the end of a cell: a semicolon or a tab.
    """
    text = plain(text, LONGEST_CELL)
    text = re.sub(r"(;\s*[\"']?)(?=[=+\-@|%＝＋－＠])", r"\1'", text)
    first = unicodedata.normalize("NFKC", text.lstrip(" \"'"))[:1]
    return f"'{text}" if first and first in FORMULAS else text
