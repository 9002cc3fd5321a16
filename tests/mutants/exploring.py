"""Runs a program of tests under the explorer and reads its findings."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import shell_words
from racetrack_report.engine import ROOT

LIMIT_S = 600.0  # the budget is in executions; this limit ends a program that hangs
FOUND = re.compile(r"^(\w+): (\w+) \(execution (\d+), (\S+), ([\d.]+) s\): (.*)$", re.MULTILINE)
TOKEN = re.compile(r"^  replay: --replay (.+)$", re.MULTILINE)
QUIET = re.compile(r"^(\w+): nothing found in (\d+) executions?, ([\d.]+) s(?:; .*)?$", re.MULTILINE)
COMPLETED = (0, 1)  # exit codes: nothing found, found


@dataclass(frozen=True)
class Outcome:
    """killed: a test of the program failed. survived: none did. unknown: it could not be explored."""

    memory: str
    result: str
    executions: int  # killed: until the test failed; survived: of all tests
    seconds: float
    test: str = ""
    kind: str = ""
    strategy: str = ""
    text: str = ""
    replay: str = ""


def explore(program: Path, memory: str, executions: int, seed: int) -> Outcome:
    """Runs all tests of the program with at most `executions` of each."""
    budget = ["--executions", str(executions), "--seed", str(seed), "--time", str(LIMIT_S)]
    command = [str(program), "--memory", memory, *budget]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return Outcome(memory, "unknown", 0, LIMIT_S, text=f"had not ended after {LIMIT_S:.0f} s")
    return outcome_of(memory, str(program), done.returncode, done.stdout, done.stderr)


def outcome_of(memory: str, program: str, code: int, output: str, errors: str) -> Outcome:
    """Interprets a program's exit code and output. A failed test takes precedence over any other problem."""
    found = FOUND.search(output)
    if found is not None:
        token = TOKEN.search(output, found.end())
        where = program.removeprefix(f"{ROOT}/")  # the path from the root of the clone
        replay = shell_words.command([where, "--replay", token[1], "--print"]) if token else ""
        test, kind, execution, strategy, seconds, text = found.groups()
        return Outcome(memory, "killed", int(execution), float(seconds), test, kind, strategy, text, replay)
    quiet = list(QUIET.finditer(output))
    executions, seconds = sum(int(each[2]) for each in quiet), sum(float(each[3]) for each in quiet)
    lines = output.splitlines()
    if code in COMPLETED and quiet and len(quiet) == len(lines):
        return Outcome(memory, "survived", executions, seconds)
    odd = next((line for line in [*lines, *errors.splitlines()] if not QUIET.match(line)), "")
    return Outcome(memory, "unknown", executions, seconds, text=odd or f"ended with {code}")
