"""No caption, heading, table cell, entry of a list, or help text has more than 25 words, however long its data is."""

from __future__ import annotations

import argparse
import importlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from racetrack_compare import page as comparison_page
from racetrack_compare.comparison import Comparison
from racetrack_compare.judgement import Rule, Sample, judge
from racetrack_overhead import bare
from racetrack_report.arguments import Parser
from racetrack_report.loader import load
from racetrack_report.page import render
from racetrack_report.sections import data as data_section

from tests.mutants import records as mutant_records
from tests.mutants.exploring import Outcome
from tests.mutants.survivors import Explanation
from tests.mutants.weakening import mutants_of
from tests.reports import searches, synthetic, test_bare, test_exploration, test_litmus
from tests.reports.browser.test_pages import everything
from tests.reports.compare.test_history import history, make_runs
from tests.reports.compare.test_page import made, rendered
from tests.reports.synthetic import Record
from tests.reports.test_coverage import explored, share
from tests.reports.test_pools_processes_io import gather, measured, pool, start
from tests.reports.test_twins import python
from tests.reports.word_counts import MOST, texts_of, too_long

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("lost", "duplicated", "reordered", "not_linearizable", "false_empty", "use_after_free")
SOURCE = "struct Box {\n  void put(int x) { full_.store(x, std::memory_order_release); }\n};\n"


def with_long_settings(records: list[Record], commit: str, pin: str) -> list[Record]:
    """The records as of another build, pinned in two ways, on a machine with many processors."""
    for place, record in enumerate(records):
        if "build" in record:
            record["build"] = {**record["build"], "commit": commit * 8}
        if record["record"] == "environment":
            record["machine"] = {**synthetic.machine(64), "governor": "ondemand", "load_1min": 60.0}
        elif "pin" in record["params"]:
            record["params"]["pin"] = pin if place % 2 else "compact"
            record["case"] = re.sub("pin:[a-z]+", f"pin:{record['params']['pin']}", record["case"])
    return records


def tied() -> list[Record]:
    """More tied subjects than a cell can name, each with a mark."""
    subjects = [replace(subject, ns=20, slowdown=1.1) for subject in synthetic.SUBJECTS]
    marks = [searches.finding("tsan", "race", f"queue/transfer/{subject.name}") for subject in subjects]
    return [*with_long_settings(synthetic.sweep(tuple(subjects)), "a", "spread"), *marks]


def fallen() -> list[Record]:
    """Many subjects that failed, and two that are left."""
    records = synthetic.sweep(accidents=True)
    for record in records:
        if record.get("family") == "queue" and record["subject"] not in ("vyukov", "moodycamel"):
            record["verdict"] = synthetic.verdict("fail", "not_linearizable")
    return with_long_settings(records, "b", "none")


def others() -> list[Record]:
    """Pools, starts, channels, requests and Python programs with the longest names of their settings."""
    pools = [
        *pool("work_stealing", {100: 0.9, 10_000: 0.95, 1_000_000: 0.99}, "uneven"),
        *pool("mutex_condvar", {100: 0.01, 10_000: 0.02, 1_000_000: 0.03}, "uneven"),
    ]
    for record in pools:
        record["params"] |= {"results": "group", "skew": 64}
    queue = measured("queue/transfer/mutex_condvar", {"items": 1000}, {"items_per_s": 1e6})
    twins = [python("python_queue", 90, 1e4 + fork, fork) for fork in range(6)]
    twins += [python("python_gather", 90, 1e5 + fork, fork) for fork in range(6)]
    for record in twins:
        is_queue = record["subject"] == "python_queue"
        family, workload = ("queue", "transfer") if is_queue else ("async_io", "gather")
        metric = "items_per_s" if is_queue else "requests_per_s"
        record |= {
            "case": f"{family}/{workload}/{record['subject']}",
            "family": family,
            "workload": workload,
            "params": {"items": 1000} if is_queue else {"requests": 1000, "delay_ms": 1},
            "metrics": {metric: 1e4},
            "values": {metric: [1e4 * (1 + record["fork"] / 100)]},
        }
    for record in (*queue, *(requests := gather("asio_coroutines", 1000, 6e4, 2e3))):
        record["values"] = {
            name: [value] for name, value in record["metrics"].items() if name in ("items_per_s", "requests_per_s")
        }
    return [
        *pools,
        *start("process", "vfork", 2e4, {"resident_mib": 1}),
        *start("process", "vfork", 2e5, {"resident_mib": 1024}),
        *start("process", "fork", 2e6, {"resident_mib": 1024}),
        *measured("ipc/round_trip/posix_mq", {"capacity": 10, "payload": 8}, {"trip_p50_ns": 9e4}),
        *measured("ipc/round_trip/futex_ring", {"capacity": 1024, "payload": 8}, {"trip_p50_ns": 2e3}),
        *measured("ipc/transfer/posix_mq", {"capacity": 10, "payload": 8}, {"items_per_s": 2e5}),
        *measured("ipc/transfer/futex_ring", {"capacity": 1024, "payload": 8}, {"items_per_s": 2e7}),
        *requests,
        *gather("thread_per_request", 1000, 2e4, 2e4),
        *queue,
        *twins,
        *synthetic.points(),
    ]


