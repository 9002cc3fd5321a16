"""The controls in docs/controls.md: faulty and corrected, explored, without hints, with unchanged library headers."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bench.host.harness import BUILD, RACETRACK, ROOT

ROW = re.compile(r"^\|[^|]*\|[^|]*\| `(\S+)` \| `(\S+)` \|$", re.MULTILINE)
SCENARIOS = ROOT / "scenarios"
SOURCES = sorted(
    [
        *(SCENARIOS / "queue" / "controls").glob("*.?pp"),
        *(SCENARIOS / "pool" / "controls").glob("*.?pp"),
        *(SCENARIOS / "lock").glob("*.cpp"),
        SCENARIOS / "point" / "seqlock_plain_data.cpp",
    ]
)
COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
HINT = re.compile(r"sleep|pause|nop|racetrack_explore|Unwatched|scheduler")
WAITS_ANYWAY = re.compile(r"while \(.*\) std::this_thread::yield\(\);")
# By package, the path of the headers that the controls include.
LIBRARIES = {
    "libstdc++-12-dev": "/usr/include/c++/12/",
    "libconcurrentqueue-dev": "/usr/include/concurrentqueue/",
    "libboost1.74-dev": "/usr/include/boost/lockfree/",
}


def rows() -> list[tuple[str, str]]:
    return ROW.findall((ROOT / "docs" / "controls.md").read_text(encoding="utf-8"))


def code_of(source: Path) -> str:
    return COMMENTS.sub("", source.read_text(encoding="utf-8"))


@pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")
def test_every_row_names_a_control_and_its_twin_and_both_are_explored() -> None:
    output = subprocess.run([str(RACETRACK), "list", "--json"], capture_output=True, text=True, check=True).stdout
    listed: dict[str, dict[str, Any]] = {each["scenario"]: each for each in json.loads(output)}
    assert len(rows()) > 20
    for faulty, corrected in rows():
        assert listed[faulty]["control"] and listed[faulty]["explored"], faulty
        assert listed[corrected]["explored"], corrected


def test_controls_carry_no_hints() -> None:
    assert len(SOURCES) > 20
    hints = []
    for source in SOURCES:
        for line in code_of(source).splitlines():
            if "#include" in line or "explore*" in line or "explored_work" in line:
                continue
            yields = "yield" in line and not WAITS_ANYWAY.search(line)
            if HINT.search(line) or (yields and source.name != "two_locks.cpp"):  # its backoff
                hints.append(f"{source.name}: {line.strip()}")
    assert not hints


def test_no_macro_of_this_project_can_change_a_library_header() -> None:
    ours = [*SOURCES, *(ROOT / "bench" / "include").rglob("*.hpp")]
    macros = {
        f"{source.name}: {name}"
        for source in ours
        for name in re.findall(r"^\s*#\s*(?:define|undef)\s+(\w+)", code_of(source), re.MULTILINE)
        if not name.startswith("RACETRACK_")
    }
    assert not macros
    commands = BUILD / "compile_commands.json"
    if not commands.is_file():
        pytest.skip("not built: compile_commands.json is missing")
    by_source = {Path(each["file"]): each["command"] for each in json.loads(commands.read_text(encoding="utf-8"))}
    known = re.compile(r"RACETRACK_\w+(=.*)?|NDEBUG|_GNU_SOURCE|_GLIBCXX_ASSERTIONS|\w+_EXPORTS")
    for source in SOURCES:
        for word in shlex.split(by_source.get(source, "")):
            assert not word.startswith("-D") or known.fullmatch(word[2:]), f"{source.name}: {word}"


@pytest.mark.parametrize("package", LIBRARIES)
def test_libraries_are_the_packages(package: str) -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("not a Debian")
    installed = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        pytest.skip(f"{package} is not installed")
    assert any(line.startswith(LIBRARIES[package]) for line in installed.stdout.splitlines())
    changed = subprocess.run(["dpkg", "--verify", package], capture_output=True, text=True, check=False).stdout
    # Documentation may have been omitted on purpose.
    assert [line for line in changed.splitlines() if "/usr/include/" in line] == []
