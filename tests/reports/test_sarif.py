"""report.sarif of a run: findings in the format of SARIF 2.1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from racetrack_report import command, sarif

from tests.reports import searches, synthetic
from tests.reports.test_correctness import loaded

ROOT = Path("/source/of/racetrack")


def results(folder: Path, *records: synthetic.Record) -> list[dict[str, Any]]:
    (run,) = json.loads(sarif.of_run(loaded(folder, list(records)), ROOT))["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and result["locations"]
    found: list[dict[str, Any]] = run["results"]
    return found


def test_a_race_is_a_code_flow_with_a_thread_flow_for_each_thread(tmp_path: Path) -> None:
    own = searches.frame("set", f"{ROOT}/scenarios/point/unlocked.cpp", 21)
    threads = [searches.side(name, "write of 8 bytes", [own, *searches.THREAD_START], None) for name in ("T1", "T2")]
    (result,) = results(tmp_path, searches.race(threads=threads, k=5, n=40, as_expected=False))
    assert (result["ruleId"], result["level"]) == ("race", "error")
    assert "5 of 40 processes by tsan" in result["message"]["text"]
    place = {
        "artifactLocation": {"uri": "scenarios/point/unlocked.cpp", "uriBaseId": "SOURCE"},
        "region": {"startLine": 21},
    }
    assert result["locations"][0]["physicalLocation"] == place
    assert result["relatedLocations"][0]["physicalLocation"] == place
    (flow,) = result["codeFlows"]
    assert [each["id"] for each in flow["threadFlows"]] == ["T1", "T2"]
    for each in flow["threadFlows"]:
        steps = [step["location"] for step in each["locations"]]
        assert steps[-1]["physicalLocation"] == place and steps[-1]["message"]["text"] == "write of 8 bytes"
        assert len(steps) == 1 + len(searches.THREAD_START)


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ({"as_expected": False}, "error"),
        ({"as_expected": True, "grade": "must"}, "note"),
        ({"result": "unknown", "grade": "may", "as_expected": True}, "warning"),
    ],
)
def test_the_level_says_whether_somebody_must_look(reported: dict[str, Any], level: str, tmp_path: Path) -> None:
    assert [result["level"] for result in results(tmp_path, searches.race(**reported))] == [level]


def test_a_deadlock_tells_where_each_thread_took_what_it_holds_and_where_it_waits(tmp_path: Path) -> None:
    (result,) = results(tmp_path, searches.deadlock())
    (flow,) = result["codeFlows"]
    for each in flow["threadFlows"]:
        taken, waits = (step["location"] for step in each["locations"])
        assert taken["physicalLocation"]["region"]["startLine"] == 60 and "was taken here" in taken["message"]["text"]
        assert (
            waits["physicalLocation"]["region"]["startLine"] == 61 and waits["message"]["text"] == "waits for a mutex"
        )


def test_forks_that_failed_alike_are_one_result_and_what_passed_or_was_not_seen_is_none(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[:2], forks=3, wide=False)
    for record in records[1:4]:
        record["verdict"] = synthetic.verdict("fail", "lost")
    failed = {record["case"] for record in records[1:4]}
    found = results(tmp_path, *records, searches.race(k=0))
    assert {result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for result in found} == failed
    assert {(result["ruleId"], result["level"]) for result in found} == {("lost", "error")}
    assert len({result["partialFingerprints"]["case/v1"] for result in found}) == len(found)


def test_it_lies_beside_the_page(tmp_path: Path) -> None:
    run = synthetic.write_run(tmp_path / "runs" / "one", searches.hunt())
    assert command.make(tmp_path, [run]) == 0
    kinds = {result["ruleId"] for result in json.loads((run / "report.sarif").read_text("utf-8"))["runs"][0]["results"]}
    assert {"race", "deadlock", "duplicated", "torn"} <= kinds
