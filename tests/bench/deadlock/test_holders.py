"""Locks whose holder has ended, or that another thread releases: their descriptions, and when they are findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.deadlock.test_programs import FOUND, PROGRAMS, RACETRACK, compile_to, watch

pytestmark = pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")


@pytest.fixture(scope="module", name="holders")
def holders_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_to(tmp_path_factory.mktemp("holders") / "holders", PROGRAMS / "holders.c")


@pytest.mark.parametrize(
    ("name", "described", "listed"),
    [
        ("cancelled", "which thread 2 still held when it was cancelled", "was cancelled"),
        ("cancelled_in_wait", "which thread 2 still held when it was cancelled", "was cancelled"),
        ("exited", "which thread 2 still held when it ended by pthread_exit", "has ended"),
        ("returned", "which thread 2 still held when it ended", "has ended"),
        ("forked", "which thread 1 held during the fork of this process", "does not exist in this process"),
    ],
)
def test_holder_that_has_ended_is_described(holders: Path, name: str, described: str, listed: str) -> None:
    done = watch(holders, name)
    assert done.returncode == FOUND, done.stderr
    assert described in done.stderr
    assert listed in done.stderr
    assert "taken at" in done.stderr


@pytest.mark.parametrize("options", [(), ("--order",)])
@pytest.mark.parametrize("name", ["cancelled_cleanly", "forked_with_handlers"])
def test_holder_that_releases_is_no_finding(holders: Path, name: str, options: tuple[str, ...]) -> None:
    done = watch(holders, name, options=options)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("options", [(), ("--order",)])
@pytest.mark.parametrize("name", ["handed_over", "handed_over_in_order"])
def test_hand_over_is_a_warning(holders: Path, name: str, options: tuple[str, ...]) -> None:
    done = watch(holders, name, options=options)
    assert done.returncode == 0
    assert done.stderr.count("racetrack deadlock: ") == 1
    assert "racetrack deadlock: warning: unlock_not_held: thread 2 released mutex" in done.stderr
    assert "which thread 1 holds (a hand-over" in done.stderr


def test_hand_over_is_an_error_when_strict(holders: Path) -> None:
    done = watch(holders, "handed_over", options=("--strict",))
    assert done.returncode == FOUND
    assert "racetrack deadlock: unlock_not_held" in done.stderr


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--order",), FOUND), (("--strict",), FOUND)])
def test_release_of_a_free_lock_counts_with_order_or_strict(holders: Path, options: tuple[str, ...], code: int) -> None:
    done = watch(holders, "released_twice", options=options)
    assert done.returncode == code
    assert "which no thread holds" in done.stderr
