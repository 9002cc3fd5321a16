"""Faults that exclude a subject from all rankings, and marks after the names of subjects with other findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Case, Finding, Verdict

# Family, workload, subject, revision of the source. The workload is empty except in the lock family, where each
# workload is a separate program.
Key = tuple[str, str, str, str]

# These detectors also report possible faults. Of their findings, only those that did harm exclude a subject.
WATCHERS = frozenset({"tsan", "lock_graph"})
HARM = frozenset({"deadlock", "lost_wakeup", "use_after_free", "double_free", "crash"})
ENGINES = {
    "stress": "under stress",
    "tsan": "in the TSan build",
    "deadlock": "under the deadlock detector",
    "explore": "under the explorer",
    "explore.weak": "under the explorer in weak memory",
}


@dataclass(frozen=True)
class Fault:
    """One failure of a subject, in any engine."""

    kind: str
    engine: str  # explore.weak if loads could read older stores
    workload: str

    @property
    def place(self) -> str:
        """Where the fault was observed: 'under stress', 'in paced'."""
        return ENGINES.get(self.engine, f"in {self.workload.replace('_', ' ')}")


def key_of(what: Case | Finding) -> Key:
    return what.family, what.workload if what.family == "lock" else "", what.subject, what.revision


def faults(cases: Iterable[Case], findings: Iterable[Finding]) -> dict[Key, Fault]:
    """The excluded subjects, each with its first fault. One failure in any engine suffices, expected or not."""
    found: dict[Key, Fault] = {}
    for case in cases:
        verdict = case.verdict
        if verdict.result == "fail" and _harmed(verdict):
            engine = f"{case.engine}.weak" if case.params.get("memory") == "weak" else case.engine
            found.setdefault(key_of(case), Fault(verdict.kind or "failed", engine, case.workload))
    for finding in findings:
        if finding.result == "fail" and finding.k and finding.grade != "may" and finding.kind in HARM:
            found.setdefault(key_of(finding), Fault(finding.kind, finding.engine, finding.workload))
    return found


def _harmed(verdict: Verdict) -> bool:
    """Whether harm was done. A race that the explorer finds is only possible; its other faults have happened."""
    if (verdict.detector or "").startswith("explorer"):
        return verdict.kind != "race"
    return verdict.detector not in WATCHERS or verdict.kind in HARM


def marks(cases: Iterable[Case], findings: Iterable[Finding]) -> dict[Key, str]:
    """The mark after the name of a subject that is not excluded: '! race', '? race'."""
    found: dict[Key, dict[str, None]] = {}
    for case in cases:
        if case.verdict.result == "fail" and not _harmed(case.verdict):
            found.setdefault(key_of(case), {})[f"! {(case.verdict.kind or 'failed').replace('_', ' ')}"] = None
    for finding in findings:
        if finding.k:
            icon = "?" if finding.result == "unknown" else "!"
            found.setdefault(key_of(finding), {})[f"{icon} {finding.kind.replace('_', ' ')}"] = None
    return {key: ", ".join(names) for key, names in found.items()}
