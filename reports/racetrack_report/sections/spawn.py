"""Section 10: the cost of starting a thread or process and of waiting for its end."""

from __future__ import annotations

from collections.abc import Sequence

from ..palette import Palette
from ..statistics import Interval, ratio
from ..summary import Summary
from ..units import nanoseconds, ratio_text
from ..view import Block, Cell, Picture, Table, measured, number, text, subject_cell, without_empty
from . import strips

METRIC = "ns_per_start"
PARTS = (
    ("start_p50_ns", "the call (median)"),
    ("running_p50_ns", "until it runs (median)"),
    ("join_p50_ns", "waiting for its end (median)"),
    ("cpu_ns_per_start", "processor time"),
)


def blocks(summaries: Sequence[Summary], palette: Palette) -> tuple[Block, ...]:
    raced = [s for s in summaries if s.first.family == "spawn" and not s.control]
    starts = [s for s in raced if s.workload in ("thread", "process")]
    found = []
    if starts:
        found.append(
            Block(
                "spawn",
                "Starting threads and processes",
                (
                    "A start is complete when the thread or process has run and was waited for. The end of each "
                    "child process, by an exit status or by a signal, is checked every time; none remains as a "
                    "zombie.",
                    *_growths(starts),
                ),
                _ladder(starts, palette),
                (_table(starts, palette),),
            )
        )
    endless = [s for s in raced if s.workload == "endless"]
    if endless:
        found.append(
            Block("endless", "A process that prints until it is stopped", (), (), (_endless(endless, palette),))
        )
    return tuple(found)


def label(summary: Summary) -> str:
    """'fork, parent of 1024 MiB'."""
    resident = summary.first.params.get("resident_mib")
    return f"{summary.subject}, parent of {resident} MiB" if resident is not None else summary.subject


def _ladder(starts: Sequence[Summary], palette: Palette) -> tuple[Picture, ...]:
    contestants = sorted(strips.timed(starts, METRIC), key=lambda pair: pair[1].estimate)
    if len(contestants) < 2:
        return ()
    (cheapest, least), (dearest, most) = contestants[0], contestants[-1]
    finding = (
        f"Fastest: {label(cheapest)}, {nanoseconds(least.estimate)}; slowest: {label(dearest)}, "
        f"{nanoseconds(most.estimate)}, {ratio_text(_times(dearest, cheapest))} as long."
    )
    what = "time per start and join"
    return (strips.picture("ladder", "Time per start", finding, contestants, METRIC, what, palette, label),)


def _times(numerator: Summary, denominator: Summary) -> Interval:
    return ratio(numerator.per_fork(METRIC), denominator.per_fork(METRIC))[0]


def _resident(summary: Summary) -> int:
    return int(summary.first.params.get("resident_mib", 0))


def _growths(starts: Sequence[Summary]) -> list[str]:
    """One sentence for each way to start that was measured in parents of several sizes, fastest first."""
    contestants = [s for s, _ in sorted(strips.timed(starts, METRIC), key=lambda pair: pair[1].estimate)]
    return [growth for s in contestants if (growth := _growth(s, contestants))]


def _growth(large: Summary, others: Sequence[Summary]) -> str:
    """The effect of the parent's memory on the time of a start, reported at the largest parent; empty for the
    others."""
    same = [s for s in others if s.subject == large.subject and s.workload == large.workload]
    small = min(same, key=_resident)
    if small is large or large is not max(same, key=_resident):
        return ""
    return (
        f"{large.subject} takes {ratio_text(_times(large, small))} as long in a parent of {_resident(large)} MiB as in "
        f"one of {_resident(small)} MiB."
    )


def _table(starts: Sequence[Summary], palette: Palette) -> Table:
    contestants = strips.timed(starts, METRIC)
    cheapest = min(contestants, key=lambda pair: pair[1].estimate)[0] if contestants else None
    rows = []
    for s in sorted(starts, key=lambda s: (s.workload != "thread", s.subject, _resident(s))):
        shown = not s.out and s.interval(METRIC) is not None
        behind = _times(s, cheapest) if shown and cheapest is not None and s is not cheapest else None
        rows.append(
            (
                subject_cell(s, palette, struck=s.out),
                text(s.workload),
                text(s.first.traits.get("call", "")),
                number(float(_resident(s)) or None, f"{_resident(s)} MiB"),
                number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
                Cell(s.reason, kind="fail") if s.out else measured(METRIC, s.interval(METRIC)),
                number(behind.estimate, ratio_text(behind)) if behind else number(1.0 if shown else None, "1×"),
                *(measured(metric, s.interval(metric)) for metric, _ in PARTS),
            )
        )
    columns = (
        *(
            "started by",
            "what",
            "call",
            "memory of the parent",
            "forks",
            "time per start and join",
            "time / time of the fastest",
        ),
        *(title for _, title in PARTS),
    )
    return without_empty(Table("spawn-table", "All ways to start", columns, tuple(rows)))


def _endless(endless: Sequence[Summary], palette: Palette) -> Table:
    metrics = (
        ("stop_ns", "stopped after SIGINT within"),
        ("lateness_p50_ns", "timer late by (median)"),
        ("lateness_p99_ns", "(99th percentile)"),
    )
    rows = tuple(
        (
            subject_cell(s, palette, struck=s.out),
            number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
            *(
                (Cell(s.reason, kind="fail"),) * len(metrics)
                if s.out
                else (measured(metric, s.interval(metric)) for metric, _ in metrics)
            ),
        )
        for s in endless
    )
    return without_empty(
        Table("endless-table", "Lines until SIGINT", ("subject", "forks", *(title for _, title in metrics)), rows)
    )
