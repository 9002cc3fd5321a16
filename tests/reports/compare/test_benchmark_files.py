"""Files of Google Benchmark, of many versions, as a user compares them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from racetrack_compare.benchmark_file import read_file
from racetrack_compare.command import main

Entry = dict[str, Any]
TIMES = (100.0, 101.0, 99.0, 100.5, 99.5, 100.2)


def entries(name: str, times: Any = TIMES, **members: Any) -> list[Entry]:
    """One benchmark as version 1.8.4 and later have it; a time of None leaves real_time out."""
    found = []
    for repetition, time in enumerate(times):
        entry: Entry = {"name": name, "family_index": 0, "per_family_instance_index": 0, "run_name": name}
        entry |= {"run_type": "iteration", "repetitions": len(times), "repetition_index": repetition, "threads": 1}
        entry |= {"iterations": 1000, "time_unit": "ns"}
        entry |= {} if time is None else {"real_time": time, "cpu_time": 0.5 * min(time, 1e300)}
        found.append(entry | members)
    return found


def file_of(path: Path, rows: Sequence[Entry], **context: Any) -> Path:
    head: Entry = {"date": "2026-01-01T00:00:00+00:00", "host_name": "host", "executable": "./b", "num_cpus": 4}
    head |= {
        "mhz_per_cpu": 3000,
        "library_version": "v1.9.5",
        "library_build_type": "release",
        "json_schema_version": 1,
    }
    document = {"context": {name: value for name, value in (head | context).items() if value is not None}}
    path.write_text(json.dumps(document | {"benchmarks": rows}), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Result:
    """The output files of a comparison."""

    code: int
    out: str
    error: str
    folder: Path

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        with open(self.folder / "summary.csv", encoding="utf-8", newline="") as stream:
            return {row["case"]: row for row in csv.DictReader(stream)}

    def exported(self, side: str) -> list[Entry]:
        return list(json.loads((self.folder / f"{side}.benchmark.json").read_text("utf-8"))["benchmarks"])


Compare = Callable[..., Result]


@pytest.fixture(name="compare")
def make_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Compare:
    """Compares the rows of two files; `old` and `new` are members of their contexts."""
    monkeypatch.setenv("RACETRACK_REPORTS", str(tmp_path / "reports"))

    def compare(
        rows: tuple[Sequence[Entry], Sequence[Entry]], *words: str, old: Entry | None = None, new: Entry | None = None
    ) -> Result:
        paths = [
            file_of(tmp_path / f"{side}.json", entries_of_side, **(context or {}))
            for side, entries_of_side, context in (("old", rows[0], old), ("new", rows[1], new))
        ]
        code = main([*map(str, paths), "--run", "it", *words])
        reported = capfd.readouterr()
        return Result(code, reported.out, reported.err, tmp_path / "reports" / "comparisons" / "it")

    return compare


SKIPPED = {"skipped": True, "skip_message": "no such device", "iterations": 0, "real_time": 0.0, "cpu_time": 0.0}
ERROR = {"error_occurred": True, "error_message": "not permitted", "iterations": 0, "real_time": 0.0, "cpu_time": 0.0}


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (entries("odd", **SKIPPED), "OLD and NEW were skipped (no such device)"),
        (entries("odd", **ERROR), "OLD and NEW failed (not permitted)"),
        (entries("odd", [0.0] * 6), "OLD and NEW have a real_time of 0"),
        (entries("odd", [100.0, 0.0, 101.0]), "OLD and NEW have a real_time of 0, in 1 of 3 repetitions"),
        (entries("odd", [-1.0]), "OLD and NEW have a real_time of -1"),
        (entries("odd", [float("nan")] * 6), "OLD and NEW have a real_time that is not a number"),
        (entries("odd", [float("inf")] * 6), "OLD and NEW have a real_time of inf"),
        (entries("odd", [10**400]), "OLD and NEW have a real_time of inf"),
        (entries("odd", [None] * 6), "OLD and NEW have no real_time"),
        (entries("odd", time_unit="weeks"), "OLD and NEW have times of an unknown unit (weeks)"),
    ],
)  # fmt: skip
def test_a_row_that_has_no_time_on_both_sides_is_listed_and_the_others_are_compared(
    odd: list[Entry], reason: str, compare: Compare
) -> None:
    rows = [*entries("good"), *odd]
    done = compare((rows, rows))
    assert done.code == 0, done.error
    assert (done.rows["good"]["verdict"], done.rows["odd"]["verdict"]) == ("same", "no verdict")
    assert done.rows["odd"]["reason"] == reason
    for name in ("summary.md", "report.html"):
        assert reason.replace("_", "\\_") in (text := (done.folder / name).read_text("utf-8")) or reason in text
    assert f"odd  ({reason})" in done.out


@pytest.mark.parametrize(
    ("old", "new", "code", "reason"),
    [
        ({}, SKIPPED, 3, "NEW was skipped (no such device)"),
        (SKIPPED, {}, 3, "OLD was skipped (no such device)"),
        ({}, {"real_time": 0.0}, 3, "NEW has a real_time of 0"),
        ({}, ERROR, 1, "NEW failed (not permitted)"),
        (ERROR, {}, 3, "OLD failed (not permitted)"),
        (SKIPPED, ERROR, 1, "OLD was skipped (no such device); NEW failed (not permitted)"),
        (ERROR, SKIPPED, 3, "OLD failed (not permitted); NEW was skipped (no such device)"),
        (ERROR, ERROR | {"error_message": "no"}, 0, "OLD failed (not permitted); NEW failed (no)"),
        (SKIPPED, {"real_time": 0.0}, 0, "OLD was skipped (no such device); NEW has a real_time of 0"),
    ],
)
def test_what_lost_its_time_or_fails_anew_is_no_success(
    old: Entry, new: Entry, code: int, reason: str, compare: Compare
) -> None:
    done = compare(([*entries("good"), *entries("odd", **old)], [*entries("good"), *entries("odd", **new)]))
    assert (done.code, done.rows["odd"]["reason"]) == (code, reason)
    assert done.rows["good"]["verdict"] == "same"


def test_where_no_row_has_a_time_nothing_was_compared(compare: Compare) -> None:
    rows = entries("odd", **SKIPPED)
    assert compare((rows, rows)).code == 4


def test_cases_that_vanished_are_listed_everywhere_and_are_no_success(compare: Compare) -> None:
    gone = [f"gone{number}" for number in range(8)]
    old = [entry for name in ["kept", *gone] for entry in entries(name)]
    done = compare((old, entries("kept")))
    assert done.code == 3
    assert "Missing from NEW, 8 cases of OLD: gone0; gone1; gone2; and 5 more." in done.out
    for name in gone:
        assert done.rows[name]["reason"] == "only OLD has it"
        for text in (
            done.out,
            *((done.folder / file).read_text("utf-8") for file in ("summary.md", "report.html", "report.sarif")),
        ):
            assert name in text


def test_vanished_cases_are_accepted_by_an_option_and_new_ones_always(compare: Compare) -> None:
    assert compare(([*entries("kept"), *entries("gone")], entries("kept")), "--allow-missing").code == 0


def test_cases_that_only_new_has_are_listed(compare: Compare) -> None:
    done = compare((entries("kept"), [*entries("kept"), *entries("fresh")]))
    assert (done.code, done.rows["fresh"]["reason"]) == (0, "only NEW has it")


def test_a_vanished_case_that_was_not_asked_for_does_not_count(compare: Compare) -> None:
    assert compare(([*entries("kept"), *entries("gone")], entries("kept")), "kept").code == 0


def named(index: tuple[int, int] | None, times: Sequence[float]) -> list[Entry]:
    found = entries("push<int>", times)
    for entry in found:
        if index is None:
            del entry["family_index"], entry["per_family_instance_index"]
        else:
            entry["family_index"], entry["per_family_instance_index"] = index
    return found


FIVE_TIMES = [5 * time for time in TIMES]


@pytest.mark.parametrize(
    ("old", "new", "labels"),
    [
        (((0, 0), (3, 0)), ((0, 0), (3, 0)), ("family 0, instance 0", "family 3, instance 0")),
        (((2, 0), (2, 1)), ((2, 0), (2, 1)), ("family 2, instance 0", "family 2, instance 1")),
        (((0, 0), (3, 0)), ((1, 0), (4, 0)), ("family 0, instance 0", "family 3, instance 0")),
        ((None, None), (None, None), ("number 1", "number 2")),
    ],
)
def test_benchmarks_of_one_name_are_told_apart(old: Any, new: Any, labels: tuple[str, str], compare: Compare) -> None:
    slow = [1.5 * time for time in FIVE_TIMES]
    done = compare(
        ([*named(old[0], TIMES), *named(old[1], FIVE_TIMES)], [*named(new[0], TIMES), *named(new[1], slow)]),
        old={"library_version": None}, new={"library_version": None},
    )  # fmt: skip
    assert done.code == 1
    assert {name: row["verdict"] for name, row in done.rows.items()} == {
        f"push<int> [{labels[0]}]": "same",
        f"push<int> [{labels[1]}]": "slower",
    }
    assert {row["n"] for row in done.rows.values()} == {"6"}


def test_interleaved_repetitions_of_one_name_are_told_apart(compare: Compare) -> None:
    pairs = zip(named((0, 0), TIMES), named((1, 0), FIVE_TIMES))
    rows = [entry for pair in pairs for entry in pair]
    done = compare((rows, list(reversed(rows))))
    assert done.code == 0 and len(done.rows) == 2


def test_benchmarks_of_one_name_that_are_not_as_many_do_not_meet(compare: Compare) -> None:
    done = compare(([*named((0, 0), TIMES), *named((1, 0), FIVE_TIMES)], named((0, 0), FIVE_TIMES)))
    assert done.code == 3
    assert {row["reason"] for row in done.rows.values()} == {
        "OLD has 2 of this name and NEW has 1: which ones correspond is unknown"
    }


def test_one_of_several_of_a_name_can_be_named(compare: Compare) -> None:
    rows = [*named((0, 0), TIMES), *named((1, 0), FIVE_TIMES)]
    done = compare((rows, rows), "push<int> [family 1, instance 0]")
    assert done.code == 0 and list(done.rows) == ["push<int> [family 1, instance 0]"]


def test_exported_files_have_the_values_that_were_read(compare: Compare) -> None:
    rows = entries("threaded/threads:2", threads=2, time_unit="us")
    for entry in rows:
        entry["iterations"] = 7 + entry["repetition_index"]
    done = compare((rows, rows))
    for side in ("old", "new"):
        kept = [entry for entry in done.exported(side) if entry["run_type"] == "iteration"]
        assert [entry["real_time"] for entry in kept] == [time * 1e3 for time in TIMES]
        assert [entry["cpu_time"] for entry in kept] == [time / 2 * 1e3 for time in TIMES]
        assert [entry["iterations"] for entry in kept] == [7, 8, 9, 10, 11, 12]
        assert {entry["threads"] for entry in done.exported(side)} == {2}
        (mean,) = (entry for entry in done.exported(side) if entry["name"].endswith("_mean"))
        assert mean["cpu_time"] == pytest.approx(mean["real_time"] / 2)


def test_exported_files_have_nothing_that_was_not_read(compare: Compare) -> None:
    rows = entries("bare")
    for entry in rows:
        del entry["cpu_time"], entry["threads"], entry["iterations"]
    done = compare((rows, rows))
    for entry in done.exported("old"):
        assert entry["cpu_time"] != entry["cpu_time"], "not a number"
        assert "threads" not in entry and ("iterations" not in entry or entry["run_type"] == "aggregate")


def test_a_host_name_refuses_nothing_and_is_mentioned(compare: Compare) -> None:
    rows = entries("a")
    done = compare((rows, rows), new={"host_name": "another", "mhz_per_cpu": 800})
    assert done.code == 0, done.error
    assert "the host names differ (OLD host, NEW another)" in done.out


@pytest.mark.parametrize(
    "context",
    [{"num_cpus": 8}, {"caches": [{"type": "Data", "level": 1, "size": 49152, "num_sharing": 1}]}],
    ids=["processors", "caches"],
)
def test_other_hardware_is_refused_unless_the_user_states_that_it_is_one(context: Entry, compare: Compare) -> None:
    rows = entries("a")
    old = {"caches": [{"type": "Data", "level": 1, "size": 32768, "num_sharing": 1}]}
    refused = compare((rows, rows), old=old, new=context)
    assert refused.code == 2 and refused.error.count("\n") == 1
    assert "if it is one machine, give --same-machine" in refused.error
    done = compare((rows, rows), "--same-machine", old=old, new=context | {"host_name": "another"})
    assert done.code == 0 and "host names" not in done.out


@pytest.mark.parametrize(
    ("old", "new", "threads", "warned"),
    [
        ("v1.8.3", "v1.9.5", 2, True),
        (None, "v1.9.5", 2, True),
        ("v1.9.5", "v1.9.5", 2, False),
        (None, None, 2, False),
        ("v1.8.3", "v1.9.5", 1, False),
    ],
)
def test_other_versions_of_the_library_are_a_warning_where_threads_are_several(
    old: str | None, new: str | None, threads: int, warned: bool, compare: Compare
) -> None:
    rows = [*entries("a"), *entries("b", threads=threads)]
    done = compare((rows, rows), old={"library_version": old}, new={"library_version": new})
    assert done.code == 0
    for text in (done.out, (done.folder / "summary.md").read_text("utf-8")):
        assert ("the versions of Google Benchmark differ" in text) == warned
    assert ("1 case has more than one thread, as b" in done.out) == warned


def without(rows: list[Entry], *members: str) -> list[Entry]:
    return [{name: value for name, value in entry.items() if name not in members} for entry in rows]


def aggregates(name: str, **members: Any) -> list[Entry]:
    (entry, *_) = entries(name, [1.0])
    del entry["repetition_index"]
    found = [
        entry
        | {"name": f"{name}_{kind}", "run_type": "aggregate", "aggregate_name": kind, "aggregate_unit": unit}
        | members
        for kind, unit in (("mean", "time"), ("median", "time"), ("stddev", "time"), ("cv", "percentage"))
    ]
    fit = {"name": f"{name}_BigO", "run_name": name, "run_type": "aggregate", "aggregate_name": "BigO", "big_o": "N"}
    found.append(fit | {"cpu_coefficient": 1.0, "real_coefficient": 1.0, "time_unit": "ns"})
    found.append(
        {"name": f"{name}_RMS", "run_name": name, "run_type": "aggregate", "aggregate_name": "RMS", "rms": 0.1}
    )
    return found


INDICES = ("family_index", "per_family_instance_index")
# The members of an entry of 1.9.5 that an older version does not write.
VERSIONS: dict[str, tuple[tuple[str, ...], Entry]] = {
    "1.4.1": (
        (
            *INDICES,
            "run_name",
            "run_type",
            "repetitions",
            "repetition_index",
            "threads",
            "aggregate_name",
            "aggregate_unit",
        ),
        {"library_version": None, "json_schema_version": None},
    ),
    "1.5.0": ((*INDICES, "aggregate_unit"), {"library_version": None, "json_schema_version": None}),
    "1.6.0": ((), {"library_version": None, "json_schema_version": None}),
    "1.8.5": ((), {"library_version": "v1.8.5"}),
    "1.9.5": ((), {"library_version": "v1.9.5"}),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_every_version_have_the_same_rows(version: str, tmp_path: Path) -> None:
    members, context = VERSIONS[version]
    rows = [*entries("a/8"), *aggregates("a/8"), *entries("b", **ERROR)]
    file = read_file("it", file_of(tmp_path / "it.json", without(rows, *members), **context))
    assert [(row.name, len(row.repetitions), row.failed) for row in file.rows] == [("a/8", 6, False), ("b", 0, True)]
    assert [each.real_ns for each in file.rows[0].repetitions] == list(TIMES)


def test_numbers_that_json_does_not_have_are_read_as_older_libraries_print_them(tmp_path: Path) -> None:
    path = file_of(tmp_path / "it.json", [*entries("a"), *entries("b", [1.0], rate=7.0)])
    for printed in ("nan", "-nan", "inf", "NaN", "Infinity"):
        path.write_text(path.read_text("utf-8").replace('"rate": 7.0', f'"rate": {printed}'), encoding="utf-8")
        assert len(read_file("it", path).rows) == 2
        path.write_text(path.read_text("utf-8").replace(f'"rate": {printed}', '"rate": 7.0'), encoding="utf-8")


def test_threads_of_an_old_file_are_read_from_the_name(tmp_path: Path) -> None:
    path = file_of(tmp_path / "it.json", without(entries("a/threads:16"), "threads"))
    assert {each.threads for each in read_file("it", path).rows[0].repetitions} == {16}
