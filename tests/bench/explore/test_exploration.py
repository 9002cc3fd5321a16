"""A program of tests made with racetrack_add_exploration(), run as in a shell."""

from __future__ import annotations

import re
import signal
import subprocess
import time

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_programs"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def token_of(output: str) -> str:
    found = re.search(r"--replay (\S+)", output)
    assert found, output
    return found.group(1)


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        ("counts_without_a_lock", "race"),
        ("reads_then_writes", "wrong_result"),
        ("locks_what_another_has_deleted", "use_after_free"),
        ("spins_without_end", "hang"),
        ("jumps_often_and_races", "race"),
        ("annotates_a_race_as_benign", "race"),
    ],
)
def test_a_fault_is_reported_with_its_interleaving_and_a_token(test: str, kind: str) -> None:
    result = run(test, "--executions", "2000")
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{test}: {kind}" in result.stdout
    assert "programs.cpp:" in result.stdout
    assert token_of(result.stdout).endswith(test)


def test_a_spin_loop_is_shown_once() -> None:
    result = run("spins_without_end", "--executions", "2000").stdout
    assert re.search(r"(this|these \d+ lines) \d+ times\n", result), result
    assert len(result.splitlines()) < 40


def test_several_tests_fail_one_after_the_other() -> None:
    result = run("counts_without_a_lock|reads_then_writes|locks_in_opposite_order", "--executions", "2000")
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout.count("  replay: --replay ") == 3 and result.stderr == ""


def test_an_uncaught_exception_of_a_thread_is_reported_with_its_type() -> None:
    result = run("throws_out_of_a_thread", "--executions", "2000")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "throws_out_of_a_thread: crash" in result.stdout
    assert token_of(result.stdout).endswith("throws_out_of_a_thread")
    assert "thread 1 calls std::terminate: uncaught exception of type int" in result.stdout


def test_a_deadlock_is_reported_with_each_waiter_and_owner() -> None:
    result = run("locks_in_opposite_order", "--executions", "2000").stdout
    waits = dict(re.findall(r"T(\d) waits for \w+, which T(\d) holds +programs.cpp:\d+\n", result))
    assert waits == {"0": "1", "1": "0"}, result


def test_a_race_is_reported_with_both_accesses_in_either_order() -> None:
    result = run("writes_plainly_what_another_loads", "--executions", "2000").stdout
    assert re.search(r"(first|second): thread 0, step \d+: load of 4 bytes, acquire\n", result), result
    assert re.search(r"(first|second): thread 1, step \d+: write of 4 bytes\n", result), result
    assert re.search(r"T0 load \w+ = \d \(acquire\) +programs.cpp:\d+\n", result), result


@pytest.mark.parametrize(
    ("test", "how"), [("overflows_its_stack", "overflows its stack"), ("divides_by_zero", "divides by zero")]
)
def test_a_crash_is_reported_with_its_cause(test: str, how: str) -> None:
    result = run(test, "--executions", "100")
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{test}: crash" in result.stdout and how in result.stdout


@pytest.mark.parametrize(
    "test",
    [
        "counts_under_a_lock",
        "finds_globals_as_they_were",
        "may_jump",
        "a_callback_of_the_thread_exit",
        "two_threads_ask_a_locale",
        "annotates_happens_before",
    ],
)
def test_correct_tests_pass(test: str) -> None:
    result = run(test, "--executions", "2000")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "nothing found" in result.stdout


def test_a_token_repeats_the_same_trace_in_every_process() -> None:
    token = token_of(run("reads_then_writes", "--executions", "2000").stdout)
    replays = {(each.returncode, each.stdout) for each in (run("--replay", token, "--print") for _ in range(10))}
    assert len(replays) == 1
    code, text = replays.pop()
    assert code == 1
    assert "wrong_result" in text and "trace " in text


