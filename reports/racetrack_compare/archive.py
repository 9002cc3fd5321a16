"""Earlier measurements as unpaired samples: run folders of racetrack, and JSON files of Google Benchmark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from racetrack_report.loader import UnusableInput, load
from racetrack_report.model import Case, Dataset, Json

from .benchmark_file import BenchmarkFile, Row, read_file, threads_of
from .collect import INCOMPLETE, Meeting, chosen, is_named, meet, samples_of_runs
from .comparison import REGRESSION, SideFacts
from .cost import plain_repetition_of
from .judgement import Sample
from .sides import Archive


@dataclass(frozen=True)
class Read:
    """One side: a dataset of racetrack, or a file of Google Benchmark."""

    side: Archive
    facts: SideFacts
    environment: str  # must be equal for two run folders to be comparable
    described: str  # the same as text
    data: Dataset | None
    file: BenchmarkFile | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The cases as Google Benchmark represents them: one time per fork or repetition."""
        if self.file is not None:
            return self.file.rows
        assert self.data is not None
        forks: dict[str, list[Case]] = {}
        for case in self.data.measured:
            forks.setdefault(case.name, []).append(case)
        return tuple(_row_of_forks(name, cases) for name, cases in forks.items())

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(row.name for row in self.rows))


def read(side: Archive) -> Read:
    """Reads one side. Raises UnusableInput with one line if it is unusable."""
    return _read_json(side) if side.is_json else _read_run(side)


def _read_run(side: Archive) -> Read:
    data = load([side.path])
    if not data.measured:
        raise UnusableInput(f"{side.given}: has no measured case; measure some with `make bench`")
    begun = [invocation for invocation in data.invocations if invocation.facts and invocation.engine == "bench"]
    if not begun:
        raise UnusableInput(f"{side.given}: has no environment record; measure it again")
    prints = {str(invocation.facts["machine"]["fingerprint"]) for invocation in begun}
    builds = {json.dumps(invocation.facts["build"], sort_keys=True) for invocation in begun}
    if len(prints) > 1 or len(builds) > 1:
        raise UnusableInput(f"{side.given}: mixes builds or machines; give a run with one of each")
    facts = begun[0].facts
    machine: Json = facts["machine"]
    named = f"{machine['hostname']}, {machine['cpu']}, {machine['kernel']}"
    return Read(side, SideFacts(side.given, machine, facts["build"]), prints.pop(), named, data, None)


def _read_json(side: Archive) -> Read:
    file = read_file(side.given, side.path)
    description = f"{file.host}, {file.cpus if file.cpus is not None else '?'} CPUs"
    machine = {"hostname": file.host, "cpus": file.cpus}
    return Read(side, SideFacts(side.given, machine, {}), "", description, None, file)


def _row_of_forks(name: str, forks: Sequence[Case]) -> Row:
    if any(case.verdict.result == "fail" for case in forks):
        return Row(name, None, (), "failed an oracle", True)
    repetitions = tuple(each for each in map(plain_repetition_of, forks) if each is not None)
    return Row(name, None, repetitions, "" if repetitions else "has no fork with a number")


def check_environments(old: Read, new: Read, same_machine: bool) -> None:
    """Raises UnusableInput if the two were not measured on one machine in one state.

    `same_machine`: the user states that both are of one machine. Different host names alone are accepted, because
    containers and renamed machines have other names.
    """
    if old.data is not None and new.data is not None:
        if same_machine:
            raise UnusableInput(
                "--same-machine: is for JSON files of Google Benchmark; a run folder holds its environment's "
                "fingerprint"
            )
        if old.environment != new.environment:
            raise UnusableInput(
                f"{old.side.given} and {new.side.given} are of different environments ({old.described}, "
                f"{old.environment}; {new.described}, {new.environment}): measure both on one machine"
            )
        return
    if same_machine:
        return
    cpus = [read.facts.machine.get("hardware_threads", read.facts.machine.get("cpus")) for read in (old, new)]
    caches = [read.file.caches for read in (old, new) if read.file is not None]
    unlike_caches = len(caches) == 2 and all(caches) and caches[0] != caches[1]
    if None not in cpus and cpus[0] != cpus[1] or unlike_caches:
        what = "with other caches " if unlike_caches and cpus[0] == cpus[1] else ""
        raise UnusableInput(
            f"{old.side.given} and {new.side.given} are of different machines {what}({old.described}; "
            f"{new.described}): measure both on one; if it is one machine, give --same-machine"
        )


