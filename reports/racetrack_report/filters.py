"""FILTER, the regular expression of a command line, in the common subset of RE2 (which racetrack uses) and Python."""

from __future__ import annotations

import re
import signal
from types import FrameType

SECONDS = 1.0  # of processor time for one name
# Syntax that Python has and RE2 lacks: back references, lookaround and similar.
FOREIGN = re.compile(r"\\[\s\S]|\(\?(?:[=!>(]|<[=!]|P=)")


class BadFilter(ValueError):
    """The filter is invalid or takes too long; the message is one line."""


class Filter:
    """Searches names. A search that takes too long is aborted. Call it from the main thread."""

    def __init__(self, text: str) -> None:
        self.text = text
        for found in FOREIGN.finditer(text):
            if found[0].startswith("(") or found[0][1] in "123456789":
                raise BadFilter(f"{text!r}: {found[0]} is not supported: remove it (the syntax is that of RE2)")
        try:
            self._expression = re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise BadFilter(f"{text!r} is not a regular expression: {error}") from error

    def matches(self, name: str) -> bool:
        before = signal.signal(signal.SIGVTALRM, self._end)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            return self._expression.search(name) is not None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    def _end(self, _: int, __: FrameType | None) -> None:
        raise BadFilter(f"{self.text!r} takes more than {SECONDS:g} s for one name: simplify it")
