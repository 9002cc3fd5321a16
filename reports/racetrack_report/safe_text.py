"""Makes text from other sources (names, messages, paths) safe to display."""

from __future__ import annotations

import re

# Control characters except newline and tab, spaces that resemble others, invisible characters, characters that change
# the direction of the surrounding text, and unassigned code points. None may reach a page, a terminal or XML.
# printable() in bench/text/safe_text.cpp has the same table.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe-\uffff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def shown(text: str) -> str:
    """The text with every unsafe character replaced."""
    return UNSAFE.sub("\ufffd", text)


def is_printable(text: str) -> bool:
    """Whether the text is displayed unchanged, on one line."""
    return not UNSAFE.search(text) and "\n" not in text and "\t" not in text
