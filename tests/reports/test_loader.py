"""Loading runs: intact records are used, damaged ones are reported."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from racetrack_report import check
from racetrack_report.loader import UnusableInput, load

from tests.reports import synthetic

SMALL = synthetic.sweep(synthetic.SUBJECTS[:2], forks=2, wide=False)
CASE = SMALL[1]


def rejected(record: object) -> str:
    with pytest.raises(ValueError) as caught:
        check.parse(json.dumps(record).encode())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sound_run_loads_without_a_remark(tmp_path: Path) -> None:
    data = load([synthetic.write_run(tmp_path / "run", SMALL)])
    assert len(data.cases) == len(SMALL) - 2
    assert not data.warnings
    assert [invocation.ended for invocation in data.invocations] == ["complete"]


def test_the_synthetic_records_fit_the_schema() -> None:
    """All other tests depend on this."""
    validator = jsonschema.Draft202012Validator(json.loads(check.SCHEMA.read_text(encoding="utf-8")))
    for record in (SMALL[0], CASE, SMALL[-1], synthetic.prints(1, np.random.default_rng(1))[0]):
        validator.validate(record)


def test_a_truncated_last_line_costs_only_itself(tmp_path: Path) -> None:
    folder = synthetic.write_run(tmp_path / "run", SMALL)
    whole = (folder / "records.jsonl").read_bytes()
    (folder / "records.jsonl").write_bytes(whole[:-40])
    data = load([folder])
    assert len(data.cases) == len(SMALL) - 2
    assert [(w.line, w.text.split(":")[0]) for w in data.warnings] == [(len(SMALL), "cut off")]
    assert data.invocations[0].ended == "cut off"


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"nonsense",
        b"[]",
        b"3",
        b"null",
        b'{"a":' * 100_000,
        b"{}",
        b'{"record":"case"}',
        b'{"record":"finding","schema":1}',
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_a_foreign_line_is_named_by_its_number_and_left_out(line: bytes, tmp_path: Path) -> None:
    folder = synthetic.write_run(tmp_path / "run", SMALL)
    lines = (folder / "records.jsonl").read_bytes().splitlines()
    (folder / "records.jsonl").write_bytes(b"\n".join([*lines[:3], line, *lines[3:], b""]))
    data = load([folder])
    assert [w.line for w in data.warnings] == [4]
    assert len(str(data.warnings[0])) < 250 and "\n" not in str(data.warnings[0])
    assert len(data.cases) == len(SMALL) - 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fork",), -1),
        (("schema",), 2),
        (("engine",), "other"),
        (("started_at",), "yesterday"),
        (("traits", "bound"), []),
        (("verdict", "result"), "maybe"),
        (("verdict", "surplus"), 1),
        (("build", "dirty"), "no"),
        (("metrics", "items_per_s"), "fast"),
        (("metrics", "items_per_s"), True),
        (("metrics",), []),
        (("values", "items_per_s"), [None]),
        (("histograms", "push_ns"), {"unit": "s", "count": 1, "buckets": []}),
        (("histograms", "push_ns"), {"unit": "ns", "count": 1, "buckets": [[2.0, 1], [1.0, 1]]}),
        (("histograms", "push_ns"), {"unit": "ns", "count": 1, "buckets": [[2.0]]}),
        (("placement",), [{"role": "producer"}]),
        (("surplus",), 1),
    ],
)
def test_what_the_schema_forbids_is_refused(path: tuple[str, ...], value: object) -> None:
    record = copy.deepcopy(CASE)
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert "schema" in rejected(record)


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CASE)), ANYTHING)
def test_the_quick_check_agrees_with_the_schema(name: str, value: object) -> None:
    """The parts that are checked by hand accept exactly the values that jsonschema accepts."""
    record = {**CASE, name: value}
    whole = jsonschema.Draft202012Validator(json.loads(check.SCHEMA.read_text(encoding="utf-8")))
    try:
        check.parse(json.dumps(record).encode())
        accepted = True
    except ValueError:
        accepted = False
    assert accepted == whole.is_valid(record)


def test_numbers_out_of_range_are_refused() -> None:
    line = json.dumps(CASE)
    for bad in ("NaN", "Infinity", "1e999", "9" * 400):
        changed = line.replace('"duration_s": 0.4', f'"duration_s": {bad}')
        assert changed != line
        with pytest.raises(ValueError, match="number|digits"):
            check.parse(changed.encode())


def test_text_that_could_fool_a_page_or_terminal_is_made_harmless() -> None:
    record = {**CASE, "subject": "a\u0000b\u202ec\u001b[31m\ud800"}
    assert check.parse(json.dumps(record).encode())["subject"] == "a\ufffdb\ufffdc\ufffd[31m\ufffd"


def test_a_file_without_a_valid_record_is_unusable(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for content in (b"", b"\n\n", b"nonsense\n"):
        (folder / "records.jsonl").write_bytes(content)
        with pytest.raises(UnusableInput, match="no valid record"):
            load([folder])
    with pytest.raises(UnusableInput, match="give a run folder"):
        load([tmp_path / "nowhere"])


def test_of_a_case_measured_twice_in_one_fork_the_later_counts(tmp_path: Path) -> None:
    again = {**copy.deepcopy(CASE), "duration_s": 9.0}
    data = load([synthetic.write_run(tmp_path / "run", [*SMALL, again])])
    assert len(data.cases) == len(SMALL) - 2
    assert [case.duration_s for case in data.cases if case.name == CASE["case"] and case.fork == CASE["fork"]] == [9.0]
    assert "replaces" in str(data.warnings[0])


def test_unlike_runs_are_kept_apart_when_merged(tmp_path: Path) -> None:
    other = copy.deepcopy(SMALL)
    for record in other:
        record["build"]["commit"] = "f" * 40
    folders = [synthetic.write_run(tmp_path / name, run) for name, run in (("a", SMALL), ("b", other))]
    data = load(folders)
    assert {case.origin for case in data.cases} == {"set 1", "set 2"}
    assert "never ranked together" in str(data.warnings[0])
    alike = load([folders[0], synthetic.write_run(tmp_path / "c", SMALL)])
    assert {case.origin for case in alike.cases} == {""}
    assert len(alike.cases) == 2 * (len(SMALL) - 2)
