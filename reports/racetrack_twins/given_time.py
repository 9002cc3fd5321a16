"""The time that the machine gave to a process. A watchdog counts it instead of wall-clock time.

The same algorithm as GivenTime in bench/load/given_time.cpp, which gives the reasons. A runnable thread that waits for
a processor, a stopped process, a suspended machine and a delayed caller add nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

TICK_S = 0.25  # between two samples; a longer interval counts as two
LEAST_SHARE = 50


@dataclass
class _Thread:
    state: str
    ran: float  # seconds on a processor since its start
    waited: float  # seconds in which it was runnable and waited for one
    given: float = 0.0
    since: float = 0.0  # the total given when the thread was first seen


class GivenTime:
    """The time given to `process` and to all processes that it has started."""

    def __init__(
        self, process: int, proc: Path = Path("/proc"), clock: Callable[[], float] = time.monotonic, processors: int = 0
    ) -> None:
        self._process, self._proc, self._clock = process, proc, clock
        self._processors = processors or len(os.sched_getaffinity(0))
        self._last = clock()
        self._threads: dict[int, _Thread] = {}
        self.given = 0.0
        self.certain = True  # False: /proc showed no thread for a while
        self._sample_after(0.0)

    def sample_when_due(self) -> None:
        """Adds the time since the last sample when a tick has passed."""
        elapsed = self._clock() - self._last
        if elapsed >= TICK_S:
            self._last += elapsed
            self._sample_after(min(elapsed, 2 * TICK_S))

    def exhausts(self, patience: float) -> bool:
        """Whether the process was given `patience` seconds, and each thread a fiftieth of it.

        Threads that existed for less than half of that time do not count.
        """
        return self.given >= patience and all(
            thread.since > patience / 2 or thread.given >= patience / LEAST_SHARE for thread in self._threads.values()
        )

    def _sample_after(self, elapsed: float) -> None:
        now: dict[int, _Thread] = {}
        least, ran_in_all, active = elapsed, 0.0, 0
        for process in self._family():
            for task in self._tasks(process):
                thread = self._read(process, task)
                if thread is None:
                    continue
                before = self._threads.get(task)
                if before is None:
                    now[task] = replace(thread, since=self.given)
                    continue
                ran = own = min(max(0.0, thread.ran - before.ran), elapsed)
                if thread.state == "S":  # it had the whole interval except its wait for a processor
                    own = min(max(elapsed - (thread.waited - before.waited), ran), elapsed)
                now[task] = replace(thread, given=before.given + own, since=before.since)
                least = min(least, own)
                ran_in_all += ran
                active += thread.state == "R" or ran > 0
        self.certain = self.certain and bool(now)
        self._threads = now
        share = ran_in_all / min(max(active, 1), self._processors)
        self.given += min(elapsed, max(least, share))

    def _family(self) -> list[int]:
        family = [self._process]
        for process in family:
            for task in self._tasks(process):
                text = _content(self._proc / str(process) / "task" / str(task) / "children")
                family.extend(int(word) for word in text.split())
        return family

    def _tasks(self, process: int) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._proc / str(process) / "task") if name.isdigit()]
        except OSError:
            return []

    def _read(self, process: int, task: int) -> _Thread | None:
        """Returns None when the thread has ended."""
        folder = self._proc / str(process) / "task" / str(task)
        _, _, after_name = _content(folder / "stat").rpartition(") ")
        if not after_name or after_name[0] in "ZX":
            return None
        times = [int(word) / 1e9 for word in _content(folder / "schedstat").split()]
        ran, waited = times[:2] if len(times) > 1 else (0.0, 0.0)
        return _Thread(after_name[0], ran, waited)


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
