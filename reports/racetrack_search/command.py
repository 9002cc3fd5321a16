"""`scripts/explore_power`: measures how soon the explorer finds known faults; correct programs must have no finding.

    scripts/explore_power [FILTER] [--run NAME] [--only WHAT]... [--seeds N] [--strategy NAME]... [--time S]
        [--minutes M]

All parts go into one run and its page: `controls` explores each control once; `power` searches each from many seeds, by
each strategy and by all in turn; `replays` repeats the tokens of found faults in new processes; `twins` explores the
corrected twins at length. The same --run continues an interrupted one. Exit codes: 0 all strategies in turn found every
fault from at least one seed and from every seed that time allowed, all replays are equal, no report on a twin;
1 otherwise; 2 usage; 3 interrupted; 4 no control matches; 70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from racetrack_report import entry, records_file, runs, shell_words
from racetrack_report.arguments import Parser, positive, whole
from racetrack_report.engine import (
    HARNESS,
    INCOMPLETE,
    NOTHING,
    USAGE,
    Engine,
    Interruption,
    machine_and_build,
    run_folder,
    write_page,
)
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

from . import cases, records, replays, twins
from .power import ROTATION, STRATEGIES, Plan, Results, searched

ENGINE = Engine("explore_power", "explore", flavour="explore")
AS_EXPECTED, NOT_FOUND = 0, 1
STEPS = ("controls", "power", "replays", "twins")
CONTROLS_S = 60.0


def main(arguments: Sequence[str]) -> int:
    """Measures into a run and writes its page. Returns the exit code."""
    try:
        words = _parser().parse_args(arguments)
        facts = machine_and_build(ENGINE)
        known = _known(words.filter)
        if not known.faulty:
            print("explore_power: no control in which the explorer must find something", file=sys.stderr)
            return NOTHING
        folder = run_folder(ENGINE, words.run)
        with Interruption() as interruption:
            measurement = Measurement(folder, facts, known, words, interruption)
            code = measurement.run()
        return write_page(ENGINE, folder, code)
    except UnusableInput as error:
        print(f"explore_power: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("explore_power", entry.described(error))
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE


def _parser() -> Parser:
    defaults = Plan({})
    parser = Parser(prog="scripts/explore_power", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument(
        "filter", nargs="?", default="", metavar="FILTER", help="regular expression searched in the name"
    )
    parser.add_argument(
        "--run",
        default=os.environ.get("RUN") or None,
        metavar="NAME",
        help="name a new run, or continue the run of this name",
    )
    parser.add_argument("--only", action="append", choices=STEPS, help="of the four parts")
    parser.add_argument("--seeds", type=whole(1, 1_000_000_000), default=defaults.seeds, metavar="N")
    parser.add_argument("--strategy", action="append", choices=STRATEGIES, help="default: all")
    parser.add_argument("--time", type=positive, default=defaults.limit_s, metavar="S", help="limit of one search")
    parser.add_argument(
        "--single",
        type=whole(1, 1_000_000_000),
        default=defaults.executions,
        metavar="N",
        help="limit of executions of one strategy alone",
    )
    parser.add_argument(
        "--minutes", type=positive, default=defaults.minutes, metavar="M", help="of all searches together"
    )
    parser.add_argument("--replays", type=whole(1, 1_000_000_000), default=100, metavar="N", help="processes per token")
    parser.add_argument(
        "--executions", type=whole(1, 1_000_000_000), default=twins.EXECUTIONS, metavar="N", help="of each twin"
    )
    parser.add_argument(
        "--twin-time", type=positive, default=600.0, metavar="S", help="limit for the executions of a twin"
    )
    return parser


def _known(pattern: str) -> cases.Controls:
    """Every case, explored once in each memory model, so that its record has its expectation."""
    found: list[Json] = []
    for memory in cases.MEMORIES:
        with tempfile.TemporaryDirectory() as folder:
            words = [pattern, "--memory", memory, "--executions", "1"]
            found += cases.explored(ENGINE.program, Path(folder) / "run", words)
    return cases.controls(found)


class Measurement:
    """The four parts, into one run."""

    def __init__(
        self, folder: Path, facts: Json, known: cases.Controls, words: Namespace, interruption: Interruption
    ) -> None:
        self._folder = folder
        self._facts = facts
        self._known = known
        self._words = words
        self._interruption = interruption
        self._invocation = f"{records.now()}-{os.getpid()}"

    def run(self) -> int:
        steps = {
            "controls": self._controls,
            "power": self._power,
            "replays": self._replays,
            "twins": self._twins,
        }
        lines: list[str] = []
        began = time.monotonic()
        asked = [step for step in STEPS if step in (self._words.only or STEPS)]
        done = 0
        for step in asked:
            if self._interruption.requested:
                break
            print(f"explore_power: {step}", flush=True)
            lines += steps[step]()
            done += not self._interruption.requested
        if {"power", "replays"} & set(asked):
            self._conclude(done, len(asked), time.monotonic() - began)
        for line in lines:
            print(f"explore_power: {line}", file=sys.stderr)
        if self._interruption.requested:
            return INCOMPLETE
        return NOT_FOUND if lines else AS_EXPECTED

    def _explore(self, words: Sequence[str]) -> None:
        """Runs `racetrack explore` into the run, which continues an interrupted one."""
        goes_on = ["--resume"] if (self._folder / "records.jsonl").stat().st_size > 0 else []
        subprocess.run([str(ENGINE.program), "explore", *words, *goes_on, "--out", str(self._folder)], check=False)

    def _records_of(self, names: Sequence[str]) -> list[Json]:
        return [record for record in cases.records(self._folder, "case") if record["case"] in names]

    def _controls(self) -> list[str]:
        names = list(self._known.faulty)
        for memory, those in cases.by_memory(self._known.faulty, names):
            words = [*cases.named(those), "--memory", memory, "--seed", "1", "--time", f"{CONTROLS_S:g}"]
            if not self._interruption.requested:
                self._explore(words)
        found = {record["case"] for record in self._records_of(names) if cases.is_found(record)}
        return [] if self._interruption.requested else [f"{name}: not found" for name in names if name not in found]

    def _twins(self) -> list[str]:
        names = list(self._known.twins)
        for memory, those in cases.by_memory(self._known.twins, names):
            words = twins.words(those, memory, self._words.executions, self._words.twin_time)
            if not self._interruption.requested:
                self._explore([*words, "--seed", "1"])
        if self._interruption.requested:
            return []
        return twins.complaints(self._records_of(names), self._known.twins, self._words.executions)

    def _power(self) -> list[str]:
        plan = Plan(
            self._known.faulty,
            tuple(self._words.strategy or STRATEGIES),
            self._words.seeds,
            self._words.time,
            self._words.single,
            self._words.minutes,
        )
        self._begin()
        results = earlier(self._folder, plan)
        print(plan.estimate(), flush=True)
        searched(
            ENGINE.program,
            plan,
            results,
            lambda: self._interruption.requested,
            lambda line: print(line, flush=True),
            lambda: self._keep(plan, results),
        )
        return [] if self._interruption.requested else missed(results, plan)

    def _keep(self, plan: Plan, results: Results) -> None:
        """Appends records; the later record of a case and strategy counts."""
        runs.append(
            self._folder,
            [
                records.search(
                    self._invocation, plan.controls[case], strategy, plan.limit_s, plan.limit(strategy), attempts
                )
                for (case, strategy), attempts in results.attempts.items()
                if attempts
            ],
        )

    def _replays(self) -> list[str]:
        self._begin()
        lines = []
        found = {
            record["case"]: record for record in self._records_of(list(self._known.faulty)) if cases.is_found(record)
        }
        for name, record in found.items():
            token = replays.token_of(record["verdict"]["replay"])
            if not token:
                lines.append(f"{name}: its failure has no schedule to repeat")
                continue
            processes, same = replays.same(
                ENGINE.program, token, self._words.replays, lambda: self._interruption.requested
            )
            if self._interruption.requested:
                break
            runs.append(self._folder, [records.repetition(self._invocation, record, token, processes, same)])
            print(f"{name}: {same} of {processes} replays have the same trace", flush=True)
            if same != processes:
                lines.append(f"{name}: {same} of {processes} replays have the same trace")
        return lines

    def _begin(self) -> None:
        """Writes the environment record of this process, once."""
        path = self._folder / "records.jsonl"
        path.touch()
        if self._invocation.encode() in records_file.content_of(path):
            return
        plan = {
            "command": shell_words.command(["scripts/explore_power", *sys.argv[1:]]),
            "seed": 1,
            "forks": 1,
            "min_time_s": self._words.time,
            "cases": [],
            "left_out": [],
        }
        runs.append(self._folder, [records.environment(self._invocation, self._facts, plan=plan)])

    def _conclude(self, done: int, planned: int, seconds: float) -> None:
        ended = "interrupted" if self._interruption.requested else "complete"
        outcome = {"ended": ended, "done": done, "planned": planned, "duration_s": seconds}
        runs.append(self._folder, [records.environment(self._invocation, self._facts, outcome=outcome)])


def earlier(folder: Path, plan: Plan) -> Results:
    """The results that the run already has for these searches and limits; the later record of a case and strategy
    counts."""
    results = Results()
    for record in cases.records(folder, "search"):
        limits = (record["limit_s"], record["limit_executions"])
        if record["case"] in plan.controls and limits == (plan.limit_s, plan.limit(record["strategy"])):
            results.attempts[record["case"], record["strategy"]] = [
                records.Attempt(**attempt) for attempt in record["attempts"]
            ]
    return results


def missed(results: Results, plan: Plan) -> list[str]:
    """A line for each control that all strategies in turn did not find from every seed that time allowed."""
    lines = []
    for case in plan.controls if ROTATION in plan.strategies else ():
        attempts = results.known(case, ROTATION)
        found = sum(each.found for each in attempts)
        if not attempts:
            lines.append(f"{case}: not searched in the time")
        elif found < len(attempts):
            lines.append(f"{case}: found from {found} of {len(attempts)} seeds")
    return lines
