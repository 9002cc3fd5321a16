"""scripts/explore_headers with programs that only print: its input, its table and its exit codes."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FOUND = "deep: race (execution 12, pct3, 0.5000 s): write by thread 1 and read by thread 2\n  step  thread 0 (main)\n"
SILENT = "calm: nothing found in 900 executions, 2.0000 s; exhausted: all schedules within 2 preemptions\n"
BRIEF = "brief: nothing found in 9 executions, 0.0100 s\n"
UNKNOWN = "odd: cannot be explored: the subject calls read(), and so on\n"


def explore(build: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts" / "explore_headers"), "--build", str(build), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def tree(folder: Path, text: str) -> Path:
    """A build tree with one program that prints `text`."""
    (folder / "overhead").mkdir()
    program = folder / "overhead" / "explore_headers_moodycamel"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def test_every_verdict_is_a_line_of_the_table(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    done = explore(tree(tmp_path, FOUND + SILENT + BRIEF), "--out", str(table))
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [(row["test"], row["result"], row["executions"]) for row in rows] == [
        ("deep", "race", "12"),
        ("calm", "nothing", "900"),
        ("brief", "nothing", "9"),
    ]
    assert rows[0]["strategy"] == "pct3" and rows[1]["text"] == "all schedules within 2 preemptions"


@pytest.mark.parametrize(("text", "code"), [(UNKNOWN + SILENT, 3), ("", 4)])
def test_missing_results_set_the_exit_code(text: str, code: int, tmp_path: Path) -> None:
    assert explore(tree(tmp_path, text)).returncode == code


def test_without_programs_it_names_the_command_that_builds_them(tmp_path: Path) -> None:
    refused = explore(tmp_path)
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1 and "cmake" in refused.stderr
