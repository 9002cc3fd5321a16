"""Runs one trial as a child process in a separate process group, and returns its answer or how it ended."""

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

from .given_time import GivenTime

REPORTS = Path(__file__).resolve().parent.parent
POLL_INTERVAL_S = 0.02
MOST_LIMITS = 5  # a trial may take this many times its limit in wall-clock time; then its verdict is unknown
MOST_OUTPUT = 4096


@dataclass(frozen=True)
class Ending:
    """How a trial ended. `how` is a word of the record schema; `answer` is present only for "ok".

    `doubt`: the reason, when the ending proves nothing about the program.
    """

    how: str
    value: int
    answer: Json | None
    output: str
    seconds: float
    doubt: str = ""


def run(job: Json, limit_s: float, interrupted: Callable[[], bool]) -> Ending:
    """Runs a trial to its end, to the limit, or to an interruption. Then kills all processes that it started.

    The limit counts the time that the machine gave to the trial.
    """
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
                pass  # the child has ended; its status gives the reason
            stopped = doubt = ""
            given = GivenTime(child.pid)
            while not _has_ended(child.pid):
                given.sample_when_due()
                elapsed = time.monotonic() - began
                if interrupted():
                    stopped = "interrupted"
                elif given.certain and given.exhausts(limit_s):
                    stopped = "timeout"
                elif elapsed > MOST_LIMITS * limit_s:
                    stopped, doubt = "timeout", f"the machine gave it {given.given:.1f} s in {elapsed:.1f} s"
                if stopped:
                    break
                time.sleep(POLL_INTERVAL_S)
            os.killpg(child.pid, signal.SIGKILL)  # before wait(), while the process ID cannot be reused
            code = child.wait()
        seconds = time.monotonic() - began
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - MOST_OUTPUT))
        output = errors.read().decode("utf-8", "replace")
        if stopped:
            return Ending(stopped, 0, None, output, seconds, doubt)
        answer.seek(0)
        parsed = _parsed(answer.read())
        if "trouble" in parsed:
            return Ending("harness", 0, None, output, seconds, str(parsed["trouble"]))
        if code != 0:
            from_outside = -code in (signal.SIGKILL, signal.SIGTERM)
            why = f"the child process was killed from outside ({signal.strsignal(-code)})" if from_outside else ""
            return Ending("signal" if code < 0 else "exit", abs(code), None, output, seconds, why)
        if not parsed:
            return Ending("unreadable", 0, None, output, seconds, "the answer of the child process is incomplete")
        return Ending("ok", 0, parsed, output, seconds)


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _parsed(text: bytes) -> Json:
    """Returns the JSON object in `text`, or an empty one when there is none."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
