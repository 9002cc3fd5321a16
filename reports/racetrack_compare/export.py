"""The comparison for other tools: Markdown for a pull request, SARIF 2.1.0, CSV, Google Benchmark's JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics as plain
from collections.abc import Sequence
from typing import Any

from racetrack_report.export import harmless, markdown_text
from racetrack_report.statistics import Interval

from . import wording
from .comparison import Comparison, SideFacts, in_order
from .judgement import INCONCLUSIVE, NONE, SLOWER, VERDICTS, Judged, Repetition

MARKDOWN_ROWS = 50
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    SLOWER: ("error", "The case is slower than before, by more than the threshold."),
    NONE: (
        "warning",
        "The case failed an oracle, crashed, was skipped, has no number or is missing from NEW.",
    ),
    INCONCLUSIVE: ("note", "These forks do not show whether the case is slower."),
}


def files(comparison: Comparison) -> dict[str, str]:
    """File name -> text."""
    return {
        "summary.md": markdown(comparison),
        "summary.csv": csv_of(comparison),
        "report.sarif": sarif(comparison),
        "old.benchmark.json": benchmark_json(comparison, comparison.old, True),
        "new.benchmark.json": benchmark_json(comparison, comparison.new, False),
    }


def markdown(comparison: Comparison) -> str:
    first, *rest = wording.sentences(comparison)
    lines = [f"# {markdown_text(wording.sides_text(comparison))}", "", f"**{markdown_text(first)}**", ""]
    lines += [f"{markdown_text(sentence)}\n" for sentence in rest if sentence]
    lines += [
        "| verdict | case | change of cost | p (Holm) | n | old | new |",
        "|---|---|---|---|---|---|---|",
    ]
    ordered = in_order(comparison.judged, VERDICTS)
    for each in ordered[:MARKDOWN_ROWS]:
        cells = [
            wording.verdict(each),
            each.sample.case,
            wording.change(each.ratio),
            wording.p_value(each.p_holm),
            str(each.n),
            wording.cost(each.sample.old),
            wording.cost(each.sample.new),
        ]
        lines.append("| " + " | ".join(map(markdown_text, cells)) + " |")
    if len(ordered) > MARKDOWN_ROWS:
        lines.append(f"| {len(ordered) - MARKDOWN_ROWS} more | see report.html | | | | | |")
    return "\n".join(lines) + "\n"


def csv_of(comparison: Comparison) -> str:
    """One row per case, with ratios as numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "case",
            "verdict",
            "reason",
            "metric",
            "paired",
            "n",
            "lost",
            "ratio",
            "low",
            "high",
            "confidence",
            "p",
            "p_holm",
        ]
        + ["threshold_ratio", "detectable_ratio", "more", "old_median_ns", "new_median_ns"]
    )
    for each in in_order(comparison.judged, VERDICTS):
        sample = each.sample
        row = [sample.case, each.verdict, sample.reason, sample.metric, sample.paired, each.n, sample.lost]
        row += _numbers(each.ratio) + [each.p, each.p_holm, 1 + each.threshold, 1 + each.detectable, each.more]
        row += [plain.median(values) if values else None for values in (sample.old, sample.new)]
        writer.writerow(["" if value is None else harmless(value) for value in row])
    return out.getvalue()


def _numbers(ratio: Interval | None) -> list[float | None]:
    return [ratio.estimate, ratio.low, ratio.high, ratio.confidence] if ratio else [None] * 4


def sarif(comparison: Comparison) -> str:
    """A result for every case that is slower, inconclusive or without verdict; its location is its line in
    records.jsonl."""
    results = [
        _result(comparison, line, each)
        for line, each in enumerate(comparison.judged, start=1)
        if each.verdict in RULES and each.sample.case not in comparison.only_new
    ]
    rules = [
        {"id": _rule(verdict), "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for verdict, (level, text) in RULES.items()
    ]
    run = {
        "tool": {"driver": {"name": "racetrack compare", "rules": rules}},
        "automationDetails": {"id": f"racetrack/compare/{comparison.name}"},
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _result(comparison: Comparison, line: int, judged: Judged) -> dict[str, Any]:
    note = wording.advice(judged, comparison.paired)
    message = f"{judged.sample.case}: {wording.verdict(judged)[2:]}, cost {wording.change(judged.ratio)}" + (
        f"; {note}" if note else ""
    )
    return {
        "ruleId": _rule(judged.verdict),
        "ruleIndex": list(RULES).index(judged.verdict),
        "level": RULES[judged.verdict][0],
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": "records.jsonl"}, "region": {"startLine": line}},
                "logicalLocations": [{"fullyQualifiedName": judged.sample.case, "kind": "function"}],
            }
        ],
        "partialFingerprints": {"case/v1": judged.sample.case},
    }


def _rule(verdict: str) -> str:
    return verdict.replace(" ", "-")


def benchmark_json(comparison: Comparison, side: SideFacts, is_old: bool) -> str:
    """The forks of one side in the format that Google Benchmark's compare.py reads: repetitions and their aggregates.

    A processor time that was not measured is NaN, because compare.py ignores a case without the member. Unknown threads
    and iterations are left out.
    """
    entries: list[dict[str, Any]] = []
    for index, each in enumerate(comparison.judged):
        values = each.sample.old if is_old else each.sample.new
        details = each.sample.details[0 if is_old else 1] or tuple(Repetition(value) for value in values)
        cpu = [math.nan if detail.cpu_ns is None else detail.cpu_ns for detail in details]
        common = {
            "name": each.sample.case,
            "family_index": index,
            "per_family_instance_index": 0,
            "run_name": each.sample.case,
            "repetitions": len(values),
            "time_unit": "ns",
        }
        entries += [
            {
                **common,
                **_known(detail),
                "run_type": "iteration",
                "repetition_index": n,
                "real_time": value,
                "cpu_time": cpu[n],
            }
            for n, (value, detail) in enumerate(zip(values, details))
        ]
        threads = {detail.threads for detail in details}
        entries += [
            {
                **common,
                **({"threads": details[0].threads} if len(threads) == 1 and None not in threads else {}),
                "name": f"{each.sample.case}_{name}",
                "run_type": "aggregate",
                "aggregate_name": name,
                "aggregate_unit": "time",
                "iterations": len(values),
                "real_time": real,
                "cpu_time": processor,
            }
            for (name, real), (_, processor) in zip(_aggregates(values), _aggregates(cpu))
        ]
    machine = side.machine
    context = {
        "date": comparison.started_at,
        "host_name": machine.get("hostname", ""),
        "executable": side.given,
        "num_cpus": machine.get("hardware_threads", machine.get("cpus")),
        "racetrack_revision": side.revision,
        "racetrack_fingerprint": machine.get("fingerprint", ""),
    }
    return json.dumps({"context": context, "benchmarks": entries}, indent=1) + "\n"


def _known(detail: Repetition) -> dict[str, int]:
    """The counts of a repetition that were measured."""
    counts = (("threads", detail.threads), ("iterations", detail.iterations))
    return {name: value for name, value in counts if value is not None}


def _aggregates(values: Sequence[float]) -> list[tuple[str, float]]:
    if len(values) < 2:
        return []
    if not all(map(math.isfinite, values)):
        return [(name, math.nan) for name in ("mean", "median", "stddev")]
    return [("mean", plain.fmean(values)), ("median", plain.median(values)), ("stddev", plain.stdev(values))]
