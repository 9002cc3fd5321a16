"""That a token gives the same trace in every process."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

TRACE = re.compile(r"^trace \d+, \d+ steps$", re.MULTILINE)


def token_of(replay: str) -> str:
    """What follows `racetrack replay` in a verdict."""
    return replay.split()[2]


def trace(program: Path, token: str) -> str:
    """The line that tells one replay from another, after the line that says what failed; empty when there is none."""
    told = subprocess.run([str(program), "replay", token], capture_output=True, text=True, check=False)
    found = TRACE.search(told.stdout)
    lines = told.stdout.splitlines()
    return f"{lines[1]} {found[0]}" if found and told.returncode == 1 and len(lines) > 1 else ""


def same(program: Path, token: str, processes: int, is_over: Callable[[], bool]) -> tuple[int, int]:
    """(processes run, how many of them gave the commonest trace). A replay without a failure counts as no trace."""
    traces: Counter[str] = Counter()
    for _ in range(processes):
        if is_over():
            break
        traces[trace(program, token)] += 1
    return traces.total(), max((count for line, count in traces.items() if line), default=0)
