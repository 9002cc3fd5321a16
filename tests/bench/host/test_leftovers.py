"""A run of any family that is cut short leaves nothing: no process, shared memory, message queue or socket."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.host.harness import RACETRACK, cases_of, is_running, phases_of, processes_of, read_records

PR_SET_CHILD_SUBREAPER = 36
# The requirement is one second. The tests allow two, because other tests may use both processors of a small machine.
PROMPTLY_S = 2.0
# Long enough to be interrupted at any point of a case.
LONG_ENOUGH = {"bench": ("--time", "30", "--forks", "1"), "stress": ("--time", "30")}


def families() -> list[str]:
    """The families of this build's scenarios, so that a new family is tested too."""
    listed = subprocess.run([str(RACETRACK), "list", "--json"], check=True, capture_output=True, text=True)
    return sorted({scenario["family"] for scenario in json.loads(listed.stdout)})


def message_queues() -> set[str]:
    """The POSIX message queues, which a private mount of their file system lists."""
    listing = "mount -t mqueue none /mnt && ls /mnt"
    listed = subprocess.run(["unshare", "--mount", "sh", "-c", listing], check=False, capture_output=True, text=True)
    return set(listed.stdout.split())


def named_sockets() -> set[str]:
    lines = Path("/proc/net/unix").read_text("utf-8").splitlines()[1:]
    return {words[7] for words in map(str.split, lines) if len(words) > 7}


def named_objects() -> set[str]:
    """The objects of this machine that can outlive their processes."""
    shared = {f"/dev/shm/{name}" for name in os.listdir("/dev/shm")}
    return shared | message_queues() | named_sockets()


def wait_until(condition: Callable[[], bool], limit_s: float = 30) -> bool:
    limit = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.005)
    return True


def descendants(process: int) -> list[int]:
    found = processes_of(process)
    return found + [each for child in found for each in descendants(child)]


class Watched:
    """A run in the background, whose orphaned descendants become children of this process."""

    def __init__(self, folder: Path, engine: str, family: str) -> None:
        self.folder = folder
        self.children_before = set(processes_of(os.getpid()))
        self.objects_before = named_objects()
        command = [str(RACETRACK), engine, f"^{family}/", *LONG_ENOUGH[engine], "--quiet", "--out", str(folder / "run")]
        work = folder / "work"
        work.mkdir()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command,
            cwd=work,
            env={**os.environ, "TMPDIR": str(work)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for_case(self) -> list[int]:
        """Waits until a case is running. Returns the processes that exist then."""
        assert wait_until(lambda: self.process.poll() is not None or bool(processes_of(self.process.pid)))
        assert self.process.poll() is None, "it ended before a case was running"
        time.sleep(0.4)  # into the case: its objects exist, or are being created
        return descendants(self.process.pid)

    def orphans(self) -> list[int]:
        return [each for each in set(processes_of(os.getpid())) - self.children_before if is_running(each)]

    def assert_nothing_is_left(self) -> None:
        assert wait_until(lambda: not self.orphans()), f"still running: {self.orphans()}"
        # Other tests create and remove objects at the same time.
        assert wait_until(lambda: not named_objects() - self.objects_before), named_objects() - self.objects_before
        assert not list((self.folder / "work").iterdir())


@pytest.fixture(name="watch")
def fixture_watch() -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def watch(folder: Path, engine: str, family: str) -> Watched:
        started.append(Watched(folder, engine, family))
        return started[-1]

    yield watch
    for each in started:
        each.process.kill()
        each.process.wait()
        for orphan in set(processes_of(os.getpid())) - each.children_before:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


@pytest.mark.parametrize("engine", ["bench", "stress"])
@pytest.mark.parametrize("family", families())
def test_ctrl_c_stops_at_once_and_leaves_only_records(
    engine: str, family: str, watch: Callable[..., Watched], tmp_path: Path
) -> None:
    run = watch(tmp_path, engine, family)
    processes = run.wait_for_case()
    asked = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=60) == 3
    assert time.monotonic() - asked < PROMPTLY_S
    assert not run.orphans(), "the host ends all its descendants itself"
    assert not any(is_running(each) for each in processes)
    run.assert_nothing_is_left()
    records = read_records(tmp_path / "run")
    assert phases_of(records) == ["begin", "end"]
    assert records[-1]["outcome"]["ended"] == "interrupted"


@pytest.mark.parametrize("family", families())
def test_a_killed_case_takes_its_descendants_with_it(
    family: str, watch: Callable[..., Watched], tmp_path: Path
) -> None:
    run = watch(tmp_path, "stress", family)
    run.wait_for_case()
    (case, *_) = processes_of(run.process.pid)
    processes = descendants(case)
    os.kill(case, signal.SIGKILL)
    assert wait_until(lambda: not any(is_running(each) for each in (case, *processes)))
    records = tmp_path / "run" / "records.jsonl"
    assert wait_until(lambda: records.read_bytes().count(b"\n") >= 2)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=60) == 3
    run.assert_nothing_is_left()
    assert cases_of(read_records(tmp_path / "run"))[0]["ended"] == {"how": "signal", "value": signal.SIGKILL}


@pytest.mark.parametrize("family", families())
def test_a_host_that_is_killed_leaves_nothing(family: str, watch: Callable[..., Watched], tmp_path: Path) -> None:
    run = watch(tmp_path, "stress", family)
    run.wait_for_case()
    run.process.kill()
    run.process.wait()
    run.assert_nothing_is_left()
    assert phases_of(read_records(tmp_path / "run")) == ["begin"]
