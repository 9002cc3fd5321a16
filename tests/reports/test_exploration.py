"""Searches and replays: from records to medians, standings and the tables of the page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from racetrack_report.loader import load
from racetrack_report.model import Attempt, Search
from racetrack_report.page import render
from racetrack_report.searches import standings, to_find
from racetrack_report.sections.exploration import block
from tests.reports import synthetic
from tests.reports.searches import searched

MISSED = None


def search(strategy: str, executions: list[int | None], subject: str = "two_locks") -> Search:
    """From seeds 1, 2, ...: executions until found; MISSED for a seed that found nothing."""
    attempts = tuple(
        Attempt(seed, needed is not MISSED, needed or 20_000, (needed or 20_000) / 1000)
        for seed, needed in enumerate(executions, start=1)
    )
    return Search("run", f"lock/{subject}/wrong", "lock", subject, "wrong", strategy, 60.0, 20_000, attempts)


def record(of: Search) -> dict[str, Any]:
    attempts = [vars(attempt) for attempt in of.attempts]
    fields = ("case", "family", "workload", "subject", "strategy", "limit_s", "limit_executions")
    return {
        "schema": 1,
        "record": "search",
        "engine": "explore",
        "invocation": "i1",
        "started_at": "2026-11-23T10:00:00.000Z",
        "attempts": attempts,
        **{name: getattr(of, name) for name in fields},
    }


def repetition(same: int) -> dict[str, Any]:
    identity = {"case": "lock/two_locks/wrong", "family": "lock", "workload": "two_locks", "subject": "wrong"}
    return {
        **{name: value for name, value in record(search("random", [1])).items() if name in ("schema", "engine")},
        "record": "repetition",
        "invocation": "i1",
        "started_at": "2026-11-23T10:00:00.000Z",
        **identity,
        "token": "explore.0123456.r0.lock/two_locks/wrong",
        "processes": 100,
        "same": same,
    }


def test_a_median_counts_seeds_that_found_nothing_as_beyond_all_others() -> None:
    interval = to_find(search("random", [5, 1, MISSED, 3, 2]))
    assert interval.estimate == 3
    assert interval.high == math.inf
    assert to_find(search("random", [1, MISSED, MISSED])).estimate == math.inf
    assert to_find(search("random", [4, 2]), seconds=True).estimate == pytest.approx(0.003)


def test_the_interval_of_a_median_is_of_order_statistics() -> None:
    interval = to_find(search("random", list(range(1, 21))))
    assert (interval.low, interval.estimate, interval.high) == (6, 10.5, 15)
    assert interval.confidence > 0.95


def test_strategies_stand_by_what_they_miss_then_by_their_effort() -> None:
    searches = [
        search("rotation", [10, 10, 10]),
        search("rotation", [40, 40, 40], "upgrade"),
        search("random", [5, 5, 5]),
        search("random", [MISSED, MISSED, MISSED], "upgrade"),
        search("pos", [20, 20, 20]),
        search("pos", [10, MISSED, 10], "upgrade"),
    ]
    found = {each.strategy: each for each in standings(searches)}
    assert list(found) == ["rotation", "pos", "random"]
    assert (found["rotation"].always, found["rotation"].best) == (2, 0)
    assert found["rotation"].effort == pytest.approx(math.sqrt(2 * 4))
    assert (found["pos"].always, found["pos"].sometimes, found["pos"].never, found["pos"].best) == (1, 1, 0, 1)
    assert (found["random"].never, found["random"].best, found["random"].effort) == (1, 1, 1.0)


def loaded(folder: Path, records: list[dict[str, Any]]) -> Any:
    path = folder / "run"
    path.mkdir()
    lines = [synthetic.environment("begin"), *records]
    (path / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return load([path])


def test_a_table_shows_medians_intervals_and_how_many_seeds_found_it(tmp_path: Path) -> None:
    data = loaded(
        tmp_path,
        [
            record(search("rotation", [1000])),  # replaced by the later record
            record(search("rotation", [7, 3, 5, 4, 6, 8])),
            record(search("surw", [MISSED, MISSED, MISSED])),
            record(search("dfs", [12])),
            repetition(100),
        ],
    )
    assert not data.warnings
    made = block(data)
    assert made is not None
    tables = {table.id: table for table in made.tables}
    executions = tables["power-executions"]
    assert executions.columns == ("fault", "rotation", "dfs", "surw")
    (row,) = executions.rows
    assert [(cell.text, cell.detail) for cell in row] == [
        ("wrong", "lock/two_locks"),
        ("6", "[3, 8]"),
        ("12", ""),
        ("–", "0 of 3"),
    ]
    assert tables["power-replays"].rows[0][2].kind == "pass"
    assert "power-silence" not in tables


def test_a_replay_that_differs_and_a_report_on_a_twin_are_failures_on_the_page(tmp_path: Path) -> None:
    silent = searched("explore", "lock/two_locks/same_order")
    loud = searched("explore", "lock/two_locks/gate", result="fail", kind="race", detector="explorer")
    for case in (silent, loud):
        case["metrics"] = {"executions_count": 100_000}
        case["verdict"]["expectation"] = []
    data = loaded(tmp_path, [repetition(99), silent, loud])
    made = block(data)
    assert made is not None
    tables = {table.id: table for table in made.tables}
    assert (tables["power-replays"].rows[0][2].text, tables["power-replays"].rows[0][2].kind) == ("99", "fail")
    assert [row[3].kind for row in tables["power-silence"].rows] == ["fail", "pass"]
    html = render(data).html
    assert 'id="power-replays"' in html and 'id="power-silence"' in html


def test_the_page_without_searches_says_how_to_get_them(tmp_path: Path) -> None:
    html = render(loaded(tmp_path, [])).html
    assert "<code>make explore-bench</code>" in html and 'id="power"' not in html


def test_names_in_searches_are_shown_as_text(tmp_path: Path) -> None:
    hostile = record(search("random", [3]))
    hostile |= {"subject": synthetic.HOSTILE, "strategy": synthetic.HOSTILE}
    assert "<script>alert(1)" not in render(loaded(tmp_path, [hostile])).html


def test_the_memory_model_of_a_search_is_named_where_it_is_not_the_usual_one(tmp_path: Path) -> None:
    usual, weak = record(search("random", [1])), record(search("random", [1]))
    weak["case"] += "/memory:weak"
    plan = {"command": "x", "seed": 1, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []}
    lines = [synthetic.environment("begin", plan=plan), usual, weak]
    (tmp_path / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    shown = block(load([tmp_path]))
    assert shown is not None
    assert {row[0].detail for row in shown.tables[1].rows} == {"lock/two_locks", "lock/two_locks, weak memory"}
