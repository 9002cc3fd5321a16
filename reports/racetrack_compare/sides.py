"""OLD and NEW: the meaning of the command line's two arguments."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import runs
from racetrack_report.loader import UnusableInput

SUBJECT = re.compile(r"(?P<scenario>[a-z][a-z0-9_]*/[a-z][a-z0-9_]*/[A-Za-z0-9_.+-]+)(?P<params>(/[a-z_]+:[^/\s]+)*)")
CHOICES = (
    "a run folder or its name, a build tree, a plugin (.so), a subject (family/workload/subject) "
    "or a Google Benchmark JSON"
)


@dataclass(frozen=True)
class Archive:
    """An existing run: its folder, or a JSON file of Google Benchmark."""

    given: str
    path: Path

    @property
    def is_json(self) -> bool:
        return self.path.is_file() and self.path.suffix == ".json"


@dataclass(frozen=True)
class Live:
    """A racetrack to run, and the plugins that it loads instead of the built ones."""

    given: str
    program: Path
    plugin: Path | None = None
    with_builtin: bool = False  # also load its own subjects, not only the plugin's
    subject: str = ""  # family/workload/subject, if only this one is compared
    fixed: tuple[tuple[str, str], ...] = ()  # parameters given in the subject's name: (("wait", "yield"),)


Side = Archive | Live


def own_program(root: Path) -> Path:
    """The racetrack that runs plugins and subjects."""
    return Path(os.environ.get("RACETRACK", root / "build" / "release" / "racetrack"))


def side_of(given: str, root: Path, reports: Path, plugin: Path | None = None) -> Side:
    """The meaning of an argument; a subject may also come from `plugin`. Raises UnusableInput if the argument has
    none."""
    path = Path(given)
    if path.suffix == ".so":
        if not path.is_file():
            raise UnusableInput(f"{given}: no such plugin; build it first")
        return Live(given, _built(own_program(root)), path.resolve())
    if path.is_dir() and (path / "racetrack").is_file():
        return Live(given, _built(path / "racetrack").resolve())
    if path.is_file():
        if path.suffix == ".json":
            return Archive(given, path)
        if path.suffix != ".jsonl":
            raise UnusableInput(f"{given}: give {CHOICES}")
    named = SUBJECT.fullmatch(given)
    if named and not path.exists():
        pairs = (param.partition(":") for param in named["params"].split("/")[1:])
        fixed = tuple((name, value) for name, _, value in pairs)
        return Live(given, _built(own_program(root)), plugin, plugin is not None, named["scenario"], fixed)
    if not path.exists() and not (reports / "runs" / given).exists():
        raise UnusableInput(f"{given}: no such file, run or subject; give {CHOICES}")
    return Archive(given, runs.find(reports, given))


def _built(program: Path) -> Path:
    if not program.is_file() or not os.access(program, os.X_OK):
        raise UnusableInput(f"{program}: not built; `make build` builds it, RACETRACK=PATH names another")
    return program


def check_kinds(old: Side, new: Side) -> None:
    """Raises UnusableInput if the two sides cannot be compared."""
    if isinstance(old, Archive) != isinstance(new, Archive):
        archive, live = (old, new) if isinstance(old, Archive) else (new, old)
        raise UnusableInput(
            f"{archive.given} was measured before, {live.given} would be measured now: compare two builds, or "
            "two runs (`make bench RUN=name`)"
        )
    if isinstance(old, Live) and isinstance(new, Live) and bool(old.subject) != bool(new.subject):
        subject, other = (old, new) if old.subject else (new, old)
        raise UnusableInput(
            f"{subject.given} is a subject and {other.given} is not: give two subjects, or two builds and the names of "
            "cases"
        )
    if isinstance(old, Live) and isinstance(new, Live) and old.subject:
        if old.subject.rsplit("/", 1)[0] != new.subject.rsplit("/", 1)[0]:
            raise UnusableInput(f"{old.given} and {new.given}: give two subjects of one family and workload")


def equal(old: Side, new: Side) -> bool:
    """Whether both sides are the same."""
    if isinstance(old, Archive) and isinstance(new, Archive):
        return old.path.resolve() == new.path.resolve()
    if isinstance(old, Live) and isinstance(new, Live):
        same = (old.program.resolve(), old.plugin, old.subject) == (new.program.resolve(), new.plugin, new.subject)
        return same and old.fixed == new.fixed
    return False
