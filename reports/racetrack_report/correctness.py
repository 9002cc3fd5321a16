"""The rows of the correctness matrix: expected and observed findings of each subject, by detector.

The bench engine also checks some rounds; a row counts them. A subject's records show which detectors ran on it. TSan
and the lock graph watch all cases of an invocation, so one of their findings shows that they ran on all of them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .expectation import grade_of, matches
from .model import Case, Dataset, Expected, Finding, Verdict

COLUMNS = {
    "oracles": "oracles",
    "watchdog": "watchdog",
    "process": "process",
    "lock_graph": "lock graph",
    "tsan": "TSan",
}
FAMILIES = {"queue": 0, "point": 1, "lock": 2}  # in the order of the page
IN_PROCESS = ("oracles", "watchdog", "process")  # detectors that run in every child process of every engine
# Stress runs its child processes under the lock graph, but not in builds for a sanitizer.
OWN_ENGINE = {"tsan": "tsan", "deadlock": "lock_graph", "stress": "lock_graph"}


@dataclass(frozen=True)
class Sighting:
    """One kind of fault that a detector observed in a subject, or that it should have observed (k = 0)."""

    kind: str  # empty: no verdict was possible
    result: str  # fail, unknown; pass if an expected fault was not observed
    expected: bool
    grade: str
    k: int
    n: int
    unit: str  # of k and n: rounds, processes
    after_s: float | None = None  # median time to find
    findings: tuple[Finding, ...] = ()

    @property
    def missed(self) -> bool:
        return self.k == 0 and self.grade == "must"


@dataclass(frozen=True)
class Name:
    """Identifies a row. The workload is empty except in the lock family, where each workload is a separate program."""

    family: str
    workload: str
    subject: str
    revision: str
    control: bool


@dataclass(frozen=True, eq=False)
class Row:
    """One subject or control, with the expected and observed findings of every detector."""

    name: Name
    ran: frozenset[str]
    seen: Mapping[str, tuple[Sighting, ...]]
    rounds: int
    expectation: tuple[Expected, ...]
    as_expected: bool
    inconclusive: bool  # unexpected only because a verdict is unknown

    @property
    def faulty(self) -> bool:
        """Whether a fault must occur in it, which distinguishes a control from its corrected twin."""
        declared = any(expected.grade == "must" for expected in self.expectation)
        return declared or any(sighting.grade == "must" for those in self.seen.values() for sighting in those)

    @property
    def clean(self) -> bool:
        return not any(self.seen.values())

    def expected_of(self, column: str) -> tuple[str, ...]:
        """The expectation for a column: 'must: torn'. A line for any detector is left out for oracles and the
        process."""
        return tuple(
            dict.fromkeys(
                f"{expected.grade}: {'anything' if expected.kind == '*' else expected.kind.replace('_', ' ')}"
                for expected in self.expectation
                if expected.grade != "never"
                and _covers(expected.detector, column)
                and not (expected.detector == "*" and column in ("oracles", "process"))
            )
        )


def column_of(detector: str | None) -> str:
    """The column of the matrix for a detector. A verdict without a detector belongs to the process."""
    if detector is None:
        return "process"
    return "oracles" if detector.startswith("oracle") else detector


def columns(rows: Iterable[Row]) -> dict[str, str]:
    """Column -> title: five fixed columns, and the explorer's if it has records."""
    others = sorted({column for row in rows for column in (*row.ran, *row.seen)} - COLUMNS.keys())
    return COLUMNS | {column: column.replace("_", " ").replace(".", " ") for column in others}


def explorer_of(case: Case) -> str | None:
    """The column of the explorer that ran a case; each memory model has its own."""
    if case.engine != "explore":
        return None
    return "explorer.weak" if case.params.get("memory") == "weak" else "explorer"


def searched(data: Dataset) -> bool:
    """Whether any fault-finding engine ran."""
    return bool(data.findings) or any(case.engine != "bench" for case in data.cases)


def matrix(data: Dataset) -> list[Row]:
    """All subjects and controls of the data, by family and name; different sources have separate rows."""
    revisions = {case.revision for case in data.cases} | {finding.revision for finding in data.findings}
    several = len(revisions) > 1
    cases: dict[Name, list[Case]] = {}
    findings: dict[Name, list[Finding]] = {}
    for case in data.cases:
        cases.setdefault(_name(case, several), []).append(case)
    for finding in data.findings:
        findings.setdefault(_name(finding, several), []).append(finding)
    watched = {(finding.run, finding.invocation, finding.detector) for finding in data.findings}
    names = sorted(
        {*cases, *findings},
        key=lambda n: (FAMILIES.get(n.family, 9), n.family, n.workload, n.subject, n.revision, n.control),
    )
    return [_row(name, cases.get(name, []), findings.get(name, []), watched) for name in names]


def _name(what: Case | Finding, several: bool) -> Name:
    workload = what.workload if what.family == "lock" else ""
    return Name(what.family, workload, what.subject, what.revision if several else "", what.control)