def found_by_engines() -> list[Record]:
    """A subject with many kinds of faults, a long cycle, searches with many limits, and results of measurements."""
    expectation = synthetic.expecting(*(("oracle.*", kind, "must") for kind in KINDS[:2]), ("watchdog", "*", "may"))
    many = [
        searches.searched("stress", "queue/transfer/wrong", control=True)
        | {"case": f"queue/transfer/wrong/pin:compact/set:{place}"}
        | {"verdict": synthetic.verdict("fail", kind, k=90_000, n=200_000, expectation=expectation)}
        for place, kind in enumerate(KINDS)
    ]
    circle = [
        searches.side(
            f"thread {place}",
            "waits for a mutex",
            [],
            searches.lock(f"fork_{(place + 1) % 5}"),
            searches.lock(f"fork_{place}"),
        )
        for place in range(5)
    ]
    ended = {**share("dfs2", 14), "searched": "all schedules with at most 2 preemptions", "not_tried": "time-outs"}
    limited = explored("same_order", "weak", share("random", 16), ended)
    limited["exploration"]["notes"] = [
        f"not seen: what happens inside lib{name}.so, which is not instrumented" for name in KINDS
    ]
    reason = Explanation("box.hpp", ("m",), "redundant", "The order matters only if another change happens. " * 6)
    survived = [Outcome(memory, "survived", 12, 0.5) for memory in ("sc", "weak")]
    time = "2026-11-23T10:00:00.000Z"
    return [
        *many,
        searches.deadlock(threads=circle, title="5 threads wait for each other"),
        *(searches.race(f"point_{place}", title=f"race {place}") for place in range(3)),
        limited,
        test_litmus.record(7),
        *map(test_exploration.record, [test_exploration.search("rotation", [7, 3, 5, 4, None, 8])]),
        test_exploration.repetition(99),
        *(bare.record("i1", time, test_bare.measured(ratio, 0.05)) for ratio in (1.0,)),
        *(mutant_records.mutant_record("i3", "box.hpp", each, survived, reason, time) for each in mutants_of(SOURCE)),
    ]


def runs_of(folder: Path, *runs: list[Record]) -> str:
    return render(load([synthetic.write_run(folder / f"run{i}", records) for i, records in enumerate(runs)])).html


def unpaired(forks: int) -> Comparison:
    """Two earlier runs with few forks, and cases that failed on both sides."""
    whole = made(5)
    old = [replace(each.sample, paired=False, new_first=()) for each in whole.judged]
    samples = [replace(each, old=each.old[:forks], new=each.new[:forks]) for each in old if not each.reason]
    reason = (
        "OLD failed under the explorer in weak memory (not linearizable); NEW failed in the TSan build (double free)"
    )
    samples.append(Sample("queue/transfer/failed", "", (), (), False, reason=reason, code=1))
    judged = tuple(judge(samples, Rule(lambda case, n: 0.03)))
    return replace(whole, judged=judged, paired=False)


def history_page(folder: Path) -> str:
    make_runs(folder / "runs", [100.0] * 6 + [130.0] * 5)
    make_runs(folder / "runs", [500.0], "another", month=2)
    done = history(folder)
    assert done.returncode == 0, done.stderr
    return (folder / "history.html").read_text("utf-8")


PAGES: dict[str, Callable[[Path], str]] = {
    "report": lambda folder: runs_of(folder, everything()),
    "tied": lambda folder: runs_of(folder, tied(), fallen()),
    "others": lambda folder: runs_of(folder, others()),
    "engines": lambda folder: runs_of(folder, [*searches.hunt(), *found_by_engines()]),
    "comparison": lambda _: rendered(made(60)),
    "few forks": lambda _: rendered(unpaired(3)),
    "many forks": lambda _: rendered(unpaired(12)),
    "history": history_page,
}


