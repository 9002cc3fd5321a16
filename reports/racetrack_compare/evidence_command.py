"""`scripts/evidence`: measures the error rates of comparisons, simulated and on this machine. A benchmark, not a
test."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from racetrack_report import engine
from racetrack_report.arguments import Parser, positive, whole
from racetrack_report.loader import UnusableInput
from racetrack_report.units import percent

from . import live, plan
from .collect import label, meet_subjects
from .command import new_folder_named
from .comparison import BROKEN, INCOMPLETE, REGRESSION, SAME_SPEED, USAGE
from .driver import Broken, Options, cases_of
from .judgement import SLOWER
from .same_build import Incomplete, Wanted, calibrate, some_of
from .sides import Live, side_of
from .simulate import Noise, one_after_the_other, paired, simulate

MOST_ALARMS = 0.06
COVERAGE = (0.93, 0.97)
PAIRS = (8, 12, 20)
MEMORIES = (0.5, 0.9, 0.99)
MOST_REAL_ALARMS = 0.05
SLOWDOWN = 0.1
LEAST_FOUND = 0.9
DELAYED = ("queue/transfer/delay_1000_ns", "queue/transfer/delay_1100_ns")
AA_CASES = 4
EPILOG = """Exit codes: 0 all goals met; 1 one was missed; 2 usage, or nothing built; 3 interrupted, or noisy machine;
70 the harness failed; 74 output was lost."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a rate, and its goal if there is one."""

    what: str
    value: float
    goal: str = ""
    met: bool | None = None
    note: str = ""


def main(arguments: Sequence[str]) -> int:
    """Runs the requested parts and prints the table. Returns the exit code."""
    parser = Parser(
        prog="scripts/evidence",
        description="Measure how often comparisons are wrong, and how often they find a real difference.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", choices=("simulation", "machine"), nargs="?", help="default: both")
    parser.add_argument(
        "--build", type=Path, default=engine.ROOT / "build" / "release", help="build tree with the tests"
    )
    parser.add_argument(
        "--simulations", type=whole(1, 1_000_000), default=2000, metavar="N", help="comparisons per line (default 2000)"
    )
    parser.add_argument(
        "--comparisons", type=whole(1, 1000), default=40, metavar="N", help="of the build with itself (default 40)"
    )
    parser.add_argument(
        "--slowdowns",
        type=whole(1, 1000),
        default=20,
        metavar="N",
        help="comparisons with the slower subject (default 20)",
    )
    parser.add_argument("--time", type=positive, default=0.05, metavar="S", help="timed rounds per fork (default 0.05)")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args(arguments)
    parts = [options.part] if options.part else ["simulation", "machine"]
    rows: list[Row] = []
    code = SAME_SPEED
    try:
        if "simulation" in parts:
            rows += show(simulated(options.simulations))
        if "machine" in parts:
            rows += show(measured(options))
    except UnusableInput as error:
        code = complain(error, USAGE)
    except (Incomplete, plan.Unplannable) as error:
        code = complain(error, INCOMPLETE)
    except Broken as error:
        code = complain(error, BROKEN)
    except KeyboardInterrupt:
        code = INCOMPLETE
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return code or (REGRESSION if any(row.met is False for row in rows) else SAME_SPEED)


def complain(error: object, code: int) -> int:
    print(f"evidence: {error}", file=sys.stderr)
    return code


def show(rows: Sequence[Row]) -> list[Row]:
    for row in rows:
        verdict = {True: "PASS", False: "MISSED", None: ""}[row.met]
        print(f"{row.what:<72}{percent(row.value):>8}  {row.goal:<14}{verdict:<8}{row.note}".rstrip(), flush=True)
    return list(rows)


