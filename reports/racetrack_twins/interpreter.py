"""The Python interpreter that runs the programs."""

from __future__ import annotations

import platform
import sys

from racetrack_report.model import Json


def facts() -> Json:
    """Implementation, version, and whether the global interpreter lock is on (always, before Python 3.13)."""
    gil_enabled = getattr(sys, "_is_gil_enabled", lambda: True)()
    return {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "gil": "on" if gil_enabled else "off",
    }