def _row(name: Name, cases: Sequence[Case], findings: Sequence[Finding], watched: set[tuple[str, str, str]]) -> Row:
    ran = {finding.detector for finding in findings} | ({*IN_PROCESS} if cases else set())
    ran |= {OWN_ENGINE[case.engine] for case in cases if case.engine in OWN_ENGINE}
    ran |= {explorer for case in cases if (explorer := explorer_of(case)) is not None}
    ran |= {
        detector
        for case in cases
        for run, invocation, detector in watched
        if (run, invocation) == (case.run, case.invocation)
    }
    seen: dict[str, list[Sighting]] = {}
    known = {(finding.detector, finding.kind) for finding in findings}
    groups: dict[tuple[str, str, str], list[Case]] = {}
    for case in cases:
        verdict = case.verdict
        if verdict.result != "pass" and (verdict.detector, verdict.kind) not in known:
            column = column_of(verdict.detector or explorer_of(case))
            groups.setdefault((column, verdict.kind or "", verdict.result), []).append(case)
    rounds = sum(case.verdict.n for case in cases)
    judged: list[Verdict | Finding] = [*(case.verdict for case in cases), *findings]
    odd = [what for what in judged if not what.as_expected]
    for (column, kind, result), group in groups.items():
        explored = sum(case.verdict.n for case in cases if explorer_of(case) == column)
        seen.setdefault(column, []).append(_of_cases(kind, result, group, explored or rounds))
        ran.add(column)
    for column, sighting in _missed(cases):
        seen.setdefault(column, []).append(sighting)
    for column, sighting in _of_findings(findings):
        seen.setdefault(column, []).append(sighting)
    return Row(
        name,
        frozenset(ran),
        {column: tuple(sorted(those, key=lambda s: (s.expected, -s.k))) for column, those in seen.items()},
        rounds,
        tuple(dict.fromkeys(expected for case in cases for expected in case.verdict.expectation)),
        not odd,
        bool(odd) and all(what.result == "unknown" for what in odd),
    )


def _of_cases(kind: str, result: str, group: Sequence[Case], rounds: int) -> Sighting:
    times = [case.metrics["time_to_find_s"] for case in group if "time_to_find_s" in case.metrics]
    grades = {grade_of(case.verdict.expectation, case.verdict.detector or "", kind) for case in group}
    grade = next((grade for grade in ("never", "may", "must") if grade in grades), "never")
    # A child that was killed from outside has no fault and needs no line in the expectation.
    expected = grade != "never" if result == "fail" else all(case.verdict.as_expected for case in group)
    return Sighting(
        kind,
        result,
        expected,
        grade,
        sum(case.verdict.k for case in group),
        rounds,
        "rounds",
        statistics.median(times) if times else None,
    )


def _missed(cases: Sequence[Case]) -> list[tuple[str, Sighting]]:
    """Faults that an in-process detector must observe in a case, and did not.

    The engine's record is unexpected; the observed fault determines which line of the expectation was missed. TSan and
    the lock graph have findings with k = 0 instead.
    """
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        verdict = case.verdict
        seen_as = grade_of(verdict.expectation, verdict.detector or "", verdict.kind or "")
        if verdict.as_expected or case.engine == "bench" or verdict.result == "unknown":
            continue
        if verdict.result == "fail" and seen_as == "never":
            continue
        explorer = explorer_of(case)
        judges = (explorer,) if explorer is not None else tuple(reversed(IN_PROCESS[:2]))
        for expected in verdict.expectation:
            column = next((column for column in judges if _covers(expected.detector, column)), None)
            fulfilled = verdict.result == "fail" and matches(expected.kind, verdict.kind or "")
            if expected.grade == "must" and column is not None and not fulfilled:
                found.setdefault((column, expected.kind), []).append(case)
    return [
        (column, Sighting(kind, "pass", False, "must", 0, sum(case.verdict.n for case in group), "rounds"))
        for (column, kind), group in found.items()
    ]


def _of_findings(findings: Sequence[Finding]) -> list[tuple[str, Sighting]]:
    groups: dict[tuple[str, str, str, bool, bool], list[Finding]] = {}
    for finding in findings:
        key = (finding.detector, finding.kind, finding.result, finding.as_expected, finding.k > 0)
        groups.setdefault(key, []).append(finding)
    return [
        (
            detector,
            Sighting(
                kind,
                result if shown else "pass",
                expected,
                group[0].grade,
                max(finding.k for finding in group),
                max(finding.n for finding in group),
                "processes",
                findings=tuple(group),
            ),
        )
        for (detector, kind, result, expected, shown), group in groups.items()
    ]


def _covers(pattern: str, column: str) -> bool:
    """Whether a line of an expectation applies to a column; `oracle.torn` and `oracle.*` apply to the oracles."""
    return column_of(pattern) == column or matches(pattern, "oracle." if column == "oracles" else column)