def remarks(old: Read, new: Read, wanted: Sequence[str], same_machine: bool) -> tuple[str, ...]:
    """Reasons why the times of the two may differ although the code does not."""
    lines = []
    hosts = [str(read.facts.machine.get("hostname")) for read in (old, new)]
    if hosts[0] != hosts[1] and not same_machine:
        lines.append(
            f"Warning: the host names differ (OLD {hosts[0]}, NEW {hosts[1]}). Times of two machines are not "
            "comparable; --same-machine states that it is one."
        )
    if old.file is not None and new.file is not None and old.file.version != new.file.version:
        threaded = {row.name for each in (old, new) for row in each.rows if threads_of(row) > 1}
        threaded = {name for name in threaded & {*old.names} & {*new.names} if is_named(name, wanted)}
        if threaded:
            cases = f"{len(threaded)} case{' has' if len(threaded) == 1 else 's have'}"
            lines.append(
                f"Warning: the versions of Google Benchmark differ (OLD {old.file.version}, NEW {new.file.version}), "
                f"and {cases} more than one thread, as {min(threaded)}. Before v1.9.0 the real time of such a case is "
                "divided by the number of threads."
            )
    return tuple(lines)


def samples(old: Read, new: Read, wanted: Sequence[str]) -> tuple[list[Sample], Meeting]:
    """Samples of the cases that both sides have."""
    if old.data is not None and new.data is not None:
        meeting = meet(chosen(old.names, wanted), chosen(new.names, wanted))
        return samples_of_runs(meeting.names, old.data, new.data), meeting
    return _plain_samples(old, new, wanted)


def _plain_samples(old: Read, new: Read, wanted: Sequence[str]) -> tuple[list[Sample], Meeting]:
    """Rows of equal name are paired; several rows of one name are paired by index if both sides have the same
    number."""
    ours, theirs = (_by_name(read.rows) for read in (old, new))
    # In a file of Google Benchmark, an error may also mean a skipped benchmark (before 1.8.0 the only way).
    code_of_failures = 0 if old.file is not None and new.file is not None else INCOMPLETE
    found: list[Sample] = []
    alone: tuple[list[str], list[str]] = ([], [])
    for name in dict.fromkeys([*ours, *theirs]):
        sides = ours.get(name, []), theirs.get(name, [])
        several = max(map(len, sides)) > 1
        kept = [[row for row in rows if is_named(name, wanted) or row.label in wanted] for rows in sides]
        labels = [[row.label if several else name for row in rows] for rows in kept]
        if len(sides[0]) == len(sides[1]):
            met = [pair for pair in zip(*sides) if any(row in kept[side] for side, row in enumerate(pair))]
            found += [_plain_sample(a.label if several else name, a.row, b.row, code_of_failures) for a, b in met]
        elif sides[0] and sides[1]:
            reason = (
                f"OLD has {len(sides[0])} of this name and NEW has {len(sides[1])}: which ones correspond is unknown"
            )
            found += [
                Sample(label, "", (), (), False, reason=reason, code=INCOMPLETE)
                for label in dict.fromkeys([*labels[0], *labels[1]])
            ]
        else:
            alone[0].extend(labels[0])
            alone[1].extend(labels[1])
    return found, Meeting(tuple((each.case, each.case) for each in found), tuple(alone[0]), tuple(alone[1]))


def known_names(read_side: Read) -> list[str]:
    """The names that a CASE may give: of each case, and of each of several cases with one name."""
    groups = _by_name(read_side.rows)
    return [*groups, *(each.label for group in groups.values() for each in group)]


@dataclass(frozen=True)
class _Labelled:
    """A row, and its label if several rows have its name."""

    row: Row
    label: str


def _by_name(rows: Sequence[Row]) -> dict[str, list[_Labelled]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return {
        name: [
            _Labelled(row, _label(row, place))
            for place, row in enumerate(sorted(group, key=lambda row: row.index or (0, 0)), start=1)
        ]
        for name, group in found.items()
    }


def _label(row: Row, place: int) -> str:
    which = f"family {row.index[0]}, instance {row.index[1]}" if row.index else f"number {place}"
    return f"{row.name} [{which}]"


def _plain_sample(label: str, old: Row, new: Row, code_of_failures: int) -> Sample:
    reason, code = _against(old, new, code_of_failures)
    if reason:
        return Sample(label, "", (), (), False, reason=reason, code=code)
    times = [tuple(each.real_ns for each in row.repetitions) for row in (old, new)]
    return Sample(label, "real time", times[0], times[1], False, details=(old.repetitions, new.repetitions))


def _against(old: Row, new: Row, code_of_failures: int) -> tuple[str, int]:
    """(reason why the rows cannot be compared, exit code). A failure or skip on both sides does not count against
    NEW."""
    if old.problem and old.problem == new.problem:
        verb, _, rest = old.problem.partition(" ")
        both = {"has": "have", "was": "were"}.get(verb, verb)
        return f"OLD and NEW {both} {rest}", code_of_failures if old.failed else 0
    reason = "; ".join(f"{side} {row.problem}" for side, row in (("OLD", old), ("NEW", new)) if row.problem)
    if old.failed and new.failed:
        return reason, code_of_failures
    if new.failed:
        return reason, REGRESSION
    if old.problem and new.problem and not old.failed:
        return reason, 0
    return reason, INCOMPLETE if reason else 0
