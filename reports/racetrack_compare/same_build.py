"""One build compared with itself (A/A): the differences that the machine shows between equal builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

from racetrack_report.calibration import LEAST_THRESHOLD, Calibration

from . import live
from .driver import Options, facts_of
from .plan import Plan
from .sides import Live
from .when import utc_now


class Incomplete(Exception):
    """Too little was measured for a result; the message is one line."""


@dataclass(frozen=True)
class Wanted:
    """The number of comparisons of the same cases, and of pairs in each."""

    names: Sequence[str]
    comparisons: int
    pairs: int


def calibrate(side: Live, wanted: Wanted, options: Options, folder: Path, seed: int) -> tuple[Calibration, str]:
    """Runs the comparisons. Returns the calibration, and the reason if they are fewer than wanted (otherwise empty).

    Raises Incomplete if no comparison finished. An alarm is a case that is significant after Holm's correction.
    """
    facts = facts_of(side.program)
    logs: dict[str, list[float]] = {}
    done = alarms = forks = 0
    seconds, state = 0.0, ""
    for number in range(wanted.comparisons):
        names = [(name, name) for name in wanted.names]
        result = live.run(
            (side, side),
            names,
            options,
            Plan((wanted.pairs,)),
            lambda case, pairs: LEAST_THRESHOLD,
            folder / f"{number + 1:02}",
            seed + number,
        )
        if result.state:
            state = result.state
            break
        done += 1
        alarms += any(each.p_holm is not None and each.p_holm <= result.rule.alpha for each in result.judged)
        for each in result.judged:
            costs = zip(each.sample.old, each.sample.new)
            logs.setdefault(each.sample.case, []).extend(log(new / old) for old, new in costs)
        forks += 2 * len(result.ran)
        seconds += sum(each.old.duration_s + each.new.duration_s for each in result.ran)
    logs = {name: values for name, values in logs.items() if values}
    if done == 0 or not logs:
        raise Incomplete("stopped before the first comparison finished; its pairs are kept, and nothing is calibrated")
    machine, build = facts["machine"], facts["build"]
    return (
        Calibration(
            str(machine["fingerprint"]),
            utc_now(),
            str(build["commit"]),
            options.time_s,
            seconds / forks,
            wanted.pairs,
            done,
            alarms,
            {name: tuple(values) for name, values in logs.items()},
        ),
        state,
    )


def some_of(names: Sequence[str], most: int) -> list[str]:
    """One case from the middle of each workload, at most `most` of them, from workloads evenly spread over all."""
    workloads: dict[str, list[str]] = {}
    for name in names:
        workloads.setdefault("/".join(name.split("/")[:2]), []).append(name)
    middles = [cases[len(cases) // 2] for cases in workloads.values()]
    step = max(1.0, len(middles) / most)
    return [middles[int(place * step)] for place in range(min(most, len(middles)))]
