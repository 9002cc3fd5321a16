"""`scripts/report`: reads run folders and writes a page next to them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import calibration, entry, export, records_file, runs, sarif
from .arguments import Parser
from .calibration import Calibration
from .loader import UnusableInput, load
from .model import Dataset
from .page import render

REPORTS = Path(__file__).resolve().parent.parent
MANY_RECORDS, MOST_RECORDS = 10_000, 40_000
OK, UNUSABLE, NOTHING, BROKEN = 0, 2, 4, 70


def main(arguments: Sequence[str]) -> int:
    """Writes the report and prints its path. Returns the exit code: 0, 2 unusable input, 4 nothing to report."""
    parser = Parser(
        prog="scripts/report",
        description="Make report.html (and summary.md, records.csv, report.sarif, hgrm/) "
        "from the records of one run, or of several merged.",
        epilog="Exit codes: 0 written; 2 unusable input; 4 nothing to report.",
    )
    parser.add_argument("run", nargs="*", help="folder, or name under reports/runs (default: the latest)")
    parser.add_argument("--run", dest="named", default="", metavar="'A B'", help="the same, in one word")
    options = parser.parse_args(arguments)
    reports = Path(os.environ.get("RACETRACK_REPORTS", REPORTS))
    try:
        sources = [runs.find(reports, given) for given in [*options.run, *options.named.split()]]
        sources = sources or [runs.latest(reports)]
        return make(reports, sources)
    except UnusableInput as error:
        print(f"report: {error}", file=sys.stderr)
        return UNUSABLE
    except runs.NothingToReport as error:
        print(f"report: {error}", file=sys.stderr)
        return NOTHING
    except OSError as error:
        entry.complain("report", entry.described(error))
        return UNUSABLE


def make(reports: Path, sources: Sequence[Path]) -> int:
    """Writes the report of these runs next to them, even if no case was measured (exit code 4)."""
    folder = runs.destination(reports, sources)
    _check_size(sources)
    data = load(sources)
    for warning in data.remarks:
        print(f"report: {warning}", file=sys.stderr)
    page = render(data, calibrations(reports, data))
    runs.write(folder / "summary.md", page.markdown)
    runs.write(folder / "records.csv", export.csv_of(data))
    runs.write(folder / "report.sarif", sarif.of_run(data, REPORTS.parent))
    shutil.rmtree(folder / "hgrm", ignore_errors=True)
    for name, text in export.hgrms(data).items():
        runs.write(folder / "hgrm" / name, text)
    runs.write(folder / "report.html", page.html)
    print(folder / "report.html")
    if not data.cases and not data.findings and not data.python:
        print("report: the run has no case; the page states this", file=sys.stderr)
        return NOTHING
    return OK


def _check_size(sources: Sequence[Path]) -> None:
    """Announces a slow report. Raises UnusableInput for more records than a page can hold in reasonable time and
    memory."""
    records = 0
    for source in sources:
        path = source / "records.jsonl" if source.is_dir() else source
        try:
            records_file.check(path)
        except OSError as error:
            raise UnusableInput(
                f"{path}: {error.strerror}; give another run, or measure fewer cases at once"
            ) from error
        with open(path, "rb") as stream:
            while block := stream.read(1 << 20):
                records += block.count(b"\n")
    if records > MOST_RECORDS:
        raise UnusableInput(
            f"{' '.join(map(str, sources))}: {records} records, and a page holds at most {MOST_RECORDS}: "
            "measure fewer cases at once (FILTER=...) or fewer forks"
        )
    if records > MANY_RECORDS:
        print(f"report: {records} records: writing the page takes a while", file=sys.stderr)


def calibrations(reports: Path, data: Dataset) -> list[Calibration]:
    """The calibrations of the machines in the data. A file that cannot be read is reported and skipped."""
    found = []
    for fingerprint in sorted({str(call.facts["machine"]["fingerprint"]) for call in data.invocations if call.facts}):
        try:
            known = calibration.load(reports, fingerprint)
        except UnusableInput as error:
            print(f"report: {error}", file=sys.stderr)
            continue
        found += [known] if known else []
    return found
