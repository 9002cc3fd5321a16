"""Records as typed values, from the loader to all other modules. Nothing here reads a file or draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .statistics import Interval, paired_ratio

Json = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """One line of a scenario's expectation; a detector or kind that ends in `*` matches all names with that prefix."""

    detector: str
    kind: str
    grade: str  # must, may, never
    per_runs: int = 1  # must: at least once in this number of runs


@dataclass(frozen=True)
class Verdict:
    """The verdict of the oracles on one case in one fork."""

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
    """One call of a stack. Unknown values are empty, or None."""

    function: str
    file: str = ""
    line: int | None = None
    module: str = ""


Stack = tuple[Frame, ...]  # innermost call first


@dataclass(frozen=True)
class Lock:
    """A lock that a thread holds or wants, and where it was taken, awaited or made."""

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
    """The memory of a race; the stack is where it was allocated."""

    what: str
    stack: Stack


@dataclass(frozen=True, eq=False)
class Finding:
    """A finding of a detector that watches whole processes, in one case: k of n child processes showed it.

    k = 0 is an expected finding that is missing.
    """

    run: str
    invocation: str
    engine: str
    revision: str  # of the source, as `Case.revision`; empty if unknown
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


@dataclass(frozen=True)
class Share:
    """The part of one strategy in the exploration of a case."""

    strategy: str
    executions: int
    seconds: float
    searched: str  # coverage of its widest finished search; empty if none has finished
    exhausted: str  # the same, if that search excluded nothing


@dataclass(frozen=True)
class Explored:
    """The coverage of the exploration of a case."""

    shares: tuple[Share, ...]
    complete: bool  # every schedule was executed
    found_by: str  # the strategy that found the fault; empty if none did
    searched: str  # coverage of the widest finished search; empty if none has finished
    not_tried: str  # the schedules that this search excluded, as a list
    notes: tuple[str, ...]  # limits: not controlled, not tried, not seen


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
    ended: str  # ok, exit, signal, timeout, interrupted, unreadable, harness
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
    disturbed: bool = False  # engine bench: other work took the processors of its threads
    explored: Explored | None = None  # engine explore
    interpreter: str = ""  # of a Python program: 'CPython 3.11.2, GIL on'
    origin: str = ""  # distinguishes cases of merged runs that are not comparable; empty if all are

    @property
    def timed(self) -> bool:
        """Whether this fork has valid numbers: it was measured, ended well and no oracle failed it."""
        return self.engine == "bench" and self.ended == "ok" and self.verdict.result != "fail" and bool(self.metrics)

    @property
    def threads(self) -> int:
        return int_of(self.params.get("producers")) + int_of(self.params.get("consumers"))


@dataclass(frozen=True)
class Attempt:
    """One search from one seed, until it found the fault or ended without it."""

    seed: int
    found: bool
    executions: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Search:
    """The cost of one strategy of the explorer to find the fault of one control."""

    run: str
    case: str
    family: str
    workload: str
    subject: str
    strategy: str
    limit_s: float
    limit_executions: int | None  # None: no limit but the time
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, eq=False)
class Repetition:
    """A failing schedule, replayed in several processes; `same` of them had the most frequent trace."""

    run: str
    case: str
    family: str
    workload: str
    subject: str
    processes: int
    same: int


@dataclass(frozen=True)
class Speed:
    """Executions per second of the explorer and of another explorer, on one subject by one strategy, pair by pair."""

    beside: str
    program: str
    subject: str
    strategy: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Bare:
    """Pairs of one case and a bare loop of the same queue: items per second, or nanoseconds per trip."""

    MOST_OFF = 0.05  # largest distance of the ratio from 1
    MOST_INTERVAL_OFF = 0.07  # largest distance of either end of its interval from 1

    case: str
    workload: str
    subject: str
    control: bool
    params: Mapping[str, str]
    metric: str
    racetrack: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratio(self) -> Interval:
        """racetrack / bare."""
        return paired_ratio(self.racetrack, self.bare)

    @property
    def within(self) -> bool:
        """Whether the ratio and its interval are within the bounds."""
        ratio, most = self.ratio, self.MOST_INTERVAL_OFF
        return (
            ratio.decisive
            and abs(ratio.estimate - 1) <= self.MOST_OFF
            and 1 - most <= ratio.low <= ratio.high <= 1 + most
        )

    @property
    def excluded(self) -> bool:
        """Whether the pairs exclude a ratio within the bounds."""
        ratio = self.ratio
        return ratio.decisive and (ratio.high < 1 - self.MOST_OFF or 1 + self.MOST_OFF < ratio.low)


