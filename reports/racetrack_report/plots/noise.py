"""Run order: every fork's result relative to its case's median, in the order of execution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from ..palette import ink
from ..statistics import Floats
from . import canvas


def running_median(values: Sequence[float], window: int) -> Floats:
    """Median of a centred window, shorter at both ends; as long as `values`."""
    half = window // 2
    return np.array([np.median(values[max(0, i - half) : i + half + 1]) for i in range(len(values))])


def run_order(name: str, points: Sequence[tuple[int, float]], label: str) -> canvas.Svg:
    """`points` are (place in the run, value / median of its case), ascending; the line is a running median."""
    figure, axes = canvas.new(canvas.WIDTH, 2.9)
    axes.set_yscale("log")
    xs, ys = [place for place, _ in points], [value for _, value in points]
    axes.axhline(1, color=ink("muted"), linewidth=1)
    axes.plot(xs, ys, linestyle="none", marker="o", markersize=3, color=ink("accent"), alpha=0.5)
    if len(ys) >= 15:
        axes.plot(xs, running_median(ys, max(9, len(ys) // 12)), color=ink("ink"), linewidth=1.6)
    # The axis is symmetric on the logarithm, so that equal factors up and down are at equal distance, and all forks are
    # shown.
    reach = max(1.1, *ys, 1 / min(ys)) ** 1.05
    axes.set_ylim(1 / reach, reach)
    if reach > 2:
        canvas.log_ticks(axes.yaxis, 1 / reach, reach)
    else:  # too narrow for powers: as on a linear axis
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}×"))
    axes.set_xlabel("place in the run")
    axes.set_ylabel("result / median of its case")
    return canvas.finish(figure, name, label)
