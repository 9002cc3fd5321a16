"""Start and end of every script: each failure, including lost output, is one line on standard error and an exit
code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from .safe_text import shown

USAGE, INCOMPLETE, HARNESS = 2, 3, 70
OUTPUT = 74  # a part of the output was lost
DEBUG = "RACETRACK_DEBUG"  # if set, tracebacks are printed in full


class _Output(io.FileIO):
    """Standard output. Failed writes are ignored, so that a script runs to its end; the first error is stored."""

    error = ""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError as error:
            self.error = self.error or error.strerror or str(error)
            return len(data)


def with_output_lost(code: int) -> int:
    """The exit code of a command that would have ended with `code` and has lost output: as racetrack's own."""
    return code if code in (USAGE, INCOMPLETE, HARNESS) else OUTPUT


def start(script: str, main: Callable[[], int]) -> NoReturn:
    """Runs main() and ends the process with its exit code, or with that of lost output."""
    closed = [number for number in range(3) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest number, so that no later file becomes a standard stream
    output = _Output(1, "w", closefd=False)
    if 1 in closed:
        output.error = "is closed"
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(output), encoding="utf-8", errors="backslashreplace", line_buffering=output.isatty()
    )
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    code = _code_of(script, main)
    sys.stdout.flush()
    if output.error:
        complain(script, f"standard output: {output.error}: what was printed is incomplete")
        code = with_output_lost(code)
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.flush()
    os._exit(code)  # pylint: disable=protected-access; the interpreter would fail to flush again


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _code_of(script: str, main: Callable[[], int]) -> int:
    try:
        return main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else USAGE
    except KeyboardInterrupt:
        return INCOMPLETE
    except OSError as error:
        complain(script, described(error))
        return HARNESS
    except MemoryError:
        complain(script, "out of memory: use less input at once, or a machine with more memory")
        return HARNESS
    except Exception as error:  # pylint: disable=broad-exception-caught
        if DEBUG in os.environ:
            raise
        complain(
            script,
            f"internal error: {type(error).__name__}: {error} ({_place_of(error)}); {DEBUG}=1 prints the traceback",
        )
        return HARNESS


def complain(script: str, line: str) -> None:
    """Prints one line to standard error. Does nothing if that is closed or full."""
    try:
        print(f"{script}: {' '.join(shown(line).split())}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass


def described(error: OSError) -> str:
    """A system error as one line: place, problem, remedy."""
    where = (
        os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else "a file or the temporary folder"
    )
    return f"{where}: {error.strerror or error}: fix it, then run again"


def _place_of(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
