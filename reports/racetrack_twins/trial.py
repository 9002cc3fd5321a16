"""Checks, calibrates and times one case in a separate process: `python3 -m racetrack_twins.trial`, the job on stdin.

The job is an object: case (its name), seconds, seed, server, parent. The answer on standard output is an object with
verdict, metrics, values and histograms, as in a record. The program's own output goes elsewhere.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from racetrack_report.model import Json

from . import interpreter
from .round import Fault, Program, Round
from .twins import TWINS, Setting, Twin

ROUND_S = 0.005  # a timed round takes at least this, as in C++
PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999))
LEAST_BEYOND = 10  # samples that a reported percentile needs beyond it
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Reads the job, runs it, and writes the answer."""
    job = json.loads(sys.stdin.read())
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != job["parent"]:
        return 70
    twin = next(each for each in TWINS if each.name == job["case"])
    program = twin.make(Setting(Path(job["server"]) if job["server"] else None, job["seed"]))
    try:
        answer = run(twin, program, job["seconds"])
    except (RuntimeError, OSError) as error:
        if not refused(error):
            raise
        json.dump({"trouble": f"the system has no thread or process to give (see ulimit -u): {error}"}, sys.stdout)
        sys.stdout.flush()
        os._exit(0)  # pylint: disable=protected-access; the interpreter would wait for the other threads of the round
    finally:
        program.close()
    json.dump(answer, sys.stdout)
    return 0


def refused(error: RuntimeError | OSError) -> bool:
    """Whether the system refused a thread or a process, which is not the program's fault."""
    return str(error) == "can't start new thread" or getattr(error, "errno", None) == errno.EAGAIN


def run(twin: Twin, program: Program, seconds: float) -> Json:
    """Checks one round, then runs rounds of at least ROUND_S for `seconds`. An unexpected fault ends the trial."""
    rounds = [program.round(program.least_work)]
    timed: list[Round] = []
    work = program.least_work
    while rounds[-1].seconds < ROUND_S and work < program.most_work and expected(twin, rounds):
        factor = min(16.0, max(1.5, 1.25 * ROUND_S / max(rounds[-1].seconds, 1e-7)))
        work = min(program.most_work, int(work * factor) + 1)
        rounds.append(program.round(work))
    while expected(twin, rounds) and sum(each.seconds for each in timed) < seconds:
        timed.append(program.round(work))
        rounds.append(timed[-1])
    good = expected(twin, rounds)
    return {
        "verdict": verdict(twin, rounds),
        "metrics": metrics(program.unit, timed) if good else {},
        "values": {f"{program.unit}s_per_s": [each.work / each.seconds for each in timed]} if good else {},
        "histograms": {f"{name}_ns": histogram(values) for name, values in _latencies(timed).items()} if good else {},
        "interpreter": interpreter.facts(),
    }


def expected(twin: Twin, rounds: Sequence[Round]) -> bool:
    """Whether all faults are among the twin's `may`."""
    return all(_may(twin, each.fault) for each in rounds if each.fault)


def _may(twin: Twin, fault: Fault) -> bool:
    return (fault.detector, fault.kind) in twin.may


def verdict(twin: Twin, rounds: Sequence[Round]) -> Json:
    """The verdict of the worst fault of all rounds. An unexpected fault is worse than an expected one."""
    faults = sorted((each.fault for each in rounds if each.fault), key=lambda fault: _may(twin, fault))
    worst = faults[0] if faults else None
    return {
        "result": "fail" if worst else "pass",
        "kind": worst.kind if worst else None,
        "detector": worst.detector if worst else None,
        "k": len(faults),
        "n": len(rounds),
        "as_expected": expected(twin, rounds),
        "expectation": [{"detector": detector, "kind": kind, "grade": "may"} for detector, kind in twin.may],
        "witness": {"text": worst.witness} if worst else None,
        "replay": None,
    }


def metrics(unit: str, timed: Sequence[Round]) -> Json:
    """Metrics named and computed as in C++: rates are totals over total time; rounds' own measurements are medians."""
    work, seconds = sum(each.work for each in timed), sum(each.seconds for each in timed)
    numbers: Json = {
        f"{unit}s_per_s": work / seconds,
        f"ns_per_{unit}": seconds * 1e9 / work,
        "rounds_count": len(timed),
        f"{unit}s_per_round_count": work / len(timed),
        "round_s": seconds / len(timed),
    }
    for name in timed[0].measurements:
        numbers[name] = statistics.median(each.measurements[name] for each in timed)
    for name, values in _latencies(timed).items():
        numbers |= percentiles(name, values)
    return numbers


def _latencies(timed: Sequence[Round]) -> dict[str, list[int]]:
    names = timed[0].latencies_ns if timed else ()
    return {name: sorted(value for each in timed for value in each.latencies_ns[name]) for name in names}


def percentiles(name: str, ascending: Sequence[int]) -> Json:
    """The percentiles with enough samples beyond them, and the largest value."""
    count = len(ascending)
    shown: Json = {
        f"{name}_{suffix}_ns": ascending[min(count - 1, int(share * count))]
        for suffix, share in PERCENTILES
        if count * (1 - share) + 1e-6 >= LEAST_BEYOND
    }
    return shown | {f"{name}_max_ns": ascending[-1]}


def histogram(ascending: Sequence[int]) -> Json:
    """Puts each value into the bucket of its first three digits, rounded up."""
    buckets = Counter(_rounded(value) for value in ascending)
    return {"unit": "ns", "count": len(ascending), "buckets": [[value, buckets[value]] for value in sorted(buckets)]}


def _rounded(value: int) -> int:
    digits: int = 10 ** max(0, len(str(value)) - 3)
    return -(-value // digits) * digits


if __name__ == "__main__":
    sys.exit(main())
