"""Runs forks of two racetracks in turn.

Each is one process (`racetrack bench --schedule`) for the whole comparison, so that plugins are loaded and clocks are
calibrated once; every fork is still a separate child process.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_report.loader import UnusableInput, case_of
from racetrack_report.check import parse
from racetrack_report.model import Case, Json

from .schedule import Pairing
from .sides import Live

REFUSED = 2  # exit code of a racetrack that refuses its arguments
PATIENCE_S = 20.0  # for a racetrack to end after a request


class Broken(Exception):
    """A racetrack ended early; the message is one line."""


@dataclass(frozen=True)
class Options:
    """Options that both sides are called with."""

    time_s: float
    params: tuple[str, ...] = ()  # NAME=V1,V2 each
    full: bool = False

    def words(self, side: Live) -> list[str]:
        words = ["--time", f"{self.time_s:g}"]
        params = [*self.params, *(f"{name}={value}" for name, value in side.fixed)]
        words += [word for param in params for word in ("--param", param)]
        words += ["--full"] if self.full else []
        words += ["--plugin", str(side.plugin)] if side.plugin else []
        return words + (["--with-builtin"] if side.with_builtin else [])


def cases_of(side: Live, options: Options) -> list[str]:
    """The exact names of this side's cases. Raises UnusableInput with racetrack's message if it refuses."""
    pattern = [f"^{re.escape(side.subject)}/"] if side.subject else []
    command = [str(side.program), "bench", "--benchmark_list_tests", *options.words(side), *pattern]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UnusableInput(f"{side.program}: {error.strerror}; give a build of this machine") from error
    if done.returncode == 4:
        return []
    if done.returncode != 0:
        raise UnusableInput(f"{side.given}: {_last_line(done.stderr) or f'racetrack ended with {done.returncode}'}")
    return done.stdout.splitlines()


class Host:
    """One side's racetrack, which waits for turns. Not thread-safe."""

    def __init__(self, side: Live, folder: Path, options: Options, names: Sequence[str]) -> None:
        self._side = side
        self._open = contextlib.ExitStack()
        self._said = self._open.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
        one_of = f"^({'|'.join(map(re.escape, names))})$"
        command = [
            str(side.program),
            "bench",
            "--schedule",
            "--quiet",
            "--out",
            str(folder),
            *options.words(side),
            one_of,
        ]
        # A separate process group: Ctrl-C reaches this process, which passes it to each racetrack once.
        self._process = self._open.enter_context(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                process_group=0,
                text=True,
                bufsize=1,
            )
        )

    def run(self, name: str, fork: int, seed: int) -> Case:
        """One fork of one case. Raises UnusableInput if racetrack refuses to run, Broken if it has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(f"{name} {fork} {seed}\n")
            line = self._process.stdout.readline()
            return case_of(self._side.given, parse(line.encode()))
        except (BrokenPipeError, ValueError) as error:
            complaint = self._complaint()
            if self._process.returncode != REFUSED:
                raise Broken(f"{self._side.given}: {complaint}") from error
            old = "; it is from before comparisons: build a newer commit" if "'--schedule'" in complaint else ""
            raise UnusableInput(f"{self._side.given}: {complaint}{old}") from error

    def close(self, interrupt: bool) -> None:
        """Ends the process; if interrupted, the running fork is killed and recorded as interrupted."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if interrupt and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._open.close()

    def _complaint(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S)
        self._said.seek(0)
        line = _last_line(self._said.read()).removeprefix("racetrack: ")
        return line or f"racetrack ended early ({self._process.returncode})"


@contextlib.contextmanager
def both(
    old: Live, new: Live, folder: Path, options: Options, names: Sequence[tuple[str, str]]
) -> Iterator[tuple[Host, Host]]:
    """The two racetracks, with the subfolders `old` and `new`; they are ended on every exit of the block."""
    hosts: list[Host] = []
    interrupted = True
    try:
        hosts.append(Host(old, folder / "old", options, [name for name, _ in names]))
        hosts.append(Host(new, folder / "new", options, [name for _, name in names]))
        yield hosts[0], hosts[1]
        interrupted = False
    finally:
        with ignoring_interruptions():
            for host in hosts:
                host.close(interrupted)


@contextlib.contextmanager
def ignoring_interruptions() -> Iterator[None]:
    """Ignores interruptions during cleanup."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class Ran:
    """One complete pair."""

    pairing: Pairing
    old: Case
    new: Case
    started: str


def run_pair(hosts: tuple[Host, Host], names: tuple[str, str], pairing: Pairing, now: Callable[[], str]) -> Ran:
    """Runs both forks of a pair, in its order."""
    started = now()
    order = (1, 0) if pairing.new_first else (0, 1)
    cases: dict[int, Case] = {side: hosts[side].run(names[side], pairing.pair, pairing.seed) for side in order}
    return Ran(pairing, cases[0], cases[1], started)


def facts_of(program: Path) -> Json:
    """Machine and build according to `racetrack doctor --json`. Raises UnusableInput if that fails."""
    try:
        done = subprocess.run([str(program), "doctor", "--json"], capture_output=True, text=True, check=False)
        return dict(json.loads(done.stdout))
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{program}: does not report its build; rebuild it (`make build`)") from error


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
