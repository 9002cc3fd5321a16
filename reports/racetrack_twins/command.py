"""`scripts/python_twins.py`: runs the lecture's Python programs under the workloads of their C++ twins.

    scripts/python_twins.py [FILTER] [--run RUN] [--time S] [--forks N] [--seed N] [--list]

Exit codes: 0 all as expected; 1 a program was wrong; 2 usage; 3 incomplete; 4 nothing ran;
70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import entry, records_file, runs, shell_words
from racetrack_report.arguments import Parser, expression, positive, whole
from racetrack_report.check import parse
from racetrack_report.engine import (
    HARNESS,
    INCOMPLETE,
    NOTHING,
    USAGE,
    Engine,
    After,
    Interruption,
    check_folder,
    machine_and_build,
    run_folder,
    write_page,
)
from racetrack_report.filters import BadFilter, Filter
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

from . import child, records
from .twins import Twin, selected

PYTHON = Engine("python_twins", "doctor", joins=True)
AS_EXPECTED, UNEXPECTED = 0, 1
LIMIT_S = 60.0  # of a child process: time that the machine gave to it
# Options of `racetrack bench` that do not exclude the twins, each with the number of its values.
OPTIONS = {"--full": 0, "--quiet": 0, "--forks": 1, "--time": 1, "--seed": 1, "--limit": 1, "--pin": 1, "--run": 1}


@dataclass(frozen=True)
class Sweep:
    """What to run: `seconds` of timed rounds in each of `forks` child processes per twin."""

    twins: Sequence[Twin]
    seconds: float = 0.1
    forks: int = 6
    seed: int = 0


def main(arguments: Sequence[str]) -> int:
    """Runs the twins and writes the page of their run. Returns the exit code."""
    try:
        options = _parser().parse_args(arguments)
        twins = selected(options.filter)
        if options.list:
            print("\n".join(twin.name for twin in twins))
        if options.list or not twins:
            return AS_EXPECTED if twins else _nothing(options.filter)
        seed = random.SystemRandom().getrandbits(32) if options.seed is None else options.seed
        folder = _folder(options.run)
        code = run_into(folder, machine_and_build(PYTHON), Sweep(twins, options.time, options.forks, seed))
        return write_page(PYTHON, folder, code)
    except UnusableInput as error:
        print(f"python_twins: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain("python_twins", entry.described(error))
        return HARNESS


def _parser() -> Parser:
    parser = Parser(prog="scripts/python_twins.py", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "filter",
        nargs="?",
        type=expression,
        default="",
        metavar="FILTER",
        help="regular expression searched in the name",
    )
    parser.add_argument(
        "--run", metavar="RUN", help="a run's folder or name (default: the latest, if it fits, else new)"
    )
    parser.add_argument("--time", type=positive, default=Sweep.seconds, help="seconds of timed rounds per fork")
    parser.add_argument("--forks", type=whole(1, 1000), default=Sweep.forks, metavar="N", help="child processes")
    parser.add_argument("--seed", type=int, help="seed for the order and the workloads (default: random)")
    parser.add_argument("--list", action="store_true", help="print the names and run nothing")
    return parser


def _nothing(pattern: str) -> int:
    print(f"python_twins: no program matches {pattern!r}; `--list` shows them", file=sys.stderr)
    return NOTHING


def _folder(out: str | None) -> Path:
    """The folder for the records. Creates it when it does not exist."""
    if out is None or runs.NAME.fullmatch(out):
        return run_folder(PYTHON, out)
    check_folder(Path(out), goes_on=True)
    Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out)


def server() -> Path | None:
    """The HTTP server, searched where racetrack searches for it, or None."""
    given = os.environ.get("RACETRACK_HTTP_SERVER")
    folder = PYTHON.program.parent
    places = [Path(given)] if given else [folder, folder.parent / "libexec" / "racetrack"]
    found = (place if given else place / "racetrack_http_server" for place in places)
    return next((path for path in found if path.is_file()), None)


def run_into(folder: Path, facts: Json, sweep: Sweep) -> int:
    """Appends a record for each twin and fork, in a new random order for each fork. Returns the exit code."""
    (folder / "records.jsonl").touch()
    http = server()
    twins = [twin for twin in sweep.twins if http or not twin.needs_server]
    left_out = [
        {"what": twin.name, "why": "racetrack_http_server is not built"} for twin in sweep.twins if twin not in twins
    ]
    began = records.now()
    invocation = f"{began}-{os.getpid()}"
    command = shell_words.command([f"scripts/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    plan = records.plan(command, sweep.seed, sweep.forks, sweep.seconds, twins, left_out)
    runs.append(folder, [records.environment(invocation, facts, plan=plan)])
    dice = random.Random(sweep.seed)
    turns = [(fork, twin) for fork in range(sweep.forks) for twin in dice.sample(twins, len(twins))]
    done: list[Json] = []
    print(f"python_twins: {len(turns)} runs of {len(twins)} programs", flush=True)
    with Interruption() as interruption:
        for order_index, (fork, twin) in enumerate(turns):
            seed = dice.getrandbits(32)
            started_at = records.now()
            job = {"case": twin.name, "seconds": sweep.seconds, "seed": seed, "server": str(http) if http else None}
            ending = child.run(job, LIMIT_S, lambda: interruption.requested)
            record = records.case(twin, invocation, facts, fork, order_index, seed, started_at, ending)
            runs.append(folder, [record])
            done.append(record)
            if interruption.requested:
                break
    ended = {
        "ended": "interrupted" if interruption.requested else "complete",
        "done": len(done) - interruption.requested,
        "planned": len(turns),
        "duration_s": sum(record["duration_s"] for record in done),
    }
    runs.append(folder, [records.environment(invocation, facts, outcome=ended)])
    for line in summary(done):
        print(line)
    for each in left_out:
        print(f"  left out: {each['what']} ({each['why']})")
    return _code(done, interruption.requested)


def _code(done: Sequence[Json], interrupted: bool) -> int:
    unexpected = [record["verdict"]["result"] for record in done if not record["verdict"]["as_expected"]]
    if "fail" in unexpected:
        return UNEXPECTED
    return INCOMPLETE if interrupted or unexpected else AS_EXPECTED


def summary(done: Sequence[Json]) -> list[str]:
    """One line per program: the median and range of its forks, or its unexpected verdict."""
    lines = []
    for name in sorted({record["case"] for record in done}):
        group = [record for record in done if record["case"] == name]
        wrong = [record["verdict"] for record in group if not record["verdict"]["as_expected"]]
        rates = [
            value
            for record in group
            for key, value in record["metrics"].items()
            if key.endswith("s_per_s") and key in record["values"]
        ]
        if wrong:
            lines.append(f"  {name}: {wrong[0]['kind'] or 'unknown'}: {(wrong[0]['witness'] or {}).get('text', '')}")
        elif rates:
            unit = next(key for key in group[0]["values"] or group[-1]["values"]).removesuffix("_per_s")
            lines.append(
                f"  {name}: {statistics.median(rates):.4g} {unit}/s [{min(rates):.4g} .. {max(rates):.4g}] "
                f"over {len(rates)} forks"
            )
    return lines


def after_bench(arguments: Sequence[str]) -> After:
    """Returns the step that scripts/bench runs after racetrack: the twins of the measured cases, into the same run."""

    def after(folder: Path, code: int) -> int:
        pattern = pattern_of(arguments)
        twins = [] if pattern is None else selected(pattern)
        facts = _facts_of(folder)
        if not twins or facts is None or code not in (AS_EXPECTED, UNEXPECTED):
            return code
        return run_into(folder, facts, Sweep(twins, seed=random.SystemRandom().getrandbits(32))) or code

    return after


def pattern_of(arguments: Sequence[str]) -> str | None:
    """The FILTER of a call of `racetrack bench`, or ""; None when an option excludes the Python programs."""
    pattern = ""
    rest = iter(arguments)
    for argument in rest:
        option, equals, _ = argument.partition("=")
        if not argument.startswith("-"):
            pattern = argument
        elif option not in OPTIONS:
            return None
        elif not equals:
            for _ in range(OPTIONS[option]):
                next(rest, None)
    try:
        Filter(pattern)
    except BadFilter:
        return None  # racetrack has refused it, or only racetrack accepts it
    return pattern


def _facts_of(folder: Path) -> Json | None:
    """Machine and build of a run, from its last environment record."""
    found: Json | None = None
    records_file.check(folder / records_file.NAME)
    with open(folder / records_file.NAME, "rb") as stream:
        for line in stream:
            try:
                record = parse(line) if b'"environment"' in line else None
            except ValueError:
                continue
            if record is not None and record["record"] == "environment":
                found = record
    return found
