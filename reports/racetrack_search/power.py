"""Measures how soon each strategy finds each fault, from several seeds."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from racetrack_report.model import Json

from . import cases
from .records import Attempt

ROTATION = "rotation"
STRATEGIES = (ROTATION, "random", "pct2", "pct3", "pct4", "pos", "urw", "surw", "dfs1", "dfs2", "dfs")
USUAL_S = 0.3  # of a typical search: most find their fault at once
KEPT_S = 600.0  # results are written to disk at least this often
GIVE_UP = 3  # consecutive attempts without a finding, counted from the first


@dataclass(frozen=True)
class Plan:
    """What to search, how long, and from how many seeds."""

    controls: Mapping[str, Json]
    strategies: Sequence[str] = STRATEGIES
    seeds: int = 20
    limit_s: float = 60.0  # of one search
    executions: int = (
        20_000  # limit of a search by one strategy alone, so that the results do not depend on the machine's load
    )
    minutes: float = 90.0  # no search begins later

    def limit(self, strategy: str) -> int | None:
        """Of executions."""
        return None if strategy == ROTATION else self.executions

    def seeds_of(self, strategy: str) -> int:
        """The number of seeds: one for a depth-first search, which is not random."""
        return 1 if strategy.startswith("dfs") else self.seeds

    def turns(self) -> Iterator[tuple[int, str]]:
        """(seed, strategy) in an order that gives every strategy equally many seeds if the time runs out."""
        for seed in range(1, self.seeds + 1):
            for strategy in self.strategies:
                if seed <= self.seeds_of(strategy):
                    yield seed, strategy

    def estimate(self) -> str:
        searches = len(self.controls) * sum(self.seeds_of(strategy) for strategy in self.strategies)
        size = (
            f"{len(self.controls)} controls, {len(self.strategies)} strategies, {self.seeds} seeds: {searches} searches"
        )
        return (
            f"{size}, each until the fault is found, {self.limit_s:g} s have passed, or one strategy alone has had "
            f"{self.executions} executions.\n"
            f"A strategy that fails from {GIVE_UP} seeds is given up.\n"
            f"Takes about {searches * USUAL_S / 60:.0f} minutes on an idle machine; no search begins after "
            f"{self.minutes:g} minutes."
        )


@dataclass
class Results:
    """Attempts by case and strategy."""

    attempts: dict[tuple[str, str], list[Attempt]] = field(default_factory=dict)

    def known(self, case: str, strategy: str) -> list[Attempt]:
        return self.attempts.setdefault((case, strategy), [])

    def is_left(self, case: str, strategy: str, seed: int) -> bool:
        """Whether this search is still to be done."""
        done = self.known(case, strategy)
        hopeless = len(done) >= GIVE_UP and not any(each.found for each in done)
        return not hopeless and all(each.seed != seed for each in done)

    def add(self, case: str, strategy: str, attempt: Attempt) -> None:
        self.known(case, strategy).append(attempt)


def attempt_of(record: Json, seed: int) -> Attempt:
    """The result of a search, from the case record of an exploration."""
    metrics = record["metrics"]
    found = cases.is_found(record)
    return Attempt(
        seed,
        found,
        int(metrics.get("executions_to_find_count" if found else "executions_count", 0)),
        float(metrics["time_to_find_s"] if found else record["duration_s"]),
    )


def searched(
    program: Path,
    plan: Plan,
    results: Results,
    is_over: Callable[[], bool],
    report: Callable[[str], None],
    keep: Callable[[], None],
) -> None:
    """Adds the missing results, until all are complete, `is_over` returns true, or the time is spent.

    Calls `keep` now and then, and at the end.
    """
    begin = kept = time.monotonic()
    for seed, strategy in plan.turns():
        left = [case for case in plan.controls if results.is_left(case, strategy, seed)]
        if not left:
            continue
        if is_over() or time.monotonic() - begin > plan.minutes * 60:
            break
        alone = [] if strategy == ROTATION else ["--strategy", strategy, "--executions", str(plan.executions)]
        words = ["--seed", str(seed), "--time", f"{plan.limit_s:g}", *alone]
        records: list[Json] = []
        for memory, names in cases.by_memory(plan.controls, left):
            with tempfile.TemporaryDirectory() as folder:
                command = [*cases.named(names), "--memory", memory, *words]
                records += cases.explored(program, Path(folder) / "run", command)
        done = [record for record in records if record["ended"]["how"] != "interrupted"]
        for record in done:
            results.add(record["case"], strategy, attempt_of(record, seed))
        count = sum(cases.is_found(record) for record in done)
        report(f"seed {seed:2} {strategy:9} found {count:3} of {len(left):3}  {time.monotonic() - begin:6.0f} s")
        if time.monotonic() - kept > KEPT_S:
            keep()
            kept = time.monotonic()
    keep()
