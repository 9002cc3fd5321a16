"""The whole page: correct, valid, self-contained HTML that shows nothing it must not."""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import html.parser
import json
import re
from pathlib import Path

import pytest
from racetrack_report import calibration, command, export, palette
from racetrack_report.calibration import Calibration
from racetrack_report.loader import load
from racetrack_report.model import Dataset
from racetrack_report.page import render
from racetrack_report.ranking import rank_all
from racetrack_report.sections import environment, verdict
from racetrack_report.summary import summarise

from tests.reports import synthetic

VOID = {"meta", "input", "br", "img", "link", "hr"}
SHAPES = {"path", "use", "rect", "circle", "line", "clippath", "g", "defs", "svg", "text", "tspan"}


class Tree(html.parser.HTMLParser):
    """Collects tags and attributes, and reports tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def tree(page: str) -> Tree:
    found = Tree()
    found.feed(page)
    found.close()
    return found


def data_of(folder: Path, records: list[synthetic.Record]) -> Dataset:
    return load([synthetic.write_run(folder, records)])


@pytest.fixture(scope="module", name="full")
def _full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, str]:
    data = data_of(tmp_path_factory.mktemp("runs") / "full", synthetic.sweep(accidents=True))
    return data, render(data).html


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_every_section_is_there_in_order_and_headings_do_not_skip(full: tuple[Dataset, str]) -> None:
    _, page = full
    assert re.findall(r'<section id="([^"]+)"', page) == [
        *("verdict", "which-one", "environment", "queues", "latency", "points-and-locks", "correctness", "races"),
        *("deadlocks", "exploration", "mutation", "pools-processes-io", "lecture-twins", "noise", "data"),
    ]
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


def test_the_page_nests_and_its_ids_are_unique(full: tuple[Dataset, str]) -> None:
    found = tree(full[1])
    assert not found.faults and not found.open
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in found.tags:
        if (target := attrs.get("href") or "").startswith("#"):
            assert target[1:] in ids, (tag, target)
        for reference in (attrs.get("aria-labelledby") or "").split():
            assert reference in ids


def test_nothing_is_loaded_and_only_this_style_and_script_may_run(full: tuple[Dataset, str]) -> None:
    page = full[1]
    found = tree(page)
    for tag, attrs in found.tags:
        assert "style" not in attrs and not any(name.startswith("on") for name in attrs)
        for name in ("src", "href"):
            assert (attrs.get(name) or "#").startswith(("#", "data:")), (tag, attrs)
    assert "url(http" not in page and "@import" not in page
    policy = next(attrs["content"] or "" for _, attrs in found.tags if attrs.get("http-equiv"))
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for tag in ("style", "script"):
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(blocks) == 1
        assert base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode() in policy


def test_figures_say_what_they_find_and_have_their_data(full: tuple[Dataset, str]) -> None:
    figures = re.findall(r"<figure.*?</figure>", full[1], re.DOTALL)
    assert len(figures) > 8
    for figure in figures:
        assert re.search(r"<figcaption><strong>[^<]+</strong> [^<]{20,}</figcaption>", figure)
        drawings = re.findall(r"<svg [^>]*>", figure)
        assert drawings and all('role="img"' in d and re.search(r'aria-label="[^"]{20,}"', d) for d in drawings)
        assert re.search(r"<details><summary>.*<table.*<td", figure, re.DOTALL)


def test_tables_are_reachable_and_labelled(full: tuple[Dataset, str]) -> None:
    page = full[1]
    assert (
        page.count("<table ")
        == page.count("<caption ")
        == len(re.findall(r'role="group" tabindex="0" aria-labelledby', page))
    )
    assert '<th scope="col"' in page and "<th>" not in page
    for rows in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        assert len(re.findall("<tr[ >]", rows)) == rows.count('<th scope="row"') + rows.count("colspan")


def test_no_stand_in_colour_is_left(full: tuple[Dataset, str]) -> None:
    for stand_in in palette.variables():
        assert stand_in not in full[1]
    drawn = "".join(re.findall(r"<svg.*?</svg>", full[1], re.DOTALL))
    assert not re.search(r"#[0-9a-f]{6}\b", drawn)


def test_text_in_figures_stays_text(full: tuple[Dataset, str]) -> None:
    assert re.search(r"<text[^>]*>\s*moodycamel", full[1])
    assert "font: " in full[1] and "DejaVu" not in "".join(re.findall(r"<svg.*?</svg>", full[1], re.DOTALL))


def test_a_failed_subject_has_its_verdict_and_no_number(full: tuple[Dataset, str]) -> None:
    """No number in text, tables or figures: boost_lockfree lost an item in one fork of one case."""
    data, page = full
    rankings = rank_all(summarise(data.cases))
    assert all("boost_lockfree" not in e.summary.subject for r in rankings for e in r.entries)
    assert any("boost_lockfree" in s.subject for r in rankings for s in r.out)
    assert "boost_lockfree lost items and is out" in page
    for row in re.findall(r"<tr><th scope=\"row\"[^>]*>.*?</tr>", page):
        if "boost_lockfree" in row and 'class="name"' not in row and "winner" not in row:
            assert not re.search(r"\d (?:[kMG] )?items/s|\d [nµm]s\b", row), row
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert "boost_lockfree" not in drawn


def test_the_torn_prints_are_shown_struck_out_with_their_count(full: tuple[Dataset, str]) -> None:
    row = re.search(r"<tr><th[^>]*>(?:<span[^>]*></span>)?<s>unsynchronised</s>.*?</tr>", section(full[1], "queues"))
    assert row is not None and "2\u202f472" in row[0] and "as expected" in row[0]


def test_verdicts_are_counted_as_expected_and_not(full: tuple[Dataset, str]) -> None:
    words = re.findall(r"<li class=\"(?:pass|fail|foreseen|unknown)\">(.*?)</li>", full[1])
    assert "✗ 2 fail, not expected" in words and "✗ 1 fail, as expected" in words
    assert "! 1 fork killed by a signal" in words and "! 1 fork timed out" in words
    assert any(re.fullmatch(r"✓ \d+ pass, as expected", word) for word in words)


def test_the_summary_gives_a_ratio_with_its_interval(full: tuple[Dataset, str]) -> None:
    lead = re.search(r'<p class="lead">(.*?)</p>', full[1], re.DOTALL)
    assert lead is not None
    assert re.search(
        r"For 1 producer × 1 consumer of 8 bytes, bounded to 1024, boost_spsc \(yield\) moves "
        r"\d\.\d+× \[[\d.]+, [\d.]+\] more than \w+",
        lead[1],
    )


def test_records_and_csv_are_in_the_page(full: tuple[Dataset, str]) -> None:
    data, page = full
    packed = re.search(r'href="data:application/gzip;base64,([^"]+)" download="records.jsonl.gz"', page)
    assert packed is not None
    lines = gzip.decompress(base64.b64decode(packed[1])).decode().splitlines()
    assert len(lines) == len(data.raw_lines)
    assert json.loads(lines[5]) == json.loads(data.raw_lines[5])
    plain = re.search(r'href="data:text/csv[^,]*,([^"]+)" download="records.csv"', page)
    assert plain is not None
    assert base64.b64decode(plain[1]).decode().count("\n") == len(data.cases) + 1


def test_a_hostile_name_stays_text_everywhere(tmp_path: Path) -> None:
    evil = synthetic.Subject(synthetic.HOSTILE, 15, 1.2, 0.05)
    records = synthetic.sweep((evil, *synthetic.SUBJECTS[:2]), accidents=False)
    records[1]["verdict"]["witness"] = {"text": synthetic.HOSTILE}
    records[1]["verdict"].update(result="unknown", as_expected=False, replay=synthetic.HOSTILE)
    records[0]["machine"]["cpu"] = records[0]["plan"]["command"] = synthetic.HOSTILE
    data = data_of(tmp_path / "run", records)
    page = render(data)
    found = tree(page.html)
    assert not found.faults and not found.open
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert "alert(1)" in page.html and "<script>alert" not in page.html
    names = {name for _, attrs in found.tags for name in attrs}
    assert not any(name.startswith("on") for name in names)
    assert "<script>" not in re.sub("```.*?```", "", page.markdown, flags=re.DOTALL)
    drawn = re.findall(r"<text[^>]*>[^<]*&lt;script&gt;[^<]*</text>", page.html)
    assert drawn and "$x_$" in drawn[0]  # dollar signs do not start mathematics


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ("interrupted", "Interrupted: the run was stopped"),
        ("cut", "Cut off: the run has no closing record"),
        ("begin only", "No case was measured."),
        ("no environment", "machine and plan of this run are unknown"),
        ("all crashed", "No case has a valid number."),
        ("one fork", "too few"),
        ("one case", "only mutex_condvar (block) has a number"),
        ("nulls", "Verdict"),
    ],
)
def test_a_run_that_is_not_whole_still_gives_a_page_that_says_so(change: str, reported: str, tmp_path: Path) -> None:
    subjects = synthetic.SUBJECTS[: 1 if change == "one case" else 2]
    records = synthetic.sweep(
        subjects, forks=1 if change == "one fork" else 6, wide=False, interrupted=change == "interrupted"
    )
    if change == "cut":
        records = records[: len(records) // 2]
    if change == "begin only":
        records = records[:1]
    if change == "no environment":
        records = records[1:-1]
    for record in records:
        if change == "all crashed" and record["record"] == "case":
            record.update(metrics={}, values={}, histograms={}, ended={"how": "signal", "value": 11})
            record["verdict"] = synthetic.verdict("fail", "crash")
        if change == "nulls" and record["record"] == "case":
            record["metrics"] = {name: None for name in record["metrics"]}
    page = render(data_of(tmp_path / "run", records))
    assert reported in page.html and not tree(page.html).faults
    if change == "one fork":
        assert "undecided, too few forks" in page.html and "| undecided, too few forks" in page.markdown
    if change in ("interrupted", "cut"):
        assert "Planned but not (fully) run" in page.html
        assert reported[:11] in page.markdown


def test_every_planned_case_that_did_not_run_is_listed(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[:2], forks=2, wide=False)
    gone = records[1]["case"]
    page = render(data_of(tmp_path / "run", [r for r in records if r.get("case") != gone])).html
    missing = re.search(r'<table id="missing".*?</table>', page, re.DOTALL)
    assert missing is not None and f">{gone}</th>" in missing[0] and "0 of 2" in missing[0]


def test_ties_are_ties_and_winners_win(tmp_path: Path) -> None:
    twins = tuple(synthetic.Subject(name, ns, 1.2, 0.05) for name, ns in (("one", 20), ("two", 20.2), ("slow", 60)))
    rankings = rank_all(summarise(data_of(tmp_path / "run", synthetic.sweep(twins, wide=False)).cases))
    for ranking in rankings:
        assert {entry.summary.subject for entry in ranking.winners} == {"one", "two"}
        assert ranking.runner_up is not None and ranking.runner_up.summary.subject == "slow"
        assert "are tied at about" in verdict.sentence(ranking)


@pytest.mark.parametrize("forks", [2, 3])
def test_a_place_is_undecided_where_other_work_disturbed_more_than_a_third_of_the_forks(
    forks: int, tmp_path: Path
) -> None:
    fast, slow = (synthetic.Subject(name, ns, 1.2, 0.05) for name, ns in (("fast", 20), ("slow", 60)))
    records = synthetic.sweep((fast, slow), wide=False)
    for record in records:
        if record.get("subject") == "fast" and record["workload"] == "transfer" and record["fork"] < forks:
            record["disturbed"] = True
    page = render(data_of(tmp_path / "run", records)).html
    winner = section(page, "which-one")
    assert ("undecided, disturbed: fast" in winner) == (forks == 3)
    assert "Other work on the machine disturbed" in page


def test_the_standings_have_every_subject_without_a_number_and_why(tmp_path: Path) -> None:
    names = [f"late{place}" for place in range(10)]
    subjects = tuple(synthetic.Subject(name, 20, 1.2, 0.05) for name in ("one", *names))
    records = synthetic.sweep(subjects, forks=2, wide=False)
    for record in records:
        if record.get("subject") in names and record["workload"] == "transfer":
            end = {"how": "timeout", "value": 9} if record["fork"] else {"how": "interrupted", "value": 2}
            record |= {"ended": end, "metrics": {}, "values": {}, "verdict": synthetic.verdict("unknown", None)}
    page = render(data_of(tmp_path / "run", records)).html
    assert "and 2 more" in section(page, "which-one")
    standings = re.search(r'<table id="standings".*?</table>', page, re.DOTALL)
    assert standings is not None
    for name in names:
        row = next(row for row in re.findall(r"<tr>.*?</tr>", standings[0], re.DOTALL) if f"{name} (" in row)
        assert re.search("no number: (interrupted, timed out|timed out, interrupted)", row), row


def test_captions_name_their_quantity_and_range(full: tuple[Dataset, str]) -> None:
    page = full[1]
    for words, level in (("median", "median"), ("99th percentile", "p99")):
        finding = rf"At 1.00 M items/s offered, lowest {level}: [^;]+; highest: "
        assert re.search(rf'aria-label="Paced delivery against offered load: {words}. {finding}', page)
        assert re.search(rf"<figcaption><strong>[^<]*: {words}.</strong> {finding}", page)
    for span in ("2 to 4 threads", "payload 8 to 256 bytes", "capacity 16 to 65536 items"):
        assert re.search(rf"Throughput from {span}: [^×]+ ×[\d.]+ \(best\), [^×]+ ×[\d.]+ \(worst\)\.", page), span


def test_bounded_and_unbounded_never_meet_and_controls_take_no_part(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[:4], wide=False)
    for record in records:
        if record.get("subject") == "moodycamel":
            record["control"] = True
    rankings = rank_all(summarise(data_of(tmp_path / "run", records).cases))
    for ranking in rankings:
        assert len({entry.summary.setting.bound for entry in ranking.entries}) == 1
        assert all(entry.summary.subject != "moodycamel" for entry in ranking.entries)


def test_red_warnings_name_what_spoils_the_numbers(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[:2], forks=2, wide=False)
    records[-1]["machine"]["steal_ratio"] = 0.2
    records[1]["placement"][0]["cpu"] = None
    records[0]["machine"]["tsc"]["invariant"] = False
    data = data_of(tmp_path / "run", records)
    red = " ".join(note.text for note in environment.notes(data, summarise(data.cases)) if note.level == "red")
    for words in ("Threads exceed hardware threads in 6 of 14 cases", "steal", "not pinned in 1 of", "not invariant"):
        assert words in red


def test_clock_skew_hides_latencies_below_it(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[7:9], wide=False)
    for record in (records[0], records[-1]):
        record["machine"]["tsc"]["skew_ns"] = 5e8
    page = render(data_of(tmp_path / "run", records)).html
    table = re.search(r'<table id="delivery-table".*?</table>', page, re.DOTALL)
    assert table is not None and "below 500 ms" in table[0]
    trips = re.search(r'<table id="trip-table".*?</table>', page, re.DOTALL)
    assert trips is not None and "below" not in trips[0]  # one clock on one CPU: skew has no part in it


def test_an_engine_that_times_nothing_has_no_rate_of_the_clock(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[7:9], wide=False)
    explored = synthetic.environment("begin", "later", engine="explore")
    del explored["machine"]["tsc"]["hz"], explored["machine"]["tsc"]["skew_ns"]
    page = render(data_of(tmp_path / "run", [*records, explored])).html
    cells = re.findall(r"<td>(invariant[^<]*)</td>", page)
    assert "invariant" in cells and any("MHz" in cell for cell in cells), cells


def test_the_clocks_of_other_engines_hide_no_latency(tmp_path: Path) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[7:9], wide=False)
    late = synthetic.environment("begin", "later", engine="explore")
    late["machine"]["tsc"]["skew_ns"] = 5e8
    data = data_of(tmp_path / "run", [*records, late])
    assert any(call.engine == "explore" for call in data.invocations)
    table = re.search(r'<table id="delivery-table".*?</table>', render(data).html, re.DOTALL)
    assert table is not None and "below" not in table[0]


def test_what_equal_builds_showed_stands_in_noise_or_how_to_find_out(tmp_path: Path) -> None:
    data = data_of(tmp_path / "run", synthetic.sweep(synthetic.SUBJECTS[:2], forks=3, wide=False))
    known = Calibration(
        "f00dcafe", "2026-11-23T10:00:00.000Z", "abc", 0.05, 0.3, 12, 40, 1, {"queue/transfer/x": (0.1, -0.1, 0.05)}
    )
    reported = section(render(data, [known]).html, "noise")
    assert (
        "1 of 40 comparisons of 1 cases gave a false alarm, which is 2.5 % [" in reported
        and "With 12 pairs" in reported
    )
    assert "`make calibrate` measures it" in section(render(data).html, "noise")


def test_the_report_finds_what_is_known_of_its_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = synthetic.sweep(synthetic.SUBJECTS[:2], forks=3, wide=False)
    print_of = records[0]["machine"]["fingerprint"]
    run = synthetic.write_run(tmp_path / "runs" / "one", records)
    known = Calibration(print_of, "2026-11-23T10:00:00.000Z", "abc", 0.05, 0.3, 12, 40, 1, {"x": (0.1, -0.1)})
    kept = calibration.save(tmp_path, known)
    assert command.make(tmp_path, [run]) == 0
    assert "1 of 40 comparisons" in section((run / "report.html").read_text("utf-8"), "noise")
    kept.write_text("{", encoding="utf-8")
    assert command.make(tmp_path, [run]) == 0, "a damaged calibration costs the page nothing but that paragraph"
    assert "is not a calibration" in capsys.readouterr().err


def test_more_records_than_a_page_can_hold_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "runs" / "huge"
    run.mkdir(parents=True)
    (run / "records.jsonl").write_bytes(b"{}\n" * 100_000)
    monkeypatch.setenv("RACETRACK_REPORTS", str(tmp_path))
    assert command.main(["huge"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "huge: 100000 records, and a page holds at most 40000: measure fewer cases at once" in line
    assert [path.name for path in run.iterdir()] == ["records.jsonl"]


def test_rendering_is_pure(tmp_path: Path) -> None:
    data = data_of(tmp_path / "run", synthetic.sweep(synthetic.SUBJECTS[:3], forks=3, wide=False))
    assert render(data) == render(copy.copy(data))


def test_exports_leave_out_failed_numbers_and_formulas(full: tuple[Dataset, str]) -> None:
    rows = export.csv_of(full[0]).splitlines()
    failed = [row for row in rows if ",fail,lost," in row]
    assert len(failed) == 1 and not re.search(r"\d{5,}\.\d", failed[0])
    files = export.hgrms(full[0])
    assert len(files) == sum(len(c.histograms) for c in full[0].cases if c.timed)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.hgrm", name) and len(name) < 200 for name in files)


def test_hgrm_has_the_columns_of_hdrhistogram(full: tuple[Dataset, str]) -> None:
    histogram = next(h for c in full[0].cases for h in c.histograms.values())
    lines = export.hgrm_of(histogram).splitlines()
    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    rows = [line.split() for line in lines[2:] if line and not line.startswith("#")]
    shares = [float(row[1]) for row in rows]
    assert shares == sorted(shares) and shares[-1] == 1.0 and rows[-1][3] == "inf"
    assert int(rows[-1][2]) == histogram.count


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear: list[float] = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [1, 2])
def test_every_colour_that_carries_text_can_be_read(theme: int) -> None:
    papers = [palette.INK["paper"][theme], palette.INK["shade"][theme]]
    inks = [palette.INK[role][theme] for role in ("ink", "muted", "accent")] + [c[theme] for c in palette.SERIES]
    for paper in papers:
        for ink in inks:
            low, high = sorted((luminance(paper), luminance(ink)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)
