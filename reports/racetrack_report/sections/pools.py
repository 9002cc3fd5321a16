"""Section 10: pools: throughput and efficiency by task length, METG, and other costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..metg import TARGET, Metg, metg
from ..palette import Palette
from ..plots import grain as plot
from ..statistics import Interval, ratio
from ..summary import ForkKey, Summary
from ..units import NOTHING, digits, nanoseconds, percent, ratio_text
from ..view import Block, Cell, Picture, Table, measured, number, text, subject_cell, without_empty

RATE = "tasks_per_s"
EFFICIENCY = "efficiency_ratio"
OF_THE_POOL = ("results", "mode")  # parameters that distinguish variants of one pool, as `wait` does for a queue
COSTS = (
    (RATE, "tasks/s"),
    ("overhead_ns_per_task", "overhead per task"),
    (EFFICIENCY, "efficiency"),
    ("first_result_ns", "first result after"),
    ("cpu_ns_per_task", "processor time per task"),
    ("idle_ratio", "threads idle"),
    ("steal_ratio", "tasks stolen"),
    ("shutdown_ns", "shut down in"),
)
REST = (
    ("idle_cpu_ratio", "processor time when idle"),
    ("idle_switches_per_s", "wake-ups when idle"),
    ("wake_ns", "first task begins after"),
    ("bytes_per_queued_task", "memory per queued task"),
)


@dataclass(frozen=True, eq=False)
class Ladder:
    """One pool's cases of one workload that differ only in the task length."""

    members: tuple[Summary, ...]  # shortest tasks first

    @property
    def first(self) -> Summary:
        return self.members[0]

    @property
    def metg(self) -> Metg | None:
        """None if fewer than two lengths were measured."""
        forks: dict[ForkKey, dict[float, float]] = {}
        for member in self.members:
            for fork, value in member.per_fork(EFFICIENCY).items():
                forks.setdefault(fork, {})[grain_of(member)] = value
        whole = [fork for fork in forks.values() if len(fork) == len(self.members)]
        return metg(whole) if len(self.members) > 1 and whole else None


def blocks(summaries: Sequence[Summary], palette: Palette) -> tuple[Block, ...]:
    raced = [s for s in summaries if s.first.family == "pool" and not s.control]
    if not raced:
        return ()
    ladders = _ladders(raced)
    tables = [_table(raced, palette)]
    if any(s.workload == "idle" for s in raced):
        tables.insert(0, _rest([s for s in raced if s.workload == "idle"], palette))
    climbed = [_metg_table(ladders, palette)] if any(ladder.metg for ladder in ladders) else []
    return (
        Block(
            "pools",
            "Pools",
            (
                "A task is a calibrated loop of a known length. Efficiency is the time that all tasks need on one "
                "processor, divided by the time on all processors that could work. METG(50 %) is the minimum effective "
                "task granularity (Slaughter et al., Task Bench, SC 2020). Tasks longer than METG(50 %) have an "
                "efficiency of at least 50 %. A shorter METG is better.",
            ),
            _efficiency(ladders, palette),
            tuple(climbed),
            tuple(tables),
        ),
    )


def grain_of(summary: Summary) -> float:
    """The task length in ns; 0 for a workload without one."""
    return float(summary.first.params.get("grain_ns", 0))


def label(summary: Summary) -> str:
    """'work_stealing (group)': the pool, and its way of returning results or shutting down, where there is a choice."""
    choices = [str(summary.first.params[name]) for name in OF_THE_POOL if name in summary.first.params]
    return f"{summary.subject} ({', '.join(choices)})" if choices else summary.subject


def _who(summary: Summary, palette: Palette) -> Cell:
    return replace(subject_cell(summary, palette, struck=summary.out), text=label(summary))


def setting(summary: Summary) -> str:
    """'fan_out, 2 threads': the parameters that compared pools share, except the task length."""
    others = [
        f"{value} {name}" if name in ("threads", "submitters") else f"{name} {value}"
        for name, value in summary.first.params.items()
        if name not in ("grain_ns", "pin", *OF_THE_POOL)
    ]
    return ", ".join([summary.workload, *others])


def _ladders(raced: Sequence[Summary]) -> list[Ladder]:
    groups: dict[tuple[str, str, str], list[Summary]] = {}
    for summary in raced:
        if not summary.out and summary.per_fork(EFFICIENCY):
            groups.setdefault((setting(summary), summary.origin, label(summary)), []).append(summary)
    ladders = [Ladder(tuple(sorted(members, key=grain_of))) for members in groups.values()]
    return [ladder for ladder in ladders if len(ladder.members) > 1]


def _best_first(ladder: Ladder) -> tuple[float, str]:
    found = ladder.metg
    return (found.estimate if found else float("inf"), label(ladder.first))


def _efficiency(ladders: Sequence[Ladder], palette: Palette) -> tuple[Picture, ...]:
    planes: dict[str, list[Ladder]] = {}
    for ladder in ladders:
        planes.setdefault(setting(ladder.first), []).append(ladder)
    return tuple(_picture(place, where, plane, palette) for place, (where, plane) in enumerate(sorted(planes.items())))


def _picture(place: int, where: str, plane: list[Ladder], palette: Palette) -> Picture:
    plane = sorted(plane, key=_best_first)
    lines = []
    for ladder in plane:
        points = [(grain_of(s), i) for s in ladder.members if (i := s.interval(EFFICIENCY)) is not None]
        found = ladder.metg
        inside = found is not None and found.reached and not found.below_shortest
        lines.append(
            plot.Line(
                label(ladder.first), ladder.first.subject, tuple(points), found.estimate if found and inside else None
            )
        )
    rows = tuple(
        (_who(s, palette), number(grain_of(s), nanoseconds(grain_of(s))), measured(EFFICIENCY, s.interval(EFFICIENCY)))
        for ladder in plane
        for s in ladder.members
    )
    title = f"Efficiency by task length: {where}"
    name = f"efficiency-{place}"
    return Picture(
        name,
        title,
        _finding(plane),
        plot.draw(name, lines, TARGET, palette),
        Table(f"{name}-data", title, ("pool", "length of a task", "efficiency"), rows),
        "The dashed line is 50 %; its mark is METG. Grey lines are the other pools, the band is the interval over "
        "forks.",
        small=True,
    )


