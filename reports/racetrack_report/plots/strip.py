"""Every fork as a dot, the median and its interval as a bar: shows noise and bimodal subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import FuncFormatter

from ..palette import Palette, ink
from ..statistics import Interval
from ..units import interval_text
from . import canvas
from .sweep import short


@dataclass(frozen=True)
class Row:
    """One subject: a value per fork, and their median with interval."""

    contestant: str
    subject: str
    values: tuple[float, ...]
    interval: Interval


def draw(name: str, rows: Sequence[Row], metric: str, what: str, palette: Palette, label: str) -> canvas.Svg:
    """One wide drawing, a row per subject, the first on top; `what` is the title of the axis."""
    figure, axes = canvas.new(canvas.WIDTH, 0.75 + 0.27 * len(rows))
    axes.set_xscale("log")
    ends = [value for row in rows for value in (*row.values, row.interval.low, row.interval.high)]
    low, high = min(ends) / 1.1, max(ends) * 1.1
    axes.set_xlim(low, high)
    for place, row in enumerate(rows):
        look = palette[row.subject]
        axes.plot(
            [row.interval.low, row.interval.high],
            [place, place],
            color=look.color,
            linewidth=6,
            alpha=0.3,
            solid_capstyle="butt",
        )
        axes.plot([row.interval.estimate] * 2, [place - 0.3, place + 0.3], color=look.color, linewidth=2.2)
        offsets = place + 0.16 * np.linspace(-1, 1, max(2, len(row.values)))[: len(row.values)]
        axes.plot(row.values, offsets, linestyle="none", marker=look.marker, markersize=3.6, color=look.color)
        axes.annotate(
            interval_text(metric, row.interval),
            (1.01, place),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="center",
            fontsize=9,
            color=ink("ink"),
        )
    axes.set_yticks(range(len(rows)), [row.contestant[:40] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    canvas.log_ticks(axes.xaxis, low, high, binary="bytes" in metric)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short(metric, x)))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"{what} (log scale)")
    return canvas.finish(figure, name, label)
