"""Counts the words of the texts on a page that a reader takes in at a glance: captions, headings, cells, entries."""

from __future__ import annotations

import html.parser
from dataclasses import dataclass, field

MOST = 25
VOID = {"meta", "input", "br", "img", "link", "hr"}
COUNTED = {"figcaption", "caption", "th", "td", "dt", "dd", "li", "summary"}
# Columns whose content is a text from a record, by the table's id; None: all columns.
RECORDED: dict[str, set[str] | None] = {
    "failures": {"finding", "replay"},
    "by-case": {"finding", "replay"},
    "coverage-cases": {"not tried"},
    "litmus-outcomes": {"program", "why"},
    "mutation-mutants": {"replay"},
    "left-out": None,
    "left": {"why"},
}
RECORDED_FACTS = {"flags"}  # rows of the table of facts


@dataclass
class _Open:
    """An element that is being read; `texts` are its words so far."""

    tag: str
    attributes: dict[str, str | None]
    texts: list[str] = field(default_factory=list)


class Texts(html.parser.HTMLParser):
    """Collects (place, text) of everything that is counted; the place names the element and its table, if it has
    one."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[_Open] = []
        self._table, self._columns, self._row = "", list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if "aria-label" in attributes:
            self.found.append((f"aria-label of {tag}", attributes["aria-label"] or ""))
        if tag == "table":
            self._table, self._columns = attributes.get("id") or "", []
        if tag == "tr":
            self._row = []
        if tag not in VOID:
            self._open.append(_Open(tag, attributes))

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        element = self._open.pop()
        assert element.tag == tag, (element.tag, tag)
        if tag == "table":
            self._table = ""
        text = " ".join("".join(element.texts).split())
        if tag in ("th", "td"):
            self._cell(element, text)
        elif tag in COUNTED and not self._is_stack(element):
            self.found.append((tag, text))

    def _cell(self, element: _Open, text: str) -> None:
        if element.attributes.get("scope") == "col":
            self._columns.append(text)
            self.found.append((f"heading in {self._table}", text))
            return
        self._row.append(text)
        place = len(self._row) - 1
        column = self._columns[place] if place < len(self._columns) else ""
        recorded = RECORDED.get(self._table, set())
        of_record = recorded is None or column in recorded
        if not of_record and not (self._table == "facts" and self._row[0] in RECORDED_FACTS):
            self.found.append((f"cell of {self._table}, {column or place}", text))

    def _is_stack(self, element: _Open) -> bool:
        """Whether this is a frame of a stack, or an entry of a list of places, which records contain."""
        return element.tag == "li" and any(outer.attributes.get("class") == "stack" for outer in self._open)


def texts_of(page: str) -> list[tuple[str, str]]:
    """(place, text) of every caption, heading, cell, entry of a list or glossary, and text alternative."""
    texts = Texts()
    texts.feed(page)
    texts.close()
    return texts.found


def too_long(page: str) -> list[str]:
    """The texts with more than MOST words, each with its place."""
    return [f"{place}: {len(text.split())} words: {text}" for place, text in texts_of(page) if len(text.split()) > MOST]
