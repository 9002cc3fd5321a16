"""`scripts/mutants`: weakens every memory order of our headers and reports which mutants the explorer kills.

    scripts/mutants [FILTER] [--build DIR] [--executions N] [--seed N] [--run NAME] [--list]

Each mutant has one weaker order, or lacks one fence. It is built into a program of small tests
(tests/mutants/workloads) and explored. Records go to the latest run if that has the same commit and machine, and onto
its page. Exit codes: 0 each mutant was killed, or its survival is explained in tests/mutants/survivors.toml;
1 a survivor without an explanation, an explanation of a mutant that does not survive, or an unchanged header that
fails; 2 usage; 3 interrupted; 4 no mutant matches; 70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import entry, runs, shell_words
from racetrack_report.arguments import Parser, whole
from racetrack_report.engine import (
    HARNESS,
    INCOMPLETE,
    NOTHING,
    ROOT,
    USAGE,
    Engine,
    machine_and_build,
    run_folder,
    write_page,
)
from racetrack_report.filters import BadFilter, Filter
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json
from racetrack_twins.records import now

from . import oracles, records
from .building import DoesNotBuild, Recipe, build_mutant, recipe_of
from .exploring import Outcome, explore
from .survivors import Explanation, explanation_of, explanations, stale
from .weakening import Mutant, mutants_of
from .workloads import Workload, workloads

MUTANTS = Engine("mutants", "doctor", joins=True)
SURVIVORS = ROOT / "tests" / "mutants" / "survivors.toml"
AS_EXPECTED, UNEXPECTED = 0, 1
MEMORIES = ("sc", "weak")


@dataclass(frozen=True)
class Turn:
    """What is built and explored: a mutant, or the original header if `mutant` is None."""

    workload: Workload
    recipe: Recipe
    mutant: Mutant | None
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.workload.name}: {self.mutant.name if self.mutant else 'as it is'}"


@dataclass(frozen=True)
class Budget:
    """The budget of each test of a program, in each memory mode."""

    executions: int
    seed: int


def main(arguments: Sequence[str]) -> int:
    """Runs the mutants and writes the page of their run. Returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
        pattern = Filter(options.filter)
        chosen, entire = _chosen(pattern)
        with_oracles = pattern.matches(oracles.NAME)
        if options.list:
            names = [f"{workload.name}: {mutant.name}" for workload, mutant in chosen]
            print("\n".join([oracles.NAME, *names] if with_oracles else names))
        if options.list or not (chosen or with_oracles):
            return AS_EXPECTED if chosen or with_oracles else _nothing(options.filter)
        build = options.build.resolve()
        judged = oracles.explored(build) if with_oracles else ([], [])
        known = explanations(SURVIVORS)
        turns = _turns(build, chosen)
        folder = run_folder(MUTANTS, options.run)
        code = run_into(folder, judged, turns, Budget(options.executions, options.seed), known, entire)
        return write_page(MUTANTS, folder, code)
    except BadFilter as error:
        print(f"mutants: FILTER {error}", file=sys.stderr)
        return USAGE
    except UnusableInput as error:
        print(f"mutants: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("mutants", entry.described(error))
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE


def _parser() -> Parser:
    parser = Parser(prog="scripts/mutants", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument(
        "filter", nargs="?", default="", metavar="FILTER", help="regular expression, as --list has them"
    )
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="tree with the programs")
    parser.add_argument("--executions", type=whole(1, 1 << 53), default=20000, help="of each test at most")
    parser.add_argument("--seed", type=whole(0, (1 << 63) - 1), default=1, help="of the strategies that draw")
    parser.add_argument(
        "--run",
        default=os.environ.get("RUN") or None,
        metavar="NAME",
        help="default: the latest run, if it fits, else a new one",
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and build none")
    return parser


def _nothing(pattern: str) -> int:
    print(f"mutants: no mutant matches {pattern!r}; `--list` shows them", file=sys.stderr)
    return NOTHING


def _chosen(pattern: Filter) -> tuple[list[tuple[Workload, Mutant]], list[str]]:
    """Returns (the mutants that match, the headers all of whose mutants match)."""
    chosen: list[tuple[Workload, Mutant]] = []
    entire = []
    for workload in workloads():
        try:
            everyone = mutants_of(workload.header.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UnusableInput(f"{workload.name}: {error}") from error
        matching = [mutant for mutant in everyone if pattern.matches(f"{workload.name}: {mutant.name}")]
        chosen += [(workload, mutant) for mutant in matching]
        if everyone == matching:
            entire.append(workload.name)
    return chosen, entire


def _turns(build: Path, chosen: Sequence[tuple[Workload, Mutant]]) -> list[Turn]:
    """The original header of each workload, followed by its mutants."""
    turns: list[Turn] = []
    numbers = {workload: 0 for workload, _ in chosen}
    recipes = {workload: recipe_of(build, workload.target) for workload in numbers}
    for workload, mutant in chosen:
        recipe = recipes[workload]
        if numbers[workload] == 0:
            turns.append(Turn(workload, recipe, None, recipe.program.parent))
        numbers[workload] += 1
        folder = build / "mutants" / workload.header.stem / re.sub(r"\W+", "_", mutant.name)
        turns.append(Turn(workload, recipe, mutant, folder))
    return turns


def run_into(
    folder: Path,
    judged: tuple[Sequence[Json], Sequence[str]],
    turns: Sequence[Turn],
    budget: Budget,
    known: Sequence[Explanation],
    entire: Sequence[str],
) -> int:
    """Appends a record for each line of the oracles and for each turn, and prints the results. Returns the exit
    code."""
    facts = machine_and_build(MUTANTS)
    (folder / "records.jsonl").touch()
    began, invocation = time.monotonic(), f"{now()}-{os.getpid()}"
    plan = {
        "command": shell_words.command(["scripts/mutants", *sys.argv[1:]]),
        "seed": budget.seed,
        "forks": 1,
        "min_time_s": 0.0,
        "cases": [turn.name for turn in turns],
        "left_out": [],
    }
    runs.append(folder, [records.environment(invocation, facts, plan=plan)])
    lines, amiss = judged
    runs.append(folder, [records.oracle_record(invocation, line) for line in lines])
    if lines:
        print(oracles.summary(lines))
    print(f"mutants: {len(turns)} programs", flush=True)
    done: list[tuple[Turn, Json]] = []
    ended = "interrupted"
    try:
        for turn, started_at, outcomes in _explored(turns, budget):
            explanation = explanation_of(turn.workload.name, turn.mutant.name, known) if turn.mutant else None
            record = records.mutant_record(
                invocation, turn.workload.name, turn.mutant, outcomes, explanation, started_at
            )
            runs.append(folder, [record])
            done.append((turn, record))
            print(f"  {described(turn, record)}", flush=True)
        ended = "complete"
    except KeyboardInterrupt:
        pass
    outcome = {"ended": ended, "done": len(done), "planned": len(turns), "duration_s": time.monotonic() - began}
    runs.append(folder, [records.environment(invocation, facts, outcome=outcome)])
    if ended == "interrupted":
        return INCOMPLETE
    alive = [(t.workload.name, t.mutant.name) for t, record in done if t.mutant and _survived(record)]
    out_of_date = stale(known, alive, entire)
    wrong = [*oracles.complaints(lines), *amiss, *_complaints(done), *map(_stale_words, out_of_date)]
    print("\n".join([*_summary([record for _, record in done]), *wrong]))
    return UNEXPECTED if wrong else AS_EXPECTED


def _explored(turns: Sequence[Turn], budget: Budget) -> Iterator[tuple[Turn, str, list[Outcome]]]:
    """Yields the outcomes in the order of the turns, and explores as many at once as there are processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for turn, (started_at, outcomes) in zip(turns, pool.map(lambda turn: _outcomes(turn, budget), turns)):
                yield turn, started_at, outcomes
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _outcomes(turn: Turn, budget: Budget) -> tuple[str, list[Outcome]]:
    started_at = now()
    program = turn.recipe.program
    if turn.mutant is not None:
        try:
            program = build_mutant(turn.recipe, turn.workload, turn.mutant, turn.folder)
        except DoesNotBuild as error:
            return started_at, [Outcome(memory, "unknown", 0, 0.0, text=str(error)) for memory in MEMORIES]
    outcomes = [explore(program, memory, budget.executions, budget.seed) for memory in MEMORIES]
    return started_at, outcomes


def _survived(record: Json) -> bool:
    return all(outcome["result"] == "survived" for outcome in record["outcomes"])


def described(turn: Turn, record: Json) -> str:
    """Example: 'scenarios/queue/vyukov.hpp:35: VyukovQueue::try_push ... acquire relaxed: sc: race (execution 3)'."""
    where = f"{turn.workload.name}:{turn.mutant.place.line}: {turn.mutant.name}" if turn.mutant else turn.name
    return f"{where}: {'; '.join(map(_outcome_words, record['outcomes']))}"


def _outcome_words(outcome: Json) -> str:
    if outcome["result"] == "killed":
        return f"{outcome['memory']}: {outcome['kind']} in {outcome['test']} (execution {outcome['executions']})"
    tail = f" ({outcome['text']})" if outcome["text"] else f" {outcome['executions']} executions"
    return f"{outcome['memory']}: {outcome['result']}{tail}"


def _summary(done: Sequence[Json]) -> list[str]:
    """A line for each header."""
    lines = []
    for header in dict.fromkeys(record["header"] for record in done):
        group = [record for record in done if record["header"] == header and record["change"]]
        alive = [record for record in group if _survived(record)]
        killed = ", ".join(
            f"{sum(o['result'] == 'killed' for r in group for o in r['outcomes'] if o['memory'] == memory)} in {memory}"
            for memory in MEMORIES
        )
        explained = sum(record["explanation"] is not None for record in alive)
        lines.append(f"{header}: {len(group)} mutants; killed {killed}; {len(alive)} survive, {explained} explained")
    return lines


def _complaints(done: Sequence[tuple[Turn, Json]]) -> list[str]:
    lines = []
    for turn, record in done:
        if record["as_expected"]:
            continue
        if turn.mutant is None:
            lines.append(f"UNEXPECTED {turn.name}: {'; '.join(map(_outcome_words, record['outcomes']))}")
        elif any(outcome["result"] == "unknown" for outcome in record["outcomes"]):
            lines.append(f"UNEXPECTED {described(turn, record)}")
        elif _survived(record):
            lines.append(f"UNEXPECTED {turn.name}: survives, and {SURVIVORS.relative_to(ROOT)} does not say why")
    return lines


def _stale_words(each: tuple[str, str]) -> str:
    return f"UNEXPECTED {each[0]}: {each[1]}: {SURVIVORS.relative_to(ROOT)} explains what does not survive"
