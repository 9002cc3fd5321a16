"""Records of the mutation engine, as reports/record.schema.json has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from racetrack_report.model import Json
from racetrack_twins.records import now

from .exploring import Outcome
from .survivors import Explanation
from .weakening import Mutant

ENGINE = "mutants"


def environment(invocation: str, facts: Json, **phase: Json) -> Json:
    """The facts of machine and build with a plan (phase begin) or an outcome (phase end)."""
    return {
        "schema": 1,
        "record": "environment",
        "engine": ENGINE,
        "phase": "begin" if "plan" in phase else "end",
        "invocation": invocation,
        "started_at": now(),
        "machine": facts["machine"],
        "build": facts["build"],
        **phase,
    }


def mutant_record(
    invocation: str,
    header: str,
    mutant: Mutant | None,
    outcomes: Sequence[Outcome],
    explanation: Explanation | None,
    started_at: str,
) -> Json:
    """One mutant of a header, explored; without a mutant the header as it is."""
    return {
        "schema": 1,
        "record": "mutant",
        "engine": ENGINE,
        "invocation": invocation,
        "started_at": started_at,
        "header": header,
        "change": None if mutant is None else _change(mutant),
        "outcomes": [dataclasses.asdict(outcome) for outcome in outcomes],
        "explanation": None if explanation is None else {"why": explanation.why, "because": explanation.because},
        "as_expected": as_expected(mutant, outcomes, explanation),
    }


def oracle_record(invocation: str, line: Json) -> Json:
    """What one oracle makes of one mutant of sound histories."""
    head = {"schema": 1, "record": "oracle_mutant", "engine": ENGINE, "invocation": invocation, "started_at": now()}
    return head | line


def survived(outcomes: Sequence[Outcome]) -> bool:
    """In every memory mode."""
    return all(outcome.result == "survived" for outcome in outcomes)


def as_expected(mutant: Mutant | None, outcomes: Sequence[Outcome], explanation: Explanation | None) -> bool:
    """The header as it is passes. A mutant is killed and has no explanation, or survives and has one."""
    if mutant is None:
        return survived(outcomes)
    if any(outcome.result == "unknown" for outcome in outcomes):
        return False
    return survived(outcomes) == (explanation is not None)


def _change(mutant: Mutant) -> Json:
    place = mutant.place
    return {
        "line": place.line,
        "function": place.function,
        "operation": place.operation,
        "number": mutant.number,
        "order": place.order,
        "weaker": mutant.weaker,
    }
