"""Run folders to a Dataset: every line is checked, what is broken is named and left out, the rest is used."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema

from .model import Case, Dataset, Histogram, Invocation, Json, Verdict, Warning_

SCHEMA = Path(__file__).resolve().parent.parent / "record.schema.json"
# Control characters, lone surrogates and text-direction overrides: none may reach a page, a terminal or XML.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
LONGEST_COMPLAINT = 160


class UnusableInput(Exception):
    """Nothing can be reported from this input; the message is one line: what, where, what to do."""


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    record: Json


def load(folders: Iterable[Path]) -> Dataset:
    """The records of these run folders (or records.jsonl files), merged.

    Raises UnusableInput when a folder cannot be read or none of its lines is a valid record.
    """
    cases: list[Case] = []
    invocations: list[Invocation] = []
    warnings: list[Warning_] = []
    raw: list[str] = []
    names: list[str] = []
    for folder in folders:
        path = folder / "records.jsonl" if folder.is_dir() else folder
        name = _run_name(path, names)
        lines = list(_valid_lines(path, name, warnings))
        if not lines:
            raise UnusableInput(f"{path}: holds no valid record; give a folder that `racetrack bench` wrote")
        names.append(name)
        raw.extend(line.text for line in lines)
        invocations.extend(_invocations(name, lines))
        cases.extend(_cases(name, lines, warnings))
    return Dataset(tuple(names), _with_origins(cases, invocations, warnings), tuple(invocations), tuple(warnings),
                   tuple(raw))


def _run_name(path: Path, taken: list[str]) -> str:
    name = UNSAFE.sub("\ufffd", path.resolve().parent.name)
    return name if name not in taken else f"{name}~{len(taken) + 1}"


def _valid_lines(path: Path, name: str, warnings: list[Warning_]) -> Iterator[_Line]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror or error}; give a run folder or its name") from error
    pieces = content.split(b"\n")
    for number, piece in enumerate(pieces, start=1):
        if not piece.strip():
            continue
        try:
            record = parse(piece)
        except ValueError as error:
            cut = number == len(pieces) and not content.endswith(b"\n")
            warnings.append(Warning_(name, number, f"{'cut off' if cut else 'left out'}: {error}"))
            continue
        yield _Line(number, json.dumps(record, separators=(",", ":"), ensure_ascii=False), record)


def parse(piece: bytes) -> Json:
    """One line as a valid record, its text made safe to show. Raises ValueError with one line that says why not."""
    try:
        record = json.loads(piece.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ValueError("no UTF-8") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg}, column {error.colno})") from error
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    record = _clean(record)
    complaint = _complaint(record)
    if complaint is not None:
        raise ValueError(complaint)
    return dict(record)


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is out of range")
    return value


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return UNSAFE.sub("\ufffd", value)
    if isinstance(value, list):
        return value if value and isinstance(value[0], (int, float)) else [_clean(item) for item in value]
    if isinstance(value, dict):
        return {UNSAFE.sub("\ufffd", key): _clean(item) for key, item in value.items()}
    if isinstance(value, int) and abs(value) >= 1 << 64:
        raise ValueError("a number is out of range")
    return value


# Parts of a case that repeat from record to record: each distinct one is checked once.
REPEATING = ("build", "traits", "verdict", "params", "ended", "placement")
# Parts that are long maps of numbers: checked by hand, since jsonschema takes milliseconds for each.
NUMBERS = ("metrics", "values", "histograms")


@functools.cache
def _schema() -> Json:
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


@functools.cache
def _checker(kind: str) -> Any:
    """A checker for one branch of the schema's oneOf, without the parts of a case that are checked apart."""
    schema = _schema()
    branch = dict(schema["$defs"][kind])
    apart = (*REPEATING, *NUMBERS) if kind == "case" else ()
    branch["properties"] = {**branch["properties"], **{name: schema["properties"][name] for name in ("schema", "engine")},
                            **{name: {"type": ["object", "array"]} for name in apart}}
    return jsonschema.Draft202012Validator({"$defs": schema["$defs"], **branch})


@functools.lru_cache(maxsize=4096)
def _part_complaint(name: str, text: str) -> str | None:
    schema = _schema()
    part = schema["$defs"]["case"]["properties"][name]
    return _first(jsonschema.Draft202012Validator({"$defs": schema["$defs"], **part}), json.loads(text), name)


def _first(checker: Any, instance: Any, within: str = "") -> str | None:
    error = next(iter(checker.iter_errors(instance)), None)
    if error is None:
        return None
    where = ".".join([*([within] if within else []), *(str(step) for step in error.absolute_path)]) or "record"
    return f"does not fit the schema at {where}: {error.message}"[:LONGEST_COMPLAINT]


def _complaint(record: Json) -> str | None:
    """Why the record does not fit the schema, in one line; None when it does."""
    kind = record.get("record")
    if kind not in ("environment", "case"):
        return f"no record of a kind that this report knows ({str(kind)[:40]!r})"
    complaint = _first(_checker(kind), record)
    if complaint is not None or kind == "environment":
        return complaint
    for name in REPEATING:
        complaint = _part_complaint(name, json.dumps(record[name], sort_keys=True))
        if complaint is not None:
            return complaint
    return _numbers_complaint(record)


