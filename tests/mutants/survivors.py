"""Why some mutants live: the kept explanations, and which of them do not fit what was seen."""

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
    """redundant: as right as the original. unreachable: no test comes to it. outside: the memory model cannot show it."""

    header: str
    mutants: tuple[str, ...]
    why: str
    because: str


def explanations(path: Path) -> list[Explanation]:
    """Those of a file of [[survivor]] tables. Raises UnusableInput."""
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
    """(header, mutant) of explanations of what did not survive, or is no mutant, of headers that were `run` wholly."""
    alive, whole = set(survived), set(run)
    return [
        (each.header, mutant)
        for each in known
        if each.header in whole
        for mutant in each.mutants
        if (each.header, mutant) not in alive
    ]
