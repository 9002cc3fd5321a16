"""The strength of the tests: weakened memory orders and faulty histories; killed mutants, and reasons for the
survivors."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Mutant, OracleMutant, Outcome
from ..units import count
from ..view import Block, Cell, Table, number, text

MODES = {"sc": "SC", "weak": "weak memory"}
KEY = (
    "A mutant is one of the project's headers with one weakened memory order or one dropped fence, explored by small "
    "tests of that header. Killed: a test failed, as it should. A mutant that survives in all memory models needs a "
    "reason. Redundant: as correct as the original. Unreachable: no test executes it. Outside: the explorer's "
    "memory model cannot show the difference."
)
ORACLE_KEY = (
    "A mutant of an oracle's input is a correct history with one inserted fault. An oracle must fail every "
    "history with a fault that it is responsible for, and pass every unchanged history. It may fail histories with "
    "other faults."
)


def block(mutants: Sequence[Mutant], judged: Sequence[OracleMutant]) -> Block | None:
    """None if no mutant was explored and no oracle was tested."""
    if not mutants and not judged:
        return None
    modes = [mode for mode in MODES if any(mutant.in_mode(mode) for mutant in mutants)]
    changed = [mutant for mutant in mutants if mutant.operation]
    tables = (_by_header(mutants, modes),) if mutants else ()
    folded = (_by_mutant(changed, modes),) if changed else ()
    paragraphs = (KEY, *sentences(mutants)) if mutants else ()
    return Block(
        "mutation",
        "Mutation",
        (*paragraphs, *((ORACLE_KEY,) if judged else ())),
        (),
        (*tables, *_by_oracle(judged)),
        folded,
        _reasons(changed),
    )


def sentences(mutants: Sequence[Mutant]) -> tuple[str, ...]:
    """The results as sentences."""
    changed = [mutant for mutant in mutants if mutant.operation]
    alive = [mutant for mutant in changed if mutant.survives]
    unexplained = [mutant for mutant in alive if not mutant.why]
    broken = sorted({mutant.header for mutant in mutants if not mutant.operation and not mutant.as_expected})
    lines = [f"Of {len(changed)} mutants, {len(changed) - len(alive) - len(_unknown(changed))} are killed."]
    if alive:
        lines.append(f"{len(alive)} survive; {len(alive) - len(unexplained)} of these are explained.")
    if unexplained:
        lines.append(f"No reason is given for the survival of {', '.join(map(_name, unexplained[:6]))}.")
    if broken:
        lines.append(f"Without a mutation, {' and '.join(broken)} fails its tests.")
    return (" ".join(lines),)


def _unknown(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Mutants that no test killed, and that could not be explored in all memory models."""
    return [
        mutant
        for mutant in mutants
        if not mutant.survives and not any(outcome.result == "killed" for outcome in mutant.outcomes)
    ]


def _name(mutant: Mutant) -> str:
    return f"{mutant.function} {mutant.operation} ({mutant.order} → {mutant.weaker})"


def _by_header(mutants: Sequence[Mutant], modes: Sequence[str]) -> Table:
    rows = []
    for header in dict.fromkeys(mutant.header for mutant in mutants):
        group = [mutant for mutant in mutants if mutant.header == header and mutant.operation]
        original = next((m for m in mutants if m.header == header and not m.operation), None)
        alive = [mutant for mutant in group if mutant.survives]
        rows.append(
            (
                text(header),
                _original(original),
                number(float(len(group)), str(len(group))),
                *(_killed(group, mode) for mode in modes),
                number(float(len(alive)), str(len(alive))),
                *(_reason(alive, why) for why in ("redundant", "unreachable", "outside", "")),
            )
        )
    columns = (
        *("header", "unchanged", "mutants"),
        *(f"killed in {MODES[mode]}" for mode in modes),
        *("survive everything", "redundant", "unreachable", "outside the model", "not explained"),
    )
    return Table("mutation-headers", "Mutants of memory orders", columns, tuple(rows))


def _original(original: Mutant | None) -> Cell:
    if original is None:
        return Cell("not run", kind="quiet")
    executions = sum(outcome.executions for outcome in original.outcomes)
    if original.as_expected:
        return Cell("✓ passes", kind="pass", detail=f"{count(executions)} executions")
    return Cell("✗ fails", kind="fail", detail="; ".join(outcome.text for outcome in original.outcomes if outcome.text))


