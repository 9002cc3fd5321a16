"""Python programs and the C++ cases with the same work: pairs, rates and ratios. Pure functions of a dataset.

A Python case and a C++ case have the same work if they share family, workload and every parameter that both have. The
unit is the fork. The two languages never run in the same fork, so their ratio is bootstrapped over each side's forks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model import Case, Dataset
from .statistics import Interval, median_interval, unpaired_ratio
from .summary import fork_value, natural

RATE = "s_per_s"  # items_per_s, steps_per_s, ...: every case has one rate with values per round


@dataclass(frozen=True)
class Contestant:
    """A C++ case paired with a Python case. `faster` is its rate over that of Python."""

    subject: str
    name: str
    rate: Interval
    faster: Interval


@dataclass(frozen=True)
class Twin:
    """One Python case, over its forks, and the C++ cases with the same work, fastest first."""

    name: str
    family: str
    workload: str
    subject: str
    params: Mapping[str, int | str]
    interpreter: str
    metric: str  # items_per_s, ...; empty when no fork was timed
    rate: Interval | None
    forks: int
    beside: Contestant | None  # the C++ subject of the same design, which the Python program declares
    others: tuple[Contestant, ...]  # all other C++ subjects
    faults: tuple[str, ...]  # observed kinds, expected or not
    as_expected: bool

    @property
    def fastest(self) -> Contestant | None:
        """The fastest of all C++ cases."""
        everybody: list[Contestant] = [*([self.beside] if self.beside else []), *self.others]
        return max(everybody, key=lambda contestant: contestant.rate.estimate) if everybody else None


def twins(data: Dataset) -> tuple[Twin, ...]:
    """Every Python case of the data, in the order of its names."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in data.python:
        groups.setdefault((case.name, case.interpreter), []).append(case)
    return tuple(_twin(forks, data.measured) for _, forks in sorted(groups.items(), key=_place))


def _place(group: tuple[tuple[str, str], Sequence[Case]]) -> tuple[object, ...]:
    case = group[1][0]
    return case.family, case.workload, case.subject, [natural(str(value)) for value in case.params.values()], group[0]


def _twin(forks: Sequence[Case], measured: Iterable[Case]) -> Twin:
    first = forks[0]
    good = [case for case in forks if case.ended == "ok" and case.verdict.as_expected and case.metrics]
    metric = rate_of(good[0]) if good else ""
    rates = _rates(good, metric)
    contestants: list[Contestant] = []
    if rates:
        same = [case for case in measured if did_the_same(first, case)]
        for name in sorted({case.name for case in same}):
            contestants += _contestant([case for case in same if case.name == name], metric, rates)
    contestants.sort(key=lambda contestant: (-contestant.rate.estimate, contestant.name))
    declared = str(first.traits.get("twin", ""))
    beside = next((contestant for contestant in contestants if contestant.subject == declared), None)
    return Twin(
        first.name,
        first.family,
        first.workload,
        first.subject,
        first.params,
        first.interpreter,
        metric,
        median_interval(rates) if rates else None,
        len(forks),
        beside,
        tuple(contestant for contestant in contestants if contestant is not beside),
        tuple(sorted({case.verdict.kind for case in forks if case.verdict.kind})),
        all(case.verdict.as_expected for case in forks),
    )


def did_the_same(python: Case, case: Case) -> bool:
    """Whether a C++ case has the family, the workload and, where it has them, the parameters of a Python case."""
    if (python.family, python.workload) != (case.family, case.workload) or case.control:
        return False
    return all(case.params.get(name, value) == value for name, value in python.params.items())


def rate_of(case: Case) -> str:
    """The metric with values per round: units of work per second. Empty if there is none."""
    return next((name for name in case.values if name.endswith(RATE)), "")


def _contestant(forks: Sequence[Case], metric: str, python: Sequence[float]) -> list[Contestant]:
    """Empty for a case that failed unexpectedly or has no numbers. A case that fails as expected (unlocked) is
    included."""
    if any(not case.verdict.as_expected for case in forks):
        return []
    rates = _rates([case for case in forks if case.ended == "ok"], metric)
    if not rates:
        return []
    return [Contestant(forks[0].subject, forks[0].name, median_interval(rates), unpaired_ratio(rates, python))]


def _rates(forks: Iterable[Case], metric: str) -> list[float]:
    found = (fork_value(case, metric) for case in forks) if metric else ()
    return [value for value in found if value is not None and value > 0]
