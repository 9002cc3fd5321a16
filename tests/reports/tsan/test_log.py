"""The parser on the output of g++'s and clang's ThreadSanitizer for tests/reports/tsan/faults.cpp, and on damaged
output."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racetrack_report.model import Frame
from racetrack_tsan.log import Report, frame_of, reports_in
from racetrack_tsan.project import Project
from racetrack_tsan.reading import Reading, read

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "faults.cpp"
PROJECT = Project("/src")
COMPILERS = ("gcc", "clang")
# Each fault and the functions in which it must be found; a lambda is an operator().
FAULTS = {
    "race_on_heap": ("race", {"set", "get"}),
    "race_on_global": ("race", {"race_on_global", "operator()"}),
    "lock_order": ("potential_deadlock", {"operator()"}),
    "unlock_of_another": ("misuse", {"unlock_of_another"}),
    "destroy_locked": ("misuse", {"destroy_locked"}),
    "use_after_free": ("use_after_free", {"use_after_free", "operator()"}),
    "leaked_thread": ("leak", {"leaked_thread"}),
    "crash": ("crash", {"crash"}),
}


def kept(fault: str, compiler: str) -> str:
    return (HERE / "logs" / f"{fault}.{compiler}.txt").read_text(encoding="utf-8")


def only(text: str) -> Reading:
    (report,) = reports_in(text)
    return read(report)


def assert_found(reading: Reading, fault: str, project: Project) -> None:
    kind, functions = FAULTS[fault]
    assert reading.kind == kind
    marks = project.marks(thread.stack for thread in reading.threads)
    assert all(re.search(r" \(faults\.cpp:\d+\)$", mark) for mark in marks), marks
    assert {mark.partition(" ")[0].rpartition("::")[2] for mark in marks} == functions


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_read_from_either_compiler(fault: str, compiler: str) -> None:
    assert_found(only(kept(fault, compiler)), fault, PROJECT)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_race_has_both_accesses_their_locks_and_the_memory(compiler: str) -> None:
    reading = only(kept("race_on_heap", compiler))
    first, second = sorted(reading.threads, key=lambda thread: "write" not in thread.what)
    assert (first.what, second.what) == ("write of 8 bytes", "read of 8 bytes")
    assert [lock.kind for lock in first.holds] == ["mutex"] and first.holds[0].stack
    assert [lock.kind for lock in second.holds] == ["rwlock_read"] and second.holds[0].stack
    assert second.name == "main thread" and not second.created
    assert first.name == "thread T1" and any(frame.file == "/src/faults.cpp" for frame in first.created)
    assert reading.location is not None
    what, allocated = reading.location
    assert what.startswith("heap block of size ") and what.endswith(" allocated by main thread")
    assert any(frame.function.startswith("operator new") for frame in allocated)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_global_is_named_without_its_address(compiler: str) -> None:
    location = only(kept("race_on_global", compiler)).location
    assert location is not None
    assert re.fullmatch(r"global '.*global' of size 16", location[0])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_lock_order_has_both_edges_and_where_the_held_lock_was_taken(compiler: str) -> None:
    threads = only(kept("lock_order", compiler)).threads
    assert len(threads) == 2
    for thread in threads:
        assert thread.wants is not None and len(thread.holds) == 1
        assert thread.what == f"takes {thread.wants.name} while it holds {thread.holds[0].name}"
        assert thread.stack and thread.holds[0].stack and thread.created
    assert threads[0].wants and threads[0].wants.name == threads[1].holds[0].name


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_log_that_is_cut_off_anywhere_gives_what_is_there(compiler: str) -> None:
    text = kept("race_on_heap", compiler)
    for length in range(0, len(text), 17):
        for report in reports_in(text[:length]):
            read(report)
    (cut,) = reports_in(text[: text.index("Previous")])
    assert len(read(cut).threads) == 1


def test_a_report_ends_where_the_next_begins_and_others_output_is_no_part_of_it() -> None:
    whole = kept("race_on_global", "gcc").splitlines()
    middle = next(number for number, line in enumerate(whole) if "Previous" in line)
    mixed = ["hello", *whole[:middle], "a line of the subject", "\x1b[31m#0 no frame", *whole[middle:], "bye"]
    assert read(next(iter(reports_in("\n".join(mixed))))).threads == only("\n".join(whole)).threads
    doubled = [*whole[:middle], *whole]
    assert [len(read(report).threads) for report in reports_in("\n".join(doubled))] == [1, 2]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("f(int) /src/a.cpp:5 (prog+0x1a)", Frame("f(int)", "/src/a.cpp", 5, "prog")),
        ("f(int) /src/a.cpp:5:17 (prog+0x1a) (BuildId: 0a1b)", Frame("f(int)", "/src/a.cpp", 5, "prog")),
        ("main <null> (my prog+0x1a)", Frame("main", "", None, "my prog")),
        ("<null> <null> (libtbb.so.12+0x1a)", Frame("", "", None, "libtbb.so.12")),
        ("pthread_create ../../../../src/x/tsan.cpp:1001 (libtsan.so.2+0x1)",
         Frame("pthread_create", "../../../../src/x/tsan.cpp", 1001, "libtsan.so.2")),
        ("A<B>::operator()(long) const /my files/a.cpp:7 (p+0x1)",
         Frame("A<B>::operator()(long) const", "/my files/a.cpp", 7, "p")),
        (
            "__invoke<(lambda at /src/a.cpp:39:22)> /usr/include/invoke.h:61:14 (p+0x1)",
            Frame("__invoke<(lambda at /src/a.cpp:39:22)>", "/usr/include/invoke.h", 61, "p"),
        ),
        ("main csu/../sysdeps/start.h:58:16 (libc.so.6+0x1)", Frame("main", "csu/../sysdeps/start.h", 58, "libc.so.6")),
        ("f a.cpp:7 (p+0x1)", Frame("f", "a.cpp", 7, "p")),
        ("only_a_name", Frame("only_a_name")),
        ("", Frame("")),
        ("f(void (*)(int)) /src/a.cpp:5 (p+0x1)", Frame("f(void (*)(int))", "/src/a.cpp", 5, "p")),
        ("decltype(auto) f() /src/a.cpp:5:3 (p+0x1)", Frame("decltype(auto) f()", "/src/a.cpp", 5, "p")),
        ("A::operator/(int) /src/a.cpp:5 (p+0x1)", Frame("A::operator/(int)", "/src/a.cpp", 5, "p")),
        ("operator bool a.cpp:5 (p+0x1)", Frame("operator bool", "a.cpp", 5, "p")),
        ("<null> <null> (0x7f3a1c0008f0)", Frame("")),
        ("f(int) <null> (0x7f3a1c0008f0)", Frame("f(int)")),
        ("0x000000000000  (<unknown module>)", Frame("")),
        ("f /src/a.cpp:99999999999999999999 (p+0x1)", Frame("f", "/src/a.cpp", 999999999, "p")),
    ],
)  # fmt: skip
def test_frames(text: str, frame: Frame) -> None:
    assert frame_of(text) == frame


def test_frames_of_the_project_are_told_from_those_of_others() -> None:
    own = [Frame("f", "/src/a.cpp", 1), Frame("f", "/data/my_queue.cpp", 1, "my_queue.so")]
    foreign = [
        Frame("f", "/usr/include/c++/12/mutex", 1),
        Frame("f", "../../../../src/libsanitizer/tsan.cpp", 1),
        Frame("f", "./nptl/pthread_create.c", 1),
        Frame("f", "csu/../sysdeps/start.h", 1),
        Frame("f", "", None, "libtbb.so.12"),
        Frame("f", "/src/a.cpp", None),
    ]
    assert all(PROJECT.owns(frame) for frame in own)
    assert not any(PROJECT.owns(frame) for frame in foreign)


def test_a_title_of_another_kind_is_still_a_finding() -> None:
    odd = "WARNING: ThreadSanitizer: signal handler spoils errno (pid=1)\n    #0 f /src/a.cpp:1 (p+0x1)\n"
    reading = only(odd)
    assert (reading.kind, reading.title) == ("misuse", "signal handler spoils errno")
    assert reading.threads[0].stack == (Frame("f", "/src/a.cpp", 1, "p"),)


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("SEGV on unknown address 0x7f3a1c (pc 0x55d0 bp 0x7f sp 0x7e T4104)", "SEGV on unknown address"),
        ("SEGV on unknown address (pc 0x55d0 bp 0x7f sp 0x7e T4104)", "SEGV on unknown address"),
        ("stack-overflow on address 0x7ffd01 (pc 0x1 bp 0x2 sp 0x3 T12)", "stack-overflow"),
        ("CHECK failed: rtl.cpp:68 \"((a)) < ((b))\" (0x0, 0x1) (tid=12)", 'CHECK failed: rtl.cpp:68 "((a)) < ((b))"'),
        ("unlock of an unlocked mutex (or by a wrong thread) (pid=3)",
         "unlock of an unlocked mutex (or by a wrong thread)"),
        ("data race on vptr (ctor/dtor vs virtual call) (pid=3)", "data race on vptr (ctor/dtor vs virtual call)"),
    ],
)  # fmt: skip
def test_a_title_has_nothing_that_differs_from_process_to_process(printed: str, title: str) -> None:
    prefix = "==12==" if printed.startswith("CHECK") else "==12==ERROR: "
    reading = only(f"{prefix}ThreadSanitizer: {printed}\n    #0 f /src/a.cpp:1 (p+0x1)\n")
    assert (reading.title, reading.kind) == (title, "crash")
    assert reading.threads[0].what == title and "T4104" not in reading.title


def test_a_flood_is_cut() -> None:
    flood = "WARNING: ThreadSanitizer: data race (pid=1)\n" + "    #0 f /src/a.cpp:1 (p+0x1)\n" * 100_000
    reading = only(flood)
    assert len(reading.text) < 25_000 and len(reading.threads[0].stack) <= 100


LINES = st.sampled_from([line for fault in FAULTS for line in kept(fault, "gcc").splitlines()] + ["", "x", "=" * 18])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(LINES, st.text(max_size=80)), max_size=60))
def test_no_text_breaks_the_parser(lines: list[str]) -> None:
    for report in reports_in("\n".join(lines)):
        assert isinstance(report, Report)
        assert PROJECT.marks(thread.stack for thread in read(report).threads) is not None


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_installed_compilers_reports_are_read(compiler: str, tmp_path: Path) -> None:
    """Compiles the faults now, to detect a changed format of a newer compiler."""
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    program = tmp_path / "faults"
    # -g1 is what a plugin is built with: enough for a file and a line.
    command = [compiler, "-std=c++20", "-O1", "-g1", "-fsanitize=thread", "-pthread", str(SOURCE), "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if "libclang_rt" in built.stderr:
        pytest.skip(f"{compiler} has no ThreadSanitizer here")
    assert built.returncode == 0, built.stderr
    for fault in FAULTS:
        log = tmp_path / fault
        options = f"second_deadlock_stack=1:exitcode=66:log_path={log}"
        done = subprocess.run(
            [str(program), fault],
            env=os.environ | {"TSAN_OPTIONS": options},
            capture_output=True,
            check=False,
            text=True,
        )
        if "unexpected memory mapping" in done.stderr:
            pytest.skip("ThreadSanitizer cannot start here")
        assert done.returncode == 66, (fault, done.stderr)
        texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob(f"{fault}.*")]
        (report, *_) = reports_in("".join(texts))
        assert_found(read(report), fault, Project(str(SOURCE.parent)))
