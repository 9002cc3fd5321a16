"""Section 6: the cost of reading and writing two coordinates as one value, the faults without a lock; programs of
locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import int_of
from ..palette import Palette
from ..plots import points as plot
from ..statistics import Interval, median_interval, ratio
from ..summary import ForkKey, Summary, fork_value
from ..units import count, digits, ratio_text
from ..view import MOST_WORDS, Block, Cell, Picture, Table, measured, number, text, subject_cell, without_empty

METRIC = "operations_per_s"
STEPS = "steps_per_s"


@dataclass(frozen=True, eq=False)
class Plane:
    """Points with the same number of threads, share of reads and comparable builds."""

    threads: int
    share: int
    others: str
    members: tuple[Summary, ...]

    @property
    def reference(self) -> Summary | None:
        """The Point without a lock. It tears; its numbers are the reference for the others."""
        return next((s for s in self.members if s.first.traits.get("lock") == "none" and _rates(s)), None)


def blocks(summaries: Sequence[Summary], palette: Palette) -> tuple[Block, ...]:
    found = []
    raced = [s for s in summaries if s.first.family == "point" and not s.control]
    if raced:
        planes = _planes(raced)
        found.append(
            Block(
                "points",
                "Points: what safety costs",
                (
                    "Threads read and write the two coordinates of one Point. A read that returns halves of two "
                    "writes is torn. The Point without a lock is struck out: its time is the reference for the "
                    "others, and it is not ranked.",
                    *_torn_sentences(planes),
                ),
                _pictures(planes),
                (_table(planes, palette),),
            )
        )
    locks = [s for s in summaries if s.first.family == "lock" and not s.control]
    if locks:
        found.append(Block("locks", "Programs of locks", (), (), (_locks(locks, palette),)))
    return tuple(found)


def _rates(summary: Summary) -> dict[ForkKey, float]:
    """Operations/s of each fork; also of a Point that fails only as its author expects."""
    if not summary.failed:
        return summary.per_fork(METRIC)
    if not summary.verdict.as_expected:
        return {}
    return {
        (f"{case.run}:{case.invocation}", case.fork): value
        for case in summary.forks
        if case.ended == "ok" and (value := fork_value(case, METRIC)) is not None
    }


def _middle(summary: Summary) -> float:
    rates = _rates(summary)
    return median_interval(list(rates.values())).estimate if rates else 0.0


def _by_speed(summary: Summary) -> tuple[bool, float, str]:
    """Sort key: the Point without a lock first, then the fastest."""
    return summary.first.traits.get("lock") != "none", -_middle(summary), summary.label


def _planes(raced: Sequence[Summary]) -> list[Plane]:
    groups: dict[tuple[int, int, str], list[Summary]] = {}
    for summary in raced:
        params = summary.first.params
        others = ", ".join(
            f"{name} {value}" for name, value in summary.setting.others if name not in ("threads", "read_share")
        )
        key = (
            int_of(params.get("threads")),
            int_of(params.get("read_share")),
            ", ".join(filter(None, (others, summary.origin))),
        )
        groups.setdefault(key, []).append(summary)
    return [Plane(*key, tuple(members)) for key, members in sorted(groups.items())]


def _pictures(planes: Sequence[Plane]) -> tuple[Picture, ...]:
    """One figure per number of threads (and per other parameter that separates planes), with all shares of reads."""
    groups: dict[tuple[int, str], list[Plane]] = {}
    for plane in planes:
        if plane.reference is not None:
            groups.setdefault((plane.threads, plane.others), []).append(plane)
    return tuple(
        picture
        for place, ((threads, others), group) in enumerate(groups.items())
        for picture in _picture(f"points-{place}", threads, others, group)
    )


def _picture(name: str, threads: int, others: str, planes: Sequence[Plane]) -> tuple[Picture, ...]:
    ratios: dict[str, dict[int, Interval]] = {}
    labels: dict[int, str] = {}  # of the reference, by share of reads
    for plane in planes:
        reference = plane.reference
        assert reference is not None
        labels[plane.share] = reference.label
        for member in plane.members:
            rates = _rates(member) if not member.out else {}
            if member is not reference and rates:
                ratios.setdefault(member.label, {})[plane.share] = ratio(_rates(reference), rates)[0]
    if not ratios:
        return ()
    ordered = sorted(ratios, key=lambda who_: sum(i.estimate for i in ratios[who_].values()) / len(ratios[who_]))
    shares = [plane.share for plane in planes]
    usual = 90 if 90 in shares else shares[0]
    at = {subject: found[usual] for subject, found in ratios.items() if usual in found}
    cheapest, dearest = min(at, key=lambda s: at[s].estimate), max(at, key=lambda s: at[s].estimate)
    title = f"Cost of safety: {threads} threads" + f", {others}" * bool(others)
    finding = ""
    for shown in (ratio_text, _without_interval):
        finding = (
            f"At {usual} % reads, fastest: {cheapest}, {shown(at[cheapest])} the time of {labels[usual]}; "
            f"slowest: {dearest}, {shown(at[dearest])}."
        )
        if len(f"{title}. {finding}".split()) <= MOST_WORDS:
            break
    label = " or ".join(dict.fromkeys(labels.values()))
    rows = tuple(
        (
            text(subject),
            number(float(share), f"{share} %"),
            number(interval.estimate, ratio_text(interval)),
            number(float(interval.n), str(interval.n)),
        )
        for subject in ordered
        for share, interval in sorted(ratios[subject].items())
    )
    drawing = plot.cost(name, [plot.Row(subject, ratios[subject]) for subject in ordered], label, f"{title}. {finding}")
    table = Table(f"{name}-data", title, ("subject", "reads", f"time / time of {label}", "forks"), rows)
    note = f"Times are multiples of that of {label}. The line through a mark is its interval over forks."
    return (Picture(name, title, finding, (drawing,), table, note),)


def _without_interval(ratio_: Interval) -> str:
    return f"{digits(ratio_.estimate)}×"


def _torn_sentences(planes: Sequence[Plane]) -> tuple[str, ...]:
    """One paragraph, over all planes, with a sentence for each Point without a lock: 'unlocked: 18 of 1000 reads are
    torn.' Empty if there is none."""
    found: dict[str, list[Summary]] = {}
    for summary in (member for plane in planes for member in plane.members):
        if summary.first.traits.get("lock") == "none" and _rates(summary):
            found.setdefault(summary.label, []).append(summary)
    sentences = []
    for label, summaries in found.items():
        torn, reads = map(sum, zip(*map(_torn, summaries)))
        sentences.append(f"{label}: {count(torn)} of {count(reads)} reads are torn.")
    return (" ".join(sentences),) if sentences else ()


