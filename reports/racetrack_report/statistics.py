"""Estimates and intervals over forks. The unit is always a fork; no outlier is dropped; nothing is pooled.

Every function takes plain numbers (one per fork) and is pure. An `Interval` has the confidence that it reaches: 96.9 %
with six forks, 93.8 % with five, less with fewer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95
DECISIVE = 0.90  # below this reached confidence an interval is shown, but decides nothing
RESAMPLES = 2000
MIN_SAMPLES_BEYOND = 10  # a percentile with fewer samples beyond it is not shown

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """`estimate` with the interval [low, high]; `confidence` is the one that the method reaches with `n` forks (0
    for one)."""

    estimate: float
    low: float
    high: float
    confidence: float
    n: int

    @property
    def decisive(self) -> bool:
        return self.confidence >= DECISIVE

    def excludes(self, value: float) -> bool:
        """Whether the interval excludes that the true value is `value`."""
        return self.decisive and not self.low <= value <= self.high


def median_interval(values: Sequence[float]) -> Interval:
    """Median with its order-statistic (sign test) interval: exact for any continuous distribution.

    The innermost pair of order statistics with at least CONFIDENCE. With fewer than six values it is the whole range,
    and `confidence` is smaller. Raises ValueError if there is no value.
    """
    data = _sorted(values)
    n = len(data)
    depth = _sign_depth(n)
    confidence = float(1 - 2 * stats.binom.cdf(depth - 1, n, 0.5)) if n > 1 else 0.0
    return Interval(float(np.median(data)), float(data[depth - 1]), float(data[n - depth]), confidence, n)


@functools.cache
def _sign_depth(n: int) -> int:
    """The rank, from either end, at which the interval of the median begins; 1 for the extremes."""
    depth = 1
    while depth + 1 <= n // 2 and 1 - 2 * stats.binom.cdf(depth, n, 0.5) >= CONFIDENCE:
        depth += 1
    return depth


def paired_ratio(numerator: Sequence[float], denominator: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Ratio of two subjects measured in the same forks: Hodges-Lehmann on logarithms, signed-rank interval.

    Both have one positive value per fork, in the same order. Swapping the two gives the reciprocal.
    """
    if len(numerator) != len(denominator):
        raise ValueError("paired values must have equal length")
    logs = np.log(_positive(numerator)) - np.log(_positive(denominator))
    n = len(logs)
    first, second = np.triu_indices(n)
    walsh = np.sort((logs[first] + logs[second]) / 2)
    depth, reached = _signed_rank_depth(n, confidence)
    low, high = walsh[depth - 1], walsh[len(walsh) - depth]
    return Interval(math.exp(float(np.median(walsh))), math.exp(float(low)), math.exp(float(high)), reached, n)


@functools.cache
def _signed_rank_depth(n: int, confidence: float) -> tuple[int, float]:
    """(depth, reached): the largest depth into the sorted Walsh averages that still covers `confidence`."""
    if n < 2:
        return 1, 0.0
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1
    for rank in range(1, n + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    below = np.cumsum(ways) / 2.0**n  # P(W <= w)
    depth = 1
    while 1 - 2 * below[depth] >= confidence:
        depth += 1
    return depth, float(1 - 2 * below[depth - 1])


def unpaired_ratio(
    numerator: Sequence[float], denominator: Sequence[float], confidence: float = CONFIDENCE, seed: int = 1
) -> Interval:
    """Ratio of medians of two independent sets of forks with a percentile bootstrap: weaker, for unlike forks."""
    top, bottom = _positive(numerator), _positive(denominator)
    n = min(len(top), len(bottom))
    estimate = float(np.median(top) / np.median(bottom))
    if n < 2:
        return Interval(estimate, estimate, estimate, 0.0, n)
    rng = np.random.default_rng(seed)
    ratios = _resampled_medians(top, rng) / _resampled_medians(bottom, rng)
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2])
    reached = confidence if n >= 6 else min(confidence, 1 - 2.0 ** (1 - n))
    return Interval(estimate, float(min(low, estimate)), float(max(high, estimate)), reached, n)


def ratio(numerator: dict[tuple[str, int], float], denominator: dict[tuple[str, int], float]) -> tuple[Interval, bool]:
    """(interval, paired): values keyed by (invocation, fork); paired if both were measured in the same forks."""
    if set(numerator) == set(denominator):
        keys = sorted(numerator)
        return paired_ratio([numerator[key] for key in keys], [denominator[key] for key in keys]), True
    return unpaired_ratio(list(numerator.values()), list(denominator.values())), False


def bootstrap_median(values: Sequence[float], seed: int = 1) -> Interval:
    """Median over forks of a tail percentile, resampling forks (never samples). One fork has no interval."""
    data = _sorted(values)
    estimate = float(np.median(data))
    if len(data) < 2:
        return Interval(estimate, estimate, estimate, 0.0, len(data))
    medians = _resampled_medians(data, np.random.default_rng(seed))
    low, high = np.quantile(medians, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    reached = CONFIDENCE if len(data) >= 6 else 1 - 2.0 ** (1 - len(data))
    return Interval(estimate, float(low), float(high), reached, len(data))


def _resampled_medians(data: Floats, rng: np.random.Generator) -> Floats:
    picks = rng.integers(0, len(data), size=(RESAMPLES, len(data)))
    return np.asarray(np.median(data[picks], axis=1), dtype=np.float64)


def percentile(values: Sequence[float], counts: Sequence[int], q: float) -> float | None:
    """The q quantile (0..1) of a bucketed histogram, as the bucket's highest value; None with too few samples beyond
    it."""
    total = sum(counts)
    if total == 0 or total * (1 - q) < MIN_SAMPLES_BEYOND - 1e-9:
        return None
    reached = np.cumsum(counts)
    index = int(np.searchsorted(reached, math.ceil(q * total - 1e-9)))
    return float(values[min(index, len(values) - 1)])


def relative_spread(values: Sequence[float]) -> float:
    """Standard deviation of the logarithms (about the coefficient of variation); NaN for fewer than two values."""
    return float(np.std(np.log(_positive(values)), ddof=1)) if len(values) > 1 else math.nan


def minimum_detectable_effect(spread: float, n: int, power: float = 0.8) -> float:
    """Smallest relative difference of two subjects that n unpaired forks each show at 5 % with this power.

    `spread` is `relative_spread`; the result is a fraction (0.05 is 5 %), NaN for fewer than two forks.
    """
    if n < 2 or math.isnan(spread):
        return math.nan
    freedom = 2 * n - 2
    reach = float(stats.t.ppf(0.975, freedom) + stats.t.ppf(power, freedom))
    return math.expm1(reach * spread * math.sqrt(2 / n))


def bimodal(values: Sequence[float]) -> bool:
    """Whether forks form two clusters: a gap of more than 1.25x that is over half of the whole range of logs."""
    if len(values) < 4:
        return False
    logs = np.log(_sorted(_positive(values)))
    gaps = np.diff(logs)
    widest = int(np.argmax(gaps))
    camps = 2 <= widest + 1 <= len(logs) - 2
    return bool(camps and gaps[widest] > math.log(1.25) and gaps[widest] > 0.5 * (logs[-1] - logs[0]))


def _sorted(values: Sequence[float] | Floats) -> Floats:
    if len(values) == 0:
        raise ValueError("no values")
    return np.sort(np.asarray(values, dtype=np.float64))


def _positive(values: Sequence[float]) -> Floats:
    data = np.asarray(values, dtype=np.float64)
    if len(data) == 0 or not (data > 0).all():
        raise ValueError("ratios need positive values")
    return data
