"""Comparisons of simulated forks under drifting noise, through the same code as real comparisons.

The speed of a machine drifts from fork to fork as a first-order autoregressive process, and each fork has additional
white noise; both are factors, given as standard deviations of the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from racetrack_report.statistics import Floats

from .judgement import FASTER, SLOWER, Judged, Rule, Sample, judge
from .schedule import Schedule

BASE_NS = 100.0


@dataclass(frozen=True)
class Noise:
    """The noise model: drift of 3 % whose memory is `rho` per fork, white noise of 2 %."""

    drift: float = 0.03
    rho: float = 0.9
    white: float = 0.02

    def path(self, forks: int, rng: np.random.Generator) -> Floats:
        """Logarithms of the factors by which consecutive forks are slower."""
        steps = rng.normal(0.0, self.drift * math.sqrt(1 - self.rho**2), forks)
        drift = np.empty(forks)
        at = rng.normal(0.0, self.drift)
        for place in range(forks):
            at = self.rho * at + steps[place]
            drift[place] = at
        return drift + rng.normal(0.0, self.white, forks)


@dataclass(frozen=True)
class Outcome:
    """Rates over simulated comparisons."""

    comparisons: int
    alarms: float  # part of comparisons in which some case was significant after Holm's correction
    verdicts: float  # part in which some case was called faster or slower
    coverage: float  # part of intervals that hold the true ratio


def paired(noise: Noise, pairs: int, cases: int, ratio: float, rng: np.random.Generator) -> list[Sample]:
    """One comparison, with the schedule of the driver."""
    schedule = Schedule(int(rng.integers(1 << 32)))
    path = iter(noise.path(2 * pairs * cases, rng))
    old: list[list[float]] = [[] for _ in range(cases)]
    new: list[list[float]] = [[] for _ in range(cases)]
    for _ in range(pairs):
        for pairing in schedule.next_pass(range(cases)):
            first, second = (BASE_NS * math.exp(next(path)) for _ in range(2))
            ours, theirs = (second, first) if pairing.new_first else (first, second)
            old[pairing.case].append(ours)
            new[pairing.case].append(ratio * theirs)
    return [Sample(str(case), "time", tuple(old[case]), tuple(new[case]), True) for case in range(cases)]


def one_after_the_other(noise: Noise, pairs: int, cases: int, ratio: float, rng: np.random.Generator) -> list[Sample]:
    """The control: all of OLD, then all of NEW, as two runs are measured. Drift then counts as a difference."""
    found = []
    for case in range(cases):
        forks = BASE_NS * np.exp(noise.path(2 * pairs, rng))
        found.append(Sample(str(case), "time", tuple(forks[:pairs]), tuple(ratio * forks[pairs:]), False))
    return found


Design = Callable[[Noise, int, int, float, np.random.Generator], list[Sample]]


def simulate(
    design: Design,
    noise: Noise,
    pairs: int,
    cases: int = 1,
    ratio: float = 1.0,
    comparisons: int = 2000,
    threshold: float = 0.03,
    seed: int = 1,
) -> Outcome:
    """This number of comparisons; the same seed gives the same result."""
    alarms = verdicts = held = intervals = 0
    for judged in _judged(design, noise, pairs, cases, ratio, comparisons, threshold, seed):
        alarms += any(each.p_holm is not None and each.p_holm <= 0.05 for each in judged)
        verdicts += any(each.verdict in (SLOWER, FASTER) for each in judged)
        held += sum(each.ratio is not None and each.ratio.low <= ratio <= each.ratio.high for each in judged)
        intervals += len(judged)
    return Outcome(comparisons, alarms / comparisons, verdicts / comparisons, held / intervals)


def _judged(
    design: Design,
    noise: Noise,
    pairs: int,
    cases: int,
    ratio: float,
    comparisons: int,
    threshold: float,
    seed: int,
) -> Iterator[list[Judged]]:
    rng = np.random.default_rng(seed)
    rule = Rule(lambda case, n: threshold)
    for _ in range(comparisons):
        yield judge(design(noise, pairs, cases, ratio, rng), rule)
