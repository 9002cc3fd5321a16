"""Consecutive runs of one environment: a series per case, and the points where a series changed its level.

Change points: E-divisive means (Matteson and James 2014), as Hunter uses it: the split with the largest energy
statistic is accepted if its permutation test is significant, then both sides are split the same way. A point of a
series is the median of a run's forks.
"""

from __future__ import annotations

import statistics as plain
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from racetrack_report.model import Case, Dataset, Invocation
from racetrack_report.statistics import Floats, Interval, median_interval

from .cost import cost_of

LEAST_SEGMENT = 3  # runs on each side of a change
PERMUTATIONS = 999
SIGNIFICANCE = 0.01


@dataclass(frozen=True)
class Point:
    """One run of one case."""

    run: str
    started_at: str
    commit: str
    cost: Interval  # ns


@dataclass(frozen=True)
class Change:
    """The first run of a new level, and its cost relative to the level before."""

    at: int
    ratio: float
    p: float


@dataclass(frozen=True)
class Series:
    """One case over all runs that measured it, oldest first."""

    case: str
    metric: str
    points: tuple[Point, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Left:
    """A run that is excluded from the history, and the reason."""

    run: str
    why: str


def environment_of(data: Dataset) -> str | None:
    """The fingerprint of a run; None if it has none, or several."""
    prints = {
        str(each.facts["machine"]["fingerprint"]) for each in data.invocations if each.facts and each.engine == "bench"
    }
    return prints.pop() if len(prints) == 1 else None


def started_of(data: Dataset) -> str:
    return min((str(each.facts["started_at"]) for each in _measuring(data)), default="")


def _measuring(data: Dataset) -> list[Invocation]:
    return [each for each in data.invocations if each.facts and each.engine == "bench"]


def one_environment(runs: Sequence[Dataset], wanted: str = "") -> tuple[list[Dataset], list[Left]]:
    """The runs of the wanted environment, or of the newest run's, oldest first; and the excluded runs."""
    known = sorted((run for run in runs if environment_of(run)), key=started_of)
    left = [
        Left(_name(run), "has no environment record, or records of several environments")
        for run in runs
        if not environment_of(run)
    ]
    if not known:
        return [], left
    environment = wanted or environment_of(known[-1])
    left += [
        Left(_name(run), f"another environment: {environment_of(run)}")
        for run in known
        if environment_of(run) != environment
    ]
    return [run for run in known if environment_of(run) == environment], left


def _name(data: Dataset) -> str:
    return ", ".join(data.runs)


def series_of(runs: Sequence[Dataset]) -> list[Series]:
    """A series per case. `runs` are of one environment, oldest first. Forks that failed an oracle have no cost."""
    found: dict[str, tuple[str, list[Point]]] = {}
    for run in runs:
        forks: dict[str, list[Case]] = {}
        for case in run.measured:
            forks.setdefault(case.name, []).append(case)
        for name, cases in forks.items():
            costs = [cost for cost in map(cost_of, cases) if cost is not None]
            if not costs or any(case.verdict.result == "fail" for case in cases):
                continue
            point = Point(
                _name(run), started_of(run), cases[0].revision, median_interval([value for _, value in costs])
            )
            found.setdefault(name, (costs[0][0], []))[1].append(point)
    return [
        Series(name, metric, tuple(points), tuple(changes_in([point.cost.estimate for point in points])))
        for name, (metric, points) in sorted(found.items())
    ]


def changes_in(costs: Sequence[float], seed: int = 1) -> list[Change]:
    """The points where the level of a series changes, in order."""
    logs = np.log(np.asarray(costs, dtype=np.float64))
    rng = np.random.default_rng(seed)
    cuts = sorted(_cuts(logs, 0, rng))
    bounds = [0, *(at for at, _ in cuts), len(costs)]
    return [
        Change(at, plain.median(costs[at : bounds[index + 2]]) / plain.median(costs[bounds[index] : at]), p)
        for index, (at, p) in enumerate(cuts)
    ]


def _cuts(logs: Floats, offset: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    if len(logs) < 2 * LEAST_SEGMENT:
        return []
    at, size = _best_cut(logs)
    beaten = sum(_best_cut(rng.permutation(logs))[1] >= size for _ in range(PERMUTATIONS))
    p = (beaten + 1) / (PERMUTATIONS + 1)
    if p > SIGNIFICANCE:
        return []
    return [*_cuts(logs[:at], offset, rng), (offset + at, p), *_cuts(logs[at:], offset + at, rng)]


def _best_cut(logs: Floats) -> tuple[int, float]:
    """(place, energy statistic) of the best split into two: between minus within, weighted by the sizes of both."""
    distances = np.abs(logs[:, None] - logs[None, :])
    best, place = -1.0, LEAST_SEGMENT
    for at in range(LEAST_SEGMENT, len(logs) - LEAST_SEGMENT + 1):
        n, m = at, len(logs) - at
        between = 2 * distances[:at, at:].mean()
        within = distances[:at, :at].sum() / (n * (n - 1)) + distances[at:, at:].sum() / (m * (m - 1))
        size = float((between - within) * n * m / (n + m))
        if size > best:
            best, place = size, at
    return place, best
