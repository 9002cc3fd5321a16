"""Hostile names are rejected when a plugin registers them. Hostile messages are shown without control characters."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import cases_of, read_records
from tests.hostile.harness import (
    FAULTY,
    RACETRACK,
    SHORT,
    STRESSED,
    UNSAFE_IN_OUTPUT,
    call,
    hexadecimal,
    one_line,
    subjects,
)

REFUSED: dict[str, str | bytes] = {
    "empty": "",
    "newline": "a\nb",
    "tab": "a\tb",
    "escape": "a\x1b[31mb",
    "bell": "a\ab",
    "delete": "a\x7fb",
    "C1": "a\x9b31mb",
    "right to left": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "word joiner": "a\u2060b",
    "soft hyphen": "a\xadb",
    "no-break space": "a\xa0b",
    "wide space": "a\u3000b",
    "combining": "e\u0301",
    "variation": "a\ufe0fb",
    "tag": "a\U000e0041b",
    "filler": "a\u3164b",
    "Latin-1": b"caf\xe9",
    "half a character": b"a\xe6\x97",
    "overlong": b"a\xc0\xafb",
    "surrogate": b"a\xed\xa0\x80b",
    "slash": "a/b",
    "dots": "../../a",
    "space first": " a",
    "space last": "a ",
    "two spaces": "a  b",
    "long": "a" * 5000,
}
TAKEN = [
    "sound -x",
    "sound --case",
    "sound été",
    "sound 日本語",
    "sound 🏁",
    "sound a:b,c=d",
    "sound <b>&\"'",
    "sound %s%n",
    "sound {}",
]


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("command", ["list", "bench"])
def test_a_name_that_cannot_be_shown_is_rejected_before_anything_runs(kind: str, command: str, tmp_path: Path) -> None:
    name = REFUSED[kind]
    run = call(command, "--plugin", FAULTY, cwd=tmp_path, variables=subjects(name))
    errors = one_line(run, 2, str(FAULTY), "subject", "choose another name")
    if kind not in ("empty", "slash", "dots", "space first", "space last", "two spaces", "long"):
        assert "0x" + (name.encode() if isinstance(name, str) else name).hex() in errors
    assert not list(tmp_path.iterdir())


def test_other_names_run_and_are_kept_unchanged(tmp_path: Path) -> None:
    arguments = ["bench", "^queue/transfer/sound .*/producers:1/consumers:1/", "--plugin", str(FAULTY), *SHORT]
    run = call(*arguments, "--out", tmp_path / "run", variables=subjects(*TAKEN))
    assert run.returncode == 0, run.stderr
    assert {record["subject"] for record in cases_of(read_records(tmp_path / "run"))} == set(TAKEN)
    for name in TAKEN:
        assert name in run.stdout.decode()


MESSAGE = "\x1b[2J\x1b]0;owned\a\u202e\u200b\x9b31m cannot be made"


@pytest.mark.parametrize("engine", ["bench", "stress"])
def test_the_message_of_a_subject_is_escaped_on_the_terminal(engine: str, tmp_path: Path) -> None:
    variables = {**subjects("throws"), "FAULTY_QUEUES_MESSAGE": hexadecimal([MESSAGE.encode() + b"\xe9"])}
    short = SHORT if engine == "bench" else STRESSED
    case = "^queue/transfer/throws/producers:1/consumers:1/"
    run = call(engine, case, "--plugin", FAULTY, *short, "--out", tmp_path / "run", variables=variables)
    assert run.returncode == 1
    output = run.stdout.decode() + run.stderr.decode()
    for character in UNSAFE_IN_OUTPUT:
        assert character not in output
    [record] = cases_of(read_records(tmp_path / "run"))
    assert record["verdict"]["kind"] == "crash"


def test_progress_on_a_terminal_sends_only_its_own_escapes(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    arguments = ["bench", "^queue/transfer/throws/producers:1/consumers:1/", "--plugin", str(FAULTY), *SHORT[:-1]]
    variables = {**os.environ, **subjects("throws"), "FAULTY_QUEUES_MESSAGE": hexadecimal([MESSAGE])}
    with subprocess.Popen(
        [str(RACETRACK), *arguments, "--out", str(tmp_path / "run")],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        output = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break  # the terminal is closed
            if not piece:
                break
            output += piece
    os.close(ours)
    assert process.returncode == 1
    left = output.decode().replace("\r\x1b[K", "").replace("\r\n", "\n")
    for character in UNSAFE_IN_OUTPUT:
        assert character not in left
