"""Forest plot: one row per case with ratio and interval; threshold as a band; verdict as colour and marker."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.ticker import FixedLocator, NullLocator

from racetrack_report.palette import SERIES, ink
from racetrack_report.plots import canvas

from ..judgement import FASTER, INCONCLUSIVE, SAME, SLOWER, Judged
from ..wording import change, signed

# Colour and marker carry the same information. The marker of faster points left, of slower right.
LOOKS = {
    SLOWER: (SERIES[1][0], ">"),
    FASTER: (SERIES[2][0], "<"),
    SAME: (ink("ink"), "o"),
    INCONCLUSIVE: (SERIES[4][0], "D"),
}
RISES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 9.0, 49.0, 99.0, 999.0)
FALLS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.98, 0.99, 0.999)
LONGEST = 62


def forest(name: str, rows: Sequence[tuple[str, Judged]], label: str) -> canvas.Svg:
    """`rows` are (short name, verdict with a ratio), the first on top."""
    figure, axes = canvas.new(8.6, 1.0 + 0.42 * len(rows))
    axes.set_xscale("log")
    for place, (short, each) in enumerate(rows):
        if each.ratio is None:
            continue
        color, marker = LOOKS[each.verdict]
        low, high = 1 / (1 + each.threshold), 1 + each.threshold
        axes.barh(place, high - low, left=low, height=1.0, color=ink("shade"), zorder=0)
        axes.hlines(place + 0.18, each.ratio.low, each.ratio.high, color=color, linewidth=2.2, zorder=3)
        axes.plot(
            each.ratio.estimate, place + 0.18, linestyle="none", marker=marker, markersize=7, color=color, zorder=4
        )
        transform = axes.get_yaxis_transform()
        behind = {"facecolor": ink("paper"), "edgecolor": "none", "pad": 1.0}
        for x, side, text, ink_of in (
            (0.004, "left", _short(short), ink("ink")),
            (0.996, "right", _verdict_text(each), color),
        ):
            axes.text(
                x,
                place - 0.22,
                text,
                transform=transform,
                va="center",
                ha=side,
                fontsize=9,
                color=ink_of,
                zorder=5,
                bbox=behind,
            )
    axes.axvline(1, color=ink("muted"), linewidth=1, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    least, most = _limits([each for _, each in rows])
    axes.set_xlim(least, most)
    ticks = _ticks(least, most)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [signed(tick - 1) if tick != 1 else "0" for tick in ticks])
    axes.set_xlabel("change of cost, NEW relative to OLD (logarithmic); right is slower; shaded: below the threshold")
    return canvas.finish(figure, name, label)


def _verdict_text(judged: Judged) -> str:
    return f"{judged.verdict} {change(judged.ratio)}"


def _limits(judged: Sequence[Judged]) -> tuple[float, float]:
    """Limits that contain all intervals and the threshold, symmetric around 1 on the logarithm if the changes are
    small."""
    ends = [math.log(end) for each in judged if each.ratio for end in (each.ratio.low, each.ratio.high)]
    band = max((math.log1p(each.threshold) for each in judged), default=0.03)
    low, high = min([*ends, -1.6 * band]), max([*ends, 1.6 * band])
    room = 0.06 * (high - low)
    return math.exp(low - room), math.exp(high + room)


def _ticks(least: float, most: float) -> list[float]:
    """Round values on both sides of no change, few enough that their labels do not overlap."""
    inside = [tick for step in RISES if (tick := 1 + step) <= most] + [
        tick for step in FALLS if (tick := 1 - step) >= least
    ]
    apart = math.log(most / least) / 9
    chosen = [1.0]
    for tick in sorted(inside, key=lambda tick: -abs(math.log(tick))):
        if all(abs(math.log(tick / other)) >= apart for other in chosen):
            chosen.append(tick)
    return sorted(chosen)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
