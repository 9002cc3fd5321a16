"""The noise floor of a machine: stored per environment, read back, and used with the comparison's number of pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racetrack_report import calibration
from racetrack_report.calibration import Calibration
from racetrack_report.loader import UnusableInput


def made(spread: float = 0.1, **change: Any) -> Calibration:
    rng = np.random.default_rng(4)
    logs = {
        name: tuple(map(float, rng.normal(0, spread * factor, 60))) for name, factor in (("quiet", 0.1), ("noisy", 1.0))
    }
    whole = Calibration("f00d", "2026-11-23T10:00:00.000Z", "abc", 0.05, 0.3, 12, 5, 0, logs)
    return replace(whole, **change)


def test_what_is_saved_is_what_is_loaded_by_its_environment_only(tmp_path: Path) -> None:
    path = calibration.save(tmp_path, made())
    assert path == tmp_path / "calibration" / "f00d.json"
    assert calibration.load(tmp_path, "f00d") == made()
    assert calibration.load(tmp_path, "cafe") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "fingerprint": "f00d", "comparisons": 1, "logs": 3}']
)
def test_a_file_that_is_no_calibration_is_named(text: str, tmp_path: Path) -> None:
    calibration.path_of(tmp_path, "f00d").parent.mkdir()
    calibration.path_of(tmp_path, "f00d").write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput, match="f00d.json: is not a calibration.*make calibrate"):
        calibration.load(tmp_path, "f00d")


def test_more_pairs_have_a_lower_floor_and_the_threshold_is_at_least_three_percent() -> None:
    floors = [made().floor("noisy", pairs) for pairs in (6, 12, 40)]
    assert floors == sorted(floors, reverse=True)
    assert floors[0] == pytest.approx(1.96 * 0.1 * 1.02 / 6**0.5, rel=0.25)
    assert made().threshold("quiet", 40) == 0.03
    assert made().threshold("noisy", 6) == floors[0]


def test_a_case_that_was_not_calibrated_has_the_floor_of_all() -> None:
    known = made()
    assert known.floor("quiet", 12) < known.floor("another", 12) < known.floor("noisy", 12)


def test_false_alarms_have_an_honest_interval() -> None:
    assert made().false_alarms.high == pytest.approx(1 - 0.025 ** (1 / 5))
    assert made(alarms=2, comparisons=40).false_alarms.low == pytest.approx(0.0061, abs=1e-3)
