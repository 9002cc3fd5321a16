"""Tables and figures of the comparison page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from racetrack_report.units import NOTHING, percent, ratio_text
from racetrack_report.view import Block, Cell, Picture, Table, number, text

from . import words
from .comparison import Comparison
from .judgement import INCONCLUSIVE, SAME, Judged
from .plots import forest as forest_plot
from .plots import order as order_plot
from .short import short_names

MOST_ROWS = 60  # of a forest plot
MOST_PANELS = 24


def verdicts(comparison: Comparison, ordered: Sequence[Judged]) -> Table:
    """Every case, worst first; the reader can have only those that changed, or may have."""
    shorts, common = short_names([each.sample.case for each in ordered])
    rows = tuple(
        (
            text(short, "name"),
            Cell(
                f"{words.ICONS[each.verdict]} {each.verdict}",
                kind=words.CLASSES[each.verdict],
                detail=each.sample.reason or words.advice(each, comparison.paired),
            ),
            number(each.ratio.estimate if each.ratio else None, words.change(each.ratio), "num"),
            number(each.p_holm, words.p_value(each.p_holm), "num"),
            number(float(each.n), str(each.n), "num"),
            number(each.threshold, percent(each.threshold), "num"),
            number(each.detectable if each.ratio else None, words.effect(each.detectable), "num"),
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
    finding = words.headline(comparison)
    rows = tuple(
        (
            text(each.sample.case, "name"),
            text(words.verdict(each)),
            number(
                each.ratio.estimate if each.ratio else None, ratio_text(each.ratio) if each.ratio else NOTHING, "num"
            ),
            text(words.cost(each.sample.old), "num"),
            text(words.cost(each.sample.new), "num"),
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
        "Each pair's forks are joined; a slope or step that both sides share is drift of the machine, and pairs cancel it."
        if comparison.paired
        else "The two runs were measured one after the other: what the machine did meanwhile counts as a difference."
    )
    drawings = tuple(
        order_plot.order(f"order-{place}", short, each, f"{each.sample.case}: {words.change(each.ratio)}")
        for place, (short, each) in enumerate(shown)
    )
    rows = tuple(
        (
            text(each.sample.case, "name"),
            text(", ".join(f"{value:.4g}" for value in each.sample.old)),
            text(", ".join(f"{value:.4g}" for value in each.sample.new)),
            text("".join("BA " if flag else "AB " for flag in each.sample.new_first).strip()),
        )
        for _, each in shown
    )
    left = len(able) - len(shown)
    return Picture(
        "order",
        "Run order",
        finding,
        drawings,
        Table("order-data", "Costs in ns in run order (AB: OLD ran first)", ("case", "OLD", "NEW", "order"), rows),
        "Off the median of OLD."
        + (f" The first {len(shown)} cases of the table above; records.jsonl has all {len(able)}." if left else ""),
        small=True,
    )


def noise(comparison: Comparison, ordered: Sequence[Judged]) -> Block:
    """What the machine shows between equal builds, and how small a difference each case could show."""
    able = [each for each in ordered if each.ratio is not None]
    paragraphs = list(comparison.remarks)
    effects_seen = sorted(each.detectable for each in able if math.isfinite(each.detectable))
    if effects_seen:
        middle = effects_seen[len(effects_seen) // 2]
        paragraphs.append(
            f"In the median case, 90 % of comparisons such as this would find a slowdown of {percent(middle)}; in the worst, "
            f"one of {percent(effects_seen[-1])}."
        )
    dull = [each for each in able if each.n < each.least]
    if dull:
        paragraphs.append(
            f"{len(dull)} {'case has' if len(dull) == 1 else 'cases have'} too few "
            f"{'pairs' if comparison.paired else 'forks'} for anything "
            f"to become significant among {len(able)} cases: {dull[0].least} are the least."
        )
    noisiest = sorted(able, key=lambda each: -each.spread if each.n > 1 else 0.0)
    shorts, _ = short_names([each.sample.case for each in noisiest])
    rows = tuple(
        (
            text(short, "name"),
            number(each.spread if each.n > 1 else None, percent(each.spread), "num"),
            number(float(each.n), str(each.n), "num"),
            number(float(each.sample.lost), str(each.sample.lost), "num"),
            number(each.p, words.p_value(each.p), "num"),
            number(each.threshold, percent(each.threshold), "num"),
            number(each.detectable, words.effect(each.detectable), "num"),
            text(words.advice(each, comparison.paired) if each.verdict == INCONCLUSIVE else ""),
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
