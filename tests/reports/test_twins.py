"""Python programs compared with C++: pairs, ratios, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racetrack_report.loader import load
from racetrack_report.model import Dataset
from racetrack_report.page import render
from racetrack_report.twins import Twin, twins
from tests.reports import synthetic
from tests.reports.synthetic import Record


def python(subject: str, share: int, rate: float, fork: int, **extra: Any) -> Record:
    """A fork of a Point in Python, as scripts/python_twins.py writes it."""
    record = synthetic.case(synthetic.Subject(subject, 1, 1, 0), "read_write", {}, fork)
    return record | {
        "engine": "python",
        "invocation": "i2",
        "language": "python",
        "interpreter": {"implementation": "CPython", "version": "3.11.2", "gil": "on"},
        "case": f"point/read_write/{subject}/threads:2/read_share:{share}/pin:none",
        "family": "point",
        "params": {"threads": 2, "read_share": share},
        "traits": {"library": "CPython 3.11.2", "twin": "mutex"},
        "metrics": {"operations_per_s": rate},
        "values": {"operations_per_s": [rate]},
        **extra,
    }


def dataset(folder: Path, records: list[Record]) -> Dataset:
    return load([synthetic.write_run(folder / "run", records)])


def only(data: Dataset) -> Twin:
    (found,) = twins(data)
    return found


@pytest.fixture(name="raced")
def _raced(tmp_path: Path) -> Dataset:
    return dataset(
        tmp_path, [*synthetic.points(), *(python("python_rlock", 90, 1e5 + fork, fork) for fork in range(6))]
    )


def test_a_program_is_paired_with_the_subject_that_it_declares_and_beside_all_others(raced: Dataset) -> None:
    twin = only(raced)
    assert twin.beside is not None and twin.beside.subject == "mutex"
    assert {contestant.subject for contestant in twin.others} == {"unlocked", "seqlock", "shared_mutex"}
    assert twin.fastest is not None and twin.fastest.subject == "unlocked"
    assert all("read_share:90" in contestant.name for contestant in (twin.beside, *twin.others))


def test_the_ratio_is_of_cpp_over_python_with_an_interval_over_forks(raced: Dataset) -> None:
    twin = only(raced)
    assert twin.rate is not None and twin.beside is not None
    faster = twin.beside.faster
    assert faster.estimate == pytest.approx(twin.beside.rate.estimate / twin.rate.estimate)
    assert faster.low < faster.estimate < faster.high
    assert faster.n == 6


def test_parameters_that_both_have_must_be_equal(tmp_path: Path) -> None:
    data = dataset(
        tmp_path, [*synthetic.points(shares=(50,)), *(python("python_rlock", 90, 1e5, fork) for fork in range(6))]
    )
    twin = only(data)
    assert twin.beside is None and twin.others == () and twin.fastest is None
    assert twin.rate is not None


def test_a_program_that_was_wrong_has_no_number(tmp_path: Path) -> None:
    wrong = {"verdict": synthetic.verdict("fail", "torn", as_expected=False), "metrics": {}, "values": {}}
    data = dataset(tmp_path, [*synthetic.points(), python("python_rlock", 90, 1e5, 0, **wrong)])
    twin = only(data)
    assert twin.rate is None and twin.beside is None
    assert twin.faults == ("torn",) and not twin.as_expected


def test_a_subject_that_failed_unexpectedly_is_no_rival(tmp_path: Path) -> None:
    records = synthetic.points()
    bad = next(record for record in records if record["subject"] == "mutex" and record["params"]["read_share"] == 90)
    bad["verdict"] = synthetic.verdict("fail", "torn", detector="oracle.torn", as_expected=False)
    twin = only(dataset(tmp_path, [*records, *(python("python_rlock", 90, 1e5, fork) for fork in range(6))]))
    assert twin.beside is None
    assert "mutex" not in {contestant.subject for contestant in twin.others}


def test_programs_enter_no_table_of_subjects_and_no_download_is_without_them(raced: Dataset) -> None:
    assert all(case.engine != "python" for case in raced.cases)
    assert len(raced.python) == 6
    assert any('"python_rlock"' in line for line in raced.raw_lines)


def test_the_page_shows_python_beside_cpp_with_the_ratio(raced: Dataset) -> None:
    page = render(raced).html
    section = page[page.index('<section id="lecture-twins"') :]
    section = section[: section.index("</section>")]
    assert "CPython 3.11.2, GIL on" in section
    assert "Point under an RLock" in section
    assert 'aria-label="Python and C++. C++ (mutex) is ' in section
    assert "python_rlock" in section and "mutex" in section


def test_the_page_says_so_when_no_program_ran(tmp_path: Path) -> None:
    assert "No Python program was measured" in render(dataset(tmp_path, synthetic.points())).html


def test_a_hostile_name_is_text_on_the_page(tmp_path: Path) -> None:
    data = dataset(tmp_path, [python(synthetic.HOSTILE, 90, 1e5, fork) for fork in range(2)])
    assert synthetic.HOSTILE not in render(data).html
