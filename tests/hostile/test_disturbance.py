"""A fork that other work on the machine disturbed runs again, in a quarter of the turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.host.harness import TEST_PLUGINS, cases_of, racetrack, read_records

HOSTILE = TEST_PLUGINS / "hostile_processes.so"


@pytest.mark.parametrize(
    ("script", "results", "said"),
    [
        ("pppp", "pppp", None),
        ("dpppp", "pppp", "1 ran again, 0 remain disturbed"),
        ("ddppp", "dppp", "1 ran again, 1 remain disturbed"),
        ("dfppp", "fppp", "1 ran again, 0 remain disturbed"),
        ("dpdpp", "pdpp", "1 ran again, 1 remain disturbed"),
        ("fppp", "fppp", None),
    ],
)
def test_a_disturbed_fork_runs_again(
    script: str, results: str, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter of `script` is the result of one child process: a pass, a disturbed pass or a failure."""
    letters = tmp_path / "script"
    letters.write_text(script, "utf-8")
    monkeypatch.setenv("RACETRACK_TEST_SCRIPT", str(letters))
    run = racetrack("bench", "/scripted/", "--plugin", HOSTILE, "--forks", "4", "--out", tmp_path / "run")
    assert run.returncode == (1 if "f" in results else 0), run.stderr
    assert letters.read_text("utf-8") == "", "every letter was used"
    records = cases_of(read_records(tmp_path / "run"))
    assert [record["fork"] for record in records] == [0, 1, 2, 3], "one record for each turn"
    seen = ["f" if r["verdict"]["result"] == "fail" else "d" if r.get("disturbed") else "p" for r in records]
    assert "".join(seen) == results
    assert (said in run.stderr) if said else ("ran again" not in run.stderr)


def test_a_subject_cannot_mark_its_own_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = tmp_path / "script"
    letters.write_text("p", "utf-8")
    monkeypatch.setenv("RACETRACK_TEST_SCRIPT", str(letters))
    run = racetrack("stress", "/scripted/", "--plugin", HOSTILE, "--time", "0.05", "--out", tmp_path / "run")
    assert run.returncode == 0, run.stderr
    (record,) = cases_of(read_records(tmp_path / "run"))
    assert "disturbed" not in record
