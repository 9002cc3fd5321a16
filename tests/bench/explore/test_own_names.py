"""A program that defines functions under names that the explorer interposes."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_own_names"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def test_a_program_calls_its_own_functions_and_is_explored() -> None:
    result = run("--executions", "500")
    assert result.returncode == 1 and result.stderr == "", result.stdout + result.stderr
    kinds = dict(re.findall(r"^(\w+): (nothing found|\w+)", result.stdout, re.MULTILINE))
    assert kinds == {
        "calls_its_own_functions": "nothing found",
        "fault_counts_without_a_lock": "race",
        "fault_waits_after_the_notification": "lost_wakeup",
        "fault_crashes": "crash",
    }


def test_its_failures_name_their_places_and_are_replayed() -> None:
    result = run("fault_counts_without_a_lock", "--executions", "500").stdout
    assert re.search(r"tests.cpp:\d+", result), result
    token = re.search(r"--replay (\S+)", result)
    assert token is not None
    again = run("--replay", token[1])
    assert again.returncode == 1 and "fault_counts_without_a_lock: race" in again.stdout
