"""Missing lines of records, which closing records and the stored size reveal."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest
from racetrack_report import check, records_file, runs
from racetrack_report.loader import UnusableInput, load

from tests.reports import synthetic

ROOT = Path(__file__).resolve().parents[2]
Record = dict[str, Any]
SWEEP = synthetic.sweep(synthetic.SUBJECTS[:1], forks=2, wide=False)
BEGIN, CASES, END = SWEEP[0], SWEEP[1:-1], SWEEP[-1]


def call(name: str, engine: str = "bench") -> list[Record]:
    """A whole call of an engine: begin, cases, and an end that counts them."""
    records = [BEGIN, *CASES, END | {"outcome": END["outcome"] | {"records": len(CASES) + 2}}]
    return [record | {"invocation": name, "engine": engine} for record in records]


def planned(records: list[Record]) -> list[Record]:
    """The same with a plan that names the cases."""
    cases = sorted({record["case"] for record in records if record["record"] == "case"})
    plan = records[0]["plan"] | {"cases": cases, "forks": 2}
    return [records[0] | {"plan": plan}, *records[1:]]


def write(folder: Path, records: list[Record]) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [check.line_of(check.parse(json.dumps(record).encode())) + "\n" for record in records]
    (folder / records_file.NAME).write_text("".join(lines), encoding="utf-8")
    return folder


def remarks(folder: Path) -> tuple[list[str], list[str]]:
    """(what was lost, what is unfinished)."""
    data = load([folder])
    return [str(each) for each in data.warnings], [str(each) for each in data.unfinished]


def test_a_whole_run_of_several_engines_loses_nothing(tmp_path: Path) -> None:
    assert remarks(write(tmp_path / "run", call("a") + call("b", "stress"))) == ([], [])


@pytest.mark.parametrize("lines", range(len(CASES)))
def test_a_file_that_was_cut_at_the_end_of_a_line_is_noticed(lines: int, tmp_path: Path) -> None:
    lost, unfinished = remarks(write(tmp_path / "run", planned(call("a"))[: -1 - lines]))
    assert not lost and len(unfinished) == 1
    assert unfinished[0].startswith("run:1: unfinished: the bench call a has no closing record")


def test_a_cut_in_a_later_call_is_noticed_beside_a_whole_one(tmp_path: Path) -> None:
    records = call("a") + call("b", "stress")
    lost, unfinished = remarks(write(tmp_path / "run", records[:-1]))
    assert not lost and len(unfinished) == 1 and "the stress call b has no closing record" in unfinished[0]


@pytest.mark.parametrize("at", [0, 1, len(CASES)])
def test_a_line_that_is_missing_before_a_closing_record_is_damage(at: int, tmp_path: Path) -> None:
    records = call("a") + call("b", "stress")
    del records[len(CASES) + 2 + at]
    lost, unfinished = remarks(write(tmp_path / "run", records))
    if at == 0:  # the whole call is known by its end alone
        assert len(lost) == 1 and f"of {len(CASES) + 2} records of the stress call" in lost[0]
    else:
        assert lost == [
            f"run:{len(records)}: damaged: 1 of {len(CASES) + 2} records of the stress call are missing before this "
            "line"
        ]
    assert not unfinished


def test_a_damaged_line_is_reported_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", call("a"))
    content = (folder / records_file.NAME).read_bytes()
    (folder / records_file.NAME).write_bytes(content.replace(b'"fork":0', b'"fork":1', 1))
    lost, unfinished = remarks(folder)
    assert len(lost) == 1 and "run:2: left out: damaged" in lost[0] and not unfinished


def test_a_call_that_was_killed_and_completed_by_another_is_finished(tmp_path: Path) -> None:
    killed, resumed = planned(call("a"))[:2], call("b")
    assert remarks(write(tmp_path / "run", killed + resumed)) == ([], [])
    assert len(remarks(write(tmp_path / "run", killed + [resumed[0], resumed[-1]]))[1]) == 1


def test_records_behind_the_closing_record_need_another(tmp_path: Path) -> None:
    records = call("a")
    more = [records[1] | {"fork": 7}]
    _, unfinished = remarks(write(tmp_path / "run", records + more))
    assert len(unfinished) == 1 and "has records after its closing record" in unfinished[0]
    closed = records[-1] | {"outcome": records[-1]["outcome"] | {"records": len(records) + 2}}
    assert remarks(write(tmp_path / "run", records + more + [closed])) == ([], [])


def test_records_without_counts_are_complete_when_they_are_closed(tmp_path: Path) -> None:
    assert remarks(write(tmp_path / "run", SWEEP)) == ([], [])


def test_python_counts_the_records_of_a_call_in_its_closing_record(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", call("a"))
    mine = call("b", "explore")
    runs.append(folder, mine[:1])
    for record in mine[1:]:
        runs.append(folder, [{name: each for name, each in record.items() if name != "crc32"}])
    last = json.loads((folder / records_file.NAME).read_text("utf-8").splitlines()[-1])
    assert last["outcome"]["records"] == len(mine)
    assert remarks(folder) == ([], [])


def appended(folder: Path) -> Path:
    folder.mkdir()
    (folder / records_file.NAME).touch()
    for record in call("a") + call("b", "stress"):
        runs.append(folder, [record])
    return folder / records_file.NAME


def test_whole_calls_that_are_cut_away_are_noticed_by_the_noted_size(tmp_path: Path) -> None:
    path = appended(tmp_path / "run")
    whole = path.read_bytes()
    assert records_file.size_written(path) == len(whole)
    assert remarks(path.parent) == ([], [])
    lines = whole.splitlines(keepends=True)
    cut = b"".join(lines[: len(lines) // 2])
    path.write_bytes(cut)
    lost, unfinished = remarks(path.parent)
    assert lost == [f"run: cut off: it has {len(cut)} bytes of {len(whole)}: its last records are missing"]
    assert not unfinished
    page = subprocess.run([ROOT / "scripts/report", path.parent], check=False, capture_output=True, text=True)
    assert page.returncode == 0 and "its last records are missing" in page.stderr
    assert "its last records are missing" in (path.parent / "report.html").read_text("utf-8")


@pytest.mark.parametrize("content", ["", "nonsense", "-5", "9" * 40])
def test_a_noted_size_that_is_none_is_passed_over(content: str, tmp_path: Path) -> None:
    path = appended(tmp_path / "run")
    (path.parent / records_file.SIZE_NAME).write_text(content, encoding="ascii")
    lost, _ = remarks(path.parent)
    assert bool(lost) == content.startswith("9")


def limited() -> None:
    """Limits memory, so that reading a huge file as a whole fails."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


