#!/usr/bin/python3
"""Kills children and hosts at random times and resumes their runs: no record may be lost.

    tests/hostile/kills.py [--build DIR] [--kills N] [--seed N] [--explore FILE] [--tsan FILE]

Each kill sends SIGKILL to the child or the host of a run, and the run is resumed until it is complete. Then each turn
of its plan must have ended well exactly once, and no child may still run. --explore and --tsan name the racetrack of
such a build to include; a run under ThreadSanitizer is one of stress in that build.

Exit codes: 0 nothing was lost; 1 something was lost, or racetrack refused its command; 2 usage.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# pylint: disable-next=wrong-import-position
from tests.bench.host.harness import is_running, processes_of  # noqa: E402

LONGEST_WAIT_S = 1.0
USAGE = 2
MOST_RESUMES = 200


class Lost(Exception):
    """A record was lost or a run could not be completed; the text describes it."""


def commands(build: Path, explore: Path | None, tsan: Path | None) -> dict[str, list[str]]:
    """A command with few, short cases for each engine."""
    racetrack = str(build / "racetrack")
    faulty = str(build / "tests" / "plugins" / "faulty_queues.so")
    sound = ["^queue/transfer/sound/.*consumers:1/", "--plugin", faulty]
    table = {
        "bench": [racetrack, "bench", *sound, "--forks", "8", "--time", "0.1"],
        "stress": [racetrack, "stress", "^queue/transfer/sound/", "--plugin", faulty, "--runs", "8", "--time", "0.2"],
    }
    if explore is not None:
        table["explore"] = [str(explore), "explore", "^lock/", "--time", "0.2"]
    if tsan is not None:
        table["tsan"] = [str(tsan), "stress", "^point/", "--runs", "2", "--time", "0.1"]
    return table


def records_of(folder: Path) -> list[dict[str, Any]]:
    """All records. A line that a killed host left incomplete is skipped, unless it is the last line of a complete
    run."""
    file = folder / "records.jsonl"
    records = []
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return records


def ended_well(records: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The case and fork of each record that ended well."""
    return [
        (record["case"], record["fork"])
        for record in records
        if record["record"] == "case" and record["ended"]["how"] == "ok"
    ]


def is_complete(records: list[dict[str, Any]]) -> bool:
    """Whether the latest call completed the run."""
    last = [record for record in records if record["record"] == "environment"][-1:]
    return bool(last) and last[0]["phase"] == "end" and last[0]["outcome"]["ended"] == "complete"


def kill_one(host: subprocess.Popen[bytes], chance: random.Random) -> bool:
    """Waits a random time and then kills the host or its child. Returns false if it had ended before."""
    try:
        host.wait(chance.uniform(0, LONGEST_WAIT_S))
        return False
    except subprocess.TimeoutExpired:
        pass
    children = processes_of(host.pid)
    if children and chance.random() < 0.6:
        try:
            os.kill(children[0], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True
    host.kill()
    host.wait()
    limit = time.monotonic() + 10
    while any(is_running(child) for child in children):
        if time.monotonic() > limit:
            raise Lost(f"children outlive their host: {children}")
        time.sleep(0.01)
    return True


def run_to_its_end(command: list[str], folder: Path, chance: random.Random, kills: int) -> int:
    """Kills and resumes one run until it is complete. Returns the number of kills."""
    killed = 0
    for _ in range(MOST_RESUMES):
        resume = ["--resume"] if (folder / "records.jsonl").exists() and records_of(folder) else []
        call = [*command, "--quiet", "--out", str(folder), *resume]
        before = set(ended_well(records_of(folder)))
        with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as host:
            while killed < kills and kill_one(host, chance):
                killed += 1
                if host.poll() is not None:
                    break
            if host.wait() == USAGE:
                raise Lost(f"exit code {USAGE} (usage): {shlex.join(call)}")
        records = records_of(folder)
        well = ended_well(records)
        if lost := before - set(well):
            raise Lost(f"records have disappeared: {lost}")
        if len(well) != len(set(well)):
            raise Lost("a fork that ended well was run again")
        plans = [record["plan"] for record in records if "plan" in record]
        wanted = {(case, fork) for plan in plans for case in plan["cases"] for fork in range(plan["forks"])}
        if is_complete(records) and wanted and wanted == set(well):
            return killed
    raise Lost(f"not complete after {MOST_RESUMES} resumes")


def main() -> int:
    """Runs until the requested number of kills is reached."""
    parser = argparse.ArgumentParser(prog="tests/hostile/kills.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--explore", type=Path, help="racetrack of an explore build")
    parser.add_argument("--tsan", type=Path, help="racetrack of a build with ThreadSanitizer")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    print(f"seed {arguments.seed}", flush=True)
    table = commands(arguments.build, arguments.explore, arguments.tsan)
    killed = dict.fromkeys(table, 0)
    runs = 0
    while sum(killed.values()) < arguments.kills:
        for engine, command in table.items():
            folder = Path(tempfile.mkdtemp(prefix=f"kills-{engine}-"))
            left = arguments.kills - sum(killed.values())
            try:
                killed[engine] += run_to_its_end(command, folder / "run", chance, min(left, 10))
            except Lost as lost:
                print(f"{engine}: {lost}: see {folder}", flush=True)
                return 1
            shutil.rmtree(folder)
            runs += 1
        print(f"{sum(killed.values())} kills in {runs} runs, nothing lost: {killed}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
