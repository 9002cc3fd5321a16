"""The cost of safety: time per operation relative to the unlocked subject, one mark per share of reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..palette import MARKERS, SERIES, ink
from ..statistics import Interval
from . import canvas


@dataclass(frozen=True)
class Row:
    """One subject: its times as multiples of the reference, by share of reads in percent."""

    contestant: str
    ratios: Mapping[int, Interval]


def cost(name: str, rows: Sequence[Row], reference: str, label: str) -> canvas.Svg:
    """One row per subject, the fastest on top; `reference` is the subject at 1."""
    figure, axes = canvas.new(canvas.WIDTH, 1.0 + 0.27 * len(rows))
    axes.set_xscale("log")
    shares = sorted({share for row in rows for share in row.ratios})
    for index, share in enumerate(shares):
        color, marker = SERIES[index % len(SERIES)][0], MARKERS[index % len(MARKERS)]
        shift = (index - (len(shares) - 1) / 2) * 0.2
        marks = [(place + shift, row.ratios[share]) for place, row in enumerate(rows) if share in row.ratios]
        axes.hlines(
            [y for y, _ in marks], [i.low for _, i in marks], [i.high for _, i in marks], color=color, linewidth=1.4
        )
        axes.plot(
            [i.estimate for _, i in marks],
            [y for y, _ in marks],
            linestyle="none",
            marker=marker,
            markersize=5,
            color=color,
            label=f"{share} % reads",
        )
    axes.axvline(1, color=ink("muted"), linewidth=1)
    axes.set_yticks(range(len(rows)), [row.contestant[:40] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    only = f", {shares[0]} % reads" if len(shares) == 1 else ""
    axes.set_xlabel(f"time per operation{only} / that of {reference[:40]} (log scale)")
    if not only:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return canvas.finish(figure, name, label)
