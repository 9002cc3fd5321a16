"""Section 2, "Which one?": the winner map. Ties are shown as ties, failed subjects struck out, bounded and unbounded
apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..palette import Palette
from ..ranking import Entry, Ranking
from ..summary import Summary
from ..units import ratio_text
from ..view import Block, Cell, Table, declared_contract, measured, number, some, text, subject_cell, without_empty

SHOWN_TIES = 4
SHOWN_OUT = 8  # subjects without a place in one cell of the map; the standings have all


def block(rankings: Sequence[Ranking], palette: Palette) -> Block:
    if not rankings:
        return Block("which-one", "Which one?", ("No transfer case was measured, so no queue can be recommended.",))
    paragraphs = (
        "Find your row: producers × consumers, payload, bounded or unbounded. The subjects named first are the "
        "fastest. Subjects are tied if the interval of their ratio to the fastest includes 1. Bounded and unbounded "
        "queues are never ranked together. A subject that failed once, in any case and any engine, is struck out "
        "everywhere. A finding that did no harm is a mark after the name (! race). A row is undecided if other work "
        "on the machine disturbed more than a third of the forks of one of its subjects.",
    )
    return Block(
        "which-one", "Which one?", paragraphs, tables=(_map(rankings),), folded=(_standings(rankings, palette),)
    )


def _map(rankings: Sequence[Ranking]) -> Table:
    rows = []
    for ranking in rankings:
        setting = ranking.setting
        after = ranking.runner_up
        rows.append(
            (
                Cell(setting.shape, sort=setting.threads * 100 + setting.producers),
                number(float(setting.payload), f"{setting.payload} bytes"),
                text("unbounded" if setting.bound == "unbounded" else f"bounded, {setting.capacity}"),
                text(setting.extras),
                Cell(winners(ranking), kind="winner" if ranking.entries else ""),
                measured("items_per_s", ranking.entries[0].interval if ranking.entries else None),
                text(f"{ratio_text(after.to_best)} over {after.summary.label}" if after and after.to_best else ""),
                Cell(_labels(ranking.out) or "–", struck=bool(ranking.out)),
                text(_labels(ranking.missing)),
            )
        )
    columns = (
        "producers × consumers",
        "payload",
        "class, capacity",
        "also",
        "fastest",
        "items/s",
        "lead",
        "out (failed)",
        "no number",
    )
    return without_empty(Table("winner-map", "Winner map", columns, tuple(rows)))


def winners(ranking: Ranking) -> str:
    """The fastest subject, or all subjects that are tied with it."""
    if not ranking.entries:
        return "none"
    names = [entry.summary.marked for entry in ranking.winners]
    shown = some(names, SHOWN_TIES)
    if ranking.disturbed:
        return f"undecided, disturbed: {shown}"
    if len(ranking.entries) == 1:
        return f"{shown} (alone)"
    if not ranking.decisive:
        return f"undecided, too few forks: {shown}"
    return f"tie: {shown}" if len(names) > 1 else shown


def _labels(summaries: Sequence[Summary]) -> str:
    return some(list(dict.fromkeys(summary.label for summary in summaries)), SHOWN_OUT)


def _standing(ranking: Ranking, entry: Entry) -> str:
    if ranking.disturbed:
        return "undecided"
    if entry.to_best is None:
        return "fastest"
    if entry.tied:
        return "tied" if entry.to_best.decisive else "undecided"
    return "slower"


def _standings(rankings: Sequence[Ranking], palette: Palette) -> Table:
    """Each subject of each setting with its ratio to the fastest, or the reason why it has none."""
    rows = []
    for ranking in rankings:
        setting = ranking.setting
        where = f"{setting.shape}, {setting.payload} bytes, " + (
            "unbounded" if setting.bound == "unbounded" else f"bounded {setting.capacity}"
        )
        where += f", {setting.extras}" if setting.extras else ""
        for place, entry in enumerate(ranking.entries, start=1):
            behind = entry.to_best
            rows.append(
                (
                    text(where),
                    number(float(place), str(place)),
                    subject_cell(entry.summary, palette),
                    text(declared_contract(entry.summary)),
                    measured("items_per_s", entry.interval),
                    number(behind.estimate if behind else 1.0, ratio_text(behind) if behind else "1"),
                    text(_standing(ranking, entry)),
                    text("" if behind is None else "by fork" if entry.paired else "unpaired, weaker"),
                )
            )
        placeless = [(summary, text(summary.reason, "fail")) for summary in ranking.out]
        placeless += [(summary, text(f"no number: {summary.why_missing}", "unknown")) for summary in ranking.missing]
        for summary, reason in placeless:
            rows.append(
                (
                    text(where),
                    Cell("–"),
                    subject_cell(summary, palette, struck=summary.out),
                    text(declared_contract(summary)),
                    Cell("–"),
                    Cell("–"),
                    reason,
                    Cell("–"),
                )
            )
    columns = ("setting", "place", "subject", "declared", "items/s", "fastest / this", "standing", "paired")
    return Table(
        "standings",
        "Standings: each subject and the fastest of its setting",
        columns,
        tuple(rows),
        note="Each interval has 95 % confidence (six forks or more) for its pair alone, not for all pairs together.",
    )
