"""Words of a command line: what is wrong with them is told in one line, as everything else here, and ends with exit code 2."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from .check import UNSAFE

USAGE = 2


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one line: what, where, and how to see the usage. Positional arguments may follow options."""

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        words = sys.argv[1:] if args is None else args
        # The intermixed parser of Python 3.11 takes what follows "--" for options.
        if "--" in words:
            return super().parse_args(words, namespace)
        return self.parse_intermixed_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        told = " ".join(UNSAFE.sub("\ufffd", message).split())
        self.exit(USAGE, f"{Path(self.prog).stem}: {told} (see {self.prog} --help)\n")


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
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from error
    return text


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
    """The type of an option that takes percent, with the sign or without; the value is the share."""
    return positive(text.removesuffix("%").strip()) / 100
