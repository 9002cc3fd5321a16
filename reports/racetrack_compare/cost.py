"""The cost of a fork: one number in ns, where more is slower; the metric depends on the workload."""

from __future__ import annotations

import math

from racetrack_report.model import Case
from racetrack_report.summary import fork_value

from .judgement import Repetition

# Workloads whose cost is not derived from a rate: metric, and its description.
LATENCIES = {
    "round_trip": ("trip_p50_ns", "median trip"),
    "paced": ("delivery_p50_ns", "median delivery"),
    "burst": ("fill_ns_per_item", "time to fill, per item"),
    "shutdown": ("shutdown_ns", "time to shut down"),
}
RATE = "s_per_s"
CPU_TIME = "cpu_ns_per_"


def cost_of(case: Case) -> tuple[str, float] | None:
    """(description, ns) of a fork with a valid number; None if it has none."""
    if not case.timed:
        return None
    if case.workload in LATENCIES:
        metric, description = LATENCIES[case.workload]
        value = fork_value(case, metric)
        return (description, value) if value is not None and value > 0 else None
    rate = next((name for name in (*case.values, *case.metrics) if _is_rate(name)), None)
    value = fork_value(case, rate) if rate else None
    if rate is None or value is None or value <= 0:
        return None
    return f"time per {unit_of(rate)}", 1e9 / value


def plain_repetition_of(case: Case) -> Repetition | None:
    """A fork as a repetition in Google Benchmark's JSON, for any workload: total time / total units. None without a
    number."""
    rate = next((name for name in case.metrics if _is_rate(name)), None)
    if not case.timed or rate is None or case.metrics[rate] <= 0:
        return None
    return repetition_of(case, 1e9 / case.metrics[rate])


def repetition_of(case: Case, real_ns: float) -> Repetition:
    """A fork with this cost, and its measured processor time and number of threads."""
    cpu = next((value for name, value in case.metrics.items() if name.startswith(CPU_TIME)), None)
    return Repetition(real_ns, cpu if cpu is not None and math.isfinite(cpu) else None, len(case.placement) or None)


def unit_of(rate: str) -> str:
    """items_per_s -> item."""
    return rate.removesuffix(RATE).replace("_", " ")


def _is_rate(name: str) -> bool:
    return name.endswith(RATE) and not name.endswith("switches_per_s")
