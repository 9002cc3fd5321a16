"""From pairs to verdicts: conditions for slower, same and inconclusive, and the resulting advice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from racetrack_compare import wording
from racetrack_compare.judgement import FASTER, INCONCLUSIVE, NONE, SAME, SLOWER, Judged, Rule, Sample, judge
from racetrack_compare.power import detectable, more_pairs

RULE = Rule(lambda case, pairs: 0.03)
COSTS = some.lists(some.tuples(some.floats(50, 200), some.floats(50, 200)), min_size=1, max_size=16)


def sample(
    ratio: float, n: int = 12, spread: float = 0.01, *, paired: bool = True, seed: int = 1, case: str = "a"
) -> Sample:
    rng = np.random.default_rng(seed)
    old = 100 * rng.lognormal(0, 0.05 if paired else spread, n)
    new = ratio * (old if paired else np.full(n, 100.0)) * rng.lognormal(0, spread, n)
    return Sample(case, "time per item", tuple(map(float, old)), tuple(map(float, new)), paired)


def one(given_sample: Sample, rule: Rule = RULE) -> Judged:
    return judge([given_sample], rule)[0]


@pytest.mark.parametrize("paired", [True, False], ids=["paired", "unpaired"])
@pytest.mark.parametrize(
    ("ratio", "spread", "verdict"),
    [
        (1.2, 0.01, SLOWER),
        (1 / 1.2, 0.01, FASTER),
        (1.0, 0.01, SAME),
        (1.02, 0.004, SAME),  # significant, and too small to count
        (1.0, 0.2, INCONCLUSIVE),
        (1.04, 0.03, INCONCLUSIVE),  # may be below the threshold
    ],
)
def test_verdicts(ratio: float, spread: float, verdict: str, paired: bool) -> None:
    assert one(sample(ratio, 20, spread, paired=paired)).verdict == verdict


@given(COSTS)
@settings(max_examples=80)
def test_to_swap_the_sides_is_to_swap_the_verdict(pairs: list[tuple[float, float]]) -> None:
    old, new = zip(*pairs)
    there, back = one(Sample("a", "", old, new, True)), one(Sample("a", "", new, old, True))
    swapped = {SLOWER: FASTER, FASTER: SLOWER}.get(there.verdict, there.verdict)
    assert back.verdict == swapped
    assert there.ratio and back.ratio
    assert back.ratio.estimate == pytest.approx(1 / there.ratio.estimate)
    assert back.p == pytest.approx(there.p)


@pytest.mark.parametrize("n", range(1, 6))
def test_fewer_than_six_pairs_never_show_a_difference_and_say_how_many_do(n: int) -> None:
    judged = one(sample(3.0, n))
    assert judged.verdict == INCONCLUSIVE
    assert judged.least == 6
    assert judged.more is not None and judged.n + judged.more >= 6


def test_with_many_cases_more_pairs_are_needed() -> None:
    judged = judge([sample(3.0, 6, seed=seed, case=str(seed)) for seed in range(10)], RULE)
    assert {each.verdict for each in judged} == {INCONCLUSIVE}, "6 pairs reach 0.03, times ten cases"
    assert judged[0].least == 9
    assert {each.verdict for each in judge([sample(3.0, 9, seed=s) for s in range(10)], RULE)} == {SLOWER}


def test_the_pairs_that_are_asked_for_decide() -> None:
    undecided = one(sample(1.1, 8, 0.08, seed=5))
    assert undecided.verdict == INCONCLUSIVE and undecided.more
    decided = [one(sample(1.1, 2 * (8 + undecided.more), 0.08, seed=seed)).verdict for seed in range(20)]
    assert decided.count(SLOWER) >= 15


def test_a_reason_leaves_no_number_and_does_not_count_among_the_cases() -> None:
    failed = Sample("b", "time per item", (100.0,) * 12, (150.0,) * 12, True, reason="NEW failed", code=1)
    judged = judge([sample(1.5, 6), failed], RULE)
    assert [each.verdict for each in judged] == [SLOWER, NONE]
    assert judged[1].ratio is None and judged[1].p is None


def test_equal_sides_are_the_same_or_too_few() -> None:
    assert one(Sample("a", "", (100.0,) * 12, (100.0,) * 12, True)).verdict == SAME
    assert one(Sample("a", "", (100.0,), (100.0,), True)).verdict == INCONCLUSIVE


def test_on_a_noisy_machine_nothing_is_called_the_same_that_may_differ_by_much() -> None:
    loud = Rule(lambda case, pairs: 24.0)
    assert one(sample(1.15, 20, 0.3), loud).verdict == INCONCLUSIVE
    assert one(sample(1.0, 20, 0.01), loud).verdict == SAME


def test_several_looks_ask_more_of_each() -> None:
    strict = Rule(RULE.threshold, 0.0125, 4)
    assert one(sample(1.5, 6)).verdict == SLOWER
    assert one(sample(1.5, 6), strict).verdict == INCONCLUSIVE, "0.03 is more than a quarter of 0.05"
    assert one(sample(1.5, 8), strict).verdict == SLOWER


def test_what_is_called_detectable_is_found_as_often_as_promised() -> None:
    spread, pairs = 0.05, 20
    effect = detectable(spread, pairs, 0.03)
    found = sum(one(sample(1 + effect, pairs, spread, seed=seed)).verdict == SLOWER for seed in range(300))
    assert 0.84 <= found / 300 <= 0.96
    assert detectable(spread, 5, 0.03) == math.inf


@given(some.floats(0.01, 1), some.floats(0.001, 1), some.integers(2, 100))
def test_more_pairs_are_at_least_one_and_fewer_the_farther_the_estimate_is(
    half: float, distance: float, pairs: int
) -> None:
    near, far = more_pairs(half, distance, pairs), more_pairs(half, 2 * distance, pairs)
    assert near is None or near >= 1
    assert near is None or (far is not None and far <= near)
    assert more_pairs(half, 0.0, pairs) is None


def test_what_no_reasonable_number_decides_is_told_as_noise_not_as_a_small_difference() -> None:
    wild = one(sample(1.0, 8, 1.0))
    assert (wild.verdict, wild.more) == (INCONCLUSIVE, None)
    assert wording.advice(wild, paired=True).startswith("over 1000 pairs would be needed: too much noise")


@pytest.mark.parametrize(
    ("fraction", "reported"),
    [(0.004, "+0.4 %"), (-0.029, "−2.9 %"), (0.3, "+30 %"), (-0.9, "−90 %"), (-0.9996, "−99.9 %"), (-1e-9, "+0.0 %")],
)
def test_changes_have_their_sign_and_nothing_costs_nothing(fraction: float, reported: str) -> None:
    assert wording.signed(fraction) == reported
