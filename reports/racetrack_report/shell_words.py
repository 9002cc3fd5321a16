"""Commands for pasting into a shell: each argument is passed on unchanged, whatever bytes it has."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from .safe_text import is_printable

# Like shell_word() in bench/text/safe_text.cpp.
PLAIN = re.compile(r"[\w+:,./@%-][\w+=:,./@%-]*", re.ASCII)
PLAIN_FOR_PRINTF = re.compile(rb"[\w+=:,./@ ]", re.ASCII)


def word(text: str) -> str:
    """The argument for a POSIX shell: plain, in single quotes, or by printf if its bytes are unsafe for a terminal."""
    if PLAIN.fullmatch(text):
        return text
    if is_printable(text):
        return _in_single_quotes(text)
    # The shell drops newlines at the end of a command's output.
    kept = text.rstrip("\n")
    newlines = text[len(kept) :]
    return f"\"$(printf '{_octal(os.fsencode(kept))}')\"" + (_in_single_quotes(newlines) if newlines else "")


def command(words: Iterable[str]) -> str:
    """The arguments, quoted and separated by spaces."""
    return " ".join(map(word, words))


def _in_single_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _octal(text: bytes) -> str:
    """The bytes as a format of printf."""
    pieces = (text[at : at + 1] for at in range(len(text)))
    return "".join(
        "%%" if piece == b"%" else piece.decode() if PLAIN_FOR_PRINTF.fullmatch(piece) else f"\\{piece[0]:03o}"
        for piece in pieces
    )
