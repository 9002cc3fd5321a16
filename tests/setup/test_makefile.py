"""The Makefile as a user sees it: its help, and how its variables reach a script's command line."""

import os
import re
import shutil
import signal
import subprocess
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = [
    *("help", "setup", "build", "bench", "stress", "tsan", "explore", "report", "compare", "calibrate", "history"),
    *("test", "lint", "overhead", "explore-bench", "all-checks", "mutants", "hostile", "evidence", "clean"),
]


def environment_for(folder: Path) -> dict[str, str]:
    """This environment without the variables of a make that runs the tests, with the stubs first on PATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return environment | {"PATH": f"{folder / 'bin'}:{environment['PATH']}"}


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--directory", str(folder), "--no-print-directory", *arguments],
        env=environment_for(folder),
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(name="tree")
def make_tree(tmp_path: Path) -> Path:
    """A copy of the Makefile, with scripts that print their arguments, one to a line."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (
        "bin/cmake",
        "bin/ctest",
        "scripts/setup",
        "scripts/bench",
        "scripts/stress",
        "scripts/tsan",
        "scripts/explore_bench",
        "scripts/explore_power",
        "scripts/report",
        "scripts/compare",
        "scripts/calibrate",
        "scripts/litmus",
        "scripts/mutants",
        "scripts/test",
        "scripts/lint",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "{path.name}:" "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def arguments_of(script: str, output: str) -> list[str]:
    """The arguments of the last call of a script."""
    lines = output.splitlines()
    last = len(lines) - 1 - lines[::-1].index(f"{script}:")
    return list(takewhile(lambda line: not re.fullmatch(r"[a-z_]+:", line), lines[last + 1 :]))


@pytest.mark.parametrize(("given", "steps"), [([], []), (["STEPS=files python"], ["files", "python"])])
def test_lint_runs_every_step_unless_some_are_named(tree: Path, given: list[str], steps: list[str]) -> None:
    # make has built-in variables, LINT=lint among them.
    assert arguments_of("lint", make(tree, "lint", *given).stdout) == steps


@pytest.mark.parametrize("arguments", [[], ["help"]])
def test_help_lists_every_target(tree: Path, arguments: list[str]) -> None:
    result = make(tree, *arguments)
    listed = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ") and line[2:3].islower()]
    assert (result.returncode, result.stderr) == (0, "")
    assert listed[: len(TARGETS)] == TARGETS


def test_bench_sets_up_and_builds_before_it_runs(tree: Path) -> None:
    result = make(tree, "bench")
    assert result.returncode == 0, result.stderr
    order = [line for line in result.stdout.splitlines() if line.endswith(":")]
    assert order.index("setup:") < order.index("cmake:") < order.index("bench:") == len(order) - 1


def test_bench_passes_its_variables_as_written(tree: Path) -> None:
    result = make(tree, "bench", "FULL=1", "RUN=two words", "FILTER=queue/.*'x'$(y)$", "BENCH_ARGS=--seed 7")
    assert result.returncode == 0, result.stderr
    assert arguments_of("bench", result.stdout) == [
        "--full",
        "--run",
        "two words",
        "--seed",
        "7",
        "queue/.*'x'$(y)$",
    ]


def test_bench_without_variables_passes_nothing(tree: Path) -> None:
    assert not arguments_of("bench", make(tree, "bench").stdout)


def test_stress_passes_its_variables(tree: Path) -> None:
    given = ("RUN=mine", "FILTER=a$(b)$", "STRESS_ARGS=--time 5")
    assert arguments_of("stress", make(tree, "stress", *given).stdout) == ["--run", "mine", "--time", "5", "a$(b)$"]


def test_tsan_builds_its_own_tree_without_tests_before_it_runs(tree: Path) -> None:
    given = ("RUN=mine", "FILTER=a$(b)$", "TSAN_ARGS=--runs 2", "PRESET=release")
    result = make(tree, "bench", "tsan", *given)
    assert result.returncode == 0, result.stderr
    assert arguments_of("tsan", result.stdout) == ["--run", "mine", "--runs", "2", "a$(b)$"]
    assert arguments_of("cmake", result.stdout)[:3] == ["--build", "--preset", "tsan"]
    assert "--preset\ntsan\n-DBUILD_TESTING=OFF" in result.stdout
    assert result.stdout.index("--preset\nrelease") < result.stdout.index("--preset\ntsan")


