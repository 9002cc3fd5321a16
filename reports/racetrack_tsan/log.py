"""Parses ThreadSanitizer's output, of g++ and of clang, into reports with stacks.

A log may be cut off, have other output between its lines, or contain names that imitate it. Lines that do not belong to
a report are skipped. A report ends at its last line or at the next report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from racetrack_report.model import Frame, Stack

LONGEST_TEXT = 20_000
LONGEST_LINE = 8_000
MOST_FRAMES = 100
MOST_SECTIONS = 100

START = re.compile(
    r"^(?:==\d+==\s?)?(?:(?:WARNING|ERROR|FATAL): ThreadSanitizer:? |ThreadSanitizer: (?=CHECK failed: ))(?P<title>.+)$"
)
# Parts of a title that differ between processes: registers, process and thread numbers, addresses.
OF_PROCESS = re.compile(
    r" ?\((?:pc|bp|sp|pid|tid)\b[^)]*\)| \(0x[0-9a-f]+(?:, 0x[0-9a-f]+)*\)"
    r"|(?: of| on address)? ?\b0x[0-9a-f]+(?:-0x[0-9a-f]+)?\b"
)
END = re.compile(r"^(?:={18}$|SUMMARY: ThreadSanitizer: |==\d+==ABORTING$)")
HEAD = re.compile(r"^(?:  |==\d+==)(?P<head>\S.*)$")
FRAME = re.compile(r"^    #\d+ (?:0x[0-9a-f]+ in )?(?P<rest>.+)$")
ADDRESS = re.compile(r"(?:^| )(?:0x[0-9a-f]+ *)?\((?:0x[0-9a-f]+|<unknown module>)\)$")
MODULE = re.compile(r"^(?P<rest>.*) \((?P<module>[^()]*)\+0x[0-9a-f]+\)(?: \(BuildId: [0-9a-f]*\))?$")
# A function's name may contain spaces, and clang's even paths; a file name may contain spaces unless it is relative.
WHERE = r"(?::(?P<line>\d+))?(?::(?P<column>\d+))?$"
PLACES = (
    re.compile(r"^(?P<function>.*) (?P<file><null>|(?:/|\.{1,2}/).*?)" + WHERE),
    re.compile(r"^(?P<function>.*) (?P<file>[^\s:]+)(?=:\d)" + WHERE),
)


@dataclass(frozen=True)
class Section:
    """A heading and the stack that follows it."""

    head: str
    stack: Stack


@dataclass(frozen=True)
class Report:
    """One report, complete or not. `title` is ThreadSanitizer's, equal in every process."""

    title: str
    sections: tuple[Section, ...]
    text: str


@dataclass
class _Draft:
    title: str
    lines: list[str]
    sections: list[tuple[str, list[Frame]]] = field(default_factory=list)
    open_stack: bool = False

    def head(self, text: str) -> None:
        self.open_stack = True
        if len(self.sections) < MOST_SECTIONS:
            self.sections.append((text, []))

    def frame(self, frame: Frame) -> None:
        if not self.open_stack:
            self.head("")
        if self.sections and len(self.sections[-1][1]) < MOST_FRAMES:
            self.sections[-1][1].append(frame)

    def report(self) -> Report:
        text = "\n".join(self.lines).rstrip("\n")
        if len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT] + "\n(cut here)"
        sections = tuple(Section(head, tuple(frames)) for head, frames in self.sections)
        return Report(self.title, sections, text)


def reports_in(text: str) -> Iterator[Report]:
    """The reports of a log, in order."""
    draft: _Draft | None = None
    for line in text.split("\n"):
        line = line.rstrip("\r")[:LONGEST_LINE]
        start = START.match(line)
        if start:
            if draft:
                yield draft.report()
            draft = _Draft(title_of(start["title"]), [line])
        elif draft is None:
            continue
        elif END.match(line):
            if line.startswith("SUMMARY"):
                draft.lines.append(line)
            yield draft.report()
            draft = None
        else:
            _take(draft, line)
    if draft:
        yield draft.report()


def title_of(text: str) -> str:
    """A title without the parts that differ between processes."""
    return OF_PROCESS.sub("", text).strip() or text


def _take(draft: _Draft, line: str) -> None:
    """Adds one line within a report."""
    draft.lines.append(line)
    head, frame = HEAD.match(line), FRAME.match(line)
    if frame:
        draft.frame(frame_of(frame["rest"]))
    elif head:
        draft.head(head["head"])
    elif not line.strip():
        draft.open_stack = False


def frame_of(text: str) -> Frame:
    """A printed frame without its number: FUNCTION FILE:LINE[:COLUMN] (MODULE+0xOFFSET).

    The address of a frame outside every module is dropped, because it differs between processes.
    """
    text, module = ADDRESS.sub("", text), ""
    within = MODULE.match(text)
    if within:
        text, module = within["rest"], within["module"]
    place = next((found for pattern in PLACES if (found := pattern.match(text))), None)
    if not place:
        return Frame("" if text in ("<null>", "<null> <null>") else text, module=module)
    function, file = place["function"], place["file"]
    return Frame(
        "" if function == "<null>" else function,
        "" if file == "<null>" else file,
        int(place["line"][:9]) if place["line"] else None,
        module,
    )
