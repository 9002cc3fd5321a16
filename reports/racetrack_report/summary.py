"""The forks of one case, combined: the unit of every table and figure."""

from __future__ import annotations

import re
import statistics as plain
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from .faults import Fault, faults, key_of, marks
from .model import Case, Finding, Verdict, int_of
from .statistics import Interval, bootstrap_median, median_interval, percentile

ForkKey = tuple[str, int]  # invocation, fork
ENDINGS = {  # how a fork ended that has no number
    "ok": "not measured",
    "signal": "killed by a signal",
    "timeout": "timed out",
    "exit": "exited early",
    "interrupted": "interrupted",
    "unreadable": "ended without a complete answer",
    "harness": "refused by the operating system",
}
MOST_DISTURBED = 1 / 3  # of the forks: a median changes little as long as most forks are undisturbed
RANK = {"pass": 0, "unknown": 1, "fail": 2}
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
TAIL = re.compile(r"(?P<histogram>\w+)_(?P<level>p50|p90|p99|p999|max)_ns")


@dataclass(frozen=True)
class Setting:
    """The parameters that ranked subjects must share: those of a case's name except the subject and how it waits."""

    family: str
    workload: str
    producers: int
    consumers: int
    payload: int
    capacity: str
    bound: str
    others: tuple[tuple[str, str], ...]  # pinning, pace, ...
    origin: str

    @property
    def shape(self) -> str:
        return f"{self.producers}×{self.consumers}" if self.producers or self.consumers else "–"

    @property
    def threads(self) -> int:
        return self.producers + self.consumers

    @property
    def extras(self) -> str:
        """The other parameters as text: 'pin compact, set 1'."""
        words = [f"{name.removesuffix('_per_s').replace('_', ' ')} {value}" for name, value in self.others]
        return ", ".join(words + ([self.origin] if self.origin else []))


