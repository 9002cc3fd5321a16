"""What the templates show: tables, figures, notes. Plain values; the templates escape every text in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .palette import Palette
from .plots.canvas import Svg
from .statistics import Interval
from .summary import Summary
from .units import NOTHING, interval_text


@dataclass(frozen=True)
class Cell:
    """One table cell; `sort` is its value for sorting, when it has one; `kind` a CSS class of style.css."""

    text: str
    sort: float | None = None
    kind: str = ""
    struck: bool = False
    swatch: int | None = None  # series colour drawn beside the text
    mark: str = ""  # a caution after the text
    href: str = ""  # where the text leads on this page: '#race-1'
    detail: str = ""  # smaller, after the text
    lines: tuple[Cell, ...] = ()  # several of these, one below the other, instead of one text


@dataclass(frozen=True)
class Table:
    """A table with its caption; columns whose index is in `numeric` are set right. The first cell heads its row."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    only: str = ""  # what to call the rows in `chosen`; the reader can have only these shown
    chosen: frozenset[int] = frozenset()

    @property
    def numeric(self) -> frozenset[int]:
        """Columns with a sortable number in any row; the first column heads the rows and stays left."""
        return frozenset(
            index for row in self.rows for index, cell in enumerate(row) if cell.sort is not None and index
        )


@dataclass(frozen=True)
class Picture:
    """A figure: drawings side by side, what it finds in one sentence, and the table behind it."""

    id: str
    title: str
    finding: str
    drawings: tuple[Svg, ...]
    table: Table
    note: str = ""
    small: bool = False  # small multiples rather than one wide drawing


@dataclass(frozen=True)
class Block:
    """One subsection: a heading with paragraphs, pictures and tables in that order."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()  # long tables, shown on request


def without_empty(table: Table) -> Table:
    """The table without the columns that say nothing in any row."""
    kept = [i for i in range(len(table.columns)) if i == 0 or any(row[i].text != NOTHING for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def text(value: object, kind: str = "") -> Cell:
    return Cell(str(value) if value not in ("", None) else NOTHING, kind=kind)


def number(value: float | None, shown: str, kind: str = "") -> Cell:
    """A cell that sorts by `value`; missing values show a dash and sort last."""
    return Cell(NOTHING, kind="num") if value is None else Cell(shown, sort=value, kind=kind)


def measured(metric: str, interval: Interval | None) -> Cell:
    return number(interval.estimate if interval else None, interval_text(metric, interval), "num")


def who(summary: Summary, palette: Palette, struck: bool = False) -> Cell:
    """The subject and how it waits, with its colour, and what detectors saw in it."""
    return Cell(summary.label, struck=struck, swatch=palette[summary.subject].index, mark=summary.mark)


def kinds_in_words(summary: Summary) -> str:
    """The contract as declared: 'bounded, fifo, many to many, lock free'."""
    traits = summary.first.traits
    order = {"fifo": "FIFO", "per_producer": "FIFO per producer", "none": "no order"}.get(str(traits.get("order")), "")
    ends = (str(traits.get("producers", "")), str(traits.get("consumers", "")))
    limits = {
        ("single", "single"): "one producer, one consumer only",
        ("single", "multi"): "one producer only",
        ("multi", "single"): "one consumer only",
    }.get(ends, "")
    progress = str(traits.get("progress", "")).replace("_", "-")
    return ", ".join(part for part in (str(traits.get("bound", "")), order, limits, progress) if part)
