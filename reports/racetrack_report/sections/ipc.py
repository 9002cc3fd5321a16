"""Section 10: items that pass between two processes, and whether a process notices that the other is killed."""

from __future__ import annotations

from collections.abc import Sequence

from ..palette import Palette
from ..summary import Summary
from ..units import quantity
from ..view import Block, Cell, Picture, Table, measured, number, text, subject_cell, without_empty
from . import strips
from .matrix import outcome
from .verdict import verdict_cell

WORKLOADS = (
    ("transfer", "items_per_s", "items/s", "Transfer to another process"),
    ("round_trip", "trip_p50_ns", "round trip (median)", "Round trip to another process"),
)


def blocks(summaries: Sequence[Summary], palette: Palette) -> tuple[Block, ...]:
    raced = [s for s in summaries if s.first.family == "ipc" and not s.control]
    if not raced:
        return ()
    pictures = [
        picture
        for workload, metric, what, title in WORKLOADS
        for picture in _picture([s for s in raced if s.workload == workload], metric, what, title, palette)
    ]
    tables = [
        _table([s for s in raced if s.workload == workload], metric, what, title, palette)
        for workload, metric, what, title in WORKLOADS
        if any(s.workload == workload for s in raced)
    ]
    killed = [s for s in raced if s.workload == "peer_killed"]
    if killed:
        tables.append(_killed(killed, palette))
    return (
        Block(
            "ipc",
            "Between two processes",
            (
                "The same items and oracles as for queues; the producer is in one process, the consumer in "
                "another. Capacities of pipes and sockets are chosen by the kernel, in bytes.",
            ),
            tuple(pictures),
            tuple(tables),
        ),
    )


def label(summary: Summary) -> str:
    """'pipe' or, where it matters, 'posix_mq, 10 items'."""
    capacity = summary.first.params.get("capacity", "kernel")
    return summary.label if capacity == "kernel" else f"{summary.label}, {capacity} items"


def _picture(members: Sequence[Summary], metric: str, what: str, title: str, palette: Palette) -> tuple[Picture, ...]:
    smallest = min((s.setting.payload for s in members), default=0)
    contestants = strips.timed([s for s in members if s.setting.payload == smallest], metric)
    if len(contestants) < 2:
        return ()
    contestants.sort(key=lambda pair: pair[1].estimate, reverse=metric.endswith("_per_s"))
    (best, first), (worst, last) = contestants[0], contestants[-1]
    finding = (
        f"{label(best)} leads with {quantity(metric, first.estimate)}; {label(worst)} is last with "
        f"{quantity(metric, last.estimate)}."
    )
    name = f"ipc-{metric.replace('_', '-')}"
    return (strips.picture(name, f"{title}, {smallest} bytes", finding, contestants, metric, what, palette, label),)


def _table(members: Sequence[Summary], metric: str, what: str, title: str, palette: Palette) -> Table:
    metrics = [
        metric,
        "cpu_ns_per_item" if metric.endswith("_per_s") else "cpu_ns_per_trip",
        "voluntary_switches_per_s",
    ]
    rows = tuple(
        (
            subject_cell(s, palette, struck=s.out),
            text(s.first.traits.get("library", "")),
            text(s.first.params.get("capacity", "")),
            number(float(s.setting.payload), f"{s.setting.payload} bytes"),
            number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
            *(
                (Cell(s.reason, kind="fail"),) * len(metrics)
                if s.out
                else (measured(each, s.interval(each)) for each in metrics)
            ),
        )
        for s in members
    )
    columns = ("channel", "library", "capacity", "payload", "forks", what, "processor time", "voluntary switches")
    return without_empty(Table(f"ipc-{metric.replace('_', '-')}-table", f"{title}: every case", columns, rows))


def _killed(killed: Sequence[Summary], palette: Palette) -> Table:
    rows = tuple(
        (
            subject_cell(s, palette),
            text("yes" if s.first.traits.get("notices_death") else "no"),
            number(float(len(s.forks)), str(len(s.forks))),
            measured("notice_p50_ns", s.interval("notice_p50_ns")),
            verdict_cell(s.verdict),
            text(*outcome(s.verdict.result, s.verdict.as_expected)),
        )
        for s in killed
    )
    columns = ("channel", "declares detection", "forks", "detected after", "verdict", "expected?")
    return without_empty(Table("ipc-killed-table", "The other process is killed during a transfer", columns, rows))
