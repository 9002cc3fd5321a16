"""The same world in every execution, and data from outside: programs of tests, run as in a shell."""

from __future__ import annotations

import json
import re
import signal
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_world_programs"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")

DRAWS = ["draws_from_random_device", "draws_by_getrandom", "draws_from_stream", "draws_by_fread"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def replay(output: str) -> subprocess.CompletedProcess[str]:
    """Replays the printed token in a new process."""
    found = re.search(r"--replay (\S+)", output)
    assert found, output
    return run("--replay", found.group(1))


def names(prefix: str) -> list[str]:
    """The tests of the program whose names begin with the prefix."""
    if not PROGRAM.is_file():
        return []
    return [name for name in run("--list").stdout.split() if name.startswith(prefix)]


@pytest.mark.parametrize("test", [name for name in names("world_") if name != "world_numbers_of_processes"])
def test_no_execution_finds_changes_of_another(test: str) -> None:
    done = run(f"^{test}$", "--executions", "300")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{test}: nothing found in 300 executions" in done.stdout or "exhausted" in done.stdout


def test_numbers_of_processes_and_processors_repeat_in_a_new_process() -> None:
    first = run("^world_numbers_of_processes$", "--executions", "50")
    assert first.returncode == 1, first.stdout + first.stderr
    traces = {re.sub(r"^.*\n", "", replay(first.stdout).stdout) for _ in range(5)}
    assert len(traces) == 1, traces


@pytest.mark.parametrize("test", DRAWS)
def test_a_draw_from_a_random_device_is_found_and_repeated(test: str) -> None:
    done = run(f"^{test}$", "--executions", "3000")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{test}: wrong_result" in done.stdout
    assert "not tried: other numbers from random devices" in done.stdout
    again = replay(done.stdout)
    assert again.returncode == 1 and "one draw of 64 fails" in again.stdout, again.stdout + again.stderr


def test_a_failure_that_a_new_process_does_not_confirm_is_not_a_finding() -> None:
    done = run("^depends_on_the_process$", "--executions", "100")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "depends_on_the_process: not deterministic: wrong_result" in done.stdout
    assert "in a new process" in done.stdout and "but with other values" in done.stdout


def test_a_search_with_unexplored_random_numbers_is_not_exhausted() -> None:
    done = run("^draws_an_unused_number$", "--executions", "3000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exhausted" not in done.stdout and "not tried: other numbers from random devices" in done.stdout


@pytest.mark.parametrize(("fill", "code"), [("pattern", 0), ("zero", 0), ("random", 1)])
def test_new_blocks_have_the_content_of_the_option(fill: str, code: int) -> None:
    done = run("^reads_a_new_block$", "--fill", fill, "--executions", "3000")
    assert done.returncode == code, done.stdout + done.stderr
    if code == 1:
        again = replay(done.stdout)
        assert again.returncode == 1 and "one content of 64 fails" in again.stdout, again.stdout + again.stderr


@pytest.mark.parametrize("test", ["ends_with_status_0", "ends_in_its_thread"])
def test_status_0_ends_the_execution_but_not_the_program(test: str) -> None:
    done = run(f"^{test}$|^world_stack$", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{test}: nothing found" in done.stdout and "world_stack: nothing found" in done.stdout


def test_another_status_is_a_failure() -> None:
    done = run("^ends_with_status_3$", "--executions", "100")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ends_with_status_3: crash" in done.stdout and "calls exit(3)" in done.stdout


def test_exit_destroys_static_variables() -> None:
    done = run("^ends_with_a_static_variable$", "--executions", "100")
    assert done.returncode == 1 and "runs at exit" in done.stdout, done.stdout + done.stderr


def test_an_absurd_size_fails_as_on_a_machine() -> None:
    done = run("^memory_that_no_machine_has$", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_memory_limit_is_inconclusive_and_an_option_raises_it() -> None:
    done = run("^memory_of_100_mib$", "--executions", "3")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "more than 64 MiB; --memory-limit raises that" in done.stdout
    more = run("^memory_of_100_mib$", "--executions", "3", "--memory-limit", "300")
    assert more.returncode == 0, more.stdout + more.stderr


def test_output_of_the_failing_execution_is_shown_with_escapes() -> None:
    done = run("^prints_and_fails$", "--executions", "100")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "    printed by this execution:\n" in done.stdout
    assert "      read 0 \\x1b[31m\n" in done.stdout and "      from the first thread\n" in done.stdout
    assert "\x1b" not in done.stdout and done.stderr == ""


def test_a_subject_that_closes_its_descriptors_does_not_silence_the_verdict() -> None:
    done = run("^fails_without_descriptors$", "--executions", "100")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fails_without_descriptors: wrong_result" in done.stdout and "seen all the same" in done.stdout
    assert replay(done.stdout).returncode == 1


@pytest.mark.parametrize(
    ("test", "note"),
    [
        ("writes_a_file", "not controlled: files that the subject writes"),
        ("reads_what_the_kernel_says", "not controlled: the content of files under /proc and /sys"),
    ],
)
def test_files_that_may_differ_are_named(test: str, note: str) -> None:
    done = run(f"^{test}$", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert note in done.stdout and "exhausted" not in done.stdout


def test_memory_that_executions_change_permanently_is_named() -> None:
    done = run("^leaves_something_in_a_mapping$", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not controlled: changes that executions leave in the memory of an anonymous mapping" in done.stdout
    assert "exhausted" not in done.stdout


def instrumented_and_plain(test: str, *options: str) -> list[subprocess.CompletedProcess[str]]:
    return [
        subprocess.run(
            [str(PROGRAM.with_name(name)), test, "--executions", "2000", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        for name in ("explore_library_programs", "explore_plain_library_programs")
    ]


def test_synchronisation_in_an_uninstrumented_library_makes_a_race_uncertain() -> None:
    instrumented, plain = instrumented_and_plain("hands_over")
    assert instrumented.returncode == 0 and "nothing found" in instrumented.stdout, instrumented.stdout
    assert plain.returncode == 3, plain.stdout + plain.stderr
    assert "inconclusive: a thread that libexplored_library_plain.so started may have a data race" in plain.stdout
    accepted = instrumented_and_plain("hands_over", "--races", "ignore")[1]
    assert accepted.returncode == 0 and "not reported (--races ignore)" in accepted.stdout, accepted.stdout


def test_a_race_of_other_threads_is_found_although_a_library_is_uninstrumented() -> None:
    for done in instrumented_and_plain("of_its_own"):
        assert done.returncode == 1 and "of_its_own: race (" in done.stdout, done.stdout + done.stderr


def test_an_uninstrumented_library_that_dlopen_loads_is_named() -> None:
    program = str(PROGRAM.with_name("explore_library_programs"))
    done = subprocess.run(
        [program, "^loads_", "--executions", "20"], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = {line.split(":")[0]: line for line in done.stdout.splitlines()}
    note = (
        "not seen: what happens inside libexplored_library_plain.so, which is not instrumented and which dlopen loads"
    )
    assert note in lines["loads_a_plain_library"]
    assert "not seen" not in lines["loads_an_instrumented_library"]


def test_an_uninstrumented_library_is_named_and_an_instrumented_one_is_checked() -> None:
    instrumented, plain = instrumented_and_plain("two_threads")
    assert instrumented.returncode == 1 and "race" in instrumented.stdout, instrumented.stdout + instrumented.stderr
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert "not seen: what happens inside libexplored_library_plain.so, which is not instrumented" in plain.stdout
    assert "exhausted" not in plain.stdout


def share_of_library(test: str) -> tuple[int, int]:
    """Samples in the library, and all of them."""
    program = str(PROGRAM.with_name("explore_plain_library_programs"))
    done = subprocess.run(
        [program, f"^{test}$", "--executions", "3000", "--time", "100"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    share = re.search(
        r"; libexplored_library_plain\.so: (\d+) of (\d+) samples of processor time outside the explorer \((\d+) %\)",
        done.stdout,
    )
    assert share, done.stdout
    samples, total, percent = (int(number) for number in share.groups())
    assert abs(percent - 100 * samples / total) <= 0.5
    return samples, total


def test_a_library_that_is_not_instrumented_is_named_with_its_share() -> None:
    samples, total = share_of_library("computes_in_a_library")
    assert samples > total / 2
    samples, total = share_of_library("computes_by_itself")
    assert samples < total / 2


def test_an_instrumented_library_has_no_share() -> None:
    program = str(PROGRAM.with_name("explore_library_programs"))
    done = subprocess.run(
        [program, "^computes", "--executions", "100"], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "samples" not in done.stdout and "not seen" not in done.stdout


UNTRAPPED = (
    "not controlled: the time stamp counter, where the program reads it by rdtsc: this system does not trap that"
)


def time_stamps_trap() -> bool:
    return subprocess.run([str(PROGRAM.with_name("time_stamps_trap"))], check=False).returncode == -signal.SIGSEGV


def explore_time_stamps(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(PROGRAM.with_name("explore_time_stamps"))
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=100)


def test_a_race_behind_time_stamps_is_found_where_they_are_virtual() -> None:
    if not time_stamps_trap():
        pytest.skip("this system does not trap reads of the time stamp counter")
    found = explore_time_stamps("draws_from_time_stamps")
    assert found.returncode == 1 and "race" in found.stdout, found.stdout + found.stderr


def test_time_stamps_that_are_not_virtual_are_named_once() -> None:
    done = explore_time_stamps("^reads", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("nothing found") == 2
    trap = time_stamps_trap()
    assert done.stdout.splitlines().count(UNTRAPPED) == (0 if trap else 1)
    assert trap or "exhausted" not in done.stdout
    for line in explore_time_stamps("^reads", "--executions", "100", "--json").stdout.splitlines():
        assert (UNTRAPPED in json.loads(line)["notes"]) is not trap


def test_a_program_that_reads_no_time_stamps_has_no_note_of_them() -> None:
    done = run("^draws_from_random_device$", "--executions", "100")
    assert "time stamp counter" not in done.stdout
