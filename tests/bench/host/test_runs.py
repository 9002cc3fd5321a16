"""The results of a run: records, environment and Google Benchmark's JSON; and the output of the other commands."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    BUILD,
    FAULTY,
    GOOD,
    SOUND,
    Record,
    cases_of,
    phases_of,
    racetrack,
    read_records,
)

FORKS = 2
TWO_CASES = "queue/transfer/sound/producers:1/"
COMPARE = Path("/usr/share/benchmark/compare.py")  # of Debian's libbenchmark-tools


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cases with two forks each, called with Google Benchmark's options."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    flags = [f"--benchmark_filter={TWO_CASES}", f"--benchmark_repetitions={FORKS}", "--benchmark_min_time=0.005"]
    out = [f"--benchmark_out={folder}.json", "--benchmark_out_format=json", "--benchmark_format=json"]
    run = racetrack("bench", "--plugin", FAULTY, *flags, *out, "--quiet", "--out", folder)
    assert run.returncode == 0, run.stderr
    folder.with_suffix(".stdout").write_text(run.stdout, "utf-8")
    return folder


def benchmarks_of(file: Path) -> list[Record]:
    benchmarks: list[Record] = json.loads(file.read_text("utf-8"))["benchmarks"]
    return benchmarks


def test_google_benchmarks_flags_set_the_plan(folder: Path) -> None:
    plan = read_records(folder)[0]["plan"]
    assert (plan["forks"], plan["min_time_s"], len(plan["cases"])) == (FORKS, 0.005, 2)
    assert all(case.startswith(TWO_CASES) for case in plan["cases"])


def test_every_case_and_fork_has_one_record(folder: Path) -> None:
    records = read_records(folder)
    assert phases_of(records) == ["begin", "end"]
    assert len({record["invocation"] for record in records}) == 1
    runs = {(record["case"], record["fork"]) for record in cases_of(records)}
    assert runs == {(case, fork) for case in records[0]["plan"]["cases"] for fork in range(FORKS)}
    assert [record["order_index"] for record in cases_of(records)] == list(range(len(runs)))


def test_a_case_records_where_its_threads_ran(folder: Path) -> None:
    for record in cases_of(read_records(folder)):
        threads = record["params"]["producers"] + record["params"]["consumers"]
        assert [place["thread"] for place in record["placement"]] == list(range(threads))
        assert all(isinstance(place["cpu"], int) for place in record["placement"])
        allowed = json.loads((folder / "environment.json").read_text("utf-8"))["machine"]["hardware_threads"]
        assert record["oversubscribed"] == (threads > allowed)


def test_the_machine_and_the_build_are_recorded_next_to_the_records(folder: Path) -> None:
    facts = json.loads((folder / "environment.json").read_text("utf-8"))
    records = read_records(folder)
    assert facts["build"] == records[0]["build"] == cases_of(records)[0]["build"]
    assert facts["machine"]["fingerprint"] == records[0]["machine"]["fingerprint"]


def test_google_benchmarks_json_names_the_cases_and_counts_the_forks(folder: Path) -> None:
    benchmarks = benchmarks_of(folder / "benchmark.json")
    assert {(entry["name"], entry["repetition_index"]) for entry in benchmarks} == {
        (record["case"], record["fork"]) for record in cases_of(read_records(folder))
    }
    by_run = {(record["case"], record["fork"]): record["metrics"] for record in cases_of(read_records(folder))}
    for entry in benchmarks:
        assert entry["run_name"] == entry["name"]
        assert "manual_time" not in entry["name"]
        assert (entry["repetitions"], entry["time_unit"], entry["run_type"]) == (FORKS, "ns", "iteration")
        metrics = by_run[entry["name"], entry["repetition_index"]]
        assert entry["real_time"] == pytest.approx(metrics["ns_per_item"])
        assert entry["items_per_second"] == pytest.approx(metrics["items_per_s"], rel=1e-6)


def test_the_same_json_goes_to_standard_output_and_to_the_given_file(folder: Path) -> None:
    text = (folder / "benchmark.json").read_text("utf-8")
    assert folder.with_suffix(".stdout").read_text("utf-8") == text
    assert folder.with_suffix(".json").read_text("utf-8") == text


def test_google_benchmarks_compare_reads_it(folder: Path) -> None:
    if not COMPARE.exists():
        pytest.skip("compare.py of Google Benchmark is not installed")
    file = str(folder / "benchmark.json")
    command = ["/usr/bin/python3", str(COMPARE), "benchmarks", file, file]
    compared = subprocess.run(command, check=False, capture_output=True, text=True)
    assert compared.returncode == 0, compared.stderr
    for name in read_records(folder)[0]["plan"]["cases"]:
        assert name in compared.stdout


def test_a_second_run_into_the_same_folder_is_added(tmp_path: Path) -> None:
    for _ in range(2):
        assert racetrack(*GOOD, "--out", tmp_path).returncode == 0
    records = read_records(tmp_path)
    assert phases_of(records) == ["begin", "end", "begin", "end"]
    first, second = cases_of(records)
    assert first["case"] == second["case"]
    assert first["invocation"] != second["invocation"]
    assert len(benchmarks_of(tmp_path / "benchmark.json")) == 1, "the later one"


def test_a_run_without_out_gets_a_new_folder(tmp_path: Path) -> None:
    assert racetrack(*GOOD, cwd=tmp_path).returncode == 0
    [folder] = (tmp_path / "reports/runs").iterdir()
    assert cases_of(read_records(folder))


def order_with(seed: int, folder: Path) -> list[tuple[str, int, int]]:
    # The subject cannot be constructed: nothing is measured, so this is quick.
    filter_ = "queue/(transfer|burst)/cannot_be_made/"
    run = racetrack(
        "bench", filter_, "--plugin", FAULTY, "--forks", "2", "--seed", str(seed), "--quiet", "--out", folder
    )
    assert run.returncode == 1
    return [(record["case"], record["fork"], record["seed"]) for record in cases_of(read_records(folder))]


def test_the_seed_determines_the_order(tmp_path: Path) -> None:
    one = order_with(1, tmp_path / "a")
    assert one == order_with(1, tmp_path / "b")
    assert [each[:2] for each in one] != [each[:2] for each in order_with(2, tmp_path / "c")]
    assert len({seed for _, _, seed in one}) == len(one)
    assert [fork for _, fork, _ in one] == sorted(fork for _, fork, _ in one), "fork by fork"


def test_the_command_in_the_record_repeats_the_run(tmp_path: Path) -> None:
    assert (
        racetrack(
            "bench", "sound/producers:1/consumers:1/(capacity|x)", "--plugin", FAULTY, *GOOD[4:], "--out", tmp_path
        ).returncode
        == 0
    )
    command = shlex.split(read_records(tmp_path)[0]["plan"]["command"])
    assert command[0] == "racetrack"
    assert racetrack(*command[1:], "--out", tmp_path).returncode == 0
    plans = [record["plan"] for record in read_records(tmp_path) if "plan" in record]
    assert plans[0] == plans[1]


def test_list_tests_names_the_cases_and_runs_none(tmp_path: Path) -> None:
    run = racetrack("bench", "--plugin", FAULTY, SOUND, "--benchmark_list_tests", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [f"{SOUND}capacity:1024/payload:8/wait:yield/pin:compact"]
    assert not list(tmp_path.iterdir())


def test_list_as_json_has_scenarios_with_traits_and_parameters() -> None:
    run = racetrack("list", "--json", "--plugin", FAULTY, "transfer")
    assert run.returncode == 0
    scenarios = {scenario["subject"]: scenario for scenario in json.loads(run.stdout)}
    assert scenarios["sound"]["control"] is False
    assert scenarios["duplicates_as_control"]["control"] is True
    assert scenarios["sound"]["traits"]["order"] == "fifo"
    assert scenarios["sound"]["params"]["capacity"]["defaults"] == ["1024"]
    assert all(scenario["workload"] == "transfer" for scenario in scenarios.values())


def test_list_prints_the_subjects_that_come_with_racetrack() -> None:
    run = racetrack("list")
    assert run.returncode == 0
    for subject in ("mutex_condvar", "vyukov"):
        assert (BUILD / "plugins" / f"{subject}.so").exists()
        assert f"queue/{subject}\n" in run.stdout
    assert "queue/sound" not in run.stdout
    both = racetrack("list", "--plugin", FAULTY, "--with-builtin").stdout
    assert "queue/sound\n" in both and "queue/vyukov\n" in both


@pytest.mark.parametrize("arguments", [["--help"], ["bench", "--help"], ["--version"]])
def test_help_is_not_an_error(arguments: list[str]) -> None:
    run = racetrack(*arguments)
    assert (run.returncode, run.stderr) == (0, "")
    assert "racetrack" in run.stdout
