"""Unusable input: the exit code, and one line that states what, where and what to do. Nothing is overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.host.harness import (
    BUILD,
    FAULTY,
    GOOD,
    SHORT,
    SOUND,
    TEST_PLUGINS,
    assert_one_line,
    racetrack,
    read_records,
)

# This text precedes the ABI's number in the stamp that every plugin contains.
MARKER = b"racetrack-plugin-stamp: abi"


def test_the_command_that_the_other_tests_vary_succeeds(tmp_path: Path) -> None:
    run = racetrack(*GOOD, "--out", tmp_path)
    assert run.returncode == 0, run.stderr
    read_records(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        pytest.param([], 2, ["command", "--help"], id="no-command"),
        pytest.param(["race"], 2, ["race", "--help"], id="unknown-command"),
        pytest.param(["bench", "--fast"], 2, ["--fast", "--help"], id="unknown-flag"),
        pytest.param(["list", "--fast"], 2, ["--fast", "--help"], id="unknown-flag-of-list"),
        pytest.param(["bench", "a", "b"], 2, ["b", "--help"], id="two-filters"),
        pytest.param(["bench", "--forks", "0"], 2, ["--forks", "1"], id="no-forks"),
        pytest.param(["bench", "--forks", "many"], 2, ["--forks", "many"], id="forks-a-word"),
        pytest.param(["bench", "--time", "0"], 2, ["--time"], id="no-time"),
        pytest.param(["bench", "--limit", "-1"], 2, ["--limit"], id="negative-limit"),
        pytest.param(["bench", "--pin", "loose"], 2, ["--pin", "loose", "compact"], id="unknown-pinning"),
        pytest.param(["bench", "--seed", "x"], 2, ["--seed"], id="seed-a-word"),
        pytest.param(["bench", "--benchmark_perf_counters=x"], 2, ["--benchmark_perf_counters", "filter"], id="google"),
        pytest.param(["bench", "--benchmark_min_time=x"], 2, ["--benchmark_min_time", "above 0"], id="google-value"),
        pytest.param(["bench", "--benchmark_format=csv"], 2, ["--benchmark_format", "csv", "json"], id="google-format"),
        pytest.param(["list", "--benchmark_filter=x"], 2, ["racetrack bench"], id="google-flag-of-list"),
        pytest.param(["bench", "no_such_queue"], 4, ["no_such_queue", "racetrack list"], id="no-match"),
        pytest.param(["list", "no_such_queue"], 4, ["no_such_queue"], id="no-match-of-list"),
        pytest.param(["bench", "transfer/sound/.*payload:64"], 4, ["payload:64", "--full"], id="match-in-full-sweep"),
        pytest.param(["bench", "duplicates_as_control"], 4, ["duplicates_as_control"], id="a-control"),
        pytest.param(["bench", "queue/("], 2, ["queue/(", "regular expression"], id="no-regex"),
        pytest.param(["list", "queue/("], 2, ["queue/(", "regular expression"], id="no-regex-of-list"),
        pytest.param(["bench", "--param", "producers"], 2, ["--param producers", "NAME=VALUE"], id="no-value"),
        pytest.param(["bench", "--param", "colour=red"], 2, ["colour", "capacity"], id="unknown-parameter"),
        pytest.param(["bench", "--param", "producers=129"], 2, ["producers:129", "1..128"], id="out-of-range"),
        pytest.param(["bench", "--param", "producers=1,0"], 2, ["producers:0", "1..128"], id="one-out-of-range"),
        pytest.param(["bench", "--param", "payload=32"], 2, ["payload:32", "8, 64, 256"], id="not-one-of-the-values"),
        pytest.param(["bench", "--resume"], 2, ["--resume", "--out"], id="resume-of-nothing"),
    ],
)
def test_invalid_arguments(arguments: list[str], code: int, parts: list[str], tmp_path: Path) -> None:
    plugin = ["--plugin", str(FAULTY)] if arguments and arguments[0] in ("bench", "list") else []
    assert_one_line(racetrack(*arguments, *plugin, cwd=tmp_path), code, *parts)
    assert not list(tmp_path.iterdir()), "nothing is written for input that cannot be used"


def test_a_capacity_that_the_subject_cannot_have(tmp_path: Path) -> None:
    run = racetrack(
        "bench",
        "queue/transfer/vyukov/",
        "--plugin",
        BUILD / "plugins/vyukov.so",
        "--param",
        "capacity=5",
        cwd=tmp_path,
    )
    assert_one_line(run, 2, "vyukov", "capacity would be 8, not 5")


def with_stamp(file: Path, abi: bytes | None = None, flavour: bytes | None = None) -> None:
    """Copies a good plugin and changes its stamp, without changing its length, to that of another ABI or flavour."""
    content = FAULTY.read_bytes()
    [(own_abi, stamp)] = set(re.findall(MARKER + rb"(\d) (\w+) ", content))
    flavour = (flavour or stamp).ljust(len(stamp), b"_")[: len(stamp)]
    file.write_bytes(content.replace(MARKER + own_abi + b" " + stamp, MARKER + (abi or own_abi) + b" " + flavour))


def stamp_in(content: bytes) -> bytes:
    at = content.index(MARKER)
    return content[at : content.index(b"\0", at) + 1] * 10


def cut_off(file: Path) -> None:
    """Copies a good plugin and truncates it after the stamp, in the part that the loader would map."""
    content = FAULTY.read_bytes()
    file.write_bytes(content[: content.index(MARKER) + 100])


PLUGINS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "missing": (lambda file: None, ("no such file",)),
    "a folder": (lambda file: file.mkdir(), ("no such file",)),
    "text": (lambda file: file.write_text("int main() {}\n", "utf-8"), ("not a racetrack plugin",)),
    "empty": (lambda file: file.touch(), ("not a racetrack plugin",)),
    "a module": (lambda file: file.symlink_to(TEST_PLUGINS / "no_plugin.so"), ("not a racetrack plugin",)),
    "of another ABI": (lambda file: with_stamp(file, b"9"), ("abi9 ", "abi5 ", "rebuild")),
    "of another flavour": (lambda file: with_stamp(file, flavour=b"other"), ("other", "flavour", "rebuild")),
    "cut off": (cut_off, ("ends too early", "again")),
    "text with a stamp": (lambda file: file.write_bytes(stamp_in(FAULTY.read_bytes())), ("cannot be loaded",)),
    "throwing": (
        lambda file: file.symlink_to(TEST_PLUGINS / "throws_in_describe.so"),
        ("no subjects today", "correct"),
    ),
}


@pytest.mark.parametrize("kind", PLUGINS)
@pytest.mark.parametrize("command", ["bench", "list"])
def test_a_file_that_is_not_a_plugin_of_this_build(kind: str, command: str, tmp_path: Path) -> None:
    make, parts = PLUGINS[kind]
    file = tmp_path / "my_queue.so"
    make(file)
    run = racetrack(command, "--plugin", file)
    assert_one_line(run, 2, str(file), *parts)


def test_a_plugin_named_without_a_folder_is_loaded_from_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "here.so").symlink_to(FAULTY)
    assert racetrack("list", "--plugin", "here.so", cwd=tmp_path).returncode == 0


def test_two_plugins_with_the_same_subject(tmp_path: Path) -> None:
    other = tmp_path / "other.so"
    other.write_bytes(FAULTY.read_bytes())
    assert_one_line(racetrack(*GOOD, "--plugin", other, "--out", tmp_path / "run"), 2, str(other), str(FAULTY), "name")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FOREIGN = {
    "text": b"these are my notes\n",
    "binary": b"\0\xff\xfe records\n",
    "cut off": b'{"schema": 1, "record": "environm',
    "other JSON": b'{"time": 1, "level": "info"}\n[1, 2]\n7\n',
    "JSON of another schema": b'{"schema": 2, "record": "case", "engine": "bench"}\n',
    "JSON with strings for numbers": b'{"schema": "1", "record": 5, "engine": null}\n',
    "records without their members": b'{"schema": 1, "record": "case", "engine": "bench"}\n',
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("resume", [False, True], ids=["new", "resume"])
def test_a_folder_with_a_foreign_records_file(kind: str, resume: bool, tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_bytes(FOREIGN[kind])
    before = files_in(tmp_path)
    run = racetrack(*GOOD, "--out", tmp_path, *(["--resume"] if resume else []))
    assert_one_line(run, 2, str(tmp_path / "records.jsonl"), "choose another --out")
    assert files_in(tmp_path) == before


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("build", "commit"), "0" * 40, "another build"),
        (("build", "commit"), None, "another build"),
        (("machine", "fingerprint"), "0" * 16, "another environment"),
    ],
)
def test_a_run_of_another_build_or_machine(path: tuple[str, str], value: str | None, word: str, tmp_path: Path) -> None:
    assert racetrack(*GOOD, "--out", tmp_path).returncode == 0
    records = [json.loads(line) for line in (tmp_path / "records.jsonl").read_text("utf-8").splitlines()]
    for record in records:
        del record["crc32"]  # the checksum of the original line
        if record["record"] == "environment":
            record[path[0]][path[1]] = value
    (tmp_path / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    before = files_in(tmp_path)
    assert_one_line(racetrack(*GOOD, "--out", tmp_path), 2, str(tmp_path), word, "choose another --out")
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("where", ["file", "file/below", "run"])
def test_an_output_folder_that_cannot_be_written(where: str, tmp_path: Path) -> None:
    # A file or folder at the path stops every user, including root.
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "run/records.jsonl").mkdir(parents=True)
    assert_one_line(racetrack(*GOOD, "--out", tmp_path / where), 2, str(tmp_path / where), "choose another")
    assert files_in(tmp_path) == {"file": b"mine"}


def test_an_unwritable_benchmark_out_is_reported_before_anything_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "no/such/folder.json"
    run = racetrack(*GOOD, "--out", tmp_path / "run", f"--benchmark_out={out}")
    assert_one_line(run, 2, "--benchmark_out", str(out), "choose another")
    assert not (tmp_path / "run").exists()


def test_resume_without_a_run(tmp_path: Path) -> None:
    assert_one_line(racetrack(*GOOD, "--resume", "--out", tmp_path / "none"), 2, "--resume", str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_the_filter_may_follow_a_plugin_and_a_parameter(tmp_path: Path) -> None:
    arguments = ["bench", "--plugin", str(FAULTY), "--param", "capacity=64", SOUND, *SHORT, "--benchmark_list_tests"]
    run = racetrack(*arguments, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [f"{SOUND}capacity:64/payload:8/wait:yield/pin:compact"]
