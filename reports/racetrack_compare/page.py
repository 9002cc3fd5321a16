"""A comparison to its one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from racetrack_report import shell
from racetrack_report.sections import environment
from racetrack_report.sections.data import of_lines
from racetrack_report.summary import summarise
from racetrack_report.view import Cell, Table, text

from . import export, sections, words
from .comparison import Comparison, in_order
from .judgement import VERDICTS

HERE = Path(__file__).resolve().parent
METHOD = (
    (
        "Cost",
        "One number per fork (process run) in ns: the median of its timed rounds, per item, trip or "
        "operation. Ratios are cost of NEW over cost of OLD.",
    ),
    (
        "Pairs",
        "OLD and NEW run right after each other with the same seed. A coin says who begins, and in the next "
        "pair of the same case it is the other (ABBA or BAAB). Cases are interleaved in random order. No "
        "outlier is dropped.",
    ),
    (
        "Ratio and interval",
        "Paired: Hodges-Lehmann estimate and the interval of the signed-rank test (Wilcoxon 1945), on "
        "logarithms, exact. Unpaired: ratio of medians, bootstrap interval, rank-sum test; weaker, because "
        "the two sides did not share the machine's ups and downs.",
    ),
    (
        "Slower, faster",
        "The p value after Holm's correction over all cases is at most 5 %, and the 95 % interval lies beyond"
        " the threshold.",
    ),
    (
        "Same",
        "The 90 % interval lies within the threshold, and within 10 %, to both sides: an equivalence test, and not the absence"
        " of a finding.",
    ),
    (
        "Inconclusive",
        "Neither. Half-widths of intervals shrink with the root of the number of pairs; from that follows how"
        " many more would decide if the estimate stays.",
    ),
    (
        "Several looks",
        "With --until-decided a case is judged up to four times, and each look spends a quarter of the 5 % "
        "(Bonferroni), so that looking often raises no false alarms. The intervals are as much wider.",
    ),
    (
        "Threshold",
        "3 %, or the noise floor of this machine where that is higher: the 95th percentile of what "
        "comparisons of equal builds show with as many pairs (make calibrate).",
    ),
    (
        "Detectable",
        "The smallest slowdown that 90 % of comparisons with this spread and as many pairs would call slower."
        " A formula of the normal distribution.",
    ),
)


def render(comparison: Comparison, lines: Sequence[str]) -> str:
    """Pure: the same comparison gives the same page. `lines` are its records."""
    ordered = in_order(comparison.judged, VERDICTS)
    effects, noise = sections.effects(comparison, ordered), sections.noise(comparison, ordered)
    style = shell.style(shell.rules([effects, noise]))
    script = shell.script()
    data = comparison.data
    return (
        shell.environment(HERE / "templates")
        .get_template("comparison.html.j2")
        .render(
            title=f"racetrack comparison: {comparison.name}",
            who=words.who(comparison),
            comparison=comparison,
            sentences=words.sentences(comparison),
            counts=_counts(comparison),
            verdicts=sections.verdicts(comparison, ordered),
            effects=effects,
            noise=noise,
            notes=environment.notes(data, summarise(data.cases)) if data else (),
            facts=environment.facts(data) if data else None,
            downloads=of_lines(lines, export.csv_of(comparison), "summary.csv", "one row per case"),
            left_out=_left_out(comparison),
            method=METHOD,
            style=style,
            script=script,
            policy=shell.policy(style, script),
        )
    )


def _counts(comparison: Comparison) -> list[Cell]:
    return [
        Cell(f"{words.ICONS[verdict]} {comparison.count(verdict)} {verdict}", kind=words.CLASSES[verdict])
        for verdict in VERDICTS
        if comparison.count(verdict)
    ]


def _left_out(comparison: Comparison) -> Table | None:
    rows = [
        (text(name, "name"), text(f"only {side} has it"))
        for side, names in (("OLD", comparison.only_old), ("NEW", comparison.only_new))
        for name in names
    ]
    return Table("left-out", "Cases that only one side has", ("case", "why"), tuple(rows)) if rows else None
