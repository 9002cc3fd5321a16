"""The coverage of the explorer: from case records to the page's text on each search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from racetrack_report.loader import load
from racetrack_report.model import Dataset
from racetrack_report.page import render
from racetrack_report.sections.coverage import block
from racetrack_report.units import count
from tests.reports import synthetic
from tests.reports.searches import searched


def share(strategy: str, executions: int, exhausted: str = "") -> dict[str, Any]:
    return {
        "strategy": strategy,
        "executions": executions,
        "seconds": executions / 1000,
        "steps_per_execution": 40.0,
        "exhausted": exhausted,
    }


def explored(subject: str, memory: str, *shares: dict[str, Any], complete: bool = False, found_by: str = "") -> Any:
    record = searched("explore", f"lock/two_locks/{subject}")
    record["case"] += f"/memory:{memory}" if memory == "weak" else ""
    record["params"] |= {"memory": memory} if memory == "weak" else {}
    record["exploration"] = {"memory": memory, "strategies": list(shares), "complete": complete}
    record["exploration"] |= {"found_by": found_by} if found_by else {}
    return record


def loaded(folder: Path, *records: Any) -> Dataset:
    lines = [synthetic.environment("begin"), *records]
    (folder / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return load([folder])


def test_each_search_tells_how_far_it_came(tmp_path: Path) -> None:
    data = loaded(
        tmp_path,
        explored(
            "same_order",
            "sc",
            share("random", 16),
            share("dfs0", 2, "within 0"),
            share("dfs", 14, "all"),
            complete=True,
        ),
        explored("opposite_order", "sc", share("random", 3), found_by="random"),
        explored("same_order", "weak", share("random", 1000), share("dfs0", 7, "within 0")),
    )
    assert not data.warnings
    made = block(data)
    assert made is not None
    assert made.paragraphs[0].startswith(
        f"3 searches of small rounds, with {count(1042)} executions. 1 covered every schedule"
    )
    rows = [[cell.text for cell in row] for row in made.tables[0].rows]
    assert [(row[0], row[1], row[3], row[5], row[6]) for row in rows] == [
        ("dfs", "sequential consistency", "14", "0", "1"),
        ("dfs0", "sequential consistency", "2", "0", "1"),
        ("random", "sequential consistency", "19", "1", "0"),
        ("dfs0", "weak", "7", "0", "1"),
        ("random", "weak", count(1000), "0", "0"),
    ]
    searches = {row[0].text: row for row in made.folded[0].rows}
    covered = {name.removeprefix("lock/two_locks/"): (row[3].text, row[5].text) for name, row in searches.items()}
    assert covered == {
        "opposite_order/pin:compact": ("random", "–"),
        "same_order/pin:compact": ("–", "all"),
        "same_order/pin:compact/memory:weak": ("–", "within 0"),
    }
    assert [row[4].kind for row in searches.values()].count("pass") == 1
    assert 'id="coverage-strategies"' in render(data).html


def test_a_search_within_bounds_names_what_it_did_not_try(tmp_path: Path) -> None:
    ended = {**share("dfs", 14), "searched": "all schedules", "not_tried": "time-outs"}
    record = explored("same_order", "sc", share("random", 16), ended)
    record["exploration"] |= {"searched": "all schedules", "not_tried": "time-outs"}
    data = loaded(tmp_path, record)
    assert not data.warnings
    made = block(data)
    assert made is not None
    assert "None covered every schedule" in made.paragraphs[0]
    assert [row[6].text for row in made.tables[0].rows] == ["1", "0"]
    row = made.folded[0].rows[0]
    assert row[4].kind != "pass"
    assert [cell.text for cell in row[5:7]] == ["all schedules", "time-outs"]


def test_a_search_names_what_it_did_not_control(tmp_path: Path) -> None:
    record = explored("same_order", "sc", share("dfs", 14))
    limits = ["not controlled: a thread of another library", "not tried: time-outs", "not seen: libx.so"]
    record["exploration"]["notes"] = limits
    record["exploration"]["unseen_libraries"] = [
        {"file": "libx.so", "samples": 58, "of": 480},
        {"file": "liby.so", "samples": 0, "of": 0},
    ]
    data = loaded(tmp_path, record)
    assert not data.warnings
    made = block(data)
    assert made is not None
    row = made.folded[0].rows[0]
    assert row[4].kind != "pass" and row[7].text == "5"
    assert {row[0].text for row in made.folded[1].rows} == {record["case"]}
    assert [row[1].text for row in made.folded[1].rows] == [
        *limits,
        "libx.so: 58 of 480 samples of processor time (12 %)",
        "liby.so: no sample of processor time was taken",
    ]


def test_nothing_is_said_where_nothing_was_explored(tmp_path: Path) -> None:
    data = loaded(tmp_path, searched("stress", "lock/two_locks/same_order"))
    assert block(data) is None
    assert "No schedule was explored" in render(data).html
