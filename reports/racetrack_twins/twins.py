"""The Python programs, and the C++ cases that they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from racetrack_report.filters import Filter

from .programs.locks import TwoLocks
from .programs.points import LockedPoint, Point, ReadWrite
from .programs.pools import Pool
from .programs.queues import Print, Shutdown, Transfer
from .programs.requests import Gather
from .programs.spawns import Processes, Threads
from .round import Program

Params = dict[str, int | str]


@dataclass(frozen=True)
class Setting:
    """Inputs of a program in addition to its parameters: the HTTP server, and a seed."""

    server: Path | None
    seed: int


@dataclass(frozen=True)
class Twin:
    """One case in Python. Family, workload and parameters are those of the C++ case; the subject is Python's."""

    family: str
    workload: str
    subject: str
    cpp_twin: str  # the C++ subject with the same structure, or empty
    params: Mapping[str, int | str]
    make: Callable[[Setting], Program]
    threads: int = 2
    may: tuple[tuple[str, str], ...] = ()  # detector and kind of the faults that may occur
    needs_server: bool = False

    @property
    def name(self) -> str:
        """The name, in the form of a C++ case."""
        return "/".join(
            [self.family, self.workload, self.subject, *(f"{key}:{value}" for key, value in self.params.items())]
        )


def _server(setting: Setting) -> Path:
    assert setting.server is not None
    return setting.server


def _queue(producers: int, consumers: int, capacity: int) -> Params:
    return {"producers": producers, "consumers": consumers, "capacity": capacity, "payload": 8, "wait": "block"}


def _gather(requests: int) -> Twin:
    return Twin(
        "async_io",
        "gather",
        "python_asyncio",
        "asio_coroutines",
        {"requests": requests, "delay_ms": 1},
        lambda setting: Gather(_server(setting), requests, 1),
        threads=1,
        needs_server=True,
    )


def _point(subject: str, cpp_twin: str, point: type[Point] | type[LockedPoint], *may: tuple[str, str]) -> Twin:
    params: Params = {"threads": 2, "read_share": 90}
    return Twin(
        "point", "read_write", subject, cpp_twin, params, lambda setting: ReadWrite(point, 2, 90, setting.seed), may=may
    )


def _pool(workload: str, threads: int, grain_ns: int, **others: str) -> Twin:
    return Twin(
        "pool",
        workload,
        "python_thread_pool",
        "mutex_condvar",
        {"threads": threads, "grain_ns": grain_ns, **others},
        lambda _: Pool(threads, grain_ns, completed=workload == "as_completed"),
        threads=threads + 1,  # plus the submitting thread
    )


TWINS: tuple[Twin, ...] = (
    Twin("queue", "shutdown", "python_queue", "mutex_condvar", _queue(1, 2, 5), lambda _: Shutdown(5, 2), threads=3),
    Twin("queue", "transfer", "python_queue", "mutex_condvar", _queue(1, 1, 1024), lambda _: Transfer(1024)),
    Twin(
        "queue",
        "print",
        "python_print",
        "unsynchronised",
        {"workers": 2},
        lambda _: Print(2),
        may=(("python.lines", "torn"),),
    ),
    _point("python_unlocked", "unlocked", Point, ("python.torn", "torn")),
    _point("python_rlock", "recursive_mutex", LockedPoint),
    Twin("lock", "two_locks", "python_rlock", "same_order", {}, lambda _: TwoLocks()),
    _pool("fan_out", 2, 10_000, results="future"),
    _pool("as_completed", 3, 10_000),
    Twin("spawn", "thread", "python_thread", "std_thread", {"starters": 1}, lambda _: Threads()),
    Twin("spawn", "process", "python_process", "fork", {"starters": 1, "resident_mib": 1}, lambda _: Processes(1)),
    _gather(2),
    _gather(1000),
)


def selected(pattern: str) -> list[Twin]:
    """The cases whose name matches the regular expression. Raises BadFilter for an invalid expression."""
    chosen = Filter(pattern)
    return [twin for twin in TWINS if chosen.matches(twin.name)]
