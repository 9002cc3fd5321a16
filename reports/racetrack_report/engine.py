"""Runs one of racetrack's engines into a run folder and writes the run's page; used by scripts/bench and similar ones.

--run names the run, otherwise the variable RUN. Without a name, a joining engine appends to the latest run if that has
the same commit and machine; otherwise the run is new, and named by time and commit. Ctrl-C is passed to racetrack once.
Racetrack then stops and keeps the finished cases, and the page is still written.
"""

from __future__ import annotations

import contextlib
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

from . import entry, records_file, runs
from .check import parse
from .loader import UnusableInput
from .model import Json

ROOT = Path(__file__).resolve().parents[2]
USAGE, INCOMPLETE, NOTHING, HARNESS = 2, 3, 4, 70
RUN_NOTHING = ("-h", "--help", "--benchmark_list_tests")  # these run nothing, so there is no run and no page


@dataclass(frozen=True)
class Engine:
    """A script, the command of racetrack that it runs, and the build tree of that racetrack."""

    script: str
    command: str
    flavour: str = "release"
    joins: bool = False  # the latest run, if it has the same commit and machine

    @property
    def program(self) -> Path:
        return Path(os.environ.get("RACETRACK", ROOT / "build" / self.flavour / "racetrack"))

    @property
    def remedy(self) -> str:
        return "make build" if self.flavour == "release" else f"make build PRESET={self.flavour}"


# A function that runs between racetrack's end and the page: (run folder, racetrack's exit code) -> the script's exit
# code.
After = Callable[[Path, int], int]


def reports_folder() -> Path:
    return Path(os.environ.get("RACETRACK_REPORTS", ROOT / "reports"))


def run(engine: Engine, arguments: Sequence[str], after: After | None = None) -> int:
    """Runs the engine with the user's arguments; returns the script's exit code."""
    try:
        if not engine.program.is_file():
            raise UnusableInput(f"{engine.program}: not built; `{engine.remedy}` builds it")
        if any(argument.split("=")[0] in RUN_NOTHING for argument in arguments):
            return race([str(engine.program), engine.command, *arguments])
        name, others = split(engine, arguments)
        reports = reports_folder()
        if name is None:
            name = joined_run(engine, reports) or runs.new_folder(reports / "runs", default_name()).name
        folder = reports / "runs" / name
        check_folder(folder, engine.joins or "--resume" in others)
        code = race([str(engine.program), engine.command, *others, "--out", str(folder)])
        if not (folder / "records.jsonl").is_file():
            with contextlib.suppress(OSError):
                folder.rmdir()  # made above, and still empty
            return code
        runs.point_latest(reports, name)
        return write_page(engine, folder, code if after is None else after(folder, code))
    except UnusableInput as error:
        print(f"{engine.script}: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        entry.complain(engine.script, entry.described(error))
        return HARNESS
    except KeyboardInterrupt:
        return INCOMPLETE


def write_page(engine: Engine, folder: Path, code: int) -> int:
    """Writes the page of a run and prints its path.

    Returns `code`, or 70 if that was 0 and the page failed, or 74 if output was lost.
    """
    sys.stdout.flush()  # print everything else before the path
    made = subprocess.run([str(ROOT / "scripts" / "report"), str(folder)], check=False).returncode
    if made == entry.OUTPUT:
        return entry.with_output_lost(code)
    if made not in (0, NOTHING):
        print(f"{engine.script}: the records are in {folder}, but writing the report failed ({made})", file=sys.stderr)
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
    """The name of the latest run, if the engine joins and this racetrack on this machine may append to it."""
    records = reports / "latest" / "records.jsonl"
    if not engine.joins or not records.is_file():
        return None
    done = subprocess.run([str(engine.program), "doctor", "--json"], capture_output=True, text=True, check=False)
    try:
        ours = _identity(json.loads(done.stdout))
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
    """The facts that all records of a run must share; racetrack checks the same."""
    return facts["build"]["commit"], facts["build"]["dirty"], facts["machine"]["fingerprint"]


def check_folder(folder: Path, goes_on: bool) -> None:
    """Raises UnusableInput if the folder has content that this call must not change."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / "records.jsonl").is_file():
        raise UnusableInput(f"{folder}: exists and is not a run; choose another name")
    if not goes_on:
        raise UnusableInput(f"{folder}: already holds a run; choose another name, or continue it with --resume")


def run_folder(engine: Engine, name: str | None) -> Path:
    """The folder of a run that a script writes itself: by name, otherwise the latest run that may be joined, otherwise
    new.

    Creates the folder if necessary and makes it the latest. Until this process ends, no other process of the same
    script writes to it. Raises UnusableInput.
    """
    reports = reports_folder()
    name = runs.checked_name(name) if name is not None else joined_run(engine, reports)
    folder = reports / "runs" / name if name else runs.new_folder(reports / "runs", default_name())
    check_folder(folder, goes_on=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _locks.append(records_file.lock(folder / records_file.NAME, engine.script))
    except OSError as error:
        raise UnusableInput(f"{error.filename}: {error.strerror}") from error
    runs.point_latest(reports, folder.name)
    return folder


_locks: list[int] = []  # descriptors of the locks that this process holds until it ends


def machine_and_build(engine: Engine) -> Json:
    """Machine and build as racetrack reports them. Raises UnusableInput if racetrack is not built."""
    if not engine.program.is_file():
        raise UnusableInput(f"{engine.program}: not built; `{engine.remedy}` builds it")
    done = subprocess.run([str(engine.program), "doctor", "--json"], capture_output=True, text=True, check=False)
    try:
        answer: Json = json.loads(done.stdout)
    except ValueError as error:
        raise UnusableInput(f"{engine.program}: `doctor --json` gives no facts; build it again") from error
    return answer


class Interruption:
    """Records SIGINT and SIGTERM while it is entered. Ctrl-C also reaches the running processes."""

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
    """Runs racetrack, or a script that runs it, to its end and returns the exit code (128 + signal if a signal killed
    it).

    The process has a separate process group, so that each Ctrl-C and each termination reaches it exactly once, from
    here. Received signals are appended to `received`.
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
