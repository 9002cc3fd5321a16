"""The litmus table: what C++20 says of outcomes that no interleaving has, beside what the explorer shows in weak memory."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Litmus, LitmusOutcome
from ..units import count
from ..view import Block, Cell, Table, number, text

ALLOWED, FORBIDDEN, OUT_OF_REACH = "allowed", "forbidden", "out of reach"
KEY = (
    "Small programs with two to four threads, one column of the outcome for each register, and what C++20 says of the "
    "outcomes that no interleaving has. Forbidden ones must never be seen. Allowed ones must be, but for those out of "
    "reach: the explorer's modification order is the order of execution, no load reads a store that is executed later, and "
    "read-modify-writes read the latest store. What a program does not list and no interleaving has is forbidden too."
)


def block(tests: Sequence[Litmus]) -> Block | None:
    """Nothing when none was explored."""
    if not tests:
        return None
    return Block("litmus", "Weak memory: litmus tests", (KEY, told(tests)), folded=(table(tests),))


def told(tests: Sequence[Litmus]) -> str:
    """What came out, in a sentence or two."""
    outcomes = [outcome for test in tests for outcome in test.outcomes]
    seen = {ground: sum(o.ground == ground and o.seen > 0 for o in outcomes) for ground in (FORBIDDEN, ALLOWED)}
    of = {ground: sum(o.ground == ground for o in outcomes) for ground in (FORBIDDEN, ALLOWED, OUT_OF_REACH)}
    executions = min(test.executions for test in tests)
    told_of = (
        f"{len(tests)} programs, at least {count(executions)} executions each: {seen[FORBIDDEN]} of {of[FORBIDDEN]} "
        f"forbidden outcomes were seen, {seen[ALLOWED]} of {of[ALLOWED]} allowed ones; {of[OUT_OF_REACH]} are out of reach."
    )
    faults = [f"{test.shape}: {fault}" for test in tests for fault in test.faults]
    return " ".join([told_of, *(f"Not as it must be: {fault}." for fault in faults[:6])])


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
        "Registers are named in the order of the digits; x=1.rel stores, a=x.acq loads, + adds, ! exchanges, ? compares, "
        "F is a fence."
    )
    columns = ("shape", "program", "outcome", "C++20", "seen in executions", "why")
    return Table("litmus-outcomes", f"Litmus tests: {len(rows)} outcomes", columns, rows, note)


def _seen(test: Litmus, outcome: LitmusOutcome) -> Cell:
    wrong = (outcome.seen > 0) != (outcome.ground == ALLOWED)
    shown = f"{count(outcome.seen)} of {count(test.executions)}"
    return number(float(outcome.seen), f"✗ {shown}" if wrong else shown, "fail" if wrong else "")
