"""JSON files of Google Benchmark, versions 1.4 to 1.9.5: context, and the repetitions of each benchmark.

The format depends on the version. 1.5.0 added `run_type`; in older files, aggregates have names with a suffix. 1.5.5
added `family_index` and `per_family_instance_index`, 1.8.0 added `skipped` to `error_occurred`, and a later version
`library_version`. Since 1.9.0 the real time of several threads is wall time; earlier versions divided it by the number
of threads.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racetrack_report import records_file
from racetrack_report.safe_text import shown
from racetrack_report.loader import UnusableInput

from .judgement import Repetition

NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
REMEDY = "give a file that --benchmark_out wrote"
AGGREGATES = re.compile(r"_(?:mean|median|stddev|cv|min|max|BigO|RMS)$")
AGGREGATE_MEMBERS = frozenset({"aggregate_name", "big_o", "rms", "cpu_coefficient", "real_coefficient"})
THREADS = re.compile(r"/threads:(\d+)(?:/|$)")
# Before 1.5.0, the library wrote numbers that JSON lacks as the C library prints them.
PRINTED_NUMBER = re.compile(rb"(:\s*)-?(nan|inf)(?:\(\w*\))?(?=\s*[,}\]])")
Index = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """One benchmark of one file: its repetitions, or the reason why they have no comparable times."""

    name: str
    index: Index | None  # family, and instance within it; None where the file's version has none
    repetitions: tuple[Repetition, ...]
    problem: str = ""  # "skipped (no such device)"; empty if all repetitions have a time
    failed: bool = False  # the problem is an error that the benchmark reported


@dataclass(frozen=True)
class BenchmarkFile:
    """A file's description of itself, and its rows in their order."""

    host: str
    cpus: int | None
    caches: tuple[tuple[str, int, int], ...]  # type, level, bytes
    version: str  # "v1.9.5"; "without library_version" where it has none
    rows: tuple[Row, ...]


def read_file(given: str, path: Path) -> BenchmarkFile:
    """Reads a file. Raises UnusableInput with one line if it is not from Google Benchmark or has no repetition."""
    document = _document(given, path)
    entries = document.get("benchmarks") if isinstance(document, dict) else None
    context = document.get("context") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not isinstance(context, dict):
        raise UnusableInput(f"{given}: is JSON of another tool (no context and benchmarks); {REMEDY}")
    if not all(isinstance(entry, dict) and isinstance(entry.get("name"), str) for entry in entries):
        raise UnusableInput(f"{given}: is JSON of another tool (an entry has no name); {REMEDY}")
    rows = _rows(_repetitions(entries))
    if not rows:
        raise UnusableInput(
            f"{given}: has no repetition; {REMEDY} with --benchmark_repetitions and without aggregates only"
        )
    indexed = any(row.index is not None for row in rows)
    unstated = f"without library_version, {'with' if indexed else 'without'} family_index"
    return BenchmarkFile(
        safe(context.get("host_name", "unknown")),
        _count(context.get("num_cpus")),
        _caches(context.get("caches")),
        safe(context.get("library_version") or unstated),
        rows,
    )


def threads_of(row: Row) -> int:
    """The number of threads of a benchmark; 1 if the file does not state it."""
    return max((each.threads or 1 for each in row.repetitions), default=1)


def safe(text: object) -> str:
    """The text without characters that are unsafe for a terminal or a page."""
    return shown(str(text))


def _document(given: str, path: Path) -> Any:
    try:
        content = records_file.content_of(path)
    except OSError as error:
        raise UnusableInput(f"{given}: {error.strerror}; {REMEDY}") from error
    try:
        try:
            return json.loads(content)
        except ValueError:
            return json.loads(PRINTED_NUMBER.sub(rb"\1NaN", content))
    except (ValueError, RecursionError) as error:
        raise UnusableInput(f"{given}: is not JSON; {REMEDY}") from error


def _repetitions(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that are not aggregates."""
    names = {entry["name"] for entry in entries}
    return [entry for entry in entries if not _is_aggregate(entry, names)]


def _is_aggregate(entry: dict[str, Any], names: set[str]) -> bool:
    if "run_type" in entry:
        return bool(entry["run_type"] != "iteration")
    if AGGREGATE_MEMBERS & entry.keys():
        return True
    ending = AGGREGATES.search(entry["name"])
    return ending is not None and entry["name"][: ending.start()] in names


def _rows(entries: Iterable[dict[str, Any]]) -> tuple[Row, ...]:
    """One row for each benchmark. Family and instance distinguish benchmarks of one name. In files without these, a
    repeated repetition index starts the next benchmark."""
    found: dict[tuple[str, Index | None, int], list[dict[str, Any]]] = {}
    again: Counter[tuple[str, int]] = Counter()
    for entry in entries:
        name = safe(entry.get("run_name") or entry["name"])
        family, instance = (_count(entry.get(key)) for key in ("family_index", "per_family_instance_index"))
        repetition = _count(entry.get("repetition_index"))
        index, place = None, 0
        if family is not None:
            index = (family, instance or 0)
        elif repetition is not None:
            place = again[(name, repetition)]
            again[(name, repetition)] += 1
        found.setdefault((name, index, place), []).append(entry)
    return tuple(_row(name, index, group) for (name, index, _), group in found.items())


def _row(name: str, index: Index | None, entries: Sequence[dict[str, Any]]) -> Row:
    problems = [each for each in map(_problem, entries) if each is not None]
    if problems:
        reason, failed = max(problems, key=lambda each: each[1])
        often = f", in {len(problems)} of {len(entries)} repetitions" if len(problems) < len(entries) else ""
        return Row(name, index, (), reason + often, failed)
    return Row(name, index, tuple(_repetition(name, entry) for entry in entries))


def _problem(entry: dict[str, Any]) -> tuple[str, bool] | None:
    """(reason why a repetition has no time, whether it failed); None if it has one."""
    if entry.get("error_occurred"):
        return f"failed ({safe(entry.get('error_message') or 'it reports an error')})", True
    if entry.get("skipped"):
        return f"was skipped ({safe(entry.get('skip_message') or 'without a message')})", False
    value, unit = _number(entry.get("real_time")), entry.get("time_unit", "ns")
    if unit not in NS:
        return f"has times of an unknown unit ({safe(unit)[:20]})", False
    if value is not None and 0 < value < math.inf:
        return None
    if value is None:
        time = "no real_time"
    else:
        time = "a real_time that is not a number" if math.isnan(value) else f"a real_time of {value:g}"
    return f"has {time}", False


def _repetition(name: str, entry: dict[str, Any]) -> Repetition:
    unit = NS[entry.get("time_unit", "ns")]
    cpu = _number(entry.get("cpu_time"))
    threads = _count(entry.get("threads"))
    if threads is None and (named := THREADS.search(name)):
        threads = int(named[1][:6])
    return Repetition(
        float(entry["real_time"]) * unit,
        cpu * unit if cpu is not None and math.isfinite(cpu) else None,
        threads,
        _count(entry.get("iterations")),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _caches(value: object) -> tuple[tuple[str, int, int], ...]:
    if not isinstance(value, list):
        return ()
    known = [each for each in value if isinstance(each, dict)]
    return tuple(
        (safe(each.get("type")), _count(each.get("level")) or 0, _count(each.get("size")) or 0) for each in known
    )
