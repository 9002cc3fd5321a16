"""The cases for measurements of the explorer: controls with a fault that it must find, and their corrected twins."""

from __future__ import annotations

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
BY_WORKLOAD = ("lock", "point")  # families in which a workload is one program, in correct and faulty forms


@dataclass(frozen=True)
class Controls:
    """Records of cases, by name."""

    faulty: dict[str, Json]  # controls in which the explorer must find something
    twins: dict[str, Json]  # corrected twins, which have no fault


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
    """The memory models of these cases, each with its cases, because one `racetrack explore` takes one memory model."""
    some = list(names)
    for memory in MEMORIES:
        of_it = [name for name in some if memory_of(known[name]) == memory]
        if of_it:
            yield memory, of_it


def memory_of(record: Json) -> str:
    """The memory model in which a case is explored."""
    return str(record["params"].get("memory", "sc"))


def explored(program: Path, folder: Path, words: Sequence[str]) -> list[Json]:
    """Runs `racetrack explore` into a new run folder and returns the records."""
    command = [str(program), "explore", *words, "--quiet", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    known = records(folder, "case")
    if not known and done.returncode not in (0, INCOMPLETE, NOTHING):
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise UnusableInput(f"{program} explore: {last}")
    return known


def controls(explored_once: Iterable[Json]) -> Controls:
    """The faulty controls and their twins.

    A twin is a control without a fault or, where a workload is one program, another program of a faulty control's
    workload. In weak memory, only controls count whose fault cannot occur in sequential consistency.
    """
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
    """Whether the explorer must find the fault in the memory model of this case; in weak memory, only there."""
    sought = {line["detector"] for line in record["verdict"]["expectation"] if line["grade"] == "must"}
    everywhere = any(matches(detector, "explorer") for detector in sought)
    if memory_of(record) == "sc":
        return everywhere
    return not everywhere and any(matches(detector, "explorer.weak") for detector in sought)


def is_found(record: Json) -> bool:
    """Whether the control's own fault was found, not any other."""
    return bool(record["verdict"]["result"] == "fail" and record["verdict"]["as_expected"])


def named(names: Sequence[str]) -> list[str]:
    """The arguments of racetrack that select exactly these cases."""
    return [word for name in names for word in ("--case", name)]
