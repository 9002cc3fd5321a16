"""Run order of one case: the cost of each fork of both sides, in the order of execution."""

from __future__ import annotations

from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

import numpy as np

from racetrack_report.palette import SERIES, ink
from racetrack_report.plots import canvas

from ..judgement import Judged
from ..wording import signed

WIDE = 4.0  # times; the axis is logarithmic from this range on
OLD, NEW = (SERIES[0][0], "o"), (SERIES[1][0], "s")


def order(name: str, title: str, judged: Judged, label: str) -> canvas.Svg:
    """Costs as changes from OLD's median. A line joins the two forks of a pair."""
    figure, axes = canvas.panel(3.4, 2.3)
    sample = judged.sample
    middle = float(np.median(sample.old))
    old, new = (np.asarray(values) / middle for values in (sample.old, sample.new))
    if sample.paired:
        first = np.asarray(sample.new_first, dtype=np.float64)
        places = 2 * np.arange(len(old)) + first, 2 * np.arange(len(new)) + 1 - first
        for x0, x1, y0, y1 in zip(*places, old, new):
            axes.plot((x0, x1), (y0, y1), color=ink("context"), linewidth=1, zorder=1)
    else:
        places = 1.0 * np.arange(len(old)), len(old) + 1.0 * np.arange(len(new))
    for x, y, (color, marker), side in zip(places, (old, new), (OLD, NEW), ("OLD", "NEW")):
        axes.plot(x, y, linestyle="none", marker=marker, markersize=4.5, color=color, zorder=3, label=side)
        axes.axhline(
            float(np.median(y)), color=color, linewidth=0.9, zorder=2, linestyle="-" if side == "OLD" else (0, (4, 2))
        )
    everything = np.concatenate((old, new))
    if everything.max() / everything.min() > WIDE:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=6))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: "0" if abs(y - 1) < 1e-9 else signed(y - 1)))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_title(title if len(title) <= 44 else f"{title[:43]}…", fontsize=9)
    axes.set_xlabel("place in the run", fontsize=8)
    axes.legend(loc="best", fontsize=8, handletextpad=0.2, borderpad=0.2)
    return canvas.finish(figure, name, label)
