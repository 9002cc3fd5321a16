"""Every command that racetrack prints, pasted into a shell: it runs the same cases and nothing else."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.bench.host.harness import Record, cases_of, read_records
from tests.hostile.harness import FAULTY, RACETRACK, SHORT, STRESSED, call, paste, subjects

NAMES = [
    "loses $(touch pasted);touch pasted",
    "loses `touch pasted` 'it' \"so\"",
    "loses|.*(a+)+$[\\n !x ~ #",
    "loses --help été 日本",
]
CASES = "^queue/transfer/loses[^/]*[^/a-z][^/]*/producers:1/consumers:1/"


def failures(folder: Path) -> dict[str, Record]:
    records = cases_of(read_records(folder))
    return {record["subject"]: record for record in records if record["verdict"]["result"] == "fail"}


@pytest.mark.parametrize("engine", ["bench", "stress"])
def test_a_replay_line_runs_the_case_again_with_any_name(engine: str, tmp_path: Path) -> None:
    names = NAMES if engine == "bench" else NAMES[:2]
    variables = subjects(*names)
    short = SHORT if engine == "bench" else (*STRESSED, "--patience", "2")
    plugin = tmp_path / "it's a $(touch pasted).so"
    plugin.symlink_to(FAULTY)
    call(engine, CASES, "--plugin", plugin.name, *short, "--out", "run", cwd=tmp_path, variables=variables)
    known = failures(tmp_path / "run")
    # A short stress run may end before the hundredth item, which is the lost one.
    assert set(known) == set(names) if engine == "bench" else known.keys() <= set(names) and known
    for number, name in enumerate(known):
        command: str = known[name]["verdict"]["replay"]
        if " replay " in command:
            again = paste(f"{command} --time 0.05", tmp_path, variables)
            assert again.returncode == 1, again.stderr
            assert known[name]["case"] in again.stdout.decode()
        else:
            again = paste(f"{command} --quiet --out again{number}", tmp_path, variables)
            assert again.returncode == 1, again.stderr
            [record] = cases_of(read_records(tmp_path / f"again{number}"))
            assert (record["case"], record["seed"]) == (known[name]["case"], known[name]["seed"])
    assert not (tmp_path / "pasted").exists()


@pytest.mark.parametrize("engine", ["bench", "stress"])
def test_names_with_shell_syntax_are_quoted_on_the_terminal_too(engine: str, tmp_path: Path) -> None:
    names = NAMES if engine == "bench" else NAMES[:2]
    variables = subjects(*names)
    short = SHORT if engine == "bench" else (*STRESSED, "--patience", "2")
    run = call(engine, CASES, "--plugin", FAULTY, *short, "--out", "run", cwd=tmp_path, variables=variables)
    lines = [line.strip() for line in run.stdout.decode().splitlines() if " replay " in line]
    assert lines or engine == "bench"  # bench prints no replay
    for line in lines:
        assert paste(f"{line} --time 0.05", tmp_path, variables).returncode == 1, line
    assert not (tmp_path / "pasted").exists()


def test_a_crash_under_stress_runs_the_whole_case_again(tmp_path: Path) -> None:
    variables = subjects("dies of $HOME")
    case = "^queue/transfer/dies.*/producers:1/consumers:1/"
    arguments = ["stress", case, "--plugin", str(FAULTY), *STRESSED, "--patience", "3"]
    call(*arguments, "--out", "run", cwd=tmp_path, variables=variables)
    [record] = failures(tmp_path / "run").values()
    assert record["verdict"]["kind"] == "crash"
    again = paste(record["verdict"]["replay"] + " --out again", tmp_path, variables)
    assert again.returncode == 1, again.stderr
    [repeated] = cases_of(read_records(tmp_path / "again"))
    assert [repeated[key] for key in ("case", "seed")] == [record[key] for key in ("case", "seed")]
    assert repeated["verdict"]["kind"] == "crash"


@pytest.mark.parametrize("engine", ["bench", "stress"])
def test_the_command_for_the_rest_runs_the_missing_forks_and_nothing_else(engine: str, tmp_path: Path) -> None:
    variables = subjects("sound $(touch pasted)", "sound 'two'")
    folder = tmp_path / "it's $(touch pasted)"
    amount = ["--forks", "8", "--time", "0.005"] if engine == "bench" else ["--runs", "3", "--time", "0.05"]
    arguments = [engine, "^queue/transfer/sound [$'].*/producers:1/consumers:1/", "--plugin", str(FAULTY), *amount]
    more = ["--param", "capacity=64,128", "--pin", "none"]
    more += [] if engine == "bench" else ["--param", "producers=1", "--param", "consumers=1"]
    more += [] if engine == "bench" else ["--param", "payload=8", "--param", "wait=yield"]
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [str(RACETRACK), *arguments, *more, "--out", folder],
        env={"PATH": "/usr/bin:/bin", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    while not (folder / "records.jsonl").is_file() or len((folder / "records.jsonl").read_bytes().splitlines()) < 5:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    [line] = [line for line in errors.splitlines() if line.startswith("continue with: ")]
    again = paste(line.removeprefix("continue with: ") + " --quiet", tmp_path, variables)
    assert again.returncode == 0, again.stderr
    records = read_records(folder)
    plans = [record["plan"]["cases"] for record in records if "plan" in record]
    assert len(plans) == 2 and plans[0] == plans[1] and len(plans[0]) == 4
    done = [(r["case"], r["fork"], r["seed"]) for r in cases_of(records) if r["ended"]["how"] == "ok"]
    assert (
        len(done)
        == len({each[:2] for each in done})
        == len({each[2] for each in done})
        == (32 if engine == "bench" else 12)
    )
    assert not (tmp_path / "pasted").exists()


def test_the_command_in_a_record_has_the_random_seed(tmp_path: Path) -> None:
    arguments = ["bench", "^queue/transfer/sound/producers:1/consumers:1/", "--plugin", str(FAULTY), "--forks", "1"]
    assert call(*arguments, "--time", "0.005", "--quiet", "--out", tmp_path / "one").returncode == 0
    plan = next(record["plan"] for record in read_records(tmp_path / "one") if "plan" in record)
    assert paste(f"{plan['command']} --out two", tmp_path).returncode == 0
    again = next(record["plan"] for record in read_records(tmp_path / "two") if "plan" in record)
    assert again == plan


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--case", "queue/transfer/sound"], "unknown case 'queue/transfer/sound'"),
        (["--case", "queue/transfer/sound/producers:1"], "consumers"),
        (["--case", "queue/transfer/sound/producers:0/consumers:1/capacity:4/payload:8/wait:yield/pin:none"], "1..128"),
        (["--case", "queue/transfer/sound/producers:1/consumers:1/capacity:4/payload:8/wait:yield/pin:x"], "pin"),
        (
            ["--case", "queue/transfer/sound/consumers:1/producers:1/capacity:4/payload:8/wait:yield/pin:none"],
            "would be",
        ),
        (["--case", "a/b/c/d:1", "filter"], "--case"),
        (["--case", "a/b/c/d:1", "--param", "capacity=4"], "--case"),
    ],
)
def test_a_case_that_does_not_exist(arguments: list[str], expected: str, tmp_path: Path) -> None:
    run = call("bench", "--plugin", FAULTY, *arguments, *SHORT, cwd=tmp_path)
    assert run.returncode == 2
    errors = run.stderr.decode()
    assert len(errors.splitlines()) == 1 and expected in errors, errors
    assert not list(tmp_path.iterdir())
