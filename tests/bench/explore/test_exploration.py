"""A program of tests made with racetrack_add_exploration(), used as from a shell."""

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
    """The program to its end. Budgets are executions: no test depends on time."""
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
        ("spins_for_ever", "hang"),
        ("jumps_often_and_races", "race"),
        ("says_that_a_race_is_benign", "race"),
    ],
)
def test_a_fault_is_told_with_its_interleaving_and_a_token(test: str, kind: str) -> None:
    told = run(test, "--executions", "2000")
    assert told.returncode == 1, told.stdout + told.stderr
    assert f"{test}: {kind}" in told.stdout
    assert "programs.cpp:" in told.stdout
    assert token_of(told.stdout).endswith(test)


def test_a_thread_that_spins_is_told_once() -> None:
    told = run("spins_for_ever", "--executions", "2000").stdout
    assert re.search(r"(this|these \d+ lines) \d+ times\n", told), told
    assert len(told.splitlines()) < 40


def test_several_tests_fail_one_after_the_other() -> None:
    told = run("counts_without_a_lock|reads_then_writes|locks_in_opposite_order", "--executions", "2000")
    assert told.returncode == 1, told.stdout + told.stderr
    assert told.stdout.count("  replay: --replay ") == 3 and told.stderr == ""


def test_an_exception_that_leaves_a_thread_is_told_with_its_type() -> None:
    told = run("throws_out_of_a_thread", "--executions", "2000")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "throws_out_of_a_thread: crash" in told.stdout
    assert token_of(told.stdout).endswith("throws_out_of_a_thread")
    assert "thread 1 calls std::terminate: nobody catches an exception of type int" in told.stdout


def test_a_deadlock_is_told_with_who_waits_for_what_that_who_holds() -> None:
    told = run("locks_in_opposite_order", "--executions", "2000").stdout
    waits = dict(re.findall(r"T(\d) waits for \w+, which T(\d) holds +programs.cpp:\d+\n", told))
    assert waits == {"0": "1", "1": "0"}, told


def test_a_race_is_told_with_both_accesses_whichever_came_last() -> None:
    told = run("writes_plainly_what_another_loads", "--executions", "2000").stdout
    assert re.search(r"(first|second): thread 0, step \d+: load of 4 bytes, acquire\n", told), told
    assert re.search(r"(first|second): thread 1, step \d+: write of 4 bytes\n", told), told
    assert re.search(r"T0 load \w+ = \d \(acquire\) +programs.cpp:\d+\n", told), told


@pytest.mark.parametrize(
    ("test", "how"), [("overflows_its_stack", "has used up its stack"), ("divides_by_zero", "divides by zero")]
)
def test_a_crash_is_told_with_its_cause(test: str, how: str) -> None:
    told = run(test, "--executions", "100")
    assert told.returncode == 1, told.stdout + told.stderr
    assert f"{test}: crash" in told.stdout and how in told.stdout


@pytest.mark.parametrize(
    "test",
    [
        "counts_under_a_lock",
        "finds_globals_as_they_were",
        "may_jump",
        "a_callback_of_the_thread_exit",
        "two_threads_ask_a_locale",
        "says_what_happens_before_what",
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(test: str) -> None:
    told = run(test, "--executions", "2000")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "nothing found" in told.stdout


def test_a_token_repeats_the_same_trace_in_every_process() -> None:
    token = token_of(run("reads_then_writes", "--executions", "2000").stdout)
    replays = {(each.returncode, each.stdout) for each in (run("--replay", token, "--print") for _ in range(10))}
    assert len(replays) == 1
    code, text = replays.pop()
    assert code == 1
    assert "wrong_result" in text and "trace " in text


def test_a_fault_of_weak_memory_is_found_there_alone_and_told_with_the_stale_read() -> None:
    assert run("each_wants_and_looks", "--executions", "2000").returncode == 0
    told = run("each_wants_and_looks", "--executions", "2000", "--memory", "weak")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "each_wants_and_looks: wrong_result" in told.stdout
    stale = re.search(
        r"load \w+ = 0 \(acquire\), stale: the first value; newer is 1, T\d's store of step (\d+) ", told.stdout
    )
    assert stale, told.stdout
    assert re.search(rf"^ *{stale[1]}  .*store \w+ = 1 \(release\)", told.stdout, re.MULTILINE)
    again = run("--replay", token_of(told.stdout), "--print")
    assert again.returncode == 1 and stale[0] in again.stdout


def test_what_weak_memory_does_not_show_stands_beside_its_verdict() -> None:
    passed = run("counts_under_a_lock", "--executions", "100", "--memory", "weak").stdout
    failed = run("counts_without_a_lock", "--executions", "2000", "--memory", "weak").stdout
    for told in (passed, failed):
        assert "load buffering" in told and "latest 8 stores" in told
    assert "weak memory" not in run("counts_under_a_lock", "--executions", "100").stdout
    assert run("--memory", "strong").returncode == 2


def test_a_token_that_is_cut_short_or_of_another_build_is_refused() -> None:
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
def test_what_cannot_be_explored_is_named_in_one_line(test: str, word: str) -> None:
    told = run(f"^{test}$", "--executions", "100")
    assert told.returncode == 3, told.stdout + told.stderr
    assert len(told.stdout.splitlines()) == 1
    assert word in told.stdout


def test_long_is_not_endless() -> None:
    told = run("many_steps_have_an_end", "--executions", "20")
    assert told.returncode == 0, told.stdout + told.stderr


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


def test_a_search_that_comes_to_its_end_says_what_it_covered() -> None:
    told = run("counts_under_a_lock", "--strategy", "dfs2")
    assert told.returncode == 0
    assert "; searched: all schedules with at most 2 preemptions" in told.stdout


def test_usage_errors_are_one_line_and_exit_code_2() -> None:
    for words in (["--strategy", "nonsense"], ["--time", "never"], ["--nonsense"]):
        refused = run(*words)
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
    assert run("no_such_test").returncode == 4


@pytest.mark.parametrize(
    "words",
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
def test_what_is_not_understood_is_refused_in_one_line(words: list[str]) -> None:
    refused = run(*words)
    assert refused.returncode == 2
    assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1
