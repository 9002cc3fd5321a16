"""Section 12: the noise of the run, and the smallest difference that it can detect."""

from __future__ import annotations

import math
import statistics as plain
from collections import Counter
from collections.abc import Sequence

from ..calibration import Calibration
from ..palette import Palette
from ..plots import noise as plot
from ..statistics import bimodal, minimum_detectable_effect, relative_spread
from ..summary import Summary
from ..units import NOTHING, digits, percent
from ..view import Block, Picture, Table, number, text, subject_cell

# The metric for run order and spread of a workload whose result is not a rate.
HEADLINE = {
    "round_trip": "trip_p50_ns",
    "paced": "delivery_p50_ns",
    "burst": "fill_ns_per_item",
    "shutdown": "shutdown_ns",
}
MOST_NAMED = 5
NOT_CALIBRATED = (
    "This machine's noise floor is unknown, because no equal builds were compared on it (A/A). "
    "`make calibrate` measures it."
)
RATES = tuple(f"{work}_per_s" for work in ("items", "operations", "steps", "tasks", "starts", "requests"))


def headline(summary: Summary) -> str:
    """The metric that represents a case; empty when it has none."""
    metric = HEADLINE.get(summary.workload, "")
    known = {name for case in summary.timed for name in (*case.metrics, *case.values)}
    return metric or next((rate for rate in RATES if rate in known), "")


def block(summaries: Sequence[Summary], palette: Palette, calibrations: Sequence[Calibration] = ()) -> Block:
    spreads = _spreads(summaries)
    paragraphs = []
    if spreads:
        effects = [minimum_detectable_effect(spread, n) for _, spread, n in spreads]
        worst = max(range(len(effects)), key=effects.__getitem__)
        noisiest = spreads[worst][0]
        paragraphs.append(
            f"In half of the cases, a difference of less than {_change(plain.median(effects))} between two subjects is "
            "not detectable. This limit has 80 % power and 5 % error, with unpaired forks. In the noisiest case, "
            f"{noisiest.label} in {noisiest.workload}, it is {_change(effects[worst])}. Smaller differences need more "
            "forks."
        )
    else:
        paragraphs.append("No case has two or more forks, so noise and differences cannot be separated.")
    camps = [s for s, _, _ in spreads if bimodal(list(s.per_fork(headline(s)).values()))]
    if camps:
        often = Counter(summary.label for summary in camps).most_common()
        names = ", ".join(f"{label} ({n} case{'s' * (n != 1)})" for label, n in often[:MOST_NAMED])
        more = f" and {len(often) - MOST_NAMED} more" if len(often) > MOST_NAMED else ""
        paragraphs.append(
            f"Forks form two clusters (bimodal) in {len(camps)} of {len(spreads)} cases: {names}{more}. The median is "
            "then in one cluster, and may be in the other in the next run; the table below names the cases."
        )
    paragraphs += [_same_build(known) for known in calibrations] or [NOT_CALIBRATED]
    pictures = _run_order(summaries)
    return Block("noise", "Noise", tuple(paragraphs), pictures, folded=(_table(spreads, palette),) if spreads else ())


def _same_build(known: Calibration) -> str:
    """The differences that this machine showed between equal builds."""
    rate = known.false_alarms
    return (
        f"A build was compared with itself (A/A) on {known.measured_at[:10]}, commit {known.commit[:10]}. "
        f"{known.alarms} of {known.comparisons} comparisons of {len(known.logs)} cases gave a false alarm, which is "
        f"{percent(rate.estimate)} [{percent(rate.low)}, {percent(rate.high)}]. With {known.pairs} pairs, 95 % of "
        f"equal cases differ by less than {percent(known.floor('', known.pairs))}: this machine's noise floor."
    )


def _change(effect: float) -> str:
    """In percent, or as a multiple when that is easier to read."""
    return percent(effect) if effect < 1 else f"{digits(1 + effect)}×"


def _spreads(summaries: Sequence[Summary]) -> list[tuple[Summary, float, int]]:
    """(case, relative spread over forks, forks) of every case with at least two forks."""
    found = []
    for summary in summaries:
        values = [v for v in summary.per_fork(headline(summary)).values() if v > 0]
        if len(values) >= 2:
            found.append((summary, relative_spread(values), len(values)))
    return found


def _run_order(summaries: Sequence[Summary]) -> tuple[Picture, ...]:
    points = []
    for summary in summaries:
        values = summary.per_fork(headline(summary))
        known = [
            (case, value)
            for case in summary.timed
            if (value := values.get((f"{case.run}:{case.invocation}", case.fork)))
        ]
        if len(known) < 2:
            continue
        middle = plain.median(value for _, value in known)
        points += [((case.run, case.invocation, case.order_index), value / middle) for case, value in known]
    if len(points) < 5:
        return ()
    places = {key: place for place, key in enumerate(sorted({key for key, _ in points}))}
    ordered = sorted((places[key], value) for key, value in points)
    half = len(ordered) // 2
    drift = plain.median(v for _, v in ordered[half:]) / plain.median(v for _, v in ordered[:half]) - 1
    inside = sorted(abs(value - 1) for _, value in ordered)[math.ceil(0.9 * len(ordered)) - 1]
    finding = (
        f"90 % of forks are within {_change(inside)} of their case's median; the run's halves differ by "
        f"{percent(abs(drift))}."
    )
    rows = tuple(
        (
            number(float(tenth), str(tenth + 1)),
            number(float(len(part)), str(len(part))),
            number(plain.median(part), f"{digits(plain.median(part))}×"),
            number(min(part), f"{digits(min(part))}×"),
            number(max(part), f"{digits(max(part))}×"),
        )
        for tenth in range(10)
        if (part := [v for p, v in ordered if p * 10 // len(places) == tenth])
    )
    table = Table(
        "run-order-data",
        "Result / median of its case, by tenth of the run",
        ("tenth", "forks", "median", "lowest", "highest"),
        rows,
    )
    return (
        Picture(
            "run-order",
            "Run order",
            finding,
            (plot.run_order("order", ordered, finding),),
            table,
            "The halves are compared by the medians of their forks. A slope or a step is drift of the machine. Cases "
            "run in random order, so that drift affects all subjects alike.",
        ),
    )


def _table(spreads: Sequence[tuple[Summary, float, int]], palette: Palette) -> Table:
    rows = []
    for summary, spread, n in sorted(spreads, key=lambda row: -row[1]):
        values = list(summary.per_fork(headline(summary)).values())
        effect = minimum_detectable_effect(spread, n)
        rows.append(
            (
                subject_cell(summary, palette),
                text(summary.name, "name"),
                number(float(n), str(n)),
                number(spread, percent(spread)),
                number(max(values) / min(values), f"{digits(max(values) / min(values))}×"),
                text("two camps" if bimodal(values) else ""),
                number(float(summary.disturbed_forks), str(summary.disturbed_forks or NOTHING)),
                number(effect, _change(effect)),
            )
        )
    return Table(
        "spreads",
        "Spread over forks and minimum detectable effect, noisiest first",
        ("subject", "case", "forks", "spread", "largest / smallest", "shape", "disturbed", "detectable"),
        tuple(rows),
    )
