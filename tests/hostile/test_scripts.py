"""Every script with unusable streams, files and numbers: one line and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from racetrack_report import runs
from racetrack_report.check import parse
from racetrack_report.filters import BadFilter, Filter

from tests.bench.host.harness import ROOT
from tests.reports import synthetic

SCRIPTS = sorted(
    path.name
    for path in (ROOT / "scripts").iterdir()
    if path.is_file() and b"python" in path.read_bytes().splitlines()[0]
)
# These scripts have no --help.
WITHOUT_HELP = ("check_files", "check_includes", "tidy", "wrap_markdown")


def run_in_shell(command: str, **variables: str) -> tuple[int, str]:
    """Runs a command by a shell in the root of the tree. Returns its exit code and standard error."""
    run = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, **variables},
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    errors = run.stderr.decode("utf-8")
    assert "Traceback" not in errors and "internal error" not in errors, errors
    return run.returncode, errors


def test_there_are_scripts() -> None:
    assert {"report", "bench", "compare", "litmus", "mutants", "python_twins.py"} <= set(SCRIPTS)


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script not in WITHOUT_HELP])
@pytest.mark.parametrize("stream", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_help_that_cannot_be_written_is_reported(script: str, stream: str) -> None:
    engine = {"bench": "release", "stress": "release", "tsan": "tsan", "explore": "explore"}.get(script)
    if engine and not (ROOT / "build" / engine / "racetrack").is_file():
        pytest.skip("racetrack itself prints the help, and is not built")
    code, errors = run_in_shell(f"scripts/{script} --help {stream}")
    assert code == 74
    assert len(errors.splitlines()) == 1 and "standard output" in errors


@pytest.mark.parametrize(("code", "with_loss"), [(0, 74), (1, 74), (4, 74), (2, 2), (3, 3), (70, 70)])
def test_lost_output_replaces_exit_codes_up_to_a_finding(code: int, with_loss: int) -> None:
    program = f"from racetrack_report.entry import start\nstart('x', lambda: print('text') or {code})"
    ended, errors = run_in_shell(
        f"/usr/bin/python3 -c {shlex.quote(program)} >/dev/full", PYTHONPATH=str(ROOT / "reports")
    )
    assert ended == with_loss
    assert len(errors.splitlines()) == 1 and "standard output: " in errors


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script not in WITHOUT_HELP])
def test_closed_streams_give_no_traceback(script: str) -> None:
    code, errors = run_in_shell(f"scripts/{script} --no-such-option <&- >&- 2>&-")
    assert (code == 0) is False and errors == ""


@pytest.fixture(name="run")
def fixture_run(tmp_path: Path) -> Path:
    return synthetic.write_run(tmp_path / "run", synthetic.sweep(forks=1))


@pytest.mark.parametrize("name", ["report.html", "summary.md", "records.csv", "report.sarif"])
def test_a_folder_in_place_of_a_file_of_the_page(name: str, run: Path) -> None:
    (run / name).mkdir()
    code, errors = run_in_shell(f"scripts/report '{run}'")
    assert code == 2
    assert errors.startswith("report: ") and str(run / name) in errors.splitlines()[-1]


def test_a_disk_that_is_full(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError) as caught:
        runs.write(run / "report.html", "text")
    assert caught.value.filename == str(run / "report.html")
    monkeypatch.setattr(os, "replace", real)
    assert not list(run.glob(".report*"))


@pytest.mark.parametrize("kind", ["FIFO", "loop", "folder", "device"])
def test_records_that_are_not_a_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    code, errors = run_in_shell(f"scripts/report '{tmp_path}'")
    assert code == 2 and len(errors.splitlines()) == 1 and str(tmp_path) in errors


@pytest.mark.parametrize("count", [(1 << 53) + 1, 1 << 62, 1 << 63, (1 << 64) - 1])
def test_an_overflowing_count_is_left_out(count: int) -> None:
    record = next(each for each in synthetic.sweep(forks=1) if each.get("histograms"))
    [name, *_] = record["histograms"]
    record["histograms"][name]["buckets"][0][1] = count
    with pytest.raises(ValueError, match="counts more than"):
        parse(json.dumps(record).encode())


@pytest.mark.parametrize("text", ["(a+)+$", "(a|aa)+$", "(.*a){25}b"])
def test_a_filter_that_takes_too_long_is_stopped(text: str) -> None:
    with pytest.raises(BadFilter, match="simplify"):
        Filter(text).matches("a" * 60 + "!")


@pytest.mark.parametrize("text", ["(", r"(a)\1", "(?=a)", "(?<!a)b", "(?P<x>a)(?P=x)", "(?>a)"])
def test_a_filter_that_re2_does_not_support_is_rejected(text: str) -> None:
    with pytest.raises(BadFilter):
        Filter(text)


@pytest.mark.parametrize(
    ("text", "name"), [("", "x"), (r"\(\?=", "(?="), (r"\\1", "\\1"), ("^a.c$", "abc"), ("(?i)A", "a")]
)
def test_a_filter_that_both_engines_support(text: str, name: str) -> None:
    assert Filter(text).matches(name)


def test_two_runs_of_one_second_have_two_folders(tmp_path: Path) -> None:
    names = [runs.new_folder(tmp_path / "runs", "20260101T000000Z").name for _ in range(3)]
    assert names == ["20260101T000000Z", "20260101T000000Z-2", "20260101T000000Z-3"]


def test_a_second_writer_of_the_same_script_is_rejected(tmp_path: Path) -> None:
    from racetrack_report import records_file  # pylint: disable=import-outside-toplevel

    path = tmp_path / "records.jsonl"
    first = records_file.lock(path, "litmus")
    with pytest.raises(OSError, match="another process"):
        records_file.lock(path, "litmus")
    os.close(records_file.lock(path, "mutants"))
    os.close(first)
    os.close(records_file.lock(path, "litmus"))
