"""Misuse of objects of pthread and C11, and their behaviour in correct use."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_primitives"
SEEDS = (1, 2, 3, 24)

DESTROYED = "misuse .* that has been destroyed"
UNINITIALISED = "misuse .* that was never initialised"
NULL = "misuse .* by a null pointer"
GONE = "misuse .* in a stack frame that has returned"
WILD = "misuse .* by a wild pointer: nothing is allocated at 0x"

# The first line of each fault, as a regular expression. Tests of the program that are not listed here are correct.
FAULTS = {
    "fault_atomic_of_a_frame_that_is_gone": GONE,
    "fault_atomic_of_a_thread_that_ended": GONE,
    "fault_barrier_for_no_thread": "misuse .* initialises a barrier for 0 threads",
    "fault_barrier_initialised_while_a_thread_waits": "misuse .* initialises a barrier that (is in use"
    "|is initialised already)",
    "fault_barrier_never_initialised": UNINITIALISED,
    "fault_barrier_waited_at_after_destroy": DESTROYED,
    "fault_block_freed_after_a_relaxed_flag": "race .*: free by thread 0 and read by thread 1",
    "fault_c11_count_without_a_lock": "race",
    "fault_c11_locks_in_opposite_order": "deadlock",
    "fault_c11_mutex_after_destroy": DESTROYED,
    "fault_c11_sleeps_after_the_signal": "lost_wakeup",
    "fault_cancelled_waiter_keeps_its_mutex": "deadlock .* which has ended",
    "fault_condition_destroyed_with_a_waiter": "misuse .* destroys a condition variable that a thread waits on",
    "fault_condition_never_initialised": UNINITIALISED,
    "fault_condition_never_initialised_on_the_stack": UNINITIALISED,
    "fault_condition_signalled_after_destroy": DESTROYED,
    "fault_condition_with_a_mutex_that_is_not_held": "misuse .* unlocks a mutex that no thread holds",
    "fault_condition_with_two_mutexes": "misuse .* waits on a condition variable with another mutex|lost_wakeup",
    "fault_destroyed_with_one_of_two_read_locks": "misuse .* destroys a read-write lock that is locked",
    "fault_futex_changes_and_does_not_wake": "lost_wakeup",
    "fault_futex_moves_no_sleeper": "lost_wakeup",
    "fault_futex_wakes_by_the_wrong_bit": "lost_wakeup",
    "fault_mixed_byte_is_published_relaxed": "race",
    "fault_mixed_word_hides_what_the_byte_published": "race",
    "fault_mutex_destroyed_twice": DESTROYED,
    "fault_mutex_destroyed_uninitialised": UNINITIALISED,
    "fault_mutex_initialised_twice": "misuse .* initialises a mutex that is initialised already",
    "fault_mutex_initialised_while_held": "misuse .* initialises a mutex that is in use",
    "fault_mutex_locked_after_destroy": DESTROYED,
    "fault_mutex_never_initialised": UNINITIALISED,
    "fault_mutex_never_initialised_on_the_stack": UNINITIALISED,
    "fault_mutex_of_a_frame_that_is_gone": GONE,
    "fault_mutex_of_a_function_that_returned": GONE,
    "fault_mutex_used_as_condition": "misuse .* signals a condition variable at the address of a mutex",
    "fault_null_barrier_initialised": NULL,
    "fault_null_condition": NULL,
    "fault_null_mutex": NULL,
    "fault_null_semaphore_destroyed": NULL,
    "fault_once_flag_never_initialised": UNINITIALISED,
    "fault_other_byte_is_published": "race",
    "fault_owner_ends_and_the_next_ignores_it": "wrong_result .* it can be locked",
    "fault_owner_of_a_mutex_that_is_not_robust_ends": "deadlock .* which has ended",
    "fault_reads_twice_behind_a_writer_that_goes_first": "deadlock .* behind a writer that waits",
    "fault_relies_on_being_cancelled_in_time": "wrong_result",
    "fault_rwlock_never_initialised": UNINITIALISED,
    "fault_rwlock_never_initialised_on_the_stack": UNINITIALISED,
    "fault_rwlock_read_locked_after_destroy": DESTROYED,
    "fault_semaphore_never_initialised": UNINITIALISED,
    "fault_semaphore_overflows": "misuse .* SEM_VALUE_MAX",
    "fault_semaphore_posted_after_destroy": DESTROYED,
    "fault_semaphore_with_too_much": "misuse .* SEM_VALUE_MAX",
    "fault_spin_lock_locked_after_destroy": DESTROYED,
    "fault_spin_lock_locked_twice": "deadlock .* spin lock",
    "fault_spin_lock_never_initialised": UNINITIALISED,
    "fault_spin_lock_unlocked_by_another": "misuse .* unlocks a spin lock that another thread holds",
    "fault_spin_lock_unlocked_twice": "misuse .* unlocks a spin lock that no thread holds",
    "fault_thread_exit_is_swallowed": "crash .* does not rethrow",
    "fault_two_threads_initialise_one_semaphore": "misuse .* initialises a semaphore that is initialised already",
    "fault_unlocks_once_too_often": "misuse .* unlocks a read-write lock that it does not hold",
    "fault_wild_mutex": WILD,
    "fault_wild_rwlock": WILD,
    "fault_wild_spin_lock": WILD,
    "fault_writes_while_it_reads": "deadlock",
    "fault_zero_semaphore_never_initialised": UNINITIALISED,
    "fault_stack_smaller_than_its_frame": "crash .*overflows its stack",
}

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def first_lines(pattern: str, seed: int, *options: str) -> dict[str, str]:
    """Runs the tests whose names match. Returns the first line of each."""
    result = subprocess.run(
        [str(PROGRAM), pattern, "--executions", "1000", "--seed", str(seed), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert result.returncode in (0, 1) and result.stderr == "", result.stderr
    return dict(re.findall(r"^(\w+): (.*)$", result.stdout, re.MULTILINE))


@pytest.mark.parametrize("seed", SEEDS)
def test_each_fault_is_found_from_every_seed(seed: int) -> None:
    lines = first_lines("^fault_", seed)
    assert set(lines) == set(FAULTS)
    assert not {test: line for test, line in lines.items() if not re.match(FAULTS[test], line)}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("memory", ["sc", "weak"])
def test_correct_uses_of_objects_pass(memory: str, seed: int) -> None:
    lines = first_lines("^([^f]|f[^a])", seed, "--memory", memory)
    assert len(lines) > 20
    assert not {test: line for test, line in lines.items() if not line.startswith("nothing found")}


@pytest.mark.parametrize("test", ["mixed_byte_is_published_to_a_word", "mixed_word_is_published_to_a_byte"])
def test_weak_memory_names_accesses_of_different_sizes_and_claims_no_exhaustion(test: str) -> None:
    name = f"^{test}$"
    assert "exhausted" in first_lines(name, 1)[test]
    weak = first_lines(name, 1, "--memory", "weak")[test]
    assert "not tried: stale reads of memory that atomics of different sizes access" in weak
    assert "exhausted" not in weak
    assert "different sizes" not in first_lines("^atomic_of_a_frame_that_waits$", 1, "--memory", "weak").popitem()[1]


UNMODELLED = {
    "futex_with_priority_inheritance": "FUTEX_LOCK_PI, number 6",
    "clone_by_function": "clone()",
    "clone_by_system_call": "clone3",
    "process_by_vfork": "vfork()",
    "named_semaphore": "sem_open()",
    "poll_with_mask": "ppoll()",
    "select_with_mask": "pselect()",
    "signal_mask_suspends": "sigsuspend()",
    "signal_waited_for_in_time": "sigtimedwait()",
    "sleep_by_system_call": "nanosleep",
    "stack_larger_than_any": "256 MiB",
}


@pytest.mark.parametrize("test", UNMODELLED)
def test_calls_that_are_not_modelled_are_refused_by_name(test: str) -> None:
    program = PROGRAM.with_name("explore_unmodelled")
    result = subprocess.run([str(program), f"^{test}$"], capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 3, result.stdout + result.stderr
    assert UNMODELLED[test] in result.stdout and len(result.stdout.splitlines()) == 1


def test_a_thread_started_before_main_is_named_and_no_test_passes() -> None:
    program = PROGRAM.with_name("explore_early_thread")
    result = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "1 thread runs that the explorer does not control" in result.stdout and "exhausted" not in result.stdout
    assert "(code of explore_early_thread)" in result.stdout


def c11_thread_of_library(library: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.with_name(f"explore_library_{library}")
    return subprocess.run(
        [str(program), "--executions", "200"], capture_output=True, text=True, check=False, timeout=100
    )


def test_a_c11_thread_of_a_library_is_scheduled() -> None:
    told = c11_thread_of_library("c11")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "nothing found" in told.stdout and "no second thread" not in told.stdout


def test_a_library_that_is_needed_by_its_path_is_named() -> None:
    told = c11_thread_of_library("c11")
    assert "not seen: what happens inside libexplored_library_c11.so, which is not instrumented" in told.stdout
    assert "exhausted" not in told.stdout


def test_a_c11_thread_that_a_library_starts_before_main_is_named() -> None:
    told = c11_thread_of_library("before_main")
    assert told.returncode == 3, told.stdout + told.stderr
    assert "1 thread runs that the explorer does not control" in told.stdout
    assert "(code of libexplored_library_before_main.so)" in told.stdout


def test_a_c11_thread_of_a_library_that_waits_unseen_is_named() -> None:
    told = c11_thread_of_library("own_waits")
    assert told.returncode == 3, told.stdout + told.stderr
    assert "cannot be explored: libexplored_library_own_waits.so starts a thread that waits by system" in told.stdout


@pytest.mark.skipif(not PROGRAM.with_name("explore_openmp").is_file(), reason="no OpenMP")
def test_a_library_that_waits_without_libc_is_named_before_its_thread_begins() -> None:
    program = PROGRAM.with_name("explore_openmp")
    result = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 3, result.stdout + result.stderr
    assert re.search(r"cannot be explored: libgomp\S* starts a thread that waits by system calls", result.stdout)
    assert "without a step" not in result.stdout
