"""racetrack stress and replay: each way in which a program stops has a name, a witness and a command that repeats
it."""

from __future__ import annotations

import json
import re
import shlex
import signal
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    FAULTY,
    TEST_PLUGINS,
    Record,
    Run,
    assert_one_line,
    cases_of,
    phases_of,
    racetrack,
    read_records,
    start,
)

STUCK = TEST_PLUGINS / "stuck_programs.so"
# Only a spinning program needs the watchdog. Its patience is longer than the test for all others.
PATIENT = ("--time", "0.05", "--seed", "1", "--quiet", "--patience", "3000")
HASTY = ("--time", "0.05", "--seed", "1", "--quiet", "--patience", "0.5")
SEEN = {
    "opposite_order": ("deadlock", "lock_graph"),
    "opposite_order_declared": ("deadlock", "lock_graph"),
    "one_after_the_other": ("potential_deadlock", "lock_graph"),
    "no_thread_signals": ("lost_wakeup", "lock_graph"),
    "in_destructor": ("lost_wakeup", "lock_graph"),
    "unlocks_unheld": ("misuse", "lock_graph"),
}


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stuck") / "run"


@pytest.fixture(scope="module", name="run")
def fixture_run(folder: Path) -> Run:
    return racetrack("stress", "stuck/[^s]|stuck/s[^p]", "--plugin", STUCK, *PATIENT, "--out", folder)


@pytest.fixture(scope="module", name="by_subject")
def fixture_by_subject(folder: Path, run: Run) -> dict[str, Record]:
    assert run.returncode == 1, run.stderr
    return {record["subject"]: record for record in cases_of(read_records(folder))}


def findings_of(folder: Path, subject: str) -> list[Record]:
    return [r for r in read_records(folder) if r["record"] == "finding" and r["subject"] == subject]


@pytest.mark.parametrize("subject", SEEN)
def test_a_stop_is_named_without_a_time_out(subject: str, by_subject: dict[str, Record]) -> None:
    verdict = by_subject[subject]["verdict"]
    assert (verdict["result"], verdict["kind"], verdict["detector"]) == ("fail", *SEEN[subject])
    assert verdict["k"] >= 1
    assert verdict["as_expected"] == (subject == "opposite_order_declared")
    assert "stuck_programs.cpp" in verdict["witness"]["text"]


@pytest.mark.parametrize("subject", ["sleeps_holding", "sound"])
def test_programs_that_do_not_stop_are_clean(subject: str, folder: Path, by_subject: dict[str, Record]) -> None:
    assert by_subject[subject]["verdict"]["result"] == "pass"
    assert findings_of(folder, subject) == []


def test_a_required_deadlock_that_was_not_found_is_unexpected(by_subject: dict[str, Record], run: Run) -> None:
    verdict = by_subject["sound_but_must_stop"]["verdict"]
    assert (verdict["result"], verdict["as_expected"]) == ("pass", False)
    assert "should have seen: deadlock" in verdict["witness"]["text"]
    assert "6 not as expected" in run.stderr


def test_a_deadlock_is_a_cycle_of_holds_and_wants(folder: Path, by_subject: dict[str, Record]) -> None:
    assert by_subject["opposite_order"]["ended"]["how"] == "ok"
    (finding,) = [f for f in findings_of(folder, "opposite_order") if f["kind"] == "deadlock"]
    first, second = finding["threads"]
    assert first["wants"]["name"] == second["holds"][0]["name"]
    assert second["wants"]["name"] == first["holds"][0]["name"]
    for thread in (first, second):
        places = [frame["file"].rpartition("/")[2] for frame in thread["stack"]]
        assert "stuck_programs.cpp" in places
        assert thread["wants"]["kind"] == "mutex"
    assert (finding["grade"], finding["as_expected"]) == ("never", False)
    assert not re.search("0x", finding["title"]), "equal findings of several processes have equal titles"


def test_a_lost_wakeup_names_every_sleeper(folder: Path, by_subject: dict[str, Record]) -> None:
    assert by_subject["no_thread_signals"]["verdict"]["kind"] == "lost_wakeup"
    (finding,) = findings_of(folder, "no_thread_signals")
    assert len(finding["threads"]) == 2, "the supervisor of the round is not one of them"
    assert {thread["wants"]["kind"] for thread in finding["threads"]} == {"condition"}


def test_the_watchdog_reports_a_spinning_program(tmp_path: Path) -> None:
    run = racetrack("stress", "stuck/spins", "--plugin", STUCK, *HASTY, "--out", tmp_path / "run")
    assert run.returncode == 1
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert (record["verdict"]["kind"], record["verdict"]["detector"]) == ("hang", "watchdog")
    assert (
        "Spins::step" in record["verdict"]["witness"]["text"]
        or "stuck_programs" in record["verdict"]["witness"]["text"]
    )


