"""Records of searches, repetitions, speeds and litmus tests, according to reports/record.schema.json."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from racetrack_report.model import Json

IDENTITY = ("case", "family", "workload", "subject")


@dataclass(frozen=True)
class Attempt:
    """One search from one seed, until it found the fault or ended without it."""

    seed: int
    found: bool
    executions: int
    seconds: float


def now() -> str:
    """The current time in racetrack's format: UTC, milliseconds."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def environment(invocation: str, facts: Json, **phase: Json) -> Json:
    """The facts of machine and build with a plan (phase begin) or an outcome (phase end)."""
    return {
        "schema": 1,
        "record": "environment",
        "engine": "explore",
        "phase": "begin" if "plan" in phase else "end",
        "invocation": invocation,
        "started_at": now(),
        "machine": facts["machine"],
        "build": facts["build"],
        **phase,
    }


def search(
    invocation: str, case: Json, strategy: str, limit_s: float, limit: int | None, attempts: Sequence[Attempt]
) -> Json:
    """The cost of one strategy to find one control's fault; `case` is a record of the control."""
    return {
        "schema": 1,
        "record": "search",
        "engine": "explore",
        "invocation": invocation,
        "started_at": now(),
        **{name: case[name] for name in IDENTITY},
        "strategy": strategy,
        "limit_s": limit_s,
        "limit_executions": limit,
        "attempts": [
            {"seed": each.seed, "found": each.found, "executions": each.executions, "seconds": each.seconds}
            for each in attempts
        ],
    }


def repetition(invocation: str, case: Json, token: str, processes: int, same: int) -> Json:
    """The number of processes that, given a token, repeated the trace of the first."""
    return {
        "schema": 1,
        "record": "repetition",
        "engine": "explore",
        "invocation": invocation,
        "started_at": now(),
        **{name: case[name] for name in IDENTITY},
        "token": token,
        "processes": processes,
        "same": same,
    }


def speed(invocation: str, measured: Json) -> Json:
    """Executions per second of the explorer and another explorer, pair by pair, from racetrack_search.speed."""
    head = {"schema": 1, "record": "speed", "engine": "explore", "invocation": invocation, "started_at": now()}
    return head | {name: list(value) if isinstance(value, tuple) else value for name, value in measured.items()}


def litmus(invocation: str, test: Json) -> Json:
    """One litmus test, from the output of the program that explores them."""
    head = {"schema": 1, "record": "litmus", "engine": "explore", "invocation": invocation, "started_at": now()}
    return head | test
