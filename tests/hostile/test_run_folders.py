"""Removed, replaced, shared or invalid run folders: no success when records are lost, and no endless wait."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import FAULTY, RACETRACK, cases_of, phases_of, read_records
from tests.hostile.harness import SHORT, STRESSED, call, one_line

CASE = "^queue/transfer/sound/producers:1/consumers:1/"
GOOD = ["bench", CASE, "--plugin", str(FAULTY), *SHORT]
LONG = ["bench", CASE, "--plugin", str(FAULTY), "--forks", "1000", "--time", "0.01", "--seed", "1", "--quiet"]


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Starts a long run and waits until it has written some records."""
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [str(RACETRACK), *(arguments or LONG), "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    records = folder / "records.jsonl"
    while not records.is_file() or records.read_bytes().count(b"\n") < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


def replace(folder: Path) -> None:
    text = (folder / "records.jsonl").read_bytes()
    (folder / "records.jsonl").unlink()
    (folder / "records.jsonl").write_bytes(text)


def move(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def put_another(folder: Path) -> None:
    move(folder)
    shutil.copytree(folder.with_name("elsewhere"), folder)


def cut(folder: Path) -> None:
    os.truncate(folder / "records.jsonl", 100)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (shutil.rmtree, "removed or replaced"),
        (lambda folder: (folder / "records.jsonl").unlink(), "removed or replaced"),
        (replace, "removed or replaced"),
        (move, "removed or replaced"),
        (put_another, "removed or replaced"),
        (cut, "cut short"),
    ],
    ids=["folder removed", "records removed", "records replaced", "folder moved", "folder replaced", "records cut"],
)
def test_a_change_of_the_records_during_a_run_is_reported(
    spoil: Callable[[Path], object], expected: str, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with started(folder) as process:
        process.send_signal(signal.SIGSTOP)
        spoil(folder)
        process.send_signal(signal.SIGCONT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    [line] = errors.splitlines()
    assert line.startswith("racetrack: ") and expected in line and str(folder) in line
    if spoil is shutil.rmtree:
        assert not folder.exists(), "it is not made again"


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "FIFO": os.mkfifo,
    "folder": Path.mkdir,
    "loop": make_loop,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("name", ["records.jsonl", "records.size"])
@pytest.mark.parametrize("resume", [False, True], ids=["new", "resume"])
def test_a_file_that_is_not_regular_is_rejected_at_once(kind: str, name: str, resume: bool, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    if name == "records.size" or (kind == "FIFO" and resume):
        assert call(*GOOD, "--out", folder).returncode == 0
        (folder / name).unlink()
    folder.mkdir(exist_ok=True)
    SPECIAL[kind](folder / name)
    run = call(*GOOD, "--out", folder, *(["--resume"] if resume else []), limit_s=30)
    one_line(run, 2, str(folder))


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_benchmark_json_that_is_not_a_file_is_named_and_costs_no_record(kind: str, tmp_path: Path) -> None:
    SPECIAL[kind](tmp_path / "benchmark.json")
    run = call(*GOOD, "--out", tmp_path, limit_s=60)
    assert len(cases_of(read_records(tmp_path))) == 1
    errors = run.stderr.decode()
    assert "benchmark.json" in errors and "internal error" not in errors
    assert run.returncode == (3 if kind == "folder" else 0), errors


@pytest.mark.parametrize(
    "content",
    [
        "",
        "7",
        "null",
        "[]",
        '{"benchmarks": 3}',
        '{"benchmarks": [7, {}, {"name": 1}]}',
        '{"benchmarks": [], "context": 4}',
        "\xff",
    ]
    + [
        '{"benchmarks": [{"name": "x", "repetition_index": -1}]}',
        '{"benchmarks": [{"name": "x", "repetition_index": 1e300}]}',
    ],
)
def test_a_malformed_benchmark_json_is_replaced(content: str, tmp_path: Path) -> None:
    (tmp_path / "benchmark.json").write_text(content, "latin-1")
    run = call(*GOOD, "--out", tmp_path)
    assert run.returncode == 0, run.stderr
    assert "internal error" not in run.stderr.decode()
    assert len(json.loads((tmp_path / "benchmark.json").read_text("utf-8"))["benchmarks"]) == 1


def test_an_unfinished_line_of_another_writer_damages_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(folder) as process:
        process.send_signal(signal.SIGSTOP)
        with open(folder / "records.jsonl", "ab") as stream:
            stream.write(b'{"schema":1,"record":"case","engine":"stress","inv')
        before = (folder / "records.jsonl").read_bytes().count(b"\n")
        process.send_signal(signal.SIGCONT)
        while (folder / "records.jsonl").read_bytes().count(b"\n") < before + 3:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    lines = (folder / "records.jsonl").read_text("utf-8").splitlines()
    bad = []
    for number, line in enumerate(lines):
        try:
            json.loads(line)
        except ValueError:
            bad.append(number)
    assert len(bad) == 1 and lines[bad[0]].endswith('"inv')


@pytest.mark.parametrize("arguments", [[], ["--resume"]], ids=["new", "resume"])
def test_a_second_writer_of_the_same_engine_is_rejected(arguments: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(folder) as process:
        one_line(call(*GOOD, "--out", folder, *arguments), 2, "another racetrack", str(folder))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert phases_of(read_records(folder)) == ["begin", "end"]
    assert call(*GOOD, "--out", folder, *arguments).returncode == 0, "its end releases the folder"


def test_another_engine_may_write_at_the_same_time(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(folder) as process:
        run = call("stress", CASE, "--plugin", FAULTY, *STRESSED, "--out", folder)
        assert run.returncode == 0, run.stderr
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    engines = {record["engine"] for record in cases_of(read_records(folder))}
    assert engines == {"bench", "stress"}


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(folder) as process:
        process.kill()
    assert call(*GOOD, "--resume", "--out", folder).returncode == 0


def test_two_runs_of_one_second_have_two_folders(tmp_path: Path) -> None:
    processes = []
    for _ in range(4):
        command = [str(RACETRACK), *GOOD]
        processes.append(
            subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)  # pylint: disable=consider-using-with
        )
    assert [process.wait(timeout=120) for process in processes] == [0] * 4
    folders = list((tmp_path / "reports/runs").iterdir())
    assert len(folders) == 4
    for folder in folders:
        assert phases_of(read_records(folder)) == ["begin", "end"]


@pytest.mark.parametrize("out", ["file", "file/below", "loop", "loop/below"])
def test_a_path_that_cannot_be_a_folder(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    make_loop(tmp_path / "loop")
    choices: list[list[str]] = [[], ["--resume"]]
    for arguments in choices:
        one_line(call(*GOOD, "--out", tmp_path / out, *arguments), 2, str(tmp_path / out))
    assert (tmp_path / "file").read_text("utf-8") == "mine"
