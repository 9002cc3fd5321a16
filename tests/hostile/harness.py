"""Racetrack with hostile names, folders and paths."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.host.harness import BUILD, FAULTY, RACETRACK

SHORT = ("--forks", "1", "--time", "0.005", "--seed", "1", "--quiet")
# Stress uses other parameters unless these are given.
STRESSED: tuple[str, ...] = (
    "--time",
    "0.05",
    "--seed",
    "1",
    "--quiet",
    "--param",
    "producers=1",
    "--param",
    "consumers=1",
)
STRESSED += ("--param", "capacity=64", "--param", "payload=8", "--param", "wait=yield")
UNSAFE_IN_OUTPUT = ("\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\x00", "\r")


def hexadecimal(names: Sequence[str | bytes]) -> str:
    """Encodes names and messages as the plugin faulty_queues reads them from its environment."""
    return ",".join((name.encode() if isinstance(name, str) else name).hex() for name in names)


def subjects(*names: str | bytes) -> dict[str, str]:
    """The variable that makes faulty_queues register these subjects. If a name begins with `loses`, items are lost."""
    return {"FAULTY_QUEUES_NAMES": hexadecimal(names)}


def call(
    *arguments: str | bytes | Path,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    program: str | Path = RACETRACK,
    limit_s: float = 150,
) -> subprocess.CompletedProcess[bytes]:
    """Runs racetrack to its end. Its output is bytes."""
    command = [os.fsencode(program), *map(os.fsencode, arguments)]
    environment = {**os.environ, **(variables or {})}
    return subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, timeout=limit_s)


def paste(command: str, cwd: Path, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs a printed command in a shell in `cwd`, where `racetrack` is the build under test."""
    environment = {**os.environ, **(variables or {}), "PATH": f"{BUILD}:{os.environ['PATH']}"}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=cwd, env=environment, check=False, capture_output=True, timeout=150
    )


def one_line(run: subprocess.CompletedProcess[bytes], code: int, *parts: str) -> str:
    """Asserts the exit code and one line on standard error that contains each of `parts`. Returns the line."""
    errors = run.stderr.decode("utf-8")
    assert run.returncode == code, errors
    assert len(errors.splitlines()) == 1, errors
    assert "internal error" not in errors and "Traceback" not in errors
    for part in parts:
        assert part in errors, errors
    for character in UNSAFE_IN_OUTPUT:
        assert character not in errors, errors
    return errors


__all__ = ["BUILD", "FAULTY", "RACETRACK", "SHORT", "STRESSED", "call", "hexadecimal", "one_line", "paste", "subjects"]
