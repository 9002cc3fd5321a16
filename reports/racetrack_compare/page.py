"""Renders a comparison as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from racetrack_report import shell
from racetrack_report.sections import environment
from racetrack_report.sections.data import of_lines
from racetrack_report.summary import summarise
from racetrack_report.view import Cell, Table, text

from . import export, sections, wording
from .comparison import Comparison, in_order
from .judgement import VERDICTS

HERE = Path(__file__).resolve().parent
# Terms, each with its sentences.
METHOD = (
    (
        "Cost",
        (
            "One number per fork (process run) in ns: the median of its timed rounds, per item, trip or operation.",
            "Ratios are cost of NEW over cost of OLD.",
        ),
    ),
    (
        "Pairs",
        (
            "OLD and NEW run right after each other with the same seed.",
            "The side that runs first is random. In the next pair of the case it is the other side (ABBA or BAAB).",
            "Cases are interleaved in random order. No outlier is dropped.",
        ),
    ),
    (
        "Ratio and interval",
        (
            "Paired: Hodges-Lehmann estimate and the interval of the signed-rank test (Wilcoxon 1945), on logarithms, "
            "exact.",
            "Unpaired: ratio of medians, bootstrap interval, rank-sum test.",
            "Unpaired is weaker, because drift of the machine may affect the two sides differently.",
        ),
    ),
    (
        "Slower, faster",
        (
            "The p value after Holm's correction over all cases is at most 5 %, and the 95 % interval is beyond the "
            "threshold.",
        ),
    ),
    (
        "Same",
        (
            "The 90 % interval is within the threshold, and within 10 %, on both sides.",
            "This is an equivalence test, not the absence of a finding.",
        ),
    ),
    (
        "Inconclusive",
        (
            "Neither. The page shows the number of additional pairs that would decide if the estimate stays.",
            "Half-widths of intervals shrink with the root of the number of pairs.",
        ),
    ),
    (
        "Several looks",
        (
            "With --until-decided a case is judged up to four times, each time at a quarter of the 5 % level "
            "(Bonferroni).",
            "So repeated looks add no false alarms. The intervals are accordingly wider.",
        ),
    ),
    (
        "Threshold",
        (
            "3 %, or the noise floor of this machine if that is higher.",
            "The noise floor is the 95th percentile of the differences in comparisons of equal builds with as many "
            "pairs (make calibrate).",
        ),
    ),
    (
        "Detectable",
        (
            "The smallest slowdown that 90 % of comparisons with this spread and number of pairs would call slower.",
            "Computed from the normal distribution.",
        ),
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
            who=wording.sides_text(comparison),
            comparison=comparison,
            sentences=wording.sentences(comparison),
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
        Cell(f"{wording.ICONS[verdict]} {comparison.count(verdict)} {verdict}", kind=wording.CLASSES[verdict])
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
