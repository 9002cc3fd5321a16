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


@dataclass(frozen=True)
class Share:
    """What one strategy did in the exploration of a case."""

    strategy: str
    executions: int
    seconds: float
    searched: str  # coverage of its widest finished search; empty: none has finished
    exhausted: str  # the same, when that search left nothing out


@dataclass(frozen=True)
class Explored:
    """How far the exploration of a case came."""

    shares: tuple[Share, ...]
    complete: bool  # every schedule was executed
    found_by: str  # the strategy that showed the fault; empty: none did
    searched: str  # coverage of the widest finished search; empty: none has finished
    not_tried: str  # what that search left out, as a list
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
    explored: Explored | None = None  # engine explore
    interpreter: str = ""  # of a Python program: 'CPython 3.11.2, GIL on'
    origin: str = ""  # tells apart cases of merged runs that are not comparable; empty when all are

    @property
    def timed(self) -> bool:
        """Whether this fork may stand with a number: it was measured, ended well and no oracle failed it."""
        return self.engine == "bench" and self.ended == "ok" and self.verdict.result != "fail" and bool(self.metrics)

    @property
    def threads(self) -> int:
        return int_of(self.params.get("producers")) + int_of(self.params.get("consumers"))


@dataclass(frozen=True)
class Attempt:
    """One search from one seed: until it found the fault, else as far as it came."""

    seed: int
    found: bool
    executions: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Search:
    """How soon one strategy of the explorer found the fault of one control."""

    run: str
    case: str
    family: str
    workload: str
    subject: str
    strategy: str
    limit_s: float
    limit_executions: int | None  # None: as many as fit the time
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, eq=False)
class Repetition:
    """A schedule that the explorer has found, replayed in several processes: `same` of them gave the commonest trace."""

    run: str
    case: str
    family: str
    workload: str
    subject: str
    processes: int
    same: int


@dataclass(frozen=True)
class Speed:
    """Executions per second of the explorer beside another's, on one subject by one strategy, pair by pair."""

    beside: str
    program: str
    subject: str
    strategy: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]


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
class LitmusOutcome:
    """One that no interleaving has, and what the table says of it."""

    outcome: str  # a digit for each register
    ground: str  # forbidden, allowed, out of reach
    seen: int  # in how many executions
    why: str


@dataclass(frozen=True)
class Litmus:
    """A litmus test, explored in weak memory."""

    shape: str
    program: str
    executions: int
    searched: bool  # the depth-first searches came to their ends
    outcomes: tuple[LitmusOutcome, ...]
    faults: tuple[str, ...]  # what is not as the table says


@dataclass(frozen=True)
class Outcome:
    """What the explorer made of one program in one memory mode."""

    memory: str  # sc, weak
    result: str  # killed, survived, unknown
    executions: int  # killed: until a test failed; else of all tests
    test: str  # that failed; empty when none did
    kind: str
    text: str
    replay: str


@dataclass(frozen=True, eq=False)
class Mutant:
    """A header with one memory order weakened; with no operation, the header as it is."""

    run: str
    header: str
    line: int
    function: str
    operation: str  # 'top_.load', '#2' behind it for the second that is written so in the function
    order: str
    weaker: str  # none: the fence is dropped
    outcomes: tuple[Outcome, ...]
    why: str  # it survives: redundant, unreachable, outside; empty when nobody has said
    because: str
    as_expected: bool

    @property
    def survives(self) -> bool:
        return all(outcome.result == "survived" for outcome in self.outcomes)

    def in_mode(self, memory: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.memory == memory), None)


@dataclass(frozen=True)
class OracleMutant:
    """What one oracle made of histories into which one fault was put; without a fault, of the histories as they are."""

    of: str  # what the histories are of
    oracle: str
    mutant: str
    histories: int
    killed: int
    kinds: tuple[str, ...]
    must: bool  # the fault is this oracle's business
    as_expected: bool


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
    searches: tuple[Search, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    speeds: tuple[Speed, ...] = ()
    litmus: tuple[Litmus, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    oracle_mutants: tuple[OracleMutant, ...] = ()
    raw_lines: tuple[str, ...] = field(default=(), repr=False)  # the valid lines as read, for download
    unfinished: tuple[Remark, ...] = ()  # calls of engines that did not end

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All that the reader must know of the input."""
        return self.warnings + self.unfinished

    @property
    def measured(self) -> tuple[Case, ...]:
        """The cases of the bench engine: the only ones with numbers of speed."""
        return tuple(case for case in self.cases if case.engine == "bench")


def int_of(value: int | str | None) -> int:
    """A count parameter; 0 when it is absent or a word."""
    return value if isinstance(value, int) else 0
