"""GoogleTest's tests and assertions in a program of racetrack_add_exploration()."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_googletest"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
    command, variables = [str(PROGRAM), *arguments], os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100, env=variables)


def test_each_test_of_googletest_is_a_test_of_the_program() -> None:
    listed = run("--list").stdout.split()
    assert "Counter.LosesAnUpdate" in listed and "Fixture.FailsInAThread" in listed and "expects_in_a_body" in listed
    assert not [name for name in listed if "DISABLED" in name]


@pytest.mark.parametrize(
    "test",
    [
        "Counter.LosesAnUpdate",
        "Fixture.FailsInAThread",
        "Fixture.ThrowsUnderOneSchedule",
        "Some/Parameterised.AddsItsParameter/0",
        "Typed/1.CountsTwice",
        "expects_in_a_body",
    ],
)
def test_a_failed_assertion_is_a_finding_with_its_interleaving(test: str) -> None:
    found = run(f"^{re.escape(test)}$", "--executions", "3000")
    assert found.returncode == 1, found.stdout + found.stderr
    assert re.search(rf"^{re.escape(test)}: (wrong_result|crash|race) ", found.stdout, re.MULTILINE)
    token = re.search(r"--replay (\S+)", found.stdout)
    assert token and run("--replay", token[1]).returncode == 1


@pytest.mark.parametrize(
    "test",
    [
        "Counter.CountsAll",
        "Some/Parameterised.AddsItsParameter/1",
        "Typed/0.CountsTwice",
        "Suite.IsSetUpOnce",
        "Suite.IsSetUpForEachTest",
        "Skips.InSomeSchedules",
    ],
)
def test_a_test_that_holds_passes(test: str) -> None:
    passed = run(f"^{test}$", "--executions", "500")
    assert passed.returncode == 0 and f"{test}: nothing found" in passed.stdout, passed.stdout + passed.stderr


def test_a_skipped_test_is_inconclusive() -> None:
    skipped = run("^Skips.Always$", "--executions", "100")
    assert skipped.returncode == 3 and "abandoned all" in skipped.stdout, skipped.stdout + skipped.stderr


def test_a_death_test_is_inconclusive_and_names_its_call() -> None:
    refused = run("^Death.StartsAProcess$", "--executions", "100")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert re.search(r"cannot be explored: .*(fork|clone)\(\)", refused.stdout), refused.stdout


def test_variables_of_googletest_do_not_let_a_fault_pass() -> None:
    test = "^Counter.LosesAnUpdate$"
    for variables in (
        {"GTEST_REPEAT": "0"},
        {"GTEST_FILTER": "Nothing.*"},
        {"GTEST_TOTAL_SHARDS": "3", "GTEST_SHARD_INDEX": "0"},
    ):
        found = run(test, "--executions", "500", **variables)
        assert found.returncode == 1, found.stdout + found.stderr
    assert "DISABLED_IsNotRun" in run("--list", GTEST_ALSO_RUN_DISABLED_TESTS="1").stdout
