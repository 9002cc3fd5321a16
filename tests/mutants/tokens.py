"""C++ source text as tokens: enough to find an operation and its arguments, without the preprocessor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//(?:\\\n|[^\n])*|/\*.*?\*/)
  | (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
  | (?P<character>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
  | (?P<number>\.?\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>::|->|[^\w\s"'])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
WITHOUT_MEANING = frozenset({"blank", "directive"})


@dataclass(frozen=True)
class Token:
    """One word, sign, number, string or character, and its position in the text."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens_of(text: str) -> list[Token]:
    """All tokens except comments and directives. Raises ValueError if the text is not C++."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            line = text.count("\n", 0, at) + 1
            raise ValueError(f"line {line}: no C++ token: {text[at:at + 20]!r}")
        if found.lastgroup not in WITHOUT_MEANING:
            yield Token(found.lastgroup, found[0], at)
        at = found.end()


def line_of(text: str, at: int) -> int:
    """The line of the position, counted from 1."""
    return text.count("\n", 0, at) + 1
