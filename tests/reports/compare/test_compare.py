"""scripts/compare as a user calls it: arguments, files and exit codes. The simulated racetrack has known results."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from racetrack_compare.command import main

from tests.reports import synthetic
from tests.reports.compare.stand_in import NAMES, ROOT, install

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "reports/record.schema.json").read_text("utf-8")))
FILES = {
    "records.jsonl",
    "environment.json",
    "report.html",
    "summary.md",
    "summary.csv",
    "report.sarif",
    "old.benchmark.json",
    "new.benchmark.json",
}
Run = subprocess.CompletedProcess[str]


class Place:
    """A folder for reports, and the scripts that write to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reports = folder / "reports"
        outer = {name: value for name, value in os.environ.items() if name not in ("RUN", "RACETRACK")}
        self.environment = outer | {"RACETRACK_REPORTS": str(self.reports)}

    def compare(self, *words: str | Path, **environment: str) -> Run:
        return subprocess.run(
            [str(ROOT / "scripts/compare"), *map(str, words)],
            env=self.environment | environment,
            cwd=self.folder,
            check=False,
            capture_output=True,
            text=True,
        )

    @property
    def result(self) -> Path:
        (folder,) = (self.reports / "comparisons").iterdir()
        return folder

    def records(self) -> list[dict[str, Any]]:
        records = [json.loads(line) for line in (self.result / "records.jsonl").read_text("utf-8").splitlines()]
        for record in records:
            SCHEMA.validate(record)
        return records


@pytest.fixture(name="place")
def make_place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def slower(factor: float) -> dict[str, float]:
    return {NAMES[0]: 100.0 * factor, NAMES[1]: 100.0}


def assert_one_line(run: Run, code: int, *words: str) -> None:
    assert run.returncode == code, run.stdout + run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("compare: "), run.stderr
    for word in words:
        assert word in lines[0], lines[0]


