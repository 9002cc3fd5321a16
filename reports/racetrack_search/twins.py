"""Checks that the explorer reports no fault in correct programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from racetrack_report.model import Json

from . import cases

EXECUTIONS = 100_000


def words(twins: Sequence[str], memory: str, executions: int, limit_s: float) -> list[str]:
    """The arguments of `racetrack explore` that give every twin this number of executions."""
    return [*cases.named(twins), "--memory", memory, "--executions", str(executions), "--time", f"{limit_s:g}"]


def complaints(records: Sequence[Json], twins: Mapping[str, Json], executions: int) -> list[str]:
    """A line for each twin with a finding, or with neither its number of executions nor a complete search."""
    lines = []
    latest = {record["case"]: record for record in records}
    for name in twins:
        record = latest.get(name)
        if record is None or record["ended"]["how"] != "ok":
            lines.append(f"{name}: was not explored to its end")
            continue
        done = int(record["metrics"].get("executions_count", 0))
        if record["verdict"]["result"] != "pass":
            text = (record["verdict"]["witness"] or {}).get("text", "")
            lines.append(f"{name}: {record['verdict']['kind'] or record['verdict']['result']}: {text.splitlines()[:1]}")
        elif done < executions and not record["exploration"]["complete"]:
            lines.append(f"{name}: {done} executions in the time, not {executions}")
    return lines
