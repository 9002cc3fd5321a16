"""scripts/explore_power as a user calls it. A small script replaces racetrack, with findings according to its plan."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json
from racetrack_search import cases
from tests.reports import synthetic
from tests.reports.searches import searched

ROOT = Path(__file__).resolve().parents[2]
MUST = ({"detector": "explore*", "kind": "deadlock", "grade": "must", "per_runs": 1},)
FAULTY, TWIN = "lock/two_locks/opposite_order", "lock/two_locks/same_order"
FAKE_RACETRACK = r"""#!/usr/bin/python3
# Replaces racetrack: PLAN has the environment and the cases, with the executions after which each strategy finds a
# fault.
import json, os, pathlib, re, sys, time
args = sys.argv[1:]
plan = json.loads(pathlib.Path(os.environ["PLAN"]).read_text())
if args == ["doctor", "--json"]:
    print(json.dumps({"build": plan["begin"]["build"], "machine": plan["begin"]["machine"]})); sys.exit(0)
if args[0] == "replay":
    with open(plan["replayed"], "a") as stream:
        stream.write(args[1] + "\n")
    odd = pathlib.Path(plan["replayed"]).read_text().count("\n") in plan["odd_replays"]
    print(f"a case\ndeadlock: thread 1 waits\ntrace {77 if odd else 4711}, 12 steps"); sys.exit(1)
def option(name, default=None):
    return args[args.index(name) + 1] if name in args else default
folder = pathlib.Path(option("--out"))
folder.mkdir(parents=True, exist_ok=True)
path = folder / "records.jsonl"
known = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
assert ("--resume" in args) == bool(known), "an old run needs --resume"
invocation = f"i{len(known)}"
def write(record):
    with open(path, "a") as stream:
        stream.write(json.dumps(record | {"invocation": invocation, "engine": "explore"}) + "\n")
strategy, seed = option("--strategy", "rotation"), int(option("--seed", "0"))
executions = int(option("--executions", "1000000"))
write(plan["begin"])
for name, case in plan["cases"].items():
    record = case["record"]
    if record["params"].get("memory", "sc") != option("--memory", "sc"):
        continue
    named = [word for before, word in zip(args, args[1:]) if before == "--case"]
    if named and record["case"] not in named:
        continue
    if not re.search(args[1] if not args[1].startswith("--") else "", record["case"]):
        continue
    if any(line.get("case") == record["case"] and line["record"] == "case" for line in known):
        continue
    time.sleep(plan.get("pause", 0))
    needed = case["needed"].get(strategy, case["needed"].get("any"))
    found = needed is not None and needed + seed <= executions
    verdict = record["verdict"] | {"as_expected": found or not record["control"]}
    metrics = {"executions_count": executions}
    if found:
        verdict |= {"result": "fail", "kind": "deadlock", "detector": "explorer"}
        verdict |= {"replay": "racetrack replay T." + record["case"]}
        metrics |= {"executions_to_find_count": needed + seed, "time_to_find_s": 0.5}
    write(record | {"verdict": verdict, "metrics": metrics})
write(plan["end"])
"""


def case(
    name: str, control: bool, needed: dict[str, int], expectation: Sequence[Json] = MUST, memory: str = "sc"
) -> dict[str, Any]:
    record = searched("explore", name, control=control)
    if memory != "sc":
        record["params"]["memory"] = memory
        record["case"] += f"/memory:{memory}"
    record["verdict"]["expectation"] = list(expectation) if control else []
    record["exploration"] = {"strategies": [], "complete": False}
    return {"record": record, "needed": needed}


class Bench:
    """The script with its fake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan: dict[str, Any] = {
            "begin": synthetic.environment(
                "begin",
                plan={"command": "x", "seed": 1, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []},
            ),
            "end": synthetic.environment(
                "end", outcome={"ended": "complete", "done": 1, "planned": 1, "duration_s": 1.0}
            ),
            "cases": {"faulty": case(FAULTY, True, {"any": 10, "random": 30}), "twin": case(TWIN, False, {})},
            "replayed": str(folder / "replayed"),
            "odd_replays": [],
        }
        (folder / "replayed").touch()
        program = folder / "racetrack"
        program.write_text(FAKE_RACETRACK, encoding="utf-8")
        program.chmod(0o755)

    def command(self, *arguments: str) -> list[str]:
        (self.folder / "plan.json").write_text(json.dumps(self.plan), encoding="utf-8")
        return [sys.executable, str(ROOT / "scripts" / "explore_power"), "--run", "r", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "RACETRACK": str(self.folder / "racetrack"),
            "RACETRACK_REPORTS": str(self.folder / "reports"),
            "PLAN": str(self.folder / "plan.json"),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )

    def records(self, kind: str) -> list[dict[str, Any]]:
        path = self.folder / "reports" / "runs" / "r" / "records.jsonl"
        return [r for r in map(json.loads, path.read_text(encoding="utf-8").splitlines()) if r["record"] == kind]


@pytest.fixture(name="bench")
def make_bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


SHORT = ("--seeds", "4", "--strategy", "rotation", "--strategy", "random", "--strategy", "dfs", "--replays", "3")


def test_everything_found_gives_records_and_a_page(bench: Bench) -> None:
    result = bench.run(*SHORT)
    assert result.returncode == 0, result.stdout + result.stderr
    found = {record["strategy"]: record for record in bench.records("search")}
    assert [each["executions"] for each in found["random"]["attempts"]] == [31, 32, 33, 34]
    assert [each["seed"] for each in found["rotation"]["attempts"]] == [1, 2, 3, 4]
    assert len(found["dfs"]["attempts"]) == 1, "a search that draws nothing is done once"
    (repetition,) = bench.records("repetition")
    assert (repetition["processes"], repetition["same"]) == (3, 3)
    assert "1 controls, 3 strategies, 4 seeds: 9 searches" in result.stdout
    page = (bench.folder / "reports" / "runs" / "r" / "report.html").read_text(encoding="utf-8")
    assert 'id="power-executions"' in page and 'id="power-replays"' in page and 'id="power-silence"' in page


