"""scripts/check_files: a clean repository passes, and each planted violation is found at its line."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(root: Path, files: dict[str, bytes]) -> subprocess.CompletedProcess[str]:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "--force", "--all"], check=True)
    command = [str(ROOT / "scripts/check_files"), str(root)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_ordinary_text_passes(tmp_path: Path) -> None:
    text = b"clone it under /srv/racetrack, see https://www.debian.org/ and ./work/root/x; $HOME/root/y\n"
    result = check(tmp_path, {"README.md": text, "docs/figure.png": b"\x89PNG\0" * 100})
    assert (result.returncode, result.stdout) == (0, "check_files: 2 tracked files, 0 findings\n")


# The planted texts are concatenated here, so that this file itself is clean.
@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        pytest.param("a.py", b"\nopen('/" + b"work/main/x')\n", "a.py:2", id="machine-path"),
        pytest.param("a.md", b"see /home" + b"/alice/x\n", "a.md:1", id="home-path"),
        pytest.param("a.hpp", b"// TO" + b"DO: later\n", "a.hpp:1", id="unfinished"),
        pytest.param("a.hpp", b"int x;  // FIX" + b"ME\n", "a.hpp:1", id="to-mend"),
        pytest.param("a.sh", b"MIRROR=http://deb." + b"debian.org/debian\n", "a.sh:1", id="apt-mirror"),
        pytest.param("package-lock.json", b'"https://registry.' + b'npmjs.org/x"', "package-lock.json:1", id="npm"),
        pytest.param("a.cpp", b"int a;\n<<<<<" + b"<< HEAD\n", "a.cpp:2", id="conflict"),
        pytest.param("a.pem", b"-----BEGIN " + b"PRIVATE KEY-----\n", "a.pem:1", id="key"),
        pytest.param("big.txt", b"a\n" * 300_000, "big.txt:1", id="large-text"),
        pytest.param("big.bin", b"\0" * 70_000, "big.bin:1", id="large-binary"),
        pytest.param("tool", b"\x7fELF\x02\0", "tool:1", id="program"),
        pytest.param("reports/runs/x/records.jsonl", b"{}\n", "reports/runs/x/records.jsonl:1", id="run"),
        pytest.param("lib/__pycache__/x.pyc", b"x", "lib/__pycache__/x.pyc:1", id="cache"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, name: str, content: bytes, where: str) -> None:
    result = check(tmp_path, {name: content, "README.md": b"clean\n"})
    assert result.returncode == 1, result.stdout
    assert [line.split(": ")[0] for line in result.stdout.splitlines()[:-1]] == [where]


def test_outside_a_clone_is_one_line_and_exit_2(tmp_path: Path) -> None:
    command = [str(ROOT / "scripts/check_files"), str(tmp_path)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