def _torn(summary: Summary) -> tuple[float, float]:
    """(torn reads, reads) of all timed rounds of all forks."""
    torn = reads = 0.0
    for case in summary.forks:
        metrics = case.metrics
        operations = metrics.get("operations_per_round_count", 0.0) * metrics.get("rounds_count", 0.0)
        torn += operations * metrics.get("torn_reads_per_operation_ratio", 0.0)
        reads += operations * metrics.get("reads_per_operation_ratio", 0.0)
    return torn, reads


def _table(planes: Sequence[Plane], palette: Palette) -> Table:
    rows = []
    for plane in planes:
        reference = plane.reference
        for summary in sorted(plane.members, key=_by_speed):
            rates = _rates(summary)
            shown = bool(rates) and (not summary.out or summary is reference)
            behind = ratio(_rates(reference), rates)[0] if shown and reference and summary is not reference else None
            torn, reads = _torn(summary)
            rows.append(
                (
                    subject_cell(summary, palette, struck=summary.out),
                    text(_declared(summary)),
                    number(float(plane.threads), str(plane.threads)),
                    number(float(plane.share), f"{plane.share} %"),
                    text(plane.others),
                    number(float(len(summary.forks)), str(len(summary.forks))),
                    measured(METRIC, median_interval(list(rates.values())))
                    if shown
                    else Cell(summary.reason, kind="fail"),
                    number(behind.estimate, ratio_text(behind))
                    if behind
                    else number(1.0 if summary is reference else None, "1×"),
                    number(torn, count(torn), "fail" if torn else "") if reads else Cell("–"),
                    number(torn / reads * 1e6, digits(torn / reads * 1e6), "fail" if torn else "")
                    if reads
                    else Cell("–"),
                    Cell("✗ torn, as expected", kind="foreseen")
                    if summary.failed and summary.verdict.as_expected
                    else Cell(
                        "✗ NOT expected" if summary.failed else "✓ pass", kind="fail" if summary.failed else "pass"
                    ),
                )
            )
    columns = (
        *("subject", "declared", "threads", "reads", "also", "forks", "operations/s", "time / time of unlocked"),
        *("torn reads", "torn per million reads", "verdict"),
    )
    return without_empty(Table("points-table", "All Points: cost and torn reads", columns, tuple(rows)))


def _declared(summary: Summary) -> str:
    """'sequence lock, readers optimistic, blocking, uses fences'."""
    traits = summary.first.traits
    lock = str(traits.get("lock", "")).replace("_", "-")
    parts = [
        "no lock"
        if lock == "none"
        else f"{lock} lock"
        if lock in ("sequence", "reader-writer", "spin", "ticket", "queue")
        else lock,
        f"readers {traits['readers']}" if traits.get("readers") else "",
        "first come first served" if traits.get("fairness") == "fifo" else "",
        str(traits.get("progress", "")).replace("_", "-"),
        "uses fences" if traits.get("fences") is True else "",
    ]
    return ", ".join(filter(None, parts))


def _locks(locks: Sequence[Summary], palette: Palette) -> Table:
    rows = tuple(
        (
            subject_cell(s, palette, struck=s.out),
            text(s.workload.replace("_", " ")),
            text(s.first.traits.get("threads", "")),
            number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
            *(
                (Cell(s.reason, kind="fail"),) * 2
                if s.out
                else (measured(STEPS, s.interval(STEPS)), measured("ns_per_step", s.interval("ns_per_step")))
            ),
        )
        for s in locks
    )
    return without_empty(
        Table(
            "locks-table",
            "Programs of locks",
            ("program", "workload", "threads", "forks", "steps/s", "time per step"),
            rows,
        )
    )
