"""Findings about lock order: one for the same places in the code, with the number of sets of locks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.deadlock.test_programs import FOUND, PROGRAMS, RACETRACK, compile_to, watch

pytestmark = pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")


@pytest.fixture(scope="module", name="orders", params=["-O0", "-O2"])
def orders_program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_to(tmp_path_factory.mktemp("orders") / "orders", PROGRAMS / "orders.cpp", request.param)


def findings(program: Path, name: str, count: int) -> list[str]:
    """The first line of each finding."""
    done = watch(program, name, str(count), options=("--order",))
    assert done.returncode == FOUND, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("racetrack deadlock: ")]


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("same_places", 5000, ["(2 places, seen with 5000 pairs of mutexes)"]),
        ("same_places_by_many_ways", 100, ["(2 places, seen with 100 pairs of mutexes)"]),
        ("two_pairs_of_places", 40, ["(2 places, seen with 20 pairs of mutexes)"] * 2),
        ("mixed_locks", 30, ["(2 places, seen with 30 pairs of locks)"]),
        ("rings", 30, ["(1 place, seen with 10 sets of 3 mutexes)"]),
    ],
)
def test_same_places_are_one_finding(orders: Path, name: str, count: int, expected: list[str]) -> None:
    found = findings(orders, name, count)
    assert len(found) == len(expected), found
    assert all(text in line for text, line in zip(expected, found)), found


def test_single_pair_is_not_counted(orders: Path) -> None:
    (found,) = findings(orders, "same_places", 1)
    assert "seen with" not in found
