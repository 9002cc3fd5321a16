"""P values, and the fewest pairs for significance. Plain numbers in and out, independent of cases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

ALPHA = 0.05  # a comparison of many cases as a whole is wrong at most this often


def signed_rank_p(differences: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's signed-rank test (1945): exact, over all 2^n ways to choose the signs.

    Equal sizes share their mean rank, and the distribution is that of these very ranks. A difference of zero speaks for
    neither side and is left out, as Wilcoxon does.
    """
    known = np.asarray([each for each in differences if each != 0.0], dtype=np.float64)
    if len(known) == 0:
        return 1.0
    ranks = np.rint(2 * stats.rankdata(np.abs(known))).astype(np.int64)  # doubled, so that mean ranks are whole
    ways = np.zeros(int(ranks.sum()) + 1)
    ways[0] = 1.0
    for rank in ranks:
        shifted = ways[:-rank].copy()
        ways *= 0.5
        ways[rank:] += 0.5 * shifted
    seen = int(ranks[known > 0].sum())
    tail = min(float(ways[: seen + 1].sum()), float(ways[seen:].sum()))
    return min(1.0, 2 * tail)


def rank_sum_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the rank-sum test of two independent samples: exact without ties, otherwise normal with tie
    correction."""
    values = [*first, *second]
    if not first or not second or len(set(values)) == 1:
        return 1.0
    exact = len(set(values)) == len(values) and min(len(first), len(second)) <= 50
    return min(1.0, float(stats.mannwhitneyu(first, second, method="exact" if exact else "asymptotic").pvalue))


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's adjusted p values (1979), in the given order: controls the family-wise error without assumptions."""
    adjusted = [1.0] * len(ps)
    reached = 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        reached = max(reached, min(1.0, (len(ps) - place) * ps[index]))
        adjusted[index] = reached
    return adjusted


def least_pairs(cases: int, alpha: float = ALPHA) -> int:
    """The fewest pairs with which one of these cases can be significant after Holm's correction: 2^(1-n) <=
    alpha/cases."""
    return math.ceil(1 + math.log2(max(1, cases) / alpha) - 1e-12)


def least_forks(cases: int, alpha: float = ALPHA) -> int:
    """The fewest forks of each of two independent samples for significance: all of one side rank below all of the
    other."""
    forks = 1
    while 2 / math.comb(2 * forks, forks) > alpha / max(1, cases):
        forks += 1
    return forks
