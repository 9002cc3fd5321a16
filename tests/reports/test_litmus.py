"""Litmus tests: from records to the table of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from racetrack_report.loader import load
from racetrack_report.page import render
from racetrack_report.sections.litmus import block
from tests.reports import synthetic


def record(seen: int, ground: str = "allowed", **others: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "record": "litmus",
        "engine": "explore",
        "invocation": "i1",
        "started_at": "2026-11-23T10:00:00.000Z",
        "shape": "SB",
        "program": "x=1.rlx a=y.rlx | y=1.rlx b=x.rlx",
        "executions": 3000,
        "searched": True,
        "outcomes": [{"outcome": "00", "ground": ground, "seen": seen, "why": "nothing orders <the two>"}],
        "faults": [],
        **others,
    }


def run(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir()
    plan = {"command": "x", "seed": 1, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []}
    lines = [synthetic.environment("begin", plan=plan), *records]
    (folder / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def test_outcomes_stand_beside_what_the_standard_says(tmp_path: Path) -> None:
    data = load(
        [run(tmp_path / "run", record(7), record(0, "forbidden", shape="MP"), record(0, "out of reach", shape="LB"))]
    )
    assert not data.warnings
    shown = block(data.litmus)
    assert shown is not None
    assert len(shown.folded) == 1
    table = shown.folded[0]
    assert [(row[0].text, row[3].text, row[4].sort, row[4].kind) for row in table.rows] == [
        ("SB", "allowed", 7, ""),
        ("MP", "forbidden", 0, ""),
        ("LB", "out of reach", 0, ""),
    ]
    assert "0 of 1 forbidden outcomes, 1 of 1 allowed outcomes; 1 are out of reach" in shown.paragraphs[1]


def test_what_is_not_as_the_table_says_is_marked_and_told(tmp_path: Path) -> None:
    wrong = [record(0), record(2, "forbidden", shape="MP", faults=["00 is forbidden, and was seen"])]
    shown = block(load([run(tmp_path / "run", *wrong)]).litmus)
    assert shown is not None
    assert [row[4].kind for row in shown.folded[0].rows] == ["fail", "fail"]
    assert "MP: 00 is forbidden, and was seen" in shown.paragraphs[1]


def test_the_later_record_of_a_program_counts(tmp_path: Path) -> None:
    data = load([run(tmp_path / "run", record(0), record(9))])
    assert [test.outcomes[0].seen for test in data.litmus] == [9]


def test_the_page_shows_the_table_and_its_words_as_data(tmp_path: Path) -> None:
    page = render(load([run(tmp_path / "run", record(7))]))
    text = page.html
    assert 'id="litmus-outcomes"' in text
    assert "nothing orders &lt;the two&gt;" in text and "<the two>" not in text


def test_without_tests_there_is_no_table() -> None:
    assert block(()) is None
