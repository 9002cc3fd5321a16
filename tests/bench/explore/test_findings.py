"""Findings, inconclusive verdicts and passes of a program of racetrack_add_exploration()."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_findings"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program to its end. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def test_a_pass_of_a_body_without_a_second_thread_says_so() -> None:
    alone = run("starts_no_thread", "--executions", "100")
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "no second thread ran" in alone.stdout
    both = run("starts_a_thread", "--executions", "100")
    assert both.returncode == 0, both.stdout + both.stderr
    assert "no second thread ran" not in both.stdout


def token_of(output: str) -> str:
    found = re.search(r"replay: (--replay .+)", output)
    assert found, output
    return found.group(1)


def test_more_threads_than_the_limit_are_inconclusive_and_name_the_option() -> None:
    limited = run("forty_threads_in_turn", "--executions", "20")
    assert limited.returncode == 3, limited.stdout + limited.stderr
    assert "more than 15 threads" in limited.stdout and "--threads" in limited.stdout


@pytest.mark.parametrize("memory", ["sc", "weak"])
def test_the_option_raises_the_limit_of_threads(memory: str) -> None:
    passed = run("forty_threads_in_turn|as_many", "--threads", "64", "--executions", "100", "--memory", memory)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    found = run("the_last_of_forty", "--threads", "41", "--executions", "1000", "--memory", memory)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "the_last_of_forty_threads_races: race" in found.stdout and "by thread 40" in found.stdout


def test_the_token_of_a_finding_among_many_threads_replays_it() -> None:
    found = run("the_last_of_forty", "--threads", "50", "--executions", "1000")
    again = run(*token_of(found.stdout).split())
    assert again.returncode == 1, again.stdout + again.stderr
    assert "race" in again.stdout.splitlines()[0]


def test_a_limit_of_threads_that_cannot_be_is_refused() -> None:
    for number in ("0", "65", "many"):
        refused = run("--threads", number)
        assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("test", ["counts_for_long", "counts_under_a_mutex_for_long", "passes_a_token_for_long"])
def test_an_execution_with_too_many_steps_is_inconclusive_and_names_the_option(test: str) -> None:
    limited = run(f"^{test}$", "--executions", "20")
    assert limited.returncode == 3, limited.stdout + limited.stderr
    assert "more than 100000 steps" in limited.stdout and "--steps" in limited.stdout
    assert "replay" not in limited.stdout
    allowed = run(f"^{test}$", "--executions", "5", "--steps", "1000000")
    assert allowed.returncode == 0, allowed.stdout + allowed.stderr


@pytest.mark.parametrize(
    "test", ["tries_again_until_nobody_has_changed_it", "gives_up_after_many_looks", "computes_for_long_without_a_step"]
)
def test_a_long_execution_that_ends_is_no_hang(test: str) -> None:
    passed = run(test, "--executions", "50")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_a_search_that_was_cut_off_does_not_claim_to_be_exhausted() -> None:
    cut = run("counts_for_long", "--strategy", "dfs0", "--executions", "20", "--time", "100")
    assert "exhausted" not in cut.stdout


@pytest.mark.parametrize(
    ("test", "threads"),
    [
        ("waits_in_a_loop_for_nobody", [1]),
        ("asks_under_a_mutex_for_ever", [1]),
        ("sleeps_and_asks_for_ever", [0]),
        ("two_wait_for_each_other_in_loops", [0, 1]),
        ("spins_on_a_lock_that_it_holds", [0]),
        ("waits_for_a_plain_word_that_nobody_writes", [0]),
    ],
)
@pytest.mark.parametrize("strategy", ["random", "dfs1", "dfs", "pct3", "surw", "pos"])
def test_a_hang_comes_with_its_evidence(test: str, threads: list[int], strategy: str) -> None:
    found = run(f"^{test}$", "--executions", "20", "--strategy", strategy)
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"{test}: hang" in found.stdout
    loops = re.findall(r"thread (\d) is back in the same state after \d+ steps?, and has changed nothing", found.stdout)
    assert loops == [str(thread) for thread in threads]
    again = run(*token_of(found.stdout).split())
    assert again.returncode == 1 and "hang" in again.stdout


@pytest.mark.parametrize("test", ["waits_for_a_volatile", "waits_for_a_plain_word"])
@pytest.mark.parametrize("strategy", ["random", "dfs0", "dfs", "pct3", "surw", "pos"])
def test_waiting_on_plain_memory_is_a_race(test: str, strategy: str) -> None:
    found = run(f"^{test}$", "--executions", "20", "--strategy", strategy)
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"{test}: race" in found.stdout


def test_a_loop_whose_plain_load_was_moved_out_of_it_is_a_race_too() -> None:
    found = run("reads_a_plain_word_before_it_loops", "--executions", "20", "--strategy", "dfs0")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "reads_a_plain_word_before_it_loops: race" in found.stdout


def test_a_loop_without_an_access_is_inconclusive() -> None:
    lost = run("loops_without_reading_anything", "--executions", "20")
    assert lost.returncode == 3, lost.stdout + lost.stderr
    assert "without a step or a memory access" in lost.stdout and len(lost.stdout.splitlines()) == 1
