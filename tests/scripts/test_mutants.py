"""scripts/mutants on one mutant: it is built, explored, killed, recorded and reported."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD, RACETRACK, ROOT

NEEDED = (RACETRACK, BUILD / "tests/mutants/workloads/mutants_ticket_lock")
MUTANT = "scenarios/point/ticket_lock.hpp: TicketLock::unlock serving_.store release relaxed"

pytestmark = pytest.mark.skipif(not all(path.is_file() for path in NEEDED), reason="not built in this flavour")


def run(*arguments: str, reports: Path = ROOT / "reports") -> subprocess.CompletedProcess[str]:
    """Runs the script to its end."""
    command = [str(ROOT / "scripts" / "mutants"), "--build", str(BUILD), *arguments]
    environment = os.environ | {"RACETRACK": str(RACETRACK), "RACETRACK_REPORTS": str(reports)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)


def test_a_mutant_is_built_killed_and_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    done = run("ticket_lock.*store", "--executions", "500", "--run", "mine", reports=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 mutants; killed 1 in sc, 1 in weak; 0 survive, 0 explained" in done.stdout
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()]
    original, mutant = (record for record in records if record["record"] == "mutant")
    assert original["change"] is None and [each["result"] for each in original["outcomes"]] == ["survived", "survived"]
    assert mutant["change"]["weaker"] == "relaxed"
    assert [(each["memory"], each["kind"]) for each in mutant["outcomes"]] == [("sc", "race"), ("weak", "race")]
    assert "Mutation" in (folder / "report.html").read_text(encoding="utf-8")
    replay = mutant["outcomes"][0]["replay"].split()
    repeated = subprocess.run(replay, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert repeated.returncode == 1 and "one_at_a_time: race" in repeated.stdout


def test_mutants_are_listed_by_their_names() -> None:
    listed = run("--list", "ticket_lock").stdout.splitlines()
    assert MUTANT in listed and len(listed) == 2


@pytest.mark.parametrize(("arguments", "code"), [(["("], 2), (["no such mutant"], 4), (["--executions", "0"], 2)])
def test_wrong_arguments_are_rejected_in_one_line(arguments: list[str], code: int) -> None:
    refused = run(*arguments)
    assert refused.returncode == code
    assert "mutants: " in refused.stderr.splitlines()[-1]