def _killed(group: Sequence[Mutant], mode: str) -> Cell:
    killed = sum((outcome := mutant.in_mode(mode)) is not None and outcome.result == "killed" for mutant in group)
    return number(float(killed), str(killed))


def _reason(alive: Sequence[Mutant], why: str) -> Cell:
    those = sum(mutant.why == why for mutant in alive)
    return number(float(those), str(those), "fail" if those and not why else "")


def _by_mutant(mutants: Sequence[Mutant], modes: Sequence[str]) -> Table:
    rows = tuple(
        (
            text(f"{mutant.function} {mutant.operation}", "name"),
            text(f"{mutant.header.rsplit('/', 1)[-1]}:{mutant.line}"),
            text(f"{mutant.order} → {'dropped' if mutant.weaker == 'none' else mutant.weaker}"),
            *(_outcome(mutant, mutant.in_mode(mode)) for mode in modes),
            _explanation(mutant),
            text(next((outcome.replay for outcome in mutant.outcomes if outcome.replay), ""), "code"),
        )
        for mutant in mutants
    )
    columns = ("operation", "where", "order", *(MODES[mode] for mode in modes), "why it survives", "replay")
    return Table(
        "mutation-mutants",
        f"Every mutant: {len(mutants)}",
        columns,
        rows,
        only="only survivors",
        chosen=frozenset(place for place, mutant in enumerate(mutants) if mutant.survives),
    )


def _outcome(mutant: Mutant, outcome: Outcome | None) -> Cell:
    if outcome is None:
        return Cell("not run", kind="quiet")
    if outcome.result == "killed":
        kind = outcome.kind.replace("_", " ")
        return Cell(f"✓ {kind}", kind="pass", detail=f"execution {count(outcome.executions)} of {outcome.test}")
    if outcome.result == "unknown":
        return Cell("? unknown", kind="unknown", detail=outcome.text)
    odd = mutant.survives and not mutant.why
    detail = f"{count(outcome.executions)} executions"
    return Cell("✗ survives" if odd else "– survives", kind="fail" if odd else "quiet", detail=detail)


def _explanation(mutant: Mutant) -> Cell:
    if mutant.why:
        return Cell(mutant.why)
    return Cell("✗ not explained", kind="fail") if mutant.survives else Cell("–")


def _reasons(mutants: Sequence[Mutant]) -> tuple[str, ...]:
    """One paragraph per reason, with the mutants that it explains: 'push top_.load (lifo.hpp:40): outside: ...'."""
    explained: dict[str, list[str]] = {}
    for mutant in mutants:
        if mutant.why:
            where = f"{mutant.function} {mutant.operation} ({mutant.header.rsplit('/', 1)[-1]}:{mutant.line})"
            explained.setdefault(f"{mutant.why}: {mutant.because}", []).append(where)
    return tuple(f"{', '.join(dict.fromkeys(names))}: {reason}" for reason, names in explained.items())


def _by_oracle(judged: Sequence[OracleMutant]) -> tuple[Table, ...]:
    """One table per kind of history: oracles in rows, mutants in columns."""
    tables = []
    for place, what in enumerate(dict.fromkeys(each.of for each in judged), start=1):
        group = {(each.oracle, each.mutant): each for each in judged if each.of == what}
        oracles = list(dict.fromkeys(oracle for oracle, _ in group))
        names = [name for name in dict.fromkeys(mutant for _, mutant in group) if name]
        rows = tuple(
            (text(oracle), *(_judged(group.get((oracle, mutant))) for mutant in ("", *names))) for oracle in oracles
        )
        columns = ("oracle", "unchanged", *names)
        tables.append(Table(f"mutation-oracles-{place}", f"Oracles against mutants of {what}", columns, rows))
    return tuple(tables)


def _judged(each: OracleMutant | None) -> Cell:
    if each is None:
        return Cell("not run", kind="quiet")
    often = f"{count(each.killed)} of {count(each.histories)}"
    kinds = ", ".join(kind.replace("_", " ") for kind in each.kinds)
    if not each.mutant:
        return (
            Cell("✓ passes", kind="pass") if each.as_expected else Cell(f"✗ fails {often}", kind="fail", detail=kinds)
        )
    if each.must:
        icon, kind = ("✓", "pass") if each.as_expected else ("✗", "fail")
        return Cell(f"{icon} {often}", kind=kind, detail=kinds)
    return Cell(often, kind="quiet", detail=kinds) if each.killed else Cell("–", kind="quiet")
