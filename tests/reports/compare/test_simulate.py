"""A small version of `make evidence`: under drifting noise, the error rates of comparisons are as stated."""

from __future__ import annotations

import pytest

from racetrack_compare.simulate import Noise, one_after_the_other, paired, simulate


@pytest.mark.parametrize("pairs", [8, 12, 20])
def test_false_alarms_and_coverage_of_pairs_under_drift(pairs: int) -> None:
    seen = simulate(paired, Noise(), pairs, comparisons=400, seed=2)
    assert seen.alarms <= 0.06
    assert 0.93 <= seen.coverage <= 0.98, "400 comparisons: two standard errors beyond what `make evidence` asks"
    assert seen.verdicts <= seen.alarms


def test_without_pairs_drift_is_taken_for_a_difference() -> None:
    assert simulate(one_after_the_other, Noise(), 12, comparisons=100).alarms > 0.25


def test_many_cases_together_raise_no_more_alarms_than_one() -> None:
    assert simulate(paired, Noise(), 12, cases=6, comparisons=150).alarms <= 0.06


def test_a_slowdown_that_is_there_is_found_and_its_size_is_covered() -> None:
    seen = simulate(paired, Noise(), 20, ratio=1.1, comparisons=150)
    assert seen.verdicts >= 0.9
    assert seen.coverage >= 0.92
