"""scripts/tsan as a user calls it: joining the latest run, findings, exit codes, Ctrl-C.

A small script replaces racetrack; it writes the given case records and ThreadSanitizer logs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from racetrack_report.check import parse
from tests.reports import synthetic
from tests.reports.tsan.test_findings import MUST_RACE, race

ROOT = Path(__file__).resolve().parents[2]
FAKE_RACETRACK = r"""#!/usr/bin/python3
# A fake racetrack. PLAN contains the environment, and the case record and log of each fork.
import datetime, json, os, pathlib, signal, sys, time
args = sys.argv[1:]
plan = json.loads(pathlib.Path(os.environ["PLAN"]).read_text())
if args == ["--version"]:
    if plan.get("cannot_start"):
        print("FATAL: ThreadSanitizer: unexpected memory mapping 0x5567-0x5568", file=sys.stderr); sys.exit(66)
    print("racetrack"); sys.exit(0)
if args[0] == "doctor":
    print(json.dumps({"build": plan["begin"]["build"], "machine": plan["begin"]["machine"]})); sys.exit(0)
folder = pathlib.Path(args[args.index("--out") + 1])
folder.mkdir(parents=True, exist_ok=True)
(folder / "arguments").write_text("\n".join(args))
def now():
    at = datetime.datetime.now(datetime.timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
invocation = f"{now()}-{os.getpid()}"
logs = folder / "tsan" / invocation.replace(":", "")
logs.mkdir(parents=True)
def write(record):
    with open(folder / "records.jsonl", "a") as stream:
        stream.write(json.dumps(record | {"invocation": invocation, "started_at": now(), "engine": "tsan"}) + "\n")
received = []
signal.signal(signal.SIGINT, lambda *_: received.append("INT"))
write(plan["begin"])
for index, (record, log) in enumerate(plan["turns"]):
    if log is not None:
        (logs / f"{index:05}.4711").write_text(log)
    write(record | {"order_index": index})
if plan.get("wait"):
    (folder / "ready").touch()
    limit = time.monotonic() + 20
    while not received and time.monotonic() < limit:
        time.sleep(0.02)
end = plan["end"]
if received:
    end["outcome"]["ended"] = "interrupted"
write(end)
sys.exit(3 if received else plan.get("code", 0))
"""

Turn = tuple[dict[str, Any], str | None]


def turn(fork: int, log: str | None = None, **verdict: Any) -> Turn:
    record = synthetic.case(synthetic.SUBJECTS[0], "transfer", {"producers": 1}, fork, engine="tsan")
    return record | {"verdict": synthetic.verdict(**verdict)}, log


class Place:
    """A folder of reports and the fake racetrack, with the environment that makes scripts/tsan use them."""

    def __init__(self, folder: Path) -> None:
        self.reports = folder / "reports"
        self.runs = self.reports / "runs"
        self.runs.mkdir(parents=True)
        self.plan = folder / "plan"
        program = folder / "racetrack"
        program.write_text(FAKE_RACETRACK, encoding="utf-8")
        program.chmod(0o755)
        outer = {name: value for name, value in os.environ.items() if name != "RUN"}
        self.environment = outer | {
            "RACETRACK": str(program),
            "RACETRACK_REPORTS": str(self.reports),
            "PLAN": str(self.plan),
        }
        self.write_plan([])

    def write_plan(self, turns: list[Turn], **extra: Any) -> None:
        facts = synthetic.environment(
            "begin", plan=synthetic.sweep(synthetic.SUBJECTS[:1], forks=1, wide=False)[0]["plan"]
        )
        outcome = {"ended": "complete", "done": len(turns), "planned": len(turns), "duration_s": 1.0}
        plan = {"begin": facts, "end": synthetic.environment("end", outcome=outcome), "turns": turns} | extra
        self.plan.write_text(json.dumps(plan), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [str(ROOT / "scripts" / "tsan"), *arguments]

    def tsan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def findings(self, run: str) -> list[dict[str, Any]]:
        lines = (self.runs / run / "records.jsonl").read_bytes().splitlines()
        return [record for record in map(parse, lines) if record["record"] == "finding"]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_expected_race_is_recorded_and_the_page_written(place: Place) -> None:
    place.write_plan([turn(fork, race(), expectation=[MUST_RACE]) for fork in range(2)])
    done = place.tsan("--run", "mine", "queue/", "--runs", "2")
    assert done.returncode == 0, done.stderr
    (finding,) = place.findings("mine")
    assert (finding["kind"], finding["k"], finding["n"], finding["as_expected"]) == ("race", 2, 2, True)
    assert done.stdout.splitlines()[-1] == str(place.runs / "mine" / "report.html")
    assert any(line.startswith("expected queue/transfer/") and "2 of 2" in line for line in done.stdout.splitlines())
    assert os.readlink(place.reports / "latest") == "runs/mine"
    passed = (place.runs / "mine" / "arguments").read_text(encoding="utf-8").split("\n")
    assert passed == [
        "stress",
        "queue/",
        "--runs",
        "2",
        "--time",
        "0.2",
        "--patience",
        "2",
        "--out",
        str(place.runs / "mine"),
    ]


def test_an_unexpected_race_is_shown_with_its_stacks_and_ends_with_1(place: Place) -> None:
    place.write_plan([turn(0, race())])
    done = place.tsan("--run", "mine")
    assert done.returncode == 1
    assert (
        "UNEXPECTED queue/transfer/" in done.stdout
        and "    read of 8 bytes by thread T1:\n        get (/src/point.cpp:9)\n" in done.stdout
    )


def test_a_missed_race_ends_with_1(place: Place) -> None:
    place.write_plan([turn(0, None, expectation=[MUST_RACE])])
    done = place.tsan("--run", "mine")
    assert done.returncode == 1 and "UNEXPECTED" in done.stdout and "missed: race" in done.stdout
    assert place.findings("mine")[0]["k"] == 0


@pytest.mark.parametrize("code", [1, 2, 3, 4, 70])
def test_the_code_of_racetrack_is_kept_without_an_unexpected_finding(place: Place, code: int) -> None:
    place.write_plan([turn(0)], code=code)
    assert place.tsan("--run", "mine").returncode == code


def test_findings_are_reported_even_when_a_child_gave_no_answer(place: Place) -> None:
    place.write_plan([turn(0, race())], code=3)
    assert place.tsan("--run", "mine").returncode == 1


def test_parsing_again_adds_nothing_and_gives_the_same_verdicts(place: Place) -> None:
    hostile = race(f"set\x1b[1m{synthetic.HOSTILE} /src/\u202epoint.cpp:5")
    place.write_plan([turn(0, race() + hostile)])
    assert place.tsan("--run", "mine").returncode == 1
    before = (place.runs / "mine" / "records.jsonl").read_bytes()
    again = place.tsan("--parse-only", "--run", "mine")
    assert again.returncode == 1 and "\x1b" not in again.stdout
    assert again.stdout.splitlines()[-1] == str(place.runs / "mine" / "report.html")
    assert (place.runs / "mine" / "records.jsonl").read_bytes() == before
    assert len(place.findings("mine")) == 2


def test_a_second_call_joins_the_latest_run_and_keeps_its_own_findings(place: Place) -> None:
    place.write_plan([turn(0, race(), expectation=[MUST_RACE])])
    assert place.tsan("--run", "mine").returncode == 0
    assert place.tsan().returncode == 0
    assert [path.name for path in place.runs.iterdir()] == ["mine"]
    invocations = {finding["invocation"] for finding in place.findings("mine")}
    assert len(invocations) == len(place.findings("mine")) == 2


@pytest.mark.parametrize(("part", "name"), [("build", "commit"), ("machine", "fingerprint")])
def test_a_run_of_another_commit_or_machine_is_not_joined(place: Place, part: str, name: str) -> None:
    assert place.tsan("--run", "mine").returncode == 0
    plan = json.loads(place.plan.read_text(encoding="utf-8"))
    plan["begin"][part][name] = "another"
    place.plan.write_text(json.dumps(plan), encoding="utf-8")
    assert place.tsan().returncode == 0
    assert len(list(place.runs.iterdir())) == 2 and os.readlink(place.reports / "latest") != "runs/mine"


def test_findings_of_an_earlier_call_do_not_fail_this_one(place: Place) -> None:
    place.write_plan([turn(0, race())])
    assert place.tsan("--run", "mine").returncode == 1
    place.write_plan([turn(0)])
    time.sleep(0.01)
    done = place.tsan("--run", "mine")
    assert done.returncode == 0 and "UNEXPECTED" not in done.stdout


def test_ctrl_c_keeps_and_parses_the_finished_forks(place: Place) -> None:
    place.write_plan([turn(0, race())], wait=True)
    with subprocess.Popen(
        place.command("--run", "cut"), env=place.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as script:
        limit = time.monotonic() + 30
        while not (place.runs / "cut" / "ready").exists() and time.monotonic() < limit:
            time.sleep(0.02)
        os.killpg(script.pid, signal.SIGINT)
        out, _ = script.communicate(timeout=90)
    assert script.returncode == 3
    assert len(place.findings("cut")) == 1 and out.splitlines()[-1] == str(place.runs / "cut" / "report.html")


def test_a_sanitizer_that_cannot_start_is_one_line(place: Place) -> None:
    place.write_plan([], cannot_start=True)
    done = place.tsan()
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "vm.mmap_rnd_bits" in done.stderr
    assert not list(place.runs.iterdir())


def test_no_build_is_one_line(place: Place) -> None:
    place.environment["RACETRACK"] = "/nowhere/racetrack"
    done = place.tsan()
    assert done.returncode == 2 and "make build PRESET=tsan" in done.stderr


def test_a_truncated_line_does_not_damage_the_next_records(place: Place) -> None:
    place.write_plan([turn(0, race(), expectation=[MUST_RACE])])
    assert place.tsan("--run", "mine").returncode == 0
    records = place.runs / "mine" / "records.jsonl"
    kept = [line for line in records.read_bytes().splitlines() if b'"finding"' not in line]
    records.write_bytes(b"\n".join(kept) + b'\n{"schema":1,"rec')
    assert place.tsan("--parse-only", "--run", "mine").returncode == 0
    assert records.read_bytes().count(b'"record":"finding"') == 1
    finding, end = map(parse, records.read_bytes().splitlines()[-2:])
    assert (finding["record"], end["record"]) == (
        "finding",
        "environment",
    ), "the finding is counted by a closing record"


@pytest.mark.parametrize(
    "arguments", [["--parse-only", "queue/"], ["--parse-only", "--run", "absent"], ["--run", "../up"]]
)
def test_unusable_arguments_are_one_line(place: Place, arguments: list[str]) -> None:
    done = place.tsan(*arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
