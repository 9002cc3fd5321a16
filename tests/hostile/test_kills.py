"""A few of the kills that `make hostile` performs by the thousand."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.host.harness import BUILD

KILLS = Path(__file__).with_name("kills.py")


def test_kills_at_random_times_lose_nothing() -> None:
    command = [str(KILLS), "--build", str(BUILD), "--kills", "8"]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "nothing lost" in run.stdout
