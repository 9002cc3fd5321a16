"""Tables, figures and notes for the templates. Plain values; the templates escape all of their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .palette import Palette
from .plots.canvas import Svg
from .statistics import Interval
from .summary import Summary
from .units import NOTHING, interval_text


MOST_WORDS = 25  # of a table cell, caption or heading, except for text that a record contains


@dataclass(frozen=True)
class Cell:
    """One table cell; `sort` is its value for sorting, if it has one; `kind` a CSS class of style.css."""

    text: str
    sort: float | None = None
    kind: str = ""
    struck: bool = False
    swatch: int | None = None  # number of the series colour before the text
    mark: str = ""  # a caution after the text
    href: str = ""  # target of a link on this page: '#race-1'
    detail: str = ""  # smaller text after the text
    lines: tuple[Cell, ...] = ()  # several cells, one below the other, instead of one text

    @property
    def words(self) -> int:
        """The number of words that the page shows in this cell."""
        shown = sum(line.words for line in self.lines) or len(f"{self.text} {self.mark}".split())
        return shown + len(self.detail.split())


@dataclass(frozen=True)
class Table:
    """A table with its caption; columns whose index is in `numeric` are right-aligned. The first cell is the row's
    header."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    only: str = ""  # label of a filter that shows only the rows in `chosen`
    chosen: frozenset[int] = frozenset()

    @property
    def numeric(self) -> frozenset[int]:
        """Columns with a sortable number in any row, except the first column."""
        return frozenset(
            index for row in self.rows for index, cell in enumerate(row) if cell.sort is not None and index
        )


@dataclass(frozen=True)
class Picture:
    """A figure: drawings side by side, its finding in one sentence, and the table of its data."""

    id: str
    title: str
    finding: str
    drawings: tuple[Svg, ...]
    table: Table
    note: str = ""
    small: bool = False  # small multiples rather than one wide drawing


@dataclass(frozen=True)
class Block:
    """One subsection: a heading with paragraphs, pictures, tables and remarks in that order."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()  # long tables, folded
    remarks: tuple[str, ...] = ()  # one paragraph each


def without_empty(table: Table) -> Table:
    """The table without columns that are empty in every row."""
    kept = [i for i in range(len(table.columns)) if i == 0 or any(row[i].text != NOTHING for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def some(names: Sequence[str], most: int) -> str:
    """'a, b and 3 more': at most `most` names."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def text(value: object, kind: str = "") -> Cell:
    return Cell(str(value) if value not in ("", None) else NOTHING, kind=kind)


def number(value: float | None, shown: str, kind: str = "") -> Cell:
    """A cell that sorts by `value`; missing values are a dash and sort last."""
    return Cell(NOTHING, kind="num") if value is None else Cell(shown, sort=value, kind=kind)


def measured(metric: str, interval: Interval | None) -> Cell:
    return number(interval.estimate if interval else None, interval_text(metric, interval), "num")


def subject_cell(summary: Summary, palette: Palette, struck: bool = False) -> Cell:
    """The subject and how it waits, with its colour and its mark."""
    return Cell(summary.label, struck=struck, swatch=palette[summary.subject].index, mark=summary.mark)


def declared_contract(summary: Summary) -> str:
    """The declared contract: 'bounded, FIFO, many to many, lock-free'."""
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
