"""The page of a comparison: self-contained, escaped, and with the same text as the terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import escape

from racetrack_compare import export, output, page, wording
from racetrack_compare.comparison import Comparison, SideFacts, in_order, records_of
from racetrack_compare.judgement import VERDICTS, Rule, Sample, judge
from racetrack_report.check import parse
from tests.reports import synthetic


def made(cases: int = 4, pairs: int = 12, name: str = "queue/transfer/subject") -> Comparison:
    rng = np.random.default_rng(3)
    samples = []
    for index in range(cases):
        old = 100 * rng.lognormal(0, 0.1, pairs)
        new = old * (1.0, 1.3, 0.7, 1.02)[index % 4] * rng.lognormal(0, (0.005, 0.01, 0.01, 0.1)[index % 4], pairs)
        flags = tuple(bool(each % 2) for each in range(pairs))
        case = f"{name}/producers:{index}/pin:compact"
        samples.append(Sample(case, "time per item", tuple(map(float, old)), tuple(map(float, new)), True, flags))
    samples.append(Sample(f"{name}/failed", "", (), (), True, reason="NEW failed in 3 of 3 forks (lost)", code=1))
    rule = Rule(lambda case, n: 0.03)
    machine, build = synthetic.machine(), synthetic.BUILD
    sides = SideFacts("build/old", machine, build), SideFacts("build/new", machine, build)
    judged = tuple(judge(samples, rule))
    return Comparison("made", *sides, judged, rule, True, "2026-11-23T10:00:00.000Z", "scripts/compare a b")


def rendered(comparison: Comparison) -> str:
    lines = [json.dumps(parse(json.dumps(record).encode())) for record in records_of(comparison)]
    return page.render(comparison, lines)


def test_the_page_is_self_contained_and_says_what_the_terminal_says() -> None:
    comparison = made()
    html = rendered(comparison)
    assert not re.search(r'(?:src|href)="(?!#|data:)', html), "nothing is loaded from anywhere"
    assert "default-src &#39;none&#39;" in html
    for sentence in wording.sentences(comparison):
        assert str(escape(sentence)) in html and sentence in "\n".join(output.summary(comparison))
    for word in ("✗ 1 slower", "✓ 1 faster", "? 1 inconclusive", "= 1 same", "– 1 no verdict"):
        assert word in html
    assert 'data-only="only what is not the same"' in html and html.count("data-chosen") == 4


@pytest.mark.parametrize("paired", [True, False])
def test_costs_in_run_order_name_the_side_that_ran_first(paired: bool) -> None:
    whole = made(1, 3)
    samples = [each.sample if paired else replace(each.sample, paired=False, new_first=()) for each in whole.judged]
    html = rendered(replace(whole, judged=tuple(judge(samples, whole.rule)), paired=paired))
    table = re.search(r'<table id="order-data".*?</table>', html, re.DOTALL)
    assert table is not None
    rows = [
        [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)
    ]
    assert rows[0] == (["case", "pair", "OLD", "NEW", "ran first"] if paired else ["case", "fork", "OLD", "NEW"])
    assert [row[1] for row in rows[1:]] == ["1", "2", "3"]
    sample = samples[0]
    assert [row[2:4] for row in rows[1:]] == [[f"{o:.4g}", f"{n:.4g}"] for o, n in zip(sample.old, sample.new)]
    assert [row[4:] for row in rows[1:]] == ([["OLD"], ["NEW"], ["OLD"]] if paired else [[]] * 3)


def test_hostile_names_are_text_everywhere() -> None:
    comparison = made(name=f"queue/{synthetic.HOSTILE}/=1+1")
    html = rendered(comparison)
    assert "<script>alert" not in html
    assert "<script>" not in export.markdown(comparison)


def test_the_worst_stands_first() -> None:
    comparison = made()
    assert [each.verdict for each in in_order(comparison.judged, VERDICTS)] == [
        *("slower", "faster", "inconclusive", "no verdict", "same")
    ]


def test_sarif_has_a_result_for_what_needs_a_look_and_its_place_is_the_record() -> None:
    comparison = made()
    (run,) = json.loads(export.sarif(comparison))["runs"]
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels == {"slower": "error", "no-verdict": "warning", "inconclusive": "note"}
    lines = records_of(comparison)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (place,) = result["locations"]
        line = place["physicalLocation"]["region"]["startLine"]
        assert lines[line - 1]["case"] == place["logicalLocations"][0]["fullyQualifiedName"]


def test_every_verdict_fits_the_schema() -> None:
    for record in records_of(made()):
        parse(json.dumps(record).encode())


@pytest.mark.parametrize("cases", [0, 1, 3])
def test_few_cases_have_a_page_as_well(cases: int) -> None:
    assert "Verdict" in rendered(made(cases))


def test_hundreds_of_cases_have_a_page_that_draws_the_foremost() -> None:
    html = rendered(made(200))
    assert "140 more cases, with smaller effects, are in the table." in html
    assert html.count('<svg class="plot"') == 1 + 24