@pytest.mark.parametrize("script", ["report", "compare", "history"])
def test_a_file_of_absurd_size_is_refused_in_a_line(script: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "run", call("a"))
    other = write(tmp_path / "other", call("a"))
    os.truncate(folder / records_file.NAME, 10 << 30)
    words = [folder, other] if script == "compare" else [folder]
    done = subprocess.run(
        [ROOT / "scripts" / script, *words],
        env=os.environ | {"RACETRACK_REPORTS": str(tmp_path / "reports"), "OPENBLAS_NUM_THREADS": "1"},
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=limited,  # pylint: disable=subprocess-popen-preexec-fn
    )
    assert done.returncode == (4 if script == "history" else 2), done.stderr  # history skips the run
    line, *_ = done.stderr.splitlines()
    assert "has 10 GiB, and at most 1 GiB are read" in line


def test_a_benchmark_file_of_absurd_size_is_refused(tmp_path: Path) -> None:
    for name in ("old.json", "new.json"):
        (tmp_path / name).write_text('{"context": {}, "benchmarks": []}', encoding="utf-8")
    os.truncate(tmp_path / "old.json", 10 << 30)
    command = [ROOT / "scripts/compare", tmp_path / "old.json", tmp_path / "new.json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "has 10 GiB" in done.stderr


def test_a_file_that_is_not_regular_is_refused_without_reading_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / records_file.NAME)
    with pytest.raises(UnusableInput, match="is not a regular file"):
        load([tmp_path / "run"])
