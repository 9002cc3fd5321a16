"""`scripts/litmus`: compares the explorer's weak memory with C++20, by small programs with known outcomes.

    scripts/litmus [--executions N] [--build DIR] [--run NAME]

Each test is explored depth-first and in N random executions of each of two strategies. Records go to the latest run if
it has the same commit and machine, and onto its page. Exit codes: 0 all outcomes match the table; 1 some do not;
2 usage; 3 interrupted, or the program ended early; 70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from racetrack_report import entry, runs, shell_words
from racetrack_report.arguments import Parser, whole
from racetrack_report.engine import (
    HARNESS,
    INCOMPLETE,
    ROOT,
    USAGE,
    Engine,
    machine_and_build,
    run_folder,
    write_page,
)
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

from . import records

LITMUS = Engine("litmus", "doctor", joins=True)
AS_EXPECTED, UNEXPECTED = 0, 1


def main(arguments: Sequence[str]) -> int:
    """Explores the table into a run and writes its page. Returns the exit code."""
    try:
        words = _parser().parse_args(arguments)
        program = words.build / "overhead" / "explore_litmus"
        if not program.is_file():
            raise UnusableInput(f"{program}: not built; `make build BUILD_TESTING=ON` builds it")
        facts = machine_and_build(LITMUS)
        folder = run_folder(LITMUS, words.run)
        return write_page(LITMUS, folder, _explore_into(folder, program, words.executions, facts))
    except UnusableInput as error:
        print(f"litmus: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("litmus", entry.described(error))
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE


def _parser() -> Parser:
    parser = Parser(prog="scripts/litmus", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--executions", type=whole(1, 1_000_000_000), default=100_000, metavar="N")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="tree with the tests")
    parser.add_argument("--run", default=os.environ.get("RUN") or None, metavar="NAME")
    return parser


def _explore_into(folder: Path, program: Path, executions: int, facts: Json) -> int:
    """Appends a record as each test ends, and prints deviations from the table. Returns the exit code."""
    (folder / "records.jsonl").touch()
    began, invocation = time.monotonic(), f"{records.now()}-{os.getpid()}"
    command = shell_words.command(["scripts/litmus", *sys.argv[1:]])
    plan = {"command": command, "seed": 1, "forks": 1, "min_time_s": 0.0, "cases": [], "left_out": []}
    runs.append(folder, [records.environment(invocation, facts, plan=plan)])
    done: list[Json] = []
    with subprocess.Popen([str(program), "--json", str(executions)], stdout=subprocess.PIPE, text=True) as child:
        try:
            for test in _tests(child):
                runs.append(folder, [records.litmus(invocation, test)])
                done.append(test)
        except KeyboardInterrupt:
            child.kill()
    complete = child.returncode in (AS_EXPECTED, UNEXPECTED)
    ended = "complete" if complete else "interrupted"
    outcome = {"ended": ended, "done": len(done), "planned": len(done), "duration_s": time.monotonic() - began}
    runs.append(folder, [records.environment(invocation, facts, outcome=outcome)])
    faults = [f"UNEXPECTED {test['shape']}: {test['program']}: {what}" for test in done for what in test["faults"]]
    print("\n".join([f"litmus: {len(done)} tests, {len(faults)} things not as the table says", *faults]))
    if not complete:
        return INCOMPLETE
    return UNEXPECTED if faults else AS_EXPECTED


def _tests(child: subprocess.Popen[str]) -> Iterator[Json]:
    assert child.stdout is not None
    for line in child.stdout:
        if line.endswith("\n"):
            yield json.loads(line)
