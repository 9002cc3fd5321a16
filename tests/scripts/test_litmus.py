"""scripts/litmus as a user calls it. Small scripts replace racetrack and the program that explores the tests."""

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
TEST: dict[str, Any] = {
    "shape": "SB",
    "program": "x=1.rlx a=y.rlx | y=1.rlx b=x.rlx",
    "executions": 300,
    "searched": True,
    "outcomes": [{"outcome": "00", "ground": "allowed", "seen": 4, "why": "nothing orders the two"}],
    "faults": [],
}


class Litmus:
    """The script with its fakes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        plan = {"command": "x", "seed": 1, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []}
        begin = synthetic.environment("begin", plan=plan)
        facts = json.dumps({"build": begin["build"], "machine": begin["machine"]})
        self._write("racetrack", f"cat <<'END'\n{facts}\nEND")

    def _write(self, name: str, body: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def prints(self, *tests: dict[str, Any], code: int = 0, tail: str = "") -> None:
        """Sets the output and exit code of the program when it is called with the expected number of executions."""
        lines = "\n".join(map(json.dumps, tests))
        body = f'[ "$*" = "--json 300" ] || exit 9\ncat <<\'END\'\n{lines}\nEND\nprintf "%s" \'{tail}\'\nexit {code}'
        self._write("build/overhead/explore_litmus", body)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            str(ROOT / "scripts" / "litmus"),
            "--build",
            str(self.folder / "build"),
            "--run",
            "r",
        ]
        places = {"RACETRACK": str(self.folder / "racetrack"), "RACETRACK_REPORTS": str(self.folder / "reports")}
        return subprocess.run(
            [*command, "--executions", "300", *arguments],
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=False,
        )

    def records(self) -> list[dict[str, Any]]:
        lines = (self.folder / "reports" / "runs" / "r" / "records.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(name="litmus")
def make_litmus(tmp_path: Path) -> Litmus:
    return Litmus(tmp_path)


def test_each_test_is_a_record_and_the_page_shows_it(litmus: Litmus) -> None:
    litmus.prints(TEST, TEST | {"shape": "MP"})
    done = litmus.run()
    assert done.returncode == 0, done.stdout + done.stderr
    records = litmus.records()
    assert [record.get("shape", record.get("phase")) for record in records] == ["begin", "SB", "MP", "end"]
    assert records[-1]["outcome"]["ended"] == "complete"
    page = (litmus.folder / "reports" / "runs" / "r" / "report.html").read_text(encoding="utf-8")
    assert 'id="litmus-outcomes"' in page
    assert "litmus: 2 tests, 0 things not as the table says" in done.stdout


def test_a_difference_from_the_table_ends_with_1(litmus: Litmus) -> None:
    litmus.prints(TEST | {"faults": ["00 was never seen"]}, code=1)
    done = litmus.run()
    assert done.returncode == 1
    assert f"UNEXPECTED SB: {TEST['program']}: 00 was never seen" in done.stdout


def test_a_program_that_ends_early_is_incomplete_and_keeps_its_results(litmus: Litmus) -> None:
    litmus.prints(TEST, code=70, tail='{"shape": "M')
    assert litmus.run().returncode == 3
    assert [record["record"] for record in litmus.records()] == ["environment", "litmus", "environment"]
    assert litmus.records()[-1]["outcome"]["ended"] == "interrupted"


def test_ctrl_c_before_the_first_test_ends_with_3(litmus: Litmus) -> None:
    litmus.prints(TEST)
    (litmus.folder / "racetrack").write_text("#!/bin/sh\nkill -INT $PPID\nsleep 1\n", encoding="utf-8")
    done = litmus.run()
    assert (done.returncode, done.stderr) == (3, "")


def test_without_the_program_one_line_names_the_command_that_builds_it(litmus: Litmus) -> None:
    done = litmus.run()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "make build BUILD_TESTING=ON" in done.stderr
