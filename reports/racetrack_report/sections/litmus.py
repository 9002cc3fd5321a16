"""The litmus table: outcomes that no interleaving has, as C++20 and as the explorer in weak memory allow them."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Litmus, LitmusOutcome
from ..units import count
from ..view import Block, Cell, Table, number, text

ALLOWED, FORBIDDEN, OUT_OF_REACH = "allowed", "forbidden", "out of reach"
KEY = (
    "Small programs of two to four threads, with the outcomes that no interleaving produces. An outcome has one digit "
    "for each register. A forbidden outcome, and any that is not listed, must never occur. An allowed outcome must "
    "occur unless it is out of reach of the explorer. The explorer's modification order is the execution order, no "
    "load reads a later store, and read-modify-writes read the latest store."
)


def block(tests: Sequence[Litmus]) -> Block | None:
    """None if no litmus test was explored."""
    if not tests:
        return None
    return Block("litmus", "Weak memory: litmus tests", (KEY, summary(tests)), folded=(table(tests),))


def summary(tests: Sequence[Litmus]) -> str:
    """The results in one or two sentences."""
    outcomes = [outcome for test in tests for outcome in test.outcomes]
    seen = {ground: sum(o.ground == ground and o.seen > 0 for o in outcomes) for ground in (FORBIDDEN, ALLOWED)}
    of = {ground: sum(o.ground == ground for o in outcomes) for ground in (FORBIDDEN, ALLOWED, OUT_OF_REACH)}
    executions = min(test.executions for test in tests)
    counts = (
        f"{len(tests)} programs, at least {count(executions)} executions each. Observed: {seen[FORBIDDEN]} of "
        f"{of[FORBIDDEN]} forbidden outcomes, {seen[ALLOWED]} of {of[ALLOWED]} allowed outcomes; {of[OUT_OF_REACH]} "
        "are out of reach."
    )
    faults = [f"{test.shape}: {fault}" for test in tests for fault in test.faults]
    return " ".join([counts, *(f"Wrong: {fault}." for fault in faults[:6])])


def table(tests: Sequence[Litmus]) -> Table:
    rows = tuple(
        (
            text(test.shape),
            text(test.program, "code"),
            text(outcome.outcome),
            text(outcome.ground),
            _seen(test, outcome),
            text(outcome.why),
        )
        for test in tests
        for outcome in test.outcomes
    )
    note = (
        "The digits are in the order of the registers. x=1.rel stores, a=x.acq loads, + adds, ! exchanges, ? compares, "
        "F is a fence."
    )
    columns = ("shape", "program", "outcome", "C++20", "observed in executions", "why")
    return Table("litmus-outcomes", f"Litmus tests: {len(rows)} outcomes", columns, rows, note)


def _seen(test: Litmus, outcome: LitmusOutcome) -> Cell:
    wrong = (outcome.seen > 0) != (outcome.ground == ALLOWED)
    shown = f"{count(outcome.seen)} of {count(test.executions)}"
    return number(float(outcome.seen), f"✗ {shown}" if wrong else shown, "fail" if wrong else "")
