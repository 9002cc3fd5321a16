#!/usr/bin/python3
"""Runs sound subjects under stress at the lowest priority while busy loops run: none may fail.

    tests/hostile/sound_runs.py [--build DIR] [--runs N] [--jobs N] [--busy N] [--time S] [--plugin FILE]... [FILTER]

Exit 0 when no subject failed, 1 when one did, 2 usage. Unknown verdicts are counted: they mean that the machine gave a
subject too little time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUSY = [sys.executable, "-c", "while True: pass"]


def sound_subjects(racetrack: list[str], wanted: str) -> str:
    """A filter for the scenarios that are not controls."""
    listed = subprocess.run(
        [*racetrack[:1], "list", "--json", *racetrack[1:]], check=True, capture_output=True, text=True
    )
    names = [
        f"{scenario['family']}/{scenario['workload']}/{scenario['subject']}"
        for scenario in json.loads(listed.stdout)
        if not scenario["control"]
    ]
    return "^(" + "|".join(re.escape(name) for name in names if re.search(wanted, name)) + ")/"


def stress(racetrack: list[str], filter_: str, seconds: float) -> list[dict[str, Any]]:
    """Runs one call at nice 19. Returns its cases."""
    folder = Path(tempfile.mkdtemp(prefix="sound-runs-"))
    command = ["nice", "-n", "19", racetrack[0], "stress", filter_, *racetrack[1:], "--time", str(seconds), "--quiet"]
    run = subprocess.run(
        [*command, "--out", str(folder)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if run.returncode not in (0, 1, 3):
        raise RuntimeError(f"{racetrack[0]}: exit code {run.returncode}: {run.stderr}")
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text("utf-8").splitlines()]
    shutil.rmtree(folder)
    return [record for record in records if record["record"] == "case" and not record["control"]]


def main() -> int:
    """Runs the calls and prints the numbers of verdicts."""
    parser = argparse.ArgumentParser(prog="tests/hostile/sound_runs.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("filter", nargs="?", default="", metavar="FILTER")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--runs", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=4, help="calls of racetrack at once")
    parser.add_argument("--busy", type=int, default=2 * (os.cpu_count() or 1), help="busy loops")
    parser.add_argument(
        "--plugin", action="append", default=[], help="instead of racetrack's own subjects (repeatable)"
    )
    parser.add_argument("--time", type=float, default=0.02, help="seconds of rounds in one run")
    arguments = parser.parse_args()
    racetrack = [str(arguments.build / "racetrack")]
    for plugin in arguments.plugin:
        racetrack += ["--plugin", plugin]
    filter_ = sound_subjects(racetrack, arguments.filter)
    loops = [subprocess.Popen(BUSY) for _ in range(arguments.busy)]  # pylint: disable=consider-using-with
    results: Counter[str] = Counter()
    failures: list[str] = []
    pool = ThreadPoolExecutor(arguments.jobs)
    try:
        calls = {pool.submit(stress, racetrack, filter_, arguments.time) for _ in range(arguments.jobs)}
        while calls:
            ended, calls = wait(calls, return_when=FIRST_COMPLETED)
            for call in ended:
                records = call.result()
                for record in records:
                    verdict = record["verdict"]
                    expected = verdict["result"] == "fail" and verdict["as_expected"]
                    results["as expected" if expected else verdict["result"]] += 1
                    if verdict["result"] == "fail" and not expected:
                        failures.append(f"{record['case']}: {verdict['kind']}: {verdict['witness']}")
                        print(failures[-1], flush=True)
                if sum(results.values()) + len(calls) * len(records) < arguments.runs:
                    calls.add(pool.submit(stress, racetrack, filter_, arguments.time))
            print(f"{sum(results.values())} runs: {dict(results)}", flush=True)
    finally:
        pool.shutdown(cancel_futures=True)
        for loop in loops:
            loop.kill()
            loop.wait()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
