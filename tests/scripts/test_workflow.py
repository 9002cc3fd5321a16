"""The CI workflows are YAML, and the commands that they call exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
WORKFLOW = WORKFLOWS / "compare.yml"


@pytest.fixture(name="steps")
def read_steps() -> list[dict[str, object]]:
    return list(yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["compare"]["steps"])


def test_the_scripts_and_groups_that_it_calls_exist(steps: list[dict[str, object]]) -> None:
    script = "\n".join(str(step.get("run", "")) for step in steps)
    called = set(re.findall(r"scripts/\w+", script))
    assert called == {"scripts/setup", "scripts/calibrate", "scripts/compare"}
    for name in called:
        assert (ROOT / name).is_file()
    listed = subprocess.run(
        [ROOT / "scripts/setup", "--list", "build", "report"], check=True, capture_output=True, text=True
    )
    assert listed.stdout


def test_the_options_that_it_uses_exist(steps: list[dict[str, object]]) -> None:
    script = "\n".join(str(step.get("run", "")) for step in steps)
    for name in ("compare", "calibrate"):
        (line,) = [line for line in script.splitlines() if f"scripts/{name} " in line]
        output = subprocess.run([ROOT / "scripts" / name, "--help"], check=True, capture_output=True, text=True).stdout
        for option in re.findall(r"--[a-z-]+", line):
            assert option in output


def test_its_commands_are_sound_shell(steps: list[dict[str, object]]) -> None:
    for step in steps:
        if "run" in step:
            subprocess.run(["bash", "-n"], input=str(step["run"]), check=True, text=True)


def test_it_calls_the_script_and_not_make_so_that_exit_codes_arrive(steps: list[dict[str, object]]) -> None:
    (step,) = [step for step in steps if step.get("name") == "Compare"]
    assert "make" not in str(step["run"]) and "0 | 1) exit" in str(step["run"])


def test_ci_runs_on_each_debian_that_setup_supports() -> None:
    (job,) = yaml.safe_load((WORKFLOWS / "ci.yml").read_text("utf-8"))["jobs"].values()
    (named,) = re.findall(r"made for Debian (\d+) and (\d+)", (ROOT / "scripts/setup").read_text("utf-8"))
    assert job["strategy"]["matrix"]["debian"] == list(named)
    assert job["steps"][-1]["run"] == ".ci/run" and (ROOT / ".ci/run").is_file()
