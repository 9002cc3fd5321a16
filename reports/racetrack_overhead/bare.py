"""Compares the harness with bare loops, which are programs that race one queue without the harness.

A bare program (tests/overhead/bare) shares no code with the harness except the queue. In each pair, one fork of
racetrack and one process of the bare program run right after each other, in random order, on the same processors.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_compare.driver import Broken, Host, Options, cases_of, facts_of
from racetrack_compare.sides import Live
from racetrack_compare.when import utc_now
from racetrack_report import records_file, runs
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Bare, Case, Json

TRANSFER, ROUND_TRIP = "transfer", "round_trip"
RATE, TRIP = "items_per_s", "trip_p50_ns"
CONTROL = "_tally_in_memory"  # ends the name of a subject whose role bodies add up in memory


@dataclass(frozen=True)
class Race:
    """One case of racetrack, and the same race without it."""

    case: str
    workload: str
    subject: str
    params: dict[str, str]

    @property
    def program(self) -> str:
        return "bare_" + self.subject.removesuffix(CONTROL)

    @property
    def is_control(self) -> bool:
        return self.subject.endswith(CONTROL)

    @property
    def metric(self) -> str:
        return RATE if self.workload == TRANSFER else TRIP

    @property
    def threads(self) -> int:
        return int(self.params["producers"]) + int(self.params["consumers"])


def record(invocation: str, started_at: str, result: Bare) -> Json:
    """The record, according to reports/record.schema.json."""
    return {
        "schema": 1,
        "record": "bare",
        "engine": "bench",
        "invocation": invocation,
        "started_at": started_at,
        "case": result.case,
        "family": "queue",
        "workload": result.workload,
        "subject": result.subject,
        "control": result.control,
        "params": dict(result.params),
        "metric": result.metric,
        "racetrack": list(result.racetrack),
        "bare": list(result.bare),
    }


@dataclass(frozen=True)
class Pair:
    """The value of each side: items per second, or nanoseconds per trip."""

    racetrack: float
    bare: float


def race_of(case: str) -> Race:
    _, workload, subject, *params = case.split("/")
    return Race(case, workload, subject, dict(param.split(":", 1) for param in params))


def is_wanted(race: Race, processors: int) -> bool:
    """1x1 and 2x2 with one capacity. Spinning threads that outnumber the processors would measure time slices."""
    sides = (race.params["producers"], race.params["consumers"])
    if race.workload not in (TRANSFER, ROUND_TRIP) or race.params["capacity"] not in ("1024", "unbounded"):
        return False
    if sides not in (("1", "1"), ("2", "2")):
        return False
    return not (race.params["wait"] == "spin" and race.threads > processors)


def races_of(side: Live, options: Options, programs: Path, pattern: str, processors: int) -> list[Race]:
    """Every race whose bare program is built."""
    races = [race_of(case) for case in cases_of(side, options) if re.match(r"queue/(transfer|round_trip)/", case)]
    return [
        race
        for race in races
        if is_wanted(race, processors) and (programs / race.program).is_file() and re.search(pattern, race.case)
    ]


def racetrack_value(race: Race, case: Case) -> float:
    """The median round, or the median trip."""
    if case.ended != "ok" or case.verdict.result == "fail":
        raise Broken(f"{race.case}: {case.ended} {case.verdict.kind or ''}")
    return statistics.median(case.values[RATE]) if race.metric == RATE else case.metrics[TRIP]


def bare_value(race: Race, program: Path, seconds: float, cpus: Sequence[int]) -> float:
    params = race.params
    capacity = "0" if params["capacity"] == "unbounded" else params["capacity"]
    words = [race.workload, params["wait"], params["payload"], params["producers"], params["consumers"], capacity]
    command = [str(program), *words, f"{seconds:g}", ",".join(map(str, cpus))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return statistics.median(float(line) for line in done.stdout.split())


class Measurement:
    """Runs pairs of all races, pass after pass, races in random order."""

    def __init__(
        self, host: Host, races: Sequence[Race], programs: Path, seconds: float, cpus: Sequence[int], seed: int
    ) -> None:
        self._host, self._races, self._programs, self._seconds, self._cpus = (
            host,
            list(races),
            programs,
            seconds,
            list(cpus),
        )
        self._random = random.Random(seed)
        self._pairs: dict[str, list[Pair]] = {race.case: [] for race in races}

    def run(self, passes: int, report: Callable[[int], None] = lambda _: None) -> None:
        for fork in range(passes):
            for race in self._random.sample(self._races, len(self._races)):
                self._pairs[race.case].append(self._pair(race, fork))
            report(fork + 1)

    def _pair(self, race: Race, fork: int) -> Pair:
        measured: dict[bool, float] = {}
        cpus = [self._cpus[thread % len(self._cpus)] for thread in range(race.threads)]
        for by_harness in self._random.sample([True, False], 2):
            if by_harness:
                measured[True] = racetrack_value(race, self._host.run(race.case, fork, self._random.getrandbits(32)))
            else:
                measured[False] = bare_value(race, self._programs / race.program, self._seconds, cpus)
        return Pair(measured[True], measured[False])

    def results(self) -> Iterator[Bare]:
        """The results so far, one per race."""
        for race in self._races:
            pairs = self._pairs[race.case]
            if not pairs:
                continue
            racetrack, bare = tuple(pair.racetrack for pair in pairs), tuple(pair.bare for pair in pairs)
            yield Bare(
                race.case, race.workload, race.subject, race.is_control, race.params, race.metric, racetrack, bare
            )


def measure_into(
    folder: Path, build: Path, pattern: str, passes: int, seconds: float, report: Callable[[int], None]
) -> list[Bare]:
    """Measures all races whose case matches `pattern` and the control. Appends their records to the run in `folder`.

    Raises UnusableInput if nothing matches, Broken if a side fails.
    """
    program, programs = build / "racetrack", build / "overhead"
    control = programs / "tally_in_memory.so"
    facts = facts_of(program)
    processors = [int(cpu) for cpu in facts["machine"]["cpus_allowed"]]
    options = Options(seconds, full=True)
    side = Live("racetrack", program, control if control.is_file() else None, with_builtin=control.is_file())
    races = races_of(side, options, programs, pattern, len(processors))
    if not races:
        raise UnusableInput(
            f"no case with a bare loop matches '{pattern}'; `make build BUILD_TESTING=ON` builds the loops"
        )
    invocation = f"{utc_now()}-{os.getpid()}"
    seed = random.SystemRandom().getrandbits(32)
    plan = {
        "command": shlex.join(["scripts/overhead", "--part", "bare", *(["--case", pattern] if pattern else [])]),
        "seed": seed,
        "forks": passes,
        "min_time_s": seconds,
        "cases": [],
        "left_out": [],
    }
    (folder / records_file.NAME).touch()
    runs.append(folder, [_environment(invocation, facts, "begin", plan=plan)])
    began = time.monotonic()
    results: list[Bare] = []
    ended = "failed"
    try:
        with tempfile.TemporaryDirectory(prefix="racetrack-bare.") as scratch:
            host = Host(side, Path(scratch) / "run", options, [race.case for race in races])
            measurement = Measurement(host, races, programs, seconds, processors, seed)
            try:
                measurement.run(passes, report)
                ended = "complete"
            except KeyboardInterrupt:
                ended = "interrupted"
            finally:
                host.close(ended != "complete")
                results = list(measurement.results())
    finally:
        outcome = {"ended": ended, "done": 0, "planned": 0, "duration_s": time.monotonic() - began}
        records = [record(invocation, utc_now(), result) for result in results]
        runs.append(folder, [*records, _environment(invocation, facts_of(program), "end", outcome=outcome)])
    return results


def _environment(invocation: str, facts: Json, phase: str, **what: Json) -> Json:
    return {
        "schema": 1,
        "record": "environment",
        "engine": "bench",
        "phase": phase,
        "invocation": invocation,
        "started_at": utc_now(),
        "machine": facts["machine"],
        "build": facts["build"],
        **what,
    }
