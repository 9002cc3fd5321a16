"""docs/adding-a-scenario.md, followed literally: its code and commands, with an installed prefix outside the tree."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import BUILD, ROOT
from tests.docs.reader import follow

DOCUMENT = ROOT / "docs" / "adding-a-scenario.md"

pytestmark = pytest.mark.skipif(not (BUILD / "racetrack").is_file(), reason="racetrack is not built")


def test_the_page_works_as_written(tmp_path: Path) -> None:
    folder = follow(DOCUMENT, tmp_path)
    names = {record["subject"] for record in cases(folder / "rivals")}
    assert names == {"my_queue", "mutex_condvar"}


def cases(run: Path) -> list[dict[str, str]]:
    lines = (run / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["record"] == "case"]


def test_an_installed_racetrack_finds_its_own_subjects(tmp_path: Path) -> None:
    subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(tmp_path)], check=True, capture_output=True)
    listed = [
        subprocess.run([str(program), "list"], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
        for program in (BUILD / "racetrack", tmp_path / "bin" / "racetrack")
    ]
    assert listed[0] == listed[1]


def test_flavours_are_built_next_to_the_release_which_rejects_them(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix)], check=True, capture_output=True)
    source = tmp_path / "source"
    source.mkdir()
    (source / "empty.cpp").write_text(
        "#include <racetrack/plugin.hpp>\nRACETRACK_PLUGIN(registry) { (void)registry; }\n"
    )
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(empty LANGUAGES CXX)\nfind_package(racetrack REQUIRED)\n"
        "racetrack_add_plugin(empty empty.cpp FLAVOURS release tsan asan debug)\n"
    )
    build = tmp_path / "build"
    subprocess.run(
        ["cmake", "-S", str(source), "-B", str(build), f"-DCMAKE_PREFIX_PATH={prefix}"], check=True, capture_output=True
    )
    subprocess.run(["cmake", "--build", str(build)], check=True, capture_output=True)
    names = sorted(path.name for path in build.glob("*.so"))
    assert names == ["empty.asan.so", "empty.debug.so", "empty.so", "empty.tsan.so"]
    for name in ("empty.tsan.so", "empty.debug.so"):
        refused = subprocess.run(
            [str(prefix / "bin" / "racetrack"), "list", "--plugin", str(build / name)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
        assert name.split(".")[1] in refused.stderr and "release" in refused.stderr
