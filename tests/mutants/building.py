"""The program of a workload, built again with a mutant in place of its header: one source, as the build tree compiles it."""

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
    """The compiler or the linker refuses a mutant; the message is its first complaint."""


@dataclass(frozen=True)
class Recipe:
    """How the build tree makes one program: the words of the compiler's call and of the linker's."""

    build: Path
    program: Path
    compiling: tuple[str, ...]
    linking: tuple[str, ...]


def recipe_of(build: Path, target: str) -> Recipe:
    """From ninja. Raises UnusableInput when the tree does not have the program."""
    remedy = "`make mutants` builds it"
    told = subprocess.run(
        ["ninja", "-C", str(build), "-t", "commands", target], capture_output=True, text=True, check=False
    )
    lines = [shlex.split(line) for line in told.stdout.splitlines()]
    if told.returncode != 0 or len(lines) < 2:
        raise UnusableInput(f"{build}: has no target {target}; {remedy}")
    linking = tuple(lines[-1][lines[-1].index("&&") + 1 : len(lines[-1]) - 1 - lines[-1][::-1].index("&&")])
    program = _after("-o", linking)
    compiling = next((tuple(words) for words in lines if "-c" in words and _after("-o", words) in linking), None)
    if compiling is None or not (build / program).is_file():
        raise UnusableInput(f"{build / program}: not built; {remedy}")
    return Recipe(build, build / program, compiling, linking)


def build_mutant(recipe: Recipe, workload: Workload, mutant: Mutant, folder: Path) -> Path:
    """The mutant's program in `folder`, as it is there already when nothing has changed. Raises DoesNotBuild."""
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
    compiling[first:first] = ["-w", f"-I{folder}"]  # in front of the folder that holds the header itself
    linking = [str(item) if word == output else word for word in recipe.linking]
    linked = folder / "linked"
    linking[linking.index("-o") + 1] = str(linked)
    for command in (compiling, linking):
        done = subprocess.run(command, cwd=recipe.build, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            complaint = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
            raise DoesNotBuild(complaint or f"{command[0]} ended with {done.returncode}")
    item.unlink()
    os.replace(linked, program)  # whole, or not there: it is kept for the next call
    return program


def _after(option: str, words: tuple[str, ...] | list[str]) -> str:
    return words[words.index(option) + 1] if option in words[:-1] else ""


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
