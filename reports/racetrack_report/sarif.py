"""Findings as SARIF 2.1.0 (OASIS, 2020), for editors and code hosts that show results next to the source.

A race is one code flow with one thread flow per thread, from the outermost frame to the access.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .model import Case, Dataset, Finding, Frame, Stack, Thread
from .sections.data import GLOSSARY
from .sections.findings import is_library, order

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Object = dict[str, Any]


def of_run(data: Dataset, root: Path) -> str:
    """Every observed finding and every failed case. Files below `root`, a checkout, get relative names."""
    found = [(finding.kind, _of_finding(finding, root)) for finding in order(data.findings)]
    found += [(cases[0].verdict.kind or "failed", _of_case(cases)) for cases in _failures(data.cases)]
    kinds = sorted({kind for kind, _ in found})
    words = dict(GLOSSARY)
    rules = [{"id": kind, "shortDescription": {"text": words.get(kind.replace("_", " "), kind)}} for kind in kinds]
    run = {
        "tool": {"driver": {"name": "racetrack", "rules": rules}},
        "automationDetails": {"id": f"racetrack/{'+'.join(data.runs)}"},
        "originalUriBaseIds": {"SOURCE": {"uri": f"{root.as_uri()}/"}},
        "columnKind": "utf16CodeUnits",
        "results": [{"ruleId": kind, "ruleIndex": kinds.index(kind), **result} for kind, result in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _of_finding(finding: Finding, root: Path) -> Object:
    own = [next((f for f in thread.stack if f.file and not is_library(f)), None) for thread in finding.threads]
    places = [_physical(frame, root) for frame in own if frame is not None]
    physical = {"physicalLocation": places[0]} if places else {}
    flows = [flow for thread in finding.threads if (flow := _flow(thread, root)) is not None]
    seen = f"seen in {finding.k} of {finding.n} processes by {finding.detector}"
    message = f"{finding.title or finding.kind}; in {finding.case}, {seen}"
    return {
        "level": _level(finding.result, finding.as_expected),
        "message": {"text": message + (", as expected" if finding.as_expected and finding.result == "fail" else "")},
        "locations": [{**physical, "logicalLocations": [_logical(finding.case)]}],
        **({"relatedLocations": [_related(i, place) for i, place in enumerate(places[1:], 1)]} if places[1:] else {}),
        **({"codeFlows": [{"threadFlows": flows}]} if flows else {}),
        "partialFingerprints": {"finding/v1": _print(finding.case, finding.detector, finding.kind, finding.title)},
    }


def _of_case(cases: Sequence[Case]) -> Object:
    first = cases[0]
    seen = f"detected by {first.verdict.detector or 'no detector'} in {len(cases)} fork{'s' * (len(cases) > 1)}"
    message = f"{first.name}: {first.verdict.kind or 'failed'}, {seen}"
    return {
        "level": _level(first.verdict.result, first.verdict.as_expected),
        "message": {"text": message + (", as expected" if first.verdict.as_expected else "")},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": "records.jsonl"}},
                "logicalLocations": [_logical(first.name)],
            }
        ],
        "partialFingerprints": {
            "case/v1": _print(first.name, first.engine, first.verdict.detector, first.verdict.kind)
        },
    }


def _failures(cases: Iterable[Case]) -> list[list[Case]]:
    """Forks that failed in the same way, grouped; unexpected ones first."""
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        verdict = case.verdict
        if verdict.result == "fail":
            key = (verdict.as_expected, case.control, case.name, case.engine, verdict.detector, verdict.kind)
            groups.setdefault(key, []).append(case)
    return [groups[key] for key in sorted(groups, key=lambda key: tuple(map(str, key)))]


def _flow(thread: Thread, root: Path) -> Object | None:
    """A thread's frames from the outermost to the innermost call, as SARIF orders flows; None without a stack."""
    steps = [_location(frame, root, frame.function or "?") for frame in reversed(thread.stack)]
    if not steps and thread.wants and thread.wants.stack:
        steps = [_location(thread.wants.stack[0], root, "")]
    if not steps:
        return None
    steps[-1]["location"]["message"] = {"text": thread.what or "here"}
    held: Iterable[tuple[str, Stack]] = (
        (f"{lock.kind} {lock.name} was taken here", lock.stack) for lock in thread.holds
    )
    taken = [_location(stack[0], root, words) for words, stack in held if stack]
    return {
        "id": thread.name or "a thread",
        "message": {"text": f"{thread.name}: {thread.what}"},
        "locations": taken + steps,
    }


def _location(frame: Frame, root: Path, words: str) -> Object:
    physical = {"physicalLocation": _physical(frame, root)} if frame.file else {}
    logical = [_logical(frame.function, "function")] if frame.function else []
    return {"location": {**physical, "logicalLocations": logical, "message": {"text": words}}}


def _related(number: int, place: Object) -> Object:
    return {"id": number, "physicalLocation": place, "message": {"text": f"thread {number + 1}"}}


def _physical(frame: Frame, root: Path) -> Object:
    path = Path(frame.file)
    place: Object = {"uri": path.as_uri() if path.is_absolute() else path.as_posix()}
    if path.is_relative_to(root):
        place = {"uri": path.relative_to(root).as_posix(), "uriBaseId": "SOURCE"}
    return {"artifactLocation": place, **({"region": {"startLine": frame.line}} if frame.line else {})}


def _logical(name: str, kind: str = "member") -> Object:
    return {"fullyQualifiedName": name, "kind": kind}


def _level(result: str, as_expected: bool) -> str:
    if result == "unknown":
        return "warning"
    return "note" if as_expected else "error"


def _print(*parts: str | None) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]
