"""The child process of a Python twin on a bad day: a limit of the machine is not a fault of the program."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racetrack_twins import child, command, records
from racetrack_twins.child import Ending
from racetrack_twins.given_time import TICK_S, GivenTime
from racetrack_twins.twins import TWINS, Twin
from tests.bench.host.harness import processes_of
from tests.reports import synthetic

FACTS = {"machine": synthetic.machine(), "build": synthetic.BUILD}


class Proc:
    """A folder as the kernel shows processes, and a clock: the test decides what the threads do."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 0.0
        self.ran: dict[int, float] = {}
        self.waited: dict[int, float] = {}

    def show(self, task: int, state: str, children: str = "", process: int = 100) -> None:
        at = self.folder / str(process) / "task" / str(task)
        at.mkdir(parents=True, exist_ok=True)
        (at / "stat").write_text(f"{task} (a name) with ) in it) {state} 1 2 3\n")
        times = (int(each.get(task, 0) * 1e9) for each in (self.ran, self.waited))
        (at / "schedstat").write_text(" ".join(map(str, times)) + " 7\n")
        (at / "children").write_text(children)

    def watch(self) -> GivenTime:
        return GivenTime(100, self.folder, lambda: self.now, processors=2)

    def pass_ticks(self, given: GivenTime, count: int, **shares: tuple[str, float, float]) -> None:
        """Each thread, by name, is in this state, runs and waits for this share of each tick."""
        for _ in range(count):
            self.now += TICK_S
            for name, (state, ran, waited) in shares.items():
                task = int(name.removeprefix("t"))
                self.ran[task] = self.ran.get(task, 0) + ran * TICK_S
                self.waited[task] = self.waited.get(task, 0) + waited * TICK_S
                self.show(task, state)
            given.sample_when_due()


@pytest.fixture(name="proc")
def _proc(tmp_path: Path) -> Proc:
    proc = Proc(tmp_path)
    proc.show(100, "S")
    return proc


@pytest.mark.parametrize(
    ("state", "ran", "waited", "given"),
    [("S", 0, 0, 1), ("R", 1, 0, 1), ("R", 0, 1, 0), ("R", 0.1, 0.9, 0.1), ("S", 0, 0.9, 0.1), ("T", 0, 0, 0)],
)
def test_what_one_thread_was_given(proc: Proc, state: str, ran: float, waited: float, given: float) -> None:
    time = proc.watch()
    proc.pass_ticks(time, 10, t100=(state, ran, waited))
    assert time.given == pytest.approx(10 * TICK_S * given)
    assert time.certain


def test_threads_that_share_all_processors_are_given_all_there_is(proc: Proc) -> None:
    time = proc.watch()
    threads = {f"t{task}": ("R", 0.5, 0.5) for task in (100, 101, 102, 103)}
    proc.pass_ticks(time, 11, **threads)
    assert time.given >= 10 * TICK_S


def test_a_suspended_machine_or_a_delayed_caller_counts_as_two_ticks(proc: Proc) -> None:
    time = proc.watch()
    proc.now += 3600
    time.sample_when_due()
    assert time.given == 2 * TICK_S


def test_a_process_that_it_started_counts_too(proc: Proc) -> None:
    proc.show(100, "S", children="200 ")
    proc.show(200, "T", process=200)
    time = proc.watch()
    for _ in range(4):
        proc.now += TICK_S
        time.sample_when_due()
    assert time.given == 0


def test_without_a_thread_in_proc_nothing_is_certain(tmp_path: Path) -> None:
    assert not Proc(tmp_path).watch().certain


def _job(subject: str = "^lock/") -> dict[str, Any]:
    return {"case": _twin(subject).name, "seconds": 1000.0, "seed": 1, "server": None}


def _twin(pattern: str) -> Twin:
    return next(twin for twin in TWINS if twin.name.startswith(pattern.removeprefix("^")))


def _record(ending: Ending) -> dict[str, Any]:
    return records.case(_twin("^lock/"), "i", FACTS, 0, 0, 1, records.now(), ending)


def _stops_its_trial() -> Iterator[bool]:
    for each in processes_of(os.getpid()):
        os.kill(each, signal.SIGSTOP)
    while True:
        yield False


def test_a_stopped_child_is_no_hang() -> None:
    stop = _stops_its_trial()
    ending = child.run(_job(), 0.2, lambda: next(stop))
    assert ending.how == "timeout" and ending.doubt
    verdict = _record(ending)["verdict"]
    assert (verdict["result"], verdict["kind"], verdict["as_expected"]) == ("unknown", None, False)
    assert "whether it hangs is not known" in verdict["witness"]["text"]


def test_a_child_that_was_given_its_time_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST_LIMITS", 10**6)
    ending = child.run(_job(), 0.3, lambda: False)
    assert (ending.how, ending.doubt) == ("timeout", "")
    verdict = _record(ending)["verdict"]
    assert (verdict["result"], verdict["kind"], verdict["detector"]) == ("fail", "hang", "watchdog")


def test_a_thread_that_the_system_refuses_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import threading\n\n\ndef start(self):\n"
        "    if getattr(threading, 'refuses', False):\n"
        '        raise RuntimeError("can\'t start new thread")\n'
        "    threading.refuses = True\n    real(self)\n\n\n"
        "real, threading.Thread.start = threading.Thread.start, start\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ending = child.run(_job(), 60, lambda: False)
    assert ending.how == "harness", ending
    verdict = _record(ending)["verdict"]
    assert verdict["result"] == "unknown" and "ulimit -u" in verdict["witness"]["text"]


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        (Ending("signal", signal.SIGKILL, None, "", 1.0, "killed from outside"), "unknown"),
        (Ending("signal", signal.SIGSEGV, None, "", 1.0), "fail"),
        (Ending("exit", 1, None, "", 1.0), "fail"),
        (Ending("unreadable", 0, None, "", 1.0, "incomplete"), "unknown"),
    ],
)
def test_how_a_child_ended_is_its_verdict(ending: Ending, result: str) -> None:
    assert _record(ending)["verdict"]["result"] == result


@pytest.mark.parametrize(("results", "code"), [(["pass"], 0), (["unknown"], 3), (["unknown", "fail"], 1)])
def test_what_is_unknown_is_incomplete(results: list[str], code: int) -> None:
    done = [{"verdict": {"result": result, "as_expected": result == "pass"}} for result in results]
    assert command._code(done, False) == code  # pylint: disable=protected-access
