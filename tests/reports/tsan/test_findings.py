"""From logs to finding records: merged, counted, judged, fit for the schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racetrack_report.check import parse
from racetrack_report.expectation import expectation_of, grade_of
from racetrack_tsan.findings import Child, findings_of
from racetrack_tsan.project import Project
from tests.reports import synthetic

NOW = "2026-11-23T10:02:00.000Z"
PROJECT = Project("/src")
MUST_RACE = {"detector": "tsan", "kind": "race", "grade": "must", "per_runs": 1}


def race(first: str = "set /src/point.cpp:5", second: str = "get /src/point.cpp:9") -> str:
    return (
        "==================\nWARNING: ThreadSanitizer: data race (pid=1)\n"
        f"  Write of size 8 at 0x7b0400000800 by thread T2:\n    #0 {first} (a.so+0x1)\n"
        "    #1 run /usr/include/c++/12/thread:1 (a.so+0x2)\n\n"
        f"  Previous read of size 8 at 0x7b0400000800 by thread T1:\n    #0 {second} (a.so+0x3)\n\n"
        "SUMMARY: ThreadSanitizer: data race /src/point.cpp:5 in set\n==================\n"
    )


def child(fork: int, log: str = "", *, fences: bool = False, how: str = "ok", **verdict: Any) -> Child:
    record = synthetic.case(synthetic.SUBJECTS[0], "transfer", {"producers": 1}, fork, engine="tsan")
    record["traits"]["fences"] = fences
    record["ended"]["how"] = how
    record["verdict"] = synthetic.verdict(**verdict)
    return Child(record, log)


def found(*children: Child) -> list[dict[str, Any]]:
    findings = findings_of(children, PROJECT, NOW)
    for finding in findings:
        parse(json.dumps(finding).encode())
    return findings


def test_equal_races_are_one_whichever_access_came_first() -> None:
    turned = race("get /src/point.cpp:9", "set /src/point.cpp:5")
    (finding,) = found(child(0, race() + turned), child(1, turned), child(2))
    assert (finding["kind"], finding["k"], finding["n"]) == ("race", 2, 3)
    assert finding["title"] == "data race: get (point.cpp:9) and set (point.cpp:5)"
    assert [thread["stack"][0]["function"] for thread in finding["threads"]] == ["set", "get"]


def crash(pid: int, line: int = 41, address: str = "0x7f3a1c0008f0 ", access: str = "READ") -> str:
    """A crash as ThreadSanitizer prints it: numbers of the process, the thread and the registers differ each time."""
    registers = f"pc 0x55d0c4a1{pid:04x} bp 0x7f3a21bf{pid:04x} sp 0x7f3a21be{pid:04x} T{pid + 3}"
    return (
        "ThreadSanitizer:DEADLYSIGNAL\n"
        f"=={pid}==ERROR: ThreadSanitizer: SEGV on unknown address {address}({registers})\n"
        f"=={pid}==The signal is caused by a {access} memory access.\n"
        f"    #0 Ring::pop(int&) /src/ring.hpp:{line} (a.so+0x{pid:x}) (BuildId: 00aa)\n"
        f"    #1 consume /src/roles.hpp:77 (a.so+0x4f2)\n\n"
        f"SUMMARY: ThreadSanitizer: SEGV /src/ring.hpp:{line} in Ring::pop(int&)\n=={pid}==ABORTING\n"
    )


def test_the_same_crash_in_several_processes_is_one_finding() -> None:
    (finding,) = found(child(0, crash(4101)), child(1, crash(5201, address="0x000000000000 ")), child(2))
    assert finding["title"] == "SEGV on unknown address: Ring::pop (ring.hpp:41)"
    assert (finding["kind"], finding["k"], finding["n"]) == ("crash", 2, 3)
    (finding,) = found(child(0, crash(4101)), child(1, crash(5201, address="", access="WRITE")))
    assert (finding["k"], finding["n"]) == (2, 2)


def test_crashes_at_two_places_are_two_findings() -> None:
    assert [each["k"] for each in found(child(0, crash(4101)), child(1, crash(5201, line=42)))] == [1, 1]


def test_a_crash_at_a_wild_address_is_known_by_the_frame_below() -> None:
    wild = "    #0 Ring::pop(int&) /src/ring.hpp:41 (a.so+0x{0:x}) (BuildId: 00aa)"
    logs = [crash(pid).replace(wild.format(pid), f"    #0 <null> <null> (0x7f3a1c{pid:04x})") for pid in (4101, 5201)]
    (finding,) = found(child(0, logs[0]), child(1, logs[1]))
    assert (finding["title"], finding["k"]) == ("SEGV on unknown address: consume (roles.hpp:77)", 2)


def test_a_crash_without_any_known_frame_is_still_one_finding() -> None:
    def bare(pid: int) -> str:
        lines = crash(pid).splitlines()
        return "\n".join([*lines[:3], f"    #0 0x{pid:012x}  (<unknown module>)", *lines[5:]])

    (finding,) = found(child(0, bare(4101)), child(1, bare(5201)))
    assert (finding["title"], finding["k"]) == ("SEGV on unknown address: an unknown place", 2)


def test_other_places_are_other_races() -> None:
    assert len(found(child(0, race() + race("set /src/point.cpp:6")))) == 2


def test_a_race_with_itself_and_one_whose_log_was_cut_off() -> None:
    both = race(second="set /src/point.cpp:5")
    cut = both[: both.index("  Previous")]
    titles = [finding["title"] for finding in found(child(0, both), child(1, cut))]
    assert titles == [
        "data race: set (point.cpp:5) and the same",
        "data race: set (point.cpp:5) and an access that the log does not show",
    ]


def test_a_race_of_which_one_stack_was_forgotten_is_counted_with_its_like() -> None:
    half = race()
    half = half[: half.index("    #0 get")] + "    [failed to restore the stack]\n\n==================\n"
    (finding,) = found(child(0, half), child(1, race()))
    assert (finding["title"], finding["k"]) == ("data race: get (point.cpp:9) and set (point.cpp:5)", 2)
    (alone,) = found(child(0, half))
    assert alone["title"] == "data race: an unknown place and set (point.cpp:5)"


def test_a_race_inside_a_library_is_known_by_the_projects_frames() -> None:
    text = race("move /usr/include/queue.h:3 (q+0x1)\n    #1 push /src/adapter.cpp:7")
    other = race("move /usr/include/queue.h:4 (q+0x1)\n    #1 push /src/adapter.cpp:7")
    (finding,) = found(child(0, text + other))
    assert finding["title"] == "data race: get (point.cpp:9) and push (adapter.cpp:7)"
    assert finding["threads"][0]["stack"][0]["file"] == "/usr/include/queue.h"


@pytest.mark.parametrize(("grade", "as_expected"), [("must", True), ("may", True), ("never", False), (None, False)])
def test_a_race_is_judged_by_the_expectation(grade: str | None, as_expected: bool) -> None:
    expectation = [MUST_RACE | {"grade": grade}] if grade else []
    (finding,) = found(child(0, race(), expectation=expectation))
    assert finding["as_expected"] is as_expected
    assert finding["grade"] == (grade or "never") and finding["result"] == "fail"


def test_the_first_line_that_matches_counts() -> None:
    lines = [
        {"detector": "oracle.*", "kind": "*", "grade": "must"},
        {"detector": "ts*", "kind": "leak", "grade": "may"},
        {"detector": "*", "kind": "race", "grade": "must"},
        {"detector": "tsan", "kind": "*", "grade": "never"},
    ]
    expectation = expectation_of({"expectation": lines})
    assert [grade_of(expectation, "tsan", kind) for kind in ("leak", "race", "misuse")] == ["may", "must", "never"]


def test_a_race_of_a_subject_with_fences_is_unknown_and_shown() -> None:
    (finding,) = found(child(0, race(), fences=True))
    assert (finding["result"], finding["as_expected"], finding["k"]) == ("unknown", True, 1)


def test_other_kinds_are_judged_in_a_subject_with_fences_too() -> None:
    leak = race().replace("data race", "heap-use-after-free")
    (finding,) = found(child(0, leak, fences=True))
    assert (finding["result"], finding["as_expected"]) == ("fail", False)


def test_what_must_be_seen_and_is_not_is_a_finding() -> None:
    (missed,) = found(*(child(fork, expectation=[MUST_RACE]) for fork in range(3)))
    assert (missed["k"], missed["n"], missed["grade"], missed["as_expected"]) == (0, 3, "must", False)
    assert missed["title"].startswith("missed: race ")


def test_what_must_be_seen_in_every_process_is_missed_when_one_does_not_show_it() -> None:
    seen, missed = found(child(0, race(), expectation=[MUST_RACE]), child(1, expectation=[MUST_RACE]))
    assert seen["as_expected"] and not missed["as_expected"]
    assert (missed["k"], missed["n"]) == (1, 2)


@pytest.mark.parametrize(("per_runs", "count"), [(2, 0), (3, 0), (1, 1)])
def test_per_runs_says_how_often(per_runs: int, count: int) -> None:
    expectation = [MUST_RACE | {"per_runs": per_runs}]
    children = [child(fork, race() if fork == 0 else "", expectation=expectation) for fork in range(3)]
    assert len([finding for finding in found(*children) if not finding["as_expected"]]) == count


def test_nothing_is_missed_where_too_little_ran() -> None:
    assert not found(child(0, expectation=[MUST_RACE | {"per_runs": 2}]))
    assert not found(child(0, how="interrupted", expectation=[MUST_RACE]))


@pytest.mark.parametrize(("detector", "kind"), [("*", "lost_wakeup"), ("oracle.*", "race"), ("explore*", "race")])
def test_what_others_must_see_is_not_asked_here(detector: str, kind: str) -> None:
    assert not found(child(0, expectation=[MUST_RACE | {"detector": detector, "kind": kind}]))


def test_any_detector_may_see_what_any_must() -> None:
    anybody = [MUST_RACE | {"detector": "*", "kind": "crash"}]
    assert len(found(child(0, expectation=anybody))) == 1
    assert not found(child(0, result="fail", kind="crash", expectation=anybody))


def test_hostile_names_stay_text() -> None:
    text = race(f"{synthetic.HOSTILE} /src/\x1b[31m\u202e.cpp:5")
    (finding,) = findings_of([child(0, text)], PROJECT, NOW)
    shown = parse(json.dumps(finding).encode())
    assert "\x1b" not in json.dumps(shown, ensure_ascii=False) and "\u202e" not in json.dumps(shown, ensure_ascii=False)
    assert "alert(1)" in shown["text"]


def test_no_path_of_the_project_stays_absolute() -> None:
    (finding,) = found(child(0, race()))
    assert "/src/" not in json.dumps(finding)
