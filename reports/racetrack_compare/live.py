"""Runs a paired comparison pass after pass, until the plan is complete, the budget is spent or Ctrl-C is pressed."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import schedule
from .collect import samples_of_pairs
from .driver import Options, Ran, both, run_pair
from .judgement import INCONCLUSIVE, Judged, Rule, Threshold, judge
from .plan import Plan, duration
from .sides import Live
from .when import utc_now

REPORT_EVERY_S = 10.0


@dataclass(frozen=True)
class Result:
    """The verdicts by the rule of the last look, and the reason if there are fewer pairs than planned."""

    judged: tuple[Judged, ...]
    rule: Rule
    ran: tuple[Ran, ...]
    state: str


class Interrupted(KeyboardInterrupt):
    """SIGTERM, handled like Ctrl-C."""


def run(
    sides: tuple[Live, Live],
    names: Sequence[tuple[str, str]],
    options: Options,
    plan: Plan,
    threshold: Threshold,
    folder: Path,
    seed: int,
    budget_s: float | None = None,
) -> Result:
    """Runs the plan. Each side's records are written to folder/old and folder/new as they arrive."""
    race = _Race(names, plan, threshold, budget_s)

    def stop(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with both(*sides, folder, options, names) as hosts:
            order = schedule.Schedule(seed)
            while race.wants_more():
                for pairing in order.next_pass(race.open):
                    if race.out_of_budget():
                        break
                    race.ran.append(run_pair(hosts, names[pairing.case], pairing, utc_now))
                    race.report()
                else:
                    race.passed()
    except KeyboardInterrupt:
        race.state = "Interrupted: judged by the completed pairs."
    finally:
        signal.signal(signal.SIGTERM, before)
        race.end_line()
        if not race.ran:
            shutil.rmtree(folder, ignore_errors=True)  # nothing was measured
    return race.result()


class _Race:
    """The completed pairs, the decided cases, and whether to continue."""

    def __init__(
        self, names: Sequence[tuple[str, str]], plan: Plan, threshold: Threshold, budget_s: float | None
    ) -> None:
        self.open = list(range(len(names)))
        self.ran: list[Ran] = []
        self.state = ""
        self._names, self._plan, self._budget_s = names, plan, budget_s
        self._rule = Rule(threshold, plan.alpha, len(plan.looks))
        self._passes = 0
        self._decided: dict[int, Judged] = {}
        self._began = self._reported_at = time.monotonic()

    def wants_more(self) -> bool:
        return bool(self.open) and self._passes < self._plan.pairs and not self.state

    def out_of_budget(self) -> bool:
        spent = time.monotonic() - self._began
        if self._budget_s is None or spent < self._budget_s:
            return False
        self.state = f"The budget of {duration(self._budget_s)} is spent: judged by the completed pairs."
        return True

    def passed(self) -> None:
        """Called after each pass. At a planned look, decided cases stop."""
        self._passes += 1
        if self._passes in self._plan.looks[:-1]:
            for index, judged in enumerate(self._judged()):
                if judged.verdict != INCONCLUSIVE:
                    self._decided.setdefault(index, judged)
            self.open = [index for index in self.open if index not in self._decided]

    def _judged(self) -> list[Judged]:
        """The verdicts of all cases so far; cases that were decided at an earlier look keep their verdict."""
        now = judge(samples_of_pairs(self._names, self.ran), self._rule)
        return [self._decided.get(index, judged) for index, judged in enumerate(now)]

    def result(self) -> Result:
        measured = {each.pairing.case for each in self.ran}
        judged = [each for index, each in enumerate(self._judged()) if index in measured]
        return Result(tuple(judged), self._rule, tuple(self.ran), self.state)

    def report(self) -> None:
        """Prints one line of progress: on a terminal in place, otherwise from time to time."""
        now = time.monotonic()
        missing = (self._plan.pairs - self._passes) * len(self.open)
        left = (now - self._began) / len(self.ran) * missing
        text = f"compare: {len(self.ran)} pairs done, at most {duration(left)} left"
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif now - self._reported_at >= REPORT_EVERY_S:
            print(text, file=sys.stderr, flush=True)
            self._reported_at = now

    def end_line(self) -> None:
        if sys.stderr.isatty() and self.ran:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
