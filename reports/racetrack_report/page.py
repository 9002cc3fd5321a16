"""Renders a dataset as one self-contained HTML page: sections are computed, then rendered by the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import export, shell
from .calibration import Calibration
from .correctness import matrix, searched
from .model import Dataset
from .palette import Palette
from .ranking import Ranking, rank_all
from .sections import data as data_section
from .sections import (
    async_io,
    bare,
    coverage,
    deadlocks,
    environment,
    exploration,
    findings,
    ipc,
    latency,
    litmus,
    mutation,
    noise,
    points,
    pools,
    queues,
    races,
    spawn,
    verdict,
    winner,
)
from .sections import matrix as matrix_section
from .sections import twins as twins_section
from .summary import Summary, summarise
from .view import Block


@dataclass(frozen=True)
class Page:
    """The page and the Markdown summary of the same data."""

    html: str
    markdown: str


def render(data: Dataset, calibrations: Sequence[Calibration] = ()) -> Page:
    """Pure: the same dataset and calibrations give the same page."""
    summaries = summarise(data.cases, data.findings)
    raced_queues = [summary for summary in summaries if summary.first.family == "queue"]
    rankings = rank_all(raced_queues)
    palette = Palette(prominence(summaries, rankings))
    rows = matrix(data) if searched(data) else []
    strip = verdict.strip(data, summaries, rankings, rows, palette)
    title = f"racetrack: {', '.join(data.runs)}"
    which, queue = winner.block(rankings, palette), queues.blocks(data, raced_queues, rankings, palette)
    late, noisy = latency.block(raced_queues, palette, clock_skew(data)), noise.block(summaries, palette, calibrations)
    point = points.blocks(summaries, palette)
    twin = twins_section.block(data)
    anchors = findings.anchors(data.findings)
    others = tuple(block for part in (pools, spawn, ipc, async_io) for block in part.blocks(summaries, palette))
    beside = bare.block(data.bare)
    others += (beside,) if beside else ()
    correct = matrix_section.block(data, rows, anchors)
    race, dead = races.reports(data.findings, anchors), deadlocks.groups(data.findings, anchors)
    graphs = [report.picture for group in dead for report in group.reports if report.picture]
    drawn = [
        which,
        *queue,
        late,
        *point,
        Block("", "", pictures=tuple(graphs)),
        *others,
        *([twin] if twin else []),
        noisy,
    ]
    style = shell.style(shell.rules(drawn))
    script = shell.script()
    page = (
        shell.environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            strip=strip,
            style=style,
            script=script,
            policy=shell.policy(style, script),
            notes=environment.notes(data, summaries),
            facts=environment.facts(data),
            started=min((str(i.facts["started_at"]) for i in data.invocations if i.facts), default=""),
            downloads=data_section.downloads(data),
            left_out=data_section.left_out(data),
            broken=data_section.broken(data),
            method=data_section.METHOD,
            glossary=data_section.GLOSSARY,
            winner=which,
            queues=queue,
            latency=late,
            points=point,
            others=others,
            correctness=correct if rows else None,
            races=race,
            races_summary=races.introduction(rows, race),
            deadlocks=dead,
            deadlocks_summary=deadlocks.introduction(rows, dead),
            mutation=mutation.block(data.mutants, data.oracle_mutants),
            twins=twin,
            exploration=[
                block
                for block in (
                    coverage.block(data),
                    exploration.block(data),
                    exploration.speed(data.speeds),
                    litmus.block(data.litmus),
                )
                if block
            ],
            noise=noisy,
        )
    )
    return Page(page, export.markdown(title, strip, rankings, rows))


def clock_skew(data: Dataset) -> float:
    """The largest measured offset in ns between the clocks of two CPUs, in the engines that report latencies."""
    timed = [i.facts["machine"]["tsc"] for i in data.invocations if i.facts and i.engine == "bench"]
    return max((float(clock["skew_ns"]) for clock in timed), default=0.0)


def prominence(summaries: Sequence[Summary], rankings: Sequence[Ranking]) -> list[str]:
    """All subjects: first those that rank high in many settings, then the others by name."""
    score: dict[str, float] = {summary.subject: 0.0 for summary in sorted(summaries, key=lambda s: s.subject)}
    for ranking in rankings:
        for place, entry in enumerate(ranking.entries, start=1):
            score[entry.summary.subject] += 1 / place
    return sorted(score, key=lambda subject: -score[subject])
