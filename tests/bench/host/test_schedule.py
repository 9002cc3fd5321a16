"""`racetrack bench --schedule`: another program chooses the next fork and gets its record at once."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import FAULTY, RACETRACK, SOUND, VALIDATOR, Record, cases_of, phases_of, read_records

NAMES = [f"{SOUND}capacity:{capacity}/payload:8/wait:yield/pin:compact" for capacity in (64, 128)]
COMMAND = [
    "bench",
    "--plugin",
    str(FAULTY),
    "--param",
    "capacity=64,128",
    "--time",
    "0.005",
    "--seed",
    "1",
    "--quiet",
    "--schedule",
]


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(RACETRACK), *COMMAND, "--out", str(folder), SOUND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def ask(process: subprocess.Popen[str], line: str) -> Record:
    assert process.stdin and process.stdout
    process.stdin.write(line + "\n")
    return dict(json.loads(process.stdout.readline()))


def test_requested_forks_run_in_order_and_each_record_is_printed_at_once(tmp_path: Path) -> None:
    with start(tmp_path / "run") as process:
        turns = [(NAMES[1], 0, 11), (NAMES[0], 0, 12), (NAMES[1], 1, 13)]
        answers = [ask(process, f"{name} {fork} {seed}") for name, fork, seed in turns]
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert [(each["case"], each["fork"], each["seed"]) for each in answers] == turns
    assert [each["order_index"] for each in answers] == [0, 1, 2]
    for each in answers:
        VALIDATOR.validate(each)
        assert each["metrics"]["items_per_s"] > 0
    records = read_records(tmp_path / "run")
    assert cases_of(records) == answers, "the printed records are those in the file"
    assert phases_of(records) == ["begin", "end"]
    assert records[-1]["outcome"]["done"] == records[-1]["outcome"]["planned"] == 3


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("queue/transfer/missing 0 1", "no case queue/transfer/missing"),
        (NAMES[0], "CASE FORK SEED"),
        (f"{NAMES[0]} 0 x", "SEED"),
    ],
    ids=["unknown-case", "too-short", "no-number"],
)
def test_an_invalid_request_ends_the_run_and_is_named(line: str, word: str, tmp_path: Path) -> None:
    with start(tmp_path / "run") as process:
        output, errors = process.communicate(line + "\n", timeout=60)
    assert process.returncode == 2
    assert output == ""
    assert len(errors.splitlines()) == 1 and word in errors


def test_ctrl_c_ends_the_run_while_it_waits_for_a_request(tmp_path: Path) -> None:
    with start(tmp_path / "run") as process:
        ask(process, f"{NAMES[0]} 0 1")
        process.send_signal(signal.SIGINT)
        assert process.stdout and process.stdout.read() == ""
        assert process.wait(timeout=20) == 3
    records = read_records(tmp_path / "run")
    assert len(cases_of(records)) == 1
    assert records[-1]["outcome"]["ended"] == "interrupted"
