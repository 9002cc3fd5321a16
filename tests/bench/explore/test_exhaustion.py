"""A search claims "exhausted" only when it left nothing out; otherwise it names each kind that it did not try."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_exhaustion"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")

FAULTS = (
    "waits_without_a_loop",
    "waits_an_hour_without_a_loop",
    "waits_for_a_futex_once",
    "exchanges_weakly_once_in_a_rare_case",
    "exchanges_weakly_twice",
    "stores_before_load_39_of_60",
    "stores_before_load_71_of_90",
    "stores_after_all_90_loads",
    "assumes_that_memory_is_not_reused",
    "assumes_that_memory_is_reused",
)
NOT_TRIED = {
    "waits_in_a_loop": "spurious",
    "waits_for_a_futex_in_a_loop": "spurious",
    "adds_under_a_spin_lock": "turns of a thread that yields or seems to spin",
    "reads_the_clock": "other values of the clock",
}
COMPLETE = ("adds_twice", "exchanges_strongly_once_in_a_rare_case", "stores_somewhere_between_90_loads")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
    return subprocess.run(
        [str(PROGRAM), "--time", "100", *arguments], capture_output=True, text=True, check=False, timeout=200
    )


@pytest.mark.parametrize("test", FAULTS)
def test_a_fault_behind_a_choice_is_found_from_every_seed(test: str) -> None:
    for seed in range(1, 31):
        shown = run(f"^{test}$", "--executions", "10000", "--seed", str(seed))
        assert shown.returncode == 1, f"seed {seed}: {shown.stdout}{shown.stderr}"
        assert shown.stdout.startswith(f"{test}: wrong_result")


@pytest.mark.parametrize("test", FAULTS)
@pytest.mark.parametrize("strategy", ["dfs", "dfs_unreduced"])
def test_a_fault_behind_a_choice_is_found_by_each_search(test: str, strategy: str) -> None:
    shown = run(f"^{test}$", "--executions", "30000", "--strategy", strategy)
    assert shown.returncode == 1, shown.stdout + shown.stderr


@pytest.mark.parametrize("test", NOT_TRIED)
@pytest.mark.parametrize("strategy", [(), ("--strategy", "dfs")])
def test_a_search_that_left_something_out_names_it_and_continues(test: str, strategy: tuple[str, ...]) -> None:
    shown = run(f"^{test}$", "--executions", "600", *strategy)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "exhausted" not in shown.stdout
    named = re.search(r"; searched: all schedules.*; not tried: (.*)", shown.stdout)
    assert named and NOT_TRIED[test] in named[1], shown.stdout
    assert strategy or f"{test}: nothing found in 600 executions" in shown.stdout


@pytest.mark.parametrize("test", COMPLETE)
@pytest.mark.parametrize("strategy", [(), ("--strategy", "dfs"), ("--strategy", "dfs_unreduced")])
def test_a_search_that_left_nothing_out_ends_and_claims_exhaustion(test: str, strategy: tuple[str, ...]) -> None:
    if strategy[1:] == ("dfs_unreduced",) and "90_loads" in test:
        pytest.skip("too many schedules without the reduction")
    shown = run(f"^{test}$", "--executions", "10000", *strategy)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "; exhausted: all schedules" in shown.stdout and "not tried" not in shown.stdout
    executions = re.search(r"nothing found in (\d+) executions", shown.stdout)
    assert executions and int(executions[1]) < 10000


def test_the_first_steps_of_a_long_execution_are_searched_and_then_more_of_them() -> None:
    shown = run("^adds_9000_times$", "--executions", "10", "--strategy", "dfs").stdout
    assert "exhausted" not in shown and "other orders of the steps after the first" in shown
    assert "; exhausted: all schedules" in run("^adds_3000_times$", "--executions", "10", "--strategy", "dfs").stdout


def test_a_bound_of_preemptions_is_named() -> None:
    shown = run("^adds_twice$", "--executions", "500", "--strategy", "dfs0").stdout
    assert "exhausted" not in shown and "; searched: all schedules with at most 0 preemptions" in shown


def test_a_deeper_search_names_its_wider_bounds() -> None:
    shown = run("^waits_in_a_loop$", "--executions", "2000", "--strategy", "dfs").stdout
    count = re.search(r"not tried: more than (\d+) spurious", shown)
    assert count and int(count[1]) > 1, shown


def test_stale_reads_that_weak_memory_refuses_are_named() -> None:
    shown = run("^loads_a_stored_value_five_times$", "--executions", "600", "--memory", "weak").stdout
    assert "exhausted" not in shown
    assert "not tried: stale reads after 2 loads in a row that read known values" in shown
    assert "exhausted" in run("^loads_a_stored_value_five_times$", "--executions", "600").stdout