@dataclass(frozen=True, eq=False)
class Invocation:
    """One call of an engine: the environment record of its start and, unless it was cut off, of its end."""

    run: str
    name: str
    engine: str
    begin: Json | None
    end: Json | None

    @property
    def facts(self) -> Json:
        """The environment record of the start, otherwise that of the end."""
        return self.begin or self.end or {}

    @property
    def plan(self) -> Json:
        plan: Json = (self.begin or {}).get("plan") or {}
        return plan

    @property
    def ended(self) -> str:
        """complete, interrupted, failed, or `cut off` if there is no closing record."""
        outcome = (self.end or {}).get("outcome") or {}
        return str(outcome.get("ended", "cut off"))


@dataclass(frozen=True)
class LitmusOutcome:
    """An outcome that no interleaving produces, and its status in C++20."""

    outcome: str  # a digit for each register
    ground: str  # forbidden, allowed, out of reach
    seen: int  # number of executions
    why: str


@dataclass(frozen=True)
class Litmus:
    """A litmus test, explored in weak memory."""

    shape: str
    program: str
    executions: int
    searched: bool  # the depth-first searches finished
    outcomes: tuple[LitmusOutcome, ...]
    faults: tuple[str, ...]  # deviations from the table


@dataclass(frozen=True)
class Outcome:
    """The explorer's result for one program in one memory mode."""

    memory: str  # sc, weak
    result: str  # killed, survived, unknown
    executions: int  # killed: until a test failed; otherwise of all tests
    test: str  # the test that failed; empty if none did
    kind: str
    text: str
    replay: str


@dataclass(frozen=True, eq=False)
class Mutant:
    """A header with one weakened memory order; without an operation, the unchanged header."""

    run: str
    header: str
    line: int
    function: str
    operation: str  # 'top_.load'; '#2' is appended for the second equal text in the function
    order: str
    weaker: str  # none: the fence is dropped
    outcomes: tuple[Outcome, ...]
    why: str  # reason for survival: redundant, unreachable, outside; empty if none is given
    because: str
    as_expected: bool

    @property
    def survives(self) -> bool:
        return all(outcome.result == "survived" for outcome in self.outcomes)

    def in_mode(self, memory: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.memory == memory), None)


@dataclass(frozen=True)
class OracleMutant:
    """One oracle's results on histories with one inserted fault; without a fault, on the unchanged histories."""

    of: str  # kind of the histories
    oracle: str
    mutant: str
    histories: int
    killed: int
    kinds: tuple[str, ...]
    must: bool  # the oracle is responsible for the fault
    as_expected: bool


@dataclass(frozen=True)
class Remark:
    """A remark about the input for the reader; `line` counts from 1."""

    where: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line is not None else self.where
        return f"{place}: {self.text}"


@dataclass(frozen=True)
class Dataset:
    """The input of one page: the valid records of one run, or of several merged runs."""

    runs: tuple[str, ...]
    cases: tuple[Case, ...]
    invocations: tuple[Invocation, ...]
    findings: tuple[Finding, ...] = ()
    python: tuple[Case, ...] = ()  # counterparts of C++ cases: never ranked, and in no table of subjects
    warnings: tuple[Remark, ...] = ()
    searches: tuple[Search, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    speeds: tuple[Speed, ...] = ()
    litmus: tuple[Litmus, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    oracle_mutants: tuple[OracleMutant, ...] = ()
    raw_lines: tuple[str, ...] = field(default=(), repr=False)  # the valid lines as read, for download
    unfinished: tuple[Remark, ...] = ()  # calls of engines that did not end
    bare: tuple[Bare, ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All remarks about the input."""
        return self.warnings + self.unfinished

    @property
    def measured(self) -> tuple[Case, ...]:
        """The cases of the bench engine, the only ones with speeds."""
        return tuple(case for case in self.cases if case.engine == "bench")


def int_of(value: int | str | None) -> int:
    """A count parameter; 0 when it is absent or a word."""
    return value if isinstance(value, int) else 0
