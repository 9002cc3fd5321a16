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
