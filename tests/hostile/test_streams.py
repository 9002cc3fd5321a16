"""Standard streams that are closed, full or broken cost output, never a record, and the exit code reports it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.host.harness import FAULTY, RACETRACK, cases_of, phases_of, read_records

COMMAND = (
    *("bench", "queue/transfer/sound/.*consumers:1/", "--plugin", str(FAULTY)),
    *("--forks", "1", "--time", "0.005", "--seed", "1"),
)


def shell(redirection: str, folder: Path, *more: str) -> int:
    """Runs racetrack with redirected streams. Returns the exit code."""
    command = ["/bin/sh", "-c", f'"$@" {redirection}', "sh", str(RACETRACK), *COMMAND, *more, "--out", str(folder)]
    return subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=150
    ).returncode


@pytest.mark.parametrize(
    "redirection", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"], ids=["out", "err", "in", "out err", "all"]
)
def test_closed_streams_leave_the_records_clean(redirection: str, tmp_path: Path) -> None:
    assert shell(redirection, tmp_path) == 0
    records = read_records(tmp_path)  # every line is a record
    assert phases_of(records) == ["begin", "end"]
    assert len(cases_of(records)) == 2


@pytest.mark.parametrize("redirection", [">/dev/full", "2>/dev/full", ">/dev/full 2>&1"], ids=["out", "err", "both"])
def test_a_full_device_costs_only_output(redirection: str, tmp_path: Path) -> None:
    assert shell(redirection, tmp_path) == 74
    records = read_records(tmp_path)
    assert phases_of(records) == ["begin", "end"]
    assert {record["verdict"]["result"] for record in cases_of(records)} == {"pass"}
    assert len(cases_of(records)) == 2


def test_quiet_help_and_list_lose_output_too() -> None:
    for arguments in (["list", "--plugin", str(FAULTY)], ["--help"], ["--version"]):
        with open("/dev/full", "wb") as full:
            run = subprocess.run([str(RACETRACK), *arguments], check=False, stdout=full, stderr=subprocess.PIPE)
        assert run.returncode == 74, arguments
        assert b"standard output cannot be written" in run.stderr


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM])
def test_a_signal_that_ends_a_run_keeps_its_records(number: signal.Signals, tmp_path: Path) -> None:
    # A test run under nohup ignores SIGHUP, and so would racetrack.
    command = ["env", "--default-signal", str(RACETRACK), *COMMAND[:-4]]
    command += ["--time", "30", "--quiet", "--out", str(tmp_path)]
    run = subprocess.Popen(  # pylint: disable=consider-using-with
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    records = tmp_path / "records.jsonl"
    limit = time.monotonic() + 60
    while not records.exists() or not records.read_bytes():
        assert run.poll() is None and time.monotonic() < limit
        time.sleep(0.01)
    run.send_signal(number)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 3, errors
    assert "continue with: " in errors
    assert phases_of(read_records(tmp_path)) == ["begin", "end"]


def test_nohup_protects_a_run_from_the_hangup(tmp_path: Path) -> None:
    command = [str(RACETRACK), *COMMAND[:-4], "--time", "0.5", "--quiet", "--out", str(tmp_path)]
    run = subprocess.Popen(  # pylint: disable=consider-using-with
        ["nohup", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    records = tmp_path / "records.jsonl"
    limit = time.monotonic() + 60
    while not records.exists() or not records.read_bytes():
        assert run.poll() is None and time.monotonic() < limit
        time.sleep(0.01)
    run.send_signal(signal.SIGHUP)
    assert run.wait(150) == 0


def test_a_closed_pipe_ends_the_run_and_keeps_the_records(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    command = [str(RACETRACK), *COMMAND[:-4], "--time", "0.2", "--out", str(tmp_path)]
    run = subprocess.Popen(command, stdout=writing, stderr=writing)  # pylint: disable=consider-using-with
    os.close(writing)
    os.close(reading)
    assert run.wait(150) == 3
    assert phases_of(read_records(tmp_path)) == ["begin", "end"]
