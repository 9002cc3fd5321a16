"""A headless chromium, driven by playwright-core through browser.mjs; it reports the faults of a page, one per line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO, Any

HERE = Path(__file__).resolve().parent


def missing() -> str:
    """The parts that the browser tests need and this machine lacks; empty if all are there."""
    lacking = [name for name in ("node", "chromium") if shutil.which(name) is None]
    lacking += [name for name in ("playwright-core", "axe-core") if not (HERE / "node_modules" / name).is_dir()]
    return ", ".join(lacking)


class Chromium:
    """A context manager. `ask` uses a new browser context each time, so that checks do not affect each other."""

    def __init__(self) -> None:
        program = shutil.which("chromium")
        assert program is not None
        # pylint: disable-next=consider-using-with  # it is waited for in __exit__
        self._process = subprocess.Popen(
            ["node", str(HERE / "browser.mjs"), program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)  # the browser ends at the end of its input

    def ask(self, check: str, page: Path, **how: Any) -> list[str]:
        """The faults that a function of checks.mjs found. `how`: scheme="dark", width=320, scripts=False."""
        requests, answers = _both(self._process)
        requests.write(json.dumps({"check": check, "page": str(page), **how}) + "\n")
        requests.flush()
        line = answers.readline()
        assert line, "the browser ended; its last output is above"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        faults: list[str] = answer["faults"]
        return faults


def _both(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout
