"""The programs of small tests whose headers are mutated: workloads/NAME.cpp tests scenarios/FAMILY/NAME.hpp."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from racetrack_report.engine import ROOT
from racetrack_report.loader import UnusableInput


@dataclass(frozen=True)
class Workload:
    """A header and the CMake target of the program that explores it."""

    header: Path
    target: str

    @property
    def name(self) -> str:
        """The path of the header in the tree: scenarios/queue/vyukov.hpp."""
        return str(self.header.relative_to(ROOT)) if self.header.is_relative_to(ROOT) else self.header.name


def workloads() -> list[Workload]:
    """All workloads, by family and name. Raises UnusableInput for a program without its header."""
    found = []
    for program in sorted((ROOT / "tests" / "mutants" / "workloads").glob("*.cpp")):
        headers = list((ROOT / "scenarios").glob(f"*/{program.stem}.hpp"))
        if len(headers) != 1:
            raise UnusableInput(f"{program}: wants one scenarios/*/{program.stem}.hpp, there are {len(headers)}")
        found.append(Workload(headers[0], f"mutants_{program.stem}"))
    return sorted(found, key=lambda workload: workload.name)
