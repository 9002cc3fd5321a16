"""Section 9: threads that wait for each other, as graphs and sentences; actual and potential deadlocks apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..correctness import Row
from ..model import Finding, Thread
from ..plots import cycle
from ..view import Picture, Table, text
from .findings import (
    DEADLOCKS,
    Report,
    facts,
    lock_words,
    order,
    own_place,
    shortened,
    side,
    verdict_words,
    wants_words,
)

DRAWN = 24  # cycles drawn per page; further cycles are described in text only


@dataclass(frozen=True)
class Group:
    """Findings of one list: deadlocks that happened, or potential ones."""

    id: str
    title: str
    reports: tuple[Report, ...]


def groups(findings: Sequence[Finding], anchors: Mapping[Finding, str]) -> tuple[Group, ...]:
    chosen = [finding for finding in order(findings) if finding.kind in DEADLOCKS]
    actual = [finding for finding in chosen if finding.kind != "potential_deadlock"]
    potential = [finding for finding in chosen if finding.kind == "potential_deadlock"]
    drawn = [f for f in (*actual, *potential) if f.kind in ("deadlock", "potential_deadlock")][:DRAWN]
    return tuple(
        Group(name, title, tuple(_report(finding, anchors[finding], finding in drawn) for finding in those))
        for name, title, those in (
            ("deadlocks-actual", "Deadlocks, lost wakeups and misuse that happened", actual),
            ("deadlocks-potential", "Potential deadlocks: the lock order allows them, none happened", potential),
        )
        if those
    )


def introduction(rows: Sequence[Row], shown: Sequence[Group]) -> str:
    """One paragraph: a summary of the findings, or the command that produces them."""
    watched = [row for row in rows if "lock_graph" in row.ran]
    if not watched and not shown:
        return "The lock graph did not run. `make stress` runs every subject and program of locks under it."
    if not shown:
        return f"The lock graph watched {len(watched)} subjects and controls and found no cycle. That is no proof."
    return (
        "A deadlock is a cycle: each thread wants a lock that the next one holds. It is detected when the last thread "
        "closes the cycle, not by a time-out."
    )


def in_words(finding: Finding) -> list[str]:
    """The cycle as sentences, one per thread."""
    holders = {lock_words(lock): thread.name for thread in finding.threads for lock in thread.holds if lock.name}
    sentences = []
    for thread in finding.threads:
        parts = []
        if thread.holds:
            parts.append("holds " + " and ".join(map(lock_words, thread.holds)))
        if thread.wants is not None:
            holder = holders.get(lock_words(thread.wants), "")
            parts.append(wants_words(thread) + (f", which {holder} holds" if holder and holder != thread.name else ""))
        if not thread.holds and thread.wants is None:
            parts.append(thread.what or "waits for nothing")
        sentences.append(f"{thread.name or 'A thread'} {' and '.join(parts)}.")
    return sentences


def _report(finding: Finding, anchor: str, draw: bool) -> Report:
    words, kind = verdict_words(finding)
    sentences = in_words(finding)
    picture, note = _picture(finding, anchor) if draw and finding.threads else (None, "")
    where = next((place for thread in finding.threads if (place := _place(thread))), "")
    return Report(
        anchor,
        f"{finding.kind.replace('_', ' ')} in {finding.workload}/{finding.subject}" + (f": {where}" if where else ""),
        words,
        kind,
        True,
        facts(finding),
        tuple(line for line in (finding.title, note, *sentences) if line),
        tuple(side(thread, "taken") for thread in finding.threads),
        (),
        picture,
        shortened(finding.text),
    )


def _place(thread: Thread) -> str:
    return own_place(thread.wants.stack if thread.wants and thread.wants.stack else thread.stack)


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def _picture(finding: Finding, anchor: str) -> tuple[Picture | None, str]:
    """(the drawn cycle, ""), or (None, a sentence with the reason why it is not drawn)."""
    locks = sum(not node.thread for node in cycle.graph_of(finding.threads).nodes)
    content = f"{_counted(len(finding.threads), 'thread')} (round) and {_counted(locks, 'lock')} (square)."
    try:
        drawing = cycle.draw(
            f"{anchor}-graph", finding.threads, f"The cycle as a graph: {content} The sentences above describe it."
        )
    except cycle.NotDrawn as error:
        return None, f"The graph is not drawn: {error}."
    table = Table(
        f"{anchor}-data",
        "Locks held and wanted by thread",
        ("thread", "holds", "wants"),
        tuple(
            (
                text(thread.name or "a thread"),
                text(", ".join(map(lock_words, thread.holds))),
                text(lock_words(thread.wants) if thread.wants else ""),
            )
            for thread in finding.threads
        ),
    )
    title = "Potential cycle" if finding.kind == "potential_deadlock" else "Cycle"
    return Picture(f"{anchor}-figure", title, content, (drawing,), table, small=drawing.small), ""
