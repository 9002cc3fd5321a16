"""A mistake on a command line gives one line with the problem, place and remedy, and exit code 2, in every script."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from racetrack_compare.command import parse

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [
    "all_checks",
    "calibrate",
    "compare",
    "evidence",
    "explore_bench",
    "explore_headers",
    "explore_power",
    "history",
    "litmus",
    "mutants",
    "overhead",
    "python_twins.py",
    "report",
    "screenshot",
    "test",
]


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts" / script, *arguments], check=False, capture_output=True, text=True)


def test_no_script_has_a_parser_except_the_common_one() -> None:
    found = subprocess.run(
        ["git", "grep", "--untracked", "-l", "argparse.ArgumentParser", "--", "scripts", "reports"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == ["reports/racetrack_report/arguments.py"]


@pytest.mark.parametrize("script", PYTHON)
def test_an_unknown_option_is_one_line(script: str) -> None:
    done = run(script, "--frobnicate=1")
    name = script.removesuffix(".py")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stdout + done.stderr
    assert done.stderr.startswith(f"{name}: ") and done.stderr.endswith(f"(see scripts/{script} --help)\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a"], "required: NEW"),
        (["a", "b", "--pairs", "many"], "--pairs: 'many': give a whole number from 1 to 1000"),
        (["a", "b", "--pairs", "0"], "--pairs: '0': give a whole number from 1 to 1000"),
        (["a", "b", "--budget", "nan"], "--budget: 'nan': give a number above 0"),
        (["a", "b", "--detect", "ten%"], "--detect: 'ten': give a number above 0"),
        (["a", "b", "--pairs", "8", "--until-decided"], "not allowed with argument --pairs"),
        (["a", "b", "--c\nd\x1b[31m"], "--c d\ufffd[31m"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err.count("\n")) == (2, "", 1), printed
    assert expected in printed.err


def test_evidence_without_a_part_runs_both_parts() -> None:
    done = run("evidence", "--simulations", "1", "--build", "/no/such/build")
    assert done.returncode == 2
    assert "simulated, 20 pairs" in done.stdout and done.stderr.startswith("evidence: /no/such/build: ")
