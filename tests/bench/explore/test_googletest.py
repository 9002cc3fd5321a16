"""GoogleTest's tests and assertions in a program of racetrack_add_exploration()."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_googletest"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program to its end. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def test_each_test_of_googletest_is_a_test_of_the_program() -> None:
    listed = run("--list").stdout.split()
    assert "Counter.LosesAnUpdate" in listed and "Fixture.FailsInAThread" in listed and "expects_in_a_body" in listed
    assert not [name for name in listed if "DISABLED" in name]


@pytest.mark.parametrize(
    "test", ["Counter.LosesAnUpdate", "Fixture.FailsInAThread", "Fixture.ThrowsUnderOneSchedule", "expects_in_a_body"]
)
def test_a_failed_assertion_is_a_finding_with_its_interleaving(test: str) -> None:
    found = run(f"^{re.escape(test)}$", "--executions", "3000")
    assert found.returncode == 1, found.stdout + found.stderr
    assert re.search(rf"^{re.escape(test)}: (wrong_result|crash) ", found.stdout, re.MULTILINE)
    token = re.search(r"--replay (\S+)", found.stdout)
    assert token and run("--replay", token[1]).returncode == 1


def test_a_test_that_holds_passes() -> None:
    passed = run("Counter.CountsAll", "--executions", "500")
    assert passed.returncode == 0, passed.stdout + passed.stderr