@pytest.mark.parametrize(("subject", "operation"), [("waits_when_full", "try_push"), ("waits_when_empty", "try_pop")])
def test_a_hang_names_the_operation_that_does_not_return(subject: str, operation: str, tmp_path: Path) -> None:
    cases = f"queue/transfer/{subject}/"
    run = racetrack("stress", cases, "--plugin", FAULTY, *HASTY, "--param", "capacity=3", "--out", tmp_path / "run")
    assert run.returncode == 1
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert (record["verdict"]["kind"], record["verdict"]["detector"]) == ("hang", "watchdog")
    assert f"is in {operation}" in record["verdict"]["witness"]["text"]


def test_replay_runs_the_failing_round_again(by_subject: dict[str, Record]) -> None:
    command = shlex.split(by_subject["opposite_order"]["verdict"]["replay"])
    assert command[:2] == ["racetrack", "replay"] and command[2].startswith("stress.") and command[3] == "--plugin"
    run = racetrack(*command[1:], "--time", "0.05")
    assert run.returncode == 1, run.stderr
    assert "failed 1 times" in run.stdout
    assert "deadlock (lock_graph)" in run.stdout
    assert "stuck_programs.cpp" in run.stdout


HOSTILE = TEST_PLUGINS / "hostile_processes.so"


@pytest.mark.parametrize(
    ("plugin", "scenario", "code", "words"),
    [
        (FAULTY, "queue/transfer/crashes/", 1, "crash (process): the child process died of: Segmentation fault"),
        (HOSTILE, "lock/hostile/answers_half/", 3, "unknown: the answer of the child process is incomplete"),
        (HOSTILE, "lock/hostile/answers_wrong_types/", 3, "unknown: the answer of the child process is unusable"),
        (
            HOSTILE,
            "lock/hostile/needs_a_thread_in_c/",
            3,
            "unknown: it failed after the system had refused it a thread",
        ),
    ],
)
def test_a_replay_survives_its_child(
    plugin: Path, scenario: str, code: int, words: str, by_subject: dict[str, Record], tmp_path: Path
) -> None:
    racetrack("stress", f"^{scenario}", "--plugin", plugin, *HASTY, "--out", tmp_path)
    case = next(each["case"] for each in cases_of(read_records(tmp_path)) if each["verdict"]["result"] != "pass")
    commit = by_subject["opposite_order"]["verdict"]["replay"].split()[2].split(".")[1]
    for number in range(20):  # a crash needs a round with enough operations
        run = racetrack("replay", f"stress.{commit}.1.{number}.{case}", "--plugin", plugin, "--time", "0.05")
        if run.returncode != 0:
            break
    assert run.returncode == code, run.stdout + run.stderr
    assert run.stdout.startswith(f"round {number} of {case}: {words}"), run.stdout
    assert run.stderr == ""


@pytest.mark.parametrize("damage", ["another build", "cut short", "nonsense"])
def test_a_truncated_token_or_one_of_another_build_is_rejected(damage: str, by_subject: dict[str, Record]) -> None:
    token = by_subject["opposite_order"]["verdict"]["replay"].split()[2]
    damaged = {
        "another build": token.replace("stress.", "stress.0", 1),
        "cut short": token[:20],
        "nonsense": "nonsense",
    }
    assert_one_line(racetrack("replay", damaged[damage], "--plugin", STUCK), 2)


def test_a_kept_history_is_checked_again_and_a_truncated_one_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    stress = ("--time", "0.1", "--seed", "1", "--quiet", "--param", "payload=8")
    case = "queue/transfer/loses/"
    assert racetrack("stress", case, "--plugin", FAULTY, *stress, "--out", folder).returncode == 1
    (history, *_) = sorted((folder / "histories").iterdir())
    again = racetrack("replay", history)
    assert again.returncode == 1
    assert "lost (oracle.conservation)" in again.stdout
    cut = tmp_path / "cut.json"
    cut.write_bytes(history.read_bytes()[:-100])
    assert_one_line(racetrack("replay", cut), 2, str(cut), "cut short")
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps({"racetrack_history": 1, "oracles": [], "history": {"threads": 7}}), "utf-8")
    assert_one_line(racetrack("replay", foreign), 2, str(foreign))


def test_an_interruption_keeps_the_findings(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start("stress", "stuck/sound", "--plugin", STUCK, "--time", "30", "--quiet", "--out", folder)
    records = folder / "records.jsonl"
    while not records.exists() or not records.read_text("utf-8").endswith("\n"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 3
    assert phases_of(read_records(folder)) == ["begin", "end"]
