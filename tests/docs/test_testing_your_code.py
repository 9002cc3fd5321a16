"""docs/testing-your-code.md: built and run with an installed prefix, outside the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.documents import BUILD, ROOT
from tests.docs.reader import follow

pytestmark = pytest.mark.skipif(not (BUILD / "racetrack").is_file(), reason="racetrack is not built")


def test_the_page_works_as_written(tmp_path: Path) -> None:
    folder = follow(ROOT / "docs" / "testing-your-code.md", tmp_path)
    assert (folder / "build" / "my_test").is_file()
