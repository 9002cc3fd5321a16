"""Numbers as text: units, sensible digits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racetrack_report import units
from racetrack_report.statistics import Interval


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("items_per_s", 12.4e6, "12.4 M items/s"),
        ("items_per_s", 999_950.0, "1.00 M items/s"),
        ("items_per_s", 812.0, "812 items/s"),
        ("trip_p50_ns", 81.0, "81.0 ns"),
        ("trip_p99_ns", 1234.0, "1.23 µs"),
        ("ns_per_item", 0.5, "0.500 ns"),
        ("overhead_ns_per_task", 1500.0, "1.50 µs"),
        ("tasks_per_s", 2.5e6, "2.50 M tasks/s"),
        ("bytes_per_queued_task", 2048.0, "2.00 KiB"),
        ("round_s", 0.25, "250 ms"),
        ("peak_rss_bytes", 8.0 * 1024 * 1024, "8.00 MiB"),
        ("voluntary_switches_per_s", 1500.0, "1.50 k/s"),
        ("overlap_ratio", 0.973, "0.973"),
        ("lines_count", 10000.0, "10\u202f000"),
        ("items_per_s", None, "–"),
        ("items_per_s", math.nan, "–"),
        ("items_per_s", 0.0, "0 items/s"),
    ],
)
def test_a_quantity_has_a_fitting_unit(metric: str, value: float | None, text: str) -> None:
    assert units.quantity(metric, value) == text


def test_an_interval_has_one_unit() -> None:
    interval = Interval(12.4e6, 11.9e6, 12.8e6, 0.97, 6)
    assert units.interval_text("items_per_s", interval) == "12.4 [11.9, 12.8] M items/s"
    assert units.interval_text("items_per_s", Interval(1e6, 1e6, 1e6, 0.0, 1)) == "1.00 M items/s"
    assert units.ratio_text(Interval(1.4, 1.3, 1.52, 0.97, 6)) == "1.40× [1.30, 1.52]"


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_digits_are_right_to_three_places_and_never_scientific(value: float) -> None:
    text = units.digits(value)
    assert "e" not in text
    assert float(text) == pytest.approx(value, rel=0.00501)
