"""scripts/wrap_markdown wraps prose to one width and keeps all other lines."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "wrap_markdown"
KEPT = "# A heading\n\n| a cell | " + "wide " * 30 + "|\n|---|---|\n\n```sh\n" + "word " * 30 + "\n```\n"


def wrap(path: Path, text: str, *options: str) -> tuple[int, str]:
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([SCRIPT, *options, str(path)], check=False, capture_output=True, text=True)
    return done.returncode, path.read_text(encoding="utf-8")


def test_a_paragraph_is_joined_and_wrapped(tmp_path: Path) -> None:
    code, text = wrap(tmp_path / "a.md", "short\nlines " + "word " * 30 + "\n")
    lines = text.splitlines()
    assert code == 0
    assert lines[0].startswith("short lines word") and 95 < len(lines[0]) <= 100
    assert len(lines) == 2


def test_an_item_is_indented_under_its_text(tmp_path: Path) -> None:
    _, text = wrap(tmp_path / "a.md", "- " + "word " * 30 + "\n10. " + "word " * 30 + "\n")
    lines = text.splitlines()
    assert [line[:6] for line in lines] == ["- word", "  word", "10. wo", "    wo"]


def test_tables_code_and_headings_keep_their_lines(tmp_path: Path) -> None:
    assert wrap(tmp_path / "a.md", KEPT) == (0, KEPT)


def test_a_code_span_is_not_broken(tmp_path: Path) -> None:
    span = "`" + "option " * 10 + "`"
    _, text = wrap(tmp_path / "a.md", "word " * 10 + span + " end\n")
    assert span in text


def test_check_changes_nothing_and_fails(tmp_path: Path) -> None:
    long = "word " * 30 + "\n"
    assert wrap(tmp_path / "a.md", long, "--check") == (1, long)
    assert wrap(tmp_path / "a.md", "short\n", "--check") == (0, "short\n")


def test_an_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    assert wrap(tmp_path / "a.md", "short\n", "--width")[0] == 2
