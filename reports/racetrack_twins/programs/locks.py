"""The lecture's locks a and b, taken in the same order, released by finally."""

from __future__ import annotations

import threading

from ..round import Fault, Round, race


class TwoLocks:
    """Two threads move money from one account to the other, under both locks."""

    unit, least_work, most_work = "step", 16, 1 << 24
    THREADS = 2

    def round(self, work: int) -> Round:
        """Runs the same number of steps in both threads."""
        a, b = threading.RLock(), threading.RLock()
        accounts = [0, 0]
        steps = max(1, work // self.THREADS)

        def body() -> None:
            for _ in range(steps):
                a.acquire()  # pylint: disable=consider-using-with
                try:
                    b.acquire()  # pylint: disable=consider-using-with
                    try:
                        accounts[0] -= 1
                        accounts[1] += 1
                    finally:
                        b.release()
                finally:
                    a.release()

        seconds = race([body] * self.THREADS)
        done = steps * self.THREADS
        fault = None
        if accounts != [-done, done]:
            fault = Fault("exclusion", "python.sum", f"{done} steps under both locks left {accounts}")
        return Round(seconds, done, fault)

    def close(self) -> None:
        """Nothing is shared."""
