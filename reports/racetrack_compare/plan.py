"""Plans a comparison before it runs: number of pairs, times of judgement, duration, and detectable differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from racetrack_report.calibration import LEAST_THRESHOLD, Calibration
from racetrack_report.units import digits, percent

from .power import MOST_PAIRS, POWER, detectable
from .significance import ALPHA, least_pairs

LEAST_DEFAULT = 12  # with fewer, one disturbed pair decides the interval
LOOKS = 4  # of --until-decided, each after twice as many pairs as the previous one
OVERHEAD_S = 0.35  # of a fork beyond its timed rounds, if there is no calibration
ASSUMED_SPREADS = (0.02, 0.05, 0.1)


class Unplannable(Exception):
    """No number of pairs achieves the request; the message is one line."""


@dataclass(frozen=True)
class Plan:
    """The numbers of pairs after which the cases are judged. One look is a fixed number of pairs."""

    looks: tuple[int, ...]

    @property
    def alpha(self) -> float:
        """The level of each look, so that all looks together are wrong in at most ALPHA (Bonferroni)."""
        return ALPHA / len(self.looks)

    @property
    def pairs(self) -> int:
        return self.looks[-1]


def fixed(cases: int, pairs: int | None = None) -> Plan:
    """This number of pairs, or more than enough for one of this number of cases to become significant."""
    return Plan((pairs if pairs is not None else even(max(LEAST_DEFAULT, least_pairs(cases) + 2)),))


def until_decided(cases: int) -> Plan:
    """The first look as soon as a case can be significant, each next one after twice as many pairs."""
    first = even(max(8, least_pairs(cases, ALPHA / LOOKS)))
    return Plan(tuple(first * 2**look for look in range(LOOKS)))


def to_detect(names: Sequence[str], effect: float, calibration: Calibration | None) -> Plan:
    """Enough pairs to find a slowdown of this size (a fraction) in every one of these cases. Raises Unplannable."""
    if calibration is None:
        raise Unplannable("--detect needs the noise of this machine: run `make calibrate` first")
    pairs = even(max(LEAST_DEFAULT, least_pairs(len(names))))
    while any(
        detectable(calibration.spread(name), pairs, calibration.threshold(name, pairs), len(names)) > effect
        for name in names
    ):
        if effect <= LEAST_THRESHOLD or pairs > MOST_PAIRS:
            raise Unplannable(
                f"--detect {percent(effect)}: not even {MOST_PAIRS} pairs show it on this machine; ask for more"
            )
        pairs = even(int(pairs * 1.2) + 1)
    return Plan((pairs,))


def even(pairs: int) -> int:
    """Rounds up to an even number, because ABBA needs two pairs."""
    return pairs + pairs % 2


def seconds(cases: int, pairs: int, time_s: float, calibration: Calibration | None) -> float:
    """The duration of this number of pairs and cases."""
    overhead = max(0.0, calibration.fork_s - calibration.time_s) if calibration else OVERHEAD_S
    return 2 * cases * pairs * (time_s + overhead)


def report_lines(names: Sequence[str], plan: Plan, time_s: float, calibration: Calibration | None) -> list[str]:
    """The plan as sentences."""
    takes = seconds(len(names), plan.pairs, time_s, calibration)
    cases = f"{len(names)} {'case' if len(names) == 1 else 'cases'}"
    lines = [
        f"{cases}, {plan.pairs} pairs each: about {duration(takes)}"
        + ("" if calibration else f", if a fork takes {OVERHEAD_S} s beyond its timed rounds")
    ]
    if len(plan.looks) > 1:
        looks = ", ".join(map(str, plan.looks))
        lines[0] = f"{cases}, judged after {looks} pairs: at most {duration(takes)}; a case that is decided stops"
    least = least_pairs(len(names), plan.alpha)
    if plan.pairs < least:
        lines.append(f"nothing could become significant: with {cases}, {least} pairs are the least")
    elif calibration is None:
        effects_shown = ", ".join(
            percent(detectable(spread, plan.pairs, LEAST_THRESHOLD, len(names))) for spread in ASSUMED_SPREADS
        )
        lines += [
            "this machine is not calibrated (`make calibrate`), so its noise is not known",
            f"smallest slowdown found in {POWER:.0%} of comparisons, for pair spreads of "
            f"{', '.join(map(percent, ASSUMED_SPREADS))}: {effects_shown}",
        ]
    else:
        effects = sorted(
            (
                detectable(calibration.spread(name), plan.pairs, calibration.threshold(name, plan.pairs), len(names)),
                name,
            )
            for name in names
        )
        middle, (worst, noisiest) = effects[len(effects) // 2][0], effects[-1]
        lines.append(
            f"the smallest slowdown found in {POWER:.0%} of comparisons: {percent(middle)} in the median case, "
            f"{percent(worst)} in the worst ({noisiest})"
        )
    return lines


def duration(value: float) -> str:
    return f"{digits(value, 2)} s" if value < 120 else f"{digits(value / 60, 2)} min"
