"""Mutants of the histories that oracles check: runs the program that applies them and reads its lines."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

NAME = "oracles"  # the name that FILTER selects
PROGRAM = Path("tests", "mutants", "oracles", "oracle_mutants")
COMPLETED = (0, 1)  # exit codes: every oracle kills its mutants, or not


def explored(build: Path) -> tuple[list[Json], list[str]]:
    """(a line for each oracle and mutant, unexpected results beyond them). Raises UnusableInput without the program."""
    program = build / PROGRAM
    if not program.is_file():
        raise UnusableInput(f"{program}: not built; `make mutants` builds it")
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    amiss = done.stderr.splitlines()
    if done.returncode not in COMPLETED:
        amiss.append(f"{program.name} ended with {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()], amiss


def complaints(lines: Sequence[Json]) -> list[str]:
    """One message for each line that is not as expected."""
    found = []
    for line in lines:
        if not line["as_expected"]:
            what = f"'{line['mutant']}'" if line["mutant"] else "nothing wrong"
            found.append(
                f"UNEXPECTED the oracle {line['oracle']} objects to {line['killed']} of {line['histories']} "
                f"histories of "
                f"{line['of']} with {what}"
            )
    return found


def summary(lines: Sequence[Json]) -> str:
    must = [line for line in lines if line["must"]]
    killed = sum(line["killed"] == line["histories"] for line in must)
    mutants = f"of {len(must)} mutants that one must see {killed} are killed"
    return f"oracles: {len({line['oracle'] for line in lines})}; {mutants}"
