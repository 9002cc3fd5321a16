"""Converts a report of ThreadSanitizer to the terms of a finding record: kind, threads, locks, location."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from racetrack_report.model import Lock, Stack, Thread

from .log import Report, Section

# The beginnings of ThreadSanitizer's titles. Other warnings are about misused mutexes and signals.
KINDS = (
    ("data race", "race"),
    ("race on external object", "race"),
    ("heap-use-after-free", "use_after_free"),
    ("lock-order-inversion", "potential_deadlock"),
    ("thread leak", "leak"),
)
ALL_KINDS = ("race", "potential_deadlock", "misuse", "use_after_free", "leak", "crash")

ACCESS = re.compile(
    r"^(?:Previous )?(?P<what>[\w -]+ of size \d+) at 0x[0-9a-f]+ by (?P<by>main thread|thread T\d+)"
    r"(?: '[^\n]*')?(?: \[[^\]]*\])?(?: \(mutexes: (?P<mutexes>[^)]*)\))?:$"
)
HELD = re.compile(r"\b(?P<how>read|write) (?P<name>M\d+)")
MADE = re.compile(r"^Mutex (?P<name>M\d+)\b.* created at:$")
CREATED = re.compile(r"^Thread (?P<name>T\d+)\b.* created by .*$")
ACQUIRED = re.compile(
    r"^Mutex (?P<wanted>M\d+) acquired here while holding mutex (?P<held>M\d+) in (?P<by>main thread|thread T\d+)\b.*:$"
)
BEFORE = re.compile(r"^Mutex (?P<name>M\d+) previously acquired by the same thread here:$")
LOCATION = re.compile(r"^Location is (?P<what>.+?)\.?:?$")
ADDRESS = re.compile(r" at 0x[0-9a-f]+\b| \([^()]*\+0x[0-9a-f]+\)")


@dataclass(frozen=True)
class Reading:
    """A report, understood."""

    kind: str
    title: str
    threads: tuple[Thread, ...]
    location: tuple[str, Stack] | None
    text: str


def read(report: Report) -> Reading:
    """Parses a report."""
    kind = kind_of(report)
    made = {found["name"]: each.stack for found, each in _found(MADE, report.sections)}
    created = {f"thread {found['name']}": each.stack for found, each in _found(CREATED, report.sections)}
    threads = _accesses(report, made, created) or _acquisitions(report, made, created)
    if not threads:
        threads = _leaked(created) if kind == "leak" else _bare(report)
    places = [(_without_addresses(found["what"]), each.stack) for found, each in _found(LOCATION, report.sections)]
    return Reading(kind, report.title, threads, places[0] if places else None, report.text)


def kind_of(report: Report) -> str:
    """The kind, as in records."""
    if not report.text.startswith("WARNING"):
        return "crash"
    for beginning, kind in KINDS:
        if report.title.startswith(beginning):
            return kind
    return "misuse"


def _found(pattern: re.Pattern[str], sections: Iterable[Section]) -> list[tuple[re.Match[str], Section]]:
    return [(found, each) for each in sections if (found := pattern.match(each.head))]


def _accesses(report: Report, made: dict[str, Stack], created: dict[str, Stack]) -> tuple[Thread, ...]:
    return tuple(
        Thread(
            found["by"],
            found["what"].lower().replace(" of size ", " of ") + " bytes",
            each.stack,
            created.get(found["by"], ()),
            holds=tuple(_lock(held["name"], held["how"], made) for held in HELD.finditer(found["mutexes"] or "")),
        )
        for found, each in _found(ACCESS, report.sections)
    )


def _acquisitions(report: Report, made: dict[str, Stack], created: dict[str, Stack]) -> tuple[Thread, ...]:
    """One acquisition per edge of the cycle. The place of the held lock's acquisition needs second_deadlock_stack=1."""
    threads: list[Thread] = []
    for at, each in enumerate(report.sections):
        found = ACQUIRED.match(each.head)
        if not found:
            continue
        following = report.sections[at + 1] if at + 1 < len(report.sections) else Section("", ())
        before = BEFORE.match(following.head)
        held = Lock(found["held"], "mutex", following.stack if before and before["name"] == found["held"] else ())
        threads.append(
            Thread(
                found["by"],
                f"takes {found['wanted']} while it holds {found['held']}",
                each.stack,
                created.get(found["by"], ()),
                wants=Lock(found["wanted"], "mutex", made.get(found["wanted"], ())),
                holds=(held,),
            )
        )
    return tuple(threads)


def _leaked(created: dict[str, Stack]) -> tuple[Thread, ...]:
    return tuple(Thread(name, "has ended and was never joined", stack, stack) for name, stack in created.items())


def _bare(report: Report) -> tuple[Thread, ...]:
    """Stacks without further information, except that they belong together."""
    stacks = [
        each.stack
        for each in report.sections
        if each.stack and not any(pattern.match(each.head) for pattern in (MADE, CREATED, LOCATION))
    ]
    return tuple(Thread("", report.title if at == 0 else "and before", stack) for at, stack in enumerate(stacks))


def _lock(name: str, how: str, made: dict[str, Stack]) -> Lock:
    stack = made.get(name, ())
    if how == "read":
        return Lock(name, "rwlock_read", stack)
    is_rwlock = any("rwlock" in frame.function for frame in stack[:1])
    return Lock(name, "rwlock_write" if is_rwlock else "mutex", stack)


def _without_addresses(text: str) -> str:
    """Removes addresses, because they differ between processes."""
    return ADDRESS.sub("", text)
