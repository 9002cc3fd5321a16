"""Run folders: where they are, what they may be called, and how files land in them whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from . import records_file
from .check import line_of, parse
from .loader import UnusableInput
from .model import Json

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


class NothingToReport(Exception):
    """There is no run yet; the message is one line."""


def checked_name(name: str) -> str:
    """The name itself. Raises UnusableInput for one that could leave the folder of runs."""
    if not NAME.fullmatch(name):
        raise UnusableInput(f"run name {name!r}: use letters, digits, '.', '_', '-' or '+' (no path)")
    return name


def find(reports: Path, given: str) -> Path:
    """A run folder by path or by its name under reports/runs. Raises UnusableInput when there is none."""
    choices = [reports / "runs" / given, Path(given)] if NAME.fullmatch(given) else [Path(given)]
    for choice in choices:
        if (choice / "records.jsonl").is_file() or choice.is_file():
            return choice
    if any(choice.is_dir() for choice in choices):
        raise UnusableInput(f"{given}: holds no records.jsonl; give a folder that `racetrack bench` wrote")
    raise UnusableInput(f"{given}: no such run; give a folder, or a name under {reports / 'runs'}")


def latest(reports: Path) -> Path:
    """The newest run. Raises NothingToReport when nothing was run yet."""
    link = reports / "latest"
    if not (link / "records.jsonl").is_file():
        raise NothingToReport(f"{link}: there is no run yet; `make bench` makes one")
    return link.resolve()


def destination(reports: Path, sources: Sequence[Path]) -> Path:
    """Where the page goes: into the run's own folder, or for several into reports/runs/A+B."""
    folders = [source if source.is_dir() else source.parent for source in sources]
    if len(folders) == 1:
        return folders[0]
    return reports / "runs" / "+".join(folder.resolve().name for folder in folders)[:100]


def write(path: Path, text: str) -> None:
    """Whole or not at all: a temporary file beside it, then a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def append(folder: Path, records: Iterable[Json]) -> None:
    """Appends records to a run, whole or not at all, under the lock that racetrack takes as well. A closing record gets the
    number of its call's records.

    Raises ValueError for a record that does not fit the schema; then nothing is written.
    """
    checked = [parse(json.dumps(record).encode()) for record in records]
    path = folder / records_file.NAME
    with open(path, "rb+", buffering=0) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        text = "".join(line_of(record) + "\n" for record in _counted(path, checked))
        end = stream.seek(0, os.SEEK_END)
        if end > 0:
            stream.seek(end - 1)
            text = text if stream.read(1) == b"\n" else f"\n{text}"
        left = memoryview(text.encode())
        try:
            while left:
                left = left[stream.write(left) :]
        except OSError:
            stream.truncate(end)
            raise
        records_file.note_size(path, stream.tell())


def _counted(path: Path, records: Sequence[Json]) -> Sequence[Json]:
    """The records, closing records with the number of records of their calls, themselves included."""
    if not any("outcome" in record for record in records):
        return records
    known = Counter(_invocations(records_file.content_of(path).split(b"\n")))
    counted = []
    for record in records:
        known[record.get("invocation", "")] += 1
        if "outcome" in record:
            record = record | {"outcome": record["outcome"] | {"records": known[record["invocation"]]}}
        counted.append(record)
    return counted


def _invocations(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        try:
            yield str(json.loads(line).get("invocation", ""))
        except (ValueError, AttributeError, RecursionError):
            continue


def point_latest(reports: Path, name: str) -> None:
    """Makes reports/latest point to runs/NAME in one step."""
    temporary = reports / f".latest.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path("runs") / name)
    os.replace(temporary, reports / "latest")
