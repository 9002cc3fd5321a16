"""The queue monitor's cost grows little faster than the history. The test counts instructions, not time."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.docs.documents import BUILD

PROGRAM = BUILD / "overhead" / "monitor_growth"
OPERATIONS = 20_000
MOST_GROWTH = 2.4  # for twice as many operations: n log n gives 2.14, n^2 gives 4

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file() or shutil.which("valgrind") is None,
    reason="monitor_growth is not built, or valgrind is missing",
)


def instructions(mode: str, operations: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PROGRAM), mode, str(operations)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", output)
    assert found is not None, output
    return int(found[1])


def judging(operations: int) -> int:
    return instructions("judge", operations) - instructions("build", operations)


def test_twice_the_operations_cost_little_more_than_twice_the_instructions() -> None:
    assert judging(2 * OPERATIONS) <= MOST_GROWTH * judging(OPERATIONS)
