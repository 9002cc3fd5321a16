"""How far the explorer came: executions, seconds and strategies of each case, and which schedules it has left."""

from __future__ import annotations

from collections.abc import Sequence

from ..correctness import explorer_of
from ..model import Case, Dataset, Explored
from ..units import count, quantity
from ..view import Block, Cell, Table, number, text

MODELS = {"explorer": "sequential consistency", "explorer.weak": "weak"}


def block(data: Dataset) -> Block | None:
    """Nothing when nothing was explored."""
    explored = [(case, case.explored) for case in data.cases if case.explored is not None]
    if not explored:
        return None
    explored.sort(key=lambda each: (explorer_of(each[0]) or "", each[0].family, each[0].name))
    ended = sum(each.complete for _, each in explored)
    told = (
        f"{count(len(explored))} searches of small rounds, with {count(sum(map(_executions, explored)))} executions. "
        f"{count(ended) if ended else 'None'} left nothing out: every schedule was executed, except for the order of steps "
        "that do not depend on each other. For all others, “none seen” holds for the schedules that were executed; the "
        "column “covered” names what a search did not try.",
        "What is not seen: the inside of libraries that are not compiled for the explorer, whose calls are one step each; "
        "and in weak memory load buffering, and stale reads of plain data. Subjects whose atomics are in such a library "
        "are left out of weak memory; the section Data names them.",
    )
    return Block("coverage", "How far was searched", told, (), (_strategies(explored),), (_cases(explored),))


def _executions(searched: tuple[Case, Explored]) -> int:
    return sum(share.executions for share in searched[1].shares)


def _model(case: Case) -> str:
    return MODELS[explorer_of(case) or "explorer"]


def _strategies(explored: Sequence[tuple[Case, Explored]]) -> Table:
    keys = sorted({(_model(case), share.strategy) for case, each in explored for share in each.shares})
    rows = []
    for model, strategy in keys:
        shares = [
            share
            for case, each in explored
            for share in each.shares
            if (_model(case), share.strategy) == (model, strategy)
        ]
        executions, seconds = sum(share.executions for share in shares), sum(share.seconds for share in shares)
        ended = sum(bool(share.searched) for share in shares)
        first = sum(_model(case) == model and each.found_by == strategy for case, each in explored)
        rows.append(
            (
                text(strategy),
                text(model),
                number(float(len(shares)), count(len(shares))),
                number(float(executions), count(executions)),
                number(seconds, quantity("search_s", seconds)),
                number(float(first), count(first)),
                number(float(ended), count(ended)),
            )
        )
    columns = ("strategy", "memory", "searches", "executions", "time", "faults shown", "ends reached")
    note = (
        "dfs0, dfs1 and dfs2 execute all schedules within so many preemptions, dfs all; an end reached leaves nothing "
        "within the first bounds of that strategy. A fault is shown by the strategy that found it first."
    )
    return Table("coverage-strategies", "Strategies", columns, tuple(rows), note)


def _cases(explored: Sequence[tuple[Case, Explored]]) -> Table:
    rows = tuple(
        (
            text(case.name, "name"),
            number(float(_executions((case, each))), count(_executions((case, each)))),
            number(case.duration_s, quantity("search_s", case.duration_s)),
            text(each.found_by),
            Cell("✓ yes", kind="pass") if each.complete else text(""),
            text(_covered(each)),
        )
        for case, each in explored
    )
    columns = ("case", "executions", "time", "fault shown by", "to its end", "covered")
    return Table("coverage-cases", f"Search by search: {len(explored)}", columns, rows)


def _covered(each: Explored) -> str:
    """Coverage of the widest finished search, the kinds that it left out, and the limits of all searches."""
    ends = [share.searched for share in each.shares if share.searched]
    searched = each.searched or (ends[-1] if ends else "")
    not_tried = f"not tried: {each.not_tried}" if each.not_tried else ""
    return "; ".join(filter(None, (searched, not_tried, *each.notes)))
