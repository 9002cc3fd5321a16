"""Hangs without a recognised deadlock: at Ctrl-C, SIGQUIT and --time, the detector reports the wait of each thread."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.deadlock.test_programs import PROGRAMS, RACETRACK, compile_to, watch

pytestmark = pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")


@pytest.fixture(scope="module", name="hangs")
def hangs_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_to(tmp_path_factory.mktemp("hangs") / "hangs", PROGRAMS / "hangs.cpp", "-rdynamic")


def switches(process: str) -> list[str]:
    """The context switches of each thread of the process, or an empty list if a thread is not asleep."""
    counts = []
    for task in Path(f"/proc/{process}/task").iterdir():
        status = (task / "status").read_text(encoding="utf-8")
        if "State:\tS" not in status:
            return []
        counts.append(status[status.index("voluntary_ctxt_switches") :])
    return counts


def wait_until_asleep(process: str) -> None:
    """Returns when no thread has run between two readings of all of them."""
    before: list[str] = []
    while not before or before != switches(process):
        before = switches(process)
        time.sleep(0.01)


def interrupt(
    *arguments: str | Path, number: signal.Signals = signal.SIGINT, group: bool = True, asleep: bool = False
) -> subprocess.CompletedProcess[str]:
    """Sends the signal after the program has printed `ready`: to the whole group, as a terminal does, or to
    racetrack alone."""
    with subprocess.Popen(
        [str(RACETRACK), "deadlock", "--", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        printed = ""
        while "ready" not in printed:
            line = process.stdout.readline()
            assert line, "the program ended before it was ready"
            printed += line
        if asleep:
            wait_until_asleep(printed.split()[-1])
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, printed + output, errors)


@pytest.mark.parametrize("group", [True, False])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_waits_are_reported_before_a_signal_ends_the_program(hangs: Path, number: signal.Signals, group: bool) -> None:
    done = interrupt(hangs, "many_alike", number=number, group=group, asleep=True)
    assert done.returncode == 128 + number
    assert done.stderr.count("What each thread waits for") == 1
    assert f"{number.name}, " in done.stderr
    assert "51 threads:" in done.stderr
    assert "is in the system call pause, in pause" in done.stderr
    assert "and 49 more threads alike" in done.stderr


def test_terminal_interrupts_the_program_once(hangs: Path) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.execv(RACETRACK, [str(RACETRACK), "deadlock", "--", str(hangs), "count_signals"])
    printed = b""
    while b"ready" not in printed:
        printed += os.read(terminal, 1000)
    os.write(terminal, b"\x03")
    try:
        while piece := os.read(terminal, 1000):
            printed += piece
    except OSError:  # the program has ended, and its side of the terminal is closed
        pass
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"caught 1" in printed
    assert b"What each thread waits for" in printed


@pytest.mark.parametrize("group", [True, False])
def test_programs_own_handler_runs_once(hangs: Path, group: bool) -> None:
    done = interrupt(hangs, "count_signals", group=group)
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["caught 1"])
    assert "What each thread waits for" in done.stderr


@pytest.mark.parametrize("group", [True, False])
def test_signal_that_the_program_ignores_is_ignored(hangs: Path, group: bool) -> None:
    done = interrupt(hangs, "ignore_signals", group=group)
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["ends"])


def test_program_finds_the_default_action(hangs: Path) -> None:
    done = interrupt(hangs, "default_action", asleep=True)
    assert done.returncode == 128 + signal.SIGINT
    assert done.stdout.startswith("default\n")
    assert "pause" in done.stderr


def hang(program: Path, *arguments: str | Path) -> str:
    """The reported waits after two seconds."""
    done = watch(program, *arguments, options=("--time", "2"))
    assert done.returncode == 124, done.stderr
    assert "did not end within 2 s and was ended; no deadlock is proven" in done.stderr
    return done.stderr


def test_spinning_threads_are_named_with_their_place(hangs: Path) -> None:
    report = hang(hangs, "spin_locks")
    assert report.count("of processor time in 100 ms") == 2
    assert report.count("pthread_spin_lock") == 2
    assert report.count("hangs.cpp:") == 2
    assert "Not known: whether a running thread makes progress" in report


def test_holder_that_waits_for_a_pipe_is_named(hangs: Path) -> None:
    report = hang(hangs, "pipe_and_mutex")
    assert "outer', held by thread 2, at" in report
    assert "is in the system call read on descriptor" in report and "(pipe:[" in report
    assert "holds mutex" in report
    assert "Not known: the event that would end a system call" in report


def test_holder_in_another_process_is_named(hangs: Path) -> None:
    report = hang(hangs, "other_process")
    assert "no thread of this process" in report
    assert report.count("hangs [") == 2  # both processes


def test_lock_of_the_dynamic_loader_is_recognised(hangs: Path, tmp_path: Path) -> None:
    library = compile_to(tmp_path / "libtakes.so", PROGRAMS / "takes_at_load.cpp", "-shared", "-fPIC")
    report = hang(hangs, "loader_lock", library)
    assert "waits without a time-out for futex" in report and "_rtld_global" in report
    assert "by its memory a mutex that thread 1 holds" in report
    assert "These waits form a cycle: thread 1 -> thread 2 -> thread 1" in report


def test_program_that_ends_in_time_is_not_affected() -> None:
    done = watch("sh", "-c", "echo well; exit 4", options=("--time=30",))
    assert (done.returncode, done.stdout, done.stderr) == (4, "well\n", "")


def test_time_ends_all_that_the_program_started(tmp_path: Path) -> None:
    number = tmp_path / "number"
    done = watch("sh", "-c", f"sleep 1000 & echo $! >{number}; trap '' TERM; wait", options=("--time", "1"))
    assert done.returncode == 124
    assert not Path(f"/proc/{number.read_text(encoding='utf-8').strip()}").exists()


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e99", "nan"])
def test_invalid_time_is_rejected(text: str) -> None:
    done = watch("true", options=("--time", text))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
