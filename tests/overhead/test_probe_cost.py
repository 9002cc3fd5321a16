"""The throughput probe costs almost nothing. The tests count instructions, not time."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.docs.documents import BUILD

PROGRAM = BUILD / "overhead" / "probe_cost"
MOST_RATIO = 1.02
ITEMS = 2000
QUEUES = ("vyukov", "lamport", "boost_spsc", "moodycamel")
ABSENT = "this build has no such queue"

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file() or shutil.which("valgrind") is None, reason="probe_cost is not built, or valgrind is missing"
)


def instructions_per_item(mode: str, queue: str = "vyukov") -> float:
    counted = []
    for items in (ITEMS, 2 * ITEMS):
        arguments = [str(PROGRAM), mode, str(items), queue]
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if ABSENT in done.stderr:
            pytest.skip(f"{queue}: {ABSENT}")
        found = re.search(r"Collected : (\d+)", done.stderr)
        assert done.returncode == 0 and found is not None, done.stderr
        counted.append(int(found[1]))
    return (counted[1] - counted[0]) / ITEMS


@pytest.mark.parametrize("queue", QUEUES)
def test_role_bodies_cost_no_more_than_the_loop_by_hand(queue: str) -> None:
    assert instructions_per_item("roles", queue) <= MOST_RATIO * instructions_per_item("by_hand", queue)


def test_the_count_detects_a_probe_that_costs_instructions() -> None:
    assert instructions_per_item("latency") > MOST_RATIO * instructions_per_item("by_hand")