def test_a_slowdown_is_found_told_and_kept(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", cases=slower(1.2))
    run = place.compare(old, new, "--pairs", "10", "--seed", "1")
    assert run.returncode == 1, run.stderr
    assert "2 cases: 1 slower, 1 the same" in run.stdout
    assert {path.name for path in place.result.iterdir()} == FILES | {"old", "new"}
    first, second = sorted(place.records(), key=lambda record: str(record["case"]))
    assert (first["verdict"], second["verdict"]) == ("slower", "same")
    assert first["ratio"]["low"] < 1.2 < first["ratio"]["high"]
    assert len(first["old"]["values_ns"]) == len(first["new"]["values_ns"]) == 10
    assert sum(first["new_first"]) == 5, "ABBA: each side begins as often"
    for side in ("old", "new"):
        kept = [json.loads(line) for line in (place.result / side / "records.jsonl").read_text("utf-8").splitlines()]
        assert sum(record["record"] == "case" for record in kept) == 20
    page = (place.result / "report.html").read_text("utf-8")
    summary = (place.result / "summary.md").read_text("utf-8")
    sentence = "NEW against OLD, 2 cases: 1 slower, 1 the same."
    assert sentence in run.stdout and sentence in page and sentence in summary


def test_exact_names_choose_the_cases(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new")
    assert place.compare(old, new, NAMES[1], "--pairs", "8").returncode == 0
    assert [record["case"] for record in place.records()] == [NAMES[1]]
    assert_one_line(place.compare(old, new, "queue/trans"), 4, "exact names")
    assert_one_line(place.compare(old, new, NAMES[1], "queue/trans"), 4, "case queue/trans:", "exact names")


def test_names_of_cases_may_follow_options(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new")
    assert place.compare("--pairs", "8", old, "--seed", "1", new, NAMES[0], "--time", "0.05", NAMES[1]).returncode == 0
    assert [record["case"] for record in place.records()] == NAMES


def test_a_build_that_lost_a_case_is_incomplete_and_an_option_accepts_it(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", cases={NAMES[0]: 100.0})
    run = place.compare(old, new, "--pairs", "8", "--run", "strict")
    assert run.returncode == 3, run.stdout + run.stderr
    assert f"Missing from NEW, 1 case of OLD: {NAMES[1]}." in run.stdout and "only OLD has it" in run.stdout
    assert place.compare(old, new, "--pairs", "8", "--run", "lax", "--allow-missing").returncode == 0
    run = place.compare(new, old, "--pairs", "8", "--run", "more")
    assert run.returncode == 0, "a case that only NEW has does not count"
    assert f"Missing from OLD, 1 case of NEW: {NAMES[1]}." in run.stdout


def test_what_fails_on_both_sides_is_no_regression(place: Place) -> None:
    old, new = (install(place.folder / name, fail="producers:1") for name in ("old", "new"))
    run = place.compare(old, new, "--pairs", "8", "--seed", "1")
    assert run.returncode == 3, run.stdout + run.stderr
    assert "OLD failed in 8 of 8 forks" in run.stdout and "NEW failed in 8 of 8 forks" in run.stdout


def test_where_nothing_has_a_verdict_of_speed_nothing_was_compared(place: Place) -> None:
    old, new = (install(place.folder / name, fail="producers:1", expected=True) for name in ("old", "new"))
    assert place.compare(old, new, NAMES[0], "--pairs", "8").returncode == 4


def test_two_subjects_of_one_build_meet_however_they_wait(place: Place) -> None:
    cases = {
        f"queue/transfer/{subject}/producers:1/consumers:1/capacity:1024/payload:8/wait:{wait}/pin:compact": ns
        for subject, wait, ns in (("mutex_condvar", "block", 200.0), ("vyukov", "yield", 100.0))
    }
    build = install(place.folder / "build", cases=cases)
    words = ("queue/transfer/mutex_condvar", "queue/transfer/vyukov")
    program = str(build / "racetrack")
    run = place.compare(*words, "--pairs", "8", RACETRACK=program)
    assert run.returncode == 0, run.stderr
    (record,) = place.records()
    assert record["verdict"] == "faster"
    assert record["case"].startswith("queue/transfer/mutex_condvar→vyukov/") and "wait:block→yield" in record["case"]


@pytest.mark.parametrize(
    ("side", "config", "code", "reported"),
    [
        ("new", {"fail": "producers:1"}, 1, "NEW failed in 8 of 8 forks (lost"),
        ("old", {"fail": "producers:1"}, 3, "OLD failed in 8 of 8 forks (lost"),
        ("new", {"fail": "producers:1", "expected": True}, 0, "NEW failed in 8 of 8 forks (lost"),
        ("new", {"crash": "producers:1"}, 1, "(crash, detected by process)"),
        ("old", {"crash": "producers:1"}, 3, "(crash, detected by process)"),
    ],
)
def test_who_fails_has_no_speed(side: str, config: dict[str, Any], code: int, reported: str, place: Place) -> None:
    both = {name: install(place.folder / name, **(config if name == side else {})) for name in ("old", "new")}
    run = place.compare(both["old"], both["new"], "--pairs", "8", "--seed", "1")
    assert run.returncode == code, run.stdout + run.stderr
    assert reported in run.stdout
    by_name = {record["case"]: record for record in place.records()}
    assert by_name[NAMES[0]]["verdict"] == "no verdict" and by_name[NAMES[0]]["ratio"] is None
    assert by_name[NAMES[1]]["verdict"] == "same"


def test_pairs_that_lost_a_fork_are_left_out_and_counted(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", killed=[0, 5])
    assert place.compare(old, new, NAMES[0], "--pairs", "10").returncode == 0
    (record,) = place.records()
    assert record["lost"] == 2 and len(record["old"]["values_ns"]) == 8


def test_too_few_pairs_are_inconclusive_and_say_how_many_are_missing(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", cases=slower(2.0))
    run = place.compare(old, new, NAMES[0], "--pairs", "3")
    assert run.returncode == 3
    assert "3 pairs cannot show anything here, at least 6 are needed; run 3 more pairs" in run.stdout


def test_until_decided_stops_early_and_spends_a_quarter_on_each_look(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", cases=slower(1.5))
    run = place.compare(old, new, "--until-decided", "--budget", "300", "--seed", "2")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "4 looks planned and 1.25% spent on each" in run.stdout
    assert {len(record["old"]["values_ns"]) for record in place.records()} == {10}


def test_a_spent_budget_keeps_what_was_measured(place: Place) -> None:
    old, new = install(place.folder / "old", slow_s=0.02), install(place.folder / "new")
    run = place.compare(old, new, "--pairs", "1000", "--budget", "1")
    assert run.returncode == 3
    assert "The budget of 1.0 s is spent" in run.stdout
    assert 0 < len(place.records()[0]["old"]["values_ns"]) < 1000


def test_the_plan_runs_nothing(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new")
    run = place.compare(old, new, "--plan")
    assert run.returncode == 0
    assert "2 cases, 12 pairs each: about 19 s" in run.stdout
    assert "not calibrated" in run.stdout and "smallest slowdown" in run.stdout
    assert not place.reports.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_ctrl_c_keeps_what_was_measured(number: signal.Signals, place: Place) -> None:
    old, new = install(place.folder / "old", slow_s=0.05), install(place.folder / "new")
    command = [str(ROOT / "scripts/compare"), str(old), str(new), "--pairs", "500", "--run", "cut"]
    with subprocess.Popen(
        command, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        wait_until(lambda: turns_of(old) >= 5)
        os.killpg(process.pid, number)
        reported, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert "Interrupted: judged by the completed pairs." in reported
    assert "To start again: scripts/compare " in reported
    assert "Traceback" not in said
    assert FILES <= {path.name for path in place.result.iterdir()}
    assert place.records()


@pytest.mark.parametrize("words", [["--budget", "0.001"], []], ids=["budget", "ctrl-c"])
def test_what_stops_before_the_first_pair_keeps_nothing(words: list[str], place: Place) -> None:
    old, new = install(place.folder / "old", slow_s=5 if not words else 0), install(place.folder / "new")
    command = [str(ROOT / "scripts/compare"), str(old), str(new), "--pairs", "8", *words]
    with subprocess.Popen(
        command, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        if not words:
            wait_until(lambda: turns_of(old) + turns_of(new) >= 1)
            os.killpg(process.pid, signal.SIGINT)
        reported, said = process.communicate(timeout=60)
    assert (process.returncode, reported) == (3, ""), said
    assert said == "compare: stopped before the first pair was done; nothing is kept\n"
    assert not list(place.reports.rglob("*.*"))


def turns_of(build: Path) -> int:
    counted = build / "turns"
    return int(counted.read_text("ascii") or 0) if counted.exists() else 0


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def run_of(folder: Path, ns: float, forks: int = 8, seed: int = 1, fingerprint: str = "f00dcafe") -> Path:
    subject = synthetic.Subject("vyukov", ns, 1.6, 0.01)
    records = synthetic.sweep((subject,), forks, seed, wide=False)
    for record in records:
        if record["record"] == "environment":
            record["machine"]["fingerprint"] = fingerprint
    return synthetic.write_run(folder, records)


def test_two_runs_meet_unpaired_and_are_labelled_as_weaker(place: Place) -> None:
    old, new = run_of(place.reports / "runs" / "monday", 100), run_of(place.folder / "tuesday", 130, seed=2)
    run = place.compare("monday", new)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "unpaired runs, which is weaker" in run.stdout
    assert {record["paired"] for record in place.records()} == {False}
    assert old.is_dir()


def test_a_damaged_line_of_a_run_is_named_and_left_out(place: Place) -> None:
    old, new = run_of(place.folder / "old", 100), run_of(place.folder / "new", 130, seed=2)
    with open(new / "records.jsonl", "ab") as stream:
        stream.write(b'{"schema":1,"record":"case","crc32":"00000000"}\n')
    lines = (new / "records.jsonl").read_bytes().count(b"\n")
    run = place.compare(old, new)
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stderr.startswith(f"compare: new:{lines}: left out: damaged: ") and run.stderr.count("\n") == 1
    assert "left out: damaged: " in (place.result / "report.html").read_text("utf-8")


def benchmark_file(path: Path, costs: dict[str, list[float]], cpus: int = 2) -> Path:
    entries = [
        {
            "name": name,
            "run_name": name,
            "run_type": "iteration",
            "repetition_index": n,
            "real_time": cost / 1e3,
            "time_unit": "us",
        }
        for name, values in costs.items()
        for n, cost in enumerate(values)
    ]
    document = {"context": {"host_name": "bench-host", "num_cpus": cpus}, "benchmarks": entries}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_google_benchmarks_json_comes_in_as_an_unpaired_run(place: Place) -> None:
    old = benchmark_file(
        place.folder / "old.json", {"BM_a": [100, 101, 99, 100.5, 100.2, 99.3], "BM_b": [50, 51, 52, 50.4, 51.1, 50.7]}
    )
    new = benchmark_file(place.folder / "new.json", {"BM_a": [150, 151, 149, 150.5, 150.2, 149.3], "BM_c": [1.0] * 6})
    run = place.compare(old, new)
    assert run.returncode == 1, run.stdout + run.stderr
    record, gone, added = place.records()
    assert record["case"] == "BM_a" and record["old"]["values_ns"][0] == pytest.approx(100)
    assert (gone["case"], gone["reason"]) == ("BM_b", "only OLD has it")
    assert (added["case"], added["reason"]) == ("BM_c", "only NEW has it")
    page = (place.result / "report.html").read_text("utf-8")
    assert "only OLD has it" in page and "BM_c" in page


def test_compare_py_of_google_benchmark_reads_ours_and_agrees_on_the_medians(place: Place) -> None:
    old, new = install(place.folder / "old", noise=0.03), install(place.folder / "new", cases=slower(1.2), noise=0.03)
    place.compare(old, new, "--pairs", "9", "--seed", "1")
    files = [str(place.result / f"{side}.benchmark.json") for side in ("old", "new")]
    dump = place.folder / "theirs.json"
    done = subprocess.run(
        ["/usr/bin/python3", "/usr/share/benchmark/compare.py", "--no-color", "-d", str(dump), "benchmarks", *files],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    theirs = {entry["name"]: entry for entry in json.loads(dump.read_text("utf-8"))}
    with open(place.result / "summary.csv", encoding="utf-8", newline="") as stream:
        ours = {row["case"]: row for row in csv.DictReader(stream)}
    assert set(ours) == set(NAMES)
    for name, row in ours.items():
        (measured,) = theirs[f"{name}_median"]["measurements"]
        assert measured["real_time"] == pytest.approx(float(row["old_median_ns"]))
        assert measured["real_time_other"] == pytest.approx(float(row["new_median_ns"]))
        change = float(row["new_median_ns"]) / float(row["old_median_ns"]) - 1
        assert measured["time"] == pytest.approx(change)


def test_a_side_that_ends_early_is_the_harness_failing(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", die_after=3)
    assert_one_line(place.compare(old, new, "--pairs", "8"), 70, "new", "the sky fell")


def test_a_racetrack_from_before_comparisons_is_named_and_nothing_is_written(place: Place) -> None:
    old, new = install(place.folder / "old"), install(place.folder / "new", ancient=True)
    assert_one_line(place.compare(old, new, "--pairs", "8"), 2, "new", "'--schedule'", "build a newer commit")
    assert not list(place.reports.rglob("records.jsonl"))


def test_bad_input_is_one_line_and_its_code(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(old: str | Path, new: str | Path, code: int, *words: str, options: tuple[str, ...] = ()) -> None:
        # In this process: twenty starts of Python take longer than all else.
        done = main([str(old), str(new), *options])
        reported, said = capfd.readouterr()
        assert_one_line(subprocess.CompletedProcess([], done, reported, said), code, *words)

    old, new = install(place.folder / "old"), install(place.folder / "new", refuse="this racetrack is of another ABI")
    empty = install(place.folder / "empty", cases={})
    other = install(place.folder / "other", cases={"queue/burst/vyukov/producers:1": 1.0})
    run = run_of(place.folder / "run", 100)
    elsewhere = run_of(place.folder / "elsewhere", 100, fingerprint="cafe")
    alien = place.folder / "alien.json"
    alien.write_text('{"results": [1, 2]}', encoding="utf-8")
    broken = place.folder / "broken.json"
    broken.write_text("{", encoding="utf-8")
    hollow = place.folder / "hollow"
    hollow.mkdir()
    nothing = synthetic.write_run(place.folder / "nothing", [synthetic.environment("begin")])
    words = place.folder / "notes.txt"
    words.write_text("no records", encoding="utf-8")
    one = benchmark_file(place.folder / "one.json", {"BM": [1.0, 2.0]})
    two = benchmark_file(place.folder / "two.json", {"BM": [1.0, 2.0]}, cpus=3)
    none = benchmark_file(place.folder / "none.json", {})
    monkeypatch.setenv("RACETRACK_REPORTS", str(place.reports))
    refused(old, new, 2, "new", "another ABI")
    refused(old, empty, 4, "empty", "has no case")
    refused(old, other, 4, "no case in common")
    refused(old, old, 4, "the same", "make calibrate")
    refused(run, run, 4, "the same")
    refused(run, old, 2, "measured before", "make bench")
    refused(run, elsewhere, 2, "different environments", "cafe")
    refused(run, alien, 2, "alien.json", "JSON of another tool")
    refused(run, broken, 2, "broken.json", "is not JSON")
    refused(run, hollow, 2, "hollow", "no records.jsonl")
    refused(run, nothing, 2, "no measured case")
    refused(run, words, 2, "notes.txt", "give a run folder")
    refused(run, "yesterday", 2, "yesterday", "no such file, run or subject")
    refused(one, two, 2, "different machines", "--same-machine")
    refused(run, elsewhere, 2, "--same-machine", "fingerprint", options=("--same-machine",))
    refused(old, install(place.folder / "new3"), 2, "--same-machine", options=("--same-machine",))
    refused(one, none, 2, "has no repetition")
    refused(run, elsewhere, 2, "--pairs", "nothing is run", options=("--pairs", "8"))
    monkeypatch.setenv("RACETRACK", str(old / "racetrack"))
    refused(old, "queue/transfer/vyukov", 2, "is a subject")
    refused(old, install(place.folder / "new2"), 2, "make calibrate", options=("--detect", "10"))
    assert not place.reports.exists(), "nothing is written for input that cannot be used"


def test_one_sample_per_side_is_inconclusive(place: Place) -> None:
    old, new = run_of(place.folder / "old", 100, forks=1), run_of(place.folder / "new", 200, forks=1, seed=2)
    run = place.compare(old, new)
    assert run.returncode == 3
    assert "1 fork of each side cannot show anything here" in run.stdout
