"""The functions of <racetrack/explore.hpp> in C++ and C: choices, assumptions, atomic blocks, names, value checks."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_vocabulary"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")

STRATEGIES = ("dfs0", "dfs", "random", "pct3", "surw", "pos")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def replayed(output: str) -> str:
    found = re.search(r"--replay (\S+)", output)
    assert found, output
    return run("--replay", found[1]).stdout


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("test", ["chooses_among_many", "chooses_in_a_thread", "assumes_and_fails"])
def test_every_strategy_branches_on_choices_and_tokens_repeat_them(test: str, strategy: str) -> None:
    found = run(f"^{test}$", "--strategy", strategy, "--executions", "20000")
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"{test}: wrong_result" in found.stdout
    assert re.search(r"T\d chooses \d+", found.stdout)
    assert replayed(found.stdout).startswith(f"{test}: wrong_result")


def test_a_depth_first_search_tries_all_alternatives() -> None:
    searched = run("assumes_a_choice", "--strategy", "dfs")
    assert searched.returncode == 0, searched.stdout + searched.stderr
    assert "nothing found in 10 executions" in searched.stdout
    assert "assume() abandoned 5 executions" in searched.stdout and "exhausted" in searched.stdout


def test_a_test_whose_executions_are_all_abandoned_is_inconclusive() -> None:
    abandoned = run("assumes_a_false_condition", "--executions", "50")
    assert abandoned.returncode == 3, abandoned.stdout + abandoned.stderr
    assert re.search(r"inconclusive: assume\(\) abandoned all \d+ executions", abandoned.stdout)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_thread_interrupts_an_atomic_block(strategy: str) -> None:
    passed = run("counts_in_atomic_blocks|c_counts", "--strategy", strategy, "--executions", "2000")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    found = run("counts_without_blocks|c_loses", "--strategy", "random", "--executions", "2000")
    assert found.returncode == 1 and found.stdout.count("wrong_result") == 2


def test_the_interleaving_uses_the_names_of_objects() -> None:
    found = run("names_its_objects", "--executions", "2000").stdout
    assert re.search(r"T\d store left scale = 1 ", found) and re.search(r"T\d load right scale = 0 ", found), found
    assert "store the count = 1" in run("c_loses_an_update", "--executions", "2000").stdout


def test_a_check_of_values_names_both() -> None:
    found = run("compares_values", "--strategy", "dfs", "--keep-going").stdout
    for text in (
        "numbers: -1 instead of 1\n",
        'words: "left" instead of "right"\n',
        "truths: true instead of false\n",
        "shares: 0.5 instead of 0.25\n",
        "colours: 1 instead of 0\n",
    ):
        assert text in found, found


def test_verdicts_are_lines_of_json_on_request() -> None:
    result = run("assumes|counts_without", "--json", "--executions", "2000")
    assert result.returncode == 1 and result.stderr == ""
    verdicts = {line["test"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert {name: each["verdict"] for name, each in verdicts.items()} == {
        "assumes_a_false_condition": "inconclusive",
        "assumes_a_choice": "pass",
        "assumes_and_fails": "fail",
        "counts_without_blocks": "fail",
    }
    found = verdicts["counts_without_blocks"]["findings"]
    assert [finding["kind"] for finding in found] == ["wrong_result"]
    assert "both are counted: 1 instead of 2" in found[0]["text"] and "\n" in found[0]["interleaving"]
    assert run("--replay", found[0]["replay"]).returncode == 1
    assert "abandoned all" in verdicts["assumes_a_false_condition"]["reason"]
    assert run("assumes_a_choice", "--json", "--executions", "5").returncode == 0
