"""Parses one line of records.jsonl into a record that fits reports/record.schema.json and is safe to display."""

from __future__ import annotations

import functools
import json
import math
import zlib
from pathlib import Path
from typing import Any

import jsonschema

from .model import Json
from .safe_text import shown

SCHEMA = Path(__file__).resolve().parent.parent / "record.schema.json"
LONGEST_COMPLAINT = 160
MOST_COUNTED = 1 << 53  # in a histogram: the largest count that every JSON reader represents exactly


def parse(piece: bytes) -> Json:
    """One line as a valid record without its checksum, its text made safe to display.

    Raises ValueError with a one-line reason. A line without a checksum is accepted.
    """
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
    if "crc32" in record and not _sealed(piece.rstrip()):
        raise ValueError("damaged: its checksum belongs to another line (remove crc32 from a record that you edit)")
    record.pop("crc32", None)
    record = _clean(record)
    complaint = _complaint(record)
    if complaint is not None:
        raise ValueError(complaint)
    return dict(record)


def line_of(record: Json) -> str:
    """The record as its line in records.jsonl, without the newline; the last member is the CRC-32 of the text before
    it."""
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False).removesuffix("}")
    return text + _seal(text.encode())


def _seal(text: bytes) -> str:
    return f',"crc32":"{zlib.crc32(text):08x}"}}'


def _sealed(piece: bytes) -> bool:
    text = piece[: -len(_seal(b""))]
    return piece == text + _seal(text).encode()


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is out of range")
    return value


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {shown(key): _clean(item) for key, item in value.items()}
    if isinstance(value, int) and abs(value) >= 1 << 64:
        raise ValueError("a number is out of range")
    return value


# Parts of a case that repeat in many records: each distinct one is checked once.
REPEATING = ("build", "traits", "verdict", "params", "ended", "placement")
# Long maps of numbers, which are checked by hand, because jsonschema takes milliseconds for each.
NUMBERS = ("metrics", "values", "histograms")


@functools.cache
def _schema() -> Json:
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


@functools.cache
def _checker(kind: str) -> Any:
    """A checker for one branch of the schema's oneOf, without the parts of a case that have their own checks."""
    schema = _schema()
    branch = dict(schema["$defs"][kind])
    apart = (*REPEATING, *NUMBERS) if kind == "case" else ()
    branch["properties"] = {
        **branch["properties"],
        **{name: schema["properties"][name] for name in ("schema", "engine")},
        **{name: {"type": ["object", "array"]} for name in apart},
    }
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
    """The reason why the record does not fit the schema, in one line; None if it fits."""
    kind = record.get("record")
    if kind not in _schema()["properties"]["record"]["enum"]:
        return f"not a kind of record that this report knows ({str(kind)[:40]!r})"
    complaint = _first(_checker(kind), record)
    if complaint is not None or kind != "case":
        return complaint
    for name in REPEATING:
        complaint = _part_complaint(name, json.dumps(record[name], sort_keys=True))
        if complaint is not None:
            return complaint
    return _numbers_complaint(record)


def _numbers_complaint(record: Json) -> str | None:
    """The schema's rules for metrics, values and histograms, and that buckets ascend."""
    if not all(isinstance(record[name], dict) for name in NUMBERS):
        return "does not fit the schema: metrics, values and histograms must be objects"
    for name, value in record["metrics"].items():
        if value is not None and not _number(value):
            return f"does not fit the schema at metrics.{name}: must be a number or null"
    for name, values in record["values"].items():
        if not isinstance(values, list) or any(not _number(value) for value in values):
            return f"does not fit the schema at values.{name}: must be numbers"
    for name, data in record["histograms"].items():
        if not (
            isinstance(data, dict)
            and data.keys() == {"unit", "count", "buckets"}
            and data["unit"] == "ns"
            and _whole(data["count"])
            and isinstance(data["buckets"], list)
        ):
            return f"does not fit the schema at histograms.{name}: must have unit ns, count and buckets"
        if not _ascending(data["buckets"]):
            return f"does not fit the schema at histograms.{name}: buckets must be ascending [value, count] pairs"
    return _too_much(record["histograms"])


def _too_much(histograms: Json) -> str | None:
    for name, data in histograms.items():
        if max(data["count"], sum(count for _, count in data["buckets"])) > MOST_COUNTED:
            return f"does not fit the schema at histograms.{name}: counts more than 2^53"
    return None


def _ascending(buckets: list[Any]) -> bool:
    last = -math.inf
    for bucket in buckets:
        if not (
            isinstance(bucket, list)
            and len(bucket) == 2
            and _number(bucket[0])
            and _whole(bucket[1])
            and bucket[1] > 0
            and bucket[0] > last
        ):
            return False
        last = bucket[0]
    return True


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