def test_explore_bench_measures_speed_only_with_another_explorer(tree: Path) -> None:
    given = ("RUN=mine", "FILTER=a$(b)$", "POWER_ARGS=--seeds 5")
    alone = make(tree, "explore-bench", *given)
    assert alone.returncode == 0, alone.stderr
    assert arguments_of("explore_power", alone.stdout) == ["--run", "mine", "--seeds", "5", "a$(b)$"]
    assert "comparison of speed with other explorers omitted" in alone.stdout and "explore_bench:" not in alone.stdout
    assert "litmus:" not in alone.stdout and "mutants:" not in alone.stdout, "FILTER does not apply"
    compared = make(tree, "explore-bench", *given, f"FLOOR={tree}")
    assert f"-DRACETRACK_EXPLORE_FLOOR={tree}" in compared.stdout
    assert arguments_of("explore_bench", compared.stdout) == ["--build", "build/release", "--run", "mine"]


def test_explore_bench_continues_after_a_missed_fault_and_fails_in_the_end(tree: Path) -> None:
    for code, runs_all in ((0, True), (1, True), (3, False)):
        (tree / "scripts/explore_power").write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
        result = make(tree, "explore-bench", "RUN=mine")
        assert (result.returncode == 0) == (code == 0), result.stderr
        for script in ("litmus", "mutants"):
            assert (f"{script}:" in result.stdout) == runs_all
            assert not runs_all or arguments_of(script, result.stdout) == ["--build", "build/release", "--run", "mine"]


def test_only_the_targets_that_need_tests_build_them(tree: Path) -> None:
    assert "-DBUILD_TESTING=OFF" in make(tree, "build").stdout
    assert "-DBUILD_TESTING=ON" in make(tree, "test").stdout


def test_a_failure_of_setup_stops_everything(tree: Path) -> None:
    (tree / "scripts/setup").write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    result = make(tree, "bench")
    assert result.returncode == 2
    assert "bench:" not in result.stdout.splitlines() and "cmake:" not in result.stdout.splitlines()


def test_a_failing_script_fails_make(tree: Path) -> None:
    (tree / "scripts/test").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert make(tree, "test").returncode == 2


def test_clean_removes_build_trees_and_keeps_runs(tree: Path) -> None:
    (tree / "build/release").mkdir(parents=True)
    (tree / "reports/runs/first").mkdir(parents=True)
    assert make(tree, "clean").returncode == 0
    assert not (tree / "build").exists() and (tree / "reports/runs/first").is_dir()


def test_make_waits_for_an_interrupted_bench_to_end(tree: Path) -> None:
    """Ctrl-C reaches make and the script, as from a terminal; make waits while the script stores its results."""
    script = tree / "scripts/bench"
    trap = "trap 'sleep 0.3; echo kept; exit 130' INT"
    script.write_text(f"#!/bin/bash\n{trap}\necho racing\nwhile :; do sleep 0.05; done\n", encoding="utf-8")
    with subprocess.Popen(
        ["make", "--directory", str(tree), "--no-print-directory", "bench", "SETUP=true"],
        env=environment_for(tree),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() not in ("racing\n", ""):
            pass
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
    assert rest.splitlines()[0] == "kept", rest
    assert process.returncode != 0


def test_compare_passes_both_sides_as_given(tree: Path) -> None:
    done = make(tree, "compare", "OLD=build/it's old", "NEW=queue/transfer/vyukov", "COMPARE_ARGS=--pairs 20 --plan")
    assert done.returncode == 0, done.stderr
    assert arguments_of("compare", done.stdout) == [
        "build/it's old",
        "queue/transfer/vyukov",
        "--pairs",
        "20",
        "--plan",
    ]


def test_calibrate_takes_the_build(tree: Path) -> None:
    done = make(tree, "calibrate", "CALIBRATE_ARGS=--comparisons 3")
    assert arguments_of("calibrate", done.stdout) == ["build/release", "--comparisons", "3"]


def test_mutants_builds_no_more_than_it_needs(tree: Path) -> None:
    done = make(tree, "mutants", "FILTER=vyukov|lamport", "MUTANTS_ARGS=--executions 100")
    assert done.returncode == 0, done.stderr
    assert arguments_of("mutants", done.stdout) == ["--build", "build/release", "--executions", "100", "vyukov|lamport"]
    assert "--target\nracetrack\nmutation_workloads\noracle_mutants\nmutants:\n" in done.stdout
