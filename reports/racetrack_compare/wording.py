"""The text of a comparison, which is the same on the terminal, the page and in Markdown."""

from __future__ import annotations

import math

from racetrack_report.units import NOTHING, digits, nanoseconds, percent
from racetrack_report.statistics import Interval, median_interval

from .comparison import Comparison, in_order
from .judgement import FASTER, INCONCLUSIVE, MOST_SAME, NONE, SAME, SLOWER, VERDICTS, Judged
from .power import MOST_PAIRS

ICONS = {SLOWER: "✗", FASTER: "✓", SAME: "=", INCONCLUSIVE: "?", NONE: "–"}
CLASSES = {SLOWER: "fail", FASTER: "pass", SAME: "quiet", INCONCLUSIVE: "unknown", NONE: "unknown"}
IN_WORDS = ((SLOWER, "slower"), (FASTER, "faster"), (INCONCLUSIVE, "inconclusive"), (SAME, "the same"))
SOME = 3  # names that a sentence lists
SOME_CHANGES = 2  # names with their changes that a sentence lists


def verdict(judged: Judged) -> str:
    """'✗ slower'."""
    kind = (
        f"{judged.verdict}: {judged.sample.reason}"
        if judged.verdict == NONE and judged.sample.reason
        else judged.verdict
    )
    return f"{ICONS[judged.verdict]} {kind}"


def change(ratio: Interval | None) -> str:
    """'+10.2 % [+8.1 %, +12.4 %]' of the cost; a dash without a number, no brackets without an interval."""
    if ratio is None:
        return NOTHING
    if ratio.confidence == 0:
        return signed(ratio.estimate - 1)
    return f"{signed(ratio.estimate - 1)} [{signed(ratio.low - 1)}, {signed(ratio.high - 1)}]"


def signed(fraction: float) -> str:
    """'+30 %', '−2.9 %': at most tenths of a percent, because no comparison is more precise."""
    size = f"{abs(fraction) * 100:.1f} %" if abs(fraction) < 0.0995 else percent(abs(fraction))
    if fraction < -0.99:  # nothing costs nothing
        size = f"{min(-fraction, 0.999) * 100:.1f} %"
    return f"{'−' if fraction < 0 and size != '0.0 %' else '+'}{size}"


def cost(values: tuple[float, ...]) -> str:
    """The median of one side."""
    return nanoseconds(median_interval(values).estimate) if values else NOTHING


def amount(n: int, paired: bool) -> str:
    """'1 pair', '6 pairs'; without pairs '6 forks of each side'."""
    return f"{n} {'pair' if paired else 'fork'}{'' if n == 1 else 's'}{'' if paired else ' of each side'}"


def more_of(n: int, paired: bool) -> str:
    """'2 more pairs', '1 more fork of each side'."""
    return amount(n, paired).replace(" ", " more ", 1)


def advice(judged: Judged, paired: bool) -> str:
    """The remedy for an inconclusive case."""
    if judged.verdict != INCONCLUSIVE:
        return ""
    if judged.n < judged.least:
        missing = max(judged.more or 0, judged.least - judged.n)
        short = f"{amount(judged.n, paired)} cannot show anything here, at least {judged.least} are needed"
        return f"{short}; run {more_of(missing, paired)}"
    if judged.more is None:
        return f"over {amount(MOST_PAIRS, paired)} would be needed: too much noise for a difference near the threshold"
    return f"run {more_of(judged.more, paired)}"


def p_value(p: float | None) -> str:
    if p is None:
        return NOTHING
    return "< 0.0001" if p < 0.0001 else digits(p, 2)


def effect(fraction: float) -> str:
    return percent(fraction) if math.isfinite(fraction) else "nothing"


def sides_text(comparison: Comparison) -> str:
    """'build/old (1a2b3c) against build/new (4d5e6f)'."""
    sides = [
        f"{word} {side.given}{f' ({side.revision})' if side.revision else ''}"
        for word, side in (("OLD", comparison.old), ("NEW", comparison.new))
    ]
    return " against ".join(sides)


