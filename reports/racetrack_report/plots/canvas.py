"""Converts matplotlib figures to SVG for the page: colours become CSS variables, styles become classes, text stays
text.

Inline style attributes would need a laxer Content-Security-Policy, so every distinct style becomes a class named after
its content; the page collects the rules of all figures in its single style sheet.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from ..palette import ink, variables

matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "racetrack",
        "text.parse_math": False,
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
        "text.color": ink("ink"),
        "axes.labelcolor": ink("ink"),
        "axes.titlecolor": ink("ink"),
        "axes.edgecolor": ink("muted"),
        "xtick.color": ink("muted"),
        "ytick.color": ink("muted"),
        "xtick.labelcolor": ink("ink"),
        "ytick.labelcolor": ink("ink"),
        "grid.color": ink("grid"),
        "grid.linewidth": 0.8,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "path.simplify": True,
    }
)
WIDTH = 8.2  # inches, of every figure that is not a panel
VARIABLES = variables()
STYLE = re.compile(r' style="([^"]*)"')
FONT = re.compile(r"font: (?P<before>[^;']*?)(?P<size>[\d.]+px)[^;]*")
IDS = re.compile(r'(id="|href="#|url\(#)([^")]+)')
UNWANTED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<style[^>]*>.*?</style>", re.DOTALL
)


@dataclass(frozen=True)
class Svg:
    """Markup of one drawing, safe to place in the page, and the CSS rules (class -> declarations) it needs."""

    markup: str
    rules: Mapping[str, str]


def new(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of this size in inches (72 units of the drawing each) with one set of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def panel(width: float, height: float) -> tuple[Figure, Axes]:
    """A small figure with fixed margins. It takes half the time of other figures, and panels are aligned."""
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    left, right, bottom, top = 0.58 / width, 1 - 0.1 / width, 0.48 / height, 1 - 0.28 / height
    return figure, figure.add_axes((left, bottom, right - left, top - bottom))


def panel_title(axes: Axes, title: str) -> None:
    """The title of a panel, in smaller letters if it is long, so that it stays within the drawing."""
    title = title if len(title) <= 36 else f"{title[:35]}…"
    axes.set_title(title, fontsize=min(9.0, 9.0 * 28 / len(title)) if title else 9.0, x=-0.12)


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure filled by axes without frame, ticks or grid."""
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def log_ticks(axis: XAxis | YAxis, low: float, high: float, binary: bool = False) -> None:
    """Ticks of a logarithmic axis, fewer on a wider one, so that labels do not overlap. `binary`: at powers of two."""
    wide = high / low
    if binary:
        axis.set_major_locator(LogLocator(base=2.0 if wide < 40 else 4.0 if wide < 1000 else 16.0))
    else:
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide > 60 else (1.0, 3.0) if wide > 12 else (1.0, 2.0, 5.0)))
    axis.set_minor_locator(NullLocator())


def finish(figure: Figure, name: str, label: str) -> Svg:
    """The figure as SVG with `label` as its text alternative. `name` must be unique on the page, because it prefixes
    ids."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return themed(buffer.getvalue(), name, label)


def themed(source: str, name: str, label: str) -> Svg:
    """Converts matplotlib's SVG text to page markup."""
    body = UNWANTED.sub("", source).strip()
    body = body.replace("xlink:href", "href")
    body = re.sub(r"<defs>\s*</defs>", "", body)
    rules: dict[str, str] = {}

    def classed(match: re.Match[str]) -> str:
        declarations = _declarations(html.unescape(match[1]))
        key = "s" + hashlib.sha256(declarations.encode()).hexdigest()[:8]
        rules[key] = declarations
        return f' class="{key}"'

    body = STYLE.sub(classed, body)
    body = IDS.sub(lambda match: f"{match[1]}{name}-{match[2]}", body)
    body = re.sub(
        r' id="[^"]*-(?:(?:axes|figure|patch|text|line2d|matplotlib\.axis|xtick|ytick|PathCollection|'
        r'FillBetweenPolyCollection|PolyCollection|LineCollection|legend)_\d+)"',
        "",
        body,
    )
    box = re.search(r'viewBox="([^"]*)"', body)
    opening = (
        f'<svg class="plot" viewBox="{box[1] if box else "0 0 1 1"}" role="img" '
        f'aria-label="{html.escape(label)}" xmlns="http://www.w3.org/2000/svg">'
    )
    body = re.sub(r"^<svg.*?>", lambda _: opening, body, count=1, flags=re.DOTALL)
    return Svg(re.sub(r">\s+<", "><", body), rules)


def _declarations(style: str) -> str:
    for stand_in, value in VARIABLES.items():
        style = style.replace(stand_in, value)
    style = FONT.sub(lambda match: f"font: {match['before']}{match['size']} var(--font)", style)
    return re.sub(r"\s+", " ", style).strip().rstrip(";")
