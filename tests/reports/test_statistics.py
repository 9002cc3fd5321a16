"""Estimates and intervals: known values, and properties that hold for all values."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from racetrack_report import statistics
from scipy import stats

POSITIVE = st.floats(min_value=1e-3, max_value=1e9, allow_nan=False)
FORKS = st.lists(POSITIVE, min_size=1, max_size=14)


@pytest.mark.parametrize(
    ("n", "confidence"), [(1, 0.0), (2, 0.5), (3, 0.75), (5, 0.9375), (6, 0.96875), (9, 0.9609375)]
)
def test_the_interval_of_a_median_says_what_it_really_reaches(n: int, confidence: float) -> None:
    assert statistics.median_interval(range(1, n + 1)).confidence == pytest.approx(confidence)


def test_six_forks_give_their_range_and_nine_drop_the_extremes() -> None:
    six = statistics.median_interval([6, 1, 5, 2, 4, 3])
    assert (six.low, six.estimate, six.high) == (1, 3.5, 6)
    nine = statistics.median_interval([9, 1, 8, 2, 7, 3, 6, 4, 5])
    assert (nine.low, nine.estimate, nine.high) == (2, 5, 8)


def test_the_interval_of_a_median_covers_as_often_as_it_claims() -> None:
    rng = np.random.default_rng(3)
    hits = [
        interval.low <= 0 <= interval.high
        for interval in (statistics.median_interval(list(rng.normal(size=6))) for _ in range(3000))
    ]
    assert np.mean(hits) == pytest.approx(0.969, abs=0.012)


def test_a_paired_ratio_agrees_with_the_signed_rank_test() -> None:
    """The interval excludes 1 exactly when the exact signed-rank test rejects at the confidence it reaches."""
    rng = np.random.default_rng(5)
    for n in (6, 8, 11):
        for shift in (0.0, 0.1, 0.3, 0.6):
            a, b = np.exp(rng.normal(shift, 0.3, n)), np.exp(rng.normal(0, 0.3, n))
            interval = statistics.paired_ratio(list(a), list(b))
            p = stats.wilcoxon(np.log(a / b), mode="exact").pvalue
            assert interval.excludes(1.0) == (p <= 1 - interval.confidence + 1e-12)


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=10))
def test_swapping_a_ratio_gives_its_reciprocal(pairs: list[tuple[float, float]]) -> None:
    top, bottom = [a for a, _ in pairs], [b for _, b in pairs]
    one, other = statistics.paired_ratio(top, bottom), statistics.paired_ratio(bottom, top)
    assert one.estimate == pytest.approx(1 / other.estimate)
    assert one.low == pytest.approx(1 / other.high)
    assert one.confidence == other.confidence


@given(FORKS, POSITIVE)
def test_intervals_hold_their_estimate_and_follow_the_scale(values: list[float], factor: float) -> None:
    interval = statistics.median_interval(values)
    assert min(values) <= interval.low <= interval.estimate <= interval.high <= max(values)
    scaled = statistics.median_interval([value * factor for value in values])
    assert scaled.low == pytest.approx(interval.low * factor)
    assert scaled.high == pytest.approx(interval.high * factor)


@settings(max_examples=25)
@given(FORKS, FORKS)
def test_unpaired_ratios_hold_their_estimate(top: list[float], bottom: list[float]) -> None:
    interval = statistics.unpaired_ratio(top, bottom)
    assert interval.low <= interval.estimate <= interval.high
    assert interval.confidence <= 0.95


def test_too_few_forks_decide_nothing() -> None:
    assert not statistics.paired_ratio([10, 11, 12], [1, 1, 1]).excludes(1.0)
    assert statistics.paired_ratio([10] * 6, [1] * 6).excludes(1.0)
    assert not statistics.unpaired_ratio([10.0, 10.0], [1.0, 1.0]).decisive


def test_ratios_are_paired_only_when_the_same_forks_were_measured() -> None:
    first = {("i", fork): 2.0 for fork in range(6)}
    assert statistics.ratio(first, {("i", fork): 1.0 for fork in range(6)})[1]
    assert not statistics.ratio(first, {("i", fork): 1.0 for fork in range(5)})[1]


def test_a_tail_is_bootstrapped_over_forks() -> None:
    interval = statistics.bootstrap_median([1, 1, 1, 100, 100, 100])
    assert interval.estimate == 50.5
    assert (interval.low, interval.high) == (1, 100)
    assert statistics.bootstrap_median([7]).confidence == 0


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(1, 500)),
        min_size=1,
        max_size=40,
        unique_by=operator.itemgetter(0),
    )
)
def test_percentiles_are_those_of_the_expanded_samples(buckets: list[tuple[int, int]]) -> None:
    buckets.sort()
    values, counts = [float(v) for v, _ in buckets], [n for _, n in buckets]
    samples = np.repeat(values, counts)
    for q in (0.5, 0.9, 0.99):
        found = statistics.percentile(values, counts, q)
        if len(samples) * (1 - q) < 10 - 1e-9:
            assert found is None
        else:
            assert found == samples[max(0, math.ceil(q * len(samples) - 1e-9) - 1)]


def test_a_percentile_needs_ten_samples_beyond_it() -> None:
    assert statistics.percentile([5.0], [1000], 0.99) == 5.0
    assert statistics.percentile([5.0], [999], 0.99) is None
    assert statistics.percentile([], [], 0.5) is None


def test_the_minimum_detectable_effect_shrinks_with_forks_and_matches_simulation() -> None:
    effects = [statistics.minimum_detectable_effect(0.05, n) for n in (2, 3, 6, 20)]
    assert effects == sorted(effects, reverse=True)
    rng = np.random.default_rng(2)
    shift = math.log1p(statistics.minimum_detectable_effect(0.05, 6))
    found = [stats.ttest_ind(rng.normal(shift, 0.05, 6), rng.normal(0, 0.05, 6)).pvalue <= 0.05 for _ in range(1500)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)
    assert math.isnan(statistics.minimum_detectable_effect(0.05, 1))


def test_two_camps_are_seen_and_plain_noise_is_not() -> None:
    assert statistics.bimodal([10, 10.2, 10.1, 22, 21.8, 22.1])
    assert not statistics.bimodal([10, 10.2, 10.4, 10.6, 10.8, 11])
    assert not statistics.bimodal([10, 10, 10, 10, 10, 30])  # one outlier does not form a cluster


def test_empty_and_negative_input_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        statistics.median_interval([])
    with pytest.raises(ValueError, match="positive"):
        statistics.paired_ratio([1.0], [0.0])
    with pytest.raises(ValueError, match="equal length"):
        statistics.paired_ratio([1.0], [1.0, 2.0])
