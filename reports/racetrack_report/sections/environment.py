"""Section 3: the machine, the build, and what about them spoils a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Dataset, Invocation, Json
from ..summary import Summary, constants
from ..units import NOTHING, digits, percent, size
from ..view import Table, text

STEAL_LIMIT = 0.01
SWITCH = "performance"


@dataclass(frozen=True)
class Note:
    """A remark about the conditions: `level` is red (numbers suffer), amber (they may) or info."""

    level: str
    text: str

    @property
    def word(self) -> str:
        return {"red": "✗ Warning", "amber": "! Caution", "info": "i Note"}[self.level]


def notes(data: Dataset, summaries: Sequence[Summary]) -> tuple[Note, ...]:
    """What the reader must know before believing a number, worst first."""
    found = _crowded(summaries) + _unpinned(data)
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
    shapes = ", ".join(dict.fromkeys(s.setting.shape for s in crowded if s.setting.threads))
    return [
        Note(
            "red",
            f"Threads exceed hardware threads in {len(crowded)} of {len(summaries)} cases"
            f"{f' ({shapes})' if shapes else ''}: they show how a subject stands being descheduled, "
            "not how it scales. These zones are shaded.",
        )
    ]


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
            "the scheduler may put two on one core, and forks then differ by large factors.",
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
        found.append(Note("amber", "The work tree differed from the commit: the build cannot be repeated from it."))
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
        found.append(Note("amber", f"Virtual machine ({machine['virtualization']}): neighbours are invisible noise."))
    if "benchmark" in machine["libraries"] or "google_benchmark" in machine["libraries"]:
        found.append(
            Note(
                "info",
                "benchmark.json may say library_build_type “debug” (Debian's Google Benchmark does): "
                "harmless here, since the timed team keeps its own time.",
            )
        )
    return found


def facts(data: Dataset) -> Table | None:
    """What is known about machine and build, one column per invocation that differs; None without such a record."""
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
        f"core(s), {machine['hardware_threads']} hardware thread(s) allowed: "
        + ", ".join(map(str, machine["cpus_allowed"])),
        "caches": caches,
        "memory": size(machine["memory_bytes"]),
        "governor, turbo": f"{machine['governor']}, {machine['turbo']}",
        "load (1 min) before, after": f"{digits(machine['load_1min'], 2)}, {_maybe(end.get('load_1min'))}",
        "steal since boot, during the run": f"{_ratio(before)}, {_ratio(end.get('steal_ratio'))}",
        "time stamp counter": f"{'invariant' if machine['tsc']['invariant'] else 'NOT invariant'}, "
        f"{digits(machine['tsc']['hz'] / 1e6, 6)} MHz, skew {digits(machine['tsc']['skew_ns'])} ns",
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


def _maybe(value: float | None) -> str:
    return NOTHING if value is None else digits(value, 2)


def _ratio(value: float | None) -> str:
    return "unknown" if value is None else percent(value)