def test_faults_of_weak_memory_are_searched_there_and_their_twins_are_explored_in_both(bench: Bench) -> None:
    weak = [{"detector": "explorer.weak", "kind": "deadlock", "grade": "must", "per_runs": 1}]
    name, twin = "lock/mutual_exclusion/relaxed", "lock/mutual_exclusion/seq_cst"
    bench.plan["cases"] |= {
        "sc": case(name, True, {}, expectation=weak),
        "weak": case(name, True, {"any": 5}, expectation=weak, memory="weak"),
        "found in both": case(FAULTY, True, {}, memory="weak"),
        "twin in sc": case(twin, False, {}),
        "twin in weak": case(twin, False, {}, memory="weak"),
    }
    result = bench.run(*SHORT)
    assert result.returncode == 0, result.stdout + result.stderr
    faulty = f"{name}/pin:compact/memory:weak"
    assert {record["case"] for record in bench.records("search")} == {f"{FAULTY}/pin:compact", faulty}
    assert {record["case"] for record in bench.records("repetition")} == {f"{FAULTY}/pin:compact", faulty}
    explored = {record["case"] for record in bench.records("case")}
    assert explored >= {f"{twin}/pin:compact", f"{twin}/pin:compact/memory:weak"}
    assert explored.isdisjoint({f"{name}/pin:compact", f"{FAULTY}/pin:compact/memory:weak"})


def test_the_same_run_continues_with_the_missing_searches(bench: Bench) -> None:
    assert bench.run(*SHORT, "--only", "power").returncode == 0
    assert bench.run(*SHORT, "--only", "power", "--seeds", "5").returncode == 0
    latest = {record["strategy"]: record for record in bench.records("search")}
    assert [each["seed"] for each in latest["random"]["attempts"]] == [1, 2, 3, 4, 5]


def test_a_fault_that_the_rotation_misses_is_reported(bench: Bench) -> None:
    bench.plan["cases"]["faulty"]["needed"] = {"random": 3}
    result = bench.run(*SHORT, "--only", "power")
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{FAULTY}/pin:compact: found from 0 of 3 seeds" in result.stderr, "given up after three"


def test_a_fault_without_time_for_its_search_is_reported(bench: Bench) -> None:
    result = bench.run(*SHORT, "--only", "power", "--minutes", "1e-9")
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{FAULTY}/pin:compact: not searched in the time" in result.stderr


def test_a_strategy_that_misses_is_recorded_and_does_not_decide(bench: Bench) -> None:
    bench.plan["cases"]["faulty"]["needed"] = {"rotation": 5, "dfs": 5}
    assert bench.run(*SHORT, "--only", "power", "--single", "77").returncode == 0
    found = {record["strategy"]: record for record in bench.records("search")}
    assert [(each["found"], each["executions"]) for each in found["random"]["attempts"]] == [(False, 77)] * 3


def test_a_replay_that_differs_is_reported(bench: Bench) -> None:
    bench.plan["odd_replays"] = [2]
    result = bench.run(*SHORT)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "2 of 3 replays have the same trace" in result.stderr


def test_a_finding_on_a_twin_and_too_few_executions_are_reported(bench: Bench) -> None:
    bench.plan["cases"]["twin"]["needed"] = {"rotation": 7}
    result = bench.run(*SHORT, "--only", "twins")
    assert result.returncode == 1 and f"{TWIN}/pin:compact: deadlock" in result.stderr, result.stderr


def test_ctrl_c_keeps_the_results(bench: Bench) -> None:
    bench.plan["pause"] = 0.3
    with subprocess.Popen(
        bench.command("--only", "power", "--seeds", "1000"), env=bench.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if re.match(r"seed +2 ", line):
                break
        process.send_signal(signal.SIGINT)
        limit = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit:
            process.stdout.readline()
    assert process.returncode == 3
    assert any(len(record["attempts"]) >= 1 for record in bench.records("search"))
    assert bench.records("environment")[-1]["outcome"]["ended"] == "interrupted"


def test_ctrl_c_before_anything_is_searched_ends_with_3(bench: Bench) -> None:
    bench.folder.joinpath("racetrack").write_text("#!/bin/sh\nkill -INT $PPID\nsleep 1\n", encoding="utf-8")
    result = bench.run()
    assert (result.returncode, result.stderr) == (3, "")


def test_an_exploration_that_ctrl_c_ends_before_its_first_case_has_no_records(tmp_path: Path) -> None:
    program = tmp_path / "racetrack"
    program.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    assert not cases.explored(program, tmp_path / "run", [])
    program.write_text("#!/bin/sh\nexit 70\n", encoding="utf-8")
    with pytest.raises(UnusableInput):
        cases.explored(program, tmp_path / "run", [])


def test_wrong_usage_is_reported_in_one_line(bench: Bench) -> None:
    nothing = bench.run("no_such_case")
    assert (nothing.returncode, len(nothing.stderr.splitlines())) == (4, 1), nothing.stderr
    assert bench.run("--run", "../elsewhere").returncode == 2
    bench.folder.joinpath("racetrack").unlink()
    missing = bench.run()
    assert missing.returncode == 2 and "make build PRESET=explore" in missing.stderr
