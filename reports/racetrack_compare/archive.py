"""Runs that were measured before: run folders of racetrack, and JSON files of Google Benchmark, as unpaired samples."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from racetrack_report.check import UNSAFE
from racetrack_report.loader import UnusableInput, load
from racetrack_report.model import Dataset, Json

from .collect import INCOMPLETE, chosen, meet, samples_of_runs
from .collect import Meeting
from .comparison import SideFacts
from .cost import plain_cost_of
from .judgement import Sample
from .sides import Archive

NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
REMEDY = "give a file that --benchmark_out wrote"


@dataclass(frozen=True)
class Read:
    """One side: a dataset of racetrack, or costs in ns by name from Google Benchmark."""

    side: Archive
    facts: SideFacts
    environment: str  # what must be equal for two to be comparable
    told: str  # the same in words
    data: Dataset | None
    costs: dict[str, tuple[float, ...]]
    errors: dict[str, str]  # name -> what went wrong with it

    @property
    def names(self) -> list[str]:
        if self.data is None:
            return list(dict.fromkeys([*self.costs, *self.errors]))
        return list(dict.fromkeys(case.name for case in self.data.measured))


def read(side: Archive) -> Read:
    """Raises UnusableInput with one line when nothing can be made of it."""
    return _read_json(side) if side.is_json else _read_run(side)


def _read_run(side: Archive) -> Read:
    data = load([side.path])
    if not data.measured:
        raise UnusableInput(f"{side.given}: holds no measured case; measure some with `make bench`")
    begun = [invocation for invocation in data.invocations if invocation.facts and invocation.engine == "bench"]
    if not begun:
        raise UnusableInput(
            f"{side.given}: does not say where it was measured (no environment record); measure it again"
        )
    prints = {str(invocation.facts["machine"]["fingerprint"]) for invocation in begun}
    builds = {json.dumps(invocation.facts["build"], sort_keys=True) for invocation in begun}
    if len(prints) > 1 or len(builds) > 1:
        raise UnusableInput(f"{side.given}: mixes builds or machines; give a run of one")
    facts = begun[0].facts
    machine: Json = facts["machine"]
    named = f"{machine['hostname']}, {machine['cpu']}, {machine['kernel']}"
    return Read(side, SideFacts(side.given, machine, facts["build"]), prints.pop(), named, data, {}, {})


def _read_json(side: Archive) -> Read:
    try:
        document = json.loads(side.path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UnusableInput(f"{side.given}: is no JSON; {REMEDY}") from error
    entries = document.get("benchmarks") if isinstance(document, dict) else None
    context = document.get("context") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not isinstance(context, dict):
        raise UnusableInput(f"{side.given}: is JSON of another tool (no context and benchmarks); {REMEDY}")
    costs, errors = _costs(side.given, entries)
    if not costs and not errors:
        raise UnusableInput(
            f"{side.given}: holds no repetition; {REMEDY} with --benchmark_repetitions and without aggregates only"
        )
    told = f"{context.get('host_name', 'unknown host')}, {context.get('num_cpus', '?')} CPUs"
    machine = {"hostname": _safe(context.get("host_name", "unknown")), "cpus": context.get("num_cpus")}
    return Read(side, SideFacts(side.given, machine, {}), told, _safe(told), None, costs, errors)


def _costs(given: str, entries: Iterable[Any]) -> tuple[dict[str, tuple[float, ...]], dict[str, str]]:
    """Every repetition's real time in ns by name; aggregates are left to us."""
    costs: dict[str, list[float]] = {}
    errors: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise UnusableInput(f"{given}: is JSON of another tool (an entry has no name); {REMEDY}")
        if entry.get("run_type", "iteration") != "iteration":
            continue
        name = _safe(entry.get("run_name") or entry["name"])
        if entry.get("error_occurred"):
            errors[name] = _safe(entry.get("error_message") or "it reports an error")
            continue
        value, unit = entry.get("real_time"), entry.get("time_unit", "ns")
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or unit not in NS
            or not math.isfinite(value)
            or value <= 0
        ):
            raise UnusableInput(f"{given}: {name} has no usable real_time; {REMEDY}")
        costs.setdefault(name, []).append(float(value) * NS[unit])
    return {name: tuple(values) for name, values in costs.items()}, errors


def _safe(text: object) -> str:
    return UNSAFE.sub("\ufffd", str(text))


def check_environments(old: Read, new: Read) -> None:
    """Raises UnusableInput when the two were not measured on one machine in one state."""
    if old.data is not None and new.data is not None:
        if old.environment != new.environment:
            raise UnusableInput(
                f"{old.side.given} and {new.side.given} are of different environments ({old.told}, {old.environment}; "
                f"{new.told}, {new.environment}): measure both on one machine"
            )
        return
    hosts = [str(read.facts.machine.get("hostname")) for read in (old, new)]
    cpus = [read.facts.machine.get("hardware_threads", read.facts.machine.get("cpus")) for read in (old, new)]
    if hosts[0] != hosts[1] or None not in cpus and cpus[0] != cpus[1]:
        raise UnusableInput(
            f"{old.side.given} and {new.side.given} are of different machines ({old.told}; {new.told}): measure both on one"
        )


def samples(old: Read, new: Read, wanted: list[str]) -> tuple[list[Sample], Meeting]:
    """What the two say of the cases that both have."""
    meeting = meet(chosen(old.names, wanted), chosen(new.names, wanted))
    if old.data is not None and new.data is not None:
        return samples_of_runs(meeting.names, old.data, new.data), meeting
    return [_plain_sample(name, old, new) for name, _ in meeting.names], meeting


def _plain_sample(name: str, old: Read, new: Read) -> Sample:
    if any(name in read.errors for read in (old, new)):
        side, message = ("NEW", new.errors[name]) if name in new.errors else ("OLD", old.errors[name])
        return Sample(
            name, "", (), (), False, reason=f"{side} failed ({message})", code=1 if side == "NEW" else INCOMPLETE
        )
    ours, theirs = (_plain_side(name, read) for read in (old, new))
    for side, (_, reason) in (("NEW", theirs), ("OLD", ours)):
        if reason:
            return Sample(name, "", (), (), False, reason=f"{side} {reason}", code=1 if side == "NEW" else INCOMPLETE)
    return Sample(name, "real time", ours[0], theirs[0], False)


def _plain_side(name: str, side: Read) -> tuple[tuple[float, ...], str]:
    """(costs as Google Benchmark has them, why there are none)."""
    if side.data is None:
        return side.costs[name], ""
    forks = [case for case in side.data.measured if case.name == name]
    if any(case.verdict.result == "fail" for case in forks):
        return (), "failed an oracle"
    costs = [cost[1] for cost in map(plain_cost_of, forks) if cost is not None]
    return tuple(costs), "" if costs else "has no fork with a number"
