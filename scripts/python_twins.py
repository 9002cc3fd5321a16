#!/usr/bin/python3
"""Measure the lecture's Python programs beside C++: scripts/python_twins.py [FILTER] [--run RUN] [--time S] [--forks N]...

The programs stand in reports/racetrack_twins/programs and use nothing but the standard library. Records go to the latest
run, if that is of the same commit and machine, and onto its page. Exit codes: 0 all as expected; 1 a program was wrong; 2 usage;
3 incomplete; 4 nothing ran; 70 the harness failed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reports"))

from racetrack_twins.command import main  # pylint: disable=wrong-import-position

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
