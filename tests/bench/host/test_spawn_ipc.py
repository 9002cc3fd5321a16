"""Starting and talking to processes: every control is detected by its fault, and its corrected twin has no finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.host.harness import Record, cases_of, racetrack, read_records

# On a busy machine a case may run only one round, so the faults show in the first one.
STRESS = ("--time", "0.5", "--seed", "1", "--quiet", "--patience", "2")
SEEN = {
    "deferred_unasked": ("lost", "oracle.exactly_once"),
    "impatient": ("duplicated", "oracle.exactly_once"),
    "forgets_to_wait": ("leak", "oracle.zombies"),
    "status_unchecked": ("wrong_result", "oracle.ending"),
    "stdio_buffered": ("torn", "oracle.lines"),
    "swallows_sigint": ("hang", "oracle.stop"),
    "futex_ring_unwatched": ("lost_wakeup", "watchdog"),
    "plain_mutex": ("lost_wakeup", "watchdog"),
    "boost_message_queue_unreported_death": ("lost_wakeup", "watchdog"),
}
CORRECTED = ("deferred_asked", "std_thread", "fork", "sleep_until", "futex_ring", "robust_mutex")


@pytest.fixture(scope="module", name="records")
def fixture_records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    folder = tmp_path_factory.mktemp("stress") / "run"
    names = "|".join((*SEEN, *CORRECTED))
    run = racetrack("stress", f"^(spawn|ipc)/(thread|process|endless|peer_killed)/({names})/", *STRESS, "--out", folder)
    assert run.returncode == 0, run.stdout + run.stderr
    return {record["subject"]: record for record in cases_of(read_records(folder))}


@pytest.mark.parametrize("subject", SEEN)
def test_the_fault_of_a_control_is_found(subject: str, records: dict[str, Record]) -> None:
    verdict = records[subject]["verdict"]
    assert (verdict["result"], verdict["kind"], verdict["detector"]) == ("fail", *SEEN[subject])
    assert verdict["as_expected"] is True
    assert verdict["witness"]["text"]


@pytest.mark.parametrize("subject", CORRECTED)
def test_the_corrected_twin_is_clean(subject: str, records: dict[str, Record]) -> None:
    assert records[subject]["verdict"]["result"] == "pass"


def test_the_witness_names_the_end_by_a_signal(records: dict[str, Record]) -> None:
    text = records["status_unchecked"]["verdict"]["witness"]["text"]
    assert "ended with signal 9 and was reported with exit status 0" in text


def test_a_large_parent_has_that_size(tmp_path: Path) -> None:
    short = ("--time", "0.01", "--forks", "1", "--quiet")
    run = racetrack("bench", "^spawn/process/fork/", *short, "--param", "resident_mib=1,256", "--out", tmp_path / "run")
    assert run.returncode == 0, run.stderr
    cases = {record["params"]["resident_mib"]: record["metrics"] for record in cases_of(read_records(tmp_path / "run"))}
    mebibyte = 1 << 20
    assert cases[256]["baseline_rss_bytes"] - cases[1]["baseline_rss_bytes"] > 200 * mebibyte


def test_a_parent_larger_than_the_machine_is_rejected_in_one_line(tmp_path: Path) -> None:
    run = racetrack("bench", "^spawn/process/fork/", "--param", "resident_mib=1048576", "--out", tmp_path / "run")
    assert run.returncode == 2
    assert "MiB are available" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_the_endless_program_prints_until_it_is_stopped(tmp_path: Path) -> None:
    short = ("--time", "0.05", "--forks", "1", "--quiet")
    run = racetrack("bench", "^spawn/endless/", *short, "--out", tmp_path / "run")
    assert run.returncode == 0, run.stderr
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert record["metrics"]["lines_per_s"] > 0
    assert 0 < record["metrics"]["stop_ns"] < 1e9
    assert record["histograms"]["lateness_ns"]["count"] > 0
