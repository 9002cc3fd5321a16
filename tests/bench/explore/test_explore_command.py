"""`racetrack explore` as a user calls it, with plugins that it cannot explore. Needs the explore flavour with tests."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import ROOT, Run, cases_of, is_running, processes_of, read_records

BUILD = Path(os.environ.get("RACETRACK_EXPLORE_BUILD", ROOT / "build" / "explore"))
RACETRACK = BUILD / "racetrack"
PLUGINS = BUILD / "tests" / "plugins"
SUBJECTS = PLUGINS / "unexplorable.so"
LOSES_ITEMS = BUILD / "plugins" / "mpsc_null_for_stub.so"

pytestmark = pytest.mark.skipif(
    not (RACETRACK.is_file() and SUBJECTS.is_file() and LOSES_ITEMS.is_file()),
    reason="not built: cmake --preset explore -DBUILD_TESTING=ON; the targets of `make test`",
)


def racetrack(*arguments: str | Path) -> Run:
    command = [str(RACETRACK), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)


def explore(subject: str, out: Path, *arguments: str) -> Run:
    """Budgets are executions: no test depends on time."""
    case = f"lock/unexplorable/{subject}/"
    return racetrack("explore", case, "--plugin", SUBJECTS, "--executions", "500", "--quiet", "--out", out, *arguments)


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("subject", "word"),
    [
        ("reads", "read()"),
        ("blocks_by_system_call", "without a step"),
        ("loops_without_a_step", "without a step"),
        ("allocates", "MiB"),
        ("forks", "fork()"),
        ("handles_signals", "signal()"),
    ],
)
def test_a_subject_that_cannot_be_explored_is_unknown_and_named(subject: str, word: str, tmp_path: Path) -> None:
    result = explore(subject, tmp_path)
    assert result.returncode == 3, result.stdout + result.stderr
    [line] = result.stdout.splitlines()
    assert line.startswith(f"UNKNOWN lock/unexplorable/{subject}/") and word in line
    [case] = cases_of(read_records(tmp_path))
    assert case["ended"]["how"] == "ok"
    assert case["verdict"]["result"] == "unknown" and word in case["verdict"]["witness"]["text"]
    assert not case["verdict"]["as_expected"]
    assert "1 not as expected (1 of them inconclusive)" in result.stderr


def test_a_replayed_crash_leaves_the_host_alive(tmp_path: Path) -> None:
    told = explore("crashes", tmp_path)
    assert told.returncode == 1, told.stdout + told.stderr
    [case] = cases_of(read_records(tmp_path))
    assert case["ended"]["how"] == "ok" and case["verdict"]["kind"] == "crash"
    command = shlex.split(case["verdict"]["replay"])
    assert command[:2] == ["racetrack", "replay"]
    again = racetrack(*command[1:])
    assert again.returncode == 1, again.stdout + again.stderr
    assert case["case"] in again.stdout and "crash: " in again.stdout and again.stderr == ""
    # The same schedule of a body that ends the child, which no handler prevents.
    token = command[2].replace("/crashes/", "/ends_the_process/")
    ended = racetrack("replay", token, *command[3:])
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "crash (process): the child process exited with status 7" in ended.stdout and ended.stderr == ""


def test_a_failure_that_does_not_repeat_is_named_and_the_search_continues(tmp_path: Path) -> None:
    result = explore("fails_once", tmp_path)
    assert result.returncode == 3, result.stdout + result.stderr
    assert (
        "UNKNOWN lock/unexplorable/fails_once/" in result.stdout and "not deterministic: crash after" in result.stdout
    )
    [case] = cases_of(read_records(tmp_path))
    assert case["metrics"]["executions_count"] > 100, "the failure is in the third"
    [met] = case["exploration"]["unconfirmed"]
    assert (met["kind"], met["executions"]) == ("crash", 1) and "only this time" in met["text"]
    assert not case["exploration"]["complete"] and not case["verdict"]["as_expected"]


def test_a_confirmed_finding_is_the_verdict_despite_unconfirmed_failures(tmp_path: Path) -> None:
    result = explore("fails_once_and_in_one_order", tmp_path, "--strategy", "dfs")
    assert result.returncode == 1, result.stdout + result.stderr
    [case] = cases_of(read_records(tmp_path))
    assert (case["verdict"]["result"], case["verdict"]["kind"]) == ("fail", "crash")
    assert "the other was here before" in case["verdict"]["witness"]["text"]
    assert [met["kind"] for met in case["exploration"]["unconfirmed"]] == ["misuse"]
    again = racetrack("replay", case["verdict"]["replay"].split()[2], "--plugin", SUBJECTS)
    assert again.returncode == 1 and "the other was here before" in again.stdout


@pytest.mark.parametrize(("subject", "kind"), [("spins", "hang"), ("throws", "crash")])
def test_a_failure_is_a_verdict_with_a_token_that_repeats_it(subject: str, kind: str, tmp_path: Path) -> None:
    result = explore(subject, tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"UNEXPECTED lock/unexplorable/{subject}/pin:none: {kind}: " in result.stdout
    [case] = cases_of(read_records(tmp_path))
    token = case["verdict"]["replay"].split()[2]
    again = racetrack("replay", token, "--plugin", SUBJECTS)
    assert again.returncode == 1 and kind in again.stdout

    for bad in (token[: len(token) // 2], token.replace("explore.", "explore.0", 1)):
        refused = racetrack("replay", bad, "--plugin", SUBJECTS)
        assert refused.returncode == 2
        assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1


def test_the_record_has_no_rate_of_the_virtual_clock(tmp_path: Path) -> None:
    assert explore("jumps", tmp_path).returncode == 0
    machines = [record["machine"] for record in read_records(tmp_path) if record["record"] == "environment"]
    assert [set(machine["tsc"]) for machine in machines] == [{"invariant"}] * 2
    assert not [machine for machine in machines if "work_step_ns" in machine]


@pytest.mark.parametrize("subject", ["jumps", "waits_for_time"])
def test_unusual_but_correct_subjects_are_explored(subject: str, tmp_path: Path) -> None:
    result = explore(subject, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_plugin_that_is_not_instrumented_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = racetrack("explore", "unexplorable", "--plugin", PLUGINS / "uninstrumented.so", "--out", tmp_path / "run")
    assert refused.returncode == 2
    assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1
    assert "uninstrumented.so" in refused.stderr and "not instrumented" in refused.stderr
    assert not (tmp_path / "run").exists()


@pytest.fixture(name="running")
def fixture_running(tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    """Two cases: one ends at once, and one takes a minute. Also returns the process of the latter."""
    cases = "lock/unexplorable/(forks|jumps)/"
    command = [str(RACETRACK), "explore", cases, "--plugin", str(SUBJECTS), "--strategy", "random", "--time", "60"]
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [*command, "--seed", "1", "--out", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    def in_the_long_case() -> bool:
        file = tmp_path / "records.jsonl"
        over = file.is_file() and file.read_text("utf-8").count("\n") >= 2
        return over and len(processes_of(process.pid)) == 1

    wait_until(in_the_long_case)
    return process, processes_of(process.pid)[0]


def test_ctrl_c_keeps_the_records_and_leaves_no_process(
    running: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, child = running
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert not is_running(child)
    records = read_records(tmp_path)
    assert records[-1]["outcome"]["ended"] == "interrupted"
    assert cases_of(records)[0]["verdict"]["result"] == "unknown"


def test_after_a_kill_the_records_are_whole_and_no_process_is_left(
    running: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, child = running
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: not is_running(child))
    assert len(cases_of(read_records(tmp_path))) == 1


def test_a_consumer_that_waits_for_a_lost_item_hangs(tmp_path: Path) -> None:
    """Its failed tries change only a count of them, which the harness excludes from the state."""
    result = racetrack(
        "explore",
        "queue/transfer/mpsc_null_for_stub",
        "--plugin",
        LOSES_ITEMS,
        *("--executions", "2000", "--seed", "1", "--quiet", "--out", tmp_path),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    control, mended = sorted(cases_of(read_records(tmp_path)), key=lambda record: str(record["subject"]))
    assert control["verdict"]["kind"] == "hang" and control["verdict"]["as_expected"]
    assert "back in the same state" in control["verdict"]["witness"]["text"]
    assert mended["verdict"]["result"] == "pass"
