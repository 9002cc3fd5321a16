"""Records of the mutation engine, as defined in reports/record.schema.json."""

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
    """The record of one explored mutant of a header; without a mutant, of the original header."""
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
    """The result of one oracle on one mutant of sound histories."""
    head = {"schema": 1, "record": "oracle_mutant", "engine": ENGINE, "invocation": invocation, "started_at": now()}
    return head | line


def survived(outcomes: Sequence[Outcome]) -> bool:
    """Whether the mutant survived in every memory mode."""
    return all(outcome.result == "survived" for outcome in outcomes)


def as_expected(mutant: Mutant | None, outcomes: Sequence[Outcome], explanation: Explanation | None) -> bool:
    """The original header must pass. A mutant is killed and has no explanation, or survives and has one."""
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
