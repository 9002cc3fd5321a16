"""That the explorer is silent where there is nothing to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from racetrack_report.model import Json

from . import cases

EXECUTIONS = 100_000


def words(twins: Sequence[str], memory: str, executions: int, limit_s: float) -> list[str]:
    """The arguments of `racetrack explore` that give every twin so many executions."""
    return [cases.pattern(twins), "--memory", memory, "--executions", str(executions), "--time", f"{limit_s:g}"]


def complaints(records: Sequence[Json], twins: Mapping[str, Json], executions: int) -> list[str]:
    """A line for each twin in which something was found, or which did not get its executions and was not complete either."""
    told = []
    latest = {record["case"]: record for record in records}
    for name in twins:
        record = latest.get(name)
        if record is None or record["ended"]["how"] != "ok":
            told.append(f"{name}: was not explored to its end")
            continue
        done = int(record["metrics"].get("executions_count", 0))
        if record["verdict"]["result"] != "pass":
            text = (record["verdict"]["witness"] or {}).get("text", "")
            told.append(f"{name}: {record['verdict']['kind'] or record['verdict']['result']}: {text.splitlines()[:1]}")
        elif done < executions and not record["exploration"]["complete"]:
            told.append(f"{name}: {done} executions in the time, not {executions}")
    return told
