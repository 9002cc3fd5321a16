"""P values: against brute force, against scipy, and at their limits."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from racetrack_compare.significance import holm, least_forks, least_pairs, rank_sum_p, signed_rank_p
from racetrack_report.statistics import paired_ratio

SMALL = some.lists(some.integers(-5, 5).map(float), min_size=1, max_size=9)
DISTINCT = some.lists(some.integers(1, 10_000), min_size=1, max_size=14, unique=True)


def by_all_signs(differences: list[float]) -> float:
    """Two-sided p over all combinations of signs; zeros are left out, equal sizes get their mean rank."""
    sizes = [abs(each) for each in differences if each]
    if not sizes:
        return 1.0
    ranks = list(stats.rankdata(sizes))
    seen = sum(rank for rank, each in zip(ranks, [each for each in differences if each]) if each > 0)
    sums = [sum(itertools.compress(ranks, chosen)) for chosen in itertools.product((0, 1), repeat=len(ranks))]
    low, high = sum(each <= seen for each in sums), sum(each >= seen for each in sums)
    return float(min(1.0, 2 * min(low, high) / len(sums)))


@given(SMALL)
def test_the_signed_rank_p_is_that_of_all_choices_of_signs_with_ties_and_zeros(differences: list[float]) -> None:
    assert signed_rank_p(differences) == pytest.approx(by_all_signs(differences))


@given(DISTINCT, some.lists(some.booleans(), min_size=14, max_size=14))
def test_the_signed_rank_p_is_scipys_exact_one_without_ties(sizes: list[int], ups: list[bool]) -> None:
    differences = [float(size if up else -size) for size, up in zip(sizes, ups)]
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences, mode="exact").pvalue)


@given(DISTINCT, some.lists(some.booleans(), min_size=14, max_size=14))
@settings(max_examples=60)
def test_the_interval_leaves_out_equality_when_p_says_so(sizes: list[int], ups: list[bool]) -> None:
    logs = [(size if up else -size) / 7_919 for size, up in zip(sizes, ups)]
    interval = paired_ratio([math.exp(each) for each in logs], [1.0] * len(logs))
    if interval.confidence >= 0.95:
        assert (signed_rank_p(logs) <= 0.05) == (not interval.low <= 1.0 <= interval.high)


def test_many_pairs_are_still_exact() -> None:
    differences = [float(each if each % 3 else -each) for each in range(1, 201)]
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences, mode="approx").pvalue, rel=0.2)
    assert signed_rank_p([1.0] * 1000) == pytest.approx(2.0**-999)


@given(
    some.lists(some.integers(0, 99).map(float), min_size=1, max_size=8),
    some.lists(some.integers(0, 99).map(float), min_size=1, max_size=8),
)
def test_the_rank_sum_p_does_not_care_for_the_order_of_the_sides(first: list[float], second: list[float]) -> None:
    other_way = rank_sum_p(first=second, second=first)
    assert rank_sum_p(first, second) == pytest.approx(other_way)
    assert 0 <= rank_sum_p(first, second) <= 1


def test_samples_that_are_all_alike_show_nothing() -> None:
    assert rank_sum_p([3.0, 3.0], [3.0, 3.0, 3.0]) == 1.0
    assert signed_rank_p([0.0, 0.0]) == 1.0


@given(some.lists(some.floats(0, 1), min_size=1, max_size=20))
def test_holm_adjusts_upwards_keeps_the_order_and_is_below_bonferroni(ps: list[float]) -> None:
    adjusted = holm(ps)
    for p, q in zip(ps, adjusted):
        assert p <= q <= min(1.0, len(ps) * p) + 1e-12
    ranked = [q for _, q in sorted(zip(ps, adjusted))]
    assert ranked == sorted(ranked)


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert not holm([])


@pytest.mark.parametrize("cases", [1, 2, 4, 30, 350])
def test_the_least_number_of_pairs_is_just_enough(cases: int) -> None:
    least = least_pairs(cases)
    assert cases * signed_rank_p([1.0 + each for each in range(least)]) <= 0.05
    assert cases * signed_rank_p([1.0 + each for each in range(least - 1)]) > 0.05
    assert least_pairs(1) == 6, "five pairs cannot be significant at all"


@pytest.mark.parametrize("cases", [1, 30])
def test_the_least_number_of_forks_is_just_enough(cases: int) -> None:
    least = least_forks(cases)
    low, high = [float(each) for each in range(least)], [100.0 + each for each in range(least)]
    assert cases * rank_sum_p(low, high) <= 0.05
    assert cases * rank_sum_p(low[1:], high[1:]) > 0.05
