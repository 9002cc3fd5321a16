"""Section 10: concurrent requests to one HTTP server: throughput, latency and the cost of waiting."""

from __future__ import annotations

from collections.abc import Sequence

from ..palette import Palette
from ..plots import sweep as plot
from ..statistics import ratio
from ..summary import Summary
from ..units import quantity, ratio_text, size
from ..view import Block, Cell, Picture, Table, measured, number, text, subject_cell, without_empty
from . import strips

RATE = "requests_per_s"
MEMORY = "bytes_per_waiting_request"
COSTS = (
    (RATE, "requests/s"),
    *(
        (f"request_{level}_ns", title)
        for level, title in (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p999", "p99.9"))
    ),
    ("threads_count", "threads"),
    (MEMORY, "memory per waiting request"),
    ("peak_rss_bytes", "peak memory"),
    ("cpu_ns_per_request", "processor time per request"),
)


def blocks(summaries: Sequence[Summary], palette: Palette) -> tuple[Block, ...]:
    raced = [s for s in summaries if s.first.family == "async_io" and s.workload == "gather" and not s.control]
    if not raced:
        return ()
    return (
        Block(
            "async-io",
            "Concurrent requests",
            (
                "Clients send HTTP/1.1 requests to a server in another process on this machine, which answers each "
                "after a delay. They wait with coroutines, callbacks or threads. Every response is checked to match "
                "its request. Memory per waiting request is the additional memory of the process while all requests "
                "wait.",
            ),
            (*_rates(raced, palette), *_memory(raced, palette)),
            (_table(raced, palette),),
        ),
    )


def requests_of(summary: Summary) -> int:
    return int(summary.first.params.get("requests", 0))


def setting(summary: Summary) -> str:
    return f"delay of {summary.first.params.get('delay_ms', 0)} ms"


def _rates(raced: Sequence[Summary], palette: Palette) -> tuple[Picture, ...]:
    """Requests/s by concurrent requests, one figure per delay."""
    pictures = []
    for place, where in enumerate(sorted({setting(s) for s in raced})):
        plane = strips.timed([s for s in raced if setting(s) == where], RATE)
        by_client: dict[tuple[str, str], dict[float, Summary]] = {}
        for s, _ in plane:
            by_client.setdefault((s.label, s.subject), {})[float(requests_of(s))] = s
        lines = [
            plot.Line(
                label, subject, "", tuple((x, i) for x, s in sorted(at.items()) if (i := s.interval(RATE)) is not None)
            )
            for (label, subject), at in by_client.items()
            if len(at) > 1
        ]
        if not lines:
            continue
        lines.sort(key=lambda line: -line.points[-1][1].estimate)
        most, (best, worst) = lines[0].points[-1][0], (lines[0], lines[-1])
        finding = (
            f"With {most:g} concurrent requests, {best.contestant} handles "
            f"{quantity(RATE, best.points[-1][1].estimate)}, {worst.contestant} "
            f"{quantity(RATE, worst.points[-1][1].estimate)}."
        )
        title = f"Requests/s by concurrent requests: {where}"
        rows = tuple(
            (Cell(line.contestant, swatch=palette[line.subject].index), number(x, f"{x:g}"), measured(RATE, interval))
            for line in lines
            for x, interval in line.points
        )
        name = f"requests-{place}"
        table = Table(f"{name}-data", title, ("client", "concurrent requests", "requests/s"), rows)
        drawings = plot.draw(name, lines, plot.Axis("concurrent requests"), RATE, palette)
        pictures.append(Picture(name, title, finding, drawings, table, "Grey lines are the other clients.", small=True))
    return tuple(pictures)


def _memory(raced: Sequence[Summary], palette: Palette) -> tuple[Picture, ...]:
    """The memory of one waiting request, at the largest number of concurrent requests."""
    most = max(requests_of(s) for s in raced)
    contestants = strips.timed([s for s in raced if requests_of(s) == most], MEMORY)
    contestants = [pair for pair in contestants if pair[1].low > 0]
    if len(contestants) < 2:
        return ()
    contestants.sort(key=lambda pair: pair[1].estimate)
    (least, low), (greatest, high) = contestants[0], contestants[-1]
    behind = ratio(greatest.per_fork(MEMORY), least.per_fork(MEMORY))[0]
    finding = (
        f"{least.label} needs {size(low.estimate)}, {greatest.label} {size(high.estimate)}, "
        f"{ratio_text(behind)} as much."
    )
    title = f"Memory per waiting request, {most} concurrent"
    return (strips.picture("waiting", title, finding, contestants, MEMORY, "memory per waiting request", palette),)


def _table(raced: Sequence[Summary], palette: Palette) -> Table:
    present = [(metric, title) for metric, title in COSTS if any(s.interval(metric) for s in raced)]
    rows = tuple(
        (
            subject_cell(s, palette, struck=s.out),
            text(s.first.traits.get("library", "")),
            number(float(requests_of(s)), str(requests_of(s))),
            text(setting(s)),
            number(float(len(s.timed)), f"{len(s.timed)} of {len(s.forks)}"),
            *(
                (Cell(s.reason, kind="fail"),) * len(present)
                if s.out
                else (measured(metric, s.interval(metric)) for metric, _ in present)
            ),
        )
        for s in sorted(raced, key=lambda s: (setting(s), requests_of(s), s.label))
    )
    columns = ("client", "library", "at once", "server", "forks", *(title for _, title in present))
    return without_empty(Table("async-io-table", "Every case", columns, rows))
