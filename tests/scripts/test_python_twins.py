"""The lecture's Python programs as a user runs them: records, verdicts, exit codes, Ctrl-C. Facts come from a
script."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racetrack_report.check import parse
from racetrack_twins import trial
from racetrack_twins.command import pattern_of
from racetrack_twins.programs.points import LockedPoint, Point, ReadWrite
from racetrack_twins.programs.pools import Pool, spin
from racetrack_twins.programs.queues import Print, Shutdown, Transfer
from racetrack_twins.programs.requests import Gather
from racetrack_twins.programs.spawns import Processes, Threads
from racetrack_twins.round import Fault, Program, Round
from racetrack_twins.twins import TWINS, Twin, selected
from tests.reports import synthetic

ROOT = Path(__file__).resolve().parents[2]
TWINS_SCRIPT = ROOT / "scripts" / "python_twins.py"
QUICK = "^(queue/shutdown|lock)/"


class Place:
    """A folder of reports and a fake racetrack that only prints build and machine."""

    def __init__(self, folder: Path) -> None:
        self.reports = folder / "reports"
        program = folder / "racetrack"
        facts = {"machine": synthetic.machine(), "build": synthetic.BUILD}
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(facts)}\nEND\n", encoding="utf-8")
        program.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("RUN", "RACETRACK_HTTP_SERVER")},
            "RACETRACK": str(program),
            "RACETRACK_REPORTS": str(self.reports),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(TWINS_SCRIPT), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def records(self, name: str = "mine") -> list[dict[str, Any]]:
        text = (self.reports / "runs" / name / "records.jsonl").read_bytes()
        return [parse(line) for line in text.splitlines()]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_every_record_fits_the_schema_and_names_its_interpreter(place: Place) -> None:
    done = place.run(QUICK, "--run", "mine", "--forks", "2", "--time", "0.01")
    assert done.returncode == 0, done.stderr
    records = place.records()
    assert [record["record"] for record in records] == ["environment", *["case"] * 4, "environment"]
    for record in records[1:-1]:
        assert (record["engine"], record["language"]) == ("python", "python")
        assert record["interpreter"]["implementation"] == "CPython"
        assert record["interpreter"]["gil"] in ("on", "off")
        assert record["verdict"]["result"] == "pass"
        rate = next(name for name in record["values"])
        assert record["metrics"][rate] > 0
    assert {record["fork"] for record in records[1:-1]} == {0, 1}
    assert "over 2 forks" in done.stdout
    assert (place.reports / "runs" / "mine" / "report.html").is_file()


def test_a_second_call_joins_the_latest_run_of_the_same_commit_and_machine(place: Place) -> None:
    assert place.run(QUICK, "--run", "mine", "--forks", "1", "--time", "0.01").returncode == 0
    assert place.run(QUICK, "--forks", "1", "--time", "0.01").returncode == 0
    assert len([record for record in place.records() if record["record"] == "case"]) == 4


def test_cases_are_named_and_parametrised_as_their_twins_in_cpp(place: Place) -> None:
    place.run(QUICK, "--run", "mine", "--forks", "1", "--time", "0.01")
    case = next(record for record in place.records() if record.get("workload") == "shutdown")
    assert (
        case["case"] == "queue/shutdown/python_queue/producers:1/consumers:2/capacity:5/payload:8/wait:block/pin:none"
    )
    assert case["params"] == {"producers": 1, "consumers": 2, "capacity": 5, "payload": 8, "wait": "block"}
    assert case["traits"]["twin"] == "mutex_condvar"
    assert case["metrics"]["shutdown_ns"] > 0


def test_without_a_server_the_requests_are_left_out_and_the_rest_runs(place: Place) -> None:
    done = place.run("^(async_io|lock)/", "--run", "mine", "--forks", "1", "--time", "0.01")
    assert done.returncode == 0, done.stderr
    assert "left out: async_io/gather/python_asyncio/requests:2" in done.stdout
    assert "racetrack_http_server is not built" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("no such program",), 4, "no program matches"),
        (("(",), 2, "is not a regular expression"),
        (("--time", "0"), 2, "above 0"),
        (("--run", "../escape/x/records.jsonl"), 2, "exists and is not a run"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(
    place: Place, tmp_path: Path, arguments: tuple[str, ...], code: int, expected: str
) -> None:
    if "escape" in arguments[-1]:
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "file").touch()
        arguments = ("--run", str(tmp_path / "other"))
    done = place.run(*arguments)
    assert done.returncode == code, done.stderr
    assert expected in done.stderr


def test_ctrl_c_stops_within_a_second_keeps_the_records_and_leaves_no_process(place: Place) -> None:
    with subprocess.Popen(
        [str(TWINS_SCRIPT), "^spawn/", "--run", "mine", "--forks", "100", "--time", "5"],
        env=place.environment,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as script:
        assert script.stdout is not None
        script.stdout.readline()  # it has begun
        children = _wait_for_children(script.pid)
        script.send_signal(signal.SIGINT)
        script.wait(timeout=60)
    assert script.returncode == 3
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    ended = place.records()[-1]
    assert ended["outcome"]["ended"] == "interrupted"
    last = place.records()[-2]
    assert (last["ended"]["how"], last["verdict"]["result"]) == ("interrupted", "unknown")


def _wait_for_children(process: int) -> list[int]:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
        if children:
            return [int(child) for child in children]
        time.sleep(0.02)
    raise AssertionError("no trial was started")


def _programs() -> Iterator[tuple[str, Program]]:
    yield "shutdown", Shutdown(5, 2)
    yield "transfer", Transfer(8)
    yield "print", Print(1)
    yield "point", ReadWrite(LockedPoint, 2, 90, 1)
    yield "pool", Pool(3, 100, completed=False)
    yield "as completed", Pool(3, 100, completed=True)
    yield "thread", Threads()
    yield "process", Processes(1)


@pytest.mark.parametrize("program", [pytest.param(program, id=name) for name, program in _programs()])
def test_a_program_does_its_work_and_passes_its_check(program: Program) -> None:
    done = program.round(program.least_work)
    assert done.fault is None
    assert done.work >= program.least_work > 0
    assert done.seconds > 0


SERVER = Path(os.environ.get("RACETRACK_BUILD", ROOT / "build" / "release")) / "racetrack_http_server"


@pytest.mark.skipif(not SERVER.is_file(), reason="racetrack_http_server is not built")
def test_gathered_requests_all_get_their_own_response_and_the_server_ends() -> None:
    program = Gather(SERVER, 10, 1)
    try:
        done = program.round(40)
    finally:
        program.close()
    assert done.fault is None
    assert done.work == 40 == len(done.latencies_ns["request"])
    assert min(done.latencies_ns["request"]) >= 1_000_000
    assert program.server.process.returncode == -signal.SIGKILL


def test_a_torn_point_is_found() -> None:
    class Torn(Point):
        """A reader gets halves of two writes."""

        def get(self) -> tuple[int, int]:
            x, y = super().get()
            return x, y + 1

    fault = ReadWrite(Torn, 2, 90, 1).round(200).fault
    assert fault is not None and fault.kind == "torn"


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_task_returns_its_number(steps: int) -> None:
    assert spin(steps, 17) == 17


class Scripted:
    """A program with given rounds; the last one repeats."""

    unit, least_work, most_work = "item", 1, 1

    def __init__(self, *faults: Fault | None) -> None:
        self.faults = list(faults)

    def round(self, work: int) -> Round:
        fault = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
        return Round(0.01, work, fault)

    def close(self) -> None:
        """Releases nothing."""


def _twin(*may: tuple[str, str]) -> Twin:
    return Twin("queue", "transfer", "scripted", "", {}, lambda _: Scripted(None), may=may)


LOST = Fault("lost", "python.conservation", "one of two")


def test_a_forbidden_fault_leaves_no_number_and_is_not_expected() -> None:
    answer = trial.run(_twin(), Scripted(None, LOST), 0.02)
    assert not answer["metrics"] and not answer["values"]
    assert (answer["verdict"]["result"], answer["verdict"]["kind"]) == ("fail", "lost")
    assert answer["verdict"]["as_expected"] is False


def test_an_expected_fault_is_reported_with_the_number() -> None:
    answer = trial.run(_twin(("python.conservation", "lost")), Scripted(None, LOST), 0.02)
    assert answer["metrics"]["items_per_s"] == pytest.approx(100)
    assert (answer["verdict"]["result"], answer["verdict"]["as_expected"]) == ("fail", True)


def test_percentiles_with_fewer_than_ten_samples_beyond_are_left_out() -> None:
    assert set(trial.percentiles("request", range(1, 101))) == {"request_p50_ns", "request_p90_ns", "request_max_ns"}


def test_a_histogram_keeps_every_sample_in_ascending_buckets() -> None:
    made = trial.histogram([1, 999, 1000, 123456, 123457])
    assert made["buckets"] == [[1, 1], [999, 1], [1000, 1], [124000, 2]]
    assert made["count"] == 5


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ((), ""),
        (("queue/",), "queue/"),
        (("--forks", "3", "--time=1", "queue/"), "queue/"),
        (("--plugin", "mine.so"), None),
        (("--param", "capacity=64", "queue/"), None),
        (("*",), None),
    ],
)
def test_bench_runs_the_twins_of_its_subjects_and_no_others(arguments: tuple[str, ...], pattern: str | None) -> None:
    assert pattern_of(arguments) == pattern


def test_names_are_different() -> None:
    assert len({twin.name for twin in TWINS}) == len(TWINS) == len(selected(""))
