"""Calls the racetrack executable as a user does, and reads its output and records."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("RACETRACK_BUILD", ROOT / "build" / "release")).resolve()
RACETRACK = BUILD / "racetrack"
TEST_PLUGINS = BUILD / "tests" / "plugins"
FAULTY = TEST_PLUGINS / "faulty_queues.so"

# The shortest possible run: no test here depends on speed.
SHORT = ("--forks", "1", "--time", "0.005", "--seed", "1", "--quiet")
SOUND = "queue/transfer/sound/producers:1/consumers:1/"
GOOD = ("bench", "--plugin", str(FAULTY), SOUND, *SHORT)

Record = dict[str, Any]
Run = subprocess.CompletedProcess[str]

VALIDATOR = jsonschema.Draft202012Validator(json.loads((ROOT / "reports/record.schema.json").read_text("utf-8")))


def start(*arguments: str | Path, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Starts racetrack in the background and discards its output."""
    command = [str(RACETRACK), *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def racetrack(*arguments: str | Path, cwd: Path | None = None, before: Callable[[], None] | None = None) -> Run:
    """Runs racetrack to its end. `before` is called in the new process."""
    return subprocess.run(
        [str(RACETRACK), *map(str, arguments)],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
        preexec_fn=before,  # pylint: disable=subprocess-popen-preexec-fn
    )


def assert_one_line(run: Run, code: int, *parts: str) -> None:
    """Asserts the exit code, no standard output, and one line on standard error that contains each of `parts`."""
    assert run.returncode == code, run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("racetrack: ")
    for part in parts:
        assert part in lines[0]
    assert "internal error" not in lines[0]
    assert run.stdout == ""


def read_records(folder: Path) -> list[Record]:
    """All records of the run, validated against the schema."""
    text = (folder / "records.jsonl").read_text("utf-8")
    assert text == "" or text.endswith("\n")
    records: list[Record] = [json.loads(line) for line in text.splitlines()]
    for record in records:
        VALIDATOR.validate(record)
    return records


def cases_of(records: list[Record]) -> list[Record]:
    return [record for record in records if record["record"] == "case"]


def phases_of(records: list[Record]) -> list[str]:
    return [record["phase"] for record in records if record["record"] == "environment"]


def processes_of(parent: int) -> list[int]:
    """The children of all threads of a process; none if it has ended."""
    children: list[int] = []
    for listing in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            children += [int(word) for word in listing.read_text("ascii").split()]
        except OSError:
            continue  # the thread has ended since
    return children


def is_running(process: int) -> bool:
    """A zombie that its new parent has not yet collected is not running."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
