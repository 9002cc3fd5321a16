"""Efficiency by task length: a small panel per pool, with the other pools in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..palette import Palette, ink
from ..statistics import Interval
from ..units import nanoseconds, percent
from . import canvas


@dataclass(frozen=True)
class Line:
    """A pool's efficiency (0 to 1) by task length in ns, ascending, and its METG in ns if it has one."""

    contestant: str
    subject: str
    points: tuple[tuple[float, Interval], ...]
    metg_ns: float | None


def draw(name: str, lines: Sequence[Line], target: float, palette: Palette) -> tuple[canvas.Svg, ...]:
    """One panel per pool, in the given order; all share both axes."""
    if not lines:
        return ()
    grains = sorted({grain for line in lines for grain, _ in line.points})
    top = max(1.05, *(1.05 * interval.high for line in lines for _, interval in line.points))
    panels = []
    for place, line in enumerate(lines):
        figure, axes = canvas.panel(2.9, 2.1)
        axes.set_xscale("log")
        axes.set_xlim(grains[0] / 1.6, grains[-1] * 1.6)
        axes.set_ylim(0, top)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=9))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: nanoseconds(x).replace(".00", "").replace(".0", "")))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.0f} %"))
        axes.axhline(target, color=ink("muted"), linewidth=0.9, linestyle="--", zorder=1.2)
        for other in lines:
            if other is not line:
                _curve(other, axes, color=ink("context"), linewidth=0.8, zorder=1.5)
        look = palette[line.subject]
        axes.fill_between(
            [grain for grain, _ in line.points],
            [interval.low for _, interval in line.points],
            [interval.high for _, interval in line.points],
            color=look.color,
            alpha=0.18,
            linewidth=0,
        )
        _curve(line, axes, color=look.color, marker="o", markersize=4, zorder=3)
        if line.metg_ns is not None:
            axes.plot([line.metg_ns], [target], marker="|", markersize=13, color=look.color, zorder=4)
            axes.annotate(
                nanoseconds(line.metg_ns),
                (line.metg_ns, target),
                textcoords="offset points",
                xytext=(6, -11),
                color=look.color,
                fontsize=8,
            )
        axes.set_xlabel("length of a task")
        canvas.panel_title(axes, line.contestant)
        panels.append(canvas.finish(figure, f"{name}-{place}", _alternative(line)))
    return tuple(panels)


def _curve(line: Line, axes: Axes, **look: Any) -> None:
    axes.plot([grain for grain, _ in line.points], [interval.estimate for _, interval in line.points], **look)


def _alternative(line: Line) -> str:
    """The efficiencies of the shortest and the longest tasks; the table has all."""
    ends = (line.points[0], line.points[-1])
    values = " to ".join(dict.fromkeys(f"{percent(i.estimate)} at {nanoseconds(grain)}" for grain, i in ends))
    return f"{line.contestant}, efficiency by task length: {values}"
