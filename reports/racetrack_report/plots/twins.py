"""Python and C++: one row per program, both rates on one logarithmic axis, the ratio between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..palette import MARKERS, SERIES, ink
from ..statistics import Interval
from ..units import digits, scale
from . import canvas


@dataclass(frozen=True)
class Row:
    """One program: its rate in Python, and in C++ if a case has the same work; `ratio` is the text between the two
    marks."""

    program: str
    python: Interval
    cpp: Interval | None
    ratio: str


def rates(name: str, rows: Sequence[Row], label: str) -> canvas.Svg:
    """One row per program, in the given order from the top."""
    figure, axes = canvas.new(canvas.WIDTH, 1.0 + 0.42 * len(rows))
    axes.set_xscale("log")
    for place, row in enumerate(rows):
        if row.cpp is not None:
            axes.hlines(
                place, *sorted((row.python.estimate, row.cpp.estimate)), color=ink("muted"), linewidth=1, linestyle=":"
            )
            middle = (row.python.estimate * row.cpp.estimate) ** 0.5
            axes.annotate(
                row.ratio,
                (middle, place),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=9,
            )
    for index, found in enumerate(
        (
            [(place, row.python) for place, row in enumerate(rows)],
            [(place, row.cpp) for place, row in enumerate(rows) if row.cpp is not None],
        )
    ):
        color = SERIES[index][0]
        axes.hlines(
            [y for y, _ in found], [i.low for _, i in found], [i.high for _, i in found], color=color, linewidth=1.8
        )
        axes.plot(
            [i.estimate for _, i in found],
            [y for y, _ in found],
            linestyle="none",
            marker=MARKERS[index],
            markersize=6,
            color=color,
        )
    _name_languages(axes, rows)
    axes.set_yticks(range(len(rows)), [row.program[:48] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.8)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    low, high = axes.get_xlim()
    axes.set_xlim(low / 3, high * 2)  # room for the names of the languages
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_rate))
    axes.set_xlabel("units of work per second (log scale)")
    return canvas.finish(figure, name, label)


def _name_languages(axes: Axes, rows: Sequence[Row]) -> None:
    """Labels both marks of the first pair instead of a legend, on the outer sides."""
    for place, row in enumerate(rows):
        if row.cpp is None:
            continue
        first, second = sorted(((row.python, "Python", 0), (row.cpp, "C++", 1)), key=lambda mark: mark[0].estimate)
        least, most = min(row.python.low, row.cpp.low), max(row.python.high, row.cpp.high)
        for (_, language, index), end, side, shift in ((first, least, "right", -6), (second, most, "left", 6)):
            axes.annotate(
                language,
                (end, place),
                xytext=(shift, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=9,
                color=SERIES[index][0],
                fontweight="bold",
            )
        return


def _rate(value: float, _: object) -> str:
    factor, unit = scale("units_per_s", value)
    return f"{digits(value / factor, 1)} {unit}"
