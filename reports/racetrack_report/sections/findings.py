"""One finding as sections 8 and 9 show it: stacks with folded library frames, locks, threads, the detector's report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..model import Finding, Frame, Lock, Stack, Thread
from ..view import Picture

RACES = ("race", "use_after_free", "leak", "crash")
DEADLOCKS = ("deadlock", "lost_wakeup", "misuse", "potential_deadlock")
LONGEST_TEXT = 6_000  # characters of a detector's report that are shown; the record has the whole text
LIBRARY_FUNCTION = re.compile(
    r"racetrack::(?:load|stress|host)::|std::|__gnu_cxx::|__gthread|__tsan|__interceptor|__libc_|pthread_"
    r"|clone3?$|start_thread$"
)
LIBRARY_FILE = re.compile(r"/include/c\+\+/|^/usr/include/|^/usr/lib/")
LIBRARY_MODULE = re.compile(r"lib(?:stdc\+\+|c\+\+|c|m|pthread|tsan|gcc_s)(?:-[\d.]+)?\.so|ld-linux")


@dataclass(frozen=True)
class Calls:
    """Adjacent frames: one of the program, or a sequence of library frames, which is folded."""

    library: bool
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Place:
    """A stack and its description."""

    title: str
    calls: tuple[Calls, ...]


@dataclass(frozen=True)
class Side:
    """One thread of a finding: its stack, and related stacks."""

    title: str
    calls: tuple[Calls, ...]
    places: tuple[Place, ...]  # locks, creation of the thread


@dataclass(frozen=True)
class Report:
    """One finding as the page shows it; `shown` is open, others are folded."""

    id: str
    title: str
    verdict: str
    kind: str  # CSS class of the verdict
    shown: bool
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    sides: tuple[Side, ...]
    places: tuple[Place, ...]  # of the memory
    picture: Picture | None
    text: str


def order(findings: Iterable[Finding]) -> list[Finding]:
    """Observed findings in the order of the page: unexpected, undecidable, others."""
    seen = [finding for finding in findings if finding.k]
    return sorted(
        seen,
        key=lambda f: (f.as_expected, f.result != "unknown", f.control, f.family, f.subject, f.workload, -f.k, f.title),
    )


def anchors(findings: Sequence[Finding]) -> dict[Finding, str]:
    """Finding -> its id on the page."""
    found = {}
    for kinds, word in ((RACES, "race"), (DEADLOCKS, "deadlock")):
        for place, finding in enumerate((f for f in order(findings) if f.kind in kinds), start=1):
            found[finding] = f"{word}-{place}"
    return found


def is_library(frame: Frame) -> bool:
    """Whether a frame belongs to the standard library, the C library, the detector or the harness."""
    if LIBRARY_FUNCTION.match(frame.function) or LIBRARY_FILE.search(frame.file):
        return True
    return not frame.file and bool(LIBRARY_MODULE.search(frame.module))


def folded(stack: Stack) -> tuple[Calls, ...]:
    found: list[Calls] = []
    for library, frames in groupby(stack, is_library):
        those = tuple(frames)
        found += [Calls(True, those)] if library else [Calls(False, (frame,)) for frame in those]
    return tuple(found)


def own_place(stack: Stack) -> str:
    """The program's innermost place: 'set, unlocked.cpp:21'; empty if the stack has none."""
    frame = next((frame for frame in stack if not is_library(frame)), stack[0] if stack else None)
    if frame is None:
        return ""
    where = frame.file.rsplit("/", 1)[-1] + (f":{frame.line}" if frame.line is not None else "")
    return ", ".join(part for part in (frame.function, where if frame.file else frame.module) if part)


def lock_words(lock: Lock) -> str:
    """'mutex a_', 'read lock table_', 'a lock', 'the end of thread 4'."""
    if lock.kind == "join":
        return f"the end of {lock.name or 'a thread'}"
    kind = {"rwlock_read": "read lock", "rwlock_write": "write lock"}.get(lock.kind, lock.kind or "lock")
    return f"{kind} {lock.name}" if lock.name else f"a {kind}"


def wants_words(thread: Thread) -> str:
    """The thread's action on a lock that it does not hold: 'waits for mutex a_', 'takes mutex a_', 'releases mutex
    a_'."""
    assert thread.wants is not None
    verb = thread.what.split(" ", 1)[0]
    verb = f"{verb} " if verb in ("takes", "releases") else "waits for "
    return verb + lock_words(thread.wants)


def verdict_words(finding: Finding) -> tuple[str, str]:
    """(text, CSS class) of the verdict."""
    often = f"seen in {finding.k} of {finding.n} processes"
    if finding.result == "unknown":
        return f"? unknown (fences), {often}", "unknown"
    if finding.as_expected:
        return f"✗ as expected ({finding.grade}), {often}", "foreseen"
    return f"✗ NOT expected, {often}", "fail"


def side(thread: Thread, locks: str) -> Side:
    """`locks` states what the stack of a held lock is: where it was taken, or made."""
    name, stack, what = thread.name or "a thread", thread.stack, thread.what
    places = []
    if thread.wants is not None:
        what = wants_words(thread)
        if not stack:
            stack = thread.wants.stack
        elif thread.wants.stack != stack:
            places.append(Place(f"Waits for {lock_words(thread.wants)} here", folded(thread.wants.stack)))
    places += [Place(f"Holds {lock_words(lock)}, {locks} here", folded(lock.stack)) for lock in thread.holds]
    if thread.created:
        places.append(Place(f"{name} was created here", folded(thread.created)))
    return Side(f"{name}: {what}" if what else name, folded(stack), tuple(places))


def facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    rows = (
        ("case", finding.case),
        ("subject", f"{finding.subject}, a control" if finding.control else finding.subject),
        ("detected by", {"tsan": "ThreadSanitizer", "lock_graph": "the lock graph"}[finding.detector]),
        ("memory", finding.location.what if finding.location else ""),
        ("source", short_revision(finding.revision)),
    )
    return tuple(fact for fact in rows if fact[1])


def short_revision(revision: str) -> str:
    """'0123abcd with changes': the revision with a short commit."""
    commit, *changes = revision.split(" ", 1)
    return " ".join([commit[:8], *changes])


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "\n… the rest is in records.jsonl"
