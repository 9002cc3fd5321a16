"""Quoted commands and printable text in Python. tests/bench/host/safe_text_test.cpp tests the same in C++."""

from __future__ import annotations

import os
import subprocess

import pytest
from racetrack_report import safe_text, shell_words

WORDS = [
    "plain",
    "",
    "a b",
    "$(touch x)",
    "it's",
    "`id`",
    '"',
    "\\",
    "a\\nb",
    "!x",
    "~",
    "=ls",
    "-n",
    "*",
    "a\nb",
    "a\n",
]
WORDS += [
    "\n\n",
    "\x1b[31m",
    "%s\x1b",
    "\\n\x1b",
    "-\x1b",
    "\udce9",
    "'\udce9'",
    "#",
    ";",
    "&",
    "{a,b}",
    "[",
    "日",
    "\u202e",
]


@pytest.mark.parametrize("word", WORDS)
def test_the_shell_reads_a_quoted_word_unchanged(word: str) -> None:
    text = shell_words.word(word)
    output = subprocess.run(["/bin/sh", "-c", f"printf %s. {text}"], capture_output=True, check=True).stdout
    assert output == os.fsencode(word) + b"."
    assert "\x1b" not in text


def test_printable_text() -> None:
    kept = "a\tb\nc é 日 🏁"
    assert safe_text.shown(kept) == kept
    for bad in ("\x1b", "\a", "\r", "\x7f", "\x9b", "\u202e", "\u200b", "\ufeff", "\U000e0001", "\udce9", "\x00"):
        assert safe_text.shown(f"a{bad}b") == "a\ufffdb"
