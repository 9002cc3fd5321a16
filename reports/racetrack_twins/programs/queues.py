"""The lecture's queues: two workers and None as sentinel; a stream of items; and two workers that print."""

from __future__ import annotations

import functools
import io
import os
import queue
import re
import sys
import time

from ..round import Fault, Round, race


def _conserved(sent: int, got: list[list[int]]) -> Fault | None:
    """The fault, unless each of 0 .. sent - 1 arrived once, and in order at each worker."""
    all_got = sorted(item for each in got for item in each)
    if all_got != list(range(sent)):
        return Fault(
            "lost", "python.conservation", f"{sent} items were put, {len(set(all_got))} different ones arrived"
        )
    if any(each != sorted(each) for each in got):
        return Fault("reordered", "python.fifo", "a worker got a later item before an earlier one")
    return None


class Shutdown:
    """Queue(5), one producer, two workers that take items until they get None."""

    unit, least_work, most_work = "item", 50, 1 << 20  # the lecture's 50 items

    def __init__(self, capacity: int, consumers: int) -> None:
        self.capacity, self.consumers = capacity, consumers

    def round(self, work: int) -> Round:
        """Runs a queue from its first item to the end of its workers."""
        items: queue.Queue[int | None] = queue.Queue(self.capacity)
        got: list[list[int]] = [[] for _ in range(self.consumers)]
        ends = [0] * self.consumers
        first_sentinel = [0]

        def produce() -> None:
            for item in range(work):
                items.put(item)
            first_sentinel[0] = time.perf_counter_ns()
            for _ in range(self.consumers):
                items.put(None)

        def consume(worker: int) -> None:
            while (item := items.get()) is not None:
                got[worker].append(item)
            ends[worker] = time.perf_counter_ns()

        seconds = race([produce, *(functools.partial(consume, worker) for worker in range(self.consumers))])
        return Round(seconds, work, _conserved(work, got), {"shutdown_ns": float(max(ends) - first_sentinel[0])})

    def close(self) -> None:
        """Nothing is shared."""


class Transfer:
    """One producer, one consumer, a bounded queue; the consumer knows how many items there are."""

    unit, least_work, most_work = "item", 64, 1 << 22

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity

    def round(self, work: int) -> Round:
        """Passes `work` items from one thread to the other."""
        items: queue.Queue[int] = queue.Queue(self.capacity)
        got: list[int] = []

        def produce() -> None:
            for item in range(work):
                items.put(item)

        def consume() -> None:
            for _ in range(work):
                got.append(items.get())

        return Round(race([produce, consume]), work, _conserved(work, [got]))

    def close(self) -> None:
        """Nothing is shared."""


class Print:
    """Two workers print lines of several pieces to the same standard output, line buffered as on a terminal."""

    unit, least_work, most_work = "line", 64, 1 << 20
    WHOLE = re.compile(r"Worker \d+ got \d+")

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def round(self, work: int) -> Round:
        """The lines go to a file in memory and are checked afterwards."""
        share = work // self.workers
        before = sys.stdout
        descriptor = os.memfd_create("racetrack-print")
        with io.TextIOWrapper(io.FileIO(descriptor, "r+"), line_buffering=True, write_through=False) as output:
            sys.stdout = output

            def work_of(worker: int) -> None:
                for number in range(share):
                    print("Worker", worker, "got", number)

            try:
                seconds = race([functools.partial(work_of, worker) for worker in range(self.workers)])
            finally:
                sys.stdout = before
            output.flush()
            text = os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()
        lines = text.split("\n")
        torn = [line for line in lines[:-1] if not self.WHOLE.fullmatch(line)]
        fault = None
        if torn:
            fault = Fault(
                "torn", "python.lines", f"{len(torn)} of {len(lines) - 1} lines are torn; the first: {torn[0]!r}"
            )
        return Round(seconds, share * self.workers, fault, {"torn_lines_count": float(len(torn))})

    def close(self) -> None:
        """Nothing is shared."""
