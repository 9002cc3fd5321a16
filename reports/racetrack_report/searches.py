"""The cost of finding faults, by strategy, over seeds. A search without a finding counts as longer than its limit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import Search
from .statistics import Interval, median_interval

ROTATION = "rotation"


def order(strategies: Iterable[str]) -> list[str]:
    """The rotation of all strategies first, the others by name."""
    return sorted(set(strategies), key=lambda name: (name != ROTATION, name))


def to_find(search: Search, seconds: bool = False) -> Interval:
    """The median of executions (or seconds) over seeds with its order-statistic interval.

    A seed that found nothing in its time counts as infinite. Raises ValueError if there is no attempt.
    """
    return median_interval(
        [(each.seconds if seconds else each.executions) if each.found else math.inf for each in search.attempts]
    )


def found(search: Search) -> int:
    return sum(each.found for each in search.attempts)


@dataclass(frozen=True)
class Standing:
    """The results of one strategy over all faults."""

    strategy: str
    always: int  # faults found from every seed
    sometimes: int
    never: int
    best: int  # faults for which no other strategy needs fewer executions (median)
    worst_s: float  # the longest search that found its fault
    effort: float  # geometric mean of executions / the best strategy's, over the faults that it finds from most seeds


def standings(searches: Sequence[Search]) -> list[Standing]:
    """One per strategy: fewest missed faults first, then least effort."""
    medians: dict[str, dict[str, float]] = {}
    for search in searches:
        if search.attempts:
            medians.setdefault(search.case, {})[search.strategy] = to_find(search).estimate
    lowest = {case: min(by.values()) for case, by in medians.items()}
    results = []
    for strategy in order(search.strategy for search in searches):
        own = [search for search in searches if search.strategy == strategy and search.attempts]
        if not own:
            continue
        ratios = [
            math.log(max(medians[search.case][strategy], 1) / max(lowest[search.case], 1))
            for search in own
            if math.isfinite(medians[search.case][strategy])
        ]
        results.append(
            Standing(
                strategy,
                always=sum(found(search) == len(search.attempts) for search in own),
                sometimes=sum(0 < found(search) < len(search.attempts) for search in own),
                never=sum(found(search) == 0 for search in own),
                best=sum(
                    math.isfinite(medians[search.case][strategy])
                    and medians[search.case][strategy] == lowest[search.case]
                    for search in own
                ),
                worst_s=max(
                    (each.seconds for search in own for each in search.attempts if each.found), default=math.nan
                ),
                effort=math.exp(sum(ratios) / len(ratios)) if ratios else math.inf,
            )
        )
    return sorted(results, key=lambda each: (each.never, each.sometimes, each.effort))
