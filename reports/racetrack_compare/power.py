"""What so many pairs can show, and how many are needed: formulas of the normal distribution, checked by simulation in the tests.

The Hodges-Lehmann estimate of n differences with standard deviation s has the standard error s sqrt(pi / 3n) when they are
normal. Effects are fractions: 0.1 is a difference of 10 %.
"""

from __future__ import annotations

import math

from scipy import stats

from .significance import ALPHA, least_pairs

POWER = 0.9  # an effect is called detectable when so large a part of comparisons would find it
MOST_PAIRS = 1000


def standard_error(spread: float, pairs: int) -> float:
    """Of the estimate over so many pairs, whose logarithms of ratios have this standard deviation."""
    return spread * math.sqrt(math.pi / (3 * pairs))


def detectable(spread: float, pairs: int, threshold: float, cases: int = 1, power: float = POWER) -> float:
    """The smallest slowdown of one of so many cases that is called slower with this power; infinite when none can be.

    Two bars are to be cleared: the 95 % interval beyond the threshold, and Holm's first step, alpha / cases.
    """
    if pairs < least_pairs(cases) or math.isnan(spread):
        return math.inf
    error = standard_error(spread, pairs)
    reach = float(stats.t.ppf(power, pairs - 1))
    beyond = math.log1p(threshold) + (float(stats.t.ppf(1 - ALPHA / 2, pairs - 1)) + reach) * error
    first_step = (float(stats.t.ppf(1 - ALPHA / (2 * cases), pairs - 1)) + reach) * error
    return math.expm1(max(beyond, first_step))


def more_pairs(half_width: float, distance: float, pairs: int, cases: int = 1, alpha: float = ALPHA) -> int | None:
    """How many pairs more would decide, if the estimate stays; None when more than MOST_PAIRS would be needed.

    `half_width` is that of the interval of the logarithm now, `distance` how far the estimate is from the bound it has to keep
    clear of. Half-widths shrink with the root of the number of pairs.
    """
    if distance <= 0:
        return None
    needed = max(math.ceil(pairs * (half_width / distance) ** 2), least_pairs(cases, alpha), pairs + 1)
    return needed - pairs if needed <= MOST_PAIRS else None