def simulated(comparisons: int, pairs: Sequence[int] = PAIRS, memories: Sequence[float] = MEMORIES) -> list[Row]:
    """False alarms and coverage under drift, for each memory of the drift; and false alarms without pairs."""
    rows = []
    for n in pairs:
        for rho in memories:
            seen = simulate(paired, Noise(rho=rho), n, comparisons=comparisons)
            what = f"simulated, {n} pairs, drift 3 % (memory {rho:g}), white 2 %"
            alarms = seen.alarms <= MOST_ALARMS
            rows.append(Row(f"{what}: false alarms by p", seen.alarms, f"<= {percent(MOST_ALARMS)}", alarms))
            covered = COVERAGE[0] <= seen.coverage <= COVERAGE[1]
            rows.append(Row(f"{what}: coverage", seen.coverage, "93 % to 97 %", covered))
    control = simulate(one_after_the_other, Noise(), 12, comparisons=max(1, comparisons // 4))
    rows.append(
        Row("control: 12 forks of OLD, then 12 of NEW: false alarms", control.alarms, note="why forks are paired")
    )
    return rows


def measured(options: argparse.Namespace) -> list[Row]:
    """This machine: a build compared with itself, and a subject compared with one that is 10 % slower."""
    build = side_of(str(options.build), engine.ROOT, engine.reports_folder())
    delayed = options.build / "overhead" / "delayed_queue.so"
    if not isinstance(build, Live) or not delayed.is_file():
        raise UnusableInput(f"{delayed}: not built; `make evidence` builds it")
    folder = new_folder_named(engine.reports_folder(), "")
    calls = Options(options.time)
    seed = random.SystemRandom().getrandbits(32)
    names = some_of([name for name in cases_of(build, calls) if name.startswith("queue/")], AA_CASES)
    equal, state = calibrate(build, Wanted(names, options.comparisons, 10), calls, folder / "equal", seed)
    if state:
        raise Incomplete(state)
    rate = equal.false_alarms
    rows = [
        Row(
            f"this machine, {equal.comparisons} comparisons of {len(names)} cases with themselves: false alarms",
            rate.estimate,
            f"<= {percent(MOST_REAL_ALARMS)}",
            rate.estimate <= MOST_REAL_ALARMS,
            f"95 % interval {percent(rate.low)} to {percent(rate.high)}; spread of a pair {percent(equal.spread(''))}",
        )
    ]
    return rows + slowed(build, delayed, calls, folder, options.slowdowns, seed)


def slowed(build: Live, plugin: Path, calls: Options, folder: Path, comparisons: int, seed: int) -> list[Row]:
    """How often a slowdown of 10 % is found, with the number of pairs that the slowed subject's noise requires."""
    calls = replace(calls, params=("capacity=65536", "wait=yield"))
    sides = tuple(Live(name, build.program, plugin, subject=name) for name in DELAYED)
    old, new = sides
    names = meet_subjects(cases_of(old, calls), cases_of(new, calls), (old, new)).names
    itself = [ours for ours, _ in names]
    equal, state = calibrate(old, Wanted(itself, 3, 20), calls, folder / "delayed", seed)
    if state:
        raise Incomplete(state)
    known = replace(equal, logs={label(*pair): equal.logs[pair[0]] for pair in names})
    planned = plan.to_detect(list(known.logs), SLOWDOWN, known)
    found, ratios = 0, []
    for number in range(comparisons):
        place = folder / "slower" / f"{number + 1:02}"
        result = live.run((old, new), names, calls, planned, known.threshold, place, seed + number)
        if result.state:
            raise Incomplete(result.state)
        found += result.judged[0].verdict == SLOWER
        if result.judged[0].ratio:
            ratios.append(result.judged[0].ratio.estimate - 1)
    middle = sorted(ratios)[len(ratios) // 2]
    return [
        Row(
            f"this machine, {comparisons} comparisons with a subject that is 10 % slower: found",
            found / comparisons,
            f">= {percent(LEAST_FOUND)}",
            found / comparisons >= LEAST_FOUND,
            f"{planned.pairs} pairs planned; spread of a pair {percent(known.spread(next(iter(known.logs))))}; "
            f"median estimate {percent(middle)}",
        )
    ]
