"""Section 5: latency. Percentiles are computed per fork; the page shows their median over forks, with a band over
forks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..palette import Palette
from ..plots import latency as plot
from ..statistics import CONFIDENCE, Floats, Interval
from ..summary import QUANTILES, Setting, Summary
from ..units import nanoseconds, rate
from ..view import Block, Cell, Picture, Table, declared_contract, measured, number, text, subject_cell
from .costs import where

KINDS = (
    ("trip", "Round trip", "there and back through two queues: each send waits for the reply"),
    ("delivery", "Paced delivery", "from the intended time of sending to arrival, so queueing delay counts"),
    ("push", "Push", "one push, measured in separate rounds"),
    ("pop", "Pop", "one pop, measured in separate rounds"),
)
BAND_RESAMPLES = 400


def block(summaries: Sequence[Summary], palette: Palette, skew_ns: float = 0.0) -> Block:
    """The section. `skew_ns`, the largest offset between the clocks of two CPUs, is the lower limit of delivery
    times shown."""
    raced = [s for s in summaries if not s.control]
    pictures: list[Picture] = []
    tables: list[Table] = []
    for name, title, meaning in KINDS:
        members = [
            s
            for s in raced
            if s.interval(f"{name}_p50_ns") is not None or any(f"{name}_ns" in case.histograms for case in s.timed)
        ]
        if not members:
            continue
        chosen = _plane(members)
        floor = skew_ns if name == "delivery" else 0.0
        pictures += _pictures(name, title, meaning, chosen, palette, floor)
        if name == "delivery":
            pictures += _load(members, palette, floor)
        tables.append(_table(name, title, members, palette, floor))
    if not tables:
        return Block("latency", "Latency", ("No latency was measured.",))
    return Block(
        "latency",
        "Latency",
        (
            "A percentile with fewer than ten samples beyond it is not shown. Each fork has its own percentiles. The "
            "page shows their median over forks with a bootstrap interval over forks; samples of different forks are "
            "never pooled. Max is the slowest operation of all forks. Times include the cost of reading the clock.",
        ),
        tuple(pictures),
        folded=tuple(tables),
    )


def _plane(members: Sequence[Summary]) -> list[Summary]:
    """The cases of the setting with most subjects, bounded and unbounded together, fewest threads first."""
    planes: dict[Setting, list[Summary]] = {}
    for summary in members:
        capacity = summary.setting.capacity if summary.setting.bound == "bounded" else ""
        if capacity and len({s.setting.capacity for s in members if s.setting.bound == "bounded"}) == 1:
            capacity = ""
        planes.setdefault(replace(summary.setting, capacity=capacity, bound=""), []).append(summary)
    return max(planes.values(), key=lambda plane: (-plane[0].setting.threads, len(plane)))


def curve(summary: Summary, name: str, floor: float = 0.0) -> plot.Curve | None:
    """Quantiles per fork (at least `floor` ns), their median over forks, and a pointwise bootstrap band over forks."""
    histograms = [case.histograms[f"{name}_ns"] for case in summary.timed if f"{name}_ns" in case.histograms]
    if not histograms:
        return None
    levels = plot.levels_for(min(histogram.count for histogram in histograms))
    if len(levels) == 0:
        return None
    forks = np.maximum(np.array([_quantiles(h.values, h.counts, levels) for h in histograms]), floor)
    middle: Floats = np.asarray(np.median(forks, axis=0), dtype=np.float64)
    low: Floats = middle
    high: Floats = middle
    if len(forks) > 1:
        picks = np.random.default_rng(1).integers(0, len(forks), size=(BAND_RESAMPLES, len(forks)))
        medians = np.median(forks[picks], axis=1)
        low, high = np.quantile(medians, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    bound = " unbounded" if summary.setting.bound == "unbounded" else ""
    return plot.Curve(summary.label + bound, summary.subject, levels, middle, low, high)


def _quantiles(values: Sequence[float], counts: Sequence[int], levels: Floats) -> Floats:
    reached = np.cumsum(counts)
    places = np.searchsorted(reached, np.ceil(levels * reached[-1] - 1e-9))
    return np.asarray(np.asarray(values, dtype=np.float64)[np.minimum(places, len(values) - 1)])


def _pictures(
    name: str, title: str, meaning: str, chosen: Sequence[Summary], palette: Palette, floor: float
) -> list[Picture]:
    """Spectrum and distribution of one histogram, sorted by the 99th percentile (or the median)."""
    curves = [found for s in chosen if (found := curve(s, name, floor)) is not None]
    if not curves:
        return []
    reach = min(float(c.levels[-1]) for c in curves)
    q = max((q for q in (0.5, 0.9, 0.99) if q <= reach + 1e-9), default=0.5)
    at = int(np.searchsorted(curves[0].levels, q - 1e-9))
    curves.sort(key=lambda c: float(c.middle[at]))
    level = f"p{100 * q:g}" if q > 0.5 else "median"
    best, worst = curves[0], curves[-1]
    setting = where(chosen[0].setting).split(", bounded")[0].split(", unbounded")[0]
    finding = (
        f"Lowest {level}: {best.contestant}, {nanoseconds(float(best.middle[at]))}; "
        f"highest: {worst.contestant}, {nanoseconds(float(worst.middle[at]))}."
    )
    rows = []
    for c in curves:
        for q in (0.5, 0.9, 0.99, 0.999, 0.9999):
            place = int(np.searchsorted(c.levels, q - 1e-9))
            if place < len(c.levels):
                values = [nanoseconds(float(side[place])) for side in (c.middle, c.low, c.high)]
                rows.append(
                    (
                        Cell(c.contestant, swatch=palette[c.subject].index),
                        number(q, f"{100 * q:g} %"),
                        number(float(c.middle[place]), values[0]),
                        text(f"{values[1]} to {values[2]}"),
                    )
                )
    table = Table(
        f"{name}-spectrum-data", f"{title} by percentile", ("subject", "percentile", "latency", "interval"), tuple(rows)
    )
    shares = []
    for c in curves:
        for limit in (50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6):
            below = int(np.searchsorted(c.middle, limit, side="right"))
            if 0 < below < len(c.levels):
                share = float(c.levels[below])
                shares.append(
                    (
                        Cell(c.contestant, swatch=palette[c.subject].index),
                        number(limit, nanoseconds(limit)),
                        number(share, f"{100 * share:.4g} %"),
                    )
                )
    where_measured = f"{title} at {setting}"
    note = f"{where_measured}: {meaning}."
    if len(curves) > plot.LABELLED:
        note += f" Coloured: the {plot.LABELLED} with the lowest {level}; grey: all others."
    note += f" Bands: the interval over forks, for the {plot.BANDED} best."
    return [
        Picture(
            f"{name}-spectrum",
            f"{title}: percentile spectrum",
            finding,
            (plot.spectrum(f"{name}s", curves, palette, f"{title}. {finding}"),),
            table,
            note,
        ),
        Picture(
            f"{name}-ecdf",
            f"{title}: distribution",
            finding,
            (plot.distribution(f"{name}d", curves, palette, f"{title}, distribution. {finding}"),),
            Table(
                f"{name}-ecdf-data",
                f"{title}: share of operations within a limit",
                ("subject", "within", "share"),
                tuple(shares),
            ),
            f"{where_measured}.",
        ),
    ]


def _load(members: Sequence[Summary], palette: Palette, floor: float) -> list[Picture]:
    """Median and 99th percentile of paced delivery against the offered rate."""
    pictures = []
    for level, words, short in (("p50", "median", "median"), ("p99", "99th percentile", "p99")):
        groups: dict[tuple[str, str], dict[float, Summary]] = {}
        smallest = min(s.setting.threads for s in members)
        for s in members:
            pace = s.first.params.get("rate_per_s")
            if isinstance(pace, int) and pace > 0 and s.setting.threads == smallest:
                bound = " unbounded" if s.setting.bound == "unbounded" else ""
                groups.setdefault((s.label + bound, s.subject), {})[float(pace)] = s
        lines = []
        for (label, subject), at in groups.items():
            points = [
                (pace, raised(interval, floor))
                for pace, s in sorted(at.items())
                if (interval := s.interval(f"delivery_{level}_ns")) is not None
            ]
            if len(points) > 1:
                lines.append((label, subject, points))
        if not lines:
            continue
        lines.sort(key=lambda line: line[2][-1][1].estimate)
        top = lines[0][2][-1]
        finding = (
            f"At {rate(top[0])} offered, lowest {short}: {lines[0][0]}, {nanoseconds(top[1].estimate)}; "
            f"highest: {lines[-1][0]}, {nanoseconds(lines[-1][2][-1][1].estimate)}."
        )
        title = f"Paced delivery against offered load: {words}"
        rows = tuple(
            (
                Cell(label, swatch=palette[subject].index),
                number(pace, rate(pace)),
                measured(f"delivery_{level}_ns", interval),
            )
            for label, subject, points in lines
            for pace, interval in points
        )
        pictures.append(
            Picture(
                f"load-{level}",
                title,
                finding,
                (plot.against_load(f"load{level}", lines, palette, f"{title}. {finding}"),),
                Table(f"load-{level}-data", f"{words} by offered load", ("subject", "offered", words), rows),
            )
        )
    return pictures


def _table(name: str, title: str, members: Sequence[Summary], palette: Palette, floor: float) -> Table:
    rows = []
    for s in members:
        worst = max((case.metrics.get(f"{name}_max_ns", 0.0) for case in s.timed), default=0.0)
        rows.append(
            (
                subject_cell(s, palette),
                text(s.workload.replace("_", " ")),
                text(where(s.setting)),
                text(declared_contract(s)),
                number(float(len(s.timed)), str(len(s.timed))),
                *(_tail(f"{name}_{level}_ns", s, floor) for level in QUANTILES),
                number(worst or None, nanoseconds(worst)),
            )
        )
    note = (
        f"Values below {nanoseconds(floor)}, the largest offset between the clocks of two CPUs, are not shown."
        if floor
        else ""
    )
    return Table(
        f"{name}-table",
        f"{title} latency",
        ("subject", "workload", "setting", "declared", "forks", "p50", "p90", "p99", "p99.9", "max"),
        tuple(rows),
        note,
    )


def raised(interval: Interval, floor: float) -> Interval:
    """The interval, raised to at least `floor`."""
    return replace(
        interval, estimate=max(interval.estimate, floor), low=max(interval.low, floor), high=max(interval.high, floor)
    )


def _tail(metric: str, summary: Summary, floor: float) -> Cell:
    interval = summary.interval(metric)
    if interval is not None and interval.estimate < floor:
        return number(floor, f"below {nanoseconds(floor)}")
    return measured(metric, interval)
