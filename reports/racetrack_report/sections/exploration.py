"""The quality of the explorer: executions until each strategy finds each fault, replays, and searches of correct
programs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from ..model import Dataset, Search, Speed
from ..searches import ROTATION, Standing, found, order, standings, to_find
from ..statistics import Interval, paired_ratio
from ..units import NOTHING, count, digits, quantity
from ..view import Block, Cell, Table, number, text


def block(data: Dataset) -> Block | None:
    """None if neither searches nor replays were measured."""
    if not data.searches and not data.repetitions:
        return None
    searches = [search for search in data.searches if search.attempts]
    tables = []
    if searches:
        tables += [
            _standings(standings(searches)),
            _by_fault(searches, "power-executions", "Executions until the fault is found", _executions),
            _by_fault(searches, "power-seconds", "Time until the fault is found", _seconds),
        ]
    if data.repetitions:
        tables.append(_repetitions(data))
    silent = _silence(data)
    if silent is not None:
        tables.append(silent)
    return Block("power", "How soon the explorer finds a fault", _introduction(searches), (), tuple(tables))


def speed(speeds: Sequence[Speed]) -> Block | None:
    """None if no speed was measured."""
    if not speeds:
        return None
    rows = tuple(_speed_row(each) for each in speeds)
    paragraphs = (
        "Executions per second of programs that both explorers run in turn. A ratio below 1 means that this explorer "
        "is slower. Its weak memory is compared with its sequential consistency.",
    )
    columns = ("program", "strategy", "compared with", "ratio", "executions/s", "executions/s of the other", "pairs")
    return Block(
        "explorer-speed",
        "How fast the explorer is",
        paragraphs,
        (),
        (Table("speeds", "Compared with other explorers", columns, rows),),
    )


def _speed_row(each: Speed) -> tuple[Cell, ...]:
    ratio = paired_ratio(each.ours, each.theirs)
    return (
        Cell(each.subject, detail=each.program),
        text(each.strategy),
        text(each.beside),
        number(ratio.estimate, f"{digits(ratio.estimate)}× [{digits(ratio.low)}, {digits(ratio.high)}]"),
        *(number(middle, count(middle)) for middle in (statistics.median(each.ours), statistics.median(each.theirs))),
        number(float(ratio.n), str(ratio.n)),
    )


def _introduction(searches: Sequence[Search]) -> tuple[str, ...]:
    if not searches:
        return ()
    seconds = " or ".join(digits(limit) for limit in sorted({search.limit_s for search in searches}))
    executions = sorted({search.limit_executions for search in searches if search.limit_executions})
    alone = f" ({' or '.join(map(count, executions))} executions of one strategy alone)" if executions else ""
    return (
        f"Each faulty control is searched from several seeds, until the fault is found or {seconds} s have "
        f"passed{alone}. Numbers are medians over seeds with order-statistic intervals (95 % with at least six "
        "seeds). A seed that found nothing counts as larger than all others; a dash is a median beyond the limit. A "
        "strategy that finds nothing from its first three seeds is not tried further. A depth-first search is not "
        "random, so it has one seed.",
    )


def _standings(all_of: Sequence[Standing]) -> Table:
    rows = tuple(
        (
            text(each.strategy),
            number(float(each.always), str(each.always)),
            number(float(each.sometimes), str(each.sometimes)),
            number(float(each.never), str(each.never), "fail" if each.never and each.strategy == ROTATION else ""),
            number(float(each.best), str(each.best)),
            number(each.effort, f"{digits(each.effort)}×") if math.isfinite(each.effort) else number(None, ""),
            number(each.worst_s, quantity("search_s", each.worst_s))
            if math.isfinite(each.worst_s)
            else number(None, ""),
        )
        for each in all_of
    )
    columns = ("strategy", "found by all seeds", "by some", "by none", "fewest executions", "effort", "longest search")
    note = (
        "Columns count faults. Fewest executions: no other strategy needs fewer. Effort: executions relative to the "
        "best strategy, geometric mean over the faults that most seeds find. Longest search: of those that found the "
        "fault."
    )
    return Table("power-strategies", "Strategies over all faults", columns, rows, note)


def _executions(search: Search) -> Cell:
    interval = to_find(search)
    return _cell(search, interval, *(count(value) for value in (interval.estimate, interval.low, interval.high)))


def _seconds(search: Search) -> Cell:
    interval = to_find(search, seconds=True)
    return _cell(
        search, interval, *(quantity("search_s", value) for value in (interval.estimate, interval.low, interval.high))
    )


def _cell(search: Search, interval: Interval, estimate: str, low: str, high: str) -> Cell:
    """The median and its interval, and the number of seeds that found the fault unless all did."""
    hits = found(search)
    of = f"{hits} of {len(search.attempts)}"
    if not hits:
        return Cell(NOTHING, kind="num", detail=of)
    middle = estimate if math.isfinite(interval.estimate) else NOTHING
    if interval.confidence == 0:
        return Cell(middle, sort=float(interval.estimate))
    ends = f"[{low}, {high if math.isfinite(interval.high) else NOTHING}]" if math.isfinite(interval.low) else ""
    detail = " ".join(part for part in (ends, of if hits < len(search.attempts) else "") if part)
    return Cell(middle, sort=interval.estimate if math.isfinite(interval.estimate) else None, detail=detail)


def _by_fault(searches: Sequence[Search], name: str, caption: str, cell: Callable[[Search], Cell]) -> Table:
    strategies = order(search.strategy for search in searches)
    known = {(search.case, search.strategy): search for search in searches}
    faults = {search.case: search for search in sorted(searches, key=lambda search: (search.family, search.case))}
    rows = tuple(
        (
            _named(fault.subject, fault.family, fault.workload, fault.case),
            *(
                cell(known[case, strategy]) if (case, strategy) in known else number(None, "")
                for strategy in strategies
            ),
        )
        for case, fault in faults.items()
    )
    return Table(name, caption, ("fault", *strategies), rows)


def _named(subject: str, family: str, workload: str, case: str) -> Cell:
    """The explored case, with its memory model unless that is sequential consistency."""
    weak = ", weak memory" if "memory:weak" in case.split("/") else ""
    return Cell(subject, detail=f"{family}/{workload}{weak}")


def _repetitions(data: Dataset) -> Table:
    rows = tuple(
        (
            _named(each.subject, each.family, each.workload, each.case),
            number(float(each.processes), str(each.processes)),
            number(float(each.same), str(each.same), "pass" if each.same == each.processes else "fail"),
        )
        for each in sorted(data.repetitions, key=lambda each: (each.family, each.case))
    )
    note = "Each process is new and gets only the token. A trace is the sequence of all operations and their values."
    return Table("power-replays", "Replays of failing schedules", ("fault", "processes", "same trace"), rows, note)


def _silence(data: Dataset) -> Table | None:
    """The explored cases that have no fault."""
    clean = [case for case in data.cases if case.engine == "explore" and not case.verdict.expectation]
    if not clean:
        return None
    rows = tuple(
        (
            _named(case.subject, case.family, case.workload, case.name),
            number(case.metrics.get("executions_count"), count(case.metrics.get("executions_count", 0.0))),
            text("all schedules, within the fairness budget" if case.explored and case.explored.complete else ""),
            Cell("✓ nothing", kind="pass")
            if case.verdict.result == "pass"
            else Cell(f"✗ {case.verdict.kind}", kind="fail"),
        )
        for case in sorted(clean, key=lambda case: (case.family, case.name))
    )
    columns = ("subject", "executions", "covered", "found")
    return Table("power-silence", "Correct programs", columns, rows)
