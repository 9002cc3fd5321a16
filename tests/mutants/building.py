"""Builds the program of a workload with a mutant in place of its header, from one source and with the tree's
options."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from racetrack_report.loader import UnusableInput

from .weakening import Mutant
from .workloads import Workload


class DoesNotBuild(Exception):
    """The compiler or the linker rejects a mutant; the message is its first complaint."""


@dataclass(frozen=True)
class Recipe:
    """The commands by which the build tree makes one program: the arguments of the compiler and of the linker."""

    build: Path
    program: Path
    compiling: tuple[str, ...]
    linking: tuple[str, ...]


def recipe_of(build: Path, target: str) -> Recipe:
    """Reads the commands from ninja. Raises UnusableInput when the tree does not have the program."""
    remedy = "`make mutants` builds it"
    done = subprocess.run(
        ["ninja", "-C", str(build), "-t", "commands", target], capture_output=True, text=True, check=False
    )
    lines = [shlex.split(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(lines) < 2:
        raise UnusableInput(f"{build}: has no target {target}; {remedy}")
    linking = tuple(lines[-1][lines[-1].index("&&") + 1 : len(lines[-1]) - 1 - lines[-1][::-1].index("&&")])
    program = _after("-o", linking)
    compiling = next((tuple(words) for words in lines if "-c" in words and _after("-o", words) in linking), None)
    if compiling is None or not (build / program).is_file():
        raise UnusableInput(f"{build / program}: not built; {remedy}")
    return Recipe(build, build / program, compiling, linking)


def build_mutant(recipe: Recipe, workload: Workload, mutant: Mutant, folder: Path) -> Path:
    """Builds the mutant's program in `folder`, unless it is up to date, and returns its path. Raises DoesNotBuild."""
    header, item, program = (folder / name for name in (workload.header.name, "mutant.o", recipe.program.name))
    built = recipe.program.stat().st_mtime
    if _same(header, mutant.text) and program.is_file() and program.stat().st_mtime > built:
        return program
    folder.mkdir(parents=True, exist_ok=True)
    program.unlink(missing_ok=True)
    header.write_text(mutant.text, encoding="utf-8")
    first = next(index for index, word in enumerate(recipe.compiling) if word.startswith("-I"))
    output = _after("-o", recipe.compiling)
    compiling = [str(item) if word == output else word for word in recipe.compiling]
    compiling[first:first] = ["-w", f"-I{folder}"]  # before the folder that contains the original header
    linking = [str(item) if word == output else word for word in recipe.linking]
    linked = folder / "linked"
    linking[linking.index("-o") + 1] = str(linked)
    for command in (compiling, linking):
        done = subprocess.run(command, cwd=recipe.build, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            complaint = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
            raise DoesNotBuild(complaint or f"{command[0]} ended with {done.returncode}")
    item.unlink()
    os.replace(linked, program)  # atomic: the program is kept for the next call
    return program


def _after(option: str, words: tuple[str, ...] | list[str]) -> str:
    return words[words.index(option) + 1] if option in words[:-1] else ""


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
