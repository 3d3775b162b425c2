"""``portolan contradictions``: where the documentation disagrees with itself, and which side each browser is on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from portolan.cli.inputs import judges
from portolan.cli.load_runs import gather, incomplete, print_shortfalls
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.conformance.judging.claims import load_claims
from portolan.conformance.judging.contradictions import check_variants, load_contradictions
from portolan.reports.knowledge.claims import claim_rows
from portolan.reports.knowledge.contradictions import ContradictionRow, contradiction_lines, contradiction_rows
from portolan.reports.text.markdown import code, escaped, row_of

EPILOG = """
\b
Examples:
  portolan contradictions                  by the runs in portolan-results
  portolan contradictions old --format markdown
"""


@click.command("contradictions", epilog=EPILOG)
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="[RUN]...")
@scenario_files_option
@table_format_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], files: tuple[Path, ...], form: str) -> None:
    """Show where the documentation contradicts itself or a vendor, and which side each browser is on.

    RUN is a run file, or a folder of them (portolan-results, if none is given). A browser is on a side if each claim of
    that side holds there, and each behaviour by which the side is known was seen. Exit code 3 if a run was cut off.
    """
    claims, scenarios = load_claims(), judges(files)
    contradictions = load_contradictions(claims)
    check_variants(contradictions.values(), scenarios)
    judged = gather(list(runs), scenarios)
    by_id = {row.claim.id: row for row in claim_rows(claims, scenarios, judged)}
    rows = contradiction_rows(contradictions, by_id, judged)
    if form == "json":
        print_json([_data(row) for row in rows])
    elif form == "markdown":
        print("\n".join(_markdown(rows)))
    else:
        shown = console()
        for number, row in enumerate(rows):
            if number:
                shown.print()
            first, *rest = contradiction_lines(row)
            print_lines(shown, [first, *rest], headings=[first])
    print_shortfalls(judged)
    ctx.exit(incomplete(judged))


def _data(row: ContradictionRow) -> dict[str, Any]:
    each = row.contradiction
    return {
        "id": each.id,
        "about": each.about,
        "sides": [msgspec.to_builtins(side) for side in each.sides],
        "answers": {
            label: {"sides": list(answer.sides), "answer": str(answer), "evidence": list(answer.evidence)}
            for label, answer in row.answers.items()
        },
    }


def _markdown(rows: list[ContradictionRow]) -> list[str]:
    labels = list(rows[0].answers) if rows else []
    lines = [row_of(["", "question", "sides", *map(escaped, labels)]), row_of(["---"] * (len(labels) + 3))]
    for row in rows:
        each = row.contradiction
        sides = "<br>".join(f"{number}. {escaped(side.says)}" for number, side in enumerate(each.sides, 1))
        answers = [escaped(str(row.answers[label])) for label in labels]
        lines.append(row_of([code(each.id), escaped(each.about), sides, *answers]))
    return lines
