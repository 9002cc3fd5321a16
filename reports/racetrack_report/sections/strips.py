"""The figure that shows every fork of every subject, with its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..palette import Palette
from ..plots import strip as plot
from ..statistics import Interval
from ..summary import Summary
from ..units import quantity
from ..view import Picture, Table, declared_contract, measured, number, text, subject_cell, without_empty

MOST = 30  # subjects drawn; the table has all
NOTE = "A dot is a fork (process run), the tick their median, the bar its interval."


def timed(members: Sequence[Summary], metric: str) -> list[tuple[Summary, Interval]]:
    """The cases with a number in this metric, and its interval."""
    return [(s, interval) for s in members if not s.out and (interval := s.interval(metric)) is not None]


def picture(
    name: str,
    title: str,
    finding: str,
    contestants: Sequence[tuple[Summary, Interval]],
    metric: str,
    what: str,
    palette: Palette,
    label: Callable[[Summary], str] = lambda summary: summary.label,
) -> Picture:
    """The first subject is on top. `name` is unique on the page; `what` is the title of the axis."""
    rows = [
        plot.Row(label(s), s.subject, tuple(s.per_fork(metric).values()), interval)
        for s, interval in contestants[:MOST]
    ]
    table = Table(
        f"{name}-data",
        title,
        ("subject", "setting", "declared", "forks", what, "lowest", "highest"),
        tuple(
            (
                subject_cell(s, palette),
                text(label(s) if label(s) != s.label else ""),
                text(declared_contract(s)),
                number(float(interval.n), str(interval.n)),
                measured(metric, interval),
                *(number(value, quantity(metric, value)) for value in (min(values), max(values))),
            )
            for s, interval in contestants
            if (values := list(s.per_fork(metric).values()))
        ),
    )
    crowded = " More threads than hardware threads: this does not show scaling."
    return Picture(
        name,
        title,
        finding,
        (plot.draw(name.replace("-", ""), rows, metric, what, palette, f"{title}. {finding}"),),
        without_empty(table),
        NOTE + crowded * bool(contestants and contestants[0][0].oversubscribed),
    )
