"""Checks that a token gives the same trace in every process."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

TRACE = re.compile(r"^trace \d+, \d+ steps$", re.MULTILINE)


def token_of(replay: str) -> str:
    """The token of a verdict's command; empty if the command runs the case again, because there is no schedule."""
    words = shlex.split(replay)
    return words[2] if words[:2] == ["racetrack", "replay"] else ""


def trace(program: Path, token: str) -> str:
    """The line that identifies a replay, after the line with the failure; empty if there is none."""
    done = subprocess.run([str(program), "replay", token], capture_output=True, text=True, check=False)
    found = TRACE.search(done.stdout)
    lines = done.stdout.splitlines()
    return f"{lines[1]} {found[0]}" if found and done.returncode == 1 and len(lines) > 1 else ""


def same(program: Path, token: str, processes: int, is_over: Callable[[], bool]) -> tuple[int, int]:
    """(processes run, number with the most frequent trace). A replay without a failure has no trace."""
    traces: Counter[str] = Counter()
    for _ in range(processes):
        if is_over():
            break
        traces[trace(program, token)] += 1
    return traces.total(), max((count for line, count in traces.items() if line), default=0)
