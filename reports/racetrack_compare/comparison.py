"""A whole comparison: both sides, the verdicts, the cases that were not compared, and its records."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from racetrack_report.calibration import Calibration
from racetrack_report.model import Dataset, Json
from racetrack_report.statistics import Interval

from .judgement import INCONCLUSIVE, SLOWER, Judged, Rule

SAME_SPEED, REGRESSION, USAGE, INCOMPLETE, NOTHING, BROKEN = 0, 1, 2, 3, 4, 70


@dataclass(frozen=True)
class SideFacts:
    """One side: its argument on the command line, and machine and build if known."""

    given: str
    machine: Json
    build: Json

    @property
    def revision(self) -> str:
        commit = str(self.build.get("commit", ""))[:12]
        return f"{commit}{' with changes' if commit and self.build.get('dirty') else ''}"


@dataclass(frozen=True)
class Comparison:
    """The content of the terminal summary, the page and the files next to it."""

    name: str
    old: SideFacts
    new: SideFacts
    judged: tuple[Judged, ...]
    rule: Rule
    paired: bool
    started_at: str
    command: str
    state: str = ""  # reason why it is incomplete; empty if it is complete
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    calibration: Calibration | None = None
    remarks: tuple[str, ...] = ()
    data: Dataset | None = None  # environment and forks of both sides, if racetrack measured them

    def count(self, verdict: str) -> int:
        return Counter(each.verdict for each in self.judged)[verdict]

    @property
    def exit_code(self) -> int:
        """1: a regression or an unexpected failure of NEW; 3: incomplete or inconclusive; 4: nothing was compared;
        otherwise 0."""
        if self.count(SLOWER) or any(each.sample.code == REGRESSION for each in self.judged):
            return REGRESSION
        if self.state or self.count(INCONCLUSIVE) or any(each.sample.code == INCOMPLETE for each in self.judged):
            return INCOMPLETE
        return SAME_SPEED if any(each.ratio is not None for each in self.judged) else NOTHING


def records_of(comparison: Comparison) -> list[Json]:
    """One record per case, according to reports/record.schema.json."""
    return [_record(comparison, each) for each in comparison.judged]


def _record(comparison: Comparison, judged: Judged) -> Json:
    sample = judged.sample
    return {
        "schema": 1,
        "record": "comparison",
        "engine": "bench",
        "started_at": comparison.started_at,
        "invocation": comparison.name,
        "case": sample.case,
        "metric": sample.metric,
        "paired": sample.paired,
        "old": {"given": comparison.old.given, "revision": comparison.old.revision, "values_ns": list(sample.old)},
        "new": {"given": comparison.new.given, "revision": comparison.new.revision, "values_ns": list(sample.new)},
        "new_first": list(sample.new_first),
        "lost": sample.lost,
        "ratio": _interval(judged.ratio),
        "p": judged.p,
        "p_holm": judged.p_holm,
        "threshold_ratio": 1 + judged.threshold,
        "detectable_ratio": 1 + judged.detectable if math.isfinite(judged.detectable) else None,
        "verdict": judged.verdict,
        "reason": sample.reason,
        "more": judged.more,
    }


def _interval(interval: Interval | None) -> Json | None:
    if interval is None:
        return None
    return {
        "estimate": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "confidence": interval.confidence,
    }


def in_order(judged: Sequence[Judged], verdicts: Sequence[str]) -> list[Judged]:
    """Worst verdicts first, then largest effects."""
    return sorted(
        judged,
        key=lambda each: (
            verdicts.index(each.verdict),
            -abs(math.log(each.ratio.estimate)) if each.ratio else 0.0,
            each.sample.case,
        ),
    )
