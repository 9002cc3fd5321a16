"""A records.jsonl that lost lines or does not contain records: every command that opens the run notices."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench.host.harness import GOOD, assert_one_line, cases_of, racetrack, read_records


def run_into(folder: Path, *arguments: str) -> None:
    run = racetrack(*GOOD, *arguments, "--out", folder)
    assert run.returncode == 0, run.stderr


def test_closing_records_contain_the_number_of_lines_and_the_size(tmp_path: Path) -> None:
    for lines in (3, 3):
        run_into(tmp_path)
        assert read_records(tmp_path)[-1]["outcome"]["records"] == lines
        size = (tmp_path / "records.jsonl").stat().st_size
        assert int((tmp_path / "records.size").read_text("ascii")) == size


def test_a_run_that_lost_its_last_lines_is_named_and_resumed(tmp_path: Path) -> None:
    run_into(tmp_path)
    file = tmp_path / "records.jsonl"
    first, *lost = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first)
    run = racetrack(*GOOD, "--resume", "--out", tmp_path)
    assert run.returncode == 0
    assert f"has lost {sum(map(len, lost))} bytes at its end" in run.stderr and "run again" in run.stderr
    assert len(cases_of(read_records(tmp_path))) == 1
    assert int((tmp_path / "records.size").read_text("ascii")) == file.stat().st_size
    assert "has lost" not in racetrack(*GOOD, "--resume", "--out", tmp_path).stderr


def test_a_loss_is_remembered_by_a_call_that_does_not_resume(tmp_path: Path) -> None:
    run_into(tmp_path)
    (tmp_path / "records.size").write_text(f"{1 << 20:020}\n", encoding="ascii")
    for _ in range(2):
        run = racetrack(*GOOD, "--out", tmp_path)
        assert run.returncode == 0 and "--resume runs their turns again" in run.stderr
    assert int((tmp_path / "records.size").read_text("ascii")) == 1 << 20


def test_a_run_whose_records_were_removed_starts_again(tmp_path: Path) -> None:
    run_into(tmp_path)
    (tmp_path / "records.jsonl").unlink()
    run = racetrack(*GOOD, "--out", tmp_path)
    assert run.returncode == 0 and "has lost" not in run.stderr
    assert int((tmp_path / "records.size").read_text("ascii")) == (tmp_path / "records.jsonl").stat().st_size


def test_records_of_absurd_size_are_rejected(tmp_path: Path) -> None:
    run_into(tmp_path)
    os.truncate(tmp_path / "records.jsonl", 10 << 30)
    for arguments in ((), ("--resume",)):
        assert_one_line(
            racetrack(*GOOD, *arguments, "--out", tmp_path),
            2,
            "records.jsonl: has 10737418240 bytes",
            "choose another --out",
        )


def test_records_that_are_not_a_regular_file_are_rejected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "records.jsonl")
    assert_one_line(
        racetrack(*GOOD, "--out", tmp_path), 2, "records.jsonl: is not a regular file", "choose another --out"
    )
