"""scripts/lint: a small clean clone passes, and each step finds the fault planted for it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {
    "bench/load/team.cpp": "#include <thread>\n\nint main() { return 0; }\n",
    "scripts/tool": '#!/usr/bin/python3\n"""Says hello."""\n\nprint("hello")\n',
    "scripts/hello.sh": '#!/usr/bin/env bash\necho "$1"\n',
    "docs/page.md": "# Page\n\nA short line.\n\n| a table | keeps its lines |\n|---|---|\n",
    "reports/page.py": '"""A page."""\n\n\ndef twice(number: int) -> int:\n    return 2 * number\n',
}
TOOLS = ("clang-format", "shellcheck", "black", "mypy", "pylint")

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason="the linters are not installed: scripts/setup lint"
)


def lint(folder: Path, files: dict[str, str], *steps: str) -> subprocess.CompletedProcess[str]:
    (folder / "scripts").mkdir()
    for name in (
        "scripts/lint",
        "scripts/check_files",
        "scripts/check_includes",
        "scripts/wrap_markdown",
        ".clang-format",
        "pyproject.toml",
    ):
        shutil.copy(ROOT / name, folder / name)
    package = folder / "reports/racetrack_report"
    package.mkdir(parents=True)
    for module in ("__init__", "entry", "safe_text"):  # the modules that the scripts import
        shutil.copy(ROOT / f"reports/racetrack_report/{module}.py", package)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "add", "--all"], check=True)
    command = [str(folder / "scripts/lint"), *steps]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_clean_clone_passes(tmp_path: Path) -> None:
    result = lint(tmp_path, CLEAN, "files", "includes", "shell", "python", "format", "markdown")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith("lint: clean (files includes shell python format markdown)\n")


@pytest.mark.parametrize(
    ("step", "name", "text"),
    [
        pytest.param("files", "docs/a.md", "see /home" + "/alice/x\n", id="machine-path"),
        pytest.param("includes", "scenarios/queue/a.cpp", "#include <benchmark/benchmark.h>\n", id="direction"),
        pytest.param("shell", "scripts/a", "#!/bin/bash\nrm $1/*\n", id="unquoted"),
        pytest.param("python", "scripts/a", '#!/usr/bin/python3\n"""A."""\nx=1\n', id="layout"),
        pytest.param(
            "python",
            "reports/a.py",
            '"""A."""\n\n\ndef bad(x):\n    return x\n',
            id="untyped",
        ),
        pytest.param("python", "reports/a.py", '"""A."""\n\nimport os\n', id="unused-import"),
        pytest.param("markdown", "docs/a.md", "Words that wrap. " * 7 + "\n", id="unwrapped"),
        pytest.param("format", "bench/load/a.hpp", "struct A{int x;};\n", id="cpp-layout"),
    ],
)
def test_a_planted_fault_is_found_and_the_other_steps_still_run(
    tmp_path: Path, step: str, name: str, text: str
) -> None:
    result = lint(tmp_path, CLEAN | {name: text}, step, "shell")
    assert result.returncode == 1, result.stdout
    assert result.stdout.endswith(f"lint: findings in: {step if step != 'shell' else 'shell shell'}\n")


def test_an_unknown_step_is_one_line_and_exit_2() -> None:
    result = subprocess.run([str(ROOT / "scripts/lint"), "spelling"], check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
