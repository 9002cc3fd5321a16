"""The output of a comparison: the terminal's summary, and a folder with the page and the files for other tools."""

from __future__ import annotations

import json
from pathlib import Path

from racetrack_report import runs
from racetrack_report.check import line_of, parse

from . import export, page, wording
from .comparison import Comparison, records_of


def write(comparison: Comparison, folder: Path) -> int:
    """Writes all files atomically, prints the summary, and returns the exit code."""
    lines = [line_of(parse(json.dumps(record).encode())) for record in records_of(comparison)]
    environment = {
        side: {"given": facts.given, "machine": facts.machine, "build": facts.build}
        for side, facts in (("old", comparison.old), ("new", comparison.new))
    }
    files = {
        "records.jsonl": "".join(f"{line}\n" for line in lines),
        "environment.json": json.dumps(environment, indent=2) + "\n",
        **export.files(comparison),
    }
    for name, text in files.items():
        runs.write(folder / name, text)
    for line in summary(comparison):
        print(line)
    runs.write(folder / "report.html", page.render(comparison, lines))
    print(folder / "report.html")
    return comparison.exit_code


def summary(comparison: Comparison) -> list[str]:
    """The lines of the terminal summary."""
    first, *rest = wording.sentences(comparison)
    again = [f"To start again: {comparison.command}"] if comparison.state else []
    return [wording.sides_text(comparison), "", *wording.table(comparison), "", first, *rest, *again]