def _finding(plane: Sequence[Ladder]) -> str:
    results = [(label(ladder.first), found) for ladder in plane if (found := ladder.metg) is not None]
    if not results:
        return "No pool was measured with all lengths in one fork."
    (best, least), (worst, most) = results[0], results[-1]
    if len(results) == 1:
        return f"METG(50 %) of {best} is {metg_text(least)}."
    return f"Shortest METG(50 %): {best}, {_metg_estimate(least)}; longest: {worst}, {_metg_estimate(most)}."


def _metg_estimate(found: Metg) -> str:
    """'1.20 µs', 'below 100 ns', 'above 1 ms'; the table has the interval."""
    if not found.reached:
        return f"above {nanoseconds(found.longest)}"
    return f"below {nanoseconds(found.shortest)}" if found.below_shortest else nanoseconds(found.estimate)


def metg_text(found: Metg) -> str:
    """'1.20 µs [1.10 µs, 1.31 µs]', 'below 100 ns', 'not reached at 1 ms'."""

    def one(value: float) -> str:
        if value == float("inf"):
            return f"above {nanoseconds(found.longest)}"
        return f"below {nanoseconds(found.shortest)}" if value <= 0 else nanoseconds(value)

    if not found.reached:
        return f"not reached at {nanoseconds(found.longest)}"
    if found.confidence == 0 or found.low == found.high:
        return one(found.estimate)
    return f"{one(found.estimate)} [{one(found.low)}, {one(found.high)}]"


def _metg_table(ladders: Sequence[Ladder], palette: Palette) -> Table:
    rows = []
    for ladder in sorted(ladders, key=lambda ladder: (setting(ladder.first), _best_first(ladder))):
        found = ladder.metg
        if found is None:
            continue
        lengths = ", ".join(nanoseconds(grain_of(s)) for s in ladder.members)
        rows.append(
            (
                _who(ladder.first, palette),
                text(setting(ladder.first)),
                text(lengths),
                number(float(found.n), str(found.n)),
                number(found.estimate if found.reached else None, metg_text(found))
                if found.reached
                else Cell(metg_text(found)),
            )
        )
    return Table(
        "metg-table", "METG(50 %)", ("pool", "setting", "lengths measured", "forks", "METG(50 %)"), tuple(rows)
    )


def _table(raced: Sequence[Summary], palette: Palette) -> Table:
    """Each case with work, the fastest of each setting first, with its ratio to the fastest."""
    groups: dict[tuple[str, float], list[Summary]] = {}
    for summary in raced:
        if summary.workload != "idle":
            groups.setdefault((setting(summary), grain_of(summary)), []).append(summary)
    present = [(metric, title) for metric, title in COSTS if any(s.per_fork(metric) for s in raced)]
    rows = []
    for (where, grain), members in sorted(groups.items(), key=lambda group: group[0]):
        members.sort(key=lambda s: (-_rate(s), label(s)))
        best = members[0] if _rate(members[0]) > 0 else None
        for s in members:
            behind = _behind(best, s) if best is not None and s is not best and _rate(s) > 0 else None
            cells = (
                [Cell(s.reason, kind="fail")] + [Cell(NOTHING)] * (len(present) - 1)
                if s.out
                else [_cost(metric, s.interval(metric)) for metric, _ in present]
            )
            rows.append(
                (
                    _who(s, palette),
                    text(where),
                    number(grain or None, nanoseconds(grain)),
                    text(s.first.traits.get("library", "")),
                    number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
                    *cells,
                    number(behind.estimate, ratio_text(behind)) if behind else number(1.0 if s is best else None, "1×"),
                )
            )
    columns = ("pool", "setting", "length of a task", "library", "forks", *(title for _, title in present))
    return without_empty(Table("pools-table", "Every case", (*columns, "time / time of the fastest"), tuple(rows)))


def _rate(summary: Summary) -> float:
    interval = None if summary.out else summary.interval(RATE)
    return interval.estimate if interval else 0.0


def _behind(best: Summary, other: Summary) -> Interval:
    return ratio(best.per_fork(RATE), other.per_fork(RATE))[0]


def _cost(metric: str, interval: Interval | None) -> Cell:
    """A share is shown in percent."""
    if interval is None or not metric.endswith("_ratio"):
        return measured(metric, interval)
    low, middle, high = (digits(100 * value) for value in (interval.low, interval.estimate, interval.high))
    return number(
        interval.estimate, f"{middle} [{low}, {high}] %" if interval.confidence else percent(interval.estimate)
    )


def _rest(idle: Sequence[Summary], palette: Palette) -> Table:
    rows = tuple(
        (
            _who(s, palette),
            text(setting(s)),
            number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
            *(
                (Cell(s.reason, kind="fail"), *[Cell(NOTHING)] * (len(REST) - 1))
                if s.out
                else (_cost(metric, s.interval(metric)) for metric, _ in REST)
            ),
        )
        for s in idle
    )
    columns = ("pool", "setting", "forks", *(title for _, title in REST))
    note = "A pool that spins when idle takes processor time from other programs."
    return without_empty(Table("idle-table", "Idle pools", columns, rows, note))
