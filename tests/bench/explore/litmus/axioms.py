"""The outcomes of a straight-line program by the axioms of C++20: [intro.races], [atomics.order] and [atomics.fences].

A candidate execution assigns each load the store that it reads, and each location the order of its stores. C++20 allows
it if happens-before has no cycle, coherence holds, each read-modify-write reads the store right before its own, and
there is an order S of the seq_cst operations. This module has no interleavings, clocks or histories: the explorer's
outcomes are compared with it. Programs are as in program.hpp.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

ACQUIRES = {"con", "acq", "acq_rel", "sc"}
RELEASES = {"rel", "acq_rel", "sc"}
OPERATION = re.compile(
    r"F\.(?P<fence>\w+)|(?:(?P<register>[a-d])=)?(?P<location>[x-z])"
    r"(?:(?P<kind>[=+!?])(?P<value>\d)(?:>(?P<desired>\d))?)?(?:\.(?P<order>\w+))?"
)
NO_THREAD = -1
Edges = set[tuple[int, int]]
Relation = list[int]  # of transitive ones


@dataclass(frozen=True)
class Event:
    """kind: store, load, modify, fence. A compare-exchange is a modify or, when it fails, a load."""

    thread: int
    kind: str
    order: str
    location: str = ""
    register: str = ""
    value: int = 0  # stored or added
    adds: bool = False
    expected: int | None = None  # of a compare-exchange that succeeds
    unlike: int | None = None  # of one that fails: it does not find this
    exchanges: bool = False  # it can succeed or fail


@dataclass(frozen=True)
class Program:
    """Events of threads that neither branch nor loop."""

    events: tuple[Event, ...]  # the first value of each location comes first
    last: tuple[tuple[str, str], ...]  # register, location: read at the end


def parse(text: str) -> Program:
    body, _, end = text.partition("||")
    events = [_event(thread, word) for thread, part in enumerate(body.split("|")) for word in part.split()]
    last = [_event(0, word) for word in end.split()]
    locations = sorted({event.location for event in (*events, *last)} - {""})
    return Program(
        (*(Event(NO_THREAD, "store", "rlx", location) for location in locations), *events),
        tuple((event.register, event.location) for event in last),
    )


def _event(thread: int, word: str) -> Event:
    found = OPERATION.fullmatch(word)
    assert found is not None, word
    if found["fence"]:
        return Event(thread, "fence", found["fence"])
    order, register, value = found["order"] or "rlx", found["register"] or "", int(found["value"] or 0)
    kind = {None: "load", "=": "store"}.get(found["kind"], "modify")
    event = Event(thread, kind, order, found["location"], register, value, found["kind"] == "+")
    if found["kind"] == "?":
        return replace(event, value=int(found["desired"]), expected=value, exchanges=True)
    return event


def allowed(program: Program) -> set[str]:
    """All outcomes that the standard allows: a digit for each register."""
    return {outcome for outcome, _ in _consistent(program)}


def executable(program: Program) -> set[str]:
    """Outcomes in which loads read earlier executed stores, and stores and seq_cst operations take effect in order."""
    return {outcome for outcome, in_order in _consistent(program) if in_order}


def interleaved(program: Program) -> set[str]:
    """The outcomes under sequential consistency."""
    return {
        outcome
        for events in _exchanges(program.events)
        for outcome, _ in _consistent(
            Program(tuple(replace(e, order="sc") if e.thread != NO_THREAD else e for e in events), program.last)
        )
    }


def _exchanges(events: tuple[Event, ...]) -> Iterator[tuple[Event, ...]]:
    """The programs with each compare-exchange as one that succeeds or one that fails."""
    choices = [
        (
            (replace(e, exchanges=False), replace(e, kind="load", order="rlx", unlike=e.expected, exchanges=False))
            if e.exchanges
            else (e,)
        )
        for e in events
    ]
    yield from itertools.product(*choices)


def _consistent(program: Program) -> Iterator[tuple[str, bool]]:
    """Outcome of each consistent candidate, and whether some order of execution agrees with all of its orders."""
    for events in _exchanges(program.events):
        reads = [i for i, e in enumerate(events) if e.kind in ("load", "modify")]
        stores = {
            location: [i for i, e in enumerate(events) if e.location == location and e.kind in ("store", "modify")]
            for location in {e.location for e in events} - {""}
        }
        sources = [[w for w in stores[events[r].location] if w != r] for r in reads]
        for chosen in itertools.product(*sources):
            reads_from = dict(zip(reads, chosen))
            values = _values(events, reads_from)
            if values is None:
                continue
            for orders in itertools.product(*(_orders(events, those) for those in stores.values())):
                execution = _Execution(events, reads_from, dict(zip(stores, orders)))
                if not execution.consistent():
                    continue
                found = {events[r].register: values[0][r] for r in reads if events[r].register}
                found |= {register: values[1][execution.modified[location][-1]] for register, location in program.last}
                yield "".join(str(found.get(name, 0)) for name in "abcd"[: _registers(program)]), execution.in_order()


def _registers(program: Program) -> int:
    named = {event.register for event in program.events} | {register for register, _ in program.last}
    return max("abcd".index(name) + 1 for name in named if name)


def _orders(events: tuple[Event, ...], stores: list[int]) -> Iterator[tuple[int, ...]]:
    first = [w for w in stores if events[w].thread == NO_THREAD]
    for rest in itertools.permutations(w for w in stores if events[w].thread != NO_THREAD):
        yield (*first, *rest)


def _values(events: tuple[Event, ...], reads_from: Mapping[int, int]) -> tuple[dict[int, int], dict[int, int]] | None:
    """(the value of each load, the value of each store); None when no values fit."""
    left = {i: e.value for i, e in enumerate(events) if e.kind == "store"}
    found: dict[int, int] = {}
    waiting = dict(reads_from)
    while waiting:
        ready = [r for r, w in waiting.items() if w in left]
        if not ready:
            return None  # out of thin air
        for r in ready:
            event, found[r] = events[r], left[waiting.pop(r)]
            if event.expected not in (None, found[r]) and event.kind == "modify" or event.unlike == found[r]:
                return None
            if event.kind == "modify":
                left[r] = found[r] + event.value if event.adds else event.value
    return found, left


class _Execution:
    """A candidate with its orders. Relations are lists of bit sets: bit j of the i-th says that i comes before j."""

    def __init__(
        self, events: tuple[Event, ...], reads_from: Mapping[int, int], modified: Mapping[str, tuple[int, ...]]
    ) -> None:
        self.events, self.reads_from, self.modified = events, reads_from, modified
        self.sequenced = _sequenced(events)
        self.reads = {(w, r) for r, w in reads_from.items()}
        self.modification = {pair for stores in modified.values() for pair in itertools.combinations(stores, 2)}
        self.fences = [i for i, e in enumerate(events) if e.kind == "fence" and e.order == "sc"]
        self.operations = [i for i, e in enumerate(events) if e.kind != "fence" and e.order == "sc"]
        self.in_s: Edges = set()  # known when it is consistent

    def consistent(self) -> bool:
        if not all(self._follows(w, r) for r, w in self.reads_from.items() if self.events[r].kind == "modify"):
            return False
        read_before = {
            (r, later) for r, w in self.reads_from.items() for before, later in self.modification if before == w
        }
        coherence = self._closure(self.reads | self.modification | {(r, w) for r, w in read_before if r != w})
        synchronised = set(self._synchronised())
        happens_before = self._closure(self.sequenced | synchronised)
        if not (acyclic(coherence) and acyclic(happens_before)):
            return False
        if any(happens_before[i] >> j & 1 for j, those in enumerate(coherence) for i in bits(those)):
            return False
        self.in_s = set(self._before_in_s(happens_before, coherence, synchronised))
        return acyclic(self._closure(self.in_s))

    def in_order(self) -> bool:
        return acyclic(self._closure(self.sequenced | self.reads | self.modification | self.in_s))

    def _follows(self, first: int, second: int) -> bool:
        stores = self.modified[self.events[first].location]
        return stores.index(second) == stores.index(first) + 1

    def _synchronised(self) -> Iterator[tuple[int, int]]:
        """[atomics.order] 2, [atomics.fences] 2 to 4."""
        for r, w in self.reads_from.items():
            acquiring = [r] if self.events[r].order in ACQUIRES else []
            acquiring += [f for f in self._fences(ACQUIRES) if (r, f) in self.sequenced]
            heads = [w]  # whose release sequences hold w
            while self.events[heads[-1]].kind == "modify":
                heads.append(self.reads_from[heads[-1]])
            for head in heads:
                releasing = [head] if self.events[head].order in RELEASES else []
                releasing += [f for f in self._fences(RELEASES) if (f, head) in self.sequenced]
                for one, other in itertools.product(releasing, acquiring):
                    if self.events[one].thread != self.events[other].thread:
                        yield one, other

    def _fences(self, orders: set[str]) -> list[int]:
        return [i for i, e in enumerate(self.events) if e.kind == "fence" and e.order in orders]

    def _before_in_s(
        self, happens_before: Relation, coherence: Relation, synchronised: Edges
    ) -> Iterator[tuple[int, int]]:
        """[atomics.order] 4; strongly happens before: [intro.races] 12."""
        between = {(i, j) for i, j in synchronised if i in self.operations and j in self.operations}
        around = {
            (i, j)
            for i, first in self.sequenced
            for last, j in self.sequenced
            if first == last or happens_before[first] >> last & 1
        }
        strongly = self._closure(self.sequenced | between | around)
        in_s = [*self.fences, *self.operations]
        yield from ((i, j) for i in in_s for j in in_s if strongly[i] >> j & 1)
        for one, those in enumerate(coherence):
            for other in bits(those):
                firsts = [one] if one in self.operations else []
                firsts += [f for f in self.fences if happens_before[f] >> one & 1]
                lasts = [other] if other in self.operations else []
                lasts += [f for f in self.fences if happens_before[other] >> f & 1]
                yield from itertools.product(firsts, lasts)

    def _closure(self, edges: Iterable[tuple[int, int]]) -> Relation:
        after = [0] * len(self.events)
        for i, j in edges:
            after[i] |= 1 << j
        for middle, _ in enumerate(self.events):
            from_middle = after[middle]
            after = [reached | from_middle if reached >> middle & 1 else reached for reached in after]
        return after


@functools.lru_cache(maxsize=None)
def _sequenced(events: tuple[Event, ...]) -> frozenset[tuple[int, int]]:
    """The initial stores come before everything."""
    return frozenset(
        (i, j)
        for i, one in enumerate(events)
        for j, other in enumerate(events)
        if i < j and other.thread != NO_THREAD and one.thread in (NO_THREAD, other.thread)
    )


def bits(those: int) -> Iterator[int]:
    while those:
        lowest = those & -those
        yield lowest.bit_length() - 1
        those ^= lowest


def acyclic(closed: Relation) -> bool:
    return not any(those >> i & 1 for i, those in enumerate(closed))
