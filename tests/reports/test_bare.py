"""Comparisons with bare loops: from pairs to a record, to verdicts, to the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from racetrack_overhead.bare import CONTROL, race_of, is_wanted, record
from racetrack_report.loader import load
from racetrack_report.model import Bare
from racetrack_report.page import render
from tests.reports import synthetic

CASE = "queue/transfer/{}/producers:1/consumers:1/capacity:1024/payload:8/wait:spin/pin:compact"


def measured(ratio: float, spread: float, pairs: int = 30, subject: str = "lamport") -> Bare:
    """Ratios spread evenly around `ratio`."""
    race = race_of(CASE.format(subject))
    bare = tuple(1e8 for _ in range(pairs))
    ours = tuple(1e8 * ratio * (1 + spread * (2 * i / (pairs - 1) - 1)) for i in range(pairs))
    return Bare(race.case, race.workload, race.subject, race.is_control, race.params, race.metric, ours, bare)


@pytest.mark.parametrize(
    ("ratio", "spread", "within", "excluded"),
    [
        (1.0, 0.05, True, False),
        (1.04, 0.05, True, False),
        (1.06, 0.02, False, True),
        (0.29, 0.10, False, True),
        (1.0, 0.9, False, False),  # too noisy to decide
        (0.94, 0.05, False, False),
    ],
)
def test_bounds_decide_by_ratio_and_interval(ratio: float, spread: float, within: bool, excluded: bool) -> None:
    result = measured(ratio, spread)
    assert (result.within, result.excluded) == (within, excluded)


def test_few_pairs_decide_nothing() -> None:
    result = measured(1.0, 0.001, pairs=3)
    assert not result.within and not result.excluded


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (CASE.format("lamport"), True),
        (CASE.format("lamport").replace("capacity:1024", "capacity:64"), False),
        (CASE.format("vyukov").replace("producers:1", "producers:2"), False),
        (CASE.format("moodycamel").replace("1024", "unbounded"), True),
        (CASE.format("vyukov").replace("s:1", "s:2"), False),  # spins with more threads than processors
        (CASE.format("vyukov").replace("s:1", "s:2").replace("spin", "yield"), True),
        (CASE.format("vyukov").replace("transfer", "burst"), False),
    ],
)
def test_races_are_one_to_one_and_two_to_two(case: str, wanted: bool) -> None:
    assert is_wanted(race_of(case), processors=2) == wanted


def test_the_control_is_compared_with_the_bare_loop_of_its_queue() -> None:
    race = race_of(CASE.format(f"lamport{CONTROL}"))
    assert race.is_control and race.program == "bare_lamport"


def test_page_shows_what_was_measured_and_whether_the_control_was_noticed(tmp_path: Path) -> None:
    results = [
        measured(1.0, 0.05),
        measured(0.5, 0.05, subject="vyukov"),
        measured(0.4, 0.05, subject=f"lamport{CONTROL}"),
    ]
    records = [record("i1", "2026-11-23T10:00:00.000Z", each) for each in results]
    folder = synthetic.write_run(tmp_path / "run", [synthetic.environment("begin"), *records])
    data = load([folder])
    assert [each.ratio for each in data.bare] == [each.ratio for each in results]
    page = render(data).html
    assert "1 of 2 cases are within the bounds" in page
    for word in ("within bounds", "out of bounds", ">detected<"):
        assert word in page
