"""Command-line parsing. A mistake is reported in one line and ends the script with exit code 2."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from .filters import BadFilter, Filter
from .safe_text import shown

USAGE = 2


class Parser(argparse.ArgumentParser):
    """argparse, with one line per mistake: what, where, and how to see the usage. Positional arguments may follow
    options."""

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        words = sys.argv[1:] if args is None else args
        # The intermixed parser of Python 3.11 treats the words after "--" as options.
        if "--" in words:
            return super().parse_args(words, namespace)
        return self.parse_intermixed_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        text = " ".join(shown(message).split())
        self.exit(USAGE, f"{Path(self.prog).stem}: {text} (see {self.prog} --help)\n")


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number from `least` to `most`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number from {least} to {most}")
        return value

    return read


def expression(text: str) -> str:
    """The type of a filter; the value is the text of the regular expression."""
    try:
        return Filter(text).text
    except BadFilter as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def positive(text: str) -> float:
    """The type of an option that takes seconds, or another measure above zero."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number above 0")
    return value


def share(text: str) -> float:
    """The type of an option that takes percent, with or without the sign; the value is the fraction."""
    return positive(text.removesuffix("%").strip()) / 100
