"""The coverage of the explorer: executions, seconds and strategies of each case, and the schedules that remain
untried."""

from __future__ import annotations

from collections.abc import Sequence

from ..correctness import explorer_of
from ..model import Case, Dataset, Explored
from ..units import count, quantity
from ..view import Block, Cell, Table, number, text

MODELS = {"explorer": "sequential consistency", "explorer.weak": "weak"}


def block(data: Dataset) -> Block | None:
    """None if nothing was explored."""
    explored = [(case, case.explored) for case in data.cases if case.explored is not None]
    if not explored:
        return None
    explored.sort(key=lambda each: (explorer_of(each[0]) or "", each[0].family, each[0].name))
    ended = sum(each.complete for _, each in explored)
    paragraphs = (
        f"{count(len(explored))} searches of small rounds, with {count(sum(map(_executions, explored)))} executions. "
        f"{count(ended) if ended else 'None'} covered every schedule, up to the order of independent steps. "
        "In the others, “none seen” holds only for the schedules that were executed. "
        "The column “not tried” and the table of limits, if any, list the rest.",
        "Limits: a call into a library that is not compiled for the explorer is one step. In weak memory, load "
        "buffering and stale reads of plain data do not occur. Subjects with atomics in such a library are excluded "
        "from weak memory; the section Data lists them.",
    )
    folded = (_cases(explored), *_limits(explored))
    return Block("coverage", "Coverage", paragraphs, (), (_strategies(explored),), folded)


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
        "dfs0, dfs1 and dfs2 execute all schedules with at most 0, 1 and 2 preemptions, dfs all schedules. “Finished” "
        "counts searches without a remaining schedule. A fault counts for the strategy that found it first."
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
            text(each.not_tried),
            number(float(len(each.notes)), count(len(each.notes))) if each.notes else text(""),
        )
        for case, each in explored
    )
    columns = ("case", "executions", "time", "fault found by", "finished", "covered", "not tried", "limits")
    return Table("coverage-cases", f"All {len(explored)} searches", columns, rows)


def _covered(each: Explored) -> str:
    """Coverage of the widest finished search."""
    ends = [share.searched for share in each.shares if share.searched]
    return each.searched or (ends[-1] if ends else "")


def _limits(explored: Sequence[tuple[Case, Explored]]) -> tuple[Table, ...]:
    """One row per limit of a search; no table without limits."""
    rows = tuple((text(case.name, "name"), text(note)) for case, each in explored for note in each.notes)
    return (Table("coverage-limits", f"Limits of the searches: {len(rows)}", ("case", "limit"), rows),) if rows else ()