def headline(comparison: Comparison) -> str:
    """The answer in one sentence."""
    everything, none = len(comparison.judged), comparison.count(NONE)
    if everything == 0:
        return "Nothing was compared."
    counts = [(comparison.count(each), word) for each, word in IN_WORDS]
    if everything == 1:
        word = next((word for n, word in counts if n), "without a verdict of speed")
        return f"NEW against OLD: the one case is {word}."
    parts = ", ".join(f"{n} {word}" for n, word in counts if n)
    last = f"{none} without a verdict of speed" if none else ""
    return f"NEW against OLD, {everything} cases: {', '.join(part for part in (parts, last) if part)}."


def sentences(comparison: Comparison) -> list[str]:
    """The headline, the largest changes, missing cases, the effort that would decide, and the method."""
    lines = [headline(comparison)]
    for word in (SLOWER, FASTER):
        found = sorted(
            (each for each in comparison.judged if each.verdict == word and each.ratio),
            key=lambda each: -abs(math.log(each.ratio.estimate)) if each.ratio else 0.0,
        )
        if found:
            named = "; ".join(f"{each.sample.case} {change(each.ratio)}" for each in found[:SOME_CHANGES])
            more = f"; and {len(found) - SOME_CHANGES} more" if len(found) > SOME_CHANGES else ""
            lines.append(f"{word.capitalize()}, by {found[0].sample.metric or 'cost'}: {named}{more}.")
    for missing, side, other in ((comparison.only_old, "OLD", "NEW"), (comparison.only_new, "NEW", "OLD")):
        if missing:
            cases = f"{len(missing)} case{' of' if len(missing) == 1 else 's of'} {side}"
            more = f"; and {len(missing) - SOME} more" if len(missing) > SOME else ""
            accept = " --allow-missing accepts this." if side == "OLD" else ""
            lines.append(f"Missing from {other}, {cases}: {'; '.join(missing[:SOME])}{more}.{accept}")
    advised = [each.more for each in comparison.judged if each.verdict == INCONCLUSIVE]
    known = [more for more in advised if more is not None]
    if known:
        lines.append(
            "To decide what is inconclusive: "
            f"{more_of(max(known), comparison.paired)}{', for most' if None in advised else ''}."
        )
    elif advised:
        lines.append(
            f"Inconclusive cases would need over {amount(MOST_PAIRS, comparison.paired)}: too much noise for "
            "differences so close to the threshold."
        )
    if comparison.state:
        lines.append(comparison.state)
    return lines + [method(comparison), *comparison.remarks]


def method(comparison: Comparison) -> str:
    """The method of comparison and the threshold."""
    able = [each for each in comparison.judged if each.ratio is not None]
    thresholds = sorted({each.threshold for each in able})
    if not thresholds:
        return ""
    least, most = percent(thresholds[0]), percent(thresholds[-1])
    ignored = f"{least} to {most}" if least != most else least
    how = (
        "paired forks in ABBA order, Hodges-Lehmann ratio with the signed-rank interval."
        if comparison.paired
        else "unpaired runs, which is weaker, because drift of the machine may affect the sides differently. "
        "Ratio of medians with its bootstrap interval, rank-sum test."
    )
    cases = f"{len(able)} case{'' if len(able) == 1 else 's'}"
    looks = (
        f", {comparison.rule.looks} looks planned and {comparison.rule.alpha:.2%} spent on each"
        if comparison.rule.looks > 1
        else ""
    )
    loud = (
        f" That is the noise of this machine; more pairs lower it. No case that may differ by {percent(MOST_SAME)} is "
        "called the same."
        if thresholds[-1] > MOST_SAME
        else ""
    )
    return f"Compared by {how} Holm's correction over {cases}{looks}. Differences below {ignored} do not count.{loud}"


def table(comparison: Comparison) -> list[str]:
    """The terminal's table, worst first: verdict, change of cost, case, remedy."""
    lines = []
    for each in in_order(comparison.judged, VERDICTS):
        note = advice(each, comparison.paired)
        lines.append(
            f"  {ICONS[each.verdict]} {each.verdict:<13}{change(each.ratio):<31} {each.sample.case}"
            + (f"  ({each.sample.reason})" if each.verdict == NONE and each.sample.reason else "")
            + (f"  ({note})" if note else "")
        )
    return lines
