"""Detectable effects and required pairs: formulas of the normal distribution, which the tests check by simulation.

The Hodges-Lehmann estimate of n normal differences with standard deviation s has the standard error s sqrt(pi / 3n).
Effects are fractions: 0.1 is a difference of 10 %.
"""

from __future__ import annotations

import math

from scipy import stats

from .significance import ALPHA, least_pairs

POWER = 0.9  # an effect is called detectable if this fraction of comparisons would find it
MOST_PAIRS = 1000


def standard_error(spread: float, pairs: int) -> float:
    """Standard error of the estimate over this number of pairs, whose log ratios have this standard deviation."""
    return spread * math.sqrt(math.pi / (3 * pairs))


def detectable(spread: float, pairs: int, threshold: float, cases: int = 1, power: float = POWER) -> float:
    """The smallest slowdown of one of `cases` cases that is called slower with this power; infinite if none is.

    Two conditions apply: the 95 % interval is beyond the threshold, and Holm's first step, alpha / cases.
    """
    if pairs < least_pairs(cases) or math.isnan(spread):
        return math.inf
    error = standard_error(spread, pairs)
    reach = float(stats.t.ppf(power, pairs - 1))
    beyond = math.log1p(threshold) + (float(stats.t.ppf(1 - ALPHA / 2, pairs - 1)) + reach) * error
    first_step = (float(stats.t.ppf(1 - ALPHA / (2 * cases), pairs - 1)) + reach) * error
    return math.expm1(max(beyond, first_step))


def more_pairs(half_width: float, distance: float, pairs: int, cases: int = 1, alpha: float = ALPHA) -> int | None:
    """The number of additional pairs that would decide if the estimate stays; None if more than MOST_PAIRS are needed.

    `half_width` is that of the current interval of the logarithm, `distance` the distance of the estimate from the
    bound that it must not cross. Half-widths shrink with the root of the number of pairs.
    """
    if distance <= 0:
        return None
    needed = max(math.ceil(pairs * (half_width / distance) ** 2), least_pairs(cases, alpha), pairs + 1)
    return needed - pairs if needed <= MOST_PAIRS else None
