"""The history: runs of one environment, a series per case, and change points."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from racetrack_compare.history import changes_in
from tests.reports import synthetic
from tests.reports.compare.stand_in import ROOT


def noisy(*levels: tuple[float, int], spread: float = 0.02, seed: int = 1) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(level * rng.lognormal(0, spread)) for level, runs in levels for _ in range(runs)]


def test_a_step_is_found_where_it_is_and_as_large_as_it_is() -> None:
    (change,) = changes_in(noisy((100, 12), (115, 9)))
    assert change.at == 12
    assert change.ratio == pytest.approx(1.15, rel=0.03)


def test_two_steps_are_both_found() -> None:
    assert [change.at for change in changes_in(noisy((100, 10), (130, 10), (90, 10)))] == [10, 20]


def test_noise_alone_is_seldom_a_change() -> None:
    assert sum(bool(changes_in(noisy((100, 20), seed=seed))) for seed in range(40)) <= 2


@pytest.mark.parametrize("runs", range(6))
def test_a_short_series_has_no_change(runs: int) -> None:
    assert not changes_in(noisy((100, runs)))


def make_runs(
    folder: Path, costs: list[float], fingerprint: str = "f00dcafe", month: int = 3, subject: str = "vyukov"
) -> None:
    for day, ns in enumerate(costs, start=1):
        records = synthetic.sweep((synthetic.Subject(subject, ns, 1.6, 0.005, single=True),), 6, day, wide=False)
        for record in records:
            if record["record"] == "environment":
                record["started_at"] = f"2026-{month:02}-{day:02}T10:00:00.000Z"
                record["machine"]["fingerprint"] = fingerprint
        synthetic.write_run(folder / f"{month:02}-{day:02}", records)


def history(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts/history"), *words],
        env=os.environ | {"RACETRACK_REPORTS": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_folder_of_runs_becomes_a_page_and_another_environment_is_named_and_left_out(tmp_path: Path) -> None:
    make_runs(tmp_path / "runs", [100.0] * 6 + [130.0] * 5)
    make_runs(tmp_path / "runs", [500.0], "another", month=2)
    done = history(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "02-01 is left out: another environment: another" in done.stderr
    page = (tmp_path / "history.html").read_text("utf-8")
    for words in ("over 11 runs", "02-01", "another environment"):
        assert words in page
    changed = [line for line in done.stdout.splitlines() if "queue/transfer/vyukov" in line]
    assert len(changed) == 1 and "since 03-07" in changed[0] and changed[0].lstrip().startswith("+30 %")


def test_without_runs_it_says_what_to_do(tmp_path: Path) -> None:
    done = history(tmp_path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    synthetic.write_run(tmp_path / "runs" / "empty", [synthetic.environment("begin")])
    done = history(tmp_path)
    assert done.returncode == 4 and "make bench" in done.stderr
