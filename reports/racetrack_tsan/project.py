"""Distinguishes frames of the project and its plugins from those of the system and of libraries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from racetrack_report.model import Frame, Stack

from .names import short_name

# Installed headers and libraries, and the sources of the runtime libraries.
FOREIGN = re.compile(r"^(?:/usr/(?!local/src/|src/)|/lib\d*/|/opt/|\.|<|(?:csu|elf|misc|nptl|posix|stdlib|sysdeps)/)")
UNKNOWN = "an unknown place"


@dataclass(frozen=True)
class Project:
    """The folder of the sources. `root` ends without a slash."""

    root: str

    def shown(self, frame: Frame) -> Frame:
        """The frame with the file name relative to the project, and the module without its folder."""
        return replace(frame, file=frame.file.removeprefix(f"{self.root}/"), module=frame.module.rpartition("/")[2])

    def owns(self, frame: Frame) -> bool:
        """Whether the frame belongs to the project or a plugin, and has a known place."""
        if not frame.file or frame.line is None:
            return False
        return frame.file.startswith(f"{self.root}/") or not FOREIGN.match(frame.file)

    def mark(self, stack: Stack) -> str:
        """The stack's top frame of the project, otherwise the first with a name: "Point::set
        (scenarios/point.cpp:12)"."""
        own = next((frame for frame in stack if self.owns(frame)), None)
        named = next((frame for frame in stack if frame.function), None)
        frame = own or named
        if frame is None:
            return UNKNOWN
        frame = self.shown(frame)
        place = f"{frame.file}:{frame.line}" if frame.file and frame.line is not None else frame.module
        return f"{short_name(frame.function) or 'a function'} ({place or 'unknown'})"

    def marks(self, stacks: Iterable[Stack]) -> tuple[str, ...]:
        """The marks of several stacks, in an order that is independent of the order of the stacks."""
        return tuple(sorted({self.mark(stack) for stack in stacks}))
