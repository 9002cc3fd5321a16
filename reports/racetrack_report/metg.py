"""Minimum effective task granularity (METG): the task length below which a pool wastes half of the machine.

Slaughter et al., Task Bench (SC 2020): METG(50 %) is the smallest task length at which the efficiency is still 50 %.
Here it is interpolated per fork between the measured lengths, on the logarithm of the length; the interval is over
forks. Every function is pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .statistics import CONFIDENCE, RESAMPLES

TARGET = 0.5
ALL_REACH = 0.0
"""The METG of a fork in which even the shortest tasks reach the target: it is below the measured lengths."""
NONE_REACHES = math.inf
"""The METG of a fork in which not even the longest tasks reach the target: it is above the measured lengths."""


@dataclass(frozen=True)
class Metg:
    """METG in nanoseconds: median over `n` forks, interval [low, high] with the confidence that this number of forks
    gives.

    Each of the three is ALL_REACH or NONE_REACHES if it is outside the measured lengths, from `shortest` to `longest`.
    Then print "below `shortest`" or "not reached".
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

    The length above which every measured length reaches the target. A length that reaches it although longer ones do
    not is ignored. Raises ValueError if there is no length, or one that is not positive.
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
    """The geometric mean of two middle values; a value outside the measured lengths takes precedence over a number."""
    data = sorted(values)
    lower, upper = data[(len(data) - 1) // 2], data[len(data) // 2]
    if upper == NONE_REACHES:
        return NONE_REACHES
    return math.sqrt(lower * upper)
