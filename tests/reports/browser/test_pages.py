"""The pages in a browser: self-contained, without errors, accessible, and usable on any screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from racetrack_report.loader import load
from racetrack_report.page import render

from tests.reports import searches, synthetic
from tests.reports.browser.chromium import Chromium, missing
from tests.reports.compare.test_history import history, make_runs
from tests.reports.compare.test_page import made, rendered
from tests.reports.test_pools_processes_io import gather, measured, pool, start
from tests.reports.test_twins import python

NAMES = ("report", "comparison", "history")
LIGHT_AND_DARK = pytest.mark.parametrize("scheme", ["light", "dark"])
EVERY_PAGE = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Chromium]:
    if lacking := missing():
        pytest.skip(f"no {lacking} here: `scripts/setup test` installs it")
    with Chromium() as browser:
        yield browser


def everything() -> list[synthetic.Record]:
    """A run with content for every section."""
    bench = synthetic.sweep(synthetic.SUBJECTS[:8], accidents=True)
    return [
        *bench[:-1],
        *synthetic.points(),
        *pool("work_stealing", {100: 0.4, 10_000: 0.9}),
        *pool("mutex_condvar", {100: 0.1, 10_000: 0.7}),
        *start("thread", "std_thread", 2e4),
        *start("process", "fork", 2e5, {"resident_mib": 1}),
        *gather("asio_coroutines", 1000, 6e4, 2e3),
        *gather("thread_per_request", 1000, 2e4, 2e4),
        *(python("python_rlock", 90, 1e5 + fork, fork) for fork in range(6)),
        *(python("python_rlock", 50, 2e6 + fork, fork) for fork in range(6)),
        *measured("ipc/transfer/pipe", {"capacity": "kernel", "payload": 8}, {"items_per_s": 1e6}),
        *measured("ipc/transfer/futex_ring", {"capacity": 1024, "payload": 8}, {"items_per_s": 2e7}),
        bench[-1],
        *searches.hunt(),
        *searches.phase("begin", "explore"),
        searches.searched("explore", "queue/transfer/mutex_condvar"),
        *searches.phase("end", "explore"),
    ]


def hostile() -> list[synthetic.Record]:
    """A run whose subject's name is a script."""
    evil = synthetic.HOSTILE
    records = synthetic.sweep((synthetic.Subject(evil, 15, 1.2, 0.05), *synthetic.SUBJECTS[:2]), accidents=False)
    records[0]["machine"]["cpu"] = records[0]["plan"]["command"] = evil
    stack = [searches.frame(evil, evil, 1, evil)]
    lock = {"name": evil, "kind": "mutex", "stack": stack}
    threads = [searches.side(name, evil, stack, lock, lock) for name in ("one", "two")]
    return [*records, {**searches.race(), "title": evil}, {**searches.deadlock(), "threads": threads, "text": evil}]


@pytest.fixture(scope="module", name="pages")
def _pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every kind of page, and each with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, records in (("report", everything()), ("hostile report", hostile())):
        found[name] = folder / f"{name}.html"
        found[name].write_text(render(load([synthetic.write_run(folder / name / "run", records)])).html, "utf-8")
    for name, comparison in (
        ("comparison", made(12)),
        ("hostile comparison", made(8, name=f"queue/transfer/{synthetic.HOSTILE}")),
    ):
        found[name] = folder / f"{name}.html"
        found[name].write_text(rendered(comparison), "utf-8")
    for name, subject in (("history", "vyukov"), ("hostile history", synthetic.HOSTILE)):
        reports = folder / name
        make_runs(reports / "runs", [100.0] * 6 + [130.0] * 5, subject=subject)
        done = history(reports)
        assert done.returncode == 0, done.stderr
        found[name] = reports / "history.html"
    return found


@LIGHT_AND_DARK
@EVERY_PAGE
def test_axe_finds_nothing_wrong(name: str, scheme: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("axe", pages[name], scheme=scheme) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@EVERY_PAGE
def test_nothing_complains_and_nothing_is_asked_of_the_network(
    name: str, scripts: bool, browser: Chromium, pages: dict[str, Path]
) -> None:
    assert browser.ask("loads", pages[name], scripts=scripts) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
@EVERY_PAGE
def test_no_window_has_to_be_scrolled_sideways(
    name: str, width: int, browser: Chromium, pages: dict[str, Path]
) -> None:
    assert browser.ask("fits", pages[name], width=width) == []


@pytest.mark.parametrize("width", [320, 1280])
@EVERY_PAGE
def test_words_in_figures_keep_apart_and_inside(
    name: str, width: int, browser: Chromium, pages: dict[str, Path]
) -> None:
    assert browser.ask("figures", pages[name], width=width) == []


@EVERY_PAGE
def test_tables_are_sorted_and_filtered_by_keyboard(name: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("keyboard", pages[name]) == []


@pytest.mark.parametrize("name", ["report", "comparison"])
def test_only_what_changed_is_left_by_keyboard(name: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("only", pages[name]) == []


@EVERY_PAGE
def test_without_scripts_everything_can_be_read(name: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("readable", pages[name], scripts=False) == []


@EVERY_PAGE
def test_on_paper_it_is_light_and_has_no_controls(name: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("prints", pages[name]) == []


@EVERY_PAGE
def test_a_name_that_is_a_script_is_shown_as_text(name: str, browser: Chromium, pages: dict[str, Path]) -> None:
    assert browser.ask("harmless", pages[f"hostile {name}"]) == []
    assert browser.ask("axe", pages[f"hostile {name}"]) == []


def test_the_checks_find_what_they_are_for(browser: Chromium, tmp_path: Path) -> None:
    """A page with one fault of each kind, each of which a check reports."""
    svg = '<svg class="plot" viewBox="0 0 9 9"><text x="1" y="5">one</text><text x="2" y="5">two</text></svg>'
    page = tmp_path / "faulty.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en"><head><title>t</title></head><body><main><section id="s"><h1>One</h1>'
        f'<figure id="f">{svg}</figure><p style="width: 3000px; color: #ccc; background: #fff">Hardly to be read.</p>'
        '<img src="https://example.org/x.png"><nav>n</nav><table id="t" data-rows="9" data-only="x"><thead><tr><th>'
        "<button></button></th></tr></thead><tbody>" + "<tr><td>b</td></tr><tr><td>a</td></tr>" * 5 + "</tbody></table>"
        '<label class="filter"><input type="search"></label><label class="filter"><input type="checkbox"></label>'
        "</section></main><script>console.error('no'); alert(1)</script></body></html>",
        "utf-8",
    )
    reported = "\n".join(browser.ask("axe", page))
    assert "color-contrast" in reported and "image-alt" in reported
    assert (
        "asks for https://example.org/x.png" in reported
        and "console: no" in reported
        and "a script of a record ran: 1" in reported
    )
    assert any("3000" in fault or "px wide" in fault for fault in browser.ask("fits", page, width=320))
    assert any("overlap" in fault for fault in browser.ask("figures", page))
    assert any("does not sort" in fault for fault in browser.ask("keyboard", page))
    assert any("changes nothing" in fault for fault in browser.ask("only", page))
    assert any(
        "shows nothing" in fault or "no words" in fault for fault in browser.ask("readable", page, scripts=False)
    )
    assert any("is not shown as it is" in fault for fault in browser.ask("harmless", page))
    assert any("printed: NAV" in fault for fault in browser.ask("prints", page))
