"""Run folders: their places and names, and atomic writes of their files."""

from __future__ import annotations

import contextlib
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
    """The name. Raises UnusableInput for a name that could leave the folder of runs."""
    if not NAME.fullmatch(name):
        raise UnusableInput(f"run name {name!r}: use letters, digits, '.', '_', '-' or '+' (no path)")
    return name


def find(reports: Path, given: str) -> Path:
    """A run folder by path or by its name under reports/runs. Raises UnusableInput if there is none."""
    choices = [reports / "runs" / given, Path(given)] if NAME.fullmatch(given) else [Path(given)]
    for choice in choices:
        if (choice / "records.jsonl").is_file() or choice.is_file():
            return choice
    if any(choice.is_dir() for choice in choices):
        raise UnusableInput(f"{given}: has no records.jsonl; give a folder that `racetrack bench` wrote")
    raise UnusableInput(f"{given}: no such run; give a folder, or a name under {reports / 'runs'}")


def latest(reports: Path) -> Path:
    """The newest run. Raises NothingToReport when nothing was run yet."""
    link = reports / "latest"
    if not (link / "records.jsonl").is_file():
        raise NothingToReport(f"{link}: there is no run yet; `make bench` makes one")
    return link.resolve()


def destination(reports: Path, sources: Sequence[Path]) -> Path:
    """The folder of the page: the run's own, or reports/runs/A+B for several runs."""
    folders = [source if source.is_dir() else source.parent for source in sources]
    if len(folders) == 1:
        return folders[0]
    return reports / "runs" / "+".join(folder.resolve().name for folder in folders)[:100]


def write(path: Path, text: str) -> None:
    """Writes the file atomically: a temporary file next to it, then a rename."""
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
                stream.write(text)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Adds the name of the file to system errors."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def append(folder: Path, records: Iterable[Json]) -> None:
    """Appends records to a run atomically, under the lock that racetrack takes as well.

    A closing record gets the number of its call's records. Raises ValueError for a record that does not fit the schema;
    then nothing is written.
    """
    checked = [parse(json.dumps(record).encode()) for record in records]
    path = folder / records_file.NAME
    records_file.check(path)
    with _naming(path), open(path, "rb+", buffering=0) as stream:
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
    """The records; closing records get the number of records of their call, themselves included."""
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


def new_folder(parent: Path, name: str) -> Path:
    """Creates a folder of this name; if it exists, of the name with -2, -3, ..."""
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def point_latest(reports: Path, name: str) -> None:
    """Makes reports/latest point to runs/NAME atomically."""
    temporary = reports / f".latest.{os.getpid()}"
    with _naming(reports / "latest"):
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("runs") / name)
        os.replace(temporary, reports / "latest")
