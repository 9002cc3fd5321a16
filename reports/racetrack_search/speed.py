"""`scripts/explore_bench`: compares executions per second of the explorer with those of other explorers.

    scripts/explore_bench [--build DIR] [--pairs N] [--executions N] [--run NAME]

The build needs -DRACETRACK_EXPLORE_FLOOR=FOLDER, another explorer and its programs; both sides are then built from the
same source. Or -DRACETRACK_RELACY=FOLDER, a clone of relacy (github.com/dvyukov/relacy), for which Vyukov's queue is
written a second time, with random schedules only. The two sides run in turn, so that load affects both equally. This
explorer's weak memory is also compared with its sequential consistency. A search that finds a fault ends after few
executions, so searches with findings are left out. Records go to the latest run if it has the same commit and machine,
and onto its page. Exit codes: 0 measured; 1 a fault was found in a correct program; 2 usage; 3 interrupted;
70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import entry, runs, shell_words
from racetrack_report.arguments import Parser, whole
from racetrack_report.engine import HARNESS, INCOMPLETE, ROOT, USAGE, Engine, machine_and_build, run_folder, write_page
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json
from racetrack_report.statistics import paired_ratio

from . import records

ENGINE = Engine("explore_bench", "doctor", joins=True)
MEASURED, FAULTY = 0, 1
PROGRAMS = ("t1", "t2")
LINE = re.compile(r"^(\S+)\s+((?:random|pct|dfs)(?: weak)?)\s+execs\s+(\d+)\s+(\d+)/s\s+steps\s+\S+.*bugs (\d+)")
FEWEST = 500  # executions that a rate needs to be meaningful
WEAK = " weak"
OVERALL = ("all", "processor time")
VYUKOV = re.compile(r"^vyukov: nothing found in (\d+) executions?, [\d.]+ s(?:; .*)?$", re.MULTILINE)
RELACY_TIMES = 50  # factor of the executions in comparisons with relacy, whose program is one small queue

Rates = Mapping[tuple[str, str], float]  # executions per second by subject and strategy


class UnexpectedFault(Exception):
    """A program that was to be timed reported a fault."""


@dataclass(frozen=True)
class Speed:
    """Executions per second of one subject by one strategy, pair by pair."""

    beside: str
    program: str
    subject: str
    strategy: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]


def main(arguments: Sequence[str]) -> int:
    """Measures into a run and writes its page. Returns the exit code."""
    try:
        words = _parser().parse_args(arguments)
        built = [name for name in PROGRAMS if _program(words.build, f"floor_{name}_ours").is_file()]
        beside_relacy = _program(words.build, "relacy_theirs").is_file()
        if not built and not beside_relacy:
            raise UnusableInput(
                f"{words.build / 'overhead'}: nothing to compare with; "
                "configure with -DRACETRACK_EXPLORE_FLOOR=FOLDER or -DRACETRACK_RELACY=FOLDER"
            )
        facts = machine_and_build(ENGINE)
        folder = run_folder(ENGINE, words.run)
        return write_page(ENGINE, folder, _measure_into(folder, facts, _turns(words, built, beside_relacy)))
    except UnusableInput as error:
        print(f"explore_bench: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("explore_bench", entry.described(error))
        return HARNESS


def _parser() -> Parser:
    parser = Parser(prog="scripts/explore_bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--pairs", type=whole(1, 1000), default=7)
    parser.add_argument("--executions", type=whole(1, 1_000_000_000), default=20_000)
    parser.add_argument("--run", default=os.environ.get("RUN") or None, metavar="NAME")
    return parser


def _measure_into(folder: Path, facts: Json, measured: Iterator[Speed]) -> int:
    """Appends and prints each measurement as it arrives. Returns the exit code."""
    (folder / "records.jsonl").touch()
    began, invocation = time.monotonic(), f"{records.now()}-{os.getpid()}"
    command = shell_words.command(["scripts/explore_bench", *sys.argv[1:]])
    plan = {"command": command, "seed": 1, "forks": 1, "min_time_s": 0.0, "cases": [], "left_out": []}
    runs.append(folder, [records.environment(invocation, facts, plan=plan)])
    code, done, ended = MEASURED, 0, "complete"
    try:
        for speed in measured:
            runs.append(folder, [records.speed(invocation, vars(speed))])
            done += 1
            print(_report_line(speed), flush=True)
    except KeyboardInterrupt:
        code, ended = INCOMPLETE, "interrupted"
    except UnexpectedFault as fault:
        print(f"explore_bench: {fault}", file=sys.stderr)
        code, ended = FAULTY, "failed"
    outcome = {"ended": ended, "done": done, "planned": done, "duration_s": time.monotonic() - began}
    runs.append(folder, [records.environment(invocation, facts, outcome=outcome)])
    return code


def _report_line(speed: Speed) -> str:
    ratio = paired_ratio(speed.ours, speed.theirs)
    return (
        f"{speed.program} {speed.subject:24} {speed.strategy:21} {ratio.estimate:5.2f}x  "
        f"[{ratio.low:.2f} .. {ratio.high:.2f}] of {speed.beside} over {ratio.n} pairs"
    )


def _turns(words: object, built: Sequence[str], beside_relacy: bool) -> Iterator[Speed]:
    build, pairs, executions = (getattr(words, name) for name in ("build", "pairs", "executions"))
    for name in built:
        yield from _beside_floor(build, name, pairs, executions)
    if beside_relacy:
        yield _beside_relacy(build, pairs, RELACY_TIMES * executions)


def _program(build: Path, name: str) -> Path:
    return build / "overhead" / f"explore_{name}"


def _beside_floor(build: Path, program: str, count: int, executions: int) -> Iterator[Speed]:
    """Runs the two sides in turn."""
    ours, theirs = (_program(build, f"floor_{program}_{side}") for side in ("ours", "theirs"))
    pairs = [(_rates(ours, executions), _rates(theirs, executions)) for _ in range(count)]
    for key in pairs[0][0]:
        both = [(mine[key], other[key]) for mine, other in pairs if key in mine and key in other]
        yield from _speed("the floor", program, *key, both)
        subject, strategy = key
        if strategy.endswith(WEAK):
            usual = (subject, strategy.removesuffix(WEAK))
            both = [(mine[key], mine[usual]) for mine, _ in pairs if key in mine and usual in mine]
            yield from _speed("sequential consistency", program, *key, both)


def _speed(beside: str, program: str, subject: str, strategy: str, pairs: list[tuple[float, float]]) -> Iterator[Speed]:
    """Empty if no pair has both sides."""
    if pairs:
        ours, theirs = zip(*pairs)
        yield Speed(beside, program, subject, strategy, ours, theirs)


def _rates(program: Path, executions: int) -> Rates:
    """Rates by subject and strategy, of searches without a finding.

    OVERALL: all executions per second of processor time, which load affects least.
    """
    environment = {"N": str(executions), "WEAK": "1", "PATH": "/usr/bin:/bin"}
    output, spent = _run([str(program)], environment)
    found = [m for m in (LINE.match(line) for line in output.splitlines()) if m]
    overall = {OVERALL: sum(int(m[3]) for m in found) / max(spent, 1e-6)}
    return overall | {(m[1], m[2]): float(m[4]) for m in found if m[5] == "0" and int(m[3]) > FEWEST}


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, float]:
    """The output of a program, and the seconds of processor time that it takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _beside_relacy(build: Path, count: int, executions: int) -> Speed:
    """Executions per second of processor time, start included."""
    theirs = [str(_program(build, "relacy_theirs")), str(executions)]
    ours = [str(_program(build, "relacy_ours")), "--executions", str(executions), "--strategy", "random"]
    ours += ["--time", "600"]
    pairs = [(_vyukov_rate(ours), _vyukov_rate(theirs)) for _ in range(count)]
    return Speed("relacy", "vyukov", "vyukov", "random", *zip(*pairs))


def _vyukov_rate(command: Sequence[str]) -> float:
    """The rate of a program that prints our closing line."""
    output, spent = _run(command)
    found = VYUKOV.search(output)
    if found is None:
        raise UnexpectedFault(f"{command[0]}: found a fault in a correct program: {output[-200:]}")
    return int(found[1]) / spent
