"""Executes a page of the documents literally, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.docs.documents import BUILD, ROOT, Block, blocks

LONGEST_COMMAND_S = 900


class Reader:
    """A reader who follows a page in one shell session with an empty home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def run(self, script: str, folder: Path | None = None) -> tuple[int, str]:
        """Runs a block as one shell script. Its final folder and variables are those of the next block."""
        state = self.home / "state"
        text = f"set -e\ntrap '{{ pwd; env -0; }} > {state}' EXIT\n{script}"
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_COMMAND_S,
        )
        if folder is None:
            where, _, variables = state.read_text(encoding="utf-8").partition("\n")
            self.folder = Path(where)
            self.environment = dict(each.split("=", 1) for each in variables.split("\0") if each)
        assert done.returncode in (0, 1), f"{script}\n{done.stdout}\n{done.stderr}"
        return done.returncode, done.stdout


def without_numbers(text: str) -> list[str]:
    """The lines of a table in comparable form: numbers with their prefixes and commits in tokens become '#', runs of
    blanks become one."""
    text = re.sub(r"\b(explore|stress)\.[0-9a-f]{8}\.", r"\1.#.", text)
    lines = [re.sub(r"\d+(?:\.\d+)?(?: [kMGT])?", "#", line) for line in text.strip().splitlines()]
    return [re.sub(r"\s+", " ", line).strip() for line in lines]


def shows(output: str, block: Block) -> bool:
    """Whether the output has the lines that the page shows, whatever their numbers, in this order.

    In an example, the order may differ, because the order of rows may depend on the numbers.
    """
    shown, rest = without_numbers(block.text), without_numbers(output)
    if block.word == "example":
        return all(line in rest for line in shown)
    return all(line in rest and (rest := rest[rest.index(line) + 1 :]) is not None for line in shown)


def follow(document: Path, home: Path) -> Path:
    """Writes the files, runs the commands of the page and compares their output. Returns the reader's last folder."""
    reader = Reader(home)
    output = ""
    seen_install = False
    for block in blocks(document):
        if block.language == "sh" and "cmake --install" in block.text:
            install = "\n".join(line for line in block.text.splitlines() if not line.startswith("make "))
            reader.run(install.replace("build/release", str(BUILD)), folder=ROOT)
            seen_install = True
        elif not seen_install:
            continue
        elif block.language == "sh":
            code, output = reader.run(block.text)
            wanted = int(block.word.removeprefix("exit=")) if block.word else 0
            assert code == wanted, f"line {block.line}: exit {code}\n{output}"
        elif block.language == "text":
            matches = block.word == "example" or shows(output, block)
            assert matches, f"line {block.line}: the page shows\n{block.text}\nbut it is\n{output}"
        elif block.word:
            (reader.folder / block.word).write_text(block.text, encoding="utf-8")
    assert seen_install
    return reader.folder
