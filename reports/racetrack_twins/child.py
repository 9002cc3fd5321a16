"""One trial as a child process with a group of its own: what it answered, or how it ended instead."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from racetrack_report.model import Json

REPORTS = Path(__file__).resolve().parent.parent
BETWEEN_LOOKS_S = 0.02
MOST_OUTPUT = 4096


@dataclass(frozen=True)
class Ending:
    """How: ok, exit, signal, timeout or interrupted, as in a record; the answer is there when it is ok."""

    how: str
    value: int
    answer: Json | None
    output: str
    seconds: float


def run(job: Json, limit_s: float, interrupted: Callable[[], bool]) -> Ending:
    """Runs a trial to its end, to the limit, or until somebody interrupts; nothing that it started stays."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            [sys.executable, "-m", "racetrack_twins.trial"],
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=errors,
            cwd=REPORTS,
            process_group=0,
        ) as child:
            assert child.stdin is not None
            try:
                with child.stdin as stream:
                    stream.write(json.dumps(job | {"parent": os.getpid()}).encode())
            except BrokenPipeError:
                pass  # its end tells why
            stopped = ""
            while not _has_ended(child.pid):
                if interrupted() or time.monotonic() - began > limit_s:
                    stopped = "interrupted" if interrupted() else "timeout"
                    break
                time.sleep(BETWEEN_LOOKS_S)
            os.killpg(child.pid, signal.SIGKILL)  # before it is waited for, while the number is still its own
            code = child.wait()
        seconds = time.monotonic() - began
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - MOST_OUTPUT))
        output = errors.read().decode("utf-8", "replace")
        if stopped:
            return Ending(stopped, 0, None, output, seconds)
        if code != 0:
            return Ending("signal" if code < 0 else "exit", abs(code), None, output, seconds)
        answer.seek(0)
        return Ending("ok", 0, json.loads(answer.read()), output, seconds)


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
