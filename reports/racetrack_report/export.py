"""The data for other tools: CSV of all forks, .hgrm percentiles, a Markdown summary."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence

import numpy as np

from .correctness import Row, columns
from .model import Case, Dataset, Histogram
from .ranking import Ranking
from .sections import matrix
from .sections.verdict import Strip
from .sections.winner import winners
from .units import rate, ratio_text

CORRECTNESS_ROWS = 30
FORMULA = re.compile(r"^[=+\-@\t\r]")  # a spreadsheet would evaluate a cell that starts like this


def csv_of(data: Dataset) -> str:
    """One row per fork of a case: identity, parameters, verdict, then every metric that occurs."""
    params = sorted({name for case in data.cases for name in case.params})
    metrics = sorted({name for case in data.cases for name in case.metrics})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "case",
            "run",
            "invocation",
            "engine",
            "family",
            "workload",
            "subject",
            "control",
            *(f"param_{name}" for name in params),
            "fork",
            "order_index",
            "ended",
            "ended_value",
            "verdict",
            "kind",
            "as_expected",
            "oversubscribed",
            "disturbed",
            "duration_s",
            "commit",
            *metrics,
        ]
    )
    for case in data.cases:
        texts = [
            case.name,
            case.run,
            case.invocation,
            case.engine,
            case.family,
            case.workload,
            case.subject,
            case.control,
            *(case.params.get(name, "") for name in params),
            case.fork,
            case.order_index,
            case.ended,
            case.ended_value,
            case.verdict.result,
            case.verdict.kind or "",
            case.verdict.as_expected,
            case.oversubscribed,
            case.disturbed,
            case.duration_s,
            case.commit,
        ]
        struck = case.engine == "bench" and case.verdict.result == "fail" and case.workload != "print"
        shown = {} if struck else case.metrics
        writer.writerow([harmless(value) for value in texts] + [shown.get(name, "") for name in metrics])
    return out.getvalue()


def harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def hgrm_of(histogram: Histogram) -> str:
    """HdrHistogram's percentile text (values in ns) for its plotters: Value, Percentile, TotalCount, 1/(1-p)."""
    values = np.array(histogram.values)
    counts = np.array(histogram.counts, dtype=np.float64)
    total = counts.sum()
    reached = np.cumsum(counts)
    lines = [f"{'Value':>12} {'Percentile':>14} {'TotalCount':>10} {'1/(1-Percentile)':>14}", ""]
    for value, sofar in zip(values, reached):
        share = sofar / total
        tail = f"{1 / (1 - share):14.2f}" if sofar < total else f"{'inf':>14}"
        lines.append(f"{value:12.3f} {share:14.12f} {int(sofar):10d} {tail}")
    mean = float((values * counts).sum() / total)
    spread = float(np.sqrt((counts * (values - mean) ** 2).sum() / total))
    lines += [
        f"#[Mean    = {mean:12.3f}, StdDeviation   = {spread:12.3f}]",
        f"#[Max     = {values[-1]:12.3f}, Total count    = {int(total):12d}]",
        f"#[Buckets = {len(values):12d}, SubBuckets     = {1:12d}]",
    ]
    return "\n".join(lines) + "\n"


def hgrm_name(case: Case, histogram: str) -> str:
    """A file name for one histogram of one fork: readable, safe and unique."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{case.name}.fork{case.fork}.{histogram}")[-150:].lstrip("._-")
    mark = hashlib.sha256(f"{case.run}|{case.invocation}|{case.name}|{case.fork}|{histogram}".encode()).hexdigest()[:8]
    return f"{readable}.{mark}.hgrm"


def hgrms(data: Dataset) -> dict[str, str]:
    """File name -> text, one for each histogram of each fork with valid numbers."""
    return {
        hgrm_name(case, name): hgrm_of(histogram)
        for case in data.cases
        if case.timed
        for name, histogram in case.histograms.items()
    }


def markdown(title: str, strip: Strip, rankings: Sequence[Ranking], rows: Sequence[Row]) -> str:
    """A summary for a pull request: the sentences of the verdict, the winner map, and the findings of detectors."""
    lines = [f"# {markdown_text(title)}", "", markdown_text(strip.raced), ""]
    lines += [f"**{markdown_text(state)}**\n" for state in strip.state]
    lines += [markdown_text(sentence) for sentence in strip.sentences]
    lines += ["", *(f"- {markdown_text(cell.text)}" for cell in strip.counts), ""]
    if rankings:
        lines += [
            "| producers × consumers | payload | class | fastest | items/s | lead | out |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_row(ranking) for ranking in rankings]
        lines.append("")
    lines += _correctness(rows)
    for command in strip.commands:
        fence = "`" * (max((len(run) for run in re.findall("`+", command)), default=0) + 3)
        lines += ["Run it again:", "", f"{fence}sh", command.replace("\n", " "), fence, ""]
    return "\n".join(lines)


def _correctness(rows: Sequence[Row]) -> list[str]:
    """Subjects with findings and controls with unexpected results; the others are only counted."""
    if not rows:
        return []
    listed = [row for row in rows if not row.as_expected or not (row.clean or row.name.control)]
    listed.sort(key=lambda row: (row.as_expected, row.name.control))
    titles = columns(rows)
    lines = ["| subject | family | seen | all in all |", "|---|---|---|---|"]
    for row in listed[:CORRECTNESS_ROWS]:
        seen = [
            f"{titles[column]}: {(cell := matrix.sighting_cell(sighting)).text} ({cell.detail})"
            for column in titles
            for sighting in row.seen.get(column, ())
        ]
        name = matrix.label(row) + " (control)" * row.name.control
        overall = matrix.outcome("unknown" if row.inconclusive else "fail", row.as_expected)[0]
        cells = [name, row.name.family, "; ".join(seen) or "–", overall]
        lines.append("| " + " | ".join(markdown_text(cell) for cell in cells) + " |")
    if len(listed) > CORRECTNESS_ROWS:
        lines.append(f"| {len(listed) - CORRECTNESS_ROWS} more | | see report.html | |")
    quiet = [row for row in rows if row not in listed]
    lines += [
        "",
        f"{sum(not r.name.control for r in quiet)} more subjects in which nothing was seen, and "
        f"{sum(r.name.control for r in quiet)} controls that came out as expected.",
        "",
    ]
    return lines if listed else lines[2:]


def _row(ranking: Ranking) -> str:
    setting, after = ranking.setting, ranking.runner_up
    cells = [
        setting.shape,
        f"{setting.payload} bytes",
        "unbounded" if setting.bound == "unbounded" else f"bounded {setting.capacity}",
        winners(ranking),
        rate(ranking.entries[0].interval.estimate) if ranking.entries else "–",
        f"{ratio_text(after.to_best)} over {after.summary.label}" if after and after.to_best else "–",
        ", ".join(summary.label for summary in ranking.out) or "–",
    ]
    return "| " + " | ".join(markdown_text(cell) for cell in cells) + " |"


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no table bars, no line breaks."""
    return re.sub(r"([\\`*_{}\[\]<>|#&~])", r"\\\1", " ".join(text.split()))
