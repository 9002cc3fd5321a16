"""The lecture's Thread(target) and Process(target): started and joined, one after the other."""

from __future__ import annotations

import multiprocessing
import threading
import time

from ..round import Fault, Round


class Threads:
    """threading.Thread: start and join."""

    unit, least_work, most_work = "start", 4, 1 << 20

    def round(self, work: int) -> Round:
        """Each thread records that it ran."""
        ran: list[int] = []
        start = time.perf_counter_ns()
        for number in range(work):
            thread = threading.Thread(target=ran.append, args=(number,))
            thread.start()
            thread.join()
        seconds = (time.perf_counter_ns() - start) / 1e9
        fault = None
        if ran != list(range(work)):
            fault = Fault("lost", "python.starts", f"{work} threads were started, {len(ran)} ran")
        return Round(seconds, work, fault)

    def close(self) -> None:
        """Nothing is shared."""


def _succeed() -> None:
    """The child process only ends with status 0."""


class Processes:
    """multiprocessing.Process by fork, which is its default on Linux: start and join."""

    unit, least_work, most_work = "start", 4, 1 << 20

    def __init__(self, resident_mib: int) -> None:
        self.context = multiprocessing.get_context("fork")
        self.ballast = bytearray(resident_mib << 20)
        self.ballast[::4096] = b"x" * len(range(0, len(self.ballast), 4096))  # so that fork copies page tables

    def round(self, work: int) -> Round:
        """Checks that each process ends with status 0."""
        codes: list[int | None] = []
        start = time.perf_counter_ns()
        for _ in range(work):
            process = self.context.Process(target=_succeed)
            process.start()
            process.join()
            codes.append(process.exitcode)
            process.close()
        seconds = (time.perf_counter_ns() - start) / 1e9
        fault = None
        if any(code != 0 for code in codes):
            fault = Fault(
                "lost", "python.starts", f"of {work} processes some ended with {sorted(set(map(str, codes)))}"
            )
        return Round(seconds, work, fault)

    def close(self) -> None:
        """Nothing is shared."""