@dataclass(frozen=True, eq=False)
class Summary:
    """One case over its forks."""

    name: str
    origin: str
    forks: tuple[Case, ...]
    constant: frozenset[str] = field(default=frozenset())  # parameters with one value in all cases, which are not shown
    fault: Fault | None = None  # the subject failed somewhere in the data, so none of its cases has a number
    mark: str = ""  # the mark of findings that do not exclude the subject: '! race'

    @property
    def first(self) -> Case:
        return self.forks[0]

    @property
    def subject(self) -> str:
        return self.first.subject

    @property
    def wait(self) -> str:
        return str(self.first.params.get("wait", ""))

    @property
    def label(self) -> str:
        """Subject and how it waits, which distinguishes the subjects of one setting."""
        return f"{self.subject} ({self.wait})" if self.wait else self.subject

    @property
    def marked(self) -> str:
        """The label, with the mark."""
        return f"{self.label} ({self.mark})" if self.mark else self.label

    @property
    def out(self) -> bool:
        return self.fault is not None

    @property
    def reason(self) -> str:
        """The reason for a missing number: '✗ failed' if this case did, otherwise the place of the subject's fault."""
        if self.fault is None or self.failed:
            return "✗ failed"
        return f"out: {self.fault.kind.replace('_', ' ')} {self.fault.place}"

    @property
    def why_missing(self) -> str:
        """Why a case that did not fail has no number: how its forks ended, 'timed out, interrupted'."""
        return ", ".join(dict.fromkeys(ENDINGS.get(case.ended, case.ended) for case in self.forks))

    @property
    def workload(self) -> str:
        return self.first.workload

    @property
    def control(self) -> bool:
        return self.first.control

    @cached_property
    def setting(self) -> Setting:
        case = self.first
        known = {"producers", "consumers", "payload", "capacity", "wait"} | self.constant
        capacity = str(case.params.get("capacity", ""))
        bound = str(case.traits.get("bound") or ("unbounded" if capacity == "unbounded" else "bounded"))
        return Setting(
            case.family,
            case.workload,
            int_of(case.params.get("producers")),
            int_of(case.params.get("consumers")),
            int_of(case.params.get("payload")),
            "unbounded" if bound == "unbounded" else capacity,
            bound,
            tuple(sorted((key, str(value)) for key, value in case.params.items() if key not in known)),
            self.origin,
        )

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of the forks: one lost item in one fork fails the case."""
        return max(
            (case.verdict for case in self.forks), key=lambda verdict: (not verdict.as_expected, RANK[verdict.result])
        )

    @cached_property
    def failed(self) -> bool:
        return any(case.verdict.result == "fail" for case in self.forks)

    @cached_property
    def timed(self) -> tuple[Case, ...]:
        """The forks with valid numbers: none if the subject failed an oracle in one of them."""
        return () if self.failed or self.out else tuple(case for case in self.forks if case.timed)

    @property
    def disturbed_forks(self) -> int:
        """The number of timed forks that other work on the machine disturbed."""
        return sum(case.disturbed for case in self.timed)

    @property
    def disturbed(self) -> bool:
        """Whether other work on the machine disturbed so many forks that the number is doubtful."""
        return self.disturbed_forks > MOST_DISTURBED * len(self.timed)

    @property
    def oversubscribed(self) -> bool:
        return any(case.oversubscribed for case in self.forks)

    def per_fork(self, metric: str) -> dict[ForkKey, float]:
        """The metric of every timed fork; the median over rounds for a metric with rounds."""
        found: dict[ForkKey, float] = {}
        for case in self.timed:
            value = fork_value(case, metric)
            if value is not None:
                found[(f"{case.run}:{case.invocation}", case.fork)] = value
        return found

    def interval(self, metric: str) -> Interval | None:
        """Median over forks with its interval; None if no fork has the metric. Tail percentiles are bootstrapped
        over forks."""
        values = list(self.per_fork(metric).values())
        if not values:
            return None
        return bootstrap_median(values) if TAIL.fullmatch(metric) else median_interval(values)


def fork_value(case: Case, metric: str) -> float | None:
    """One fork's value of a metric: the median of its rounds, otherwise the metric, otherwise the histogram's
    percentile."""
    if case.values.get(metric):
        return plain.median(case.values[metric])
    if metric in case.metrics:
        return case.metrics[metric]
    match = TAIL.fullmatch(metric)
    histogram = case.histograms.get(f"{match['histogram']}_ns") if match else None
    if match is None or histogram is None:
        return None
    if match["level"] == "max":
        return histogram.values[-1]
    return percentile(histogram.values, histogram.counts, QUANTILES[match["level"]])


def summarise(cases: Iterable[Case], findings: Iterable[Finding] = ()) -> list[Summary]:
    """One summary per measured case name (and origin), in the order of subject, then setting.

    Cases of other engines have no summary; they and the findings only contribute faults and marks of subjects.
    """
    everything, findings = list(cases), list(findings)
    fallen, marked = faults(everything, findings), marks(everything, findings)
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in (case for case in everything if case.engine == "bench"):
        groups.setdefault((case.name, case.origin), []).append(case)
    everyone = [case for forks in groups.values() for case in forks]
    constant = frozenset(constants(everyone))
    summaries = [
        Summary(
            name,
            origin,
            tuple(sorted(forks, key=lambda case: (case.run, case.invocation, case.fork))),
            constant,
            next((fallen[key] for key in map(key_of, forks) if key in fallen), None),
            next((marked[key] for key in map(key_of, forks) if key in marked), ""),
        )
        for (name, origin), forks in groups.items()
    ]
    return sorted(summaries, key=order)


def constants(cases: Iterable[Case]) -> dict[str, str]:
    """Parameters, except shape, payload, capacity and wait, with one value in all cases that have them: name ->
    value."""
    values: dict[str, set[str]] = {}
    for case in cases:
        if "producers" not in case.params:
            continue
        for name, value in case.params.items():
            values.setdefault(name, set()).add(str(value))
    shown = ("producers", "consumers", "payload", "capacity", "wait")
    return {name: next(iter(seen)) for name, seen in values.items() if len(seen) == 1 and name not in shown}


def order(summary: Summary) -> tuple[object, ...]:
    setting = summary.setting
    return (
        setting.family,
        setting.workload,
        setting.origin,
        setting.threads,
        setting.producers,
        setting.payload,
        setting.bound,
        natural(setting.capacity),
        setting.others,
        summary.subject,
        summary.wait,
        summary.name,
    )


def natural(text: str) -> tuple[int, int, str]:
    """Sort key that puts numbers before words and orders them by size."""
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)
