"""A busy or paused machine makes no subject fail; a subject that hangs is still found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    FAULTY,
    RACETRACK,
    TEST_PLUGINS,
    cases_of,
    processes_of,
    racetrack,
    read_records,
    start,
)

HOSTILE = TEST_PLUGINS / "hostile_processes.so"
STUCK = TEST_PLUGINS / "stuck_programs.so"
PATIENCE_S = 0.4


def wait_for_child(host: subprocess.Popen[str]) -> int:
    limit = time.monotonic() + 60
    while not (children := processes_of(host.pid)):
        assert host.poll() is None and time.monotonic() < limit
        time.sleep(0.01)
    return children[0]


@pytest.mark.parametrize("target", ["child", "child and host"])
def test_a_process_that_is_stopped_for_longer_than_the_patience_does_not_hang(target: str, tmp_path: Path) -> None:
    host = start(
        *("stress", "/slow/", "--plugin", HOSTILE, "--time", "10", "--quiet", "--out", tmp_path),
        *("--patience", str(PATIENCE_S)),
    )
    child = wait_for_child(host)
    for _ in range(3):
        time.sleep(0.3)
        stopped = [child] if target == "child" else [host.pid, child]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        time.sleep(4 * PATIENCE_S)
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    assert host.wait(150) == 0
    (record,) = cases_of(read_records(tmp_path))
    assert record["verdict"]["result"] == "pass"


def test_a_child_that_stays_stopped_is_unknown(tmp_path: Path) -> None:
    host = start(
        *("bench", "queue/transfer/sound/producers:1/consumers:1/", "--plugin", FAULTY, "--forks", "1", "--quiet"),
        *("--time", "60", "--limit", "6", "--out", tmp_path),
    )
    os.kill(wait_for_child(host), signal.SIGSTOP)
    assert host.wait(150) == 3
    (record,) = cases_of(read_records(tmp_path))
    assert (record["ended"]["how"], record["verdict"]["result"]) == ("timeout", "unknown")
    assert "the machine gave it" in record["verdict"]["witness"]["text"]


def test_a_slow_subject_that_makes_progress_is_unknown_at_the_limit(tmp_path: Path) -> None:
    run = racetrack(
        *("bench", "/slow_for_long/", "--plugin", HOSTILE, "--forks", "1", "--quiet", "--time", "0.01"),
        *("--limit", "1", "--out", tmp_path),
    )
    assert run.returncode == 3, run.stderr
    (record,) = cases_of(read_records(tmp_path))
    assert (record["ended"]["how"], record["verdict"]["result"]) == ("timeout", "unknown")
    assert "it still ran rounds" in record["verdict"]["witness"]["text"]


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    command = ["nice", "-n", "10", sys.executable, "-c", "while True: pass"]  # leaves time for concurrent tests
    loops = [subprocess.Popen(command) for _ in range(count)]  # pylint: disable=consider-using-with
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def nice_19() -> None:
    os.nice(19)


def test_a_sound_subject_at_nice_19_with_busy_loops_passes(tmp_path: Path) -> None:
    with busy_loops(2 * len(os.sched_getaffinity(0))):
        run = racetrack(
            *("stress", "/(sound|slow)/", "--plugin", HOSTILE, "--time", "0.05", "--patience", "0.2", "--quiet"),
            *("--out", tmp_path),
            before=nice_19,
        )
    assert run.returncode in (0, 3), run.stderr  # 3: unknown, too little processor time
    for record in cases_of(read_records(tmp_path)):
        assert record["verdict"]["result"] != "fail", record["verdict"]


def test_a_spinning_subject_hangs_with_busy_loops_too(tmp_path: Path) -> None:
    with busy_loops(len(os.sched_getaffinity(0))):
        run = racetrack(
            *("stress", "/spins/", "--plugin", STUCK, "--time", "0.05", "--patience", "0.3", "--quiet"),
            *("--out", tmp_path),
        )
    assert run.returncode == 1, run.stderr
    (record,) = cases_of(read_records(tmp_path))
    assert (record["verdict"]["kind"], record["verdict"]["detector"]) == ("hang", "watchdog")


@pytest.mark.parametrize("engine", ["bench", "stress"])
def test_a_real_time_priority_ends(engine: str, tmp_path: Path) -> None:
    chrt = ["chrt", "-f", "1"]
    if subprocess.run([*chrt, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("real-time priorities are not allowed here")
    command = [*chrt, str(RACETRACK), engine, "queue/transfer/sound/producers:1/consumers:1/", "--plugin", str(FAULTY)]
    if engine == "bench":
        command += ["--forks", "1", "--time", "0.01"]
    else:
        command = [*chrt, str(RACETRACK), engine, "/sound/", "--plugin", str(HOSTILE), "--time", "0.05"]
    command += ["--quiet", "--out", str(tmp_path)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
