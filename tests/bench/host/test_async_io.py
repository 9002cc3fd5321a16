"""HTTP clients through the engines: controls are found, clients pass, and no server outlives a run."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD, cases_of, is_running, processes_of, racetrack, read_records, start

pytestmark = pytest.mark.skipif(
    not (BUILD / "plugins" / "async_io_controls.so").exists(), reason="libboost-dev is not installed"
)

FAULTS = {
    "shares_the_response": ("oracle.responses", "wrong_result"),
    "drops_a_completion": ("oracle.completion", "lost"),
    "does_not_await": ("oracle.steps", "reordered"),
    "failure_ends_all": ("oracle.isolation", "wrong_result"),
    "keeps_the_descriptor": ("oracle.descriptors", "leak"),
    "swallows_errors": ("oracle.errors", "wrong_result"),
}


def stress(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return racetrack("stress", *arguments, "--time", "0.3", "--runs", "1", "--seed", "1", "--quiet", "--out", folder)


def test_every_control_is_found_by_its_oracle_and_its_corrected_twin_is_clean(tmp_path: Path) -> None:
    plugin = BUILD / "plugins" / "async_io_controls.so"
    run = stress(tmp_path, "--plugin", str(plugin))
    assert run.returncode == 0, run.stdout + run.stderr
    found = {
        case["subject"]: (case["verdict"]["detector"], case["verdict"]["kind"])
        for case in cases_of(read_records(tmp_path))
        if case["verdict"]["result"] == "fail"
    }
    assert found == FAULTS


def test_clients_pass_against_a_good_and_a_bad_server(tmp_path: Path) -> None:
    run = stress(tmp_path, "^async_io/.*/(asio|thread|pool)")
    assert run.returncode == 0, run.stdout + run.stderr
    cases = cases_of(read_records(tmp_path))
    assert {case["workload"] for case in cases} == {"gather", "bad_server"}
    assert all(case["verdict"]["result"] == "pass" for case in cases)


def test_bad_servers_are_not_in_the_default_sweep_and_controls_never_are(tmp_path: Path) -> None:
    run = racetrack(
        "bench", "^async_io/", "--param", "requests=2", "--forks", "1", "--time", "0.005", "--out", tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr
    cases = cases_of(read_records(tmp_path))
    assert {case["workload"] for case in cases} == {"gather"}
    assert not any(case["control"] for case in cases)
    for case in cases:
        metrics = case["metrics"]
        assert metrics["requests_per_s"] > 0
        parts = [name for name in metrics if name.endswith("_bytes_per_waiting_request")]
        assert metrics["bytes_per_waiting_request"] == pytest.approx(sum(metrics[name] for name in parts))
        assert metrics["threads_count"] == (1 if case["subject"].startswith("asio") else 3)


def test_ctrl_c_leaves_no_server_behind(tmp_path: Path) -> None:
    arguments = ("bench", "gather/thread_per_request/", "--param", "requests=10", "--forks", "1", "--time", "30")
    with start(*arguments, "--quiet", "--out", tmp_path) as host:
        servers: list[int] = []
        limit = time.monotonic() + 60
        while not servers and time.monotonic() < limit:
            servers = [server for case in processes_of(host.pid) for server in processes_of(case)]
            time.sleep(0.02)
        assert servers
        host.send_signal(signal.SIGINT)
        assert host.wait(timeout=60) == 3
    limit = time.monotonic() + 60
    while any(map(is_running, servers)):
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_more_requests_than_descriptors_are_rejected_and_named(tmp_path: Path) -> None:
    run = racetrack(
        "bench", "gather/thread_per_request/", "--param", "requests=19990", "--out", tmp_path, before=_limit
    )
    assert run.returncode in (2, 4), run.stdout + run.stderr
    assert "descriptors" in run.stdout + run.stderr


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
