"""Records as typed values: what the loader hands to everything else. Nothing here reads a file or draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What the oracles said of one case in one fork."""

    result: str  # pass, unknown, fail
    kind: str | None
    detector: str | None
    k: int
    n: int
    as_expected: bool
    witness: str | None
    replay: str | None


@dataclass(frozen=True, eq=False)
class Histogram:
    """Latencies of one fork in ns: `values[i]` is the highest value of bucket i, ascending; `counts[i]` its samples."""

    values: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, eq=False)
class Case:
    """One case in one fork (child process)."""

    name: str
    run: str  # name of the run folder that holds it
    invocation: str
    family: str
    workload: str
    subject: str
    control: bool
    params: Mapping[str, int | str]
    traits: Mapping[str, bool | int | str]
    fork: int
    order_index: int
    ended: str  # ok, exit, signal, timeout, interrupted
    ended_value: int
    output: str
    verdict: Verdict
    metrics: Mapping[str, float]  # nulls of the record are left out
    values: Mapping[str, tuple[float, ...]]
    histograms: Mapping[str, Histogram]
    oversubscribed: bool
    placement: tuple[tuple[str, int, int | None], ...]  # role, thread, cpu
    commit: str
    duration_s: float
    origin: str = ""  # tells apart cases of merged runs that are not comparable; empty when all are

    @property
    def timed(self) -> bool:
        """Whether this fork may stand with a number: it ended well and no oracle failed it."""
        return self.ended == "ok" and self.verdict.result != "fail" and bool(self.metrics)

    @property
    def threads(self) -> int:
        return int_of(self.params.get("producers")) + int_of(self.params.get("consumers"))


@dataclass(frozen=True, eq=False)
class Invocation:
    """One call of an engine: its facts at the beginning and, unless it was cut off, at its end."""

    run: str
    name: str
    engine: str
    begin: Json | None
    end: Json | None

    @property
    def facts(self) -> Json:
        """Whichever environment record there is, the beginning first."""
        return self.begin or self.end or {}

    @property
    def plan(self) -> Json:
        plan: Json = (self.begin or {}).get("plan") or {}
        return plan

    @property
    def ended(self) -> str:
        """complete, interrupted, failed, or `cut off` when there is no closing record."""
        outcome = (self.end or {}).get("outcome") or {}
        return str(outcome.get("ended", "cut off"))


@dataclass(frozen=True)
class Remark:
    """Something about the input that the reader must know; `line` counts from 1."""

    where: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line is not None else self.where
        return f"{place}: {self.text}"


@dataclass(frozen=True)
class Dataset:
    """All that one page is made of: the valid records of one run, or of several merged."""

    runs: tuple[str, ...]
    cases: tuple[Case, ...]
    invocations: tuple[Invocation, ...]
    warnings: tuple[Remark, ...] = ()
    raw_lines: tuple[str, ...] = field(default=(), repr=False)  # the valid lines as read, for download


def int_of(value: int | str | None) -> int:
    """A count parameter; 0 when it is absent or a word."""
    return value if isinstance(value, int) else 0
