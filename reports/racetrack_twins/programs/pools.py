"""The lecture's ThreadPoolExecutor: futures, and their results as they complete."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from ..round import Fault, Round


def spin(steps: int, value: int) -> int:
    """Runs `steps` dependent steps of arithmetic, and returns `value`."""
    x = value
    for _ in range(steps):
        x ^= 0x5BD1
    return x if steps % 2 == 0 else x ^ 0x5BD1


def steps_in(nanoseconds: int) -> int:
    """Measures how many steps a single thread does in that time."""
    tried = 20_000
    best = min(_duration(tried) for _ in range(5))
    return max(1, round(nanoseconds * tried / best))


def _duration(steps: int) -> int:
    start = time.perf_counter_ns()
    spin(steps, 1)
    return time.perf_counter_ns() - start


class Pool:
    """Submits all tasks and reads every result, in the order of submission or as they complete."""

    unit, least_work, most_work = "task", 12, 1 << 20

    def __init__(self, threads: int, grain_ns: int, completed: bool) -> None:
        self.threads, self.completed = threads, completed
        self.steps = steps_in(grain_ns)

    def round(self, work: int) -> Round:
        """Measures from the first submit to the last result, without creating and shutting down the pool."""
        with ThreadPoolExecutor(self.threads) as pool:
            start = time.perf_counter_ns()
            futures: list[Future[int]] = [pool.submit(spin, self.steps, task) for task in range(work)]
            results = [future.result() for future in (as_completed(futures) if self.completed else futures)]
            seconds = (time.perf_counter_ns() - start) / 1e9
        fault = None
        if sorted(results) != list(range(work)):
            fault = Fault("lost", "python.results", f"{work} tasks gave {len(set(results))} different results")
        return Round(seconds, work, fault)

    def close(self) -> None:
        """Nothing is shared."""
