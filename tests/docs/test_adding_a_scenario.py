"""docs/adding-a-scenario.md, followed to the letter: its code and its commands, from an installed prefix outside the tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import BUILD, ROOT, Block, blocks

DOCUMENT = ROOT / "docs" / "adding-a-scenario.md"
LONGEST_COMMAND_S = 900

pytestmark = pytest.mark.skipif(not (BUILD / "racetrack").is_file(), reason="racetrack is not built")


class Reader:
    """Someone who does what the page says, in one shell session, with an empty home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def run(self, script: str, folder: Path | None = None) -> tuple[int, str]:
        """Runs a block as one shell script; the folder and the variables it leaves behind hold for the next block."""
        state = self.home / "state"
        text = f"set -e\ntrap '{{ pwd; env -0; }} > {state}' EXIT\n{script}"
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_COMMAND_S,
        )
        if folder is None:
            where, _, variables = state.read_text(encoding="utf-8").partition("\n")
            self.folder = Path(where)
            self.environment = dict(each.split("=", 1) for each in variables.split("\0") if each)
        assert done.returncode in (0, 1), f"{script}\n{done.stdout}\n{done.stderr}"
        return done.returncode, done.stdout


def without_numbers(text: str) -> list[str]:
    """Lines of a table, comparable: numbers and their prefixes are '#', blanks are single."""
    lines = [re.sub(r"\d+(?:\.\d+)?(?: [kMGT])?", "#", line) for line in text.strip().splitlines()]
    return [re.sub(r"\s+", " ", line).strip() for line in lines]


def test_the_page_works_as_it_stands(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    page = blocks(DOCUMENT)
    output = ""
    seen_install = False
    for block in page:
        if block.language == "sh" and "cmake --install" in block.text:
            install = "\n".join(line for line in block.text.splitlines() if not line.startswith("make "))
            reader.run(install.replace("build/release", str(BUILD)), folder=ROOT)
            seen_install = True
        elif block.language == "sh":
            code, output = reader.run(block.text)
            wanted = int(block.word.removeprefix("exit=")) if block.word else 0
            assert code == wanted, f"line {block.line}: exit {code}\n{output}"
        elif block.language == "text":
            assert shows(output, block), f"line {block.line}: the page shows\n{block.text}\nbut it is\n{output}"
        elif block.word:
            (reader.folder / block.word).write_text(block.text, encoding="utf-8")
    assert seen_install
    names = {record["subject"] for record in cases(reader.folder / "rivals")}
    assert names == {"my_queue", "mutex_condvar"}


def shows(output: str, block: Block) -> bool:
    """Whether the lines that the page shows are in the output, in this order, whatever the numbers."""
    shown, rest = without_numbers(block.text), without_numbers(output)
    return all(line in rest and (rest := rest[rest.index(line) + 1 :]) is not None for line in shown)


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


def test_flavours_are_built_beside_the_release_and_refused_by_it(tmp_path: Path) -> None:
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
