"""Faults as users make them and their corrected twins: the explorer finds each fault and is silent on the twins."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_faults"

# Tests of the program that are not listed here are correct.
FAULTS = {  # "|": whichever the strategies find first
    "barrier_without_generations": "lost_wakeup",
    "batch_wakes_one": "lost_wakeup",
    "call_once_crosswise": "deadlock",
    "cells_without_tag": "wrong_result",
    "config_plain_shared_ptr": "race",
    "counted_after_load": "use_after_free",
    "detached_writes_into_a_gone_object": "race",
    "flag_before_table": "wrong_result",
    "insert_without_second_lookup": "race|use_after_free",
    "last_item_taken_twice": "wrong_result",
    "latch_skipped_on_early_return": "lost_wakeup",
    "listener_calls_back_under_lock": "deadlock",
    "notify_after_unlock": "use_after_free",
    "permit_given_back_twice": "wrong_result",
    "pool_leaves_tasks": "crash",
    "promise_answered_twice": "crash",
    "request_freed_after_5_ms": "use_after_free",
    "request_freed_after_500_ns": "use_after_free",
    "ring_two_producers_unlocked": "race",
    "signal_iterates_unlocked": "race",
    "singleton_plain_pointer": "race",
    "sleepers_counted_too_early": "lost_wakeup",
    "stack_frees_at_once": "race",
    "stack_links_the_dead_by_the_link_of_the_living": "race",
    "stop_between_check_and_sleep": "lost_wakeup",
    "unlocks_after_failed_try_lock_for": "misuse",
    "waits_for_async_under_its_lock": "deadlock",
    "weak_asked_then_locked": "crash",
}

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def explored(test: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), f"^{test}$", "--executions", "4000"], capture_output=True, text=True, check=False, timeout=100
    )


def test_each_fault_is_found() -> None:
    missed = {}
    for test, kind in FAULTS.items():
        result = explored(test)
        if result.returncode != 1 or not re.match(f"{test}: ({kind}) ", result.stdout):
            missed[test] = result.stdout.splitlines()[:1]
    assert not missed


def test_the_twins_are_clean() -> None:
    listed = subprocess.run([str(PROGRAM), "--list"], capture_output=True, text=True, check=True).stdout.split()
    assert set(FAULTS) < set(listed)
    alarms = {}
    for test in sorted(set(listed) - set(FAULTS)):
        result = explored(test)
        if result.returncode != 0 or not re.match(f"{test}: nothing found", result.stdout):
            alarms[test] = result.stdout.splitlines()[:1]
    assert not alarms
