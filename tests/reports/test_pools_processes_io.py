"""Section 10: tables and sentences on pools, starts, channels between processes, and concurrent requests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from racetrack_report.page import render

from tests.reports import synthetic
from tests.reports.synthetic import Record
from tests.reports.test_correctness import loaded, row, words
from tests.reports.test_page import section

PLACE = "pools-processes-io"


def measured(name: str, params: Record, metrics: Record, traits: Record | None = None, forks: int = 6) -> list[Record]:
    """Forks of family/workload/subject with these metrics, five per cent of noise on each."""
    family, workload, subject = name.split("/")
    rng = np.random.default_rng(len(name))
    records = []
    for fork in range(forks):
        record = synthetic.case(synthetic.Subject(subject, 1, 1, 0.05), workload, params, fork)
        record["case"] = "/".join([name, *(f"{key}:{value}" for key, value in params.items())])
        record |= {"family": family, "traits": traits or {}, "oversubscribed": False}
        record["metrics"] = {key: value * rng.lognormal(0, 0.05) for key, value in metrics.items()}
        records.append(record)
    return records


def start(workload: str, subject: str, ns: float, params: Record | None = None) -> list[Record]:
    metrics = {"ns_per_start": ns, "starts_per_s": 1e9 / ns, "join_p50_ns": ns / 2}
    return measured(f"spawn/{workload}/{subject}", {**(params or {}), "starters": 1}, metrics, {"call": "clone"})


def page_of(folder: Path, *parts: list[Record]) -> str:
    return render(loaded(folder, *parts)).html


def test_the_ladder_names_the_cheapest_the_dearest_and_what_memory_costs(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        start("thread", "pool_submit", 2e3),
        start("thread", "std_thread", 2e4),
        start("process", "fork", 2e5, {"resident_mib": 1}),
        start("process", "fork", 6e6, {"resident_mib": 1024}),
    )
    reported = words(section(page, PLACE))
    assert "Fastest: pool_submit, " in reported
    assert "slowest: fork, parent of 1024 MiB, " in reported
    assert "in a parent of 1024 MiB as in one of 1 MiB." in reported
    cells = row(page, "spawn-table", "pool_submit")
    assert cells[1:3] == ["thread", "clone"] and "1×" in cells


def test_a_starter_that_failed_is_struck_out_and_has_no_time(tmp_path: Path) -> None:
    broken = start("process", "forgets_to_wait", 1e5, {"resident_mib": 1})
    broken[0]["verdict"] = synthetic.verdict("fail", "leak", detector="process")
    page = page_of(tmp_path, broken, start("thread", "std_thread", 2e4), start("thread", "pthread", 1.9e4))
    assert "✗ failed" in row(page, "spawn-table", "forgets_to_wait")
    assert "Fastest: pthread, " in words(section(page, PLACE))


def test_one_starter_alone_has_a_table_and_no_ladder(tmp_path: Path) -> None:
    part = section(page_of(tmp_path, start("thread", "std_thread", 2e4)), PLACE)
    assert 'id="spawn-table"' in part and "ladder" not in part


@pytest.mark.parametrize(("metric", "best"), [("items_per_s", "ring"), ("trip_p50_ns", "ring")])
def test_channels_are_told_best_first_whatever_the_metric_means(tmp_path: Path, metric: str, best: str) -> None:
    workload, unit = ("transfer", 1e6) if metric == "items_per_s" else ("round_trip", 1e3)
    faster, slower = (9, 1) if workload == "transfer" else (1, 9)
    page = page_of(
        tmp_path,
        measured(f"ipc/{workload}/pipe", {"capacity": "kernel", "payload": 8}, {metric: slower * unit}),
        measured(f"ipc/{workload}/{best}", {"capacity": 1024, "payload": 8}, {metric: faster * unit}),
    )
    assert f"{best}, 1024 items leads with" in words(section(page, PLACE))
    assert "No queue case was measured." in words(section(page, "queues"))


def test_a_channel_that_does_not_notice_says_so_beside_its_verdict(tmp_path: Path) -> None:
    params = {"capacity": 10, "payload": 8}
    silent = measured("ipc/peer_killed/silent", params, {}, {"notices_death": False})
    for record in silent:
        expected = synthetic.expecting(("watchdog", "hang", "may"))
        record["verdict"] = synthetic.verdict("fail", "hang", as_expected=True, expectation=expected)
    pipe = measured("ipc/peer_killed/pipe", params, {"notice_p50_ns": 5e4}, {"notices_death": True})
    page = page_of(tmp_path, silent, pipe)
    cells = row(page, "ipc-killed-table", "silent")
    assert cells[1] == "no" and "✗ hang" in cells and cells[-1] == "as expected"
    assert row(page, "ipc-killed-table", "pipe")[1] == "yes"


def pool(subject: str, efficiencies: dict[int, float], workload: str = "fan_out") -> list[Record]:
    """A pool with these efficiencies by length of a task in ns."""
    return [
        record
        for grain, efficiency in efficiencies.items()
        for record in measured(
            f"pool/{workload}/{subject}",
            {"threads": 2, "grain_ns": grain},
            {"efficiency_ratio": efficiency, "tasks_per_s": efficiency * 2e9 / grain, "overhead_ns_per_task": 90.0},
        )
    ]


def test_the_pool_with_the_shortest_metg_is_named_first(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        pool("one_lock", {100: 0.02, 1000: 0.1, 10_000: 0.3, 100_000: 0.9}),
        pool("stealing", {100: 0.1, 1000: 0.4, 10_000: 0.8, 100_000: 0.95}),
        pool("hopeless", {100: 0.01, 1000: 0.02, 10_000: 0.03, 100_000: 0.04}),
    )
    reported = words(section(page, PLACE))
    assert "Shortest METG(50 %): stealing, " in reported
    assert "longest: hopeless, above 100 µs." in reported
    assert row(page, "metg-table", "stealing")[-1].endswith("µs]")
    assert row(page, "metg-table", "hopeless")[-1] == "not reached at 100 µs"


def test_a_pool_measured_at_one_length_has_a_row_and_no_metg(tmp_path: Path) -> None:
    page = page_of(tmp_path, pool("stealing", {1000: 0.4}), pool("one_lock", {1000: 0.1}))
    assert "metg-table" not in page
    assert row(page, "pools-table", "stealing")[-1] == "1×"
    assert row(page, "pools-table", "one_lock")[-1].startswith("4.")


def test_pools_are_ranked_within_one_workload_and_length_only(tmp_path: Path) -> None:
    page = page_of(tmp_path, pool("stealing", {1000: 0.4}), pool("one_lock", {1000: 0.9}, "uneven"))
    assert row(page, "pools-table", "stealing")[-1] == "1×"
    assert row(page, "pools-table", "one_lock")[-1] == "1×"


def test_a_pool_that_drops_tasks_has_neither_metg_nor_numbers(tmp_path: Path) -> None:
    dropping = pool("dropping", {1000: 0.9, 10_000: 0.95})
    dropping[0]["verdict"] = synthetic.verdict("fail", "lost")
    page = page_of(tmp_path, dropping, pool("stealing", {1000: 0.4, 10_000: 0.9}))
    assert "dropping" not in "".join(words(part) for part in section(page, PLACE).split("metg-table")[1:2])[:400]
    assert "✗ failed" in row(page, "pools-table", "dropping")


def gather(client: str, requests: int, rate: float, memory: float) -> list[Record]:
    params = {"requests": requests, "delay_ms": 1}
    metrics = {"requests_per_s": rate, "bytes_per_waiting_request": memory, "threads_count": 2.0}
    return measured(f"async_io/gather/{client}", params, metrics)


def test_what_a_waiting_request_costs_is_told_where_most_of_them_wait(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        gather("coroutines", 2, 2e3, 1500),
        gather("coroutines", 1000, 2e4, 1500),
        gather("threads", 2, 2e3, 30_000),
        gather("threads", 1000, 6e3, 30_000),
    )
    reported = words(section(page, PLACE))
    assert "Memory per waiting request, 1000 concurrent. coroutines needs 1." in reported
    assert "With 1000 concurrent requests, coroutines handles" in reported
    assert row(page, "async-io-table", "coroutines")[1:3] == ["2", "delay of 1 ms"]


def test_without_such_cases_the_section_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path, synthetic.points(forks=1, shares=(50,)))
    assert "No pool, no process and no asynchronous I/O was measured." in section(page, PLACE)
