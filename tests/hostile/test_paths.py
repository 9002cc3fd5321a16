"""Paths with bytes that are special to a loader, a shell or JSON: each works or is rejected before anything runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD, TEST_PLUGINS, cases_of, read_records
from tests.hostile.harness import FAULTY, SHORT, call, paste

CASE = "^queue/transfer/sound/producers:1/consumers:1/"
STRANGE = {
    "space": b"a checkout of mine",
    "colon": b"a:b",
    "dollar": b"$ORIGIN",
    "quotes": b'it\'s "mine"',
    "newline": b"two\nlines",
    "Latin-1": b"caf\xe9",
    "escape": b"\x1b[31m",
    "dash": b"-rf",
}


def checkout(tmp_path: Path, name: bytes) -> bytes:
    """Copies the executable and its library to a folder of that name."""
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.makedirs(os.path.join(folder, b"plugins"))
    for file in ("racetrack", "libracetrack_deadlock.so"):
        shutil.copy2(BUILD / file, os.fsdecode(os.path.join(folder, file.encode())))
    return folder


@pytest.mark.parametrize("kind", STRANGE)
def test_the_deadlock_detector_is_loaded_from_any_checkout(kind: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path, STRANGE[kind])
    plugin = TEST_PLUGINS / "stuck_programs.so"
    arguments = ["stress", "--plugin", str(plugin), "--time", "0.1", "--patience", "3", "--seed", "1", "--quiet"]
    run = call(*arguments, "--out", tmp_path / "run", program=Path(os.fsdecode(folder)) / "racetrack", limit_s=300)
    assert run.returncode in (0, 1), run.stderr
    findings = [record for record in read_records(tmp_path / "run") if record["record"] == "finding"]
    detectors = {record["verdict"]["detector"] for record in cases_of(read_records(tmp_path / "run"))}
    assert findings or "lock_graph" in detectors, "the detector found nothing"


@pytest.mark.parametrize("kind", STRANGE)
def test_a_plugin_and_a_run_with_strange_paths_work_and_repeat(kind: str, tmp_path: Path) -> None:
    folder = os.path.join(os.fsencode(tmp_path), STRANGE[kind])
    os.makedirs(folder)
    plugin, out = os.path.join(folder, b"my queue.so"), os.path.join(folder, b"run")
    shutil.copy2(FAULTY, os.fsdecode(plugin))
    run = call("bench", CASE.replace("sound", "loses"), "--plugin", plugin, *SHORT, "--out", out)
    assert run.returncode == 1, run.stderr
    shutil.copytree(os.fsdecode(out), tmp_path / "copy")
    [record] = cases_of(read_records(tmp_path / "copy"))
    again = paste(record["verdict"]["replay"] + " --quiet --out again", tmp_path)
    assert again.returncode == 1, again.stderr
    assert cases_of(read_records(tmp_path / "again"))[0]["case"] == record["case"]
    output = (run.stdout + run.stderr).decode()
    assert "\x1b" not in output
