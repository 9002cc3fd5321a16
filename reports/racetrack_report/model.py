"""Records as typed values: what the loader hands to everything else. Nothing here reads a file or draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """One line of a scenario's expectation; a detector or kind that ends in `*` stands for all that begin so."""

    detector: str
    kind: str
    grade: str  # must, may, never
    per_runs: int = 1  # must: at least once in so many runs


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
    expectation: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class Frame:
    """One call of a stack. What is not known is empty, or None."""

    function: str
    file: str = ""
    line: int | None = None
    module: str = ""


Stack = tuple[Frame, ...]  # innermost call first


@dataclass(frozen=True)
class Lock:
    """A lock that a thread holds or wants, and where it was taken, is waited for or was made."""

    name: str
    kind: str
    stack: Stack


@dataclass(frozen=True)
class Thread:
    """One side of a race, or one thread of a deadlock."""

    name: str
    what: str
    stack: Stack
    created: Stack = ()
    wants: Lock | None = None
    holds: tuple[Lock, ...] = ()


@dataclass(frozen=True)
class Location:
    """The memory that a race is about; the stack is where it was allocated."""

    what: str
    stack: Stack


@dataclass(frozen=True, eq=False)
class Finding:
    """What a detector that watches a whole process saw in one case: k of n child processes showed it.

    k = 0 is a finding that had to be seen and was not.
    """

    run: str
    invocation: str
    engine: str
    revision: str  # of the source, as `Case.revision`; empty when the run does not tell
    case: str
    family: str
    workload: str
    subject: str
    control: bool
    detector: str  # tsan, lock_graph
    kind: str
    result: str  # fail, unknown
    k: int
    n: int
    grade: str  # must, may, never
    as_expected: bool
    title: str
    text: str
    threads: tuple[Thread, ...]
    location: Location | None


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
    engine: str  # bench, stress, tsan, ...
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
    revision: str  # of the source: the commit, and whether the work tree differed from it
    duration_s: float
    interpreter: str = ""  # of a Python program: 'CPython 3.11.2, GIL on'
    origin: str = ""  # tells apart cases of merged runs that are not comparable; empty when all are

    @property
    def timed(self) -> bool:
        """Whether this fork may stand with a number: it was measured, ended well and no oracle failed it."""
        return self.engine == "bench" and self.ended == "ok" and self.verdict.result != "fail" and bool(self.metrics)

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
    findings: tuple[Finding, ...] = ()
    python: tuple[Case, ...] = ()  # the twins of C++ cases: never ranked, and in no table of subjects
    warnings: tuple[Remark, ...] = ()
    raw_lines: tuple[str, ...] = field(default=(), repr=False)  # the valid lines as read, for download

    @property
    def measured(self) -> tuple[Case, ...]:
        """The cases of the bench engine: the only ones with numbers of speed."""
        return tuple(case for case in self.cases if case.engine == "bench")


def int_of(value: int | str | None) -> int:
    """A count parameter; 0 when it is absent or a word."""
    return value if isinstance(value, int) else 0
