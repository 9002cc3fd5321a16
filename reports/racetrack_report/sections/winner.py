"""Section 2, "Which one?": the winner map. Ties are ties, failures are struck out, unlike classes have their own rows."""

from __future__ import annotations

from collections.abc import Sequence

from ..palette import Palette
from ..ranking import Ranking
from ..units import ratio_text
from ..view import Block, Cell, Table, kinds_in_words, measured, number, text, who, without_empty

SHOWN_TIES = 6


def block(rankings: Sequence[Ranking], palette: Palette) -> Block:
    if not rankings:
        return Block("which-one", "Which one?", ("No transfer case was raced, so there is nothing to choose from.",))
    paragraphs = (
        "Find your row: producers × consumers, payload, and whether the queue may grow without bound. The subjects "
        "named first are the fastest; where the interval of a ratio to the fastest includes 1, both stand there as "
        "tied. Bounded and unbounded queues are different classes and never meet in a row. A subject that failed an "
        "oracle once, anywhere in this data and in any engine, is struck out everywhere. What a detector "
        "saw without harm done stands beside the name (! race), and below.",
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
                Cell(", ".join(dict.fromkeys(s.label for s in ranking.out)) or "–", struck=bool(ranking.out)),
                text(", ".join(dict.fromkeys(s.label for s in ranking.missing))),
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
    """The leader, or all that are tied with it."""
    if not ranking.entries:
        return "nobody"
    names = [entry.summary.marked for entry in ranking.winners]
    shown = ", ".join(names[:SHOWN_TIES]) + (f" and {len(names) - SHOWN_TIES} more" if len(names) > SHOWN_TIES else "")
    if len(ranking.entries) == 1:
        return f"{shown} (alone)"
    if not ranking.decisive:
        return f"undecided, too few forks: {shown}"
    return f"tie: {shown}" if len(names) > 1 else shown


def _standings(rankings: Sequence[Ranking], palette: Palette) -> Table:
    """Every contestant of every setting with its ratio to the fastest."""
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
                    who(entry.summary, palette),
                    text(kinds_in_words(entry.summary)),
                    measured("items_per_s", entry.interval),
                    number(behind.estimate if behind else 1.0, ratio_text(behind) if behind else "1"),
                    text(
                        "fastest"
                        if behind is None
                        else "tied"
                        if entry.tied and behind.decisive
                        else "undecided"
                        if entry.tied
                        else "slower"
                    ),
                    text("" if behind is None else "by fork" if entry.paired else "unpaired, weaker"),
                )
            )
        for summary in ranking.out:
            rows.append(
                (
                    text(where),
                    Cell("–"),
                    who(summary, palette, struck=True),
                    text(kinds_in_words(summary)),
                    Cell("–"),
                    Cell("–"),
                    text(summary.reason, "fail"),
                    Cell("–"),
                )
            )
    columns = ("setting", "place", "subject", "declared", "items/s", "fastest is … times faster", "standing", "paired")
    return Table(
        "standings",
        "Standings: every contestant against the fastest of its setting",
        columns,
        tuple(rows),
        note="Each interval holds for its own pair at 95 % (with six forks or more), not for all pairs at once.",
    )
