"""Section 4: throughput and cost of the queues by threads, capacity and payload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..model import Dataset, Json
from ..palette import Palette
from ..plots import sweep as sweep_plot
from ..ranking import Ranking
from ..summary import Setting, Summary
from ..units import digits, rate, ratio_text
from ..view import MOST_WORDS, Block, Cell, Picture, Table, measured, number, text
from . import costs, strips

METRIC = "items_per_s"
PANELS = 24  # small multiples drawn per figure; the figure's table has all subjects
STRIPS = 8


def blocks(
    data: Dataset, summaries: Sequence[Summary], rankings: Sequence[Ranking], palette: Palette
) -> tuple[Block, ...]:
    raced = [s for s in summaries if s.workload == "transfer" and not s.control]
    found = []
    if raced:
        pictures = _strips(rankings, palette) + _by_threads(data, raced, palette)
        found.append(Block("throughput", "Throughput", (), pictures, (costs.heat(raced, palette),)))
        sweeps = _sweep("capacity", raced, palette) + _sweep("payload", raced, palette)
        if sweeps:
            found.append(Block("sweeps", "Capacity and payload", (), sweeps))
        found.append(
            Block(
                "costs",
                "Costs of a transfer",
                (
                    "Fairness is Jain's index over the threads of a role (1: all did equal work). Overlap is the "
                    "share of the time in which all threads work. Peak memory is that of the whole child process.",
                ),
                folded=(costs.costs(raced, palette),),
            )
        )
    for workload, title, metrics in (
        ("burst", "Burst: fill, then drain", ("fill_ns_per_item", "drain_ns_per_item")),
        ("shutdown", "Shutdown", ("shutdown_ns",)),
    ):
        group = [s for s in summaries if s.workload == workload and not s.control]
        if group:
            found.append(Block(workload, title, (), (), (costs.plain(workload, title, group, metrics, palette),)))
    prints = [s for s in summaries if s.workload == "print"]
    if prints:
        found.append(costs.print_block(prints, palette))
    return tuple(found)


def _strips(rankings: Sequence[Ranking], palette: Palette) -> tuple[Picture, ...]:
    """All forks of every contestant, for every shape at the smallest payload and the usual capacity."""
    able = [r for r in rankings if len(r.entries) > 1]
    usual = costs.usual_capacity(r.setting for r in able)
    smallest = min((r.setting.payload for r in able), default=0)
    chosen = [r for r in able if r.setting.payload == smallest and r.setting.capacity in (usual, "unbounded")][:STRIPS]
    pictures = []
    for place, ranking in enumerate(chosen):
        setting, best = ranking.setting, ranking.entries[0]
        title = costs.where(setting)
        slowest = ranking.entries[-1]
        behind = f", {ratio_text(slowest.to_best)} slower" if slowest.to_best else ""
        leads = f"{best.summary.label} leads with {rate(best.interval.estimate)}"
        finding = f"{leads}; {slowest.summary.label} is last{behind}."
        contestants = [(entry.summary, entry.interval) for entry in ranking.entries]
        pictures.append(strips.picture(f"strip-{place}", title, finding, contestants, METRIC, "items/s", palette))
    return tuple(pictures)


def _branch(setting: Setting) -> str:
    if setting.producers == setting.consumers:
        return "N×N"
    return "1×N" if setting.producers == 1 else "N×1" if setting.consumers == 1 else "other"


def _lines(members: Sequence[Summary], x_of: Callable[[Setting], float], branch: str) -> list[sweep_plot.Line]:
    """Lines of one branch, one per subject with at least two points (or one, if no subject of `branch` has more)."""
    groups: dict[tuple[str, str], list[Summary]] = {}
    for summary in members:
        if summary.interval(METRIC) is not None:
            groups.setdefault((summary.label, summary.subject), []).append(summary)
    lines = []
    for (label, subject), group in groups.items():
        points = {x_of(s.setting): interval for s in group if (interval := s.interval(METRIC)) is not None}
        lines.append(sweep_plot.Line(label, subject, branch, tuple(sorted(points.items(), key=lambda p: p[0]))))
    return lines


def _main_plane(raced: Sequence[Summary], loose: str) -> list[list[Summary]]:
    """Cases that differ only in `loose` and in the subject: one list per plane, the largest first."""
    planes: dict[Setting, list[Summary]] = {}
    for summary in raced:
        setting = summary.setting
        fixed = {
            "threads": replace(setting, producers=0, consumers=0),
            "capacity": replace(setting, capacity=""),
            "payload": replace(setting, payload=0),
        }[loose]
        planes.setdefault(fixed, []).append(summary)
    return sorted(planes.values(), key=lambda plane: -len(plane))


def _by_threads(data: Dataset, raced: Sequence[Summary], palette: Palette) -> tuple[Picture, ...]:
    """Throughput by threads, one figure per class; none unless several numbers of threads were measured."""
    machine: Json = next((i.facts["machine"] for i in data.invocations if i.facts), {})
    crowded = machine.get("hardware_threads")
    pictures: list[Picture] = []
    seen: set[tuple[str, str]] = set()
    for plane in _main_plane(raced, "threads"):
        setting = plane[0].setting
        if (setting.bound, setting.origin) in seen or len({s.setting.threads for s in plane}) < 2:
            continue
        seen.add((setting.bound, setting.origin))
        lines = []
        for branch in ("N×N", "1×N", "N×1"):
            lines += _lines(
                [s for s in plane if _branch(s.setting) == branch or (s.setting.producers == s.setting.consumers == 1)],
                lambda at: at.threads,
                branch,
            )
        lines = [line for line in lines if len(line.points) > 1 or line.branch == "N×N"]
        axis = sweep_plot.Axis("threads", crowded + 0.5 if crowded else None)
        pictures += _panels(
            f"threads-{len(pictures)}",
            f"Throughput by threads: {costs.where(setting).split(', ', 1)[1]}",
            lines,
            axis,
            palette,
            "N×N, 1×N and N×1 are producers × consumers; grey lines are the other subjects at N×N. "
            "The shaded zone has more threads than the machine, so it does not show scaling.",
        )
    return tuple(pictures)


def _sweep(loose: str, raced: Sequence[Summary], palette: Palette) -> tuple[Picture, ...]:
    for plane in _main_plane([s for s in raced if loose != "capacity" or s.setting.bound == "bounded"], loose):
        values = {getattr(s.setting, loose) for s in plane}
        if len(values) < 2 or not all(str(value).isdecimal() for value in values):
            continue
        lines = [line for line in _lines(plane, lambda at: float(getattr(at, loose)), "") if len(line.points) > 1]
        unit = " (bytes)" if loose == "payload" else " (items)"
        title = f"Throughput by {loose}: {plane[0].setting.shape}"
        return _panels(
            loose, title, lines, sweep_plot.Axis(loose + unit), palette, "Grey lines are the other subjects."
        )
    return ()


def _span(axis: sweep_plot.Axis, line: sweep_plot.Line) -> str:
    """'2 to 16 threads', 'payload 8 to 256 bytes'."""
    name, _, unit = axis.title.rstrip(")").partition(" (")
    span = f"{line.points[0][0]:g} to {line.points[-1][0]:g}"
    return f"{name} {span} {unit}" if unit else f"{span} {name}"


def _panels(
    name: str, title: str, lines: Sequence[sweep_plot.Line], axis: sweep_plot.Axis, palette: Palette, note: str
) -> tuple[Picture, ...]:
    """The small multiples of these lines, the fastest subject first, and their table."""
    if not lines:
        return ()
    peak = {line.contestant: 0.0 for line in lines}
    for line in lines:
        peak[line.contestant] = max(peak[line.contestant], *(i.estimate for _, i in line.points))
    ordered = sorted(lines, key=lambda line: -peak[line.contestant])
    shown = set(list(dict.fromkeys(line.contestant for line in ordered))[:PANELS])
    changes = [
        (line.points[-1][1].estimate / line.points[0][1].estimate, line)
        for line in ordered
        if len(line.points) > 1 and line.branch in ("N×N", "")
    ]
    finding = f"Fastest: {ordered[0].contestant}."
    if changes:
        best, worst = max(changes, key=lambda c: c[0]), min(changes, key=lambda c: c[0])
        extremes = [f"{line.contestant} ×{digits(change, 2)}" for change, line in (best, worst)]
        if best[1] is not worst[1]:
            extremes = [f"{extremes[0]} (best)", f"{extremes[1]} (worst)"]
        else:
            extremes = extremes[:1]
        change = f"Throughput from {_span(axis, best[1])}: {', '.join(extremes)}."
        if len(f"{title}. {finding} {change}".split()) <= MOST_WORDS:
            finding += f" {change}"
        else:
            note = f"{change} {note}"
    rows = tuple(
        (
            Cell(line.contestant, swatch=palette[line.subject].index),
            text(line.branch),
            number(x, f"{x:g}"),
            measured(METRIC, interval),
            number(float(interval.n), str(interval.n)),
        )
        for line in ordered
        for x, interval in line.points
    )
    table = Table(f"{name}-data", title, ("subject", "shape", axis.title, "items/s", "forks"), rows)
    if len(peak) > PANELS:
        note += f" The figure shows the {PANELS} fastest of {len(peak)}; the table has all."
    drawings = sweep_plot.draw(name, [line for line in ordered if line.contestant in shown], axis, METRIC, palette)
    return (Picture(name, title, finding, drawings, table, note, small=True),)
