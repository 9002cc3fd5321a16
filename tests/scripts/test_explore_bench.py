"""scripts/explore_bench as a user calls it. Small scripts replace racetrack and the programs of both explorers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.reports import synthetic

ROOT = Path(__file__).resolve().parents[2]
LINE = "{subject:<20} {strategy:<12} execs {execs:8} {rate:8}/s  steps 10.0  bugs {bugs}"


def line(subject: str, strategy: str, rate: int, execs: int = 20_000, bugs: int = 0) -> str:
    return LINE.format(subject=subject, strategy=strategy, rate=rate, execs=execs, bugs=bugs)


class Bench:
    """The script with its fakes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        plan = {"command": "x", "seed": 1, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []}
        begin = synthetic.environment("begin", plan=plan)
        facts = json.dumps({"build": begin["build"], "machine": begin["machine"]})
        self._write(folder / "racetrack", f"cat <<'END'\n{facts}\nEND")

    def _write(self, path: Path, body: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def prints(self, program: str, *lines: str) -> None:
        """Makes a program print these lines after a little work, so that it uses processor time."""
        body = "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done\ncat <<'END'\n" + "\n".join(lines) + "\nEND"
        self._write(self.folder / "build" / "overhead" / f"explore_{program}", body)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        script = str(ROOT / "scripts" / "explore_bench")
        places = {"RACETRACK": str(self.folder / "racetrack"), "RACETRACK_REPORTS": str(self.folder / "reports")}
        return subprocess.run(
            [sys.executable, script, "--build", str(self.folder / "build"), "--run", "r", "--pairs", "3", *arguments],
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=False,
        )

    def speeds(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """The records by subject, strategy and competitor."""
        path = self.folder / "reports" / "runs" / "r" / "records.jsonl"
        known = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {(r["subject"], r["strategy"], r["beside"]): r for r in known if r["record"] == "speed"}


@pytest.fixture(name="bench")
def make_bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_rates_of_both_sides_become_records_and_a_table(bench: Bench) -> None:
    bench.prints("floor_t1_theirs", line("ring", "random", 1000), line("stack", "dfs", 500, bugs=2))
    bench.prints(
        "floor_t1_ours",
        *(line("ring", "random", 1500), line("ring", "random weak", 900)),
        *(line("stack", "dfs", 700), line("few", "random", 9, execs=100)),
    )
    done = bench.run()
    assert done.returncode == 0, done.stderr
    speeds = bench.speeds()
    assert set(speeds) == {
        ("all", "processor time", "the floor"),
        ("ring", "random", "the floor"),
        ("ring", "random weak", "sequential consistency"),
    }, "what found a fault, or ran a few times only, is left out"
    ring = speeds["ring", "random", "the floor"]
    assert (ring["ours"], ring["theirs"]) == ([1500.0] * 3, [1000.0] * 3)
    assert "1.50x" in done.stdout
    page = (bench.folder / "reports" / "runs" / "r" / "report.html").read_text(encoding="utf-8")
    assert 'id="speeds"' in page and "1.50× [1.50, 1.50]" in page and "0.600× [0.600, 0.600]" in page


def test_relacy_is_compared_on_the_same_queue(bench: Bench) -> None:
    bench.prints("relacy_theirs", "vyukov: nothing found in 4000 executions, 0.1 s")
    bench.prints("relacy_ours", "vyukov: nothing found in 9000 executions, 0.1 s")
    assert bench.run().returncode == 0
    (speed,) = bench.speeds().values()
    assert (speed["beside"], len(speed["ours"]), len(speed["theirs"])) == ("relacy", 3, 3)


def test_a_false_finding_is_reported_and_nothing_is_measured(bench: Bench) -> None:
    bench.prints("relacy_theirs", "vyukov: nothing found in 4000 executions, 0.1 s")
    bench.prints("relacy_ours", "vyukov: race (execution 3): read and write")
    done = bench.run()
    assert done.returncode == 1 and "found a fault in a correct program" in done.stderr
    assert not bench.speeds()


def test_without_competitors_it_names_the_command_that_builds_them(bench: Bench) -> None:
    done = bench.run()
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "RACETRACK_EXPLORE_FLOOR" in done.stderr
