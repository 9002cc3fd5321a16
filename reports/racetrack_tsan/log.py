"""The text that ThreadSanitizer prints, g++'s and clang's alike, to reports with their stacks.

A log may be cut off, hold the output of others between its lines, or names that were made to deceive: what is no part of a
report is passed over, and a report is ended by what ends it or by the next one.
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
# Parts of a title that differ from process to process: registers, process and thread numbers, addresses.
OF_PROCESS = re.compile(
    r" ?\((?:pc|bp|sp|pid|tid)\b[^)]*\)| \(0x[0-9a-f]+(?:, 0x[0-9a-f]+)*\)|(?: of| on address)? ?\b0x[0-9a-f]+(?:-0x[0-9a-f]+)?\b"
)
END = re.compile(r"^(?:={18}$|SUMMARY: ThreadSanitizer: |==\d+==ABORTING$)")
HEAD = re.compile(r"^(?:  |==\d+==)(?P<head>\S.*)$")
FRAME = re.compile(r"^    #\d+ (?:0x[0-9a-f]+ in )?(?P<rest>.+)$")
ADDRESS = re.compile(r"(?:^| )(?:0x[0-9a-f]+ *)?\((?:0x[0-9a-f]+|<unknown module>)\)$")
MODULE = re.compile(r"^(?P<rest>.*) \((?P<module>[^()]*)\+0x[0-9a-f]+\)(?: \(BuildId: [0-9a-f]*\))?$")
# A function's name may hold spaces, and clang's even paths; a file's may hold spaces where it is no relative one.
WHERE = r"(?::(?P<line>\d+))?(?::(?P<column>\d+))?$"
PLACES = (
    re.compile(r"^(?P<function>.*) (?P<file><null>|(?:/|\.{1,2}/).*?)" + WHERE),
    re.compile(r"^(?P<function>.*) (?P<file>[^\s:]+)(?=:\d)" + WHERE),
)


@dataclass(frozen=True)
class Section:
    """A line that says what follows, and the stack that does."""

    head: str
    stack: Stack


@dataclass(frozen=True)
class Report:
    """One report, or what there is of it. `title` is what ThreadSanitizer calls it, the same in every process."""

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
    """A title without what differs from process to process."""
    return OF_PROCESS.sub("", text).strip() or text


def _take(draft: _Draft, line: str) -> None:
    """One line within a report."""
    draft.lines.append(line)
    head, frame = HEAD.match(line), FRAME.match(line)
    if frame:
        draft.frame(frame_of(frame["rest"]))
    elif head:
        draft.head(head["head"])
    elif not line.strip():
        draft.open_stack = False


def frame_of(text: str) -> Frame:
    """A frame as it is printed, without its number: FUNCTION FILE:LINE[:COLUMN] (MODULE+0xOFFSET).

    The address that is printed for a frame outside every module is dropped: it differs from process to process.
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