def _numbers_complaint(record: Json) -> str | None:
    """What the schema says of metrics, values and histograms, and that buckets ascend."""
    if not all(isinstance(record[name], dict) for name in NUMBERS):
        return "does not fit the schema: metrics, values and histograms must be objects"
    for name, value in record["metrics"].items():
        if value is not None and type(value) not in (int, float):
            return f"does not fit the schema at metrics.{name}: must be a number or null"
    for name, values in record["values"].items():
        if not isinstance(values, list) or any(type(value) not in (int, float) for value in values):
            return f"does not fit the schema at values.{name}: must be numbers"
    for name, data in record["histograms"].items():
        if not (isinstance(data, dict) and data.keys() == {"unit", "count", "buckets"} and data["unit"] == "ns"
                and type(data["count"]) is int and isinstance(data["buckets"], list)):
            return f"does not fit the schema at histograms.{name}: must have unit ns, count and buckets"
        if not _ascending(data["buckets"]):
            return f"does not fit the schema at histograms.{name}: buckets must be ascending [value, count] pairs"
    return None


def _ascending(buckets: list[Any]) -> bool:
    last = -math.inf
    for bucket in buckets:
        if not (isinstance(bucket, list) and len(bucket) == 2 and type(bucket[0]) in (int, float)
                and type(bucket[1]) is int and bucket[1] > 0 and bucket[0] > last):
            return False
        last = bucket[0]
    return True


def _invocations(run: str, lines: list[_Line]) -> list[Invocation]:
    found: dict[str, Invocation] = {}
    for line in lines:
        record = line.record
        if record["record"] == "environment":
            key = record["invocation"]
            known = found.get(key, Invocation(run, key, record["engine"], None, None))
            found[key] = replace(known, **{record["phase"]: record})
    return list(found.values())


def _cases(run: str, lines: list[_Line], warnings: list[Warning_]) -> list[Case]:
    """The case records; of one case and fork measured twice in one invocation the later counts."""
    found: dict[tuple[str, str, int], Case] = {}
    for line in lines:
        if line.record["record"] != "case":
            continue
        case = _case(run, line.record)
        key = (case.name, case.invocation, case.fork)
        if key in found:
            warnings.append(Warning_(run, line.number, f"replaces an earlier record of {case.name} fork {case.fork}"))
        found[key] = case
    return list(found.values())


def _case(run: str, record: Json) -> Case:
    verdict = record["verdict"]
    witness = verdict["witness"] or {}
    return Case(
        name=record["case"], run=run, invocation=record["invocation"], family=record["family"],
        workload=record["workload"], subject=record["subject"], control=record["control"], params=record["params"],
        traits=record["traits"], fork=record["fork"], order_index=record["order_index"], ended=record["ended"]["how"],
        ended_value=record["ended"]["value"], output=str(record["ended"].get("output", "")),
        verdict=Verdict(verdict["result"], verdict["kind"], verdict["detector"], verdict["k"], verdict["n"],
                        verdict["as_expected"], str(witness["text"]) if witness.get("text") else None,
                        verdict["replay"]),
        metrics={name: float(value) for name, value in record["metrics"].items() if value is not None},
        values={name: tuple(float(value) for value in values) for name, values in record["values"].items()},
        histograms={name: Histogram(tuple(float(value) for value, _ in data["buckets"]),
                                    tuple(count for _, count in data["buckets"]))
                    for name, data in record["histograms"].items() if data["buckets"]},
        oversubscribed=record["oversubscribed"],
        placement=tuple((place["role"], place["thread"], place["cpu"]) for place in record["placement"]),
        commit=record["build"]["commit"], duration_s=float(record["duration_s"]))


def _with_origins(cases: list[Case], invocations: list[Invocation], warnings: list[Warning_]) -> tuple[Case, ...]:
    """Cases from unlike builds or machines are marked by their origin, so that nothing pools or ranks them together."""
    marks = {(invocation.run, invocation.name): _likeness(invocation) for invocation in invocations}
    kinds = sorted({marks.get((case.run, case.invocation), ("?",)) for case in cases})
    if len(kinds) <= 1:
        return tuple(cases)
    labels = {kind: f"set {index}" for index, kind in enumerate(kinds, start=1)}
    runs: dict[str, set[str]] = {}
    for case in cases:
        label = labels[marks.get((case.run, case.invocation), ("?",))]
        runs.setdefault(label, set()).add(case.run)
    told = "; ".join(f"{label}: {', '.join(sorted(names))}" for label, names in sorted(runs.items()))
    warnings.append(Warning_("merged runs", None,
                             f"builds or machines differ, so their cases are kept apart and never ranked together ({told})"))
    return tuple(replace(case, origin=labels[marks.get((case.run, case.invocation), ("?",))]) for case in cases)


def _likeness(invocation: Invocation) -> tuple[str, ...]:
    facts = invocation.facts
    build = facts["build"]
    return (str(facts["machine"]["fingerprint"]), build["commit"], str(build["dirty"]), build["flavour"],
            build["compiler"], build["flags"])
