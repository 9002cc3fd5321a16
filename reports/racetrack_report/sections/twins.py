"""Section 11: the lecture's Python programs and their C++ counterparts, with the same workloads, on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Dataset
from ..plots import twins as plot
from ..twins import Contestant, Twin, twins
from ..units import ratio_text
from ..view import Block, Cell, Picture, Table, measured, number, text

WHAT = {
    ("queue", "shutdown"): "Queue(5), two workers, sentinels",
    ("queue", "transfer"): "a queue between two threads",
    ("queue", "print"): "two workers that print",
    ("point", "read_write"): "Point",
    ("lock", "two_locks"): "two locks, the same order",
    ("pool", "fan_out"): "a pool's futures",
    ("pool", "as_completed"): "a pool's results, as completed",
    ("spawn", "thread"): "starting and joining a thread",
    ("spawn", "process"): "starting and joining a process",
    ("async_io", "gather"): "gathering HTTP requests",
}


def block(data: Dataset) -> Block | None:
    """None if no Python program ran."""
    found = twins(data)
    if not found:
        return None
    interpreters = sorted({twin.interpreter for twin in found})
    paragraphs = (
        f"The lecture's programs in {' and '.join(interpreters)}, which use only the standard library, compared with "
        "the C++ subject of the same design. Where there is none, with the fastest. While the GIL is on, one thread "
        "of Python runs at a time.",
    )
    return Block("twins", "Python and C++", paragraphs, _pictures(found), (_table(found),))


def _shown(twin: Twin) -> Contestant | None:
    return twin.beside or twin.fastest


def program(twin: Twin) -> str:
    """The program's description, with the parameters that distinguish its cases."""
    what = WHAT.get((twin.family, twin.workload), f"{twin.family}/{twin.workload}")
    extra = {
        "python_unlocked": " without a lock",
        "python_rlock": " under an RLock" if twin.family == "point" else "",
    }.get(twin.subject, "")
    requests = twin.params.get("requests")
    return f"{what}{extra}" + (f", {requests} at once" if requests else "")


def _pictures(found: Sequence[Twin]) -> tuple[Picture, ...]:
    timed = [twin for twin in found if twin.rate is not None]
    paired = [(twin, shown) for twin in timed if (shown := _shown(twin)) is not None]
    if not paired:
        return ()
    most, least = max(paired, key=_factor), min(paired, key=_factor)
    subjects = {shown.subject for _, shown in paired}
    cpp = f"C++ ({subjects.pop()})" if len(subjects) == 1 else "C++"
    finding = f"{cpp} is {ratio_text(most[1].faster)} as fast (“{program(most[0])}”)."
    if most is not least:
        finding = (
            f"{cpp} is {ratio_text(least[1].faster)} (“{program(least[0])}”) to {ratio_text(most[1].faster)} "
            f"(“{program(most[0])}”) as fast."
        )
    rows = []
    for twin in timed:
        shown = _shown(twin)
        assert twin.rate is not None
        rows.append(
            plot.Row(program(twin), twin.rate, shown.rate if shown else None, ratio_text(shown.faster) if shown else "")
        )
    title = "Python and C++"
    drawing = plot.rates("twins", rows, f"{title}. {finding}")
    return (
        Picture("twins-figure", title, finding, (drawing,), _data(timed), "The line through a mark is its interval."),
    )


def _factor(pair: tuple[Twin, Contestant]) -> float:
    return pair[1].faster.estimate


def _data(timed: Sequence[Twin]) -> Table:
    rows = []
    for twin in timed:
        shown = _shown(twin)
        rows.append(
            (
                text(program(twin)),
                measured(twin.metric, twin.rate),
                text(shown.subject if shown else ""),
                measured(twin.metric, shown.rate if shown else None),
                number(shown.faster.estimate, ratio_text(shown.faster)) if shown else number(None, ""),
            )
        )
    columns = ("program", "Python", "C++ subject", "C++", "C++ / Python")
    return Table("twins-data", "Python and C++", columns, tuple(rows))


def _table(found: Sequence[Twin]) -> Table:
    rows = []
    for twin in found:
        rows.append(
            (
                Cell(program(twin), detail=twin.subject),
                text(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in twin.params.items())),
                number(float(twin.forks), str(twin.forks)),
                measured(twin.metric, twin.rate),
                _against(twin, twin.beside, "none of this design"),
                _against(twin, twin.fastest, ""),
                _verdict(twin),
            )
        )
    note = ""
    if any(twin.fastest is None for twin in found):
        note = (
            "A dash: this run has no C++ case with these parameters; `racetrack bench --param NAME=VALUE` measures one."
        )
    columns = (
        "program",
        "parameters",
        "forks",
        "Python",
        "C++ of the same design / Python",
        "fastest C++ / Python",
        "verdict",
    )
    return Table("twins-table", "All programs and their C++ counterparts", columns, tuple(rows), note)


def _against(twin: Twin, contestant: Contestant | None, why_not: str) -> Cell:
    if contestant is None:
        return number(None, "") if not why_not or twin.fastest is None else Cell(why_not)
    times = ratio_text(contestant.faster)
    return Cell(times, sort=contestant.faster.estimate, detail=contestant.subject)


def _verdict(twin: Twin) -> Cell:
    if not twin.faults:
        return Cell("✓ pass" if twin.as_expected else "✗ NOT expected", kind="pass" if twin.as_expected else "fail")
    kinds = ", ".join(twin.faults)
    return Cell(f"✗ {kinds}, as expected", kind="foreseen") if twin.as_expected else Cell(f"✗ {kinds}", kind="fail")
