"""One case over runs: the median of each run's forks with its interval; a line per level, a mark at each change."""

from __future__ import annotations

from matplotlib.ticker import FuncFormatter, MaxNLocator

from racetrack_report.palette import SERIES, ink
from racetrack_report.plots import canvas
from racetrack_report.units import nanoseconds

from ..history import Series


def series(name: str, title: str, case: Series, label: str) -> canvas.Svg:
    """Runs from left to right, oldest first."""
    figure, axes = canvas.panel(3.4, 2.3)
    places = range(len(case.points))
    costs = [point.cost for point in case.points]
    axes.vlines(
        places,
        [cost.low for cost in costs],
        [cost.high for cost in costs],
        color=ink("context"),
        linewidth=1.6,
        zorder=1,
    )
    axes.plot(
        places, [cost.estimate for cost in costs], marker="o", markersize=4, linewidth=1, color=SERIES[0][0], zorder=2
    )
    for change in case.changes:
        color = SERIES[1][0] if change.ratio > 1 else SERIES[2][0]
        axes.axvline(change.at - 0.5, color=color, linewidth=1.4, linestyle=(0, (4, 2)), zorder=3)
        axes.text(
            change.at - 0.4,
            1.0,
            f"{change.ratio:.2f}×",
            transform=axes.get_xaxis_transform(),
            fontsize=9,
            color=color,
            va="top",
        )
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: nanoseconds(y) if y > 0 else ""))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlim(-0.6, len(costs) - 0.4)
    axes.set_title(title if len(title) <= 40 else f"{title[:39]}…", fontsize=9)
    axes.set_xlabel("run, oldest first", fontsize=8)
    return canvas.finish(figure, name, label)
