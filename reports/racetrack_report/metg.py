"""Minimum effective task granularity (METG): how short may tasks be before a pool wastes half of the machine?

Slaughter et al., Task Bench (SC 2020): METG(50 %) is the smallest task length at which the efficiency is still 50 %. Here it
is found per fork, between the lengths that were measured, on the logarithm of the length; the interval is over forks.
Every function is pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .statistics import CONFIDENCE, RESAMPLES

TARGET = 0.5
ALL_REACH = 0.0
"""Of a fork in which even the shortest tasks reach the target: METG is below them."""
NONE_REACHES = math.inf
"""Of a fork in which not even the longest tasks reach the target: METG is above them."""


@dataclass(frozen=True)
class Metg:
    """METG in nanoseconds: median over `n` forks, interval [low, high] with the confidence that so many forks give.

    ALL_REACH and NONE_REACHES stand, in all three, for what lies outside the lengths that were measured, from `shortest`
    to `longest`: then say "below `shortest`", or "not reached".
    """

    estimate: float
    low: float
    high: float
    confidence: float
    n: int
    shortest: float
    longest: float

    @property
    def reached(self) -> bool:
        return self.estimate < NONE_REACHES

    @property
    def below_shortest(self) -> bool:
        return self.estimate <= ALL_REACH


def metg_of_fork(efficiency: Mapping[float, float], target: float = TARGET) -> float:
    """METG of one fork from its efficiencies by task length in nanoseconds.

    The length above which every measured length reaches the target: one that does so by luck, with longer ones that do not,
    does not count. Raises ValueError when there is no length, or one that is not positive.
    """
    lengths = sorted(efficiency)
    if not lengths or lengths[0] <= 0:
        raise ValueError("METG needs efficiencies by task lengths greater than 0")
    misses = [i for i, length in enumerate(lengths) if efficiency[length] < target]
    if not misses:
        return ALL_REACH
    last = misses[-1]
    if last + 1 == len(lengths):
        return NONE_REACHES
    below, above = lengths[last], lengths[last + 1]
    share = (target - efficiency[below]) / (efficiency[above] - efficiency[below])
    return math.exp(math.log(below) + share * (math.log(above) - math.log(below)))


def metg(forks: Sequence[Mapping[float, float]], target: float = TARGET, seed: int = 1) -> Metg:
    """METG over forks, each with its efficiencies by task length.

    The interval is a percentile bootstrap of the median over forks.
    """
    values = [metg_of_fork(fork, target) for fork in forks]
    if not values:
        raise ValueError("METG needs at least one fork")
    lengths = [length for fork in forks for length in fork]
    estimate = _median(values)
    low = high = estimate
    n = len(values)
    if n > 1:
        rng = np.random.default_rng(seed)
        medians = sorted(_median([values[i] for i in rng.integers(0, n, n)]) for _ in range(RESAMPLES))
        cut = int((1 - CONFIDENCE) / 2 * RESAMPLES)
        low, high = min(medians[cut], estimate), max(medians[-1 - cut], estimate)
    confidence = CONFIDENCE if n >= 6 else 1 - 2.0 ** (1 - n)
    return Metg(estimate, low, high, confidence, n, min(lengths), max(lengths))


def _median(values: Sequence[float]) -> float:
    """Of two middle values the geometric mean; what lies outside the measured lengths wins over a number."""
    data = sorted(values)
    lower, upper = data[(len(data) - 1) // 2], data[len(data) // 2]
    if upper == NONE_REACHES:
        return NONE_REACHES
    return math.sqrt(lower * upper)
