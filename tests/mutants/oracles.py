"""Mutants of the histories that oracles judge: runs the program that puts them in and reads its lines."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

NAME = "oracles"  # of them all, for FILTER
PROGRAM = Path("tests", "mutants", "oracles", "oracle_mutants")
AS_TOLD = (0, 1)  # exit codes: every oracle kills its mutants, or not


def explored(build: Path) -> tuple[list[Json], list[str]]:
    """(a line for each oracle and mutant, what is amiss beyond them). Raises UnusableInput when the program is not there."""
    program = build / PROGRAM
    if not program.is_file():
        raise UnusableInput(f"{program}: not built; `make mutants` builds it")
    told = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    amiss = told.stderr.splitlines()
    if told.returncode not in AS_TOLD:
        amiss.append(f"{program.name} ended with {told.returncode}")
    return [json.loads(line) for line in told.stdout.splitlines()], amiss


def complaints(lines: Sequence[Json]) -> list[str]:
    """What is not as it must be, in words."""
    found = []
    for line in lines:
        if not line["as_expected"]:
            what = f"'{line['mutant']}'" if line["mutant"] else "nothing wrong"
            found.append(
                f"UNEXPECTED the oracle {line['oracle']} objects to {line['killed']} of {line['histories']} histories of "
                f"{line['of']} with {what}"
            )
    return found


def summary(lines: Sequence[Json]) -> str:
    must = [line for line in lines if line["must"]]
    killed = sum(line["killed"] == line["histories"] for line in must)
    return f"oracles: {len({line['oracle'] for line in lines})}; of {len(must)} mutants that one must see {killed} are killed"
