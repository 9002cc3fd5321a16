"""Latency as HdrHistogram plots it (value against 1/(1-p)), as an empirical distribution, and against load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from ..palette import Palette, ink
from ..statistics import MIN_SAMPLES_BEYOND, Floats, Interval
from . import canvas
from .sweep import short

LABELLED = 7  # subjects with colour and name; all others are grey, and in the table
BANDED = 2  # subjects with drawn intervals: more overlapping bands would hide the lines


@dataclass(frozen=True)
class Curve:
    """One subject's quantiles in ns at `levels` (0..1): median over forks, with a band over forks."""

    contestant: str
    subject: str
    levels: Floats
    middle: Floats
    low: Floats
    high: Floats


def levels_for(count: int) -> Floats:
    """Quantile levels evenly spaced on 1/(1-p), and the median.

    They end where fewer than MIN_SAMPLES_BEYOND samples are beyond them, and are empty if there are too few for the
    median.
    """
    reach = count / MIN_SAMPLES_BEYOND
    if reach < 2:
        return np.empty(0)
    steps = np.arange(0, np.log10(reach) + 1e-9, 0.05)
    return np.union1d(1 - 10.0**-steps, [0.5])


def spectrum(name: str, curves: Sequence[Curve], palette: Palette, label: str) -> canvas.Svg:
    """Percentile spectrum: logarithmic on both axes, so that each further nine takes the same width."""
    figure, axes = canvas.new(canvas.WIDTH, 4.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for place, curve in enumerate(curves):
        xs = 1 / (1 - curve.levels)
        if place >= LABELLED:
            axes.plot(xs, curve.middle, color=ink("context"), linewidth=0.9, zorder=1.5)
            continue
        look = palette[curve.subject]
        if place < BANDED:
            axes.fill_between(xs, curve.low, curve.high, color=look.color, alpha=0.15, linewidth=0)
        axes.plot(xs, curve.middle, color=look.color, linestyle=look.dash, zorder=3)
    named = curves[:LABELLED]
    last = max((1 / (1 - curve.levels[-1]) for curve in curves), default=10.0)
    axes.set_xlim(1, last)
    ticks = [10.0**power for power in range(int(np.log10(last)) + 1)]
    axes.set_xticks(ticks, [f"{100 * (1 - 1 / tick):.10g} %" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("percentile, spaced by 1/(1−p)")
    _times(axes)
    _name_ends(axes, [(1 / (1 - c.levels[-1]), c.middle[-1], c) for c in named], palette)
    return canvas.finish(figure, name, label)


def distribution(name: str, curves: Sequence[Curve], palette: Palette, label: str) -> canvas.Svg:
    """Empirical distribution function: the share of operations with at most this latency."""
    figure, axes = canvas.new(canvas.WIDTH, 3.4)
    axes.set_xscale("log")
    for place, curve in enumerate(curves):
        look = palette[curve.subject]
        colored = place < LABELLED
        axes.step(
            curve.middle,
            curve.levels * 100,
            where="post",
            color=look.color if colored else ink("context"),
            linestyle=look.dash if colored else "-",
            linewidth=1.8 if colored else 0.8,
            label=curve.contestant[:40] if colored else None,
            zorder=3 if colored else 1.5,
        )
    axes.set_ylim(0, 101)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} %"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short("x_ns", x)))
    axes.set_xlabel("latency (log scale)")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return canvas.finish(figure, name, label)


def against_load(
    name: str, lines: Sequence[tuple[str, str, Sequence[tuple[float, Interval]]]], palette: Palette, label: str
) -> canvas.Svg:
    """Latency (ns) of paced items by offered items/s: (subject's label, subject, points) per line, best first."""
    figure, axes = canvas.new(canvas.WIDTH, 3.6)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ends = []
    for place, (contestant, subject, points) in enumerate(lines):
        look, colored = palette[subject], place < LABELLED
        xs = [x for x, _ in points]
        color = look.color if colored else ink("context")
        axes.plot(
            xs,
            [i.estimate for _, i in points],
            color=color,
            linestyle=look.dash if colored else "-",
            marker=look.marker if colored else None,
            markersize=4,
            linewidth=1.8 if colored else 0.8,
        )
        if colored:
            beside = [x * 1.02 ** (place - LABELLED // 2) for x in xs]  # so that intervals do not cover each other
            axes.vlines(beside, [i.low for _, i in points], [i.high for _, i in points], color=color, linewidth=1)
            ends.append((xs[-1], points[-1][1].estimate, contestant, subject))
    rates = sorted({x for _, _, points in lines for x, _ in points})
    axes.set_xticks(rates, [short("items_per_s", rate) for rate in rates])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(rates[0] / 1.3, rates[-1] * 1.3)
    axes.set_xlabel("offered items/s")
    _times(axes)
    _names(axes, ends, palette)
    return canvas.finish(figure, name, label)


def _times(axes: Axes) -> None:
    canvas.log_ticks(axes.yaxis, *axes.get_ylim())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: short("x_ns", y)))


def _name_ends(axes: Axes, ends: Sequence[tuple[float, float, Curve]], palette: Palette) -> None:
    _names(axes, [(x, y, curve.contestant, curve.subject) for x, y, curve in ends], palette)


def _names(axes: Axes, ends: Sequence[tuple[float, float, str, str]], palette: Palette) -> None:
    """Labels at the right ends of lines (x, y, label, subject), moved apart so that they do not overlap."""
    low, high = axes.get_ylim()
    gap = 0.055
    places: list[float] = []
    for _, y, _, _ in sorted(ends, key=lambda end: end[1]):
        place = float(np.log(y / low) / np.log(high / low))
        places.append(max(place, places[-1] + gap) if places else place)
    overflow = max(0.0, places[-1] - 0.98) if places else 0.0
    for (x, y, contestant, subject), place in zip(sorted(ends, key=lambda end: end[1]), places):
        axes.annotate(
            contestant[:40],
            (x, y),
            xytext=(1.015, place - overflow),
            textcoords="axes fraction",
            ha="left",
            va="center",
            fontsize=9,
            color=palette[subject].color,
        )
