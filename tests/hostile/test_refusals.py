"""If the system refuses a request of the harness, the result is an error, a fallback or an unknown verdict, no
failure."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    BUILD,
    FAULTY,
    RACETRACK,
    TEST_PLUGINS,
    assert_one_line,
    cases_of,
    racetrack,
    read_records,
    start,
)
from tests.hostile.seccomp import filter_like_docker, is_possible

HOSTILE = TEST_PLUGINS / "hostile_processes.so"
BENCH = (
    *("bench", "queue/transfer/sound/producers:1/consumers:1/", "--plugin", str(FAULTY)),
    *("--forks", "1", "--time", "0.01", "--seed", "1", "--quiet"),
)
STRESS = ("stress", "hostile/sound/", "--plugin", str(HOSTILE), "--time", "0.05", "--seed", "1", "--quiet")
needs_filter = pytest.mark.skipif(not is_possible(), reason="the filter has the numbers of x86-64")


@needs_filter
@pytest.mark.parametrize("command", [BENCH, STRESS], ids=["bench", "stress"])
def test_everything_runs_under_a_filter_like_dockers(command: tuple[str, ...], tmp_path: Path) -> None:
    run = racetrack(*command, "--out", tmp_path, before=filter_like_docker("pidfd_open", "close_range"))
    assert run.returncode == 0, run.stderr
    (record,) = cases_of(read_records(tmp_path))
    assert record["verdict"]["result"] == "pass"


@needs_filter
def test_the_explorer_runs_under_a_filter_like_dockers() -> None:
    program = BUILD / "tests" / "bench" / "explore_programs"
    run = subprocess.run(
        [str(program), "--executions", "20", "--seed", "1"],
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
        preexec_fn=filter_like_docker(),  # pylint: disable=subprocess-popen-preexec-fn
    )
    plain = subprocess.run(
        [str(program), "--executions", "20", "--seed", "1"], check=False, capture_output=True, text=True, timeout=150
    )
    assert run.returncode == plain.returncode, run.stderr


@needs_filter
def test_refused_pinning_is_one_line_and_can_be_disabled(tmp_path: Path) -> None:
    refused = filter_like_docker("sched_setaffinity")
    run = racetrack(*BENCH, "--out", tmp_path, before=refused)
    assert_one_line(run, 2, "sched_setaffinity", "--pin none")
    assert not (tmp_path / "records.jsonl").exists()
    run = racetrack(*BENCH, "--pin", "none", "--out", tmp_path, before=refused)
    assert run.returncode == 0, run.stderr


def no_more_threads_than(count: int) -> Callable[[], None]:
    """Limits the threads of a new process and makes it run as another user, because root has no limit."""

    def limit() -> None:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(54321)
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))

    return limit


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a user without processes")
def test_a_thread_that_cannot_be_created_is_not_a_crash_of_the_subject(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    for parent in folder.parents:
        if parent == tmp_path or parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(0o755)
    # The host and its child have one thread each. The subject's team of two threads exceeds the limit by one.
    run = racetrack(*BENCH, "--out", folder, before=no_more_threads_than(3))
    assert run.returncode in (3, 70), run.stderr
    assert "thread" in run.stderr
    if run.returncode == 3:
        (record,) = cases_of(read_records(folder))
        assert (record["ended"]["how"], record["verdict"]["result"]) == ("harness", "unknown")


def test_a_plugin_that_is_replaced_during_a_run_is_named(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.so"
    shutil.copy(HOSTILE, plugin)
    folder = tmp_path / "run"
    run = start("stress", "hostile/(sound|slow)/", "--plugin", plugin, "--time", "1", "--quiet", "--out", folder)
    records = folder / "records.jsonl"
    limit = time.monotonic() + 60
    while not records.exists() or not records.read_bytes():
        assert run.poll() is None and time.monotonic() < limit
        time.sleep(0.01)
    other = tmp_path / "other.so"
    other.write_bytes(HOSTILE.read_bytes() + b"\0")
    other.replace(plugin)
    assert run.wait(150) == 3
    last = cases_of(read_records(folder))[-1]
    assert (last["ended"]["how"], last["verdict"]["result"]) == ("harness", "unknown")
    assert "replaced" in last["verdict"]["witness"]["text"]


def test_variables_of_google_benchmark_have_no_effect(tmp_path: Path) -> None:
    variables = {
        "BENCHMARK_LIST_TESTS": "true",
        "BENCHMARK_FILTER": "nothing",
        "BENCHMARK_REPETITIONS": "7",
        "BENCHMARK_FORMAT": "csv",
        "BENCHMARK_OUT": str(tmp_path / "elsewhere"),
    }
    run = subprocess.run(
        [str(RACETRACK), *BENCH, "--out", str(tmp_path / "run")],
        env={**os.environ, **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert run.returncode == 0, run.stderr
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert record["metrics"]["items_per_s"] > 0
    assert not (tmp_path / "elsewhere").exists()
