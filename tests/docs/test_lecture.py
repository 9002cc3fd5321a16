"""Every scenario that the page of the lecture names exists, in C++ or in Python."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.docs.documents import BUILD, ROOT, spans

SCENARIO = re.compile(r"^(?:queue|point|lock|pool|spawn|ipc|async_io)/\w+/\w+$")


def in_python() -> set[str]:
    listed = subprocess.run([ROOT / "scripts/python_twins.py", "--list"], check=True, capture_output=True, text=True)
    return {"/".join(name.split("/")[:3]) for name in listed.stdout.split()}


@pytest.mark.skipif(not (BUILD / "racetrack").is_file(), reason="racetrack is not built")
def test_the_scenarios_of_the_lecture_exist() -> None:
    named = {span for span in spans(ROOT / "docs/lecture.md") if SCENARIO.match(span)}
    listed = subprocess.run([BUILD / "racetrack", "list", "--json"], check=True, capture_output=True, text=True)
    there = {record["scenario"] for record in json.loads(listed.stdout)} | in_python()
    assert named <= there, named - there
    assert in_python() <= named, in_python() - named
