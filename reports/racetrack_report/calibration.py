"""This machine's noise floor: the differences between equal builds (A/A), one file per environment fingerprint.

The files are reports/calibration/FINGERPRINT.json (not in git), because they describe a machine and not a commit. The
floor for n pairs is the 95th percentile of |estimate| over comparisons of n pairs drawn from the measured ones, each
with a random sign, because between equal builds both signs are equally likely. A calibrated case has its own floor, any
other case that of all cases together.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import stats

from . import runs
from .loader import UnusableInput
from .statistics import Interval

LEAST_THRESHOLD = 0.03
OWN_FLOOR_FROM = 20  # a case with at least so many pairs has its own floor
DRAWS = 2000
SCHEMA = 1


@dataclass(frozen=True)
class Calibration:
    """The A/A comparisons of one environment."""

    fingerprint: str
    measured_at: str
    commit: str
    time_s: float  # of timed rounds per fork
    fork_s: float  # total time of a fork, on average
    pairs: int  # per case and comparison
    comparisons: int
    alarms: int  # the number of comparisons that found any case faster or slower
    logs: Mapping[str, tuple[float, ...]]  # case -> logarithms of the ratios of its pairs

    def threshold(self, case: str, pairs: int) -> float:
        """The smallest difference that counts: 3 %, or the floor where that is higher."""
        return max(LEAST_THRESHOLD, self.floor(case, pairs))

    def floor(self, case: str, pairs: int) -> float:
        """95 % of comparisons of equal builds with this number of pairs stay below it. 0 when nothing was measured,
        never NaN."""
        own = self.logs.get(case, ())
        known = (own,) if len(own) >= OWN_FLOOR_FROM else tuple(self.logs[name] for name in sorted(self.logs))
        return _floor(known, pairs)

    def spread(self, case: str) -> float:
        """Standard deviation of the logarithm of a pair's ratio: the case's own, or the median of all cases."""
        own = self.logs.get(case, ())
        if len(own) >= OWN_FLOOR_FROM:
            return float(np.std(own, ddof=1))
        spreads = [float(np.std(each, ddof=1)) for each in self.logs.values() if len(each) > 1]
        return float(np.median(spreads)) if spreads else math.nan

    @property
    def false_alarms(self) -> Interval:
        """The rate of comparisons with an alarm, with its exact 95 % interval (Clopper and Pearson, 1934)."""
        k, n = self.alarms, self.comparisons
        low = float(stats.beta.ppf(0.025, k, n - k + 1)) if k else 0.0
        high = float(stats.beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
        return Interval(k / n, low, high, 0.95, n)


@lru_cache(maxsize=4096)
def _floor(logs: Sequence[tuple[float, ...]], pairs: int) -> float:
    known = [np.asarray(each) for each in logs if each]
    if not known or pairs < 1:
        return 0.0
    rng = np.random.default_rng(1)
    draws = max(200, min(DRAWS, 4_000_000 // (pairs * pairs)))
    which = rng.integers(0, len(known), draws)
    first, second = np.triu_indices(pairs)
    sizes = np.empty(draws)
    for draw in range(draws):
        values = rng.choice(known[which[draw]], pairs) * rng.choice((-1.0, 1.0), pairs)
        sizes[draw] = abs(np.median((values[first] + values[second]) / 2))
    return math.expm1(float(np.quantile(sizes, 0.95)))


def path_of(reports: Path, fingerprint: str) -> Path:
    return reports / "calibration" / f"{fingerprint}.json"


def save(reports: Path, calibration: Calibration) -> Path:
    """Writes the file atomically and returns its path."""
    path = path_of(reports, calibration.fingerprint)
    record = {"schema": SCHEMA, **{name: getattr(calibration, name) for name in calibration.__dataclass_fields__}}
    runs.write(path, json.dumps(record, indent=1, sort_keys=True) + "\n")
    return path


def load(reports: Path, fingerprint: str) -> Calibration | None:
    """The calibration of an environment, None if there is none. Raises UnusableInput for a file that is not a
    calibration."""
    path = path_of(reports, fingerprint)
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.pop("schema") != SCHEMA or record["fingerprint"] != fingerprint or record["comparisons"] < 1:
            raise ValueError("another schema")
        record["logs"] = {str(name): tuple(float(value) for value in logs) for name, logs in record["logs"].items()}
        return Calibration(**record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableInput(f"{path}: is not a calibration ({error}); remove it and run `make calibrate`") from error
