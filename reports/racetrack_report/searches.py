"""How soon strategies find faults: numbers over seeds. A search that found nothing would have needed more than it had."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import Search
from .statistics import Interval, median_interval

ROTATION = "rotation"


def order(strategies: Iterable[str]) -> list[str]:
    """All in turn first, the others by name."""
    return sorted(set(strategies), key=lambda name: (name != ROTATION, name))


def to_find(search: Search, seconds: bool = False) -> Interval:
    """The median of executions (or seconds) over seeds with its order-statistic interval; infinite where a seed found nothing in
    its time. Raises ValueError without any attempt."""
    return median_interval(
        [(each.seconds if seconds else each.executions) if each.found else math.inf for each in search.attempts]
    )


def found(search: Search) -> int:
    return sum(each.found for each in search.attempts)


@dataclass(frozen=True)
class Standing:
    """One strategy over all faults."""

    strategy: str
    always: int  # faults found from every seed
    sometimes: int
    never: int
    best: int  # faults that none finds in fewer executions (median)
    worst_s: float  # the longest search that found something
    effort: float  # geometric mean of its executions over those of the best, over the faults that it finds from most seeds


def standings(searches: Sequence[Search]) -> list[Standing]:
    """One for each strategy, those that miss least first, then those of least effort."""
    medians: dict[str, dict[str, float]] = {}
    for search in searches:
        if search.attempts:
            medians.setdefault(search.case, {})[search.strategy] = to_find(search).estimate
    lowest = {case: min(by.values()) for case, by in medians.items()}
    told = []
    for strategy in order(search.strategy for search in searches):
        own = [search for search in searches if search.strategy == strategy and search.attempts]
        if not own:
            continue
        ratios = [
            math.log(max(medians[search.case][strategy], 1) / max(lowest[search.case], 1))
            for search in own
            if math.isfinite(medians[search.case][strategy])
        ]
        told.append(
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
    return sorted(told, key=lambda each: (each.never, each.sometimes, each.effort))