def test_a_fault_of_weak_memory_is_found_only_there_and_reported_with_the_stale_read() -> None:
    assert run("each_wants_and_looks", "--executions", "2000").returncode == 0
    result = run("each_wants_and_looks", "--executions", "2000", "--memory", "weak")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "each_wants_and_looks: wrong_result" in result.stdout
    stale = re.search(
        r"load \w+ = 0 \(acquire\), stale: the first value; newer is 1, T\d's store of step (\d+) ", result.stdout
    )
    assert stale, result.stdout
    assert re.search(rf"^ *{stale[1]}  .*store \w+ = 1 \(release\)", result.stdout, re.MULTILINE)
    again = run("--replay", token_of(result.stdout), "--print")
    assert again.returncode == 1 and stale[0] in again.stdout


def test_limits_of_weak_memory_are_printed_with_its_verdict() -> None:
    passed = run("counts_under_a_lock", "--executions", "100", "--memory", "weak").stdout
    failed = run("counts_without_a_lock", "--executions", "2000", "--memory", "weak").stdout
    for result in (passed, failed):
        assert "load buffering" in result and "latest 8 stores" in result
    assert "weak memory" not in run("counts_under_a_lock", "--executions", "100").stdout
    assert run("--memory", "strong").returncode == 2


def test_a_truncated_token_or_one_of_another_build_is_refused() -> None:
    token = token_of(run("reads_then_writes", "--executions", "2000").stdout)
    for bad in (token[: len(token) // 2], "explore.00000000" + token[16:], "nonsense"):
        refused = run("--replay", bad)
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("test", "word"),
    [
        ("cannot_read", "read()"),
        ("cannot_read_from_the_keyboard", "getc"),
        ("cannot_become_another_program", "execv()"),
        ("cannot_allocate_so_much", "MiB"),
        ("cannot_block_unseen", "without a step"),
        ("cannot_fork", "fork()"),
        ("cannot_start_a_shell", "system()"),
        ("cannot_handle_signals", "signal"),
        ("cannot_set_a_timer", "signal"),
        ("cannot_allocate_without_end", "MiB"),
        ("cannot_loop_unseen", "without a step"),
        ("cannot_start_so_many_threads", "threads"),
    ],
)
def test_a_subject_that_cannot_be_explored_is_named_in_one_line(test: str, word: str) -> None:
    result = run(f"^{test}$", "--executions", "100")
    assert result.returncode == 3, result.stdout + result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert word in result.stdout


def test_a_long_execution_is_not_a_hang() -> None:
    result = run("many_steps_have_an_end", "--executions", "20")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_program_that_is_not_instrumented_is_refused_in_one_line() -> None:
    program = PROGRAM.with_name("explore_uninstrumented")
    refused = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=100)
    assert refused.returncode == 2
    assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1
    assert "not instrumented" in refused.stderr


def test_ctrl_c_ends_a_program_with_a_line_and_130() -> None:
    with subprocess.Popen(
        [str(PROGRAM), "counts_under_a_lock", "--strategy", "random", "--time", "600"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        time.sleep(1)
        program.send_signal(signal.SIGINT)
        out, error = program.communicate(timeout=60)
    assert program.returncode == 130
    assert "interrupted" in error and len(error.splitlines()) == 1
    assert out == ""


def test_a_finished_search_reports_its_coverage() -> None:
    result = run("counts_under_a_lock", "--strategy", "dfs2")
    assert result.returncode == 0
    assert "; searched: all schedules with at most 2 preemptions" in result.stdout


def test_usage_errors_are_one_line_and_exit_code_2() -> None:
    for arguments in (["--strategy", "nonsense"], ["--time", "never"], ["--nonsense"]):
        refused = run(*arguments)
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
    assert run("no_such_test").returncode == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["--replay", ""],
        ["--replay"],
        ["--executions", "99999999999999999999"],
        ["--executions", "1.5"],
        ["--strategy", "nonsense"],
        ["--print"],
        ["--time", "0"],
        ["("],
    ],
)
def test_invalid_arguments_are_refused_in_one_line(arguments: list[str]) -> None:
    refused = run(*arguments)
    assert refused.returncode == 2
    assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1
