"""Judges the pairs (or two independent samples) of every case: faster, slower, same, inconclusive.

The unit is a fork. A ratio is always the cost of NEW over the cost of OLD, so above 1 is slower. Differences below the
threshold are ignored, because the machine shows them between equal builds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from racetrack_report.statistics import Interval, paired_ratio, unpaired_ratio

from .power import detectable, more_pairs
from .significance import ALPHA, holm, least_forks, least_pairs, rank_sum_p, signed_rank_p

FASTER, SLOWER, SAME, INCONCLUSIVE, NONE = "faster", "slower", "same", "inconclusive", "no verdict"
VERDICTS = (SLOWER, FASTER, INCONCLUSIVE, NONE, SAME)  # in the order of the report

MOST_SAME = 0.1  # on any machine: a case whose difference may be larger is not called the same

Threshold = Callable[[str, int], float]  # case, pairs -> the smallest difference that counts, as a fraction


@dataclass(frozen=True)
class Repetition:
    """One fork or repetition as in Google Benchmark's JSON, per iteration. None: it was not measured."""

    real_ns: float
    cpu_ns: float | None = None
    threads: int | None = None
    iterations: int | None = None


@dataclass(frozen=True)
class Sample:
    """The costs of one case on both sides, in ns. Paired: old[i] and new[i] ran one right after the other."""

    case: str
    metric: str  # description of the cost: "time per item"
    old: tuple[float, ...]
    new: tuple[float, ...]
    paired: bool
    new_first: tuple[bool, ...] = ()  # paired: which of the two ran first
    started: tuple[str, ...] = ()  # paired: when (UTC)
    lost: int = 0  # pairs with a fork that has no number
    reason: str = ""  # reason why there is no verdict of speed: a side failed an oracle, crashed, ...
    code: int = 0  # exit code for the reason: 1 an unexpected failure of NEW, 3 incomplete, 0 as expected
    details: tuple[tuple[Repetition, ...], tuple[Repetition, ...]] = ((), ())  # of old and new, in their order


@dataclass(frozen=True)
class Judged:
    """One case with its verdict. The numbers are None if there is no verdict."""

    sample: Sample
    verdict: str
    threshold: float
    ratio: Interval | None = None  # at 1 - alpha: decides faster and slower
    inner: Interval | None = None  # at 1 - 2 alpha: decides same
    p: float | None = None
    p_holm: float | None = None
    spread: float = math.nan  # standard deviation of the logarithm of a pair's ratio
    more: int | None = None  # inconclusive: this number of additional pairs would decide; None: too many
    least: int = 0  # with fewer pairs (or forks of each side), nothing can become significant
    detectable: float = math.inf

    @property
    def n(self) -> int:
        return min(len(self.sample.old), len(self.sample.new))


@dataclass(frozen=True)
class Rule:
    """The parameters of the judgement."""

    threshold: Threshold
    alpha: float = ALPHA  # of this look; each of several looks gets its share
    looks: int = 1

    @property
    def confidence(self) -> float:
        """The confidence of the interval that decides faster and slower."""
        return 1 - self.alpha


def judge(samples: Sequence[Sample], rule: Rule) -> list[Judged]:
    """The verdict of every case, in the given order. Holm's correction is over all cases with numbers."""
    able = [index for index, sample in enumerate(samples) if not sample.reason and sample.old and sample.new]
    ps = [_p(samples[index]) for index in able]
    adjusted = dict(zip(able, zip(ps, holm(ps))))
    return [
        _judge_one(sample, *adjusted[index], len(able), rule)
        if index in adjusted
        else Judged(sample, NONE, rule.threshold(sample.case, max(1, len(sample.old))))
        for index, sample in enumerate(samples)
    ]


def _judge_one(sample: Sample, p: float, p_holm: float, cases: int, rule: Rule) -> Judged:
    n = min(len(sample.old), len(sample.new))
    ratio, inner = (_ratio(sample, confidence) for confidence in (1 - rule.alpha, 1 - 2 * rule.alpha))
    threshold = rule.threshold(sample.case, n)
    least = (least_pairs if sample.paired else least_forks)(cases, rule.alpha)
    spread = _spread(sample)
    verdict = _verdict(ratio, inner, p_holm, threshold, rule)
    return Judged(
        sample,
        verdict,
        threshold,
        ratio,
        inner,
        p,
        p_holm,
        spread,
        _more(ratio, inner, threshold, n, cases, rule.alpha, least) if verdict == INCONCLUSIVE else None,
        least,
        detectable(spread, n, threshold, cases) if n >= least else math.inf,
    )


def _ratio(sample: Sample, confidence: float) -> Interval:
    if sample.paired:
        return paired_ratio(sample.new, sample.old, confidence)
    return unpaired_ratio(sample.new, sample.old, confidence)


def _verdict(ratio: Interval, inner: Interval, p_holm: float, threshold: float, rule: Rule) -> str:
    if ratio.confidence >= rule.confidence - 1e-9 and p_holm <= rule.alpha:
        if ratio.low > 1 + threshold:
            return SLOWER
        if ratio.high < 1 / (1 + threshold):
            return FASTER
    margin = 1 + min(threshold, MOST_SAME)
    inside = 1 / margin < inner.low and inner.high < margin
    if inside and inner.confidence >= 1 - 2 * rule.alpha - 1e-9:
        return SAME
    return INCONCLUSIVE


def _more(
    ratio: Interval, inner: Interval, threshold: float, n: int, cases: int, alpha: float, least: int
) -> int | None:
    """The number of additional pairs that would keep the outer interval beyond the threshold, or the inner one
    within it."""
    estimate, bound = abs(math.log(ratio.estimate)), math.log1p(threshold)
    margin = math.log1p(min(threshold, MOST_SAME))
    if n < 2 or ratio.confidence == 0:
        return max(1, least - n)
    outside, widest = estimate > bound, ratio if estimate > bound else inner
    half = math.log(widest.high / widest.low) / 2
    return more_pairs(half, estimate - bound if outside else margin - estimate, n, cases, alpha)


def _p(sample: Sample) -> float:
    if sample.paired:
        return signed_rank_p([math.log(new) - math.log(old) for old, new in zip(sample.old, sample.new)])
    return rank_sum_p(sample.new, sample.old)


def _spread(sample: Sample) -> float:
    """The spread of the logarithm of one pair's ratio; for independent samples, of a pair drawn from both."""
    old, new = np.log(sample.old), np.log(sample.new)
    if min(len(old), len(new)) < 2:
        return math.nan
    if sample.paired:
        return float(np.std(new - old, ddof=1))
    return math.sqrt(float(np.var(old, ddof=1)) + float(np.var(new, ddof=1)))
