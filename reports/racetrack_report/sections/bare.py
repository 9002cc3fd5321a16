"""The ratio of the harness's rates to those of bare loops, which race one queue without the harness."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ..model import Bare
from ..units import quantity, ratio_text
from ..view import Block, Cell, Table, number, text

PARAGRAPHS = (
    "A bare loop is a program for one queue that shares no code with racetrack except the queue. A pair is one "
    "fork of racetrack and one process of the bare loop. They run on the same processors, right after each other and "
    "in random order. Both write all bytes of an item and read them all when it arrives. Brackets are 95 % intervals "
    "over pairs.",
    "The bounds: the ratio within 5 % of 1, and its interval within 7 %.",
)


def block(measured: Sequence[Bare]) -> Block | None:
    """None if no bare loop was measured."""
    if not measured:
        return None
    rows = tuple(_row(each) for each in sorted(measured, key=lambda each: (each.workload, each.subject, each.case)))
    subjects = [each for each in measured if not each.control]
    within = sum(each.within for each in subjects)
    paragraphs = (f"{within} of {len(subjects)} cases are within the bounds.", *PARAGRAPHS)
    columns = ("subject", "workload", "threads", "bytes", "wait", "racetrack / bare", "", "racetrack", "bare", "pairs")
    return Block(
        "bare",
        "Compared with bare loops",
        paragraphs,
        (),
        (Table("bare-loops", "racetrack compared with bare loops", columns, rows),),
    )


def _row(each: Bare) -> tuple[Cell, ...]:
    ratio, params = each.ratio, each.params
    return (
        text(each.subject),
        text(each.workload),
        text(f"{params['producers']}x{params['consumers']}"),
        number(float(params["payload"]), params["payload"]),
        text(params["wait"]),
        number(ratio.estimate, ratio_text(ratio)),
        text(_verdict(each)),
        *(_median(each.metric, side) for side in (each.racetrack, each.bare)),
        number(float(ratio.n), str(ratio.n)),
    )


def _verdict(each: Bare) -> str:
    if each.control:
        return "detected" if each.excluded else "not detected"
    if each.within:
        return "within bounds"
    return "out of bounds" if each.excluded else "undecided"


def _median(metric: str, values: Sequence[float]) -> Cell:
    middle = statistics.median(values)
    return number(middle, quantity(metric, middle))
