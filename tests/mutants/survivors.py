"""Explanations of surviving mutants, and the explanations that do not match the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomllib

from racetrack_report.loader import UnusableInput

REASONS = ("redundant", "unreachable", "outside")
KEYS = {"header", "mutants", "why", "because"}


@dataclass(frozen=True)
class Explanation:
    """redundant: as right as the original. unreachable: no test executes it. outside: the memory model cannot show
    it."""

    header: str
    mutants: tuple[str, ...]
    why: str
    because: str


def explanations(path: Path) -> list[Explanation]:
    """Reads a file of [[survivor]] tables. Raises UnusableInput."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UnusableInput(f"{path}: {error}") from error
    found = []
    for number, entry in enumerate(content.get("survivor", []), start=1):
        if not isinstance(entry, dict) or entry.keys() != KEYS or entry["why"] not in REASONS:
            wanted = ", ".join(sorted(KEYS))
            raise UnusableInput(f"{path}: survivor {number}: wants {wanted}; why is one of {', '.join(REASONS)}")
        found.append(
            Explanation(entry["header"], tuple(entry["mutants"]), entry["why"], " ".join(entry["because"].split()))
        )
    return found


def explanation_of(header: str, mutant: str, known: Iterable[Explanation]) -> Explanation | None:
    return next((each for each in known if each.header == header and mutant in each.mutants), None)


def stale(
    known: Sequence[Explanation], survived: Iterable[tuple[str, str]], run: Iterable[str]
) -> list[tuple[str, str]]:
    """(header, mutant) of each explanation of a killed or missing mutant, for headers whose mutants were all run."""
    alive, whole = set(survived), set(run)
    return [
        (each.header, mutant)
        for each in known
        if each.header in whole
        for mutant in each.mutants
        if (each.header, mutant) not in alive
    ]
