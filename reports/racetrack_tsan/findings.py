"""Converts reports of child processes to finding records: equal reports are merged, counted and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racetrack_report.expectation import expectation_of, grade_of, matches
from racetrack_report.model import Expected, Frame, Json, Lock, Stack, Thread

from .log import reports_in
from .project import UNKNOWN, Project
from .reading import ALL_KINDS, Reading, read

DETECTOR = "tsan"
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Child:
    """One child process: its case record, and ThreadSanitizer's output in it."""

    record: Json
    log: str


@dataclass(frozen=True)
class _Seen:
    """Equal reports: the first one, and the forks with such a report."""

    reading: Reading
    title: str
    forks: set[int]


def findings_of(children: Sequence[Child], project: Project, started_at: str) -> list[Json]:
    """The finding records of one invocation, case by case in the order of their names."""
    cases: dict[str, list[Child]] = {}
    for child in children:
        if child.record["ended"]["how"] != "interrupted":
            cases.setdefault(child.record["case"], []).append(child)
    return [
        finding for _, of_case in sorted(cases.items()) for finding in _findings_of_case(of_case, project, started_at)
    ]


def _findings_of_case(children: Sequence[Child], project: Project, started_at: str) -> list[Json]:
    seen = _merged(children, project)
    record = children[0].record
    expectation = expectation_of(record["verdict"])
    fences = record["traits"].get("fences") is True
    findings = []
    for each in seen:
        kind = each.reading.kind
        grade = grade_of(expectation, DETECTOR, kind)
        unknown = fences and kind == "race"
        findings.append(
            _common(record, started_at)
            | {
                "kind": kind,
                "result": "unknown" if unknown else "fail",
                "k": len(each.forks),
                "n": len(children),
                "grade": grade,
                "as_expected": unknown or grade != "never",
                "title": each.title,
                "text": each.reading.text.replace(f"{project.root}/", ""),
                "threads": [_thread_json(thread, project) for thread in each.reading.threads],
                "location": _location_json(each.reading, project),
            }
        )
    for expected in _missed(expectation, seen, children):
        findings.append(_common(record, started_at) | _missed_json(expected, seen, children))
    return findings


def _merged(children: Iterable[Child], project: Project) -> list[_Seen]:
    """Merges reports of one kind with the same top project frames, in whichever order the accesses were reported."""
    seen: dict[tuple[str, str], _Seen] = {}
    for child in children:
        for report in reports_in(child.log):
            reading = read(report)
            title = title_of(reading, project)
            known = seen.setdefault((reading.kind, title), _Seen(reading, title, set()))
            known.forks.add(child.record["fork"])
    return _with_half_known(list(seen.values()), project)


def _with_half_known(seen: Sequence[_Seen], project: Project) -> list[_Seen]:
    """Merges a race whose other stack is unknown with one that has the same place, if there is one."""
    kept = [each for each in seen if UNKNOWN not in marks_of(each.reading, project)]
    for each in seen:
        marks = set(marks_of(each.reading, project))
        if UNKNOWN not in marks:
            continue
        whole = [other for other in kept if (marks - {UNKNOWN}) & set(marks_of(other.reading, project))]
        alike = next((other for other in whole if other.reading.kind == each.reading.kind), None)
        if alike is None:
            kept.append(each)
        else:
            alike.forks.update(each.forks)
    return kept


def marks_of(reading: Reading, project: Project) -> tuple[str, ...]:
    """The places that identify equal reports."""
    return project.marks(thread.stack for thread in reading.threads) or (UNKNOWN,)


def title_of(reading: Reading, project: Project) -> str:
    """One line: kind and place."""
    marks = marks_of(reading, project)
    what = {"race": "data race", "potential_deadlock": "lock order"}.get(reading.kind, reading.title)
    if reading.kind == "race" and len(marks) == 1:
        marks += ("the same" if len(reading.threads) > 1 else "an access that the log does not show",)
    return f"{what}: {' and '.join(marks)}"[:LONGEST_TITLE]


def _missed(expectation: Iterable[Expected], seen: Iterable[_Seen], children: Sequence[Child]) -> list[Expected]:
    """Lines of the expectation with `must` for this detector that were not observed often enough."""
    return [
        expected
        for expected in expectation
        if expected.grade == "must"
        and matches(expected.detector, DETECTOR)
        and any(matches(expected.kind, kind) for kind in ALL_KINDS)
        and _count(expected, seen) < len(children) // expected.per_runs
        and not (expected.detector == "*" and _seen_by_another(expected, children))
    ]


def _count(expected: Expected, seen: Iterable[_Seen]) -> int:
    """The number of child processes with the expected finding."""
    forks: set[int] = set()
    return len(forks.union(*(each.forks for each in seen if matches(expected.kind, each.reading.kind))))


def _seen_by_another(expected: Expected, children: Iterable[Child]) -> bool:
    """Whether another detector found it: "*" means any detector, such as an oracle that checked the same rounds."""
    verdicts = [child.record["verdict"] for child in children]
    return any(each["result"] == "fail" and matches(expected.kind, each["kind"] or "") for each in verdicts)


def _missed_json(expected: Expected, seen: Iterable[_Seen], children: Sequence[Child]) -> Json:
    kind = next(kind for kind in ALL_KINDS if matches(expected.kind, kind))
    count = _count(expected, seen)
    often = "in every child process" if expected.per_runs == 1 else f"in one of {expected.per_runs} child processes"
    title = f"missed: {kind} was seen in {count} of {len(children)} child processes, and must be seen {often}"
    return {
        "kind": kind,
        "result": "fail",
        "k": count,
        "n": len(children),
        "grade": "must",
        "as_expected": False,
        "title": title,
        "text": title,
        "threads": [],
        "location": None,
    }


def _common(record: Mapping[str, Any], started_at: str) -> Json:
    shared = ("schema", "engine", "invocation", "case", "family", "workload", "subject", "control")
    return {name: record[name] for name in shared} | {
        "record": "finding",
        "detector": DETECTOR,
        "started_at": started_at,
    }


def _frame_json(frame: Frame, project: Project) -> Json:
    shown = project.shown(frame)
    return {"function": shown.function, "file": shown.file, "line": shown.line, "module": shown.module}


def _stack_json(stack: Stack, project: Project) -> list[Json]:
    return [_frame_json(frame, project) for frame in stack]


def _lock_json(lock: Lock, project: Project) -> Json:
    return {"name": lock.name, "kind": lock.kind, "stack": _stack_json(lock.stack, project)}


def _thread_json(thread: Thread, project: Project) -> Json:
    return {
        "name": thread.name,
        "what": thread.what,
        "stack": _stack_json(thread.stack, project),
        "created": _stack_json(thread.created, project),
        "wants": None if thread.wants is None else _lock_json(thread.wants, project),
        "holds": [_lock_json(lock, project) for lock in thread.holds],
    }


def _location_json(reading: Reading, project: Project) -> Json | None:
    if reading.location is None:
        return None
    what, stack = reading.location
    return {"what": what, "stack": _stack_json(stack, project)}
