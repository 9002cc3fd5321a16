"""A subject that tampers with its process or the harness's descriptors costs at most its own case, never the sweep."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    TEST_PLUGINS,
    Record,
    cases_of,
    is_running,
    phases_of,
    processes_of,
    racetrack,
    read_records,
    start,
)

HOSTILE = TEST_PLUGINS / "hostile_processes.so"
STRESS = ("--time", "0.05", "--seed", "1", "--quiet")
UNREADABLE = (
    "answers_nothing_much",
    "answers_wrong_types",
    "answers_half",
    "answers_before",
    "answers_deeply",
    "answers_without_end",
)


def stress(subjects: str, folder: Path, *more: str, before: Callable[[], None] | None = None) -> tuple[int, str]:
    """Exit code and standard error."""
    run = racetrack("stress", f"/({subjects})/", "--plugin", HOSTILE, *STRESS, *more, "--out", folder, before=before)
    return run.returncode, run.stderr


def by_subject(folder: Path) -> dict[str, Record]:
    return {record["subject"]: record for record in cases_of(read_records(folder))}


@pytest.mark.parametrize("subject", ["traces_itself", "traces_itself_and_stops", "is_traced_by_its_child"])
def test_a_subject_that_is_traced_gets_a_verdict_as_any_other(subject: str, tmp_path: Path) -> None:
    code, errors = stress(f"{subject}|sound", tmp_path)
    assert code == 0, errors
    records = by_subject(tmp_path)
    assert {records[name]["verdict"]["result"] for name in (subject, "sound")} == {"pass"}
    assert phases_of(read_records(tmp_path)) == ["begin", "end"]


def test_ctrl_c_ends_a_run_whose_subject_is_traced(tmp_path: Path) -> None:
    run = start("stress", "/is_traced_by_its_child/", "--plugin", HOSTILE, "--time", "60", "--quiet", "--out", tmp_path)
    limit = time.monotonic() + 60
    while not (children := processes_of(run.pid)):
        assert time.monotonic() < limit
        time.sleep(0.01)
    while not processes_of(children[0]) and time.monotonic() < limit:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 3
    assert not is_running(children[0])


def test_an_invalid_answer_is_unknown_and_measured_again(tmp_path: Path) -> None:
    code, errors = stress("answers_.*|sound", tmp_path)
    assert code == 3, errors
    records = by_subject(tmp_path)
    assert records["sound"]["verdict"]["result"] == "pass", "the sweep continued"
    for subject in UNREADABLE:
        record = records[subject]
        assert record["ended"]["how"] == "unreadable", subject
        assert (record["verdict"]["result"], record["verdict"]["as_expected"]) == ("unknown", False)
        assert "answer" in record["verdict"]["witness"]["text"]
    assert "--resume" in errors
    code, errors = stress("answers_.*|sound", tmp_path, "--resume")
    assert code == 3
    again = read_records(tmp_path)[-1]["outcome"]
    assert (again["done"], again["planned"]) == (len(UNREADABLE), len(UNREADABLE))


def test_an_endless_answer_takes_little_memory(tmp_path: Path) -> None:
    limit = 1 << 30
    code, errors = stress(
        "answers_without_end", tmp_path, before=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    )
    assert code == 3, errors
    assert "MiB" in by_subject(tmp_path)["answers_without_end"]["verdict"]["witness"]["text"]


def test_a_thread_that_the_system_refuses_is_no_fault_of_the_subject(tmp_path: Path) -> None:
    code, said = stress("needs_a_.*|does_without_a_thread", tmp_path)
    assert code == 3, said
    records = by_subject(tmp_path)
    assert records.pop("does_without_a_thread")["verdict"]["result"] == "pass"
    assert sorted(records) == [
        "needs_a_process",
        "needs_a_process_elsewhere",
        "needs_a_thread",
        "needs_a_thread_in_c",
        "needs_a_thread_to_go_on",
    ]
    for subject, record in records.items():
        assert (record["verdict"]["result"], record["verdict"]["as_expected"]) == ("unknown", False), subject
        text = record["verdict"]["witness"]["text"]
        assert record["ended"]["how"] == "harness" and "ulimit -u" in text, (subject, text)
    assert not [record for record in read_records(tmp_path) if record["record"] == "finding"]


def test_another_error_of_the_system_is_the_subjects(tmp_path: Path) -> None:
    code, said = stress("throws_another_error", tmp_path)
    assert code == 1, said
    assert by_subject(tmp_path)["throws_another_error"]["verdict"]["kind"] == "crash"


def test_a_locale_that_a_subject_sets_changes_no_number(tmp_path: Path) -> None:
    run = racetrack(
        *(
            "bench",
            "queue/transfer/sets_the_locale/",
            "--plugin",
            TEST_PLUGINS / "hostile_queues.so",
            "--forks",
            "1",
            "--time",
            "0.01",
        ),
        *("--quiet", "--out", tmp_path),
    )
    assert run.returncode == 0, run.stderr
    for record in cases_of(read_records(tmp_path)):
        assert record["metrics"]["items_per_s"] > 0
