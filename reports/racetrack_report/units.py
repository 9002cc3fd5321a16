"""Numbers with units and a sensible number of digits: '12.4 M items/s', '81 ns', '1.4x [1.3, 1.5]'."""

from __future__ import annotations

import math
import re

from .statistics import Interval

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
BYTES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
NOTHING = "–"

# The end of a metric's name is its unit: items_per_s, fill_ns_per_item, peak_rss_bytes.
UNIT = re.compile(
    r"(?:^|_)(?:(?P<work>items|tasks|requests|starts)_per_s|(?P<rate>per_s)"
    r"|(?P<unit>ns|s|bytes)(?:_per_(?!s$)[a-z_]+)?)$"
)


def digits(value: float, significant: int = 3) -> str:
    """The value with this many significant digits and no exponent: 12.4, 0.031, 124, 1240."""
    if not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    places = significant - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if rounded != 0 and significant - 1 - math.floor(math.log10(abs(rounded))) < places:
        places -= 1  # 9.996 became 10.00: one digit less
    return f"{rounded:.{max(0, places)}f}"


def scale(metric: str, value: float) -> tuple[float, str]:
    """(factor, unit) to display a value of a metric, whose name ends with its unit: value / factor has `unit`."""
    match = UNIT.search(metric)
    if match is None:
        return 1.0, ""
    if match["work"] or match["rate"]:
        factor, prefix = next(((f, p) for f, p in PREFIXES if abs(value) >= f * 0.9995), (1.0, ""))
        return factor, f"{prefix} {match['work']}/s".strip() if match["work"] else f"{prefix}/s"
    unit = match["unit"]
    if unit in ("ns", "s"):
        second = 1e9 if unit == "ns" else 1.0
        factor, name = next(((f, t) for f, t in TIMES if abs(value) / second >= f * 0.9995), TIMES[-1])
        return factor * second, name
    return next(((float(f), b) for f, b in BYTES if abs(value) >= f), (1.0, "bytes"))


def quantity(metric: str, value: float | None) -> str:
    """A metric's value as text: quantity('items_per_s', 12.4e6) is '12.4 M items/s'. A dash if there is none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if metric.endswith("_count"):
        return count(value)
    factor, unit = scale(metric, value)
    return f"{digits(value / factor)} {unit}".strip()


def interval_text(metric: str, interval: Interval | None) -> str:
    """'12.4 [11.9, 12.8] M items/s': one unit for the three numbers; no brackets for a single fork."""
    if interval is None:
        return NOTHING
    if interval.confidence == 0 or metric.endswith("_count"):
        return quantity(metric, interval.estimate)
    factor, unit = scale(metric, interval.estimate)
    low, middle, high = (digits(value / factor) for value in (interval.low, interval.estimate, interval.high))
    return f"{middle} [{low}, {high}] {unit}".strip()


def rate(value: float) -> str:
    return quantity("items_per_s", value)


def nanoseconds(value: float) -> str:
    """A duration given in ns, in the most readable unit."""
    return quantity("duration_ns", value)


def size(value: float) -> str:
    return quantity("size_bytes", value)


def count(value: float) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def percent(value: float) -> str:
    return NOTHING if not math.isfinite(value) else f"{digits(value * 100, 2)} %"


def ratio_text(interval: Interval) -> str:
    """'1.40× [1.31, 1.52]'; without brackets if one fork gives no interval."""
    if interval.confidence == 0:
        return f"{digits(interval.estimate)}×"
    return f"{digits(interval.estimate)}× [{digits(interval.low)}, {digits(interval.high)}]"
