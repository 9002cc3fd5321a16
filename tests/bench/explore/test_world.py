"""The same world in every execution, and what comes from outside: programs of tests, used as from a shell."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_world_programs"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")

DRAWS = ["draws_from_random_device", "draws_by_getrandom", "draws_from_stream", "draws_by_fread"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program to its end. Budgets are executions: no test depends on time."""
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, timeout=100)


def replay(output: str) -> subprocess.CompletedProcess[str]:
    """Replays the printed token in a new process."""
    found = re.search(r"--replay (\S+)", output)
    assert found, output
    return run("--replay", found.group(1))


def names(prefix: str) -> list[str]:
    """The program's tests whose names begin so."""
    if not PROGRAM.is_file():
        return []
    return [name for name in run("--list").stdout.split() if name.startswith(prefix)]


@pytest.mark.parametrize("test", [name for name in names("world_") if name != "world_numbers_of_processes"])
def test_no_execution_finds_what_another_left(test: str) -> None:
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


def test_what_a_new_process_does_not_confirm_is_no_finding() -> None:
    done = run("^depends_on_the_process$", "--executions", "100")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "depends_on_the_process: not deterministic: wrong_result" in done.stdout
    assert "in a new process" in done.stdout and "but with other values" in done.stdout


def test_a_search_beside_free_draws_is_not_exhausted() -> None:
    done = run("^draws_what_nobody_asks_for$", "--executions", "3000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exhausted" not in done.stdout and "not tried: other numbers from random devices" in done.stdout


@pytest.mark.parametrize(("fill", "code"), [("pattern", 0), ("zero", 0), ("random", 1)])
def test_new_blocks_hold_what_the_option_says(fill: str, code: int) -> None:
    done = run("^reads_a_new_block$", "--fill", fill, "--executions", "3000")
    assert done.returncode == code, done.stdout + done.stderr
    if code == 1:
        again = replay(done.stdout)
        assert again.returncode == 1 and "one content of 64 fails" in again.stdout, again.stdout + again.stderr


@pytest.mark.parametrize("test", ["ends_with_status_0", "ends_in_its_thread"])
def test_status_0_is_an_end_of_the_execution_and_not_of_the_program(test: str) -> None:
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


def test_output_is_shown_for_the_failing_execution_and_not_obeyed() -> None:
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


def test_memory_that_executions_change_for_good_is_named() -> None:
    done = run("^leaves_something_in_a_mapping$", "--executions", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not controlled: what executions leave in the memory of an anonymous mapping" in done.stdout
    assert "exhausted" not in done.stdout


def test_a_library_that_is_not_instrumented_is_named_and_one_that_is_is_seen() -> None:
    instrumented, plain = (
        subprocess.run(
            [str(PROGRAM.with_name(name)), "--executions", "2000"],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        for name in ("explore_library_programs", "explore_plain_library_programs")
    )
    assert instrumented.returncode == 1 and "race" in instrumented.stdout, instrumented.stdout + instrumented.stderr
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert "not seen: what happens inside libexplored_library_plain.so, which is not instrumented" in plain.stdout
    assert "exhausted" not in plain.stdout
