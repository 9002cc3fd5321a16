"""What can be measured: the controls in which the explorer must find a fault, and their corrected twins."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import records_file
from racetrack_report.check import parse
from racetrack_report.engine import INCOMPLETE, NOTHING
from racetrack_report.expectation import matches
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

MEMORIES = ("sc", "weak")
BY_WORKLOAD = ("lock", "point")  # families whose workload is one program, written rightly and wrongly


@dataclass(frozen=True)
class Controls:
    """Records of cases, by name."""

    faulty: dict[str, Json]  # controls in which the explorer must find something
    twins: dict[str, Json]  # their like, in which there is nothing to find


def records(folder: Path, kind: str) -> list[Json]:
    """The records of one kind in a run."""
    path = folder / "records.jsonl"
    if not path.is_file():
        return []
    return [
        record
        for record in map(parse, filter(None, records_file.content_of(path).splitlines()))
        if record["record"] == kind
    ]


def by_memory(known: Mapping[str, Json], names: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The memory models in which these cases are explored, each with its cases: one `racetrack explore` takes one model."""
    some = list(names)
    for memory in MEMORIES:
        of_it = [name for name in some if memory_of(known[name]) == memory]
        if of_it:
            yield memory, of_it


def memory_of(record: Json) -> str:
    """The memory model in which a case is explored."""
    return str(record["params"].get("memory", "sc"))


def explored(program: Path, folder: Path, words: Sequence[str]) -> list[Json]:
    """Runs `racetrack explore` into a new run folder and returns what it has recorded there."""
    command = [str(program), "explore", *words, "--quiet", "--out", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    known = records(folder, "case")
    if not known and told.returncode not in (0, INCOMPLETE, NOTHING):
        last = (told.stderr.strip().splitlines() or ["no word"])[-1]
        raise UnusableInput(f"{program} explore: {last}")
    return known


def controls(explored_once: Iterable[Json]) -> Controls:
    """The controls that are faulty, and their twins: controls without a fault, and, where a workload is one program, what stands
    beside a faulty control of the same workload. In weak memory those controls count whose fault shows only there."""
    known = {record["case"]: record for record in sorted(explored_once, key=lambda record: str(record["case"]))}
    faulty = {name: record for name, record in known.items() if record["control"] and must_be_found(record)}
    programs = {(r["family"], r["workload"]) for r in faulty.values() if r["family"] in BY_WORKLOAD}
    twins = {
        name: record
        for name, record in known.items()
        if not record["verdict"]["expectation"]
        and (record["control"] or (record["family"], record["workload"]) in programs)
    }
    return Controls(faulty, twins)


def must_be_found(record: Json) -> bool:
    """By the explorer in the memory model of this case, whatever else must find it; in weak memory, only there."""
    sought = {line["detector"] for line in record["verdict"]["expectation"] if line["grade"] == "must"}
    everywhere = any(matches(detector, "explorer") for detector in sought)
    if memory_of(record) == "sc":
        return everywhere
    return not everywhere and any(matches(detector, "explorer.weak") for detector in sought)


def is_found(record: Json) -> bool:
    """The fault that the control was written for, not any."""
    return bool(record["verdict"]["result"] == "fail" and record["verdict"]["as_expected"])


def pattern(names: Sequence[str]) -> str:
    """A filter of racetrack's that matches these cases and no others."""
    return "^(" + "|".join(re.escape(name) for name in names) + ")$"
