"""The two entry points as a user calls them: files, exit codes, Ctrl-C. A small script replaces racetrack."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.reports import synthetic

ROOT = Path(__file__).resolve().parents[2]
FAKE_RACETRACK = """#!/usr/bin/python3
# Writes the records given in RECORDS; exits with CODE; with WAIT it records the signals that it receives, then ends.
import os, pathlib, shutil, signal, sys, time
args = sys.argv[1:]
if "--help" in args:
    print("usage of the fake"); sys.exit(0)
folder = pathlib.Path(args[args.index("--out") + 1])
folder.mkdir(parents=True, exist_ok=True)
(folder / "arguments").write_text("\\n".join(args))
received = []
signal.signal(signal.SIGINT, lambda *_: received.append("INT"))
shutil.copy(os.environ["RECORDS"], folder / "records.jsonl") if os.environ.get("RECORDS") else None
if os.environ.get("WAIT"):
    (folder / "ready").touch()
    limit = time.monotonic() + 20
    while not received and time.monotonic() < limit:
        time.sleep(0.02)
    time.sleep(0.3)
    (folder / "signals").write_text(" ".join(received))
sys.exit(int(os.environ.get("CODE", "0")))
"""


NO_TWIN = "queue/transfer/vyukov"  # a filter that selects no Python program, because these would really run


class Place:
    """A folder of reports and a fake racetrack, with the environment that makes the scripts use them."""

    def __init__(self, folder: Path) -> None:
        self.reports = folder / "reports"
        self.runs = self.reports / "runs"
        self.runs.mkdir(parents=True)
        program = folder / "racetrack"
        program.write_text(FAKE_RACETRACK, encoding="utf-8")
        program.chmod(0o755)
        begin, case, *_, end = synthetic.sweep(synthetic.SUBJECTS[:1], forks=1, wide=False)
        self.records = synthetic.write_run(folder / "some", [begin, case, end]) / "records.jsonl"
        outer = {
            name: value for name, value in os.environ.items() if name not in ("RUN", "CODE", "WAIT", "PYTHONUNBUFFERED")
        }
        self.environment = outer | {
            "RACETRACK": str(program),
            "RACETRACK_REPORTS": str(self.reports),
            "RECORDS": str(self.records),
        }

    def bench(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "scripts" / "bench"), *arguments]
        return subprocess.run(
            command, env=self.environment | environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def report(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts" / "report"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_bench_makes_a_run_with_its_report_and_points_latest_to_it(place: Place) -> None:
    done = place.bench("--run", "mine", "queue/transfer/", "--forks", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(place.runs / "mine" / "report.html")
    assert os.readlink(place.reports / "latest") == "runs/mine"
    assert (place.runs / "mine" / "report.html").is_file() and (place.runs / "mine" / "summary.md").is_file()
    passed = (place.runs / "mine" / "arguments").read_text(encoding="utf-8").split("\n")
    assert passed == ["bench", "queue/transfer/", "--forks", "2", "--out", str(place.runs / "mine")]


@pytest.mark.parametrize("code", [1, 3, 70])
def test_bench_ends_with_the_code_of_racetrack_and_still_writes_the_report(place: Place, code: int) -> None:
    done = place.bench(NO_TWIN, RUN="other", CODE=str(code))
    assert done.returncode == code
    assert (place.runs / "other" / "report.html").is_file()


def test_bench_without_records_makes_no_report_and_no_latest(place: Place) -> None:
    done = place.bench("--run", "none", RECORDS="", CODE="4")
    assert done.returncode == 4
    assert not (place.reports / "latest").exists() and not (place.runs / "none" / "report.html").exists()


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "-flag", "a b", "x" * 200, "a\nb"])
def test_a_name_that_could_leave_the_folder_is_rejected(place: Place, name: str) -> None:
    done = place.bench("--run", name)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert not list(place.runs.iterdir())


def test_a_folder_that_is_not_a_run_or_another_run_is_not_changed(place: Place) -> None:
    (place.runs / "foreign").mkdir()
    (place.runs / "foreign" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert place.bench("--run", "foreign").returncode == 2
    assert [path.name for path in (place.runs / "foreign").iterdir()] == ["thesis.txt"]
    assert place.bench("--run", "taken", NO_TWIN).returncode == 0
    again = place.bench("--run", "taken")
    assert again.returncode == 2 and "--resume" in again.stderr
    assert place.bench("--run", "taken", "--resume", NO_TWIN).returncode == 0


def test_help_and_missing_build_make_no_run(place: Place) -> None:
    assert "fake" in place.bench("--help").stdout
    missing = place.bench(RACETRACK="/nowhere/racetrack")
    assert missing.returncode == 2 and "make build" in missing.stderr
    assert not list(place.runs.iterdir())


@pytest.mark.parametrize("to_group", [False, True])
def test_one_interrupt_reaches_racetrack_once_and_the_report_is_written(place: Place, to_group: bool) -> None:
    """Ctrl-C at a terminal signals the whole foreground group; kill signals only the script."""
    with subprocess.Popen(
        [str(ROOT / "scripts" / "bench"), "--run", "cut"],
        env=place.environment | {"WAIT": "1", "CODE": "3"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as bench:
        limit = time.monotonic() + 30
        while not (place.runs / "cut" / "ready").exists() and time.monotonic() < limit:
            time.sleep(0.02)
        (os.killpg if to_group else os.kill)(bench.pid, signal.SIGINT)
        out, _ = bench.communicate(timeout=90)
    assert bench.returncode == 3
    assert (place.runs / "cut" / "signals").read_text(encoding="utf-8") == "INT"
    assert out.splitlines()[-1] == str(place.runs / "cut" / "report.html")


def test_report_is_written_atomically_and_leaves_no_other_files(place: Place) -> None:
    folder = place.records.parent
    done = report(str(folder))
    assert done.returncode == 0 and done.stdout == f"{folder / 'report.html'}\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "hgrm", "records.csv", "records.jsonl", "report.html", "report.sarif", "summary.md",
    ]  # fmt: skip


def test_report_merges_several_runs(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "more"
    shutil.copytree(place.records.parent, other)
    command = [str(ROOT / "scripts" / "report"), "--run", f"{place.records.parent} {other}"]
    done = subprocess.run(command, env=place.environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{place.runs / 'some+more' / 'report.html'}\n"
    assert "racetrack: some, more" in (place.runs / "some+more" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", 2), (b"nonsense\n", 2), (None, 2), (json.dumps(synthetic.environment("begin")).encode() + b"\n", 4)],
)
def test_unusable_input_is_one_line_and_a_code(content: bytes | None, code: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    if content is not None:
        (folder / "records.jsonl").write_bytes(content)
    done = report(str(folder))
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert (folder / "report.html").exists() == (code == 4)


def test_broken_lines_are_named_and_the_rest_is_used(place: Place) -> None:
    with open(place.records, "ab") as stream:
        stream.write(b'{"schema":1,"record":"ca')
    done = report(str(place.records.parent))
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1 and "cut off" in done.stderr
