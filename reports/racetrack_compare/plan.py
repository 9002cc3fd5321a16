"""How many pairs, when to look, how long it takes and what it could show: decided before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from racetrack_report.calibration import LEAST_THRESHOLD, Calibration
from racetrack_report.units import digits, percent

from .power import MOST_PAIRS, POWER, detectable
from .significance import ALPHA, least_pairs

LEAST_DEFAULT = 12  # with fewer, one pair that was disturbed decides the interval
LOOKS = 4  # of --until-decided, each after twice as many pairs as the last
OVERHEAD_S = 0.35  # of a fork beyond its timed rounds, where no calibration says it
ASSUMED_SPREADS = (0.02, 0.05, 0.1)


class Unplannable(Exception):
    """No number of pairs does what was asked; the message is one line."""


@dataclass(frozen=True)
class Plan:
    """When to judge: after so many pairs each. One look is a fixed number of pairs."""

    looks: tuple[int, ...]

    @property
    def alpha(self) -> float:
        """What each look may spend, so that all of them together are wrong in at most ALPHA (Bonferroni)."""
        return ALPHA / len(self.looks)

    @property
    def pairs(self) -> int:
        return self.looks[-1]


def fixed(cases: int, pairs: int | None = None) -> Plan:
    """So many pairs, or as many as let one of so many cases become significant with some to spare."""
    return Plan((pairs if pairs is not None else even(max(LEAST_DEFAULT, least_pairs(cases) + 2)),))


def until_decided(cases: int) -> Plan:
    """A first look as soon as something could be significant, then after twice as many pairs, and so on."""
    first = even(max(8, least_pairs(cases, ALPHA / LOOKS)))
    return Plan(tuple(first * 2**look for look in range(LOOKS)))


def to_detect(names: Sequence[str], effect: float, calibration: Calibration | None) -> Plan:
    """As many pairs as find a slowdown of this size (a fraction) in every one of these cases. Raises Unplannable."""
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
    """ABBA takes pairs two by two."""
    return pairs + pairs % 2


def seconds(cases: int, pairs: int, time_s: float, calibration: Calibration | None) -> float:
    """How long so many pairs of so many cases take."""
    overhead = max(0.0, calibration.fork_s - calibration.time_s) if calibration else OVERHEAD_S
    return 2 * cases * pairs * (time_s + overhead)


def told(names: Sequence[str], plan: Plan, time_s: float, calibration: Calibration | None) -> list[str]:
    """The plan in words."""
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
        shown = "; ".join(
            f"{percent(detectable(spread, plan.pairs, LEAST_THRESHOLD, len(names)))} if it is {percent(spread)}"
            for spread in ASSUMED_SPREADS
        )
        lines.append(
            "this machine is not calibrated (`make calibrate`), so its noise is not known. The smallest slowdown found in "
            f"{POWER:.0%} of comparisons, by the spread of a pair's ratio: {shown}"
        )
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
