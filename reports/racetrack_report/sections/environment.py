"""Section 3: the machine, the build, and their properties that make measurements unreliable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Dataset, Invocation, Json
from ..summary import Summary, constants
from ..units import NOTHING, digits, percent, size
from ..view import Table, some, text

STEAL_LIMIT = 0.01
SWITCH = "performance"
MOST_SHAPES = 4  # named in a warning


@dataclass(frozen=True)
class Note:
    """A remark about the conditions: `level` is red (numbers are affected), amber (they may be) or info."""

    level: str
    text: str

    @property
    def word(self) -> str:
        return {"red": "✗ Warning", "amber": "! Caution", "info": "i Note"}[self.level]


def notes(data: Dataset, summaries: Sequence[Summary]) -> tuple[Note, ...]:
    """Conditions that affect the numbers, worst first."""
    found = _crowded(summaries) + _disturbed(summaries) + _unpinned(data)
    for invocation in data.invocations:
        if invocation.engine == "bench":  # nothing of the others is timed
            found += _machine_notes(invocation)
    found += [Note("amber", f"Input: {warning}") for warning in data.remarks[:20]]
    if len(data.remarks) > 20:
        found.append(Note("amber", f"Input: {len(data.remarks) - 20} more remarks are in the section on data."))
    levels = ("red", "amber", "info")
    return tuple(sorted(dict.fromkeys(found), key=lambda note: levels.index(note.level)))


def _crowded(summaries: Sequence[Summary]) -> list[Note]:
    crowded = [s for s in summaries if s.oversubscribed]
    if not crowded:
        return []
    shapes = some(list(dict.fromkeys(s.setting.shape for s in crowded if s.setting.threads)), MOST_SHAPES)
    return [
        Note(
            "red",
            f"Threads exceed hardware threads in {len(crowded)} of {len(summaries)} cases"
            f"{f' ({shapes})' if shapes else ''}, shaded in figures: they show preemption, not scaling.",
        )
    ]


def _disturbed(summaries: Sequence[Summary]) -> list[Note]:
    forks = sum(summary.disturbed_forks for summary in summaries)
    if not forks:
        return []
    cases = sum(summary.disturbed for summary in summaries)
    where = f", in {cases} of {len(summaries)} cases more than a third of them" if cases else ""
    timed = sum(len(summary.timed) for summary in summaries)
    return [Note("red" if cases else "amber", f"Other work on the machine disturbed {forks} of {timed} forks{where}.")]


def _unpinned(data: Dataset) -> list[Note]:
    loose = {
        case.name
        for case in data.measured
        if case.params.get("pin") == "none" or any(cpu is None for _, _, cpu in case.placement)
    }
    if not loose:
        return []
    return [
        Note(
            "red",
            f"Threads were not pinned in {len(loose)} of {len({c.name for c in data.measured})} cases: "
            "two may share a core, so forks may differ by large factors.",
        )
    ]


def _machine_notes(invocation: Invocation) -> list[Note]:
    found = []
    if not invocation.facts:
        return []
    machine: Json = invocation.facts["machine"]
    build: Json = invocation.facts["build"]
    end = (invocation.end or {}).get("machine", {})
    steal = end.get("steal_ratio")
    if steal is not None and steal > STEAL_LIMIT:
        found.append(Note("red", f"The hypervisor took {percent(steal)} of the processor time during the run (steal)."))
    if not machine["tsc"]["invariant"]:
        found.append(Note("red", "The time stamp counter is not invariant: latencies in ns cannot be trusted."))
    if build["flavour"] != "release":
        found.append(Note("red", f"This is a {build['flavour']} build, not a release build."))
    if build["dirty"]:
        found.append(
            Note("amber", "The work tree differed from the commit, so the build cannot be reproduced from it.")
        )
    if machine["load_1min"] > 0.5 * machine["hardware_threads"]:
        found.append(
            Note(
                "amber",
                f"The machine was busy before the run: load {digits(machine['load_1min'], 2)} on "
                f"{machine['hardware_threads']} hardware threads.",
            )
        )
    if machine["governor"] != SWITCH:
        found.append(
            Note(
                "amber",
                f"CPU frequency governor is {machine['governor']}, turbo {machine['turbo']}: the "
                "clock may have changed during the run.",
            )
        )
    if machine["virtualization"] != "none":
        found.append(
            Note(
                "amber",
                f"Virtual machine ({machine['virtualization']}): other guests add noise that is not visible here.",
            )
        )
    if "benchmark" in machine["libraries"] or "google_benchmark" in machine["libraries"]:
        found.append(
            Note(
                "info",
                "benchmark.json may say library_build_type “debug” (Debian's Google Benchmark does): "
                "harmless, because racetrack measures the time itself.",
            )
        )
    return found


def facts(data: Dataset) -> Table | None:
    """The known facts of machine and build, one column per distinct invocation; None without an environment record."""
    columns: list[tuple[str, dict[str, str]]] = []
    for invocation in data.invocations:
        if invocation.facts:
            described = _describe(invocation)
            if all(described != other for _, other in columns):
                columns.append((f"{invocation.run} ({invocation.engine})", described))
    if not columns:
        return None
    rows = [
        (text(name.replace("_", " ")), *(text(value) for _ in columns))
        for name, value in constants(data.measured).items()
    ]
    for key in dict.fromkeys(key for _, described in columns for key in described):
        rows.append((text(key), *(text(described.get(key, NOTHING)) for _, described in columns)))
    return Table("facts", "Machine and build", ("fact", *(name for name, _ in columns)), tuple(rows))


def _describe(invocation: Invocation) -> dict[str, str]:
    machine, build = invocation.facts["machine"], invocation.facts["build"]
    end = (invocation.end or {}).get("machine", {})
    caches = ", ".join(f"L{c['level']} {size(c['bytes'])} shared by {c['shared_by']}" for c in machine["caches"])
    outcome = (invocation.end or {}).get("outcome", {})
    plan = invocation.plan
    before = machine["steal_ratio"] if invocation.begin else None
    return {
        "host": machine["hostname"],
        "CPU": machine["cpu"],
        "topology": f"{machine['packages']} package(s), {machine['numa_nodes']} NUMA node(s), {machine['cores']} "
        f"core(s), {machine['hardware_threads']} hardware thread(s) allowed: {_ranges(machine['cpus_allowed'])}",
        "caches": caches,
        "memory": size(machine["memory_bytes"]),
        "governor, turbo": f"{machine['governor']}, {machine['turbo']}",
        "load (1 min) before, after": f"{digits(machine['load_1min'], 2)}, {_maybe(end.get('load_1min'))}",
        "steal since boot, during the run": f"{_ratio(before)}, {_ratio(end.get('steal_ratio'))}",
        "time stamp counter": _time_stamp_counter(machine["tsc"]),
        "system": f"{machine['os']}, {machine['kernel']}, virtualization {machine['virtualization']}",
        "compiler": build["compiler"],
        "flags": build["flags"],
        "build": f"{build['flavour']}, {build['stamp']}",
        "commit": build["commit"] + (" (work tree differed)" if build["dirty"] else ""),
        "libraries": ", ".join(f"{name} {version}" for name, version in sorted(machine["libraries"].items())),
        "fingerprint": machine["fingerprint"],
        "started": invocation.facts["started_at"],
        "outcome": f"{invocation.ended}"
        + (f", {outcome['done']} of {outcome['planned']} in " f"{digits(outcome['duration_s'])} s" if outcome else ""),
        "seed, forks, time per case": f"{plan['seed']}, {plan['forks']}, {digits(plan['min_time_s'])} s"
        if plan
        else NOTHING,
    }


def _ranges(numbers: Sequence[int]) -> str:
    """'0-3, 8': ascending numbers, neighbours as one range."""
    ranges: list[tuple[int, int]] = []
    for each in numbers:
        if ranges and each == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], each)
        else:
            ranges.append((each, each))
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)


def _time_stamp_counter(tsc: Json) -> str:
    kind = "invariant" if tsc["invariant"] else "NOT invariant"
    if "hz" not in tsc:
        return kind  # for an engine that measures no time
    return f"{kind}, {digits(tsc['hz'] / 1e6, 6)} MHz, skew {digits(tsc['skew_ns'])} ns"


def _maybe(value: float | None) -> str:
    return NOTHING if value is None else digits(value, 2)


def _ratio(value: float | None) -> str:
    return "unknown" if value is None else percent(value)
