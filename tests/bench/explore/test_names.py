"""Names, messages and filters of a program made with racetrack_add_exploration(): data that may be hostile."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "tests" / "bench" / "explore_named"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")


def run(*arguments: str, name: str = "named", message: str = "holds") -> subprocess.CompletedProcess[str]:
    """The program to its end; its test has this name, and fails with this message."""
    return subprocess.run(
        [str(PROGRAM), *arguments],
        env=os.environ | {"TEST_NAME": name, "TEST_MESSAGE": message},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=100,
    )


def test_no_filter_takes_exponential_time() -> None:
    for expression in ("(a+)+$", "(a|aa)+$", "(.*a){20}$"):
        told = run("--list", expression, name="a" * 5000 + "!")
        assert told.returncode == 4, told.stdout + told.stderr


@pytest.mark.parametrize("expression", ["(", "(?=a)", "((a{1000}){1000}){1000}", "(a)\\1"])
def test_a_filter_that_is_no_expression_is_refused_in_one_line(expression: str) -> None:
    told = run(expression)
    assert told.returncode == 2 and told.stdout == ""
    assert "is not a regular expression (RE2)" in told.stderr and told.stderr.count("\n") == 1


def test_a_filter_that_matches_nothing_is_shown_safely() -> None:
    told = run("x\x1b\\[31m")
    assert told.returncode == 4 and "\x1b" not in told.stderr


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\nb", "a\u200b", "\u202exyz", "\udce9", "e\u0301"])
def test_a_name_that_is_not_shown_as_itself_is_refused_in_hexadecimal(name: str) -> None:
    told = run(name=name)
    assert told.returncode == 2 and told.stdout == ""
    assert "0x" + os.fsencode(name).hex() in told.stderr and told.stderr.count("\n") == 1


def test_a_message_reaches_no_terminal_raw() -> None:
    for arguments in ((), ("--json",)):
        told = run(*arguments, message="\x1b[31m\a\u202e\udce9")
        assert told.returncode == 1, told.stderr
        for bad in ("\x1b", "\a", "\u202e", "\udce9"):
            assert bad not in told.stdout
    text = json.loads(run("--json", message="a\udce9").stdout)["findings"][0]["text"]
    assert text.endswith("a\ufffd")


def test_a_replay_line_is_safe_to_paste(tmp_path: Path) -> None:
    name = f"fails $(touch {tmp_path}/x) 'quoted'"
    told = run(name=name)
    assert told.returncode == 1, told.stderr
    words = told.stdout.split("replay: --replay ", 1)[1].splitlines()[0]
    token = shlex.split(words)
    assert len(token) == 1
    pasted = subprocess.run(
        ["sh", "-c", f"{shlex.quote(str(PROGRAM))} --replay {words}"],
        env=os.environ | {"TEST_NAME": name},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert pasted.returncode == 1 and "wrong_result" in pasted.stdout
    assert not (tmp_path / "x").exists()


def test_lost_output_is_an_exit_code() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        told = subprocess.run([str(PROGRAM)], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=100)
    assert told.returncode == 74 and told.stderr.count("\n") == 1
