"""Throughput by one parameter: a small panel per subject, with the other subjects in grey."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..palette import Palette, ink
from ..statistics import Interval
from ..units import quantity, scale
from . import canvas


@dataclass(frozen=True)
class Line:
    """One line of a panel: points (x, interval) in ascending x. `branch` distinguishes lines of one subject."""

    contestant: str
    subject: str
    branch: str
    points: tuple[tuple[float, Interval], ...]


@dataclass(frozen=True)
class Axis:
    """The horizontal axis: its title, and the x from which threads exceed hardware threads (None: never)."""

    title: str
    crowded_from: float | None = None


BRANCH_MARKS = {"N×N": ("-", "o"), "1×N": ("--", "<"), "N×1": (":", ">"), "": ("-", "o")}
BRANCH_OFFSETS = {"1×N": 5, "N×1": -11, "N×N": -3}


def draw(name: str, lines: Sequence[Line], axis: Axis, metric: str, palette: Palette) -> tuple[canvas.Svg, ...]:
    """One panel per subject, in the given order; all share both axes."""
    if not lines:
        return ()
    xs = sorted({x for line in lines for x, _ in line.points})
    ends = [value for line in lines for _, interval in line.points for value in (interval.low, interval.high)]
    frame = (min(ends) / 1.3, max(ends) * 1.3)
    panels = []
    for place, contestant in enumerate(dict.fromkeys(line.contestant for line in lines)):
        figure, axes = canvas.panel(2.9, 2.1)
        _frame(axes, xs, frame, axis, metric)
        for line in lines:
            if line.contestant != contestant and line.branch in ("N×N", ""):
                axes.plot(
                    [x for x, _ in line.points],
                    [i.estimate for _, i in line.points],
                    color=ink("context"),
                    linewidth=0.8,
                    zorder=1.5,
                )
        own = [line for line in lines if line.contestant == contestant]
        for line in own:
            _highlight(axes, line, palette)
        canvas.panel_title(axes, contestant)
        panels.append(canvas.finish(figure, f"{name}-{place}", _alternative(contestant, own, axis, metric)))
    return tuple(panels)


def _frame(axes: Axes, xs: list[float], frame: tuple[float, float], axis: Axis, metric: str) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    margin = max(1.15, (xs[-1] / xs[0]) ** 0.09)
    low, high = xs[0] / margin, xs[-1] * margin
    axes.set_xlim(low, high)
    axes.set_ylim(*frame)
    axes.xaxis.set_major_locator(FixedLocator(xs))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: whole(x)))
    canvas.log_ticks(axes.yaxis, *frame)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: short(metric, y)))
    axes.set_xlabel(axis.title)
    if axis.crowded_from is not None and axis.crowded_from < high:
        axes.axvspan(max(low, axis.crowded_from), high, color=ink("shade"), linewidth=0, zorder=0)


def _highlight(axes: Axes, line: Line, palette: Palette) -> None:
    look = palette[line.subject]
    style, marker = BRANCH_MARKS.get(line.branch, ("-", "o"))
    xs = [x for x, _ in line.points]
    axes.fill_between(
        xs,
        [i.low for _, i in line.points],
        [i.high for _, i in line.points],
        color=look.color,
        alpha=0.18,
        linewidth=0,
        zorder=2,
    )
    axes.errorbar(
        xs,
        [i.estimate for _, i in line.points],
        yerr=[[i.estimate - i.low for _, i in line.points], [i.high - i.estimate for _, i in line.points]],
        color=look.color,
        linestyle=style,
        marker=marker,
        markersize=4,
        elinewidth=1,
        zorder=3,
    )
    if line.branch and len(xs) > 1:
        axes.annotate(
            line.branch,
            (xs[-1], line.points[-1][1].estimate),
            textcoords="offset points",
            xytext=(4, BRANCH_OFFSETS.get(line.branch, 0)),
            color=look.color,
            fontsize=8,
            annotation_clip=False,
        )


def whole(x: float) -> str:
    """A count on an axis: 1024, but 64 Ki for 65536, which would overlap its neighbour."""
    return f"{x / 1024:g} Ki" if x >= 8192 and x % 1024 == 0 else f"{x:g}"


def short(metric: str, value: float) -> str:
    """A tick label: '10 M' for items/s, '10 µs' for times, '4 KiB'."""
    factor, unit = scale(metric, value)
    return f"{value / factor:g} {re.sub('[a-z]*/s$', '', unit).strip()}".strip()


def _alternative(contestant: str, lines: Sequence[Line], axis: Axis, metric: str) -> str:
    """The ends of the first line, and the branches of the others; the table has all points."""
    first, *others = lines
    ends = " to ".join(
        dict.fromkeys(f"{quantity(metric, i.estimate)} at {x:g}" for x, i in (first.points[0], first.points[-1]))
    )
    also = f"; also {', '.join(line.branch for line in others)}" if others else ""
    return f"{contestant}, by {axis.title}: {f'{first.branch} {ends}'.strip()}{also}"