@pytest.mark.parametrize("name", PAGES)
def test_every_text_of_a_page_has_at_most_25_words(name: str, tmp_path: Path) -> None:
    page = PAGES[name](tmp_path)
    assert "<h2" in page and len(texts_of(page)) > 20
    assert not too_long(page)


def test_the_longest_data_are_on_the_pages(tmp_path: Path) -> None:
    """The pages of this file have the content that could be too long; otherwise they would show nothing."""
    page = runs_of(tmp_path / "tied", tied(), fallen())
    assert "and 5 more</td>" in page and "pin compact, set 1" in page and "0-63" in page
    page = runs_of(tmp_path / "others", others())
    for part in (
        "parent of 1024 MiB",
        "above 1.00 ms",
        "1024 items leads",
        "uneven, 2 threads, skew 64",
        "a queue between two",
    ):
        assert part in page, part
    page = runs_of(tmp_path / "engines", [*searches.hunt(), *found_by_engines()])
    for part in ("and 7 more", "5 threads (round) and 5 locks (square)", "Limits of the searches: 6", "redundant: The"):
        assert part in page, part


@pytest.mark.parametrize(
    "markup",
    [
        "<figcaption><strong>Title.</strong> {}</figcaption>",
        '<svg aria-label="{}"></svg>',
        "<dl><dt>term</dt><dd>{}</dd></dl>",
        '<table id="t"><tr><th scope="col">{}</th></tr></table>',
        '<table id="t"><tr><th scope="col">case</th></tr><tr><td>{}</td></tr></table>',
        '<ul><li class="notice">{}</li></ul>',
    ],
)
def test_a_text_that_is_too_long_is_found(markup: str) -> None:
    assert len(too_long(f"<html><body>{markup.format('word ' * 26)}</body></html>")) == 1
    assert not too_long(f"<html><body>{markup.format('word ' * 24)}</body></html>")


def test_texts_of_records_are_not_counted() -> None:
    head = '<table id="by-case"><tr><th scope="col">case</th><th scope="col">replay</th></tr>'
    assert not too_long(f"{head}<tr><td>a</td><td>{'word ' * 26}</td></tr></table>")
    assert too_long(f"{head}<tr><td>{'word ' * 26}</td><td>a</td></tr></table>")


def test_entries_of_glossary_and_methods_are_short() -> None:
    entries = [text for _, text in data_section.GLOSSARY]
    entries += [text for _, texts in (*data_section.METHOD, *comparison_page.METHOD) for text in texts]
    assert not [entry for entry in entries if len(entry.split()) > MOST]


class Parsed(Exception):
    """Ends a command when it parses its arguments; holds its parser."""

    def __init__(self, parser: Parser) -> None:
        super().__init__()
        self.parser = parser


COMMANDS = (
    "racetrack_report.command",
    "racetrack_compare.command",
    "racetrack_compare.calibrate_command",
    "racetrack_compare.evidence_command",
    "racetrack_compare.history_command",
    "racetrack_search.command",
    "racetrack_search.litmus",
    "racetrack_search.speed",
    "racetrack_twins.command",
    "tests.mutants.command",
)
SCRIPTS = ("all_checks", "explore_headers", "overhead", "screenshot", "test")


def module_of(script: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    loader = importlib.machinery.SourceFileLoader(f"script_{script}", str(ROOT / "scripts" / script))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, loader.name, module)  # data classes look it up
    monkeypatch.setattr(sys, "path", [*sys.path])  # scripts add to it
    loader.exec_module(module)
    return module


def parser_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Parser:
    """The parser of a command: a module of a package, or a script."""

    def capture(self: Parser, *_: object) -> argparse.Namespace:
        raise Parsed(self)

    monkeypatch.setattr(Parser, "parse_args", capture)
    main = (module_of(name, monkeypatch) if name in SCRIPTS else importlib.import_module(name)).main
    with pytest.raises(Parsed) as found:
        main(*([[]] if main.__code__.co_argcount else []))
    return found.value.parser


@pytest.mark.parametrize("command", [*COMMANDS, *SCRIPTS])
def test_every_help_text_has_at_most_25_words(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = parser_of(command, monkeypatch)
    helps = [action.help for action in parser._actions if action.help]  # pylint: disable=protected-access
    assert parser.description and helps
    texts = [parser.description, *helps, *(parser.epilog or "").splitlines()]
    assert not [text for text in texts if len(text.split()) > MOST]
