"""`racetrack deadlock` on real programs: it reports every fault and is silent on each corrected twin."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import BUILD

RACETRACK = BUILD / "racetrack"
PROGRAMS = Path(__file__).resolve().parent / "programs"
FOUND = 1

pytestmark = pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")


def compile_to(target: Path, source: Path, *options: str) -> Path:
    compiler = ["gcc"] if source.suffix == ".c" else ["g++", "-std=c++20"]
    command = [*compiler, "-g", "-O1", "-pthread", *options, str(source), "-o", str(target)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


@pytest.fixture(scope="session", name="standard")
def standard_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_to(tmp_path_factory.mktemp("standard") / "standard", PROGRAMS / "standard.cpp")


@pytest.fixture(scope="session", name="posix")
def posix_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_to(tmp_path_factory.mktemp("posix") / "posix", PROGRAMS / "posix.c")


def watch(
    *arguments: str | Path, options: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [str(RACETRACK), "deadlock", *options, "--", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=env)


DEADLOCKS = [
    ("opposite", "deadlock of 2 threads"),
    ("philosophers", "deadlock of 3 threads"),
    ("upgrade", "rwlock_write"),
    ("upgrade_alone", "deadlock of 1 thread"),
    ("join_holding", "waits for the end of thread 2"),
    ("self_lock", "deadlock of 1 thread"),
    ("wait_holding", "woken from condition"),
    ("once_crossed", "waits for once"),
    ("hundred_locks_crossed", "deadlock of 2 threads"),
    ("lost_notification", "lost wakeup: all 2 threads wait"),
    ("pool_starved", "lost wakeup: all 3 threads wait"),
    ("semaphores_lost", "lost wakeup: all 2 threads wait"),
    ("thousand_threads_stuck", "lost wakeup: all 1001 threads wait"),
]


@pytest.mark.parametrize(("name", "expected"), DEADLOCKS)
def test_deadlock_that_happens_is_found(standard: Path, name: str, expected: str) -> None:
    done = watch(standard, name)
    assert done.returncode == FOUND, done.stderr
    assert expected in done.stderr


POSIX_DEADLOCKS = [
    ("opposite", "deadlock of 2 threads"),
    ("c11_opposite", "deadlock of 2 threads"),
    ("relock_normal", "which it holds itself"),
    ("read_again_writers_first", "deadlock of 2 threads"),
    ("abandoned", "still held when it ended"),
    ("semaphore_lost", "the only thread waits"),
    ("barrier_lost", "the only thread waits"),
    ("fork_relock", "which it holds itself"),
    ("fork_orphaned", "held during the fork of this process"),
    ("exec_opposite", "deadlock of 2 threads"),
]


@pytest.mark.parametrize(("name", "expected"), POSIX_DEADLOCKS)
def test_deadlock_of_a_c_program_is_found(posix: Path, name: str, expected: str) -> None:
    done = watch(posix, name)
    assert done.returncode == FOUND, done.stderr
    assert expected in done.stderr


CLEAN = """
same_in_turn opposite_by_one_thread gated philosophers_left_handed many_readers read_both_ways
read_and_write join_free recursive scoped_lock try_second try_one_by_one timed reused_memory
reused_stack kept_notification once_free once_throws pool_fed semaphores sleeps_holding
thousand_threads hundred_locks contention
""".split()


@pytest.mark.parametrize("name", CLEAN)
def test_correct_program_is_clean_even_by_its_order(standard: Path, name: str) -> None:
    done = watch(standard, name, options=("--order",))
    assert (done.returncode, done.stdout, done.stderr) == (0, "begins\nends\n", "")


POSIX_CLEAN = """
c11 relock_checked read_again_readers_first rwlock_errors robust timed_wait detached fork_clean
many_forks
""".split()


@pytest.mark.parametrize("name", POSIX_CLEAN)
def test_correct_c_program_is_clean_even_by_its_order(posix: Path, name: str) -> None:
    done = watch(posix, name, options=("--order",))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["opposite_in_turn", "half_gated", "same_memory", "wait_free"])
def test_order_without_a_deadlock_is_a_finding_only_on_request(standard: Path, name: str) -> None:
    assert watch(standard, name).returncode == 0
    done = watch(standard, name, options=("--order", "--error-exitcode", "9"))
    assert done.returncode == 9
    assert done.stderr.count("potential deadlock of 2 threads") == 1
    assert done.stdout == "begins\nends\n"  # nothing happened, so it ran to its end


@pytest.mark.parametrize("name", ["semaphore_shared", "condition_shared"])
def test_wait_that_another_process_could_end_is_not_a_lost_wakeup(posix: Path, name: str) -> None:
    assert watch(posix, name).returncode == 128 + signal.SIGALRM


def test_wait_that_a_signal_handler_could_end_is_not_a_lost_wakeup(standard: Path) -> None:
    assert watch(standard, "handler_installed").returncode == 128 + signal.SIGALRM


def test_both_acquisitions_and_their_locks_are_named(standard: Path) -> None:
    report = watch(standard, "opposite").stderr
    assert report.count("wants mutex") == report.count("holds mutex") == 2
    assert "::a'" in report and "::b'" in report
    for function in ("lock_ab", "lock_ba"):
        assert report.count(function) >= 2
    assert "standard.cpp:" in report


def test_both_acquisitions_of_an_order_are_named(standard: Path) -> None:
    report = watch(standard, "opposite_in_turn", options=("--order",)).stderr
    for function in ("lock_ab", "lock_ba"):
        assert report.count(function) >= 2


def test_every_lock_has_a_full_stack_on_request(posix: Path) -> None:
    brief, full = (watch(posix, "opposite", options=options).stderr for options in ((), ("--stacks",)))
    assert full.count("libc.so") > brief.count("libc.so")  # where threads begin


def test_source_lines_are_looked_up_only_in_files_that_have_them(posix: Path, tmp_path: Path) -> None:
    """addr2line reads a whole file. It is not run on system libraries, which contain no line numbers."""
    asked = tmp_path / "asked"
    helper = tmp_path / "addr2line"
    helper.write_text(f'#!/bin/sh\necho "$@" >>"{asked}"\nexec {shutil.which("addr2line")} "$@"\n', encoding="utf-8")
    helper.chmod(0o755)
    done = watch(posix, "opposite", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert "posix.c:" in done.stderr
    assert "libc.so" in done.stderr
    assert str(posix) in asked.read_text(encoding="utf-8")
    assert "libc.so" not in asked.read_text(encoding="utf-8")


def test_function_is_named_without_source_lines(posix: Path, tmp_path: Path) -> None:
    """The name comes from the symbol table; a file without one gives no name."""
    bare, stripped = tmp_path / "bare", tmp_path / "stripped"
    subprocess.run(["objcopy", "--strip-debug", str(posix), str(bare)], check=True)
    report = watch(bare, "opposite").stderr
    assert "lock_ab" in report and "posix.c" not in report
    subprocess.run(["objcopy", "--strip-all", str(posix), str(stripped)], check=True)
    done = watch(stripped, "opposite")
    assert done.returncode == FOUND
    assert f"{stripped}+0x" in done.stderr and "lock_ab" not in done.stderr


def test_hand_written_deadlock_is_caught_every_time(posix: Path, tmp_path: Path) -> None:
    """The detector alone, a hundred times: the part of its host is the same each time."""
    report = tmp_path / "report"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(BUILD / "libracetrack_deadlock.so"),
        "RACETRACK_DEADLOCK_REPORT": str(report),
        "RACETRACK_DEADLOCK_ACTION": "exit",
    }
    for _ in range(100):
        assert subprocess.run([posix, "opposite"], env=environment, check=False, timeout=20).returncode == 66
    assert report.read_text(encoding="utf-8").count('"kind":"deadlock","pid"') == 100


@pytest.mark.parametrize(("name", "code"), [("crash", 139), ("killed", 137), ("abort", 134), ("exit_seven", 7)])
def test_programs_own_end_is_passed_on(posix: Path, name: str, code: int) -> None:
    done = watch(posix, name)
    assert (done.returncode, done.stderr) == (code, "")


def test_package_that_compresses_with_threads_is_clean(tmp_path: Path) -> None:
    if shutil.which("xz") is None:
        pytest.skip("no xz")
    data = tmp_path / "data"
    data.write_bytes(os.urandom(1 << 19) * 4)
    done = watch(
        "sh",
        "-c",
        f"xz -T4 --block-size=512KiB -k -0 '{data}' && xz -T4 -dc '{data}.xz' | cmp - '{data}'",
        options=("--order",),
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_input_and_output_are_the_programs_own() -> None:
    command = [str(RACETRACK), "deadlock", "cat", "-"]
    done = subprocess.run(command, input="to and fro", capture_output=True, text=True, check=False, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "to and fro", "")


class TestRefusedPrograms:
    """Each is refused with one line and exit code 2."""

    @staticmethod
    def refused(*arguments: str | Path, expected: str) -> None:
        done = watch(*arguments)
        assert done.returncode == 2, done.stderr
        assert expected in done.stderr
        assert done.stderr.count("\n") == 1

    def test_not_there(self) -> None:
        self.refused("no-such-program-anywhere", expected="no such program in PATH")
        self.refused("/no/such/program", expected="No such file")

    def test_not_executable(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text("#!/bin/sh\n", encoding="utf-8")
        self.refused(file, expected="not executable")
        self.refused(tmp_path, expected="is a directory")

    def test_neither_program_nor_script(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text("nothing\n", encoding="utf-8")
        file.chmod(0o755)
        self.refused(file, expected="neither a program nor a script")

    def test_statically_linked(self, tmp_path: Path) -> None:
        self.refused(
            compile_to(tmp_path / "static", PROGRAMS / "posix.c", "-static"), "exit_seven", expected="statically linked"
        )
        pie = compile_to(tmp_path / "static_pie", PROGRAMS / "posix.c", "-static-pie")
        self.refused(pie, "exit_seven", expected="statically linked")

    @pytest.mark.parametrize(("option", "title"), [("thread", "ThreadSanitizer"), ("address", "AddressSanitizer")])
    def test_under_a_sanitizer(self, tmp_path: Path, option: str, title: str) -> None:
        self.refused(compile_to(tmp_path / option, PROGRAMS / "posix.c", f"-fsanitize={option}"), "c11", expected=title)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_setuid(self, posix: Path, tmp_path: Path) -> None:
        program = tmp_path / "setuid"
        shutil.copy(posix, program)
        os.chown(program, 65534, 65534)
        program.chmod(0o4755)
        self.refused(program, "exit_seven", expected="setuid")

    def test_script_of_a_program_that_cannot_be_run(self, tmp_path: Path) -> None:
        script = tmp_path / "script"
        script.write_text("#!/no/such/interpreter\n", encoding="utf-8")
        script.chmod(0o755)
        self.refused(script, expected="/no/such/interpreter")

    @pytest.mark.parametrize("options", [("--error-exitcode", "0"), ("--error-exitcode", "x"), ("--unknown",)])
    def test_wrong_options(self, options: tuple[str, ...]) -> None:
        done = watch("true", options=options)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1

    def test_no_program_at_all(self) -> None:
        done = subprocess.run([str(RACETRACK), "deadlock"], capture_output=True, text=True, check=False)
        assert done.returncode == 2
