"""A round of a program: the work of its threads, their time, and the check of the result."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Fault:
    """A wrong result: its kind in the record schema, its detector, and the observation."""

    kind: str
    detector: str
    witness: str


@dataclass(frozen=True)
class Round:
    """`work` units in `seconds`, from the first thread's start to the last one's end."""

    seconds: float
    work: int
    fault: Fault | None = None
    measurements: dict[str, float] = field(default_factory=dict)
    latencies_ns: dict[str, list[int]] = field(default_factory=dict)


class Program(Protocol):
    """One of the lecture's programs; `unit`, `least_work` and `most_work` mean the same as in C++ scenarios."""

    unit: str
    least_work: int
    most_work: int

    def round(self, work: int) -> Round:
        """Creates a new subject, runs all threads, and checks the result."""

    def close(self) -> None:
        """Releases the resources that rounds share."""


def race(bodies: Sequence[Callable[[], None]]) -> float:
    """Runs each body in a separate thread, started together. Returns the seconds from the first start to the last end.

    Raises the first exception of a body.
    """
    barrier = threading.Barrier(len(bodies))
    spans: list[tuple[int, int]] = []
    errors: list[BaseException] = []

    def serve(body: Callable[[], None]) -> None:
        barrier.wait()
        start = time.perf_counter_ns()
        try:
            body()
        except BaseException as error:  # pylint: disable=broad-exception-caught
            errors.append(error)
        spans.append((start, time.perf_counter_ns()))

    threads = [threading.Thread(target=serve, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return (max(end for _, end in spans) - min(start for start, _ in spans)) / 1e9
