"""`scripts/history FOLDER...`: shows runs of one environment as a series per case, on a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from racetrack_report import engine, entry, runs, shell
from racetrack_report.arguments import Parser
from racetrack_report.loader import UnusableInput, load
from racetrack_report.model import Dataset
from racetrack_report.view import Block, Picture, Table, number, text
from racetrack_report.units import interval_text

from .comparison import BROKEN, NOTHING, SAME_SPEED, USAGE
from .history import Left, Series, environment_of, one_environment, series_of, started_of
from .page import HERE
from .plots import series as plot
from .short import short_names
from .wording import p_value, signed

MOST_PANELS = 60
EPILOG = """RUN: a run folder, its name under reports/runs, or a folder of run folders (default: reports/runs).
Exit codes: 0 written; 2 unusable input; 4 nothing to show; 70 the harness failed; 74 output was lost."""


def main(arguments: Sequence[str]) -> int:
    """Writes the page, prints the changes and the page's path. Returns the exit code."""
    parser = Parser(
        prog="scripts/history",
        description="Show consecutive runs of one environment: a series per case, and where its level changed.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", nargs="*", metavar="RUN")
    parser.add_argument(
        "--environment", default="", metavar="FINGERPRINT", help="of these runs (default: the newest run's)"
    )
    parser.add_argument("--out", type=Path, help="the page (default: reports/history.html)")
    options = parser.parse_args(arguments)
    reports = engine.reports_folder()
    try:
        return write(options, reports)
    except UnusableInput as error:
        print(f"history: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("history", entry.described(error))
        return BROKEN


def write(options: argparse.Namespace, reports: Path) -> int:
    loaded, left = read(folders(options.run, reports))
    chosen, others = one_environment(loaded, options.environment)
    left += others
    for each in left:
        print(f"history: {each.run} is left out: {each.why}", file=sys.stderr)
    for warning in (warning for data in chosen for warning in data.remarks):
        print(f"history: {warning}", file=sys.stderr)
    found = series_of(chosen)
    if not found:
        print("history: no run holds a measured case; `make bench` measures some", file=sys.stderr)
        return NOTHING
    page = options.out or reports / "history.html"
    runs.write(page, render(found, chosen, left))
    print(headline(found, chosen))
    for series in found:
        for change in series.changes:
            point = series.points[change.at]
            print(f"  {signed(change.ratio - 1)} since {point.run} ({point.commit[:12]}): {series.case}")
    print(page)
    return SAME_SPEED


def folders(given: Sequence[str], reports: Path) -> list[Path]:
    """The selected run folders. Raises UnusableInput for a folder that is not one and contains none."""
    found: list[Path] = []
    for word in given or [str(reports / "runs")]:
        path = Path(word)
        inner = sorted(each.parent for each in path.glob("*/records.jsonl")) if path.is_dir() else []
        found += inner if inner and not (path / "records.jsonl").is_file() else [runs.find(reports, word)]
    return list(dict.fromkeys(each.resolve() for each in found))


def read(paths: Sequence[Path]) -> tuple[list[Dataset], list[Left]]:
    """The runs; an unreadable run is reported and skipped."""
    loaded, left = [], []
    for path in paths:
        try:
            loaded.append(load([path]))
        except UnusableInput as error:
            left.append(Left(path.name, str(error)))
    return loaded, left


def headline(found: Sequence[Series], chosen: Sequence[Dataset]) -> str:
    changed = sum(bool(series.changes) for series in found)
    least = "" if len(chosen) >= 6 else " A change of level can be detected from six runs on."
    summary = f"{changed or 'none'} changed {'its' if changed == 1 else 'their'} level"
    runs_shown = f"{len(chosen)} run{'s' * (len(chosen) != 1)}"
    return f"{len(found)} case{'s' * (len(found) != 1)} over {runs_shown}: {summary}.{least}"


def render(found: Sequence[Series], chosen: Sequence[Dataset], left: Sequence[Left]) -> str:
    """Pure: the same series give the same page."""
    shorts, common = short_names([series.case for series in found])
    ordered = sorted(zip(shorts, found), key=lambda pair: not pair[1].changes)
    block = _block(ordered, common, headline(found, chosen))
    style, script = shell.style(shell.rules([block])), shell.script()
    return (
        shell.environment(HERE / "templates")
        .get_template("history.html.j2")
        .render(
            title="racetrack history",
            environment=environment_of(chosen[-1]),
            finding=headline(found, chosen),
            changes=_changes(found),
            block=block,
            runs=_runs(chosen),
            left=Table("left", "Excluded runs", ("run", "why"), tuple((text(l.run), text(l.why)) for l in left))
            if left
            else None,
            style=style,
            script=script,
            policy=shell.policy(style, script),
        )
    )


def _block(ordered: Sequence[tuple[str, Series]], common: str, finding: str) -> Block:
    shown = ordered[:MOST_PANELS]
    drawings = tuple(
        plot.series(f"series-{place}", short, series, f"{series.case} over {len(series.points)} runs")
        for place, (short, series) in enumerate(shown)
    )
    rows = tuple(
        (
            text(series.case, "name"),
            text(point.run),
            text(point.commit[:12]),
            number(point.cost.estimate, interval_text("cost_ns", point.cost), "num"),
        )
        for _, series in ordered
        for point in series.points
    )
    table = Table("series-data", "Median of the forks with its interval", ("case", "run", "commit", "cost"), rows)
    left = len(ordered) - len(shown)
    note = f"{left} more cases are in the table." if left else ""
    paragraphs = (f"In every case: {common}.",) if common else ()
    return Block(
        "series",
        "Series",
        paragraphs,
        (Picture("series-plots", "Cost by run", finding, drawings, table, note, small=True),),
    )


def _changes(found: Sequence[Series]) -> Table | None:
    rows = tuple(
        (
            text(series.case, "name"),
            text(series.points[change.at].run),
            text(series.points[change.at].commit[:12]),
            number(change.ratio, signed(change.ratio - 1), "num"),
            number(change.p, p_value(change.p), "num"),
        )
        for series in found
        for change in series.changes
    )
    columns = ("case", "first run of the new level", "commit", "change of cost", "p")
    return Table("changes", "Where a level changed", columns, rows) if rows else None


def _runs(chosen: Sequence[Dataset]) -> Table:
    rows = tuple(
        (text(", ".join(run.runs)), text(started_of(run)), text(run.cases[0].revision[:12] if run.cases else ""))
        for run in chosen
    )
    return Table("runs", "Runs, oldest first", ("run", "started", "commit"), rows)
