"""Findings, inconclusive verdicts and passes of a program of racetrack_add_exploration()."""

from __future__ import annotations

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
