"""The project's documents as the tests read them: code blocks, code spans and links."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("RACETRACK_BUILD", "build/release")
DOCUMENTS = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
    if path.is_file()
]

FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    """A fenced block: ```LANGUAGE WORD. The word is a file's name; `run`, `exit=N` or both for commands; or
    `example` for text that is not compared with an output."""

    language: str
    word: str
    text: str
    line: int


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2].strip(), match[3], text.count("\n", 0, match.start()) + 1)
        for match in FENCE.finditer(text)
    ]


def spans(document: Path) -> Iterator[str]:
    """The code spans outside fenced blocks."""
    for match in SPAN.finditer(FENCE.sub("", document.read_text(encoding="utf-8"))):
        yield match[1]


def links(document: Path) -> Iterator[str]:
    """The targets of links to files, without web addresses and pages of the site that hosts the repository."""
    for match in LINK.finditer(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if "://" not in match[1] and not match[1].startswith("../../actions/"):
            yield match[1]


def commands(block: Block) -> list[str]:
    """The command lines of a block: continued lines are joined; comments and here-documents are omitted."""
    lines: list[str] = []
    ends_at: str | None = None
    for line in block.text.replace("\\\n", " ").splitlines():
        if ends_at is not None:
            ends_at = None if line == ends_at else ends_at
            continue
        here = re.search(r"<<-?'?(\w+)'?", line)
        ends_at = here[1] if here else None
        if line.strip() and not line.lstrip().startswith("#"):
            lines.append(line.strip())
    return lines
