"""METG(50 %): interpolated between the measured lengths, over forks; absent outside them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racetrack_report.metg import ALL_REACH, NONE_REACHES, metg, metg_of_fork

LENGTHS = (100.0, 1000.0, 10000.0, 100000.0)


def pool(overhead_ns: float) -> dict[float, float]:
    """A pool with this overhead per task, whatever its length."""
    return {length: length / (length + overhead_ns) for length in LENGTHS}


def test_a_pool_that_spends_as_much_as_a_task_takes_has_its_metg_there() -> None:
    assert metg_of_fork(pool(1000)) == pytest.approx(1000)


@given(st.floats(150, 90_000))
def test_it_lies_between_the_lengths_around_the_crossing(overhead_ns: float) -> None:
    found = metg_of_fork(pool(overhead_ns))
    below = max(length for length in LENGTHS if length < overhead_ns)
    above = min(length for length in LENGTHS if length >= overhead_ns)
    assert below <= found <= above * (1 + 1e-9)


@given(st.floats(150, 90_000), st.floats(1.01, 3))
def test_a_dearer_pool_never_has_a_smaller_one(overhead_ns: float, factor: float) -> None:
    assert metg_of_fork(pool(overhead_ns)) <= metg_of_fork(pool(overhead_ns * factor))


def test_the_crossing_is_halfway_on_the_logarithm() -> None:
    assert metg_of_fork({100: 0.4, 10000: 0.6}) == pytest.approx(1000)


def test_out_of_the_measured_lengths_there_is_no_number() -> None:
    assert metg_of_fork(pool(10)) == ALL_REACH
    assert metg_of_fork(pool(1e9)) == NONE_REACHES
    assert metg([pool(10)] * 6).below_shortest
    assert not metg([pool(1e9)] * 6).reached


def test_a_short_length_that_reaches_it_by_luck_does_not_count() -> None:
    assert metg_of_fork({100: 0.9, 1000: 0.1, 10000: 0.9}) > 1000


def test_the_estimate_is_the_median_over_forks_with_an_interval_around_it() -> None:
    forks = [pool(overhead) for overhead in (800, 900, 1000, 1000, 1100, 5000)]
    found = metg(forks)
    assert found.low <= found.estimate <= found.high
    assert found.estimate == pytest.approx(1000, rel=0.01)
    assert found.high < 5000, "one bad fork does not move the median"
    assert (found.n, found.confidence, found.shortest, found.longest) == (6, 0.95, 100, 100000)
    assert metg(forks) == found, "the same records give the same interval"


def test_forks_that_do_not_reach_it_widen_the_interval_to_not_reached() -> None:
    found = metg([pool(1000)] * 4 + [pool(1e9)] * 2)
    assert found.reached
    assert math.isinf(found.high)
    assert not metg([pool(1000)] * 2 + [pool(1e9)] * 4).reached


def test_few_forks_have_little_confidence() -> None:
    assert metg([pool(1000)]).confidence == 0
    assert metg([pool(1000)] * 3).confidence == 0.75


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError):
        metg([])
    with pytest.raises(ValueError):
        metg_of_fork({})
    with pytest.raises(ValueError):
        metg_of_fork({0: 1.0})
