"""Sections 6 to 9: Points, the correctness matrix, races and deadlocks, from records of all engines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from racetrack_report import check, correctness, export
from racetrack_report.loader import load
from racetrack_report.model import Dataset, Frame, Lock, Thread
from racetrack_report.page import Page, render
from racetrack_report.plots import cycle
from racetrack_report.ranking import rank_all
from racetrack_report.sections import data as data_section
from racetrack_report.sections import findings
from racetrack_report.summary import summarise

from tests.reports import searches, synthetic
from tests.reports.test_page import section, tree

BENCH = synthetic.sweep((synthetic.SUBJECTS[0], synthetic.SUBJECTS[2], synthetic.SUBJECTS[-1]), forks=6, wide=False)
FACELESS: synthetic.Record = {"threads": [searches.side("", "", [], None)], "location": None, "text": "", "title": ""}


def loaded(folder: Path, *parts: list[synthetic.Record]) -> Dataset:
    return load([synthetic.write_run(folder / "run", [record for part in parts for record in part])])


def words(markup: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def row(page: str, table: str, subject: str) -> list[str]:
    """The cells of the row of a subject, as text."""
    found = re.search(rf'<table id="{table}".*?</table>', page, re.DOTALL)
    assert found is not None
    for each in re.findall(r"<tr.*?</tr>", found[0], re.DOTALL):
        cells = [words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", each, re.DOTALL)]
        if cells[0] == subject:
            return cells
    raise AssertionError(f"{table} has no row of {subject}")


@pytest.fixture(scope="module", name="whole")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Page]:
    """A bench run with Points, stress and TSan in one."""
    data = loaded(tmp_path_factory.mktemp("runs"), BENCH[:-1], synthetic.points(), BENCH[-1:], searches.hunt())
    return data, render(data)


def test_the_synthetic_findings_fit_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(check.SCHEMA.read_text(encoding="utf-8")))
    for record in searches.hunt():
        validator.validate(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind",), "lost"),
        (("detector",), "oracle.order"),
        (("result",), "pass"),
        (("n",), 0),
        (("threads", 0, "stack", 0, "line"), "21"),
        (("threads", 0, "holds"), None),
        (("location", "stack"), None),
        (("surplus",), 1),
    ],
)
def test_a_finding_that_does_not_fit_is_left_out_and_named(
    path: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    record = place = searches.race()
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]
    place[path[-1]] = value  # type: ignore[index]
    data = loaded(tmp_path, [record, searches.deadlock()])
    assert [finding.kind for finding in data.findings] == ["deadlock"]
    assert [warning.line for warning in data.warnings] == [1] and "schema" in str(data.warnings[0])


def test_a_finding_loads_with_stacks_locks_and_the_source_of_its_invocation(tmp_path: Path) -> None:
    data = loaded(tmp_path, searches.hunt())
    found = next(finding for finding in data.findings if finding.subject == "unlocked")
    assert found.threads[0].stack[0] == Frame("unlocked::set", "scenarios/point/unlocked.cpp", 21, "racetrack")
    assert found.threads[0].holds[0].name == "M12" and found.threads[1].wants is None
    assert found.location is not None and found.location.stack[0].line == 52
    assert found.revision == data.cases[0].revision == "0123456789abcdef0123456789abcdef01234567"


def test_cases_of_other_engines_enter_no_ranking_no_figure_and_no_count_of_forks(tmp_path: Path) -> None:
    searched = [searches.searched(engine, "queue/transfer/boost_spsc") for engine in ("stress", "tsan")]
    for record in searched:  # the very case that was measured, with numbers that must never be taken for speed
        record |= {"case": BENCH[1]["case"], "params": BENCH[1]["params"], "subject": BENCH[1]["subject"]}
        record["metrics"] |= {"items_per_s": 1e12, "trip_p50_ns": 1.0}
        record["values"] = {"items_per_s": [1e12]}
        record["histograms"] = {"trip_ns": {"unit": "ns", "count": 1, "buckets": [[1.0, 100000]]}}
        record["placement"][0]["cpu"] = None
    alone, mixed = loaded(tmp_path / "a", BENCH), loaded(tmp_path / "b", BENCH, searched)
    assert len(mixed.cases) == len(alone.cases) + 2 and len(mixed.measured) == len(alone.cases)
    assert not mixed.warnings and {case.origin for case in mixed.cases} == {""}  # the TSan build makes no second set
    assert [s.name for s in summarise(mixed.cases)] == [s.name for s in summarise(alone.cases)]
    assert [s.per_fork("items_per_s") for s in summarise(mixed.cases)] == [
        s.per_fork("items_per_s") for s in summarise(alone.cases)
    ]
    assert export.hgrms(mixed) == export.hgrms(alone)
    one, two = render(alone).html, render(mixed).html
    for name in ("which-one", "environment", "queues", "latency", "noise"):
        assert section(one, name) == section(two, name), name
    assert ",stress," in export.csv_of(mixed)


@pytest.mark.parametrize(
    ("engine", "kind", "detector", "expected", "reported"),
    [
        ("stress", "lost", "oracle.conservation", False, "moodycamel lost items under stress and is out."),
        ("stress", "reordered", "oracle.order", True, "moodycamel broke its order under stress and is out."),
        ("stress", "hang", "watchdog", False, "moodycamel hung under stress and is out."),
        (
            "tsan",
            "duplicated",
            "oracle.conservation",
            False,
            "moodycamel delivered items twice in the TSan build and is out.",
        ),
        ("explore", "lost", "explorer", False, "moodycamel lost items under the explorer and is out."),
    ],
)
def test_a_failure_in_any_engine_puts_a_subject_out(
    engine: str, kind: str, detector: str, expected: bool, reported: str, tmp_path: Path
) -> None:
    bad = searches.searched(
        engine, "queue/paced/moodycamel", result="fail", kind=kind, detector=detector, as_expected=expected
    )
    data = loaded(tmp_path, BENCH, [bad])
    rankings = rank_all(summarise(data.cases, data.findings))
    assert all(entry.summary.subject != "moodycamel" for ranking in rankings for entry in ranking.entries)
    assert any(summary.subject == "moodycamel" for ranking in rankings for summary in ranking.out)
    page = render(data)
    assert reported in words(section(page.html, "verdict")) and reported in page.markdown
    place = {"stress": "under stress", "tsan": "in the TSan build", "explore": "under the explorer"}[engine]
    assert f"out: {kind} {place}" in section(page.html, "which-one")
    assert "<s>moodycamel (yield)</s>" in section(page.html, "which-one")


def test_a_failure_in_weak_memory_says_so(tmp_path: Path) -> None:
    bad = searches.searched("explore", "queue/paced/moodycamel", result="fail", kind="lost", detector="explorer.weak")
    bad["params"] |= {"memory": "weak"}
    bad["case"] += "/memory:weak"
    page = render(loaded(tmp_path, BENCH, [bad]))
    assert "out: lost under the explorer in weak memory" in section(page.html, "which-one")


def test_a_failure_of_other_source_puts_nobody_out(tmp_path: Path) -> None:
    bad = searches.searched("stress", "queue/transfer/moodycamel", result="fail", kind="lost")
    bad["build"] = {**bad["build"], "commit": "f" * 40}
    data = loaded(tmp_path, BENCH, [bad])
    assert not any(summary.out for summary in summarise(data.cases))
    page = render(data).html
    sources = {cells[3] for subject in ("moodycamel", "mutex_condvar") for cells in [row(page, "matrix", subject)]}
    assert sources <= {"01234567", "ffffffff"}  # each source has its row
    assert page.count(">ffffffff</td>") == 1


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"result": "unknown", "grade": "may"}, "? race"),
        ({"grade": "may", "as_expected": True}, "! race"),
        ({}, "! race"),
    ],
)
def test_a_race_marks_a_subject_and_does_not_put_it_out(change: synthetic.Record, mark: str, tmp_path: Path) -> None:
    found = searches.finding("tsan", "race", "queue/transfer/moodycamel", **change)
    data = loaded(tmp_path, BENCH, [found])
    summaries = summarise(data.cases, data.findings)
    assert {s.mark for s in summaries if s.subject == "moodycamel"} == {mark}
    assert not any(s.out or s.mark for s in summaries if s.subject != "moodycamel" and not s.out)
    page = render(data)
    assert f'moodycamel (yield) <span class="mark">{mark}</span>' in page.html
    assert f"moodycamel (yield) ({mark})" in page.markdown


@pytest.mark.parametrize("detector", ["explorer", "explorer.weak"])
def test_a_race_that_the_explorer_shows_is_a_mark_too(detector: str, tmp_path: Path) -> None:
    found = searches.searched(
        "explore", "queue/transfer/moodycamel", result="fail", kind="race", detector=detector, as_expected=True
    )
    summaries = summarise(loaded(tmp_path, BENCH, [found]).cases)
    assert {(s.mark, bool(s.out)) for s in summaries if s.subject == "moodycamel"} == {("! race", False)}


def test_a_deadlock_that_happened_puts_a_subject_out_and_one_that_could_does_not(tmp_path: Path) -> None:
    for kind, out in (("deadlock", True), ("potential_deadlock", False)):
        found = searches.finding("lock_graph", kind, "queue/transfer/moodycamel")
        data = loaded(tmp_path / kind, BENCH, [found])
        assert {s.out for s in summarise(data.cases, data.findings) if s.subject == "moodycamel"} == {out}


def test_points_have_their_cost_beside_what_it_prevents(whole: tuple[Dataset, Page]) -> None:
    part = section(whole[1].html, "points-and-locks")
    assert "unlocked: 18\u202f000 of 14\u202f340\u202f000 reads are torn" in part
    assert re.search(
        r"fastest: seqlock, 2\.\d+× \[[\d.]+, [\d.]+\] the time of unlocked; slowest: shared_mutex, ", part
    )
    assert re.search(r'aria-label="Cost of safety: 2 threads[^"]*seqlock', part)
    table = re.search(r'<table id="points-table".*?</table>', part, re.DOTALL)
    assert table is not None
    rows = [words(each) for each in re.findall(r"<tr>.*?</tr>", table[0], re.DOTALL)[1:]]
    assert len(rows) == 12 and [line.split()[0] for line in rows[:4]] == [
        "unlocked",
        "seqlock",
        "mutex",
        "shared_mutex",
    ]
    assert "<s>unlocked</s>" in table[0] and "6\u202f000" in rows[0] and "✗ torn, as expected" in rows[0]
    assert all("✓ pass" in line and " 0 0 " in line for line in rows[1:4])
    assert "seqlock ? race" in rows[1] and "uses fences" in rows[1]


def test_every_point_without_a_lock_has_its_own_count_of_torn_reads(tmp_path: Path) -> None:
    records = synthetic.points(shares=(90,))
    for record in synthetic.points(shares=(50,)):
        if record["subject"] == "unlocked":
            record["subject"] = "unfenced"
            record["case"] = record["case"].replace("unlocked", "unfenced")
        records.append(record)
    page = render(loaded(tmp_path, records)).html
    assert (
        "unfenced: 6\u202f000 of 3\u202f000\u202f000 reads are torn. "
        "unlocked: 6\u202f000 of 5\u202f400\u202f000 reads are torn."
    ) in page
    assert "the time of unlocked;" in page and "time / time of unfenced or unlocked" in page


def test_a_point_that_tears_and_should_not_has_no_number(tmp_path: Path) -> None:
    records = synthetic.points(shares=(90,))
    for record in records:
        if record["subject"] == "mutex" and record["fork"] == 2:
            record["verdict"] = synthetic.verdict("fail", "torn", detector="oracle.torn")
    part = section(render(loaded(tmp_path, records)).html, "points-and-locks")
    line = next(words(each) for each in re.findall(r"<tr>.*?</tr>", part) if "<s>mutex</s>" in each)
    assert "✗ failed" in line and "M/s" not in line and "✗ NOT expected" in line
    drawn = "".join(re.findall(r"<svg.*?</svg>", part, re.DOTALL))
    assert ">mutex<" not in re.sub(r"\s+", "", drawn) and "shared_mutex" in drawn


def test_points_without_an_unlocked_one_have_numbers_and_no_ratio(tmp_path: Path) -> None:
    records = [record for record in synthetic.points(shares=(90,)) if record["subject"] != "unlocked"]
    part = section(render(loaded(tmp_path, records)).html, "points-and-locks")
    assert "<figure" not in part and "M/s" in part and "time of unlocked" not in part


def test_programs_of_locks_have_their_steps(tmp_path: Path) -> None:
    record = synthetic.case(synthetic.SUBJECTS[0], "two_locks", {}, 0)
    record |= {
        "family": "lock",
        "case": "lock/two_locks/scoped_lock",
        "subject": "scoped_lock",
        "traits": {"threads": 2},
    }
    record["metrics"] = {"steps_per_s": 2.5e6, "ns_per_step": 400.0}
    cells = row(render(loaded(tmp_path, [record])).html, "locks-table", "scoped_lock")
    assert cells == ["scoped_lock", "two locks", "2", "1 of 1", "2.50 M/s", "400 ns"]


def test_the_matrix_says_what_was_expected_and_seen(whole: tuple[Dataset, Page]) -> None:
    page = whole[1].html
    heads = re.search(r'<table id="matrix".*?</thead>', page, re.DOTALL)
    assert heads is not None
    titles = ["subject", "all in all", "family", "oracles", "watchdog", "process", "lock graph", "TSan", "rounds"]
    assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', heads[0]) == titles

    def reported(subject: str, table: str = "matrix") -> dict[str, str]:
        columns = titles if table == "matrix" else titles[:3] + ["meant to be"] + titles[3:]
        return dict(zip(columns, row(page, table, subject)))

    vyukov = reported("vyukov")
    assert (
        vyukov["oracles"].startswith("✗ duplicated, NOT expected 3 of 2") and "first after 210 ms" in vyukov["oracles"]
    )
    assert vyukov["TSan"] == "not run" and vyukov["all in all"] == "✗ NOT expected"
    assert reported("moodycamel")["TSan"] == "✗ race, NOT expected 3 of 5 processes"
    assert reported("seqlock")["TSan"] == "? race, unknown (fences) 2 of 5 processes"
    assert reported("seqlock")["all in all"] == "✓ as expected"
    unlocked = reported("unlocked")
    assert unlocked["oracles"].startswith("✗ torn, as expected") and unlocked["oracles"].endswith("may: torn")
    assert unlocked["TSan"] == "✗ race, as expected 5 of 5 processes must: race"
    assert reported("mutex_condvar")["oracles"] == "✓ none seen"
    assert reported("treiber_aba", "controls")["oracles"] == "! lost not seen, expected 0 of 200 rounds must: lost"
    assert reported("double_checked/relaxed", "controls")["TSan"] == "! race not seen, expected 0 of 5 processes"
    assert reported("loses_every_1000th", "controls")["meant to be"] == "faulty"
    assert reported("loses_none", "controls")["meant to be"] == "corrected"
    assert reported("two_locks/scoped_lock", "controls")["meant to be"] == "corrected"
    opposite = reported("two_locks/opposite_order", "controls")
    assert "✗ deadlock, as expected 3 of 5 processes" in opposite["lock graph"]
    assert "✗ hang, as expected 1 of 200 rounds" in opposite["watchdog"]


@pytest.mark.parametrize(("unexpected", "kind"), [(0, "foreseen"), (5, "fail"), (6, "fail")])
def test_a_count_of_hidden_findings_has_the_kind_of_the_worst(unexpected: int, kind: str, tmp_path: Path) -> None:
    kinds = ("lost", "duplicated", "reordered", "not_linearizable", "false_empty", "use_after_free")
    lines = synthetic.expecting(*(("oracle.*", each, "may") for each in kinds[unexpected:]))
    found = [
        searches.searched("stress", "queue/transfer/wrong")
        | {"case": f"queue/transfer/wrong/set:{each}"}
        | {"verdict": synthetic.verdict("fail", each, as_expected=place >= unexpected, k=9, n=200, expectation=lines)}
        for place, each in enumerate(kinds)
    ]
    page = render(loaded(tmp_path, found)).html
    more = re.search(r'class="line (\w+)">and \d more<', page)
    assert more is not None and more[1] == kind


def test_controls_are_in_no_table_of_subjects_and_nowhere_ranked(whole: tuple[Dataset, Page]) -> None:
    page = whole[1].html
    matrix = re.search(r'<table id="matrix".*?</table>', page, re.DOTALL)
    assert matrix is not None
    for control in ("loses_every_1000th", "treiber_aba", "opposite_order"):
        assert control not in matrix[0] and control not in section(page, "which-one")
        assert control not in section(page, "queues")


def test_cells_lead_to_their_finding_and_unexpected_rows_are_chosen(whole: tuple[Dataset, Page]) -> None:
    page = whole[1].html
    link = re.search(r'href="#(race-\d+)">✗ race, NOT expected', page)
    assert link is not None
    report = re.search(rf'<details class="report" id="{link[1]}" open>.*?</summary>', page, re.DOTALL)
    assert report is not None and "race in moodycamel" in report[0] and 'class="fail"' in report[0]
    assert re.search(r'href="#deadlock-1">✗ deadlock, as expected', page) and 'id="deadlock-1"' in page
    assert 'id="matrix" data-rows="7" data-only="only unexpected"' in page
    chosen = [words(head) for head in re.findall(r"<tr data-chosen>(<th.*?</th>)", page)]
    assert chosen == ["moodycamel", "vyukov", "treiber_aba", "double_checked/relaxed"]


def test_columns_of_explorers_come_with_their_records(whole: tuple[Dataset, Page], tmp_path: Path) -> None:
    assert "explorer" not in section(whole[1].html, "correctness").replace("the explorer can", "")
    seen = searches.searched("explore", "queue/transfer/vyukov", result="fail", kind="lost", detector="explorer.weak")
    seen["params"] |= {"memory": "weak"}
    seen["case"] += "/memory:weak"
    clean = searches.searched("explore", "queue/transfer/vyukov", n=1000)
    page = render(loaded(tmp_path, [seen, clean])).html
    assert ">explorer</th>" in page and ">explorer weak</th>" in page
    cells = row(page, "matrix", "vyukov")
    assert cells[-3:-1] == ["✓ none seen", "✗ lost, NOT expected 1 of 200 rounds, first after 210 ms"]


def test_what_weak_memory_must_show_is_not_missed_where_it_was_not_explored(tmp_path: Path) -> None:
    lines = synthetic.expecting(("explorer.weak", "lost", "must"))
    strong = searches.searched("explore", "queue/transfer/control", control=True, expectation=lines)
    weak = searches.searched("explore", "queue/transfer/control", control=True, as_expected=False, expectation=lines)
    weak["params"] |= {"memory": "weak"}
    weak["case"] += "/memory:weak"
    cells = row(render(loaded(tmp_path, [strong, weak])).html, "controls", "control")
    assert cells[-3:-1] == ["✓ none seen", "! lost not seen, expected 0 of 200 rounds must: lost"]


def test_a_control_whose_fault_is_seen_by_another_detector_is_told_what_it_missed(tmp_path: Path) -> None:
    """If the engine says `not as expected` of a failure that may occur, then a `must` was missed."""
    lines = synthetic.expecting(("oracle.order", "reordered", "must"), ("watchdog", "hang", "may"))
    reported: synthetic.Record = synthetic.verdict("fail", "hang", detector="watchdog", k=4, n=200, expectation=lines)
    record = searches.searched("stress", "queue/transfer/control", control=True, **reported)
    cells = row(render(loaded(tmp_path, [record])).html, "controls", "control")
    assert "! reordered not seen, expected 0 of 200 rounds must: reordered" in cells
    assert any(cell.startswith("✗ hang, as expected 4 of 200 rounds") for cell in cells)


def test_a_line_for_any_detector_is_looked_for_by_the_watchdog(tmp_path: Path) -> None:
    lines = synthetic.expecting(("*", "lost_wakeup", "must"), ("watchdog", "hang", "may"))
    record = searches.searched("stress", "lock/lost_wakeup/x", control=True, as_expected=False, expectation=lines)
    cells = row(render(loaded(tmp_path, [record])).html, "controls", "lost_wakeup/x")
    assert cells[1:7] == [
        *("✗ NOT expected", "lock", "faulty", "✓ none seen"),
        "! lost wakeup not seen, expected 0 of 200 rounds must: lost wakeup; may: hang",
        "✓ none seen",
    ]


def test_what_nobody_could_judge_is_inconclusive_and_no_fault(tmp_path: Path) -> None:
    record = searches.searched("stress", "queue/transfer/vyukov", result="unknown", as_expected=False)
    record["verdict"] |= {"detector": None, "witness": None}
    data = loaded(tmp_path, [record])
    (only,) = correctness.matrix(data)
    (sighting,) = only.seen["process"]
    assert (sighting.result, sighting.kind, only.as_expected, only.inconclusive) == ("unknown", "", False, True)
    page = render(data)
    assert row(page.html, "matrix", "vyukov")[1] == "? inconclusive"
    assert "Inconclusive: vyukov." in page.html and "? 1 stress: inconclusive" in page.html
    assert "NOT expected" not in page.markdown and "| inconclusive |" in page.markdown


def test_a_control_whose_search_ends_unknown_was_not_caught(tmp_path: Path) -> None:
    lines = synthetic.expecting(("explorer", "race", "must"))
    caught = searches.searched(
        "explore", "lock/x/a", control=True, result="fail", kind="race", detector="explorer", k=1, expectation=lines
    )
    unknown = searches.searched(
        "explore", "lock/x/b", control=True, result="unknown", as_expected=False, expectation=lines
    )
    unknown["verdict"] |= {"detector": None, "kind": None}
    page = render(loaded(tmp_path, [caught, unknown]))
    assert "faulty controls were detected" not in page.html and "Inconclusive: x/b." in page.html
    cells = row(page.html, "controls", "x/b")
    assert cells[1] == "? inconclusive" and any(cell.startswith("? no verdict") for cell in cells)
    assert not any("not seen, expected" in cell for cell in cells)


def test_the_summary_speaks_of_what_was_found(whole: tuple[Dataset, Page]) -> None:
    page = whole[1]
    lead = words(re.search(r'<p class="lead">(.*?)</p>', page.html, re.DOTALL)[1])  # type: ignore[index]
    assert "Not as expected: moodycamel (race by TSan) and vyukov (duplicated by oracles)." in lead
    assert "Of 5 controls, 2 had unexpected results: treiber_aba (lost not seen by oracles)" in lead
    counts = re.findall(r'<li class="(?:pass|fail|foreseen|unknown)">(.*?)</li>', page.html)
    for reported in (
        "✗ 1 stress: fail, not expected",
        "! 1 stress: control not seen, expected",
        "✓ 8 stress cases as expected, 3 with a fault",
        "✗ 1 race finding (TSan), not expected",
        "? 1 race finding (TSan), unknown (fences)",
        "✗ 2 findings (lock graph), as expected",
        "! 1 race in controls (TSan) not seen, expected",
    ):
        assert reported in counts
    assert "Stress ran 10 cases in 2\u202f000 rounds; TSan ran 3 cases in 120 rounds." in section(page.html, "verdict")
    assert "| vyukov | queue | oracles: ✗ duplicated, NOT expected (3 of" in page.markdown
    assert r"treiber\_aba (control) | queue | oracles: ! lost not seen, expected" in page.markdown
    assert "more subjects in which nothing was seen, and 3 controls that came out as expected." in page.markdown


def test_a_clean_search_says_so_and_claims_no_proof(tmp_path: Path) -> None:
    page = render(loaded(tmp_path, [searches.searched("tsan", "queue/transfer/vyukov")]))
    assert "No detector found an unexpected fault in 1 subject." in page.html
    assert "watched 1 subjects and controls and reported no race. That is no proof." in section(page.html, "races")
    assert "No case was measured" not in page.html and "No case has a valid number" not in page.html


def test_a_race_has_both_its_stacks_side_by_side(whole: tuple[Dataset, Page]) -> None:
    part = section(whole[1].html, "races")
    report = next(each for each in re.split(r'(?=<details class="report")', part) if "race in unlocked" in each)
    assert "unlocked::set, unlocked.cpp:21 and unlocked::get, unlocked.cpp:24" in words(report)
    sides = re.findall(r'<div class="side">.*?</div>', report, re.DOTALL)
    assert len(sides) == 2 and "T1: write of 8 bytes" in sides[0] and "T2: read of 8 bytes" in sides[1]
    assert "scenarios/point/unlocked.cpp:21" in sides[0] and "scenarios/point/unlocked.cpp:24" in sides[1]
    folded = re.search(
        r'<details class="library"><summary>2 frames of libraries</summary>(.*?)</details>', sides[0], re.DOTALL
    )
    assert folded is not None and "std_thread.h:211" in folded[1]
    assert "Holds lock M12, made here" in sides[0] and "T1 was created here" in sides[0] and "team.cpp:88" in sides[0]
    assert "heap block of size 64" in report and "allocated here" in report
    assert "✗ as expected (must), seen in 5 of 5 processes" in words(report)
    assert "#0 first line of the report" in report
    fences = next(each for each in re.split(r'(?=<details class="report")', part) if "race in seqlock" in each)
    assert (
        "? unknown (fences), seen in 2 of 5 processes" in fences and "does not model std::atomic_thread_fence" in fences
    )


def test_the_unexpected_comes_first_and_many_expected_races_are_folded(tmp_path: Path) -> None:
    records = [searches.race(f"point_{i}", grade="must", as_expected=True, k=5) for i in range(8)]
    records.append(searches.race("surprise"))
    part = section(render(loaded(tmp_path, records)).html, "races")
    first, *others = re.findall(r'<details class="report" id="[^"]*"( open)?>\s*<summary><strong>race in (\w+)', part)
    assert first == (" open", "surprise") and [state for state, _ in others] == [""] * 8


def test_a_deadlock_is_drawn_and_told_in_words(whole: tuple[Dataset, Page]) -> None:
    part = section(whole[1].html, "deadlocks")
    actual, potential = part.split('<h3 id="deadlocks-potential">')
    reported = "thread 1 holds mutex a_ and waits for mutex b_, which thread 2 holds."
    for half in (actual, potential):
        drawing = re.search(r"<svg.*?</svg>", half, re.DOTALL)
        assert drawing is not None and "2 threads (round) and 2 locks (square)" in drawing[0]  # text alternative
        assert {"thread 1", "thread 2", "a_", "b_"} <= set(re.split(r"[<>\n]", drawing[0]))
        assert not re.search(r"url\((?!#)", drawing[0]) and "style=" not in drawing[0]
        assert reported in words(half) and "two_locks.cpp:60" in half and "two_locks.cpp:61" in half
        assert "thread 1: waits for mutex b_" in half and "Holds mutex a_, taken here" in half
    assert "deadlock in two_locks/opposite_order" in actual and "a control" in actual
    assert "potential deadlock in two_locks/opposite_order" in potential


def test_one_thread_and_one_lock_are_counted_in_the_singular(tmp_path: Path) -> None:
    alone = [searches.side("main", "waits for a mutex", [], searches.lock("a_"), searches.lock("a_"))]
    part = section(render(loaded(tmp_path, [searches.deadlock(threads=alone)])).html, "deadlocks")
    assert "1 thread (round) and 1 lock (square)." in part and "1 threads" not in part


def test_other_findings_of_the_lock_graph_are_told_in_words(tmp_path: Path) -> None:
    sleeping = [searches.side("main", "waits for a signal", [], searches.lock("ready_", "condition"))]
    records = [
        searches.deadlock("lost_wakeup", threads=sleeping, title="everybody sleeps"),
        searches.deadlock("misuse", threads=[], title="unlocked a mutex that it does not hold"),
    ]
    part = section(render(loaded(tmp_path, records)).html, "deadlocks")
    assert "main waits for condition ready_." in part and "<svg" not in part and "is not drawn" not in part
    assert "unlocked a mutex that it does not hold" in part


def test_a_control_puts_no_namesake_out(tmp_path: Path) -> None:
    """Names of lock programs are unique only within a workload: gate/opposite_order is right,
    two_locks/opposite_order is not."""
    clean = synthetic.case(synthetic.Subject("opposite_order", 1e6, 1.0, 0), "gate", {"pin": "compact"}, 0)
    clean |= {"family": "lock", "case": "lock/gate/opposite_order/pin:compact"}
    data = loaded(tmp_path, [clean, searches.deadlock()])
    (summary,) = [each for each in summarise(data.cases, data.findings) if each.subject == "opposite_order"]
    assert summary.workload == "gate" and summary.fault is None


def test_a_join_is_a_wait_for_a_thread(tmp_path: Path) -> None:
    threads = [
        searches.side("thread 1", "waits for a mutex", [], searches.lock("a_")),
        searches.side(
            "thread 2", "waits for the end of a thread", [], searches.lock("thread 1", "join"), searches.lock("a_")
        ),
    ]
    part = section(render(loaded(tmp_path, [searches.deadlock(threads=threads)])).html, "deadlocks")
    assert "thread 2 holds mutex a_ and waits for the end of thread 1." in part
    graph = cycle.graph_of(load([tmp_path / "run"]).findings[0].threads)
    assert [node.name for node in graph.nodes] == ["thread 1", "thread 2", "a_"]
    assert (1, 0, "waits for") in graph.edges


def test_equal_findings_of_several_processes_are_one(tmp_path: Path) -> None:
    cases = [searches.searched("stress", "lock/two_locks/opposite_order", control=True) | {"fork": i} for i in range(5)]
    seen = [searches.deadlock(k=1, n=1, title=title) for title in ("one", "one", "another")]
    seen_findings = loaded(tmp_path, [*cases, *seen]).findings
    assert [(finding.title, finding.k, finding.n) for finding in seen_findings] == [("one", 2, 5), ("another", 1, 5)]


@pytest.mark.parametrize("trouble", ["missing", "fails", "talks nonsense"])
def test_without_graphviz_the_cycle_is_told_in_words(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\n" + ("exit 1\n" if trouble == "fails" else "echo graph 1 2 3\n"), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing" if trouble == "missing" else tmp_path))
    part = section(render(loaded(tmp_path, [searches.deadlock()])).html, "deadlocks")
    reason = "is not installed" if trouble == "missing" else "failed"
    assert f"The graph is not drawn: Graphviz (dot) {reason}." in part
    assert "<svg" not in part and "thread 2 holds mutex b_ and waits for mutex a_, which thread 1 holds." in part


def test_graphviz_is_given_numbers_and_no_names() -> None:
    evil = 'a"];\n}</svg><script>alert(1)</script>\\'
    threads = [Thread(evil, "", (), (), Lock(evil + "1", evil, ()), (Lock(evil + "2", evil, ()),))]
    given = cycle.source(cycle.graph_of(threads))
    assert "alert" not in given and given.count("->") == 2 and re.fullmatch(r"[\w\s{}\[\]=,;.>\"-]*", given)
    drawing = cycle.draw("evil", threads, evil)
    assert "<script" not in drawing.markup and drawing.markup.count("</svg>") == 1


def test_locks_are_told_apart_and_a_lock_without_a_name_is_nobody_elses() -> None:
    def waits(name: str, wanted: str, held: str) -> Thread:
        return Thread(name, "", (), (), Lock(wanted, "mutex", ()), (Lock(held, "mutex", ()),))

    named = cycle.graph_of([waits("1", "b", "a"), waits("2", "a", "b")])
    assert len(named.nodes) == 4 and len(named.edges) == 4
    assert len(cycle.graph_of([waits("1", "", ""), waits("2", "", "")]).nodes) == 6
    with pytest.raises(cycle.NotDrawn, match="too many"):
        cycle.draw("x", [waits(str(i), f"l{i}", f"l{i + 1}") for i in range(40)], "many")


def test_hostile_findings_stay_text(tmp_path: Path) -> None:
    evil = synthetic.HOSTILE + '\n"]; n0 -> n1 [label="`|*_'
    stack = [searches.frame(evil, evil, 1, evil)]
    lock = {"name": evil, "kind": evil, "stack": stack}
    threads = [{**searches.side(evil, evil, stack, lock, lock), "created": stack}]
    location = {"what": evil, "stack": stack}
    reported: synthetic.Record = {
        "threads": threads,
        "location": location,
        "title": evil,
        "text": evil,
        "subject": evil,
        "case": evil,
    }
    records = [
        {**searches.race(), **reported, "workload": evil},
        {**searches.deadlock(), **reported, "workload": evil},
        searches.searched(
            "stress", "queue/transfer/x", result="fail", kind="lost", replay=evil, witness={"text": evil}
        ),
        {**searches.searched("stress", "queue/transfer/y", control=True), "subject": evil, "workload": evil},
    ]
    page = render(loaded(tmp_path, records))
    found = tree(page.html)
    assert not found.faults and not found.open
    assert [tag for tag, _ in found.tags].count("script") == 1 and "<script>alert" not in page.html
    assert not any(name.startswith("on") for _, attrs in found.tags for name in attrs)
    assert "&lt;script&gt;alert(1)" in section(page.html, "races") and "alert(1)" in section(page.html, "deadlocks")
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "<script>" not in page.markdown


@pytest.mark.parametrize(
    "record", [searches.race(**FACELESS), searches.deadlock(**FACELESS), searches.deadlock(threads=[])]
)
def test_findings_without_cases_stacks_or_names_still_give_a_page(record: synthetic.Record, tmp_path: Path) -> None:
    data = loaded(tmp_path, [record])
    page = render(data)
    assert not data.cases and not tree(page.html).faults
    assert "No case was measured" not in page.html
    cells = row(page.html, "controls" if record["control"] else "matrix", correctness_label(record))
    assert "not run" in cells
    if record["kind"] == "race":
        assert "The record has no stack of this." in section(page.html, "races")


def correctness_label(record: synthetic.Record) -> str:
    subject = str(record["subject"])
    return f"{record['workload']}/{subject}" if record["family"] == "lock" else subject


def test_without_such_engines_the_sections_say_what_to_run(tmp_path: Path) -> None:
    page = render(loaded(tmp_path, BENCH)).html
    assert "<code>make stress</code>" in section(page, "correctness") and "<table" not in section(page, "correctness")
    assert "`make tsan` runs every subject" in section(page, "races")
    assert "`make stress` runs every subject" in section(page, "deadlocks")
    assert "No Point and no program of locks was measured." in section(page, "points-and-locks")


@pytest.mark.parametrize(
    ("frame", "library"),
    [
        (Frame("std::mutex::lock()", "/usr/include/c++/12/bits/std_mutex.h", 100, ""), True),
        (Frame("execute_native_thread_routine", "", None, "libstdc++.so.6"), True),
        (Frame("start_thread", "", None, "libc.so.6"), True),
        (Frame("racetrack::point::set", "scenarios/point/unlocked.cpp", 3, "racetrack"), False),
        (Frame("", "", None, "racetrack"), False),
        (Frame("my_std::thing", "a.cpp", 1, ""), False),
        (Frame("push", "third_party/libcxx_queue.hpp", 1, "libc.so.6"), False),
    ],
)
def test_frames_of_libraries_are_told_from_the_programs_own(frame: Frame, library: bool) -> None:
    assert findings.is_library(frame) == library


def test_every_kind_of_verdict_has_words() -> None:
    schema = json.loads(check.SCHEMA.read_text(encoding="utf-8"))
    kinds = {
        *schema["$defs"]["verdict"]["properties"]["kind"]["enum"],
        *schema["$defs"]["finding"]["properties"]["kind"]["enum"],
    }
    assert {kind.replace("_", " ") for kind in kinds if kind} <= {term for term, _ in data_section.GLOSSARY}
