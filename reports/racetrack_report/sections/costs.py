"""Section 4, tables: the heat map of shapes, the cost of throughput, and the workloads without a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..palette import Palette
from ..summary import Setting, Summary, natural
from ..units import count, rate
from ..view import Block, Cell, Table, declared_contract, measured, number, text, subject_cell, without_empty
from .matrix import outcome

METRIC = "items_per_s"
COSTS = (
    ("ns_per_item", "time per item"),
    ("cpu_ns_per_item", "CPU time per item"),
    ("overlap_ratio", "overlap"),
    ("disturbed_rounds_ratio", "disturbed rounds"),
    ("fairness_jain_ratio", "fairness (Jain)"),
    ("finish_spread_ns", "finish spread"),
    ("failed_push_per_item_ratio", "failed pushes per item"),
    ("failed_pop_per_item_ratio", "failed pops per item"),
    ("voluntary_switches_per_s", "voluntary switches"),
    ("involuntary_switches_per_s", "involuntary switches"),
    ("peak_rss_bytes", "peak memory"),
    ("baseline_rss_bytes", "memory before"),
)


def usual_capacity(settings: Iterable[Setting]) -> str:
    """The capacity that most settings of bounded queues have; empty when there are none."""
    seen = Counter(setting.capacity for setting in settings if setting.bound == "bounded")
    return seen.most_common(1)[0][0] if seen else ""


def where(setting: Setting) -> str:
    bound = "unbounded" if setting.bound == "unbounded" else f"bounded to {setting.capacity}"
    extras = f", {setting.extras}" if setting.extras else ""
    return f"{setting.shape}, {setting.payload} bytes, {bound}{extras}"


def heat(raced: Sequence[Summary], palette: Palette) -> Table:
    """Items/s by producers × consumers; the shade is the share of the fastest in the column's class."""
    usual = usual_capacity(s.setting for s in raced)
    smallest = min(s.setting.payload for s in raced)
    plane = [s for s in raced if s.setting.payload == smallest and s.setting.capacity in (usual, "unbounded")]
    shapes = sorted({(s.setting.threads, s.setting.producers, s.setting.shape) for s in plane})
    intervals = {s: s.interval(METRIC) for s in plane}
    best: dict[Setting, float] = {}
    for summary, interval in intervals.items():
        if interval:
            best[summary.setting] = max(best.get(summary.setting, 0.0), interval.estimate)
    groups: dict[tuple[str, ...], list[Summary]] = {}
    for summary in plane:
        setting = summary.setting
        groups.setdefault((setting.bound, setting.capacity, setting.extras, summary.label), []).append(summary)
    rows = []
    for key in sorted(groups, key=lambda k: (k[0], natural(k[1]), k[2], k[3])):
        at = {s.setting.shape: s for s in groups[key]}
        cells = []
        for _, _, shape in shapes:
            found = at.get(shape)
            interval = intervals[found] if found else None
            if found and found.out:
                cells.append(Cell(found.reason, kind="fail"))
            elif found and interval:
                level = round(6 * interval.estimate / best[found.setting])
                cells.append(number(interval.estimate, rate(interval.estimate), f"heat-{level}"))
            else:
                cells.append(Cell("–"))
        bound = key[0] if key[0] == "unbounded" else f"bounded, {key[1]}"
        rows.append(
            (subject_cell(groups[key][0], palette, struck=groups[key][0].out), text(bound), text(key[2]), *cells)
        )
    return without_empty(
        Table(
            "heat",
            f"Producers × consumers, {plane[0].setting.payload} bytes: items/s",
            ("subject", "class", "also", *(shape for _, _, shape in shapes)),
            tuple(rows),
            note="The shade is the ratio to the fastest of the same class and setting.",
        )
    )


def costs(raced: Sequence[Summary], palette: Palette) -> Table:
    present = [(metric, title) for metric, title in COSTS if any(s.per_fork(metric) for s in raced)]
    rows = []
    for summary in raced:
        setting, traits = summary.setting, summary.first.traits
        actual = traits.get("capacity_actual")
        capacity = (
            setting.capacity
            if actual in (None, "") or str(actual) == setting.capacity
            else f"{setting.capacity} (actual {actual})"
        )
        if summary.out:
            cells = [Cell(summary.reason, kind="fail")] + [Cell("–")] * len(present)
        else:
            cells = [measured(METRIC, summary.interval(METRIC))]
            cells += [measured(metric, summary.interval(metric)) for metric, _ in present]
        rows.append(
            (
                subject_cell(summary, palette, struck=summary.out),
                Cell(setting.shape, sort=setting.threads * 100.0),
                text(capacity),
                number(float(setting.payload), f"{setting.payload} bytes"),
                text(setting.extras),
                text(declared_contract(summary)),
                text(" ".join(str(traits.get(key, "")) for key in ("library", "library_version")).strip()),
                number(float(len(summary.timed)), f"{len(summary.timed)} of {len(summary.forks)}"),
                *cells,
            )
        )
    return without_empty(
        Table(
            "costs-table",
            "Transfer: every case",
            (
                "subject",
                "shape",
                "capacity",
                "payload",
                "also",
                "declared",
                "library",
                "forks",
                "items/s",
                *(title for _, title in present),
            ),
            tuple(rows),
        )
    )


def plain(name: str, title: str, group: Sequence[Summary], metrics: Sequence[str], palette: Palette) -> Table:
    rows = tuple(
        (
            subject_cell(s, palette, struck=s.out),
            text(where(s.setting)),
            text(declared_contract(s)),
            number(float(len(s.timed)), str(len(s.timed))),
            *(
                (Cell(s.reason, kind="fail"),) * len(metrics)
                if s.out
                else (measured(m, s.interval(m)) for m in metrics)
            ),
        )
        for s in group
    )
    names = tuple(m.removesuffix("_ns").replace("_ns_per_item", " per item").replace("_", " ") for m in metrics)
    return Table(f"{name}-table", title, ("subject", "setting", "declared", "forks", *names), rows)


def print_block(prints: Sequence[Summary], palette: Palette) -> Block:
    """Printing from several threads. The unsynchronised subject tears lines, as expected, and is struck out."""
    rows = []
    for s in prints:
        forks = [case.metrics for case in s.forks if case.metrics]
        torn = sum(m.get("torn_lines_count", 0.0) for m in forks)
        lines = sum(m.get("lines_count", 0.0) for m in forks)
        expected = outcome(s.verdict.result, s.verdict.as_expected)[0]
        rows.append(
            (
                subject_cell(s, palette, struck=s.failed),
                text(", ".join(f"{k} {v}" for k, v in s.first.params.items())),
                number(torn, count(torn), "fail" if torn else ""),
                number(lines, count(lines)),
                text(s.verdict.kind or s.verdict.result, s.verdict.result),
                text(expected),
            )
        )
    table = Table(
        "print-table", "Torn lines", ("subject", "setting", "torn lines", "lines", "verdict", "expected?"), tuple(rows)
    )
    return Block(
        "print",
        "Printing from two threads",
        ("Lines that threads print without synchronisation are torn. The unsynchronised subject is meant to fail.",),
        (),
        (table,),
    )
