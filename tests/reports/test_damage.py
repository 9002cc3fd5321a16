"""Damaged records: after a truncation or bit flip, the rest of the file is used, and the damage is reported."""

from __future__ import annotations

import functools
import json
import random
import subprocess
from pathlib import Path

import jsonschema
import pytest
from racetrack_report import check, loader
from racetrack_report.loader import UnusableInput, load

from tests.reports import synthetic

ROOT = Path(__file__).resolve().parents[2]
SMALL = synthetic.sweep(synthetic.SUBJECTS[:1], forks=1, wide=False)
HISTOGRAM = {"unit": "ns", "count": 3, "buckets": [[58.0, 1], [60.5, 2]]}  # few buckets: each byte is tried
RECORDS = [SMALL[0], *({**case, "histograms": {"push_ns": HISTOGRAM}} for case in SMALL[1:3]), SMALL[-1]]
LINES = [check.line_of(check.parse(json.dumps(record).encode())).encode() + b"\n" for record in RECORDS]
WHOLE = b"".join(LINES)
ENDS = [sum(map(len, LINES[: count + 1])) for count in range(len(LINES))]


@pytest.fixture(autouse=True)
def parse_intact_lines_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches lines that parse; damaged lines are parsed, and refused, each time."""
    monkeypatch.setattr(loader, "parse", functools.cache(check.parse))


@pytest.fixture(name="file")
def make_file(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "records.jsonl"


def read(file: Path, content: bytes) -> tuple[list[str], list[str]]:
    """The valid lines and the warnings; both empty if the input is refused."""
    file.write_bytes(content)
    try:
        data = load([file])
    except UnusableInput as error:
        assert "\n" not in str(error)
        return [], []
    assert all("\n" not in str(warning) for warning in data.warnings)
    return list(data.raw_lines), [str(warning) for warning in data.warnings]


def texts(lines: list[bytes]) -> list[str]:
    return [line.decode().rstrip() for line in lines]


def test_lines_as_they_were_written_come_back_byte_for_byte(file: Path) -> None:
    assert read(file, WHOLE) == (texts(LINES), [])


def test_the_checksum_is_a_member_that_the_schema_knows() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(check.SCHEMA.read_text(encoding="utf-8")))
    for line in LINES:
        validator.validate(json.loads(line))
        assert list(json.loads(line))[-1] == "crc32"


def test_every_length_keeps_the_whole_lines_and_names_the_cut_one(file: Path) -> None:
    for length in range(len(WHOLE)):
        kept, warnings = read(file, WHOLE[:length])
        whole = [line for line, end in zip(LINES, ENDS) if end - 1 <= length]  # a last line may lack its end
        cut = length - sum(map(len, whole)) > 0
        assert kept == texts(whole), length
        assert bool(warnings) == (cut and bool(kept)), (length, warnings)
        if warnings:
            assert len(warnings) == 1 and f"run:{len(whole) + 1}: cut off: " in warnings[0]


def test_every_byte_that_flips_costs_its_line_and_no_other(file: Path) -> None:
    """Flips one random bit of each byte, and every bit of the bytes that separate lines."""
    draw = random.Random(20261123)
    flips = [(at, draw.randrange(8)) for at in range(len(WHOLE))]
    flips += [(end - back, bit) for end in ENDS for back in range(1, 22) for bit in range(8)]
    for at, bit in flips:
        content = bytearray(WHOLE)
        content[at] ^= 1 << bit
        struck = next(index for index, end in enumerate(ENDS) if at < end)
        lost = {struck, struck + 1} if at == ENDS[struck] - 1 else {struck}  # without its end, a line swallows the next
        kept, warnings = read(file, bytes(content))
        assert kept == texts([line for index, line in enumerate(LINES) if index not in lost]), (at, bit)
        assert warnings and f"run:{struck + 1}: " in warnings[0], (at, bit)


def test_a_digit_that_changed_is_no_other_number(file: Path) -> None:
    """The line is valid JSON and fits the schema, so only its checksum shows the damage."""
    content = WHOLE.replace(b'"fork":0', b'"fork":1', 1)
    assert content != WHOLE
    kept, warnings = read(file, content)
    assert len(kept) == len(LINES) - 1
    assert warnings[0].startswith("run:2: left out: damaged: its checksum belongs to another line")


def test_a_record_written_by_hand_needs_no_checksum(file: Path) -> None:
    kept, warnings = read(file, b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS))
    assert (kept, warnings) == (texts(LINES), [])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(WHOLE[:-40], id="cut off"),
        pytest.param(WHOLE.replace(b'"fork":0', b'"fork":1', 1), id="a digit"),
        pytest.param(LINES[0], id="no case"),
        pytest.param(LINES[0][:-9], id="no record"),
    ],
)
def test_the_page_or_one_line(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    done = subprocess.run([ROOT / "scripts/report", file.parent], check=False, capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith("report: ")
    page = file.parent / "report.html"
    assert done.returncode == (2 if content == LINES[0][:-9] else 4 if content == LINES[0] else 0)
    assert page.exists() == (done.returncode != 2)
    if done.returncode == 0:
        assert line.split(": ")[3] in page.read_text("utf-8"), "the page has the same warnings as the terminal"
