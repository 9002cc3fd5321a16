"""Findings, inconclusive verdicts and passes of a program of racetrack_add_exploration()."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_findings"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
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


def test_an_impossible_limit_of_threads_is_refused() -> None:
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


def test_one_execution_that_is_cut_off_keeps_a_test_from_passing() -> None:
    options = ("^is_long_in_few_executions$", "--executions", "200", "--strategy", "random")
    limited = run(*options)
    assert limited.returncode == 3, limited.stdout + limited.stderr
    counted = re.search(r"inconclusive: (\d+) of 200 executions have more than 100000 steps", limited.stdout)
    assert counted and 0 < int(counted[1]) < 100, limited.stdout
    assert run(*options, "--steps", "1000000").returncode == 0


@pytest.mark.parametrize(
    "test", ["retries_until_the_version_is_unchanged", "gives_up_after_many_reads", "computes_for_long_without_a_step"]
)
def test_a_long_execution_that_ends_is_not_a_hang(test: str) -> None:
    passed = run(test, "--executions", "50")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_a_search_that_was_cut_off_does_not_claim_to_be_exhausted() -> None:
    cut = run("counts_for_long", "--strategy", "dfs0", "--executions", "20", "--time", "100")
    assert "exhausted" not in cut.stdout


@pytest.mark.parametrize(
    ("test", "threads"),
    [
        ("waits_in_a_loop_without_end", [1]),
        ("polls_under_a_mutex_without_end", [1]),
        ("sleeps_and_polls_without_end", [0]),
        ("two_wait_for_each_other_in_loops", [0, 1]),
        ("spins_on_a_lock_that_it_holds", [0]),
        ("waits_for_a_plain_word_that_no_thread_writes", [0]),
    ],
)
@pytest.mark.parametrize("strategy", ["random", "dfs1", "dfs", "pct3", "surw", "pos"])
def test_a_hang_is_reported_with_its_evidence(test: str, threads: list[int], strategy: str) -> None:
    found = run(f"^{test}$", "--executions", "20", "--strategy", strategy)
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"{test}: hang" in found.stdout
    loops = re.findall(r"thread (\d) is back in the same state after \d+ steps?, and nothing has changed", found.stdout)
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
    assert "without a step or an instrumented memory access" in lost.stdout and len(lost.stdout.splitlines()) == 1
    assert re.search(r"It is in .*findings_programs\.cpp:\d+", lost.stdout), lost.stdout


def test_a_search_ends_with_the_first_thread_that_is_lost() -> None:
    lost = run("reads_a_plain_word_before_it_loops", "--keep-going", "--strategy", "dfs0", "--json")
    assert lost.returncode == 1, lost.stdout + lost.stderr
    verdict = json.loads(lost.stdout)
    assert "not tried: further schedules" in " ".join(verdict["notes"]), verdict


def kinds_of(output: str) -> list[str]:
    return sorted(re.findall(r"^\w+: (\w+) \(execution", output, re.MULTILINE))


def test_all_distinct_findings_are_reported_on_request_and_each_replays() -> None:
    test = "two_races_hide_a_deadlock"
    first = run(test, "--executions", "3000")
    assert len(kinds_of(first.stdout)) == 1
    found = run(test, "--executions", "3000", "--keep-going")
    assert found.returncode == 1, found.stdout + found.stderr
    assert kinds_of(found.stdout).count("deadlock") == 1
    assert set(kinds_of(found.stdout)) == {"deadlock", "race"}
    assert re.search(r"count_hit.* at", found.stdout) and re.search(r"count_miss.* at", found.stdout)
    assert kinds_of(found.stdout).count("race") == 2, found.stdout
    tokens = re.findall(r"replay: --replay (\S+)", found.stdout)
    assert len(tokens) == len(kinds_of(found.stdout))
    replayed = sorted(run("--replay", token).stdout.split(": ")[1] for token in tokens)
    assert replayed == kinds_of(found.stdout)


def test_a_suppressed_race_is_counted_and_later_faults_are_found(tmp_path: Path) -> None:
    file = tmp_path / "suppressions"
    file.write_text("# statistics\nrace *count_* -- statistics may be off\n", encoding="utf-8")
    found = run("two_races_hide_a_deadlock", "--executions", "3000", "--suppress", str(file))
    assert found.returncode == 1, found.stdout + found.stderr
    assert kinds_of(found.stdout) == ["deadlock"]
    assert re.search(r"\d findings? suppressed \(line 2, \d+ executions?: statistics may be off\)", found.stdout)
    assert "unused" not in found.stdout
    passed = run("a_race_that_harms_nothing", "--executions", "500", "--suppress", str(file))
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "nothing else found" in passed.stdout and "suppressed" in passed.stdout


def test_a_suppression_matches_by_kind_and_by_both_places(tmp_path: Path) -> None:
    file = tmp_path / "suppressions"
    for line, code in (
        ("race findings_programs.cpp:* findings_programs.cpp:* -- all of it", 0),
        ("race count_hit() count_hit() -- both sides", 0),
        ("* *count_hit* -- any kind", 0),
        ("race count_hit() count_miss() -- another pair", 1),
        ("deadlock *count_hit* -- another kind", 1),
        ("race elsewhere.cpp:1 -- another place", 1),
    ):
        file.write_text(line.replace("count_hit()", "*count_hit()") + "\n", encoding="utf-8")
        result = run("a_race_that_harms_nothing", "--executions", "500", "--suppress", str(file))
        assert result.returncode == code, line + result.stdout + result.stderr
        assert ("unused suppression" in result.stdout) == (code == 1), result.stdout


@pytest.mark.parametrize("text", ["race a.cpp:1", "race -- no place", "race a b c -- too many", "race a.cpp:1 -- "])
def test_a_suppression_without_a_reason_or_place_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "suppressions"
    file.write_text("\n" + text + "\n", encoding="utf-8")
    refused = run("--suppress", str(file))
    assert refused.returncode == 2 and "line 2" in refused.stderr and len(refused.stderr.splitlines()) == 1
    assert run("--suppress", str(tmp_path / "none")).returncode == 2


def test_intended_races_can_be_ignored_or_made_steps() -> None:
    test = "an_intended_race_leads_to_a_wrong_result"
    assert "race" in kinds_of(run(test, "--executions", "500").stdout)
    ignored = run(test, "--executions", "500", "--races", "ignore")
    assert ignored.returncode == 0, ignored.stdout + ignored.stderr
    assert re.search(r"nothing else found .*; \d races? not reported \(--races ignore\)", ignored.stdout)
    stepped = run(test, "--executions", "500", "--races", "steps")
    assert stepped.returncode == 1, stepped.stdout + stepped.stderr
    assert kinds_of(stepped.stdout) == ["wrong_result"]
    again = run(*token_of(stepped.stdout).split())
    assert again.returncode == 1 and "wrong_result" in again.stdout
    for strategy in ("dfs", "dfs1", "pct3", "pos", "surw"):
        found = run(test, "--executions", "5000", "--races", "steps", "--strategy", strategy)
        assert kinds_of(found.stdout) == ["wrong_result"], found.stdout


@pytest.mark.parametrize("mode", ["ignore", "steps"])
@pytest.mark.parametrize("strategy", ["random", "dfs", "pct3"])
def test_an_intended_loop_on_plain_memory_ends(mode: str, strategy: str) -> None:
    passed = run("spins_on_plain", "--executions", "200", "--races", mode, "--strategy", strategy)
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_a_race_with_a_free_says_so_in_its_first_line() -> None:
    found = run("frees_what_another_reads", "--executions", "500", "--keep-going")
    line = next(line for line in found.stdout.splitlines() if ": race (" in line)
    assert re.search(r": free by thread 0 and read by thread 1 ", line), line


def test_objects_have_the_same_letters_in_the_short_and_the_long_version() -> None:
    found = run("is_decided_in_the_middle", "--executions", "3000")
    assert found.returncode == 1, found.stdout + found.stderr
    full = run(*token_of(found.stdout).split(), "--print").stdout
    short = [line for line in found.stdout.splitlines() if re.match(r" +\d+  ", line)]
    assert len(short) > 10 and set(short) <= set(full.splitlines())


def test_the_short_version_shows_where_the_failure_is_decided() -> None:
    found = run("is_decided_in_the_middle", "--executions", "3000")
    loads = [line for line in found.stdout.splitlines() if re.search(r"T\d load \w+ = 0 ", line)]
    assert len(loads) == 2, found.stdout
    assert len([line for line in found.stdout.splitlines() if re.match(r" +\d+  ", line)]) <= 40


def test_a_detached_thread_that_does_not_end_is_a_note_and_a_joinable_one_a_leak() -> None:
    for test in ("leaves_a_detached_thread_that_waits", "leaves_a_detached_thread_that_loops"):
        passed = run(test, "--executions", "50")
        assert passed.returncode == 0, passed.stdout + passed.stderr
        assert "steps of detached threads that do not end with the body" in passed.stdout
        assert "exhausted" not in passed.stdout
    found = run("leaves_a_thread_unjoined", "--executions", "50")
    assert found.returncode == 1 and ": leak (" in found.stdout


def test_locks_that_spin_in_opposite_order_are_a_hang() -> None:
    found = run("^two_spin_on_locks_in_opposite_order$", "--executions", "500")
    assert found.returncode == 1 and ": hang" in found.stdout, found.stdout + found.stderr


@pytest.mark.parametrize("test", ["polls_under_a_spin_lock", "changes_a_flag_to_and_fro"])
@pytest.mark.parametrize("strategy", ["dfs0", "dfs1", "dfs", "random", "pct3"])
def test_an_unfair_schedule_is_not_a_hang(test: str, strategy: str) -> None:
    done = run(f"^{test}$", "--executions", "300", "--strategy", strategy, "--steps", "20000")
    assert done.returncode in (0, 3) and ": hang" not in done.stdout, done.stdout + done.stderr


def test_an_access_to_the_stack_of_an_ended_thread_is_a_use_after_free() -> None:
    found = run("^writes_to_the_stack_of_an_ended_thread$", "--executions", "300")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "use_after_free" in found.stdout and "on the stack of thread 1, which has ended" in found.stdout
    twin = run("^writes_to_the_stack_of_a_thread_that_waits$", "--executions", "300")
    assert twin.returncode == 0, twin.stdout + twin.stderr


ALLOCATIONS = {
    "by_malloc_write_into": "write",
    "by_malloc_read_from": "read",
    "by_malloc_store_into": "atomic write",
    "by_malloc_free": "free",
    "by_calloc_read_from": "read",
    "by_realloc_write_into": "write",
    "by_new_write_into": "write",
    "by_aligned_new_write_into": "write",
    "by_aligned_alloc_write_into": "write",
    "by_mmap_read_from": "read",
    "recycled_write_into": "write",
}


@pytest.mark.parametrize("memory", ["sc", "weak"])
@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_an_allocation_is_a_write_of_the_block(allocation: str, memory: str) -> None:
    for strategy in ("random", "dfs"):
        found = run(f"^unordered_{allocation}$", "--executions", "300", "--memory", memory, "--strategy", strategy)
        assert found.returncode == 1, found.stdout + found.stderr
        line = found.stdout.splitlines()[0]
        sides = f"{ALLOCATIONS[allocation]} by thread 0 and allocation by thread 1 of the same memory"
        assert ": race (" in line and sides in line, line
        assert re.search(r"first: thread 1, step \d+: allocates\n", found.stdout), found.stdout
        assert re.search(r"second: thread 0, step \d+: ", found.stdout), found.stdout
        twin = run(f"^ordered_{allocation}$", "--executions", "300", "--memory", memory, "--strategy", strategy)
        assert twin.returncode == 0, twin.stdout + twin.stderr
