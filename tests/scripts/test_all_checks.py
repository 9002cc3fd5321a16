"""scripts/all_checks as a user calls it, with fakes of the scripts that it calls."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALL = ["bench", "stress", "tsan", "explore", "litmus", "mutants"]


class Tree:
    """A copy of the script with fakes that record their arguments and exit as specified."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir()
        (folder / "reports").symlink_to(ROOT / "reports")
        shutil.copy(ROOT / "scripts" / "all_checks", folder / "scripts")
        for name in ALL:
            self.exits(name, 0)

    def exits(self, name: str, code: int) -> None:
        self.runs(name, f"exit {code}")

    def runs(self, name: str, command: str) -> None:
        path = self.folder / "scripts" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.folder}/calls\n{command}\n', encoding="utf-8")
        path.chmod(0o755)

    @property
    def script(self) -> Path:
        return self.folder / "scripts" / "all_checks"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.script, *arguments], capture_output=True, text=True, check=False)

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()


@pytest.fixture(name="tree")
def make_tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_everything_goes_into_one_run(tree: Tree) -> None:
    assert tree.run("--run", "mine").returncode == 0
    assert tree.calls() == [
        "bench --run mine",
        "stress --run mine",
        "tsan --run mine",
        "explore --run mine",
        "explore --memory weak --run mine",
        "litmus --executions 2000 --run mine",
        "mutants --executions 2000 --run mine",
    ]


def test_a_finding_of_one_check_does_not_stop_the_others(tree: Tree) -> None:
    tree.exits("stress", 1)
    assert tree.run().returncode == 1
    assert len(tree.calls()) == 7


def test_an_incomplete_check_does_not_stop_the_others(tree: Tree) -> None:
    tree.exits("stress", 3)
    assert tree.run().returncode == 3
    assert len(tree.calls()) == 7


def test_a_killed_check_is_not_a_success(tree: Tree) -> None:
    tree.runs("tsan", "kill -KILL $$")
    assert tree.run().returncode == 70
    assert len(tree.calls()) == 7


@pytest.mark.parametrize(("other", "worst"), [(0, 74), (1, 74), (4, 74), (2, 2), (3, 3), (70, 70)])
def test_lost_output_takes_precedence_over_findings_only(other: int, worst: int, tree: Tree) -> None:
    tree.exits("stress", 74)
    tree.exits("explore", other)
    assert tree.run().returncode == worst


def test_ctrl_c_stops_the_rest_once_the_running_check_has_stopped(tree: Tree) -> None:
    tree.runs(
        "stress",
        f"trap 'sleep 1; touch {tree.folder}/page; exit 3' INT\ntouch {tree.folder}/begun\n"
        "while :; do sleep 0.05; done",
    )
    with subprocess.Popen([tree.script], stderr=subprocess.PIPE, text=True, process_group=0) as process:
        while not (tree.folder / "begun").exists() and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, len(tree.calls())) == (3, 2)
    assert errors.startswith("all_checks: stopped") and (tree.folder / "page").exists()


def test_a_filter_goes_to_the_checks_that_accept_it_and_needs_to_match_in_one(tree: Tree) -> None:
    for name in ("bench", "tsan"):
        tree.exits(name, 4)
    assert tree.run("lock/", "--run", "mine").returncode == 0
    assert [call.split()[0] for call in tree.calls()] == ["bench", "stress", "tsan", "explore", "explore"]
    assert all(" lock/ " in call for call in tree.calls())


def test_a_filter_without_any_match_ends_with_4(tree: Tree) -> None:
    for name in ALL:
        tree.exits(name, 4)
    assert tree.run("nothing").returncode == 4
