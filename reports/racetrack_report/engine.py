"""Runs one of racetrack's engines into a run folder and writes the run's page: what scripts/bench and its kin share.

The run is named by --run, else by the variable RUN. Without a name, an engine that joins goes on with the latest run when that is
of the same commit and machine; else the run is new and named by time and commit. Ctrl-C goes to racetrack once; it stops
itself, keeps what was done, and the page is written all the same.
"""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import records_file, runs
from .check import parse
from .loader import UnusableInput
from .model import Json

ROOT = Path(__file__).resolve().parents[2]
USAGE, INCOMPLETE, NOTHING, HARNESS = 2, 3, 4, 70
ONLY_TELLS = ("-h", "--help", "--benchmark_list_tests")  # these run nothing: no run, no page


@dataclass(frozen=True)
class Engine:
    """A script, the command of racetrack that it runs, and the build tree whose racetrack that is."""

    script: str
    command: str
    flavour: str = "release"
    joins: bool = False  # the latest run, when it is of the same commit and machine

    @property
    def program(self) -> Path:
        return Path(os.environ.get("RACETRACK", ROOT / "build" / self.flavour / "racetrack"))

    @property
    def remedy(self) -> str:
        return "make build" if self.flavour == "release" else f"make build PRESET={self.flavour}"


# What an engine's script does between racetrack's end and the page: given the run and racetrack's exit code, the script's.
After = Callable[[Path, int], int]


def reports_folder() -> Path:
    return Path(os.environ.get("RACETRACK_REPORTS", ROOT / "reports"))


def run(engine: Engine, arguments: Sequence[str], after: After | None = None) -> int:
    """Runs the engine with the user's arguments; returns the script's exit code."""
    try:
        if not engine.program.is_file():
            raise UnusableInput(f"{engine.program}: not built; `{engine.remedy}` builds it")
        if any(argument.split("=")[0] in ONLY_TELLS for argument in arguments):
            return race([str(engine.program), engine.command, *arguments])
        name, others = split(engine, arguments)
        reports = reports_folder()
        if name is None:
            name = joined_run(engine, reports) or default_name()
        folder = reports / "runs" / name
        check_folder(folder, engine.joins or "--resume" in others)
        code = race([str(engine.program), engine.command, *others, "--out", str(folder)])
        if not (folder / "records.jsonl").is_file():
            return code
        runs.point_latest(reports, name)
        return write_page(engine, folder, code if after is None else after(folder, code))
    except UnusableInput as error:
        print(f"{engine.script}: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"{engine.script}: {error.filename}: {error.strerror}", file=sys.stderr)
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE


def write_page(engine: Engine, folder: Path, code: int) -> int:
    """Writes the page of a run and prints its path. Returns `code`, or 70 when that was 0 and the page failed."""
    sys.stdout.flush()  # what has been told comes before the path
    made = subprocess.run([str(ROOT / "scripts" / "report"), str(folder)], check=False).returncode
    if made not in (0, NOTHING):
        print(f"{engine.script}: the records are in {folder}, but the report failed ({made})", file=sys.stderr)
        return code or HARNESS
    return code


def split(engine: Engine, arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """(name of the run, the other arguments). Raises UnusableInput for --run without a name and for --out."""
    name: str | None = os.environ.get("RUN") or None
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--run":
            name = next(rest, "")
        elif argument.startswith("--run="):
            name = argument.removeprefix("--run=")
        elif argument == "--out" or argument.startswith("--out="):
            direct = f"call racetrack {engine.command} itself"
            raise UnusableInput(f"--out is chosen here: name the run with --run NAME, or {direct}")
        else:
            others.append(argument)
    return (None if name is None else runs.checked_name(name)), others


def default_name() -> str:
    """UTC time and short commit: 20261123T101500Z-1a2b3c4."""
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    git = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return f"{time}-{git.stdout.strip()}" if git.returncode == 0 else time


def joined_run(engine: Engine, reports: Path) -> str | None:
    """The latest run's name, when the engine joins and this racetrack, on this machine, may append to it."""
    records = reports / "latest" / "records.jsonl"
    if not engine.joins or not records.is_file():
        return None
    told = subprocess.run([str(engine.program), "doctor", "--json"], capture_output=True, text=True, check=False)
    try:
        ours = _identity(json.loads(told.stdout))
        records_file.check(records)
        with open(records, "rb") as stream:
            theirs = {_identity(record) for record in map(_environment, stream) if record is not None}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return records.resolve().parent.name if theirs == {ours} else None


def _environment(line: bytes) -> Json | None:
    if b'"environment"' not in line:
        return None
    try:
        record = parse(line)
    except ValueError:
        return None
    return record if record["record"] == "environment" else None


def _identity(facts: Json) -> tuple[str, bool, str]:
    """What must be equal for records to lie in one run, as racetrack itself checks."""
    return facts["build"]["commit"], facts["build"]["dirty"], facts["machine"]["fingerprint"]


def check_folder(folder: Path, goes_on: bool) -> None:
    """Raises UnusableInput when the folder holds something that this call must not touch."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / "records.jsonl").is_file():
        raise UnusableInput(f"{folder}: exists and is no run; choose another name")
    if not goes_on:
        raise UnusableInput(f"{folder}: already holds a run; choose another name, or go on with it by --resume")


def run_folder(engine: Engine, name: str | None) -> Path:
    """The folder of a run that a script itself writes: the one of that name, else the latest that may be joined, else a new one.

    It is made if it is not there, and is the latest from then on. Raises UnusableInput.
    """
    reports = reports_folder()
    name = runs.checked_name(name) if name is not None else joined_run(engine, reports) or default_name()
    folder = reports / "runs" / name
    check_folder(folder, goes_on=True)
    folder.mkdir(parents=True, exist_ok=True)
    runs.point_latest(reports, name)
    return folder


def machine_and_build(engine: Engine) -> Json:
    """Machine and build, as racetrack sees them. Raises UnusableInput when it is not built."""
    if not engine.program.is_file():
        raise UnusableInput(f"{engine.program}: not built; `{engine.remedy}` builds it")
    told = subprocess.run([str(engine.program), "doctor", "--json"], capture_output=True, text=True, check=False)
    try:
        answer: Json = json.loads(told.stdout)
    except ValueError as error:
        raise UnusableInput(f"{engine.program}: `doctor --json` gives no facts; build it again") from error
    return answer


class Interruption:
    """Notes SIGINT and SIGTERM while it is entered. Ctrl-C goes to the processes that run as well."""

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, *_: object) -> None:
        self.requested = True


def race(command: Sequence[str], received: list[int] | None = None) -> int:
    """Runs racetrack, or a script that does, to its end and returns its exit code (128 + signal when one killed it).

    It has a process group of its own, so that each Ctrl-C and each termination reaches it exactly once: from here. Those that
    came are appended to `received`.
    """
    waiting: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def forward(number: int, _: object) -> None:
        if received is not None:
            received.append(number)
        if child is None:
            waiting.append(number)
        elif child.poll() is None:
            child.send_signal(number)

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with subprocess.Popen(command, cwd=ROOT, process_group=0) as child:
            for number in waiting:
                child.send_signal(number)
            code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
