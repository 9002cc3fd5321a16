#!/usr/bin/python3
"""Measures the Python twins of C++ cases: scripts/python_twins.py [FILTER] [--run RUN] [--time S] [--forks N]...

The programs are in reports/racetrack_twins/programs and use only the standard library. Adds the records to the latest
run and its page if that run is of the same commit and machine; else starts a new run. Exit codes: 0 all as expected; 1
a program was wrong; 2 usage; 3 incomplete; 4 nothing ran; 70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reports"))

from racetrack_report import entry  # pylint: disable=wrong-import-position
from racetrack_twins.command import main  # pylint: disable=wrong-import-position

if __name__ == "__main__":
    entry.start("python_twins", lambda: main(sys.argv[1:]))
