"""Mutants of memory orders: parsing of sources, results of mutants, parsing of a program's output, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racetrack_report.loader import UnusableInput, load
from racetrack_report.model import Dataset
from racetrack_report.page import render
from tests.mutants import oracles, records
from tests.mutants.building import DoesNotBuild, Recipe, build_mutant
from tests.mutants.exploring import Outcome, outcome_of
from tests.mutants.operations import places_of
from tests.mutants.survivors import Explanation, explanations, stale
from tests.mutants.tokens import tokens_of
from tests.mutants.weakening import Mutant, mutants_of
from tests.mutants.workloads import Workload, workloads
from tests.reports import synthetic
from tests.reports.synthetic import Record

SOURCE = """// std::memory_order_release in a comment is none
template <class Item, typename T = std::pair<int, int>>
class Box : public Base<Item> {
 public:
  explicit Box(int size) : size_(size), items_(make<Item[]>(size)) {
    cells_[size - 1].word.store(1, std::memory_order_release);
  }
  ~Box() { word_.load(std::memory_order_acquire); }
  bool take(int* place) noexcept {
    const char* text = "x.load(std::memory_order_acquire)";
    if (flag_.compare_exchange_weak(*place, f(1, 2), std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      return [&] { return other->word.exchange(1, std::memory_order::seq_cst) == 1; }();
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    word_.store(1, std::memory_order_relaxed);
    word_.store(2, std::memory_order_release);
    return text != nullptr;
  }

 private:
  struct alignas(64) Inner {
    std::atomic<int> next{0};
    int get() const { return next.load(std::memory_order_acquire); }
  };
  std::atomic<bool> flag_{false};
};
"""


def names(source: str = SOURCE) -> list[str]:
    return [mutant.name for mutant in mutants_of(source)]


def test_every_order_is_found_with_its_operation_and_function() -> None:
    assert [(place.line, place.function, place.operation, place.kind, place.order) for place in places_of(SOURCE)] == [
        (6, "Box::Box", "cells_[size-1].word.store", "store", "release"),
        (8, "Box::~Box", "word_.load", "load", "acquire"),
        (11, "Box::take", "flag_.compare_exchange_weak", "exchange", "acq_rel"),
        (12, "Box::take", "flag_.compare_exchange_weak on failure", "load", "acquire"),
        (13, "Box::take", "other->word.exchange", "exchange", "seq_cst"),
        (15, "Box::take", "atomic_thread_fence", "fence", "seq_cst"),
        (16, "Box::take", "word_.store", "store", "relaxed"),
        (17, "Box::take", "word_.store", "store", "release"),
        (24, "Box::Inner::get", "next.load", "load", "acquire"),
    ]


def test_each_order_is_weakened_to_all_that_are_valid_for_its_operation() -> None:
    assert names() == [
        "Box::Box cells_[size-1].word.store release relaxed",
        "Box::~Box word_.load acquire relaxed",
        "Box::take flag_.compare_exchange_weak acq_rel acquire",
        "Box::take flag_.compare_exchange_weak acq_rel release",
        "Box::take flag_.compare_exchange_weak acq_rel relaxed",
        "Box::take flag_.compare_exchange_weak on failure acquire relaxed",
        "Box::take other->word.exchange seq_cst acq_rel",
        "Box::take other->word.exchange seq_cst acquire",
        "Box::take other->word.exchange seq_cst release",
        "Box::take other->word.exchange seq_cst relaxed",
        "Box::take atomic_thread_fence seq_cst acq_rel",
        "Box::take atomic_thread_fence seq_cst acquire",
        "Box::take atomic_thread_fence seq_cst release",
        "Box::take atomic_thread_fence seq_cst none",
        "Box::take word_.store#2 release relaxed",
        "Box::Inner::get next.load acquire relaxed",
    ]


def test_a_mutant_differs_in_its_order_only() -> None:
    for each in mutants_of(SOURCE):
        before, after = SOURCE.splitlines(), each.text.splitlines()
        changed = [i for i, (old, new) in enumerate(zip(before, after, strict=True), start=1) if old != new]
        assert changed == [each.place.line]
        new = after[each.place.line - 1]
        assert f"std::memory_order_{each.weaker}" in new or (each.weaker == "none" and new.strip() == ";")


def test_a_mutant_keeps_its_name_when_lines_are_added_above() -> None:
    assert names(f"\n// more\n\n{SOURCE}") == names()


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("int f() { auto order = std::memory_order_acquire; }", "line 1: an order that is not an argument of a call"),
        ("int f() {\n g(std::memory_order_acquire; }", "line 2: a bracket without its partner"),
        ("int f() { return 1;", "line 1: a bracket without its partner"),
        ("\n'", "line 2: no C.. token"),
    ],
)
def test_text_that_cannot_be_parsed_is_rejected_with_its_line(source: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        mutants_of(source)


def test_comments_directives_and_literals_are_single_or_no_tokens() -> None:
    source = '#include <a>\n#define X \\\n  y(\n/* ( */ R"mark(") ( )mark" u8"\\"(" \'(\' 1\'000.5e-3 a->b // )\n'
    literals = ['R"mark(") ( )mark"', 'u8"\\"("', "'('", "1'000.5e-3"]
    assert [token.text for token in tokens_of(source)] == [*literals, "a", "->", "b"]


def test_every_order_of_the_headers_that_are_mutated_is_found() -> None:
    """As many as a text search finds outside comments."""
    found = workloads()
    assert len(found) >= 5
    for workload in found:
        text = workload.header.read_text(encoding="utf-8")
        written = sum(line.split("//")[0].count("memory_order_") for line in text.splitlines())
        assert len(places_of(text)) == written > 0


LINKER = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
echo half > "$2"
case $2 in *.o) exit 0 ;; esac
[ ! -e cut_off ] || kill -KILL $$
echo whole > "$2"
"""


def test_a_program_whose_linker_was_killed_is_built_again(tmp_path: Path) -> None:
    linker, program, folder = tmp_path / "linker", tmp_path / "mutants_a", tmp_path / "mutant"
    linker.write_text(LINKER, encoding="utf-8")
    linker.chmod(0o755)
    program.touch()
    (tmp_path / "cut_off").touch()
    compiling = (str(linker), "-I.", "-c", "a.cpp", "-o", "a.o")
    recipe = Recipe(tmp_path, program, compiling, (str(linker), "a.o", "-o", "mutants_a"))
    workload = Workload(tmp_path / "a.hpp", "mutants_a")
    with pytest.raises(DoesNotBuild, match="ended with -9"):
        build_mutant(recipe, workload, mutant(), folder)
    (tmp_path / "cut_off").unlink()
    assert build_mutant(recipe, workload, mutant(), folder).read_text(encoding="utf-8") == "whole\n"


FOUND = """one: nothing found in 20000 executions, 0.5000 s; exhausted: all schedules within 2 preemptions and \
fairness budget 3
two: race (execution 17, pct3, 0.0100 s): race: two threads
  step  thread 0 (main)
  replay: --replay explore.0123.T1x2.two
"""


def test_a_failed_test_kills_with_its_kind_its_execution_and_its_replay_command() -> None:
    found = outcome_of("sc", "build/m", 1, FOUND, "")
    assert (found.result, found.kind, found.test, found.executions) == ("killed", "race", "two", 17)
    assert found.replay == "build/m --replay explore.0123.T1x2.two --print"


def test_a_mutant_that_no_test_fails_survives_all_their_executions() -> None:
    quiet = (
        "one: nothing found in 300 executions, 0.5 s\n"
        "two: nothing found in 20 executions, 0.1 s; exhausted: all; weak memory: a load\n"
    )
    found = outcome_of("sc", "m", 0, quiet, "")
    assert (found.result, found.executions) == ("survived", 320)


@pytest.mark.parametrize(
    ("code", "output", "errors", "text"),
    [
        (3, "one: cannot be explored: it reads\n", "", "one: cannot be explored: it reads"),
        (3, "one: nothing found in 5 executions, 0.1 s\ntwo: not deterministic: x\n", "", "two: not deterministic: x"),
        (-11, "", "", "ended with -11"),
        (70, "one: nothing found in 5 executions, 0.1 s\n", "broken", "broken"),
    ],
)
def test_an_unexplored_mutant_is_neither_killed_nor_a_survivor(code: int, output: str, errors: str, text: str) -> None:
    found = outcome_of("sc", "m", code, output, errors)
    assert (found.result, found.text) == ("unknown", text)


def test_explanations_are_read_and_wrong_ones_rejected(tmp_path: Path) -> None:
    kept = tmp_path / "survivors.toml"
    kept.write_text('[[survivor]]\nheader = "a.hpp"\nmutants = ["m", "n"]\nwhy = "redundant"\nbecause = "it\nis"\n')
    with pytest.raises(UnusableInput):
        explanations(kept)
    kept.write_text('[[survivor]]\nheader = "a.hpp"\nmutants = ["m", "n"]\nwhy = "redundant"\nbecause = """it\nis"""\n')
    assert explanations(kept) == [Explanation("a.hpp", ("m", "n"), "redundant", "it is")]
    kept.write_text('[[survivor]]\nheader = "a.hpp"\nmutants = []\nwhy = "no reason"\nbecause = "it is"\n')
    with pytest.raises(UnusableInput, match="survivor 1"):
        explanations(kept)


def test_an_explanation_of_a_killed_mutant_is_stale() -> None:
    known = [Explanation("a.hpp", ("m", "n"), "redundant", "so"), Explanation("b.hpp", ("x",), "outside", "so")]
    assert stale(known, [("a.hpp", "m")], ["a.hpp"]) == [("a.hpp", "n")]
    assert not stale(known, [], [])


def outcome(result: str, memory: str = "sc", **extra: Any) -> Outcome:
    return Outcome(memory, result, 12, 0.5, **extra)


def mutant(weaker: str = "relaxed") -> Mutant:
    return next(each for each in mutants_of(SOURCE) if each.weaker == weaker)


EXPLAINED = Explanation("a.hpp", ("m",), "redundant", "as right as it was")


@pytest.mark.parametrize(
    ("which", "outcomes", "explanation", "expected"),
    [
        (None, [outcome("survived")], None, True),
        (None, [outcome("killed")], None, False),
        (mutant(), [outcome("killed")], None, True),
        (mutant(), [outcome("survived"), outcome("killed", "weak")], None, True),
        (mutant(), [outcome("survived")], None, False),
        (mutant(), [outcome("survived")], EXPLAINED, True),
        (mutant(), [outcome("killed")], EXPLAINED, False),
        (mutant(), [outcome("unknown")], None, False),
        (mutant(), [outcome("unknown"), outcome("killed", "weak")], None, False),
    ],
)
def test_expectation_of_a_mutant(
    which: Mutant | None, outcomes: list[Outcome], explanation: Explanation | None, expected: bool
) -> None:
    assert records.as_expected(which, outcomes, explanation) == expected


def record(which: Mutant | None, outcomes: list[Outcome], explanation: Explanation | None = None) -> Record:
    return records.mutant_record("i3", "a.hpp", which, outcomes, explanation, "2026-11-23T10:00:00.000Z")


def dataset(folder: Path, those: list[Record]) -> Dataset:
    return load([synthetic.write_run(folder / "run", those)])


def section(data: Dataset) -> str:
    page = render(data).html
    found = page[page.index('<section id="mutation"') :]
    return found[: found.index("</section>")]


def test_the_page_counts_mutants_and_lists_each(tmp_path: Path) -> None:
    both = [outcome("survived"), outcome("killed", "weak", kind="wrong_result", test="two", replay="m --replay x")]
    data = dataset(
        tmp_path,
        [
            record(None, [outcome("survived"), outcome("survived", "weak")]),
            record(mutant("relaxed"), both),
            record(mutant("acquire"), [outcome("survived"), outcome("survived", "weak")], EXPLAINED),
            record(mutant("none"), [outcome("survived"), outcome("survived", "weak")]),
        ],
    )
    assert not data.warnings
    shown = section(data)
    assert "Of 3 mutants, 1 are killed. 2 survive; 1 of these are explained." in shown
    assert "killed in SC" in shown and "killed in weak memory" in shown
    assert "wrong result" in shown and "execution 12 of two" in shown and "m --replay x" in shown
    assert "redundant: as right as it was" in shown and "not explained" in shown
    assert "Box::take atomic_thread_fence" in shown and "seq_cst → dropped" in shown


def judged(mutant_name: str, killed: int, must: bool, expected: bool) -> Record:
    line = {"of": "a queue's items", "oracle": "fifo", "mutant": mutant_name, "histories": 100, "killed": killed}
    return records.oracle_record("i3", {**line, "kinds": ["reordered"], "must": must, "as_expected": expected})


def test_the_page_shows_every_oracle_against_every_mutant(tmp_path: Path) -> None:
    lines = [judged("", 0, False, True), judged("swap", 100, True, True), judged("late", 97, True, False)]
    shown = section(dataset(tmp_path, [*lines, judged("drop", 3, False, True)]))
    assert "Oracles against mutants of a queue&#39;s items" in shown
    assert "✓ passes" in shown and "✓ 100 of 100" in shown and "✗ 97 of 100" in shown and ">3 of 100" in shown
    assert "killed in" not in shown


def test_an_oracle_that_misses_a_mutant_is_reported() -> None:
    found = oracles.complaints(
        [judged("swap", 100, True, True), judged("late", 97, True, False), judged("", 1, False, False)]
    )
    assert len(found) == 2 and "fifo objects to 97 of 100 histories of a queue's items with 'late'" in found[0]
    assert "with nothing wrong" in found[1]


def test_the_later_result_of_a_mutant_that_was_explored_twice_counts(tmp_path: Path) -> None:
    data = dataset(tmp_path, [record(mutant(), [outcome("survived")]), record(mutant(), [outcome("killed")])])
    assert [each.survives for each in data.mutants] == [False]


def test_the_page_reports_when_no_mutant_was_explored(tmp_path: Path) -> None:
    assert "make mutants" in section(dataset(tmp_path, synthetic.points()))


def test_a_hostile_text_is_text_on_the_page(tmp_path: Path) -> None:
    bad = record(mutant(), [outcome("unknown", text=synthetic.HOSTILE)]) | {"header": synthetic.HOSTILE}
    assert synthetic.HOSTILE not in section(dataset(tmp_path, [bad]))
