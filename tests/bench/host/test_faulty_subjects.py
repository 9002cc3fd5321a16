"""Subjects with one fault each: each becomes a record that names the fault, and the sweep continues."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.bench.host.harness import FAULTY, SHORT, SOUND, Record, Run, cases_of, phases_of, racetrack, read_records

# A word of 64 bytes can be torn. One producer and one consumer are enough for every fault.
SEEN = {
    "loses": ("ok", 0, "lost", "oracle.conservation"),
    "duplicates": ("ok", 0, "duplicated", "oracle.conservation"),
    "duplicates_as_declared": ("ok", 0, "duplicated", "oracle.conservation"),
    "newest_first": ("ok", 0, "reordered", "oracle.order"),
    "overflows": ("ok", 0, "overflow", "oracle.capacity"),
    "tears": ("ok", 0, "torn", "oracle.conservation"),
    "hangs": ("ok", 0, "hang", "watchdog"),
    "crashes": ("signal", 11, "crash", "process"),
    "exits_with_7": ("exit", 7, "crash", "process"),
    "exits_with_0": ("exit", 0, "crash", "process"),
    "cannot_be_made": ("exit", 70, "crash", "process"),
}

CASES = f"queue/transfer/({'|'.join(['sound', *SEEN])})/producers:1/consumers:1/"


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faulty") / "run"


@pytest.fixture(scope="module", name="run")
def fixture_run(folder: Path) -> Run:
    return racetrack("bench", CASES, "--plugin", FAULTY, "--param", "payload=64", *SHORT, "--out", folder)


@pytest.fixture(scope="module", name="by_subject")
def fixture_by_subject(folder: Path, run: Run) -> dict[str, Record]:
    assert run.returncode == 1, run.stderr
    return {record["subject"]: record for record in cases_of(read_records(folder))}


def test_the_sweep_continues_after_every_fault(folder: Path, by_subject: dict[str, Record]) -> None:
    assert set(by_subject) == {"sound", *SEEN}, "controls are not benchmarked"
    records = read_records(folder)
    assert phases_of(records) == ["begin", "end"]
    outcome = records[-1]["outcome"]
    assert (outcome["ended"], outcome["done"], outcome["planned"]) == ("complete", len(SEEN) + 1, len(SEEN) + 1)


@pytest.mark.parametrize("subject", SEEN)
def test_a_fault_has_its_name(subject: str, by_subject: dict[str, Record]) -> None:
    how, value, kind, detector = SEEN[subject]
    record = by_subject[subject]
    verdict = record["verdict"]
    assert (record["ended"]["how"], record["ended"]["value"]) == (how, value)
    assert (verdict["result"], verdict["kind"], verdict["detector"]) == ("fail", kind, detector)
    assert verdict["as_expected"] == (subject == "duplicates_as_declared")
    assert verdict["k"] >= 1
    assert verdict["witness"]["text"]
    assert verdict["replay"]


@pytest.mark.parametrize("subject", [name for name in SEEN if name != "duplicates_as_declared"])
def test_a_subject_that_fails_has_no_numbers(subject: str, by_subject: dict[str, Record]) -> None:
    record = by_subject[subject]
    assert (record["metrics"], record["values"], record["histograms"]) == ({}, {}, {})


def test_the_sound_twin_passes_and_has_numbers(by_subject: dict[str, Record]) -> None:
    record = by_subject["sound"]
    assert (record["ended"]["how"], record["verdict"]["result"], record["verdict"]["k"]) == ("ok", "pass", 0)
    assert record["verdict"]["n"] > 2, "timed rounds are judged too"
    assert record["metrics"]["items_per_s"] > 0
    assert record["traits"]["order"] == "fifo"


def test_the_last_output_of_a_subject_is_kept(by_subject: dict[str, Record]) -> None:
    assert "this queue cannot be made" in by_subject["cannot_be_made"]["ended"]["output"]


def test_the_terminal_shows_each_fault_too(run: Run, by_subject: dict[str, Record]) -> None:
    assert by_subject
    for subject, (_, _, kind, _) in SEEN.items():
        [line] = [line for line in run.stdout.splitlines() if line.split()[:1] == [subject]]
        assert kind in line
        lines = [line for line in run.stderr.splitlines() if f"/{subject}/" in line]
        assert len(lines) == (0 if subject == "duplicates_as_declared" else 1), lines
    assert f"{len(SEEN) - 1} not as expected" in run.stderr


@pytest.mark.parametrize("subject", ["duplicates", "crashes", "tears"])
def test_the_replay_command_repeats_it(subject: str, by_subject: dict[str, Record], tmp_path: Path) -> None:
    first = by_subject[subject]
    command = shlex.split(first["verdict"]["replay"])
    assert command[0] == "racetrack"
    assert racetrack(*command[1:], "--out", tmp_path).returncode == 1
    [again] = cases_of(read_records(tmp_path))
    assert (again["case"], again["seed"], again["params"]) == (first["case"], first["seed"], first["params"])
    assert again["verdict"]["kind"] == first["verdict"]["kind"]


def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    run = racetrack(
        "bench",
        "queue/transfer/hangs/producers:1/consumers:1/",
        "--plugin",
        FAULTY,
        *SHORT,
        "--limit",
        "1",
        "--out",
        tmp_path,
    )
    assert run.returncode == 1
    [record] = cases_of(read_records(tmp_path))
    assert record["ended"]["how"] == "timeout"
    assert (record["verdict"]["kind"], record["verdict"]["detector"]) == ("hang", "watchdog")
    assert record["metrics"] == {}


def judged(subject: str, folder: Path, *arguments: str) -> Record:
    """The only record of a subject that must fail."""
    case = f"queue/transfer/{subject}/producers:1/consumers:1/"
    run = racetrack("bench", case, "--plugin", FAULTY, *SHORT, "--out", folder, *arguments)
    assert run.returncode == 1, run.stdout + run.stderr
    [record] = cases_of(read_records(folder))
    return record


@pytest.mark.parametrize(
    ("subject", "operation"), [("hangs", "try_push"), ("waits_when_full", "try_push"), ("waits_when_empty", "try_pop")]
)
def test_an_operation_that_never_returns_is_a_hang_that_names_it(subject: str, operation: str, tmp_path: Path) -> None:
    # The limit is far longer than the patience. With one place, both sides find the queue full and empty during the
    # round, also on a busy machine. The items left are drained after the round, where no operation is named.
    verdict = judged(subject, tmp_path, "--limit", "100", "--param", "capacity=1")["verdict"]
    assert (verdict["kind"], verdict["detector"]) == ("hang", "watchdog")
    assert f"is in {operation}" in verdict["witness"]["text"]


def test_a_capacity_that_is_not_a_power_of_two_is_checked_and_not_timed(tmp_path: Path) -> None:
    record = judged("rounds_up", tmp_path)
    assert record["params"]["capacity"] == 1024
    assert record["verdict"]["kind"] == "overflow"
    assert record["verdict"]["witness"]["text"].startswith("with capacity:3: ")


def test_stress_includes_a_capacity_that_is_not_a_power_of_two(tmp_path: Path) -> None:
    case = "^queue/transfer/rounds_up/"
    run = racetrack("stress", case, "--plugin", FAULTY, "--time", "0.05", "--seed", "1", "--quiet", "--out", tmp_path)
    assert run.returncode == 1, run.stdout + run.stderr
    records = cases_of(read_records(tmp_path))
    assert {record["params"]["capacity"] for record in records} == {1, 3}
    assert {record["verdict"]["kind"] for record in records if record["params"]["capacity"] == 3} == {"overflow"}


def test_a_queue_that_reports_full_too_early_fails(tmp_path: Path) -> None:
    verdict = judged("full_early", tmp_path)["verdict"]
    assert verdict["kind"] == "false_full"
    assert verdict["detector"] in ("oracle.bounds", "oracle.full")  # the round itself may have filled it


def test_a_declared_limit_of_capacity_excludes_other_capacities_from_checks(tmp_path: Path) -> None:
    listed = racetrack("list", "--json", "--plugin", FAULTY)
    [sound] = [each for each in json.loads(listed.stdout) if each["scenario"] == "queue/transfer/sound"]
    assert sound["params"]["capacity"]["judged"] == ["1", "3"]
    [vyukov] = [
        each for each in json.loads(racetrack("list", "--json").stdout) if each["scenario"] == "queue/transfer/vyukov"
    ]
    assert vyukov["params"]["capacity"]["judged"] == []
    assert racetrack("bench", SOUND, "--plugin", FAULTY, *SHORT, "--out", tmp_path).returncode == 0
