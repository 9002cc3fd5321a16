"""scripts/tidy: its arguments for clang-tidy (a fake that finds the word bad), and when it checks a source again."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NINJA = """rule compile
  command = g++ -MMD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
build a.o: compile ../a.cpp
build b.o: compile ../b.cpp
"""


@pytest.fixture(name="tree")
def make_tree(tmp_path: Path) -> Path:
    """Two sources, one with a header, built by ninja."""
    (tmp_path / "a.cpp").write_text('#include "a.hpp"\n', encoding="utf-8")
    (tmp_path / "a.hpp").write_text("struct A {};\n", encoding="utf-8")
    (tmp_path / "b.cpp").write_text("struct B {};\n", encoding="utf-8")
    (tmp_path / ".clang-tidy").write_text("Checks: '*'\n", encoding="utf-8")
    for name in ("bin", "scripts", "build"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "scripts/tidy", tmp_path / "scripts")
    (tmp_path / "reports").symlink_to(ROOT / "reports")  # the script imports its start and its end from there
    fake = tmp_path / "bin/clang-tidy"
    fake.write_text(
        "#!/bin/bash\nfile=${@: -1}\n[[ $file != --version ]] || exit 0\nfolder=${file%/*}\n"
        'if grep -q bad "$file" "$folder/a.hpp"; then echo "$file:1:1: error: bad"; exit 1; fi\n',
        encoding="utf-8",
    )
    fake.chmod(0o755)
    build = tmp_path / "build"
    (build / "build.ninja").write_text(NINJA, encoding="utf-8")
    commands = [  # CMake 3.25 writes sources in this form
        {"directory": str(build), "command": f"g++ -o {name}.o -c ../{name}.cpp", "file": f"../{name}.cpp"}
        for name in "ab"
    ]
    (build / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    subprocess.run(["ninja", "-C", str(build)], check=True, capture_output=True)
    return tmp_path


def tidy(tree: Path) -> tuple[int, str]:
    """Exit code and last line."""
    result = subprocess.run(
        [str(tree / "scripts/tidy"), str(tree / "build")],
        env=os.environ | {"PATH": f"{tree / 'bin'}:{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stdout.splitlines()[-1]


def test_a_clean_source_is_not_checked_twice(tree: Path) -> None:
    assert tidy(tree) == (0, "clang-tidy: 2 sources, 2 checked now, 0 with findings")
    assert tidy(tree) == (0, "clang-tidy: 2 sources, 0 checked now, 0 with findings")


def test_a_finding_fails_each_time_until_it_is_fixed(tree: Path) -> None:
    (tree / "b.cpp").write_text("struct B {};  // bad\n", encoding="utf-8")
    assert tidy(tree) == (1, "clang-tidy: 2 sources, 2 checked now, 1 with findings")
    assert tidy(tree) == (1, "clang-tidy: 2 sources, 1 checked now, 1 with findings")


@pytest.mark.parametrize(("changed", "checked"), [("b.cpp", 1), ("a.hpp", 1), (".clang-tidy", 2)])
def test_a_change_is_checked_in_the_sources_that_depend_on_it(tree: Path, changed: str, checked: int) -> None:
    tidy(tree)
    path = tree / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert tidy(tree) == (0, f"clang-tidy: 2 sources, {checked} checked now, 0 with findings")


def test_a_source_that_is_not_built_yet_is_checked_each_time(tree: Path) -> None:
    for name in (".ninja_deps", ".ninja_log"):
        (tree / "build" / name).unlink()
    for _ in range(2):
        assert tidy(tree) == (0, "clang-tidy: 2 sources, 2 checked now, 0 with findings")


def precompile(tree: Path) -> None:
    """Makes b.cpp compile with a precompiled c.hpp, as CMake does."""
    build = tree / "build"
    (tree / "c.hpp").write_text("struct C {};\n", encoding="utf-8")
    (build / "cmake_pch.hxx").write_text('#include "../c.hpp"\n', encoding="utf-8")
    rules = NINJA.replace("build b.o: compile ../b.cpp", "build b.o: compile ../b.cpp | cmake_pch.hxx.gch")
    rules += "  flags = -include cmake_pch.hxx\nbuild cmake_pch.hxx.gch: compile cmake_pch.hxx\n"
    (build / "build.ninja").write_text(rules.replace("-c $in", "$flags -c $in"), encoding="utf-8")
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands[1]["command"] = f"g++ -Winvalid-pch -include {build}/cmake_pch.hxx -o b.o -c ../b.cpp"
    (build / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    subprocess.run(["ninja", "-C", str(build)], check=True, capture_output=True)


def test_clang_does_not_use_precompiled_headers_of_another_compiler(tree: Path) -> None:
    precompile(tree)
    tidy(tree)
    commands = json.loads((tree / "build/tidy/compile_commands.json").read_text(encoding="utf-8"))
    assert [entry["command"] for entry in commands] == ["g++ -o a.o -c ../a.cpp", "g++ -o b.o -c ../b.cpp"]


def test_a_change_behind_a_precompiled_header_is_checked_in_its_dependents(tree: Path) -> None:
    precompile(tree)
    tidy(tree)
    (tree / "c.hpp").write_text("struct C { int value; };\n", encoding="utf-8")
    assert tidy(tree) == (0, "clang-tidy: 2 sources, 1 checked now, 0 with findings")


def test_no_build_tree_is_one_line_and_exit_2(tmp_path: Path) -> None:
    result = subprocess.run([str(ROOT / "scripts/tidy"), str(tmp_path)], check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
