"""The throughput probe costs next to nothing: instructions are counted, so a test may decide on them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.docs.documents import BUILD

PROGRAM = BUILD / "overhead" / "probe_cost"
MOST_RATIO = 1.02
ITEMS = 2000

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file() or shutil.which("valgrind") is None, reason="probe_cost is not built, or there is no valgrind"
)


def instructions_per_item(mode: str) -> float:
    counted = []
    for items in (ITEMS, 2 * ITEMS):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PROGRAM), mode, str(items)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
        found = re.search(r"Collected : (\d+)", said)
        assert found is not None, said
        counted.append(int(found[1]))
    return (counted[1] - counted[0]) / ITEMS


def test_role_bodies_cost_no_more_than_the_loop_by_hand() -> None:
    assert instructions_per_item("roles") <= MOST_RATIO * instructions_per_item("by_hand")


def test_the_count_sees_a_probe_that_is_not_free() -> None:
    assert instructions_per_item("latency") > MOST_RATIO * instructions_per_item("by_hand")
