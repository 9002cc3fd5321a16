"""scripts/test: its summary counts both runners, and no kind of failure ends in success."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASE = '<testcase name="a" status="run"/>'
FAILED = '<testcase name="b" status="fail"><failure message=""/></testcase>'
SKIPPED = '<testcase name="c" status="notrun"><skipped/></testcase>'
PASSING = "def test_one(): pass\ndef test_two(): pass\n"


def run(folder: Path, cases: str | None, code: int, python: str) -> subprocess.CompletedProcess[str]:
    """Runs a copy of the script with a fake ctest, which reports these cases, and one Python test file."""
    for name in ("bin", "scripts", "tests"):
        (folder / name).mkdir()
    shutil.copy(ROOT / "scripts/test", folder / "scripts/test")
    (folder / "reports").symlink_to(ROOT / "reports")
    (folder / "tests/test_some.py").write_text(python, encoding="utf-8")
    ctest = folder / "bin/ctest"
    report = "" if cases is None else f"printf '%s' '<testsuite>{cases}</testsuite>' >\"${{@: -1}}\"\n"
    ctest.write_text(f"#!/bin/bash\n{report}exit {code}\n", encoding="utf-8")
    ctest.chmod(0o755)
    return subprocess.run(
        [str(folder / "scripts/test"), "--jobs", "2", "--", "-p", "no:cacheprovider", "tests"],
        env=os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("cases", "ctest_code", "python", "code", "summary"),
    [
        pytest.param(CASE, 0, PASSING, 0, ["3 passed, 0 failed"], id="all-pass"),
        pytest.param(CASE + FAILED, 8, PASSING, 1, ["3 passed, 1 failed"], id="cpp-fails"),
        pytest.param(CASE, 0, PASSING + "def test_bad(): assert 0\n", 1, ["3 passed, 1 failed"], id="python-fails"),
        pytest.param(CASE, 0, "import nothing_of_this_name\n", 1, ["1 passed, 1 failed"], id="python-does-not-load"),
        pytest.param(CASE + SKIPPED, 0, PASSING, 0, ["1 skipped", "3 passed, 0 failed"], id="skipped-is-not-passed"),
        pytest.param(None, 1, PASSING, 3, ["2 passed, 0 failed"], id="ctest-breaks"),
        pytest.param(CASE, 8, PASSING, 3, ["3 passed, 0 failed"], id="ctest-fails-without-a-failed-case"),
        pytest.param("", 0, "", 4, ["0 passed, 0 failed"], id="nothing-ran"),
    ],
)
def test_summary_and_exit_code(
    tmp_path: Path, cases: str | None, ctest_code: int, python: str, code: int, summary: list[str]
) -> None:
    result = run(tmp_path, cases, ctest_code, python)
    assert result.returncode == code, result.stdout + result.stderr
    assert result.stdout.splitlines()[-len(summary) :] == summary
