"""The lecture's Point: set and get of two coordinates, with and without an RLock."""

from __future__ import annotations

import functools
import random
import threading
from typing import Protocol

from ..round import Fault, Round, race


class _Point(Protocol):
    def set(self, x: int, y: int) -> None:
        """Sets both coordinates."""

    def get(self) -> tuple[int, int]:
        """Returns both coordinates, which should be from the same set."""


class Point:
    """Without a lock: a thread may be preempted between the two coordinates."""

    def __init__(self) -> None:
        self._x = self._y = 0

    def set(self, x: int, y: int) -> None:
        """Sets one after the other."""
        self._x = x
        self._y = y

    def get(self) -> tuple[int, int]:
        """Reads one after the other."""
        return self._x, self._y


class LockedPoint:
    """Under an RLock, as in the lecture."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._x = self._y = 0

    def set(self, x: int, y: int) -> None:
        """Sets both under the lock."""
        with self._lock:
            self._x = x
            self._y = y

    def get(self) -> tuple[int, int]:
        """Reads both under the lock."""
        with self._lock:
            return self._x, self._y


class ReadWrite:
    """Threads set (v, -v) and get. Any other pair is torn."""

    unit, least_work, most_work = "operation", 200, 1 << 24

    def __init__(self, point: type[Point] | type[LockedPoint], threads: int, read_share: int, seed: int) -> None:
        self.point, self.threads = point, threads
        self.mix = [True] * read_share + [False] * (100 - read_share)
        random.Random(seed).shuffle(self.mix)

    def round(self, work: int) -> Round:
        """Each thread does its share of the operations; the mix chooses between reads and writes."""
        point: _Point = self.point()
        torn: list[tuple[int, int]] = []
        reads = [0] * self.threads
        turns = max(1, work // (self.threads * len(self.mix)))

        def body(thread: int) -> None:
            value = thread + 1
            for _ in range(turns):
                for read in self.mix:
                    if read:
                        x, y = point.get()
                        if y != -x:
                            torn.append((x, y))
                    else:
                        point.set(value, -value)
                        value += self.threads
            reads[thread] = turns * sum(self.mix)

        seconds = race([functools.partial(body, thread) for thread in range(self.threads)])
        done = turns * len(self.mix) * self.threads
        fault = None
        if torn:
            seen = f"{len(torn)} of {sum(reads)} reads are torn; the first: {torn[0]}, and every set is of (v, -v)"
            fault = Fault("torn", "python.torn", seen)
        rates = {"reads_per_s": sum(reads) / seconds, "writes_per_s": (done - sum(reads)) / seconds}
        return Round(seconds, done, fault, {**rates, "torn_reads_per_operation_ratio": len(torn) / done})

    def close(self) -> None:
        """Nothing is shared."""
