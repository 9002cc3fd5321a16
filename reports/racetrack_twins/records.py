"""Records of the Python engine, in the schema reports/record.schema.json."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from racetrack_report.model import Json

from . import interpreter
from .child import Ending
from .twins import Twin


def now() -> str:
    """The current time in racetrack's format: UTC, milliseconds."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def environment(invocation: str, facts: Json, **phase: Json) -> Json:
    """The facts of machine and build with a plan (phase begin) or an outcome (phase end)."""
    return {
        "schema": 1,
        "record": "environment",
        "engine": "python",
        "phase": "begin" if "plan" in phase else "end",
        "invocation": invocation,
        "started_at": now(),
        "machine": facts["machine"],
        "build": facts["build"],
        **phase,
    }


def case(
    twin: Twin, invocation: str, facts: Json, fork: int, order_index: int, seed: int, started_at: str, ending: Ending
) -> Json:
    """The record of one case in one fork."""
    answer = ending.answer or _without_answer(twin, ending)
    output = {"output": ending.output} if ending.how != "ok" and ending.output else {}
    python = answer.get("interpreter") or interpreter.facts()
    return {
        "schema": 1,
        "record": "case",
        "engine": "python",
        "invocation": invocation,
        "language": "python",
        "interpreter": python,
        "case": f"{twin.name}/pin:none",
        "family": twin.family,
        "workload": twin.workload,
        "subject": twin.subject,
        "control": False,
        "params": dict(twin.params),
        "traits": {"library": f"{python['implementation']} {python['version']}", "twin": twin.cpp_twin},
        "fork": fork,
        "order_index": order_index,
        "seed": seed,
        "build": facts["build"],
        "ended": {"how": ending.how, "value": ending.value, **output},
        "verdict": answer["verdict"],
        "metrics": answer["metrics"],
        "values": answer["values"],
        "histograms": answer["histograms"],
        "oversubscribed": twin.threads > facts["machine"]["hardware_threads"],
        "placement": [],
        "started_at": started_at,
        "duration_s": ending.seconds,
    }


def _without_answer(twin: Twin, ending: Ending) -> Json:
    """The verdict for a child process that returned no answer."""
    kind: str | None = "hang" if ending.how == "timeout" else "crash"
    detector: str | None = "watchdog" if ending.how == "timeout" else "process"
    witness = {
        "timeout": "the child process did not end in time and was killed",
        "signal": f"the child process died of signal {ending.value}",
        "exit": f"the child process exited with status {ending.value} before it reported",
    }.get(ending.how, ending.how)
    if ending.doubt or ending.how == "interrupted":
        kind = detector = None
        doubt = f"; whether it hangs is not known: {ending.doubt}"
        witness = witness + doubt if ending.how == "timeout" else ending.doubt or witness
    return {
        "verdict": {
            "result": "fail" if kind else "unknown",
            "kind": kind,
            "detector": detector,
            "k": 1 if kind else 0,
            "n": 1,
            "as_expected": ending.how == "interrupted",
            "expectation": [{"detector": name, "kind": what, "grade": "may"} for name, what in twin.may],
            "witness": {"text": witness},
            "replay": None,
        },
        "metrics": {},
        "values": {},
        "histograms": {},
    }


def plan(command: str, seed: int, forks: int, seconds: float, twins: Sequence[Twin], left_out: Sequence[Json]) -> Json:
    """The plan of a run."""
    return {
        "command": command,
        "seed": seed,
        "forks": forks,
        "min_time_s": seconds,
        "cases": [f"{twin.name}/pin:none" for twin in twins],
        "left_out": list(left_out),
    }
