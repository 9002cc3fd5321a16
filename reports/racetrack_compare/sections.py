"""Tables and figures of the comparison page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from racetrack_report.units import NOTHING, percent, ratio_text
from racetrack_report.view import Block, Cell, Picture, Table, number, text, without_empty

from . import wording
from .comparison import Comparison
from .judgement import INCONCLUSIVE, SAME, Judged, Sample
from .plots import forest as forest_plot
from .plots import order as order_plot
from .short import short_names

MOST_ROWS = 60  # of a forest plot
MOST_PANELS = 24


def verdicts(comparison: Comparison, ordered: Sequence[Judged]) -> Table:
    """Every case, worst first; a filter shows only those that changed, or may have changed."""
    shorts, common = short_names([each.sample.case for each in ordered])
    rows = tuple(
        (
            text(short, "name"),
            Cell(
                f"{wording.ICONS[each.verdict]} {each.verdict}",
                kind=wording.CLASSES[each.verdict],
                detail=each.sample.reason or wording.advice(each, comparison.paired),
            ),
            number(each.ratio.estimate if each.ratio else None, wording.change(each.ratio), "num"),
            number(each.p_holm, wording.p_value(each.p_holm), "num"),
            number(float(each.n), str(each.n), "num"),
            number(each.threshold, percent(each.threshold), "num"),
            number(each.detectable if each.ratio else None, wording.effect(each.detectable), "num"),
        )
        for short, each in zip(shorts, ordered)
    )
    changed = frozenset(index for index, each in enumerate(ordered) if each.verdict != SAME)
    return Table(
        "verdicts",
        "Verdicts",
        (
            "case",
            "verdict",
            "change of cost",
            "p (Holm)",
            "pairs" if comparison.paired else "forks",
            "threshold",
            "detectable",
        ),
        rows,
        f"In every case: {common}." if common else "",
        only="only what is not the same" if 0 < len(changed) < len(ordered) else "",
        chosen=changed,
    )


def effects(comparison: Comparison, ordered: Sequence[Judged]) -> Block:
    """The forest plot and the run-order plots."""
    able = [each for each in ordered if each.ratio is not None]
    if not able:
        return Block("effects", "Effects", ("No case has a ratio.",))
    shorts, common = short_names([each.sample.case for each in able])
    paragraphs = (f"In every case below: {common}.",) if common else ()
    return Block(
        "effects", "Effects", paragraphs, (_forest(comparison, able, shorts), _orders(comparison, able, shorts))
    )


def _forest(comparison: Comparison, able: Sequence[Judged], shorts: Sequence[str]) -> Picture:
    shown = list(zip(shorts, able))[:MOST_ROWS]
    finding = wording.headline(comparison)
    rows = tuple(
        (
            text(each.sample.case, "name"),
            text(wording.verdict(each)),
            number(
                each.ratio.estimate if each.ratio else None, ratio_text(each.ratio) if each.ratio else NOTHING, "num"
            ),
            text(wording.cost(each.sample.old), "num"),
            text(wording.cost(each.sample.new), "num"),
            text(each.sample.metric),
        )
        for each in able
    )
    left = len(able) - len(shown)
    return Picture(
        "forest",
        "Change of cost",
        finding,
        (forest_plot.forest("forest", shown, finding),),
        Table(
            "forest-data",
            "Ratio of cost and medians of both sides",
            ("case", "verdict", "NEW / OLD", "OLD", "NEW", "cost"),
            rows,
        ),
        f"{left} more cases, with smaller effects, are in the table." if left else "",
    )


def _orders(comparison: Comparison, able: Sequence[Judged], shorts: Sequence[str]) -> Picture:
    shown = list(zip(shorts, able))[:MOST_PANELS]
    finding = (
        "Each pair's forks are joined; a slope or step that both sides share is drift of the machine, which pairs "
        "cancel."
        if comparison.paired
        else "The two runs were measured one after the other, so a change of the machine counts as a difference."
    )
    drawings = tuple(
        order_plot.order(f"order-{place}", short, each, f"{each.sample.case}: {wording.change(each.ratio)}")
        for place, (short, each) in enumerate(shown)
    )
    rows = tuple(row for _, each in shown for row in _in_run_order(each.sample))
    columns = ("case", "pair" if comparison.paired else "fork", "OLD", "NEW", "ran first")
    left = len(able) - len(shown)
    return Picture(
        "order",
        "Run order",
        finding,
        drawings,
        without_empty(Table("order-data", "Costs in ns in run order", columns, rows)),
        "Relative to the median of OLD."
        + (f" The first {len(shown)} cases of the table above; records.jsonl has all {len(able)}." if left else ""),
        small=True,
    )


def _in_run_order(sample: Sample) -> list[tuple[Cell, ...]]:
    """One row per pair, or per fork of each side."""
    first = ["NEW" if flag else "OLD" for flag in sample.new_first]
    return [
        (
            text(sample.case, "name"),
            number(float(place), str(place)),
            *(number(value, f"{value:.4g}" if value is not None else "", "num") for value in (old, new)),
            text(ran_first),
        )
        for place, (old, new, ran_first) in enumerate(zip_longest(sample.old, sample.new, first), start=1)
    ]


def noise(comparison: Comparison, ordered: Sequence[Judged]) -> Block:
    """The differences that the machine shows between equal builds, and the smallest detectable difference of each
    case."""
    able = [each for each in ordered if each.ratio is not None]
    paragraphs = list(comparison.remarks)
    effects_seen = sorted(each.detectable for each in able if math.isfinite(each.detectable))
    if effects_seen:
        middle = effects_seen[len(effects_seen) // 2]
        paragraphs.append(
            f"90 % of comparisons such as this would find a slowdown of {percent(middle)} in the median case, and of "
            f"{percent(effects_seen[-1])} in the worst."
        )
    dull = [each for each in able if each.n < each.least]
    if dull:
        paragraphs.append(
            f"{len(dull)} {'case has' if len(dull) == 1 else 'cases have'} too few "
            f"{'pairs' if comparison.paired else 'forks'} for anything "
            f"to become significant among {len(able)} cases: at least {dull[0].least} are needed."
        )
    noisiest = sorted(able, key=lambda each: -each.spread if each.n > 1 else 0.0)
    shorts, _ = short_names([each.sample.case for each in noisiest])
    rows = tuple(
        (
            text(short, "name"),
            number(each.spread if each.n > 1 else None, percent(each.spread), "num"),
            number(float(each.n), str(each.n), "num"),
            number(float(each.sample.lost), str(each.sample.lost), "num"),
            number(each.p, wording.p_value(each.p), "num"),
            number(each.threshold, percent(each.threshold), "num"),
            number(each.detectable, wording.effect(each.detectable), "num"),
            text(wording.advice(each, comparison.paired) if each.verdict == INCONCLUSIVE else ""),
        )
        for short, each in zip(shorts, noisiest)
    )
    table = Table(
        "spreads",
        "Spread of a pair's ratio and smallest detectable slowdown, noisiest first",
        (
            "case",
            "spread",
            "pairs" if comparison.paired else "forks",
            "lost",
            "p (unadjusted)",
            "threshold",
            "detectable",
            "to decide",
        ),
        rows,
    )
    return Block(
        "noise",
        "Noise",
        tuple(paragraphs),
        tables=(table,) if len(rows) <= 12 else (),
        folded=(table,) if len(rows) > 12 else (),
    )
