"""docs/reference.md contains each option of each command, and no other."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.docs.documents import BUILD, ROOT

OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
SECTION = re.compile(r"^### racetrack ([a-z]+)\n(.*?)(?=^#)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`--[^|]*)\|", re.MULTILINE)
TEXT = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
SECTIONS = {match[1]: match[2] for match in SECTION.finditer(TEXT)}

pytestmark = pytest.mark.skipif(not (BUILD / "racetrack").is_file(), reason="racetrack is not built")


def printed_help(*command: str) -> str:
    done = subprocess.run([BUILD / "racetrack", *command, "--help"], check=True, capture_output=True, text=True)
    return done.stdout


def options_of_help(command: str) -> set[str]:
    """The options at the beginnings of lines of the help."""
    lines = printed_help(command).splitlines()
    begun = {found for line in lines if re.match(r"\s+(?:-\w,)?--", line) for found in OPTION.findall(line)[:1]}
    return begun - {"--help"}


def test_every_command_has_a_section() -> None:
    text = printed_help()
    commands = re.findall(r"^  ([a-z]+)\s", text[text.find("Subcommands") :], re.MULTILINE)
    assert sorted(SECTIONS) == sorted(commands)


@pytest.mark.parametrize("command", sorted(SECTIONS))
def test_a_section_has_the_options_of_the_help(command: str) -> None:
    documented = {option for row in ROW.findall(SECTIONS[command]) for option in OPTION.findall(row)}
    assert documented == options_of_help(command), f"docs/reference.md, racetrack {command}"
