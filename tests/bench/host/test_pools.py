"""Faulty pools under racetrack stress: each fault is found by its detector, and each corrected twin is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD, Record, Run, cases_of, racetrack, read_records

PLUGINS = BUILD / "plugins"
FAULTY_POOLS = PLUGINS / "faulty_pools.so"
FAULTS = {
    "stop_without_mutex": ("lost_wakeup", "lock_graph"),
    "one_waiter_woken": ("lost_wakeup", "lock_graph"),
    "drops_at_shutdown": ("lost", "oracle.exactly_once"),
    "waits_without_helping": ("lost_wakeup", "lock_graph"),
}
CORRECTED = ("stop_under_mutex", "all_waiters_woken", "drains_at_shutdown", "helps_while_it_waits")


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pools") / "run"


@pytest.fixture(scope="module", name="run")
def fixture_run(folder: Path) -> Run:
    # Long enough for the slowest machine: a finding ends its case at once, and only the corrected twins use the time.
    return racetrack("stress", "--plugin", FAULTY_POOLS, "--time", "3", "--seed", "1", "--quiet", "--out", folder)


@pytest.fixture(scope="module", name="by_subject")
def fixture_by_subject(folder: Path, run: Run) -> dict[str, Record]:
    assert run.returncode == 0, run.stdout + run.stderr
    return {record["subject"]: record for record in cases_of(read_records(folder))}


def test_every_control_has_its_twin(by_subject: dict[str, Record]) -> None:
    assert set(by_subject) == {*FAULTS, *CORRECTED}
    assert all(record["control"] for record in by_subject.values())


@pytest.mark.parametrize("subject", FAULTS)
def test_a_fault_is_found_by_its_detector(subject: str, by_subject: dict[str, Record]) -> None:
    verdict = by_subject[subject]["verdict"]
    assert (verdict["result"], verdict["kind"], verdict["detector"]) == ("fail", *FAULTS[subject])
    assert verdict["as_expected"]
    assert "faulty_pool" in verdict["witness"]["text"] or "task" in verdict["witness"]["text"]


@pytest.mark.parametrize("subject", CORRECTED)
def test_the_corrected_twin_is_clean(subject: str, by_subject: dict[str, Record]) -> None:
    assert by_subject[subject]["verdict"]["result"] == "pass"


def test_faulty_pools_are_never_timed(tmp_path: Path) -> None:
    assert racetrack("bench", "--plugin", FAULTY_POOLS, "--out", tmp_path / "run").returncode == 4


def test_a_pool_is_not_pinned_and_measured(tmp_path: Path) -> None:
    bench = ("--forks", "1", "--time", "0.02", "--quiet", "--out", tmp_path / "run")
    case = "pool/fan_out/mutex_condvar/.*grain_ns:1000/"
    assert racetrack("bench", case, "--plugin", PLUGINS / "mutex_condvar_pool.so", *bench).returncode == 0
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert record["case"].endswith("/pin:none")
    assert {"threads": 2, "grain_ns": 1000, "results": "future"}.items() <= record["params"].items()
    metrics = record["metrics"]
    assert 0 < metrics["efficiency_ratio"]
    for name in ("tasks_per_s", "overhead_ns_per_task", "first_result_ns", "cpu_ns_per_task", "idle_ratio"):
        assert name in metrics


def test_the_costs_of_an_idle_pool_are_measured(tmp_path: Path) -> None:
    bench = ("--forks", "1", "--time", "0.05", "--quiet", "--out", tmp_path / "run")
    assert racetrack("bench", "pool/idle/", "--plugin", PLUGINS / "work_stealing_pool.so", *bench).returncode == 0
    (record,) = cases_of(read_records(tmp_path / "run"))
    metrics = record["metrics"]
    assert metrics["bytes_per_queued_task"] > 16, "a task has two words and a future"
    assert metrics["wake_ns"] > 0
    assert {"idle_cpu_ratio", "idle_switches_per_s"} <= metrics.keys()
