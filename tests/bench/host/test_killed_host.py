"""kill -9 of the host: the kernel kills its children and theirs at the same time, whatever they are doing."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import FAULTY, is_running, processes_of, racetrack, start

PF_EXITING = 0x4  # a bit of the flags in /proc/PID/stat


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.002)


def is_doomed(process: int) -> bool:
    """Whether the process has ended, is ending, or has SIGKILL pending, so that it executes no more of its program.

    Between these states a process has neither mark for an instant, so one reading is not enough.
    """
    return any(_is_marked(process) for _ in range(3))


def _is_marked(process: int) -> bool:
    if not is_running(process):
        return True
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
        flags = int(Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[6])
    except OSError:
        return True
    pending = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd:", "ShdPnd:"))]
    return bool(flags & PF_EXITING) or any(mask >> (signal.SIGKILL - 1) & 1 for mask in pending)


def descendants(process: int) -> list[int]:
    found = processes_of(process)
    return found + [each for child in found for each in descendants(child)]


def kill(host: subprocess.Popen[str]) -> list[int]:
    """Kills the host while it is stopped and cannot start a process. Returns the descendants that survive it."""
    host.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, host.pid, os.WSTOPPED | os.WNOWAIT)
    below = descendants(host.pid)
    host.kill()
    host.wait()
    return [each for each in below if not is_doomed(each)]


@pytest.mark.parametrize("attempt", range(12))
def test_every_child_is_doomed_when_the_host_is_gone(attempt: int, tmp_path: Path) -> None:
    """At different moments in the start of a child: as soon as it exists, and a little later each time."""
    arguments = ("bench", "queue/transfer/sound/", "--plugin", FAULTY, "--forks", "50", "--time", "0.001", "--quiet")
    host = start(*arguments, "--out", tmp_path)
    try:
        wait_until(lambda: bool(processes_of(host.pid)))
        time.sleep(attempt * 0.002)
        assert not kill(host)
    finally:
        host.kill()
        host.wait()


def test_the_child_s_own_children_die_with_the_host(tmp_path: Path) -> None:
    case = "queue/transfer/forks_and_hangs/"
    host = start("stress", case, "--plugin", FAULTY, "--patience", "60", "--quiet", "--out", tmp_path)
    try:
        wait_until(lambda: len(descendants(host.pid)) >= 2)
        assert not kill(host)
    finally:
        host.kill()
        host.wait()


@pytest.mark.parametrize("closed", [(0,), (0, 1)])
def test_a_host_without_standard_descriptors_starts_children(closed: tuple[int, ...], tmp_path: Path) -> None:
    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    arguments = (
        "bench",
        "queue/transfer/sound/producers:1/consumers:1/",
        "--plugin",
        FAULTY,
        "--forks",
        "1",
        "--quiet",
    )
    run = racetrack(*arguments, "--time", "0.005", "--out", tmp_path, before=close)
    assert run.returncode == 0, run.stderr
